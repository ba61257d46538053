"""What usage costs in a wallet now: whole steps, and the fraction of a step that each meter carries on.

Does not own what a meter carries on (``domain.wallets.carries``), what a price means (``domain.credits.rates``), nor
what is counted together (``domain.credits.usage``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

from scrip.domain.credits import limits, rates
from scrip.domain.credits.errors import AmountOutOfRange, PolicyViolation, Steps
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.usage import Usage
from scrip.domain.wallets import carries
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.shares import ItemCost

Cards = Callable[[str], Sequence[RateVersion]]
"""Gives the versions of a meter's rate card."""


@dataclass(frozen=True, slots=True)
class PricedUsage:
    """One item: what it costs exactly, in steps, by a version of its rate card."""

    usage: Usage
    exact: Fraction
    version: int


@dataclass(slots=True)
class Priced:
    """What is asked for, priced.

    Attributes:
        steps: what all of it costs.
        parts: what each item costs; none of an amount.
        items: the items; none of an amount.
        rests: by meter, what its cost has beyond the steps, or lacks of them: the change of its carry.
        time: when it was used, where that is not when it is booked; epoch milliseconds.
    """

    steps: int
    parts: list[ItemCost] = field(default_factory=list)
    items: Sequence[PricedUsage] = ()
    rests: dict[str, Fraction] = field(default_factory=dict)
    time: int | None = None

    @property
    def version(self) -> int | None:
        """Returns the version that priced it; None of an amount, and of several items."""
        return self.items[0].version if len(self.items) == 1 else None

    def usage(self, listed: bool) -> dict[str, Any]:
        """Returns what an entry says of it; ``listed``: the request had a list of items."""
        if not self.items:
            return {}
        kept = [one.usage.kept(one.version, self.time) for one in self.items]
        if not listed:
            return {"usage": kept[0]}
        return {
            "usage": [{**one, "steps": str(part.steps)} for one, part in zip(kept, self.parts, strict=True)]
        }

    def give_up_fractions(self, held: int) -> None:
        """Takes no more than is held where a fraction of earlier events makes the difference: it is carried on."""
        for at, (part, item) in enumerate(zip(self.parts, self.items, strict=True)):
            if self.steps > held and part.steps > floor(item.exact):
                self.parts[at] = part._replace(steps=part.steps - 1)
                self.rests[item.usage.meter] = self.rests.get(item.usage.meter, Fraction(0)) + 1
                self.steps -= 1


def price(usages: Sequence[Usage], cards: Cards, at: int, precision: int) -> list[PricedUsage]:
    """Prices each item by the version that is in force at the instant of its use, as an event of its own.

    Raises:
        PolicyViolation: no version of a card is in force, or none of its prices fits the dimensions.
    """
    priced = []
    for usage in usages:
        rate = in_force(cards(usage.meter), at)
        priced.append(
            PricedUsage(usage, rates.cost(rate, usage.quantity, usage.dimensions, precision), rate.version)
        )
    return priced


def whole(draft: Draft, items: Sequence[PricedUsage]) -> Priced:
    """Returns what the items cost in whole steps.

    A fraction of a step is carried on in the wallet, meter by meter. What was carried is only looked at where an item
    has a fraction too.

    Raises:
        AmountOutOfRange: more than the largest wallet total.
    """
    if sum(item.exact for item in items) > limits.LARGEST_TOTAL:
        largest = Steps(limits.LARGEST_TOTAL)
        raise AmountOutOfRange("that costs more than any wallet holds", field="quantity", largest=largest)
    made = Priced(0, items=items)
    fractions = list(dict.fromkeys(one.usage.meter for one in items if one.exact.denominator != 1))
    if len(fractions) > 1:
        carries.need(draft, fractions)
    for at, item in enumerate(items):
        meter, steps = item.usage.meter, item.exact.numerator
        if item.exact.denominator != 1:
            before = made.rests.get(meter, Fraction(0))
            steps, _ = rates.whole(item.exact, carries.carried(draft, meter) + before)
            made.rests[meter] = before + item.exact - steps
        made.parts.append(ItemCost(at, meter, steps))
        made.steps += steps
    made.rests = {meter: rest for meter, rest in made.rests.items() if rest}
    return made


def set_aside(items: Sequence[PricedUsage]) -> Priced:
    """Returns what is to be held for the items, so that capturing as much costs no more.

    A meter's fraction of a step counts as one.

    Raises:
        AmountOutOfRange: more than the largest wallet total.
    """
    made, sums = Priced(0, items=items), dict[str, Fraction]()
    for at, item in enumerate(items):
        meter = item.usage.meter
        before = sums.get(meter, Fraction(0))
        sums[meter] = before + item.exact
        steps = -floor(-sums[meter]) + floor(-before)
        made.parts.append(ItemCost(at, meter, steps))
        made.steps += steps
    if made.steps > limits.LARGEST_TOTAL:
        largest = Steps(limits.LARGEST_TOTAL)
        raise AmountOutOfRange("that costs more than any wallet holds", field="quantity", largest=largest)
    return made


def in_force(versions: Sequence[RateVersion], now: int) -> RateVersion:
    """Returns the version of a rate card that is in force.

    Raises:
        PolicyViolation: none is yet.
    """
    found = rates.in_force(versions, now)
    if found is None:
        raise PolicyViolation("no version of the meter's rate card is in force yet", policy="rate_in_force")
    return found
