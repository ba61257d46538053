"""What became of each offset of each stream, as entries tell it, held against what was sent (laws 1 and 3).

A record says in its reference what it is: its offset, and its amount or its meter and quantity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import Final, NamedTuple

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.ids import hold_id, page_entry_id
from scrip.domain.credits.records import Record, facts_of
from scrip.domain.verification.replay import ReplayedLot
from scrip.domain.wallets import streams
from scrip.domain.wallets.holds import Hold
from scrip.store import items
from simulation.expressions import Item

Fate = int | str
"""The steps that a record cost, or what else became of it."""
REFUSED: Final = "refused"
SKIPPED: Final = "skipped"
FEW: Final = 40
"""Lots that any commit can hold. What is of more may be refused."""


class Booked(NamedTuple):
    """An offset's record (None: it was given up), and the entry that used it up."""

    record: Record | None
    entry_id: str


def reference_of(offset: int, amount: str | None, meter: str | None = None, quantity: int = 0) -> str:
    """The reference of a record: what it is."""
    return f"{offset}:{amount}" if meter is None else f"{offset}:{meter}*{quantity}"


def fate_of(record: Record | None) -> Fate:
    """What a record says became of it."""
    if record is None:
        return SKIPPED
    return record.steps if record.paid else REFUSED


@dataclass(slots=True)
class Streams:
    """All streams of a wallet, leases' too: what became of their offsets, from 0 on; and by entry what was reversed of
    each of its records (None: of all of them at once)."""

    booked: dict[str, list[Booked]] = field(default_factory=dict)
    undone: dict[str, dict[int | None, int]] = field(default_factory=dict)

    def next_of(self, stream: str) -> int:
        """The offset that the stream goes on with."""
        return len(self.booked.get(stream, ()))

    def wrong(
        self, entry: Entry, told: Mapping[int, ReplayedLot], bounded: bool = False
    ) -> tuple[int, str] | None:
        """The law that an entry's records break, and how.

        ``told``: the lots as they are after the entry; ``bounded``: budgets may refuse what could be paid.
        """
        facts = facts_of(entry)
        if facts is None or entry.records is None:
            return (4, "has records and does not say so, or none") if facts or entry.records else None
        if entry.records.digest != facts.digest:
            return 4, "says another digest than its records have"
        known, listed = self.booked.setdefault(facts.stream, []), entry.records.listed
        if facts.begins != len(known):
            return 3, f"books offset {facts.begins} of {facts.stream}, which goes on with {len(known)}"
        if facts.next != facts.first + len(listed):
            return 3, f"has {len(listed)} records for the offsets from {facts.first} to before {facts.next}"
        if entry.id != page_entry_id(entry.account, entry.unit, facts.stream, facts.first):
            return 3, f"has another id than offset {facts.first} of {facts.stream} gives it"
        known += [Booked(None, entry.id)] * (facts.first - facts.begins)
        known += [Booked(one, entry.id) for one in listed]
        paid = sum(one.steps for one in listed if one and one.paid)
        if paid != -entry.amount:
            return 1, f"takes {-entry.amount} for records of {paid}"
        refused = [one for one in listed if one and not one.paid]
        if len(refused) != facts.refused:
            return 4, f"says that {facts.refused} are refused, and {len(refused)} are"
        for at, one in enumerate(listed):
            if one and (wrong := _other(one, facts.first + at)):
                return 3, wrong
        return None if bounded else self._refused(entry, refused, told)

    def wrong_reversal(self, entry: Entry, burned: Entry) -> str:
        """What is wrong with a reversal of records; nothing where nothing is: no record comes back twice."""
        facts = facts_of(burned)
        if facts is None or burned.records is None:
            return ""
        undone, offset = self.undone.setdefault(burned.id, {}), entry.extra.get("offset")
        more = int(entry.extra["reversed"]) - sum(undone.values())
        undone[offset] = undone.get(offset, 0) + more
        if more < 0 or sum(undone.values()) > -burned.amount:
            return f"gives back {more} of {burned.id}, of which {undone} came back"
        if offset is None:
            return "" if sum(undone.values()) == -burned.amount else f"leaves something of {burned.id}"
        one = burned.records.listed[offset - facts.first]
        if one is None or not one.paid or undone[offset] > one.steps:
            return f"gives back {undone[offset]} of {one} in all"
        return ""

    def unkept(self, entry: Entry, beside: Iterable[tuple[str, str, Item | None]]) -> str:
        """What is wrong with where an entry says that its stream goes on; nothing where nothing is.

        ``beside``: kind, name and item of what was written with it.
        """
        facts, hold = facts_of(entry), entry.extra.get("hold")
        assert facts
        if hold:
            if facts.stream != hold_id(entry.account, entry.unit, hold["seq"]):
                return f"is of a lease, and its stream is {facts.stream}"
            there = hold["lease"]["next"]
        else:
            kept = [item for kind, name, item in beside if (kind, name) == (streams.KIND, facts.stream)]
            there = items.read_sidecar(kept[0])["next"] if kept and kept[0] else None
        if there != facts.next:
            return f"goes on with {facts.next}, and its stream is kept as going on with {there}"
        return ""

    @staticmethod
    def _refused(
        entry: Entry, refused: Iterable[Record], told: Mapping[int, ReplayedLot]
    ) -> tuple[int, str] | None:
        """Whether one was refused that could have been paid: there is no less before it than after all of them."""
        hold = entry.extra.get("hold")
        for one in refused:
            if hold:
                there = [steps for _, _, steps in Hold.from_json(hold).left]
            else:
                there = [_spendable(lot, entry.at, one.meter) for lot in told.values()]
            # Where promotional lots may pay a share alone, the rest of them is no help.
            if sum(there) >= one.steps and _of_few(there, one.steps) and (hold or entry.unit != "shared"):
                return 2, f"refuses {one.steps} of {one.reference}, and {sum(there)} are left"
        return None


def _of_few(there: Iterable[int], steps: int) -> bool:
    """Whether so many steps are of no more lots than any commit can hold, whichever come first."""
    lots = accumulate(sorted(one for one in there if one))
    return sum(1 for one in lots if one < steps) < FEW


def _spendable(lot: ReplayedLot, at: int, meter: str | None) -> int:
    """The steps of a lot that may pay for a meter at an instant."""
    facts = lot.facts
    if lot.pending or facts["effective_at"] > at or facts.get("expires_at", at + 1) <= at:
        return 0
    scope = facts.get("scope", ())
    return lot.left - lot.held - lot.frozen if not scope or meter in scope else 0


def _other(record: Record, offset: int) -> str:
    """What differs between a record and what its reference says that was sent."""
    at, _, what = record.reference.partition(":")
    if int(at) != offset:
        return f"has at offset {offset} what was sent for {at}"
    meter, _, quantity = what.partition("*")
    if quantity and (record.meter != meter or Fraction(record.quantity) != int(quantity)):
        return f"has {record.quantity} of {record.meter} for {what}"
    if not quantity and record.meter is not None:
        return f"has {record.quantity} of {record.meter} for {what}"
    return ""
