"""What usage costs in a wallet now: whole steps, and the fraction of a step that each meter carries on.

Does not own what a meter carries on (``domain.wallets.carries``), what a price means (``domain.credits.rates``), nor
what is counted together (``domain.credits.usage``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

from scrip.domain.credits import limits, rates
from scrip.domain.credits.errors import AmountOutOfRange, PolicyViolation, Steps
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.usage import Tally, Usage, meters_of
from scrip.domain.wallets import carries
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.shares import ItemCost

if TYPE_CHECKING:
    from scrip.domain.wallets.counters import Counted, CountedPeriod, CountedPrice

Cards = Callable[[str], Sequence[RateVersion]]
"""Gives the versions of a meter's rate card."""


@dataclass(frozen=True, slots=True)
class PricedUsage:
    """One item: what it costs exactly, in steps, by a version of its rate card.

    Attributes:
        counted: what it adds to a counter; None where its price goes by no period.
        own: whether the card is the account's own.
        over: the period and the zone of that counter.
    """

    usage: Usage
    exact: Fraction
    version: int
    counted: Counted | None = None
    own: bool = False
    over: tuple[str, str] | None = None

    def kept(self, time: int | None) -> dict[str, Any]:
        """Returns it as entries keep it; ``time``: when it was used, None: when the entry is booked."""
        said = self.usage.kept(self.version, time)
        if self.own:
            said |= {"card": "account"}
        if self.counted:
            said |= {"counted": [self.counted.to_json(alone=True)]}
        return said


@dataclass(slots=True)
class Priced:
    """What is asked for, priced.

    Attributes:
        steps: what all of it costs.
        parts: what each item costs; none of an amount.
        items: the items; none of an amount.
        rests: by meter, what its cost has beyond the steps, or lacks of them: the change of its carry.
        time: when it was used, where that is not when it is booked; epoch milliseconds.
        quoted: whether a quote says what it costs.
    """

    steps: int
    parts: list[ItemCost] = field(default_factory=list)
    items: Sequence[PricedUsage] = ()
    rests: dict[str, Fraction] = field(default_factory=dict)
    time: int | None = None
    quoted: bool = False

    @property
    def version(self) -> int | None:
        """Returns the version that priced it; None of an amount, and of several items."""
        return self.items[0].version if len(self.items) == 1 else None

    def usage(self, listed: bool) -> dict[str, Any]:
        """Returns what an entry says of it; ``listed``: the request had a list of items."""
        if not self.items:
            return {}
        kept = [one.kept(self.time) for one in self.items]
        quoted = {"quoted": True} if self.quoted else {}
        if not listed:
            return {"usage": kept[0], **quoted}
        return quoted | {
            "usage": [{**one, "steps": str(part.steps)} for one, part in zip(kept, self.parts, strict=True)]
        }

    def give_up_fractions(self, held: int) -> None:
        """Takes no more than is held where a fraction of earlier events makes the difference: it is carried on."""
        for at, (part, item) in enumerate(zip(self.parts, self.items, strict=True)):
            if self.steps > held and part.steps > floor(item.exact):
                self.parts[at] = part._replace(steps=part.steps - 1)
                self.rests[item.usage.meter] = self.rests.get(item.usage.meter, Fraction(0)) + 1
                self.steps -= 1


def price(draft: Draft, usages: Sequence[Usage], cards: Cards, at: int, precision: int) -> list[PricedUsage]:
    """Prices each item by the version that is in force at the instant of its use, as an event of its own.

    Raises:
        PolicyViolation: no version of a card is in force, or none of its prices fits the dimensions.
    """
    versions = versions_for(draft, usages, cards, at)
    priced = []
    for usage, rate, counted in zip(usages, versions, count(draft, usages, versions, at), strict=True):
        before = counted.before if counted else Fraction(0)
        exact = rates.cost(rate, usage.quantity, usage.dimensions, precision, before)
        priced.append(_priced(usage, exact, rate, counted))
    return priced


