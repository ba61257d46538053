"""How long before their ends a unit's lots have notices: each different list of spans is kept once, under a number.

A lot has the number, so a grant costs no unit more; and what is under a number never changes (law 10). Does not own
when a notice is due (``domain.wallets.notices``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scrip.domain.credits.errors import Contended, PolicyViolation
from scrip.domain.wallets.notices import SPANS
from scrip.store import documents, keys
from scrip.store.tables import Tables

MOST: Final = 1_000
"""Lists of spans in one unit: those of its own over time, and those of its accounts."""
TRIES: Final = 5


def number_of(tables: Tables, unit: str, spans: Sequence[str]) -> int:
    """Returns the number of these spans in a unit, which has them from now on; 0 for none.

    Raises:
        PolicyViolation: the unit has as many different lists of spans as it can keep.
        Contended: others were faster each time.
    """
    if not spans:
        return 0
    pk, wanted = keys.spans(unit), list(spans)
    for _ in range(TRIES):
        known = documents.get(tables, pk)
        listed = list(known.body.get("spans", []))
        if wanted in listed:
            return listed.index(wanted) + 1
        if len(listed) >= MOST:
            raise PolicyViolation(
                f"a unit's lots may have {MOST} different lists of expiry_notices over time",
                policy="max_expiry_notices",
            )
        number = len(listed) + 1
        beside = documents.beside(tables, pk, keys.sidecar(SPANS, str(number)), {"spans": wanted})
        if documents.put_with(tables, pk, known.rev, {"spans": [*listed, wanted]}, [beside]):
            return number
    raise Contended("several writers of expiry_notices at once")
