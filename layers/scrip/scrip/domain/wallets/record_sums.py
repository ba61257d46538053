"""What the records of one entry come to: their steps, meter by meter, and what the entry says of them.

A record costs whole steps. The fraction that its price has beyond them is carried on to the next record of its meter,
as between single burns. Does not own who pays (``burn_pages``, ``leases``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from scrip.domain.credits import limits, rates
from scrip.domain.credits.errors import BodyTooLarge
from scrip.domain.credits.records import MEMBER, PageFacts, Record, Records, Sums
from scrip.domain.credits.usage import written
from scrip.domain.wallets import carries
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.shares import ItemCost

if TYPE_CHECKING:
    from scrip.domain.wallets.budget_counters import Counters
    from scrip.domain.wallets.counters import CountedPrice, Counts


class RecordCost(NamedTuple):
    """One record as it is asked for, priced.

    Attributes:
        exact: what it costs, in steps; perhaps a fraction of one.
        meter, quantity, dimensions, version: what was counted, and by which version of the rate card it is priced; none
            of an amount.
        own: whether that card is the account's own.
        over: its price, where that goes by what was counted before: then ``exact`` is 0.
    """

    exact: int | Fraction
    reference: str
    meter: str | None = None
    quantity: Fraction = Fraction(0)
    dimensions: Mapping[str, str] = {}
    version: int | None = None
    over: CountedPrice | None = None
    own: bool = False


@dataclass(slots=True)
class RecordSums:
    """Records of one entry so far.

    Attributes:
        records: paid, refused, or None where one was skipped.
        sums: of what was paid, by meter in the order of first sight; None: amounts.
        rests: by meter, what its records cost beyond their steps, or lack of them.
        refused: how many could not be paid.
        counts: what was paid of prices that go by what was counted before; None: nothing is of such a price.
    """

    draft: Draft
    records: list[Record | None] = field(default_factory=list)
    sums: dict[str | None, Sums] = field(default_factory=dict)
    rests: dict[str, Fraction] = field(default_factory=dict)
    refused: int = 0
    counts: Counts | None = None

    def price(self, one: RecordCost) -> tuple[int, Fraction]:
        """Returns the whole steps that a record costs now, and its rest."""
        exact = one.exact
        if one.over is not None and self.counts is not None:
            exact = one.over.cost(one.quantity, self.counts.before(one.over.counter))
        if exact.denominator == 1 or one.meter is None:
            return exact.numerator, Fraction(0)
        carried = carries.carried(self.draft, one.meter) + self.rests.get(one.meter, 0)
        steps, _ = rates.whole(Fraction(exact), carried)
        return steps, Fraction(exact) - steps

    def pay(self, one: RecordCost, steps: int, rest: Fraction) -> None:
        """Adds a record that is paid."""
        sums = self.sums.get(one.meter)
        if sums is None:
            sums = self.sums[one.meter] = Sums(version=one.version, own=one.own)
        sums.steps += steps
        if one.meter is None:
            self.records.append(Record(steps, one.reference))
            return
        sums.quantity += one.quantity
        if one.over is not None and self.counts is not None:
            self.counts.add(one.over.counter, one.quantity)
        if rest:
            self.rests[one.meter] = self.rests.get(one.meter, Fraction(0)) + rest
        self.records.append(_counted(one, steps, rest))

    def refuse(self, one: RecordCost, steps: int, why: str = "") -> None:
        """Adds a record that is not paid, and will not be; ``why``: a letter of ``records.REFUSALS``."""
        self.refused += 1
        self.records.append(_counted(one, steps)._replace(paid=False, why=why))

    def skip(self) -> None:
        """Adds an offset that its sender gave up."""
        self.records.append(None)

    @property
    def meters(self) -> list[str | None]:
        """Returns the meters in the order of the entry's items. Amounts are the last of these."""
        named: list[str | None] = [meter for meter in self.sums if meter is not None]
        return [*named, None] if None in self.sums else named

    @property
    def parts(self) -> list[ItemCost]:
        """Returns what each meter costs."""
        return [ItemCost(item, meter, self.sums[meter].steps) for item, meter in enumerate(self.meters)]

    @property
    def steps(self) -> int:
        """Returns what all of them cost."""
        return sum(one.steps for one in self.sums.values())

    def packed(self) -> Records:
        """Returns the records as they are stored.

        Raises:
            BodyTooLarge: the entry's row would not fit where rows are read.
        """
        made = Records.of(self.records)
        if len(made.packed) > limits.PAGE_ROW_BYTES:
            raise BodyTooLarge(
                f"the row of these records would have more than {limits.PAGE_ROW_BYTES} bytes: send fewer at a time",
                limit=limits.PAGE_ROW_BYTES,
            )
        return made

    def told(
        self, stream: str, first: int, since: int | None, records: Records, items: Sequence[int]
    ) -> dict[str, Any]:
        """Returns what the entry says of them; ``items``: for each draw, which item it is for."""
        facts = PageFacts(stream, first, first + len(self.records), records.digest, since, self.refused)
        usage: list[dict[str, Any]] = [
            {
                **self._counted(meter),
                **({"card": "account"} if self.sums[meter].own else {}),
                "meter": meter,
                "quantity": written(self.sums[meter].quantity),
                "dimensions": {},
                "rate_version": self.sums[meter].version,
                "steps": str(self.sums[meter].steps),
            }
            for meter in self.meters
            if meter is not None
        ]
        counted = {"usage": usage, "items": list(items)} if usage else {}
        return {MEMBER: facts.to_json(), **counted}

    def _counted(self, meter: str) -> dict[str, Any]:
        """Returns what the entry says of what was counted of a meter over a period; nothing where nothing was."""
        rows = self.counts.told(meter) if self.counts else []
        return {"counted": rows} if rows else {}

    def keep_counts(self) -> None:
        """Adds what was paid to the wallet's counters, once ``told`` has said what was in them before."""
        if self.counts:
            from scrip.domain.wallets import counters

            counters.add(self.draft, self.counts.added)


def sums_of(draft: Draft, wanted: Sequence[RecordCost | None]) -> RecordSums:
    """Returns sums to which these records can be added: what they need of the wallet is asked for at once.

    That is the carries of meters that have a fraction of a step among them, and the counters that prices go by.
    """
    meters = [one.meter for one in wanted if one and one.meter and one.exact.denominator != 1]
    prices = {one.over.counter: one.meter for one in wanted if one and one.over is not None}
    if not prices:
        carries.need(draft, list(dict.fromkeys(meters)))
        return RecordSums(draft)
    # Imported where a price goes by a period: no other request pays for it.
    from scrip.domain.wallets import counters

    named = [meter for meter in [*meters, *prices.values()] if meter is not None]
    counters.need(draft, prices, [(carries.KIND, meter) for meter in named])
    counters.reserve(draft, prices)
    return RecordSums(draft, counts=counters.Counts(draft))


def budget_of(draft: Draft, member: str | None, now: int) -> Counters | None:
    """Returns the counters of the wallet's budgets for the member whose records are booked; None where it has none.

    They have room in the commit.
    """
    if not draft.budgeted:
        return None
    # Imported where a wallet has budgets: no other request pays for it.
    from scrip.domain.wallets import budget_counters

    counters = budget_counters.load(draft, member, now)
    counters.reserve()
    return counters


def _counted(one: RecordCost, steps: int, rest: Fraction = Fraction(0)) -> Record:
    """Returns the record of something that was counted, or of an amount."""
    if one.meter is None:
        return Record(steps, one.reference)
    return Record(steps, one.reference, True, one.meter, written(one.quantity), one.dimensions, rest)
