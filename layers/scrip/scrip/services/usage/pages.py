"""Pages of records, as callers send them: read and priced, booked in as few commits as fit, and told offset by offset.

Owns what burns and leases have in common. Does not own the decisions (``domain.wallets``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from scrip.domain.credits import limits, rates
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Cause, Entry, fingerprint
from scrip.domain.credits.errors import (
    AmountOutOfRange,
    ClockBackwards,
    InvalidRequest,
    PolicyViolation,
    Refusal,
    Steps,
)
from scrip.domain.credits.ids import page_entry_id
from scrip.domain.credits.records import Numbered, facts_of, numbered
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.record_sums import RecordCost
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import read
from scrip.services.engine.requests import WalletRequest
from scrip.services.wallets import pricing
from scrip.services.wallets.balances import Balance, balance
from scrip.store import ledger

if TYPE_CHECKING:
    from scrip.domain.wallets.counters import CountedPrice


class SentRecord(NamedTuple):
    """One record as it was sent: an amount as text, or so much of a meter; and the caller's reference."""

    reference: str
    amount: str | None = None
    meter: str | None = None
    quantity: Fraction = Fraction(0)
    dimensions: Mapping[str, str] = {}


class _RecordPrice(NamedTuple):
    """What a record costs, by which version; ``over``: its price, where that goes by what was counted before."""

    exact: Fraction
    version: int
    over: CountedPrice | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of the records of one request.

    Attributes:
        entry: that of the last of them; None where all of them were given up before.
        burned: credit steps that this request burned.
        records: their offsets, in order, with what was booked; ``made``: those that this request booked.
        next: the offset that the stream goes on with.
        balance: what is there now; None where ``entry`` was made by this request, which says it.
        renewed: the last entry of the request, where that is another: a lease was filled up.
        short: the code of why a lease has less than it was to be filled up to; None where it has that.
    """

    entry: Entry | None
    burned: int
    records: Sequence[Numbered]
    made: frozenset[int]
    next: int
    balance: Balance | None = None
    renewed: Entry | None = None
    short: str | None = None


@dataclass(slots=True)
class SentPage:
    """The records of one request, and what has become of them so far.

    Attributes:
        costs: of amounts, in steps; None of what a meter prices, and of what was skipped.
    """

    executor: Executor
    request: WalletRequest
    stream: str
    first: int
    records: Sequence[SentRecord | None]
    fresh: bool = False
    costs: list[int | None] = field(default_factory=list)
    made: list[Entry] = field(default_factory=list)
    unit: Unit = field(init=False)

    def __post_init__(self) -> None:
        """Reads all amounts, before any offset is used.

        Raises:
            InvalidRequest, PrecisionExceeded, AmountOutOfRange: naming the record.
            NotFound: there is no such unit, or meter.
        """
        meters = self.meters
        if len(meters) > limits.PAGE_METERS:
            said = f"may be of {limits.PAGE_METERS} different meters at most: send them in several pages"
            raise InvalidRequest([("records", said)])
        self.unit = self.context().unit
        known: dict[str, int] = {}
        for number, one in enumerate(self.records):
            if one is None or one.amount is None:
                self.costs.append(None)
                continue
            steps = known.get(one.amount)
            if steps is None:
                steps = known[one.amount] = parse_amount(
                    one.amount, self.unit.precision, f"records.{number}.amount"
                )
            self.costs.append(steps)

    @property
    def meters(self) -> list[str]:
        """Returns the meters of its records, each once."""
        return list(dict.fromkeys(one.meter for one in self.records if one and one.meter is not None))

    @property
    def end(self) -> int:
        """Returns the offset after its last."""
        return self.first + len(self.records)

    def context(self) -> WalletContext:
        """Returns the wallet, its unit and the rate cards of its records' meters."""
        request = self.request
        return self.executor.context(
            request.account, request.unit, self.meters, fresh=self.fresh, fresh_rates=request.moment.pinned
        )

    def priced(self, draft: Draft, context: WalletContext, now: int, start: int) -> list[RecordCost | None]:
        """Prices the records from the offset ``start`` on, as of an instant.

        Raises:
            PolicyViolation: no version of a card is in force, or none of its prices fits; it names the record.
            AmountOutOfRange: a record costs more than the largest wallet total.
        """
        pricing.need_own(draft, self.meters)
        known: dict[tuple[object, ...], _RecordPrice] = {}
        found: list[RecordCost | None] = []
        begins = start - self.first
        for number in range(begins, len(self.records)):
            one, steps = self.records[number], self.costs[number]
            if one is None:
                found.append(None)
            elif steps is not None:
                found.append(RecordCost(steps, one.reference))
            else:
                assert one.meter is not None
                name = (one.meter, one.quantity, *one.dimensions.items())
                cost = known.get(name)
                if cost is None:
                    cost = known[name] = self._price(one, one.meter, draft, context, now, number)
                exact, version, over, own = cost
                found.append(
                    RecordCost(
                        exact, one.reference, one.meter, one.quantity, one.dimensions, version, over, own
                    )
                )
        return found

    def cause(self, offset: int) -> Cause:
        """Returns the cause of the entry that books records from an offset on."""
        request = self.request
        return Cause(
            entry_id=page_entry_id(request.account, request.unit, self.stream, offset),
            fingerprint=fingerprint("page", {"stream": self.stream, "first": offset}),
            actor=request.actor,
            metadata=request.metadata,
            actor_name=request.actor_name,
            member=request.member,
            tags=request.tags,
        )

    def book(self, decide: Callable[[Draft, WalletContext, int], Entry | None]) -> Entry | None:
        """Carries out a decision; returns its entry, None where it made none. Raises as the executor and it do."""
        context = self.context()

        def act(draft: Draft, now: int) -> Entry | None:
            return decide(draft, context, now)

        try:
            return self.executor.execute_batch(context, self.request.moment, act, ()).entry
        except ClockBackwards as refusal:
            # What is known is answered as of any instant (law 3).
            if not self._nothing_to_do(act):
                raise refusal
            return None

    def _nothing_to_do(self, act: Callable[[Draft, int], Entry | None]) -> bool:
        """Tells whether a decision would change nothing of the wallet as it is."""
        try:
            return read(self.executor, self.context(), lambda draft: act(draft, draft.wallet.at)) is None
        except Refusal:
            return False

    def outcome(self, there: int) -> PageOutcome:
        """Returns what became of all its records; ``there`` is the offset that the stream goes on with."""
        mine = [each for each in map(facts_of, self.made) if each]
        begins = mine[0].begins if mine else there
        # Others may have booked some of them between two commits, or after the last.
        gapless = all(one.next == after.begins for one, after in pairwise(mine))
        alone = not mine or (gapless and mine[-1].next >= self.end)
        last = min(begins, self.end) - 1 if alone else self.end - 1
        found: list[Entry] = []
        if self.first <= last and self.records:
            tables, request = self.executor.tables, self.request
            found = ledger.pages_of(tables, request.account, request.unit, self.stream, self.first, last)[
                ::-1
            ]
        read = {entry.id for entry in found}
        found += [entry for entry in self.made if entry.id not in read]
        told: list[Numbered] = []
        for entry in found:
            at = told[-1].offset + 1 if told else self.first
            told += numbered(entry, at, self.end)
        if begins >= self.end:
            # What is used up, and in no entry up to here, was given up by the page that came after it.
            told += [Numbered(offset, None) for offset in range(self.first + len(told), self.end)]
        made = frozenset(
            offset for one in mine for offset in range(max(one.begins, self.first), min(one.next, self.end))
        )
        burned = -sum(one.amount for one in self.made)
        now_there = None
        if not self.made:
            # Of now, though the moment asked for be in the wallet's past, and all records known.
            now = Moment(self.request.moment.at)
            now_there, _ = balance(self.executor, self.request.account, self.request.unit, now)
        following = max([there, *(one.next for one in mine)])
        return PageOutcome(next(reversed(found), None), burned, told, made, following, now_there)

    def _price(
        self, one: SentRecord, meter: str, draft: Draft, context: WalletContext, now: int, number: int
    ) -> _RecordPrice:
        """Returns what a record costs exactly, and the version of the rate card that says so."""
        precision = context.unit.precision
        try:
            rate = pricing.version_for(draft, meter, context.rates.__getitem__, now)
            if over := pricing.price_over(rate, meter, one.dimensions, now, precision):
                return _RecordPrice(Fraction(0), rate.version, over, pricing.is_own(rate))
            cost = rates.cost(rate, one.quantity, one.dimensions, precision)
        except PolicyViolation as refusal:
            refusal.facts = {**refusal.facts, "field": f"records.{number}"}
            raise
        if cost > limits.LARGEST_TOTAL:
            raise AmountOutOfRange(
                "that costs more than any wallet holds",
                field=f"records.{number}.quantity",
                largest=Steps(limits.LARGEST_TOTAL),
            )
        return _RecordPrice(cost, rate.version, None, pricing.is_own(rate))
