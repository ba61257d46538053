"""What the records of one entry come to: their steps, meter by meter, and what the entry says of them.

A record costs whole steps. The fraction that its price has beyond them is carried on to the next record of its meter,
as between single burns. Does not own who pays (``burn_pages``, ``leases``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from scrip.domain.credits import limits, rates
from scrip.domain.credits.errors import BodyTooLarge
from scrip.domain.credits.records import MEMBER, PageFacts, Record, Records, Sums
from scrip.domain.credits.usage import written
from scrip.domain.wallets import carries
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.shares import ItemCost


class RecordCost(NamedTuple):
    """One record as it is asked for, priced.

    Attributes:
        exact: what it costs, in steps; perhaps a fraction of one.
        meter, quantity, dimensions, version: what was counted, and by which version of the rate card it is priced; none
            of an amount.
    """

    exact: int | Fraction
    reference: str
    meter: str | None = None
    quantity: Fraction = Fraction(0)
    dimensions: Mapping[str, str] = {}
    version: int | None = None


@dataclass(slots=True)
class RecordSums:
    """Records of one entry so far.

    Attributes:
        records: paid, refused, or None where one was skipped.
        sums: of what was paid, by meter in the order of first sight; None: amounts.
        rests: by meter, what its records cost beyond their steps, or lack of them.
        refused: how many could not be paid.
    """

    draft: Draft
    records: list[Record | None] = field(default_factory=list)
    sums: dict[str | None, Sums] = field(default_factory=dict)
    rests: dict[str, Fraction] = field(default_factory=dict)
    refused: int = 0

    def price(self, one: RecordCost) -> tuple[int, Fraction]:
        """Returns the whole steps that a record costs now, and its rest."""
        exact = one.exact
        if exact.denominator == 1 or one.meter is None:
            return exact.numerator, Fraction(0)
        carried = carries.carried(self.draft, one.meter) + self.rests.get(one.meter, 0)
        steps, _ = rates.whole(Fraction(exact), carried)
        return steps, Fraction(exact) - steps

    def pay(self, one: RecordCost, steps: int, rest: Fraction) -> None:
        """Adds a record that is paid."""
        sums = self.sums.get(one.meter)
        if sums is None:
            sums = self.sums[one.meter] = Sums(version=one.version)
        sums.steps += steps
        if one.meter is None:
            self.records.append(Record(steps, one.reference))
            return
        sums.quantity += one.quantity
        if rest:
            self.rests[one.meter] = self.rests.get(one.meter, Fraction(0)) + rest
        self.records.append(_counted(one, steps, rest))

    def refuse(self, one: RecordCost, steps: int) -> None:
        """Adds a record that is not paid, and will not be."""
        self.refused += 1
        self.records.append(_counted(one, steps, paid=False))

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


def need_carries(draft: Draft, wanted: Sequence[RecordCost | None]) -> None:
    """Asks at once for the carries of all meters that have a fraction of a step among these records."""
    meters = [one.meter for one in wanted if one and one.meter and one.exact.denominator != 1]
    carries.need(draft, list(dict.fromkeys(meters)))


def _counted(one: RecordCost, steps: int, rest: Fraction = Fraction(0), *, paid: bool = True) -> Record:
    """Returns the record of something that was counted, or of an amount."""
    if one.meter is None:
        return Record(steps, one.reference, paid)
    return Record(steps, one.reference, paid, one.meter, written(one.quantity), one.dimensions, rest)
