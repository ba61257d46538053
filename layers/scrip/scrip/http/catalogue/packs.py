"""Packs: the bodies and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, create_model, model_validator

from scrip.domain.credits import limits
from scrip.domain.credits.calendar import EVERY_PATTERN, EndOf, check_every
from scrip.domain.credits.terms import RolloverTerms
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.domain.payments.pack import ORDER_EXPIRES_IN, Bonus, Pack, TaxPoint
from scrip.http.edge import pages
from scrip.http.edge.answers import (
    MoneyView,
    RecurringView,
    TypedDict,
    WarningView,
    money_view,
    recurring_view,
)
from scrip.http.edge.bodies import (
    Amount,
    AmountOrZero,
    Body,
    Duration,
    Identifier,
    Label,
    LifetimeBody,
    MoneyBody,
    Priority,
)
from scrip.http.edge.mistakes import matching, no_number
from scrip.http.edge.parameters import canonical
from scrip.http.wallets.allowances import RolloverBody, RolloverView
from scrip.providers import having
from scrip.services.engine.paging import Found
from scrip.services.payments.charges import doubts, kept_products

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.http.edge.forms import Credits, LotPriority, Name, Ordinal

MAX_PRICES: Final = 50
"""Further currencies of a pack: there are some 150 in all, and a pack is one item."""


LONGEST_PERIOD: Final[Mapping[str, int]] = {"D": 1095, "W": 156, "M": 36, "Y": 3}
"""What a subscription may be charged after at most: three years, which is Stripe's bound, and then Dodo's too."""


def _period(text: str) -> str:
    """Refuses a period longer than any provider takes, with a ``ValueError``."""
    check_every(text)
    if int(text[1:-1]) > LONGEST_PERIOD[text[-1]]:
        raise ValueError("must be at most three years")
    return text


Percent = Annotated[
    str,
    matching(
        r"^(0|[1-9][0-9]{0,3})(\.[0-9]{1,4})?$",
        "must be a decimal string below 10000, with up to four decimals, such as 12.5",
    ),
    BeforeValidator(no_number),
]


class BonusBody(Body):
    """Credits on top, from a quantity up: so many, or so many percent of the packs' own."""

    from_quantity: Annotated[int, Field(ge=1, le=1000)]
    """From how many packs on."""
    credits: AmountOrZero | None = None
    """So many credits. This or `percent`."""
    percent: Percent | None = None
    """So many percent of the packs' own credits, rounded down to the unit's step."""

    @model_validator(mode="after")
    def _one(self) -> BonusBody:
        """Refuses a bonus that is neither an amount nor a percentage, or both."""
        if (self.credits is None) == (self.percent is None):
            raise ValueError("credits: send either this or percent")
        return self


BREAKAGE_PATTERN: Final = r"^0(\.[0-9]{0,5}[1-9])?$"
BREAKAGE_FORM: Final = (
    "must be a decimal from 0 to less than 1, such as 0.2, with up to six decimals and no zeros at its end"
)
BreakageRate = Annotated[str, matching(BREAKAGE_PATTERN, BREAKAGE_FORM)]
"""A share of credits."""


class RecurringBody(Body):
    """How often a buyer is charged, and granted."""

    every: Annotated[str, AfterValidator(_period), Field(json_schema_extra={"pattern": EVERY_PATTERN})]
    """Days, weeks, months or years after which it is paid again: three years at most."""


KEEPING: Final = kept_products()
"""Members of a pack's products under which what buyers pay with is kept. Packs without one are stored as before."""

if TYPE_CHECKING:
    ProviderRefsBody = Body
else:
    # A member for each provider that there is, and for each that needs a product to keep payment methods under.
    ProviderRefsBody = create_model(
        "ProviderRefsBody",
        __base__=Body,
        __module__=__name__,
        __doc__="The pack's product at each provider.",
        **dict.fromkeys(sorted({*having("webhook"), *KEEPING}), (Label | None, None)),
    )


