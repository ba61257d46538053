"""The terms that a wallet's lots have.

A wallet keeps each of its terms once, under a small code that its lots have. A code's terms never change (law 10).

Does not own what terms are (``credits.terms``).
"""

from __future__ import annotations

from typing import Any, Final

from scrip.domain.credits import limits
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.terms import NONE, Terms
from scrip.domain.wallets.draft import Draft

KIND: Final = "terms"
ALL: Final = "all"
"""All terms of a wallet are one sidecar."""


def code_of(draft: Draft, terms: Terms) -> int:
    """Returns the code of these terms in this wallet, which has them from now on; 0 for none.

    Raises:
        PolicyViolation: the wallet has as many different terms as it can keep.
    """
    if terms == NONE:
        return 0
    known = _known(draft)
    body = terms.to_json()
    if body in known:
        return known.index(body) + 1
    if len(known) >= limits.TERMS:
        raise PolicyViolation(
            f"a wallet's lots may have {limits.TERMS} different scopes and rollover rules", policy="max_terms"
        )
    draft.keep(KIND, ALL, {"terms": [*known, body]})
    return len(known) + 1


def terms_of(draft: Draft, lot: Lot) -> Terms:
    """Returns the lot's terms."""
    return Terms.from_json(_known(draft)[lot.terms - 1]) if lot.terms else NONE


def pays_for(draft: Draft, lot: Lot, meter: str | None) -> bool:
    """Tells whether the lot may pay for an event of this meter; None: for credits that no meter counts."""
    return not lot.scoped or (meter is not None and meter in terms_of(draft, lot).scope)


def _known(draft: Draft) -> list[Any]:
    sidecar = draft.sidecar(KIND, ALL)
    return list(sidecar["terms"]) if sidecar else []