def _priced(usage: Usage, exact: Fraction, rate: RateVersion, counted: Counted | None) -> PricedUsage:
    """Returns an item with what is to be known of its price later."""
    over = rates.period_of(rate.price, usage.dimensions) if counted else None
    return PricedUsage(usage, exact, rate.version, counted, is_own(rate), over)


def versions_for(draft: Draft, usages: Sequence[Usage], cards: Cards, at: int) -> list[RateVersion]:
    """Returns for each item the version that prices it at an instant: the account's own before the meter's.

    Raises:
        PolicyViolation: no version of a card is in force yet.
    """
    need_own(draft, meters_of(usages))
    return [version_for(draft, usage.meter, cards, at) for usage in usages]


def need_own(draft: Draft, meters: Sequence[str]) -> None:
    """Asks at once for the account's own cards of these meters, where it has such."""
    if draft.own_rates:
        # Imported where an account has cards of its own: no other request pays for it.
        from scrip.domain.wallets import own_rates

        own_rates.need(draft, meters)


def version_for(draft: Draft, meter: str, cards: Cards, at: int) -> RateVersion:
    """Returns the version that prices a meter for the account at an instant. Raises as ``versions_for``."""
    if draft.own_rates:
        from scrip.domain.wallets import own_rates

        if own := own_rates.in_force(draft, meter, at):
            return own
    return in_force(cards(meter), at)


def is_own(rate: RateVersion) -> bool:
    """Tells whether a version is of an account's own card. Others are of no other class."""
    return type(rate) is not RateVersion


def count(
    draft: Draft, usages: Sequence[Usage], versions: Sequence[RateVersion], at: int
) -> list[Counted | None]:
    """Returns what each item adds to a counter, after those before it; None where its price goes by no period.

    Args:
        versions: of each item, that which prices it.
        at: when they were used.

    Raises:
        PolicyViolation: ``no_price``: a card has no price for the dimensions.
    """
    rated = list(zip(usages, versions, strict=True))
    if not any("over" in rates.choose(rate.price, usage.dimensions)[0] for usage, rate in rated):
        return [None] * len(rated)
    # Imported where a price goes by a period: no other request pays for it.
    from scrip.domain.wallets import counters

    found = [counters.counter_of(rate, usage.meter, usage.dimensions, at) for usage, rate in rated]
    counters.need(draft, [one for one in found if one])
    counts = counters.Counts(draft)
    return [
        counts.add(one, usage.quantity) if one else None for one, usage in zip(found, usages, strict=True)
    ]


def price_together(
    draft: Draft,
    usages: Sequence[Usage],
    versions: Sequence[RateVersion],
    at: int,
    tally: Tally,
    precision: int,
) -> list[PricedUsage]:
    """Prices items of one hold, together with all that the tally has counted of it.

    Raises:
        PolicyViolation: ``no_price``: a card has no price for the dimensions. ``max_hold_prices``: too many different
            dimensions are counted together.
    """
    priced = []
    for usage, rate, counted in zip(usages, versions, count(draft, usages, versions, at), strict=True):
        exact = tally.add(usage, rate, precision, counted.before if counted else None)
        priced.append(_priced(usage, exact, rate, counted))
    return priced


def price_over(
    rate: RateVersion, meter: str, dimensions: Mapping[str, str], at: int, precision: int
) -> CountedPrice | None:
    """Returns the price for these dimensions, if it goes by what was used in the period of an instant; else None.

    Raises:
        PolicyViolation: ``no_price``: the card has no price for the dimensions.
    """
    if "over" not in rates.choose(rate.price, dimensions)[0]:
        return None
    from scrip.domain.wallets.counters import CountedPrice, counter_of

    counter = counter_of(rate, meter, dimensions, at)
    return CountedPrice(counter, rate, precision) if counter else None


def keep_counts(draft: Draft, items: Sequence[PricedUsage]) -> None:
    """Adds what was used to the wallet's counters."""
    counted = [one.counted for one in items if one.counted]
    if not counted:
        return
    from scrip.domain.wallets import counters

    sums: dict[CountedPeriod, Fraction] = {}
    for one in counted:
        sums[one.counter] = sums.get(one.counter, Fraction(0)) + one.quantity
    counters.add(draft, sums)


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
