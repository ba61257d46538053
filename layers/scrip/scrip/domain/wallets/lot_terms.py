"""The terms that a wallet's lots have.

A wallet keeps each of its terms once, under a small code that its lots have. A code's terms never change while a lot is
bound by them, wherever it lies (law 10). When all codes are taken, those that bind no lot any more are used again.

Does not own what terms are (``credits.terms``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from scrip.domain.credits import limits
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.terms import NONE, Rollover, Terms
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import NeedBlock, NeedDue, NeedFront, NeedSidecars

KIND: Final = "terms"
ALLOWANCE: Final = "allowance"
"""The kind of the sidecars in which allowances are kept: their terms are promised before any lot has them."""
ALL: Final = "all"
"""All terms of a wallet are one sidecar."""


def code_of(draft: Draft, terms: Terms, now: int = 0) -> int:
    """Returns the code of these terms in this wallet, which has them from ``now`` on; 0 for none.

    Raises:
        PolicyViolation: the wallet has as many different terms as it can keep.
    """
    if terms == NONE:
        return 0
    known = _known(draft)
    body = terms.to_json()
    if body in known:
        code = known.index(body) + 1
    elif len(known) < limits.TERMS:
        code = len(known) + 1
        draft.keep(KIND, ALL, {"terms": [*known, body]})
    else:
        code = _free_code(draft, len(known), max(now, draft.at))
        draft.keep(KIND, ALL, {"terms": [*known[: code - 1], body, *known[code:]]})
        draft.read_terms.pop(code, None)
    draft.given_terms.add(code)
    return code


def _free_code(draft: Draft, count: int, now: int) -> int:
    """Returns the first of ``count`` codes that binds no lot at ``now``, nor will by this decision or an allowance.

    Lots that are used up count: what is given back to one comes back on its terms.

    Raises:
        PolicyViolation: each binds some lot.
    """
    if draft.wallet.paged and not draft.snapshot.complete:
        raise NeedFront(0)
    if draft.wallet.totals.pending and draft.unread_at is not None:
        raise NeedDue(limits.DUE_BATCH_READ)
    if not draft.snapshot.all_blocks:
        raise NeedBlock(None)
    waiting = [due.lot for due in draft.pending.values() if due.lot]
    lots = (*draft.loaded_lots(), *draft.exhausted_lots(), *waiting)
    used = {lot.terms for lot in lots if _bound(lot, now)}
    free = [code for code in range(1, count + 1) if code not in used and code not in draft.given_terms]
    if unpromised := _unpromised(draft, free):
        return unpromised[0]
    raise PolicyViolation(
        f"a wallet's lots may have {limits.TERMS} different scopes and rollover rules at once",
        policy="max_terms",
    )


def _bound(lot: Lot, now: int) -> bool:
    """Tells whether the lot's terms still hold for it: it has a scope, or a rollover at an end that has not passed.

    A lot rolls over at its own end alone; what is given back to it later expires.
    """
    return lot.scoped or (lot.rolls and (lot.expires_at is None or lot.expires_at >= now))


def _unpromised(draft: Draft, codes: Sequence[int]) -> list[int]:
    """Returns those codes whose terms no allowance will give to its next lot."""
    known = _known(draft)
    rules = {code: Terms.from_json(known[code - 1]).rollover for code in codes}
    names = {(ALLOWANCE, rule.of) for rule in rules.values() if rule and rule.of}
    there = {*draft.snapshot.sidecars, *draft.sidecars}
    if missing := sorted(names - there):
        raise NeedSidecars(tuple(missing))
    promised = {name: _rollovers(draft.sidecar(*name)) for name in names}
    return [
        code
        for code, rule in rules.items()
        if not rule or not rule.of or rule not in promised[ALLOWANCE, rule.of]
    ]


def _rollovers(sidecar: Any) -> list[Rollover]:
    """Returns the rollover rules that an allowance has, in whichever of its members; none of one that is deleted."""
    if isinstance(sidecar, Mapping) and not sidecar.get("deleted"):
        own = [Rollover(**sidecar)] if "fraction" in sidecar else []
        return own + [rule for value in sidecar.values() for rule in _rollovers(value)]
    return [rule for value in sidecar for rule in _rollovers(value)] if isinstance(sidecar, list) else []


def terms_of(draft: Draft, lot: Lot, *, at_its_end: bool = False) -> Terms:
    """Returns the lot's terms. The code of one that is no longer bound may have become that of others.

    Args:
        at_its_end: the lot's end is looked at now, though it may have passed, as of a lot that was made after it.
    """
    if not lot.terms or not (at_its_end or _bound(lot, draft.at)):
        return NONE
    terms = draft.read_terms.get(lot.terms)
    if terms is None:
        terms = draft.read_terms[lot.terms] = Terms.from_json(_known(draft)[lot.terms - 1])
    return terms if lot.scoped or not terms.scope else replace(terms, scope=())


def pays_for(draft: Draft, lot: Lot, meter: str | None) -> bool:
    """Tells whether the lot may pay for an event of this meter; None: for credits that no meter counts."""
    return not lot.scoped or (meter is not None and meter in terms_of(draft, lot).scope)


def _known(draft: Draft) -> list[Any]:
    sidecar = draft.sidecar(KIND, ALL)
    return list(sidecar["terms"]) if sidecar else []
