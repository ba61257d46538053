"""Burns: the body, and the answer."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from pydantic import model_validator

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.edge.bodies import Amount, Identifier, UseBody
from scrip.http.wallets.movements import MovedView, moved_view
from scrip.http.wallets.usage import Dimensions, Items, Quantity, QuoteToken, price_lock, usages
from scrip.services.wallets.burns import BurnCredits

if TYPE_CHECKING:
    from scrip.http.edge.forms import Credits

BurnMode = Literal["exact", "up_to"]
"""What a burn does where there is too little: `exact` is refused, `up_to` takes what is there."""


class BurnBody(UseBody):
    """Credits to spend: an amount, so much of a meter, or several items."""

    amount: Amount | None = None
    """How many credits: a decimal string, more than zero. This, or `meter` and `quantity`, or `items`."""
    meter: Identifier | None = None
    """What is counted: its rate card says the price."""
    quantity: Quantity | None = None
    """How much of the meter: a decimal string or a whole number, more than zero."""
    dimensions: Dimensions | None = None
    """What chooses among the prices of a rate card that is a table."""
    items: Items | None = None
    """Usage of several meters, paid in one entry, all or nothing; `up_to` takes what is there, item by item."""
    quote: QuoteToken | None = None
    """What a quote of just this with `lock_for` gave: it costs what was quoted, to the step, as often as it is sent
    until then."""
    mode: BurnMode = "exact"
    """`exact`: all or nothing. `up_to`: what is there, and the answer says what is missing."""

    @model_validator(mode="after")
    def _amount_or_meter(self) -> BurnBody:
        if [self.amount, self.meter, self.items].count(None) != 2:
            raise ValueError("amount: send either this or meter, or items")
        if (self.meter is None) != (self.quantity is None):
            raise ValueError("quantity: send it together with meter, and not alone")
        if self.meter is None and self.dimensions is not None:
            raise ValueError("dimensions: send them only together with meter")
        return self

    def command(self) -> BurnCredits:
        quantity = self.quantity if self.quantity is not None else Fraction(0)
        items = usages(self.items)
        lock = price_lock(self.quote)
        return BurnCredits(self.amount, self.meter, quantity, self.dimensions, self.mode, items, None, lock)


class BurnedView(MovedView):
    """The entry, the balance right after it, and how much was burned."""

    burned: Credits
    """How many credits were spent."""
    missing: Credits
    """How many there were too few; `0` but for `up_to`."""


def burned_view(entry: Entry, unit: Unit) -> BurnedView:
    """Shows a burn: how much was spent, and how much of what was asked for was not there."""
    return {
        **moved_view(entry, unit),
        "burned": format_amount(-entry.amount, unit.precision),
        "missing": format_amount(int(entry.extra["missing"]), unit.precision),
    }