class PackBody(LifetimeBody):
    """What is sold: credits, their price, and the terms of the lots that they become."""

    unit: Identifier = DEFAULT_UNIT
    """The unit of its credits."""
    credits: Amount
    """What one pack gives: a decimal string, more than zero."""
    price: MoneyBody
    """What one pack costs, without tax."""
    prices: Annotated[list[MoneyBody], Field(max_length=MAX_PRICES)] = Field(default_factory=list)
    """What it costs in further currencies, each once."""
    recurring: RecurringBody | None = None
    """Where it is sold as a subscription of the provider's: how often; null: it is paid once."""
    bonus: Annotated[list[BonusBody], Field(max_length=20)] = Field(default_factory=list)
    """What several packs give on top; the highest that is reached counts."""
    priority: Priority = limits.DEFAULT_PRIORITY
    """The priority of its lots: lower is taken first."""
    tax_point: TaxPoint = "purchase"
    """When tax is due: `purchase`: at the payment; `redemption`: when the credits are burned."""
    terms: Annotated[str, StringConstraints(max_length=4000)] | None = None
    """What a buyer agrees to beside what Scrip says itself; null: nothing more."""
    order_expires_in: Duration = ORDER_EXPIRES_IN
    """How long an order of it is open; ISO 8601. A payment that comes later counts all the same."""
    provider_refs: ProviderRefsBody = Field(default_factory=ProviderRefsBody)
    """Its product at each payment provider."""
    rollover: RolloverBody | None = None
    """With `recurring`: what becomes of what is left of a period's credits at their end; null: it expires. `min` and
    `max` are of one pack."""
    breakage_rate: BreakageRate | None = None
    """The share of its credits that nobody is expected to spend, such as `0.2`: for the proportional breakage report
    alone, of all its lots from now on. Null: none is expected."""

    @model_validator(mode="after")
    def _once_each(self) -> PackBody:
        """Refuses a second price in the same currency."""
        currencies = [price.currency for price in (self.price, *self.prices)]
        for index, currency in enumerate(currencies[1:]):
            if currency in currencies[: index + 1]:
                raise ValueError(f"prices.{index}.currency: name each currency once")
        return self

    @model_validator(mode="after")
    def _carries(self) -> PackBody:
        """Refuses a rollover of credits that are bought once, or that do not expire."""
        if self.rollover and self.recurring is None:
            raise ValueError("rollover: send it with recurring: what is bought once is not carried over")
        if self.rollover and self.never_expires:
            raise ValueError(
                "rollover: leave it out, or let the credits expire: what never expires is not carried over"
            )
        return self

    def definition(self, pack_id: str) -> Pack:
        """Returns the pack that the body defines, without a version."""
        return Pack(
            pack=pack_id,
            unit=self.unit,
            credits=self.credits,
            price=self.price.money(),
            prices=tuple(price.money() for price in self.prices),
            every=self.recurring.every if self.recurring else None,
            bonus=tuple(Bonus(one.from_quantity, one.credits, one.percent) for one in self.bonus),
            expires_in=self.expires_in,
            time_zone=self.time_zone,
            end_of=self.end_of,
            never_expires=self.never_expires,
            priority=self.priority,
            tax_point=self.tax_point,
            terms=self.terms,
            order_expires_in=self.order_expires_in,
            provider_refs={
                name: product
                for name, product in self.provider_refs.model_dump().items()
                if product is not None or name not in KEEPING
            },
            rollover=self.rollover.terms() if self.rollover else None,
            breakage_rate=self.breakage_rate,
        )


class BonusView(TypedDict):
    """Credits on top, from a quantity up."""

    from_quantity: Ordinal
    """From how many packs on."""
    credits: Credits | None
    """So many; or null."""
    percent: str | None
    """So many percent of the packs' own; or null."""


