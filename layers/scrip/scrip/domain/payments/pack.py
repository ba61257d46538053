"""A pack: what is sold, what it gives and costs, and the JSON that it is stored as.

Owns the rules of prices and of bonuses. Does not own the terms of sale (``sale_terms``), nor what a buyer agreed to
(``order``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Final, Literal, Self

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.calendar import EndOf
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.lifetimes import Lifetime, lifetime_json, lifetime_of
from scrip.domain.credits.lots import Money
from scrip.domain.credits.terms import Rollover, RolloverTerms

TaxPoint = Literal["purchase", "redemption"]
"""When tax is due: at the payment, or when the credits are burned."""
ORDER_EXPIRES_IN: Final = "P1D"
"""How long an order is open where its pack does not say it: as long as a provider's checkout session."""
ON_DEMAND: Final = "_on_demand"
"""How the name of a product ends under which what a buyer pays with is kept, after the provider's."""


@dataclass(frozen=True, slots=True)
class Bonus:
    """Credits on top of the packs' own, from a quantity up. Either ``credits`` or ``percent`` is None.

    Attributes:
        credits: a decimal of the pack's unit, for the whole order.
        percent: a decimal, of the credits of all packs of the order.
    """

    from_quantity: int
    credits: str | None = None
    percent: str | None = None

    def steps(self, own: int, precision: int, field: str = "bonus.credits") -> int:
        """Returns the credit steps on top of ``own``. A percentage is rounded down to the step.

        Args:
            own: credit steps of the packs themselves.
            precision: decimals of the pack's unit.
            field: the name that an error gives.

        Raises:
            PrecisionExceeded, AmountOutOfRange, InvalidRequest: the credits are no amount of the unit.
        """
        if self.credits is not None:
            return parse_amount(self.credits, precision, field, zero=True)
        return int(own * Fraction(self.percent or 0) / 100)


