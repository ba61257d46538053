"""Rate cards: the bodies and the answer. What a price means is in ``domain.credits.rates``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_serializer,
    model_validator,
)

from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.rate_cards import RateCard, RateDefinition
from scrip.domain.credits.rates import (
    LARGEST_QUANTITY,
    TABLE_DEPTH,
    TABLE_DIMENSIONS,
    RateVersion,
    parse_quantity,
)
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.domain.credits.usage import written
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import (
    MORE_THAN_ZERO,
    UNIQUE,
    AmountOrZero,
    Body,
    Every,
    Identifier,
    Instant,
    Zone,
    distinct,
)
from scrip.http.edge.parameters import canonical, format_instant
from scrip.services.engine.paging import Found

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Name, Ordinal, UnroundedCredits

TIERS: Final = 50
"""Tiers of one price."""


DIMENSION: Final = 100
"""Characters of a dimension's name, and of its value."""


def _price(value: Any, _union: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Validates a price by the body that its model names.

    The union's own way would put the model into every field's name: ``price.per_unit.credits``.
    """
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    model = value.get("model")
    if not isinstance(model, str) or model not in _PRICES:
        raise ValueError(f"model: must be one of {', '.join(_PRICES)}")
    depth = info.context["depth"] if info.context else 0
    if model == "table" and depth == TABLE_DEPTH:
        raise ValueError(f"model: tables lie at most {TABLE_DEPTH} deep")
    return _PRICES[model].model_validate(value, context={"depth": depth + 1})


ExactCredits = Annotated[AmountOrZero, AfterValidator(canonical)]
"""Credits, perhaps with more decimals than their unit has: fractions of a step are carried."""
Whole = Annotated[int, Field(ge=1, le=LARGEST_QUANTITY)]
COUNTERS: Final = 100
"""Prices of one card that go by a period: each may become a count of its own in a wallet's record of the period."""


def _bound(value: Any) -> int | str:
    """Reads a tier's bound; a whole number stays one, however it was written."""
    try:
        quantity = parse_quantity(value)
    except InvalidRequest as error:
        raise ValueError(error.facts["errors"][0]["message"]) from error
    return quantity.numerator if quantity.denominator == 1 else written(quantity)


Bound = Annotated[
    int | str,
    BeforeValidator(_bound),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": LARGEST_QUANTITY},
                {"type": "string", "pattern": MORE_THAN_ZERO},
            ]
        }
    ),
]
Dimension = Annotated[str, StringConstraints(min_length=1, max_length=DIMENSION)]
Values = Annotated[str, StringConstraints(min_length=1, max_length=(DIMENSION + 1) * TABLE_DIMENSIONS)]
"""The values of a table's dimensions, joined by slashes."""


class PerUnitBody(Body):
    """So much for each one."""

    model: Literal["per_unit"]
    """Each one costs so much."""
    credits: ExactCredits
    """What each one costs."""


PackageRounding = Literal["up", "down", "half_up"]
"""How a part of a package is counted."""


class PackageBody(Body):
    """So much for each package of a size; a part of one is rounded."""

    model: Literal["package"]
    """Each package costs so much."""
    size: Whole
    """How much of the meter one package is."""
    credits: ExactCredits
    """What each package costs."""
    rounding: PackageRounding = "up"
    """What becomes of a package that is begun."""


class TierBody(Body):
    """From where the tier before ends to ``up_to``, that included; null is without an end."""

    up_to: Bound | None
    """The most of the quantity that it covers, that included: a whole number or a decimal string; null in the last, and
    only there."""
    credits: ExactCredits
    """What each one costs."""


