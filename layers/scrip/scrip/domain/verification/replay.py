"""The lots of a wallet as its entries alone tell them: what each entry did to which lot, in one place.

Verification compares it with what is stored (law 1), ``explain`` shows it, and nothing else is believed by either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.lots import Kind, Lot, Money

TOUCHING: Final = ("freeze", "thaw")
"""Kinds whose draws say what was touched, not what left its lot."""
REASONS: Final = {
    "expiry": "breakage",
    "void": "breakage",
    "adjustment": "breakage",
    "rollover": "moved",
    "transfer_out": "moved",
}
"""Where the money of credits goes that leave a lot (law 8); for all other kinds it is recognised."""


@dataclass(slots=True)
class ReplayedLots:
    """One lot as the entries tell it. Steps, and minor units of its cost basis by where they went (law 8).

    Attributes:
        facts: what the entry that made it says of it.
        left: remaining and held together; ``held`` and ``frozen`` are parts of it.
        entries: sequences of the entries that touched it.
    """

    facts: dict[str, Any]
    left: int
    held: int = 0
    frozen: int = 0
    pending: bool = False
    recognised: int = 0
    refunded: int = 0
    breakage: int = 0
    moved: int = 0
    entries: list[int] = field(default_factory=list)

    @property
    def told(self) -> int:
        """Minor units that are deferred no more."""
        return self.recognised + self.refunded + self.breakage + self.moved

    def lot(self) -> Lot:
        """As a lot, so that it has a place in the order."""
        facts = self.facts
        cost = facts.get("cost")
        kind: Kind = facts["kind"]
        return Lot(
            seq=facts["seq"],
            kind=kind,
            granted=int(facts["granted"]),
            remaining=self.left - self.held,
            effective_at=facts["effective_at"],
            expires_at=facts.get("expires_at"),
            priority=facts["priority"],
            cost=Money(*cost) if cost else None,
            held=self.held,
            frozen=self.frozen,
            inclusive=facts.get("inclusive", False),
        )


def replay(entries: Iterable[Entry]) -> dict[int, ReplayedLots]:
    """Every lot by its sequence, after these entries, which begin with the wallet's first.

    Raises:
        KeyError: an entry speaks of a lot that none before it made.
    """
    lots: dict[int, ReplayedLots] = {}
    for entry in entries:
        follow(lots, entry)
    return lots


def follow(lots: dict[int, ReplayedLots], entry: Entry) -> None:
    """What one more entry does to the lots, in place. Raises ``KeyError`` as ``replay``."""
    made = entry.extra.get("lot")
    if isinstance(made, dict) and made["seq"] == entry.seq:
        lots[entry.seq] = ReplayedLots(made, int(made["granted"]), pending=made["effective_at"] > entry.at)
    elif entry.kind == "activation":
        lots[entry.extra["lot"]].pending = False
    _money(lots, entry)
    for one, leaves, holds in _effects(entry):
        told = lots[one.lot]
        told.left -= leaves
        told.held += holds
        if leaves and one.value:
            # The same rule for what goes and what comes back: where it came from is less by so much.
            sign = 1 if leaves > 0 else -1
            reason = REASONS.get(entry.kind, "recognised")
            setattr(told, reason, getattr(told, reason) + sign * one.value.amount)
        if entry.kind in TOUCHING:
            told.frozen += one.amount if entry.kind == "freeze" else -one.amount
        if not told.entries or told.entries[-1] != entry.seq:
            told.entries.append(entry.seq)
    if entry.seq in lots and not lots[entry.seq].entries:
        lots[entry.seq].entries.append(entry.seq)


def _effects(entry: Entry) -> Iterator[tuple[Draw, int, int]]:
    """Each draw, how many steps leave its lot (negative: come back), and by how many what is held of it changes."""
    if entry.kind in TOUCHING:
        yield from ((one, 0, 0) for one in entry.draws)
        return
    back, held = entry.extra.get("back", 0), entry.extra.get("held", 0)
    for number, one in enumerate(entry.draws):
        if entry.kind == "hold":
            yield one, 0, one.amount
        elif number < held:
            yield one, one.amount, -one.amount
        elif number < back:
            yield (one, 0, -one.amount) if entry.kind == "release" else (one, -one.amount, 0)
        else:
            yield one, one.amount, 0


def _money(lots: dict[int, ReplayedLots], entry: Entry) -> None:
    """What a refund did to its lot beside its draws: money that went back, credits that were given again."""
    if "refunded" not in entry.extra:
        return
    told = lots[entry.extra["lot"]]
    told.refunded += entry.extra["refunded"]
    told.recognised += entry.extra["recognised"]
    told.left += int(entry.extra.get("given", 0))
    told.frozen -= int(entry.extra.get("thawed", 0))
    if not told.entries or told.entries[-1] != entry.seq:
        told.entries.append(entry.seq)
