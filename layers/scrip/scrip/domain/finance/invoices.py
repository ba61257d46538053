"""Invoices that credits pay for: how much of which line, and what that leaves.

An application is a burn of the wallet, whose entry says what it paid of which line. What a credit is worth on an
invoice is the unit's ``value``. Applied money is never more than the credits are worth, nor than the lines have left:

- So many credits are taken as are worth the money, rounded up to the step, but no step that is worth a minor unit more.
- The lines are paid in their order, each up to what it has left.
- The paid part is what credits with cost basis paid, the free part what the others did, in the order in which lots were
  taken. Each part of the money is a difference of two floors of one running count, so they add up.

Pure. Does not own which lots pay (``domain.wallets.burns``), nor what an application does to the books (``postings``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Final, Literal, NamedTuple

from scrip.domain.credits.entries import MADE_FOR, Draw, Entry
from scrip.domain.credits.errors import InvoiceVoid, PolicyViolation
from scrip.domain.credits.units import CreditValue
from scrip.domain.wallets.draws import Drawn
from scrip.domain.wallets.shares import ItemCost, split

KIND: Final = "invoice"
"""The type of the reference of all entries of an invoice, and what the entry of an application says of it."""
LINES: Final = 100
"""Lines of one invoice: its document and the row of an application have them all."""
APPLICATIONS: Final = 20
"""Applications to one invoice: its answer shows each with its draws."""
TaxMode = Literal["before", "after"]
"""Whether credits are taken off before the tax is computed, and so pay no tax, or pay amount and tax together."""


class InvoiceLine(NamedTuple):
    """One line. Minor units of the invoice's currency.

    Attributes:
        amount: without tax. tax: that of the amount, before any credits.
        applied: what credits have paid of it.
    """

    line_id: str
    description: str | None
    amount: int
    tax: int = 0
    applied: int = 0

    def left(self, tax: TaxMode) -> int:
        """Returns how much credits may still pay of it."""
        return self.amount + (self.tax if tax == "after" else 0) - self.applied


class AppliedLine(NamedTuple):
    """What one application paid of a line, and by which credits.

    Attributes:
        applied: minor units; ``paid`` of it were paid by credits with cost basis.
        draws: the steps that paid for it. A step that pays for two lines stands with the first.
    """

    line_id: str
    applied: int
    paid: int
    draws: Sequence[Draw]


@dataclass(frozen=True, slots=True)
class Application:
    """Credits applied to an invoice, as the entry says it, at a value. Minor units of its currency."""

    invoice_id: str
    value: CreditValue
    steps: int
    lines: Sequence[AppliedLine]

    @property
    def currency(self) -> str:
        """Returns the currency of the invoice."""
        return self.value.currency

    @property
    def applied(self) -> int:
        """Returns what it paid of all lines."""
        return sum(line.applied for line in self.lines)

    @property
    def paid(self) -> int:
        """Returns what credits with cost basis paid of that."""
        return sum(line.paid for line in self.lines)


@dataclass(frozen=True, slots=True)
class Invoice:
    """What is known of an invoice: what its lines say, and which entries of one wallet paid for them.

    Attributes:
        applications: the ids of their entries, the first first.
        void: the ids of the reversals, once it is void; ``voided_at``: when that was (epoch milliseconds).
    """

    invoice_id: str
    account: str
    unit: str
    currency: str
    tax: TaxMode
    lines: Sequence[InvoiceLine] = ()
    applications: Sequence[str] = ()
    void: Sequence[str] = ()
    voided_at: int | None = None

    def with_lines(self, said: Invoice) -> Invoice:
        """Returns it with the lines that somebody says of it, the known ones as they are.

        Raises:
            InvoiceVoid: nothing is applied to it any more.
            PolicyViolation: it is of another wallet, or was said to be otherwise before.
        """
        if self.voided_at is not None:
            raise InvoiceVoid("it is void: nothing is applied to it any more", voided_at=self.voided_at)
        if (self.account, self.unit) != (said.account, said.unit):
            raise _otherwise(
                "account",
                f"it is paid by credits of {self.account} in {self.unit}: an invoice is of one wallet",
            )
        for name in ("currency", "tax"):
            if getattr(self, name) != getattr(said, name):
                raise _otherwise(name, f"it was said to be {getattr(self, name)} before")
        known = {line.line_id: line for line in self.lines}
        for number, line in enumerate(said.lines):
            before = known.setdefault(line.line_id, line)
            if (before.amount, before.tax) != (line.amount, line.tax):
                was = f"{before.amount} and its tax {before.tax}"
                raise _otherwise(f"lines.{number}.amount", f"line {line.line_id} was said to be {was} before")
        if len(known) > LINES:
            raise PolicyViolation(
                f"an invoice has at most {LINES} lines", policy="max_invoice_lines", field="lines"
            )
        if len(self.applications) >= APPLICATIONS:
            raise PolicyViolation(
                f"{APPLICATIONS} applications were made to it already", policy="max_invoice_applications"
            )
        return replace(self, lines=tuple(known.values()))

    def left(self, line_ids: Sequence[str]) -> list[tuple[str, int]]:
        """Returns how much credits may still pay of these lines, in this order."""
        known = {line.line_id: line.left(self.tax) for line in self.lines}
        return [(line_id, known[line_id]) for line_id in line_ids]

    def with_application(self, entry: Entry) -> Invoice:
        """Returns it with one more application."""
        paid = {line.line_id: line.applied for line in read_application(entry).lines}
        lines = [line._replace(applied=line.applied + paid.get(line.line_id, 0)) for line in self.lines]
        return replace(self, lines=lines, applications=(*self.applications, entry.id))

    def voided(self, reversals: Sequence[str], at: int) -> Invoice:
        """Returns it void: all that was applied is given back by these entries."""
        lines = [line._replace(applied=0) for line in self.lines]
        return replace(self, lines=lines, void=tuple(reversals), voided_at=at)

    def to_json(self) -> dict[str, Any]:
        """Returns it as it is stored."""
        body: dict[str, Any] = {
            "invoice_id": self.invoice_id,
            "account": self.account,
            "unit": self.unit,
            "currency": self.currency,
            "tax": self.tax,
            "lines": [list(line) for line in self.lines],
            "applications": list(self.applications),
        }
        if self.voided_at is not None:
            body |= {"void": list(self.void), "voided_at": self.voided_at}
        return body

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> Invoice:
        """Reads what ``to_json`` gave."""
        lines = [InvoiceLine(*line) for line in body["lines"]]
        lists = {name: tuple(body.get(name, ())) for name in ("applications", "void")}
        return Invoice(**{**body, **lists, "lines": tuple(lines)})


def steps_worth(value: CreditValue, money: int) -> int:
    """Returns the fewest credit steps that are worth at least so many minor units."""
    return -(-money * value.per // value.amount)


def most_steps(value: CreditValue, money: int, most: int | None = None) -> int:
    """Returns how many credit steps pay so many minor units, or as much of them as steps can: none is wasted.

    Args:
        most: steps that may be taken at most; None: as many as it needs.
    """
    # The most steps that are worth less than a minor unit above the money.
    steps = ((money + 1) * value.per - 1) // value.amount
    return steps_worth(value, value.of(steps if most is None else min(steps, most)))


def told_of(
    invoice_id: str, value: CreditValue, left: Sequence[tuple[str, int]], money: int
) -> dict[str, Any]:
    """Returns what the entry of an application says: how much of the money each line gets, in their order.

    Args:
        left: the lines, and how much credits may still pay of each.
        money: minor units, not more than all of them have left.
    """
    lines: list[list[Any]] = []
    for line_id, most in left:
        lines.append([line_id, min(most, money)])
        money -= min(most, money)
    said = {"currency": value.currency, "value": [value.amount, str(value.per)], "lines": lines}
    return {MADE_FOR: [KIND, invoice_id], KIND: said}


def is_application(entry: Entry) -> bool:
    """Tells whether an entry applied credits to an invoice."""
    return entry.kind == "burn" and KIND in entry.extra


def read_application(entry: Entry) -> Application:
    """Returns what the entry of an application says, each line with the credits that paid for it."""
    said, made_for = entry.extra[KIND], entry.made_for
    assert made_for
    amount, per = said["value"]
    value = CreditValue(amount, said["currency"], int(per))
    ends = [*accumulate(applied for _, applied in said["lines"])]
    cuts = [0, *(min(steps_worth(value, end), -entry.amount) for end in ends)]
    parts = [ItemCost(number, None, cuts[number + 1] - cuts[number]) for number in range(len(ends))]
    shares = split(Drawn(entry.draws, 0, 0), parts)
    draws: list[list[Draw]] = [[] for _ in ends]
    for one, item in zip(shares.draws, shares.items, strict=True):
        draws[item].append(one)
    paid = _paid_ranges(entry.draws, value)
    lines = [
        AppliedLine(line_id, applied, _within(paid, end - applied, end), tuple(draws[number]))
        for number, ((line_id, applied), end) in enumerate(zip(said["lines"], ends, strict=True))
    ]
    return Application(made_for[1], value, -entry.amount, lines)


def _paid_ranges(draws: Sequence[Draw], value: CreditValue) -> list[tuple[int, int]]:
    """Returns where, in the money that draws are worth one after the other, those with cost basis lie."""
    found, steps = [], 0
    for one in draws:
        begin, steps = value.of(steps), steps + one.amount
        if one.value is not None:
            found.append((begin, value.of(steps)))
    return found


def _within(ranges: Sequence[tuple[int, int]], begin: int, end: int) -> int:
    """Returns how much of the ranges lies between two points."""
    return sum(max(0, min(last, end) - max(first, begin)) for first, last in ranges)


def _otherwise(field: str, said: str) -> PolicyViolation:
    """Returns the refusal of what an invoice was said to be otherwise before."""
    return PolicyViolation(f"{said}: send that, or void it and use another id", policy=KIND, field=field)
