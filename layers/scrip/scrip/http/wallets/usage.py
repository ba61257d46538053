"""Usage by meter: the members that burns, holds, captures and quotes have in common, and the answers' forms of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from scrip.domain.credits import rates
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.usage import ITEMS, Usage, written
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import MORE_THAN_ZERO, Body, Identifier
from scrip.http.edge.parameters import format_instant

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.http.edge.forms import At, Credits, Name
    from scrip.http.edge.forms import Quantity as CountedQuantity
    from scrip.services.wallets.locks import PriceLock


def _quantity(value: Any) -> Fraction:
    try:
        return rates.parse_quantity(value)
    except InvalidRequest as error:
        raise ValueError(error.facts["errors"][0]["message"]) from error


Quantity = Annotated[
    Fraction,
    BeforeValidator(_quantity),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": MORE_THAN_ZERO},
                {"type": "integer", "minimum": 1, "maximum": rates.LARGEST_QUANTITY},
            ]
        }
    ),
]
DIMENSIONS: Final = 10
DIMENSION: Final = 100
"""Dimensions of one event, and characters of the name and the value of each."""
Dimension = Annotated[str, StringConstraints(min_length=1, max_length=DIMENSION)]
Dimensions = Annotated[dict[Dimension, Dimension], Field(max_length=DIMENSIONS)]


UsageCard = Literal["account"]
"""Whose card a version is of: the account's own."""


class ItemBody(Body):
    """So much of a meter, as one of several items."""

    meter: Identifier
    """What is counted: its rate card says the price."""
    quantity: Quantity
    """How much of the meter: a decimal string or a whole number, more than zero."""
    dimensions: Dimensions | None = None
    """What chooses among the prices of a rate card that is a table."""

    def usage(self) -> Usage:
        """Returns it as the domain has it."""
        return Usage(self.meter, self.quantity, self.dimensions or {})


QuoteToken = Annotated[str, StringConstraints(min_length=1, max_length=8192)]
"""What locks a price."""


def price_lock(token: str | None) -> PriceLock | None:
    """Returns a quote that came with a request, as the services have it."""
    if token is None:
        return None
    # Imported where a price is locked: no other request pays for it.
    from scrip import runtime
    from scrip.services.wallets.locks import PriceLock

    return PriceLock(token, runtime.signing_keys)


Items = Annotated[list[ItemBody], Field(min_length=1, max_length=ITEMS)]


def usages(items: Sequence[ItemBody] | None) -> tuple[Usage, ...] | None:
    """Returns the items as the domain has them."""
    return None if items is None else tuple(one.usage() for one in items)


if TYPE_CHECKING:
    # A member that is a keyword of Python can be declared in no other way.
    PeriodFromView = TypedDict("PeriodFromView", {"from": At})
    """When the period begins."""

    class CountedUsageView(PeriodFromView):
        """What was added to what was used of a meter in a period."""

        to: At
        """When the period ends."""
        dimensions: dict[str, str]
        """What chose the price: with other values something else is counted."""
        before: CountedQuantity
        """How much was used in the period before."""
        quantity: CountedQuantity
        """How much was added."""


class UsageView(TypedDict):
    """What was counted."""

    meter: Name
    """What was counted."""
    quantity: CountedQuantity | None
    """How much of it; null where an amount was held or captured for the meter."""
    dimensions: dict[str, str]
    """What chose the price."""
    rate_version: int | None
    """The version of the rate card that priced it; null of an amount."""
    card: NotRequired[UsageCard]
    """`account` where the version is of the account's own card; left out where it is of the meter's."""
    amount: NotRequired[Credits]
    """What this item cost; where there are several."""
    counted: NotRequired[list[CountedUsageView]]
    """What it added to what was used in a period; where its price goes by that."""
    time: NotRequired[At]
    """When it was used: its price is of then. Left out where that is when it was booked."""


EntryUsage = UsageView | list[UsageView]
"""What was counted: an object where the request named one meter, a list where it had `items`."""


def shown_usage(usage: Any, precision: int) -> EntryUsage:
    """Shows what an entry counted.

    In this order, however the ledger keeps it: a replay is the first answer, to the byte.
    """
    if isinstance(usage, Mapping):
        return _one(usage)
    items: list[UsageView] = [
        {**_one(one), "amount": format_amount(int(one["steps"]), precision)} for one in usage
    ]
    return items


def _one(usage: Mapping[str, Any]) -> UsageView:
    view: UsageView = {
        "meter": usage["meter"],
        "quantity": usage["quantity"],
        "dimensions": dict(sorted(usage["dimensions"].items())),
        "rate_version": usage["rate_version"],
    }
    if "card" in usage:
        view["card"] = usage["card"]
    if "counted" in usage:
        view["counted"] = [_counted(row, usage["quantity"]) for row in usage["counted"]]
    if "time" in usage:
        view["time"] = format_instant(usage["time"])
    return view


def _counted(row: Sequence[Any], quantity: str) -> CountedUsageView:
    """Shows what was added to the use of a period; ``quantity``: the usage's, where the row has none of its own."""
    start, end, before, *more = row
    return {
        "from": format_instant(start),
        "to": format_instant(end),
        "dimensions": dict(sorted(more[0].items())) if more else {},
        "before": written(Fraction(before)),
        "quantity": written(Fraction(more[1] if len(more) > 1 else quantity)),
    }


def amount_usage(meter: str) -> UsageView:
    """Shows the meter of an amount that was held or captured for it."""
    return {"meter": meter, "quantity": None, "dimensions": {}, "rate_version": None}