@dataclass(frozen=True, slots=True)
class Pack:
    """One version of a pack. The fields after ``pack`` stand in the order of the stored JSON.

    Attributes:
        credits: a decimal of the unit, as it was put.
        price, prices: of one pack, without tax: in its own currency, and in others.
        every: the period of a subscription (ISO 8601); None for a single payment.
        expires_in: how long the credits live (ISO 8601); None where the unit's policy decides, or (``never_expires``)
            where they live for ever.
        time_zone, end_of: of ``expires_in``, as of a ``Lifetime``.
        order_expires_in: how long an order of it is open (ISO 8601).
        terms: the seller's own text, which is added to what is made from the pack and the unit's policy; None: none.
        provider_refs: the pack's product at each provider that there was when the pack was put; and, where it has one,
            the product under which a provider keeps what a buyer pays with (``<provider>_on_demand``).
        version: 1 and up; 0 before it is stored.
        rollover: what becomes of what is left of a period's credits at their end, of one pack; None: it is lost.
        breakage_rate: the share of its credits that nobody is expected to spend, a decimal; None: that is not known.
        breakage_rates: since when (epoch milliseconds) which share was expected, the first first: an estimate of all
            its lots, also of those that were sold before.
    """

    pack: str
    unit: str
    credits: str
    price: Money
    prices: tuple[Money, ...]
    every: str | None
    bonus: tuple[Bonus, ...]
    expires_in: str | None
    priority: int
    tax_point: TaxPoint
    terms: str | None
    provider_refs: Mapping[str, str | None]
    version: int = 0
    time_zone: str = "UTC"
    end_of: EndOf | None = None
    never_expires: bool = False
    order_expires_in: str = ORDER_EXPIRES_IN
    rollover: RolloverTerms | None = None
    breakage_rate: str | None = None
    breakage_rates: tuple[tuple[int, str], ...] = ()

    @property
    def lifetime(self) -> Lifetime | None:
        """Returns how long its credits live; None where the unit's policy decides."""
        return lifetime_of(self.expires_in, self.time_zone, self.end_of, self.never_expires)

    def product(self, provider: str, *, on_demand: bool = False) -> str | None:
        """Returns the provider's product, or that under which what a buyer pays with is kept; None: it names none."""
        kept = self.provider_refs.get(f"{provider}{ON_DEMAND}") if on_demand else None
        return kept or self.provider_refs.get(provider)

    def check(self, precision: int) -> None:
        """Checks the amounts of the pack.

        It has to cost something: no provider has a payment for a checkout of nothing, and without one nothing is
        granted.

        Raises:
            PrecisionExceeded, AmountOutOfRange, InvalidRequest: one is no amount of a unit of this precision.
        """
        names = ["price.amount", *(f"prices.{index}.amount" for index in range(len(self.prices)))]
        free = [
            name for name, price in zip(names, (self.price, *self.prices), strict=True) if not price.amount
        ]
        if free:
            said = "must be more than 0: nobody pays nothing; grant credits that cost nothing, or use a promotion"
            raise InvalidRequest([(name, said) for name in free])
        own = parse_amount(self.credits, precision, "credits")
        for index, bonus in enumerate(self.bonus):
            bonus.steps(own, precision, f"bonus.{index}.credits")
        self._carried(precision)

    def _carried(self, precision: int) -> tuple[int, int | None]:
        """Returns the least and the most that are carried on of one pack, in steps; None: no bound.

        Raises:
            PrecisionExceeded, AmountOutOfRange, InvalidRequest: one is no amount of the unit, or the most is below the
                least.
        """
        rule = self.rollover or RolloverTerms()
        least = parse_amount(rule.least, precision, "rollover.min", zero=True)
        most = None if rule.most is None else parse_amount(rule.most, precision, "rollover.max", zero=True)
        if most is not None and most < least:
            raise InvalidRequest([("rollover.max", "must not be less than min")])
        return least, most

    def carries(self, quantity: int, unit_precision: int, lifetime: Lifetime) -> Rollover | None:
        """Returns the rule of the lots of so many packs; None where they have none, or no end.

        What is carried on lives as long as they did, unless the rule says so.
        """
        rule = self.rollover
        if rule is None or lifetime.expires_in is None or self.every is None:
            return None
        least, most = self._carried(unit_precision)
        return Rollover(
            fraction=rule.fraction,
            least=least * quantity,
            most=None if most is None else most * quantity,
            times=rule.max_times,
            expires_in=None if rule.never_expires else rule.expires_in or lifetime.expires_in,
            every=self.every,
            zone=lifetime.time_zone,
            never=rule.never_expires,
            living=rule.living,
        )

    def expected_at(self, instant: int) -> Fraction:
        """Returns the share of its credits that nobody was expected to spend at an instant, epoch milliseconds."""
        said = [rate for since, rate in self.breakage_rates if since <= instant]
        return Fraction(said[-1]) if said else Fraction(0)

    def steps(self, quantity: int, precision: int) -> int:
        """Returns the credit steps that ``quantity`` packs give, with the bonus of the highest quantity reached."""
        own = parse_amount(self.credits, precision, "credits") * quantity
        reached = [bonus for bonus in self.bonus if bonus.from_quantity <= quantity]
        if not reached:
            return own
        return own + max(reached, key=lambda bonus: bonus.from_quantity).steps(own, precision)

    def price_in(self, currency: str | None) -> Money:
        """Returns what one pack costs in ``currency``; in the pack's own where that is None.

        Raises:
            InvalidRequest: the pack has no price in that currency.
        """
        if currency is None:
            return self.price
        known = {price.currency: price for price in (self.price, *self.prices)}
        if currency not in known:
            raise InvalidRequest([("currency", f"the pack has prices in {', '.join(known)} only")])
        return known[currency]

    def to_json(self) -> dict[str, Any]:
        """Returns the pack as plain JSON values, with the members in the order in which they are stored."""
        asked = self.order_expires_in
        return {
            "unit": self.unit,
            "credits": self.credits,
            "price": asdict(self.price),
            "prices": [asdict(price) for price in self.prices],
            "recurring": None if self.every is None else {"every": self.every},
            "bonus": [asdict(bonus) for bonus in self.bonus],
            "expires_in": self.expires_in,
            "priority": self.priority,
            "tax_point": self.tax_point,
            "terms": self.terms,
            "provider_refs": dict(self.provider_refs),
            "version": self.version,
            **lifetime_json(self.time_zone, self.end_of, self.never_expires),
            # Packs without it are stored as they were before there was any.
            **({} if asked == ORDER_EXPIRES_IN else {"order_expires_in": asked}),
            **({"rollover": asdict(self.rollover)} if self.rollover else {}),
            **({} if self.breakage_rate is None else {"breakage_rate": self.breakage_rate}),
            **({"breakage_rates": [list(one) for one in self.breakage_rates]} if self.breakage_rates else {}),
        }

    @classmethod
    def from_json(cls, pack: str, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote, and packs from before there were prices in further currencies.

        Raises:
            KeyError, TypeError: another member is missing, or is not known.
        """
        said = dict(body)
        recurring = said.pop("recurring", None)
        return cls(
            **{
                **said,
                "pack": pack,
                "price": Money(**said["price"]),
                "prices": tuple(Money(**price) for price in said.get("prices", ())),
                "every": recurring["every"] if recurring else None,
                "bonus": tuple(Bonus(**bonus) for bonus in said["bonus"]),
                "rollover": RolloverTerms(**rule) if (rule := said.get("rollover")) else None,
                "breakage_rates": tuple((at, rate) for at, rate in said.get("breakage_rates", ())),
            }
        )
