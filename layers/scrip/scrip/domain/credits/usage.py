"""Usage: so much of a meter, how entries keep it, and what quantities cost that are counted together.

Does not own what a price means (``rates``), nor the fractions that a wallet's meters carry
(``services.wallets.pricing``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Self

from scrip.domain.credits import rates
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.steps import format_amount

if TYPE_CHECKING:
    from scrip.domain.credits.entries import Entry

QUANTITY_DECIMALS: Final = 18
"""Decimals that a quantity has at most."""
ITEMS: Final = 20
"""Items of one request: what one call of a model, or one job, uses; each may touch a carry of its own."""
COUNTED: Final = 100
"""Quantities that one hold counts, each of a meter and dimensions: they lie in the hold, and so in its entries."""

Counted = tuple[str, tuple[tuple[str, str], ...]]
"""A meter and an event's dimensions, sorted: what is counted together."""


@dataclass(frozen=True, slots=True)
class Usage:
    """So much of a meter, and what chooses among its prices."""

    meter: str
    quantity: Fraction
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Returns it as fingerprints have it."""
        return {"meter": self.meter, "quantity": str(self.quantity), "dimensions": dict(self.dimensions)}

    def kept(self, version: int, time: int | None = None) -> dict[str, Any]:
        """Returns it as entries keep it, with the version of the rate card that priced it.

        ``time``: when it was used, in epoch milliseconds; None: when the entry was booked.
        """
        kept = {
            "meter": self.meter,
            "quantity": written(self.quantity),
            "dimensions": dict(self.dimensions),
            "rate_version": version,
        }
        return kept if time is None else {**kept, "time": time}


@dataclass(slots=True)
class Tally:
    """Quantities that are counted together: three and then four cost what seven cost, less what three did.

    Attributes:
        quantities: how much was counted of each meter with certain dimensions.
        costs: by meter, the most that its quantities have cost so far, in steps: a volume price may fall as more is
            counted, and what was taken stays taken.
        over: by name in ``quantities``, the credits of quantities whose price is over a period: these go on from what
            the wallet had used before each.
    """

    quantities: dict[Counted, Fraction] = field(default_factory=dict)
    costs: dict[str, Fraction] = field(default_factory=dict)
    over: dict[Counted, Fraction] = field(default_factory=dict)

    def add(
        self, usage: Usage, rate: RateVersion, precision: int, before: Fraction | None = None
    ) -> Fraction:
        """Counts the usage, and returns what it costs in steps of a unit of this precision, on top of all before it.

        Args:
            before: what the wallet had used in the period before it; None where the price is not over one.

        Raises:
            PolicyViolation: ``no_price``: the card has no price for these dimensions. ``max_hold_prices``: too many
                different dimensions are counted together.
        """
        name = (usage.meter, tuple(sorted(usage.dimensions.items())))
        self.quantities[name] = self.quantities.get(name, Fraction(0)) + usage.quantity
        if len(self.quantities) > COUNTED:
            raise PolicyViolation(
                f"one hold counts at most {COUNTED} different meters and dimensions", policy="max_hold_prices"
            )
        if before is not None:
            credits = rates.credits_of(rate, usage.quantity, usage.dimensions, before)
            self.over[name] = self.over.get(name, Fraction(0)) + credits
        whole = sum(
            (self._cost(one, rate, precision) for one in self.quantities if one[0] == usage.meter),
            Fraction(0),
        )
        before = self.costs.get(usage.meter, Fraction(0))
        self.costs[usage.meter] = max(before, whole)
        return self.costs[usage.meter] - before

    def _cost(self, name: Counted, rate: RateVersion, precision: int) -> Fraction:
        """Returns what all that is counted under a name costs, in steps."""
        if name in self.over:
            return max(Fraction(rate.minimum), self.over[name]) * Fraction(10**precision)
        return rates.cost(rate, self.quantities[name], dict(name[1]), precision)

    def to_json(self) -> dict[str, Any]:
        """Returns the tally as JSON values."""
        over = [[meter, dict(dimensions), str(one)] for (meter, dimensions), one in self.over.items()]
        return {
            **({"over": over} if over else {}),
            "quantities": [
                [meter, dict(dimensions), str(quantity)]
                for (meter, dimensions), quantity in self.quantities.items()
            ],
            "costs": {meter: str(cost) for meter, cost in self.costs.items()},
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any] | None) -> Self:
        """Reads what ``to_json`` gave; None is a tally of nothing."""
        if body is None:
            return cls()
        quantities, over = (
            {
                (meter, tuple(sorted(dimensions.items()))): Fraction(one)
                for meter, dimensions, one in body.get(name, ())
            }
            for name in ("quantities", "over")
        )
        return cls(quantities, {meter: Fraction(cost) for meter, cost in body["costs"].items()}, over)


def usages_of(entry: Entry) -> Sequence[Mapping[str, Any]]:
    """Returns what an entry says that was counted: one or several items as it keeps them; nothing of an amount."""
    said = entry.extra.get("usage")
    if said is None:
        return ()
    return (said,) if isinstance(said, Mapping) else said


def meters_of_draws(entry: Entry) -> list[str | None]:
    """Returns the meter that each draw of an entry spends credits for, or sets them aside for; None: for none.

    The items of a page that are of no meter are the last. What says no usage is of its hold's meter.
    """
    usage, items = entry.extra.get("usage"), entry.extra.get("items")
    if items:
        named: list[str | None] = [*(one["meter"] for one in usages_of(entry)), None]
        return [named[item] for item in items]
    only = usage["meter"] if isinstance(usage, Mapping) else entry.extra.get("hold", {}).get("meter")
    return [only] * len(entry.draws)


def written(quantity: Fraction) -> str:
    """Returns a quantity as a decimal text."""
    return format_amount(int(quantity * 10**QUANTITY_DECIMALS), QUANTITY_DECIMALS)


def meters_of(usages: Sequence[Usage]) -> list[str]:
    """Returns the meters of these usages, each once, in their order."""
    return list(dict.fromkeys(one.meter for one in usages))