ProviderRefsView = Mapping[str, str | None]
"""The pack's product at each provider. Its component has a member for each provider that there is."""


class PackView(TypedDict):
    """Something sold."""

    pack: Name
    """Its id."""
    unit: Name
    """What its credits are counted in."""
    credits: Credits
    """What one pack gives, without bonus."""
    price: MoneyView
    """What one costs, without tax."""
    prices: list[MoneyView]
    """What one costs in further currencies."""
    recurring: RecurringView | None
    """How often it is paid; null: once."""
    bonus: list[BonusView]
    """What more of them give on top; the highest that is reached counts."""
    expires_in: str | None
    """How long its credits live from the payment on, ISO 8601; null: as the unit's policy says, or (`never_expires`)
    for ever."""
    time_zone: str
    """The zone whose calendar `expires_in` keeps, of the IANA database."""
    end_of: EndOf | None
    """Until the end of the day or month there that `expires_in` ends in."""
    never_expires: bool
    """Whether its credits live for ever, whatever the unit's policy says."""
    priority: LotPriority
    """The priority of its lots."""
    tax_point: TaxPoint
    """When tax is due."""
    terms: str | None
    """What a buyer agrees to beside what Scrip says itself; null: nothing more."""
    order_expires_in: str
    """How long an order of it is open; ISO 8601."""
    provider_refs: ProviderRefsView
    """Its product at each provider."""
    rollover: NotRequired[RolloverView]
    """What becomes of what is left of a period's credits at their end; left out where it expires."""
    breakage_rate: NotRequired[str]
    """The share of its credits that nobody is expected to spend; left out where none is said."""
    version: Ordinal
    """Counts changes."""
    warnings: NotRequired[list[WarningView]]
    """Prices that a provider named in `provider_refs` does not charge, or may not; left out where there are none."""


class PackPageView(TypedDict):
    """Packs as they are now, by their ids."""

    items: list[PackView]
    """The packs."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def rollover_terms_view(rule: RolloverTerms) -> RolloverView:
    """Shows what is carried on of one pack."""
    return {
        "fraction": rule.fraction,
        "min": canonical(rule.least),
        "max": None if rule.most is None else canonical(rule.most),
        "max_of": "living" if rule.living else "carried",
        "max_times": rule.max_times,
        "expires_in": rule.expires_in,
        "never_expires": rule.never_expires,
    }


def pack_page_view(found: Found[str, Pack]) -> PackPageView:
    """Shows packs."""
    items, cursor = pages.shown(found, pack_view)
    return {"items": items, "next_cursor": cursor}


def pack_view(pack: Pack) -> PackView:
    """Shows a pack, with its credits in one spelling: ``10``, never ``10.00``."""
    view: PackView = {
        "pack": pack.pack,
        "unit": pack.unit,
        "credits": canonical(pack.credits),
        "price": money_view(pack.price),
        "prices": [money_view(price) for price in pack.prices],
        "recurring": recurring_view(pack.every),
        "bonus": [
            {
                "from_quantity": one.from_quantity,
                "credits": one.credits and canonical(one.credits),
                "percent": one.percent,
            }
            for one in pack.bonus
        ],
        "expires_in": pack.expires_in,
        "time_zone": pack.time_zone,
        "end_of": pack.end_of,
        "never_expires": pack.never_expires,
        "priority": pack.priority,
        "tax_point": pack.tax_point,
        "terms": pack.terms,
        "order_expires_in": pack.order_expires_in,
        "provider_refs": {**dict.fromkeys(KEEPING), **pack.provider_refs},
        "version": pack.version,
    }
    if pack.rollover:
        view["rollover"] = rollover_terms_view(pack.rollover)
    if pack.breakage_rate is not None:
        view["breakage_rate"] = pack.breakage_rate
    if found := doubts(pack):
        view["warnings"] = [{"field": field, "message": message} for field, message in found]
    return view