class TieredBody(Body):
    """Each slice of a quantity by its own tier, or (``volume``) all of it by the tier that it falls into."""

    model: Literal["graduated", "volume"]
    """`graduated`: each slice of the quantity at its own tier. `volume`: all of it at the tier it reaches."""
    over: Every | None = None
    """A period of the calendar, such as `P1M`: the tiers go on from what the account has used in it before. Null: each
    event begins anew. Months begin with the 1st, weeks with Monday; of several, the first began on 1 January 1973."""
    time_zone: Zone | None = None
    """By whose clocks that period begins: an IANA name. Left out: UTC. Only together with `over`."""
    tiers: Annotated[list[TierBody], Field(min_length=1, max_length=TIERS)]
    """In order of `up_to`."""

    @model_validator(mode="after")
    def _ascending(self) -> TieredBody:
        """Refuses tiers that do not go up, or of which not the last alone has no end."""
        *bounded, last = [tier.up_to for tier in self.tiers]
        below = Fraction(0)
        for index, up_to in enumerate(bounded):
            if up_to is None:
                raise ValueError(f"tiers.{index}.up_to: must be a number: only the last tier has null")
            if Fraction(up_to) <= below:
                raise ValueError(f"tiers.{index}.up_to: must be more than in the tier before")
            below = Fraction(up_to)
        if last is not None:
            raise ValueError(f"tiers.{len(bounded)}.up_to: must be null in the last tier")
        if self.over is None and self.time_zone is not None:
            raise ValueError("time_zone: send it only together with over")
        return self

    @model_serializer(mode="wrap")
    def _stored(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leaves the period out where there is none: cards of before stay what they are."""
        kept: dict[str, Any] = handler(self)
        if self.over is None:
            del kept["over"], kept["time_zone"]
        else:
            kept["time_zone"] = self.time_zone or "UTC"
        return kept


class TableBody(Body):
    """Prices by what an event says of its dimensions: keys are their values, joined by slashes."""

    model: Literal["table"]
    """Dimensions choose the price."""
    by: Annotated[
        list[Dimension],
        Field(min_length=1, max_length=TABLE_DIMENSIONS, json_schema_extra=UNIQUE),
        AfterValidator(distinct),
    ]
    """The dimensions that choose."""
    prices: Annotated[dict[Values, Price], Field(min_length=1)]
    """Prices by the values of these dimensions, joined by slashes."""

    @model_validator(mode="after")
    def _reachable(self) -> TableBody:
        """Refuses a key that has too few values for the table's dimensions."""
        for values in self.prices:
            if values.count("/") < len(self.by) - 1:
                raise ValueError(
                    f"prices: {values[:DIMENSION]} must be a value of each of {', '.join(self.by)}, joined by slashes"
                )
        return self


Price = Annotated[
    PerUnitBody | PackageBody | TieredBody | TableBody, Field(discriminator="model"), WrapValidator(_price)
]
_PRICES: Final[dict[str, type[Body]]] = {
    "per_unit": PerUnitBody,
    "package": PackageBody,
    "graduated": TieredBody,
    "volume": TieredBody,
    "table": TableBody,
}


class VersionBody(Body):
    """A price, from an instant on."""

    effective_at: Instant | None = None
    """From when on this version is in force. Left out: as soon as that can be. A meter's own price begins a minute from
    now or later, when all can know it, and its first version since ever; an account's own at once."""
    minimum: ExactCredits = "0"
    """What an event costs at least, in credits."""
    price: Price
    """What an event costs."""

    @model_validator(mode="after")
    def _one_period(self) -> VersionBody:
        """Refuses prices of one card that go by different periods, or too many that go by one."""
        over = list(_over(self.price))
        if len(set(over)) > 1:
            raise ValueError("price: all prices of one card have the same over and time_zone")
        if len(over) > COUNTERS:
            raise ValueError(f"price: at most {COUNTERS} prices of one card may have over")
        return self

    def in_unit(self, unit: str) -> RateDefinition:
        """Returns the version that the body defines, without a number."""
        return RateDefinition(unit, self.effective_at, self.minimum, self.price.model_dump())


class RateBody(VersionBody):
    """The price of a meter, from an instant on."""

    unit: Identifier = DEFAULT_UNIT
    """The unit that it is priced in; the same for all versions."""

    def definition(self) -> RateDefinition:
        """Returns the version that the body defines, without a number."""
        return self.in_unit(self.unit)


def _over(price: Any) -> Iterator[tuple[str, str]]:
    """Yields the period of each price that has one."""
    if isinstance(price, TableBody):
        for one in price.prices.values():
            yield from _over(one)
    elif isinstance(price, TieredBody) and price.over is not None:
        yield price.over, price.time_zone or "UTC"


PriceView = Mapping[str, Any]
"""What an event costs. Its component is that of the body's price."""


class RateVersionView(TypedDict):
    """What an event of a meter costs, from an instant on."""

    effective_at: At
    """From when on it is in force, until another is."""
    minimum: UnroundedCredits
    """What an event costs at least."""
    price: PriceView
    """What an event costs."""
    version: Ordinal
    """Counts the versions."""


class RateCardView(RateVersionView):
    """A meter's rate card: one version of it, and all that are kept."""

    meter: Name
    """What is counted."""
    unit: Name
    """The unit that it is priced in."""
    versions: list[RateVersionView]
    """The versions that are kept, oldest first."""


class RateCardPageView(TypedDict):
    """Rate cards as they are now, by their meters."""

    items: list[RateCardView]
    """The rate cards."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def rate_card_page_view(found: Found[str, RateCard]) -> RateCardPageView:
    """Shows rate cards."""
    items, cursor = pages.shown(found, lambda card: rate_view(card, card.newest))
    return {"items": items, "next_cursor": cursor}


def rate_view(card: RateCard, version: RateVersion) -> RateCardView:
    """Shows a meter's rate card: one version of it, and then all that are kept, oldest first."""
    return {
        "meter": card.meter,
        "unit": version.unit,
        **rate_version_view(version),
        "versions": [rate_version_view(one) for one in card.versions],
    }


def rate_version_view(version: RateVersion) -> RateVersionView:
    """Shows one version of a rate card."""
    return {
        "effective_at": format_instant(version.effective_at),
        "minimum": version.minimum,
        "price": version.price,
        "version": version.version,
    }
