"""Credits that were given away: what one entry does to lots without cost basis, which no posting tells.

Does not own postings of credits that were paid for (``postings``), nor what a promotion is (``domain.payments``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple

from scrip.domain.credits.entries import Entry
from scrip.domain.wallets.expiry_changes import KIND as EXPIRY_CHANGE
from scrip.domain.wallets.funds import effects, reason_of

GiftCause = Literal["issued", "burned", "expired", "taken_back", "moved"]
"""Why credits came into a lot, or left it; ``moved`` to another one. What is undone counts against ``burned``."""
_CAUSES: Final[dict[str, GiftCause]] = {
    "recognised": "burned",
    "expired": "expired",
    "voided": "taken_back",
    "debited": "taken_back",
    "unpaid": "taken_back",
}
_MOVING: Final = ("transfer_in", "rollover")


class Gift(NamedTuple):
    """What an entry does to one lot without cost basis.

    Attributes:
        credits: steps that left it; negative: that came.
        promotion: the code of the promotion that gave them, where the entry makes the lot; also of credits that moved.
    """

    lot: int
    cause: GiftCause
    credits: int
    promotion: str | None = None


def gifts(entry: Entry) -> Iterator[Gift]:
    """Yields what an entry does to lots without cost basis: a lot that it makes, then what left lots or came back."""
    made: Any = entry.extra.get("lot")
    if _makes(entry, made):
        cause: GiftCause = "moved" if entry.kind in _MOVING else "issued"
        yield Gift(entry.seq, cause, -int(made["granted"]), made.get("promotion"))
    sums: dict[int, int] = {}
    for draw, leaves, _ in effects(entry):
        if leaves and not draw.value:
            sums[draw.lot] = sums.get(draw.lot, 0) + leaves
    cause = _CAUSES.get(reason_of(entry), "moved")
    yield from (Gift(lot, cause, steps) for lot, steps in sums.items() if steps)


def _makes(entry: Entry, made: Any) -> bool:
    """Tells whether an entry makes a lot without cost basis."""
    return (
        isinstance(made, dict)
        and made["seq"] == entry.seq
        and entry.kind != EXPIRY_CHANGE
        and "cost" not in made
    )
