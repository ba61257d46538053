"""What was told of records, page by page: held against the ledger, and against all that was told before (law 3)."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from scrip.domain.credits.errors import OffsetGap, Refusal
from scrip.services.usage.pages import PageOutcome, SentRecord
from simulation.books import Books, LawBroken, WalletBook
from simulation.records import Fate, fate_of, reference_of
from simulation.requests import amount_of, meters_of

BIG: Final = 0.08
METERED: Final = 0.25
GIVEN_UP: Final = 0.05
"""Of the records: about all that there is, of a meter, and given up."""
MOST_QUANTITY: Final = 90


@dataclass(slots=True)
class Log:
    """What the sender of a stream has to send, and what it was told.

    ``made``: by offset, each record as it is sent whenever it is sent; ``told``: what became of it.
    """

    account: str
    unit: str
    stream: str
    made: dict[int, SentRecord | None] = field(default_factory=dict)
    told: dict[int, Fate] = field(default_factory=dict)

    def records(
        self, offsets: Iterable[int], dice: random.Random, draft: WalletBook
    ) -> list[SentRecord | None]:
        """The records of these offsets, which are made where there are none yet."""
        found = []
        for offset in offsets:
            if offset not in self.made:
                self.made[offset] = new_record(offset, dice, draft)
            found.append(self.made[offset])
        return found


def new_record(offset: int, dice: random.Random, draft: WalletBook) -> SentRecord | None:
    """A record, or None."""
    chance = dice.random()
    if chance < GIVEN_UP:
        return None
    if chance < GIVEN_UP + METERED:
        meter, quantity = dice.choice(meters_of(draft.unit)), dice.randint(1, MOST_QUANTITY)
        reference = reference_of(offset, None, meter, quantity)
        return SentRecord(reference, None, meter, Fraction(quantity))
    if chance < GIVEN_UP + METERED + BIG:
        amount = amount_of(dice, draft)
    else:
        amount = str(dice.randint(1, 2)) if draft.unit == "loose" else f"0.{dice.randint(1, 9)}"
    return SentRecord(reference_of(offset, amount), amount)


@dataclass(slots=True)
class Asked:
    """A page or a settlement that is asked for: what there was of its stream before."""

    books: Books
    log: Log
    first: int
    count: int
    step: int
    before: int = 0

    def __post_init__(self) -> None:
        self.before = self._draft.streams.next_of(self.log.stream)

    @property
    def known(self) -> bool:
        """Whether all of it was booked before."""
        return self.first + self.count <= self.before

    @property
    def _draft(self) -> WalletBook:
        return self.books.of(self.log.account, self.log.unit)

    def __str__(self) -> str:
        log = self.log
        return f"{log.account}/{log.unit} {log.stream} {self.first}+{self.count}"

    def answered(self, outcome: PageOutcome) -> None:
        """All that it says is so, and is what was said before. Raises ``LawBroken``."""
        log, draft = self.log, self._draft
        booked = draft.streams.booked.get(log.stream, [])
        offsets = [one.offset for one in outcome.records]
        if offsets != list(range(self.first, self.first + self.count)):
            raise LawBroken(3, f"{self} was answered with the offsets {offsets}")
        burned = 0
        for offset, record in outcome.records:
            fate = fate_of(record)
            if offset >= len(booked) or fate != fate_of(booked[offset].record):
                raise LawBroken(3, f"{self} was told {fate} of {offset}, and the ledger has something else")
            if log.told.setdefault(offset, fate) != fate:
                raise LawBroken(3, f"{self} was told {fate} of {offset}, and before {log.told[offset]}")
            row = draft.rows[booked[offset].entry_id]
            if (offset in outcome.made) != (row.step == self.step):
                said = "new" if offset in outcome.made else "known"
                raise LawBroken(3, f"{self} was told that {offset} is {said}, and step {row.step} booked it")
            if offset in outcome.made and isinstance(fate, int):
                burned += fate
        if burned != outcome.burned:
            raise LawBroken(3, f"{self} was told that it burned {outcome.burned}, and its records {burned}")
        if not self.first + self.count <= outcome.next <= len(booked):
            raise LawBroken(3, f"{self} was told to go on with {outcome.next}, of {len(booked)}")
        entry = outcome.entry
        if entry and draft.rows[entry.id].entry.after != entry.after:
            raise LawBroken(3, f"{self} was answered with another entry than the ledger has")

    def refused(self, refusal: Refusal) -> None:
        """It has left nothing, and was not known as a whole. Raises ``LawBroken``."""
        booked = self._draft.streams.booked.get(self.log.stream, [])
        if self.known and self.count:
            raise LawBroken(3, f"{self} was refused with {refusal.code}, and all of it is known")
        for one in booked[self.first : self.first + self.count]:
            if abs(self._draft.rows[one.entry_id].step) == self.step:
                raise LawBroken(3, f"{self} was refused with {refusal.code}, and has an entry")
        if isinstance(refusal, OffsetGap) and not self.before <= refusal.facts["next"] <= len(booked):
            said = refusal.facts["next"]
            raise LawBroken(3, f"{self} was told to go on with {said}, of {self.before} to {len(booked)}")
        if isinstance(refusal, OffsetGap) and self.first <= self.before:
            raise LawBroken(3, f"{self} was refused as if there were a gap before it")
