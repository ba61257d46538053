"""Quotes of burns, holds and captures: the body and the answer."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Amount, Identifier, UseBody, called
from scrip.http.edge.parameters import format_instant
from scrip.http.wallets.burns import BurnMode
from scrip.http.wallets.entries import DrawView, draw_view
from scrip.http.wallets.holds import DEFAULT_HOLD, HoldDuration
from scrip.http.wallets.usage import Dimensions, EntryUsage, Items, Quantity, shown_usage, usages
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.holds import CaptureHold, PlaceHold
from scrip.services.wallets.quotes import Quotable, Quote

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.http.edge.forms import At, Credits, Name

QuotedOperation = Literal["burn", "hold", "capture"]
"""What is asked about."""


class QuoteBody(UseBody):
    """What is asked about: a burn, as a burn's body says it; or, by `for`, a hold, or a capture of `hold_id`."""

    amount: Amount | None = None
    """How many credits: a decimal string, more than zero. This, or `meter` and `quantity`, or `items`; of a capture all
    three may be left out."""
    meter: Identifier | None = None
    """What is counted: its rate card says the price. A capture has its hold's."""
    quantity: Quantity | None = None
    """How much of the meter: a decimal string or a whole number, more than zero."""
    dimensions: Dimensions | None = None
    """What chooses among the prices of a rate card that is a table."""
    items: Items | None = None
    """Usage of several meters, in one entry."""
    mode: BurnMode = "exact"
    """Of a burn. `exact`: all or nothing. `up_to`: what is there."""
    for_: QuotedOperation = Field(default="burn", alias="for")
    """Whether a burn, a hold or a capture is asked about."""
    hold_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    """The hold that would be captured; its id says the unit."""
    final: bool = True
    """Of a capture: whether the rest is given back."""
    lock_for: HoldDuration | None = None
    """How long the price is to hold, from now on; seven days at most, ISO 8601. The answer has a `quote` then, to be
    sent with the burn, hold or capture."""

    _named = called("for")

    @model_validator(mode="after")
    def _of_one_operation(self) -> QuoteBody:
        given = 3 - [self.amount, self.quantity, self.items].count(None)
        capture = self.for_ == "capture"
        if given > 1 or (given == 0 and not capture):
            raise ValueError("amount: send either this, or meter and quantity, or items")
        if capture != (self.hold_id is not None):
            raise ValueError("hold_id: send it together with for capture, and not alone")
        if capture and self.meter is not None:
            raise ValueError("meter: a capture has its hold's")
        if capture and self.member is not None:
            raise ValueError("member: a capture has its hold's")
        if capture and self.tags:
            raise ValueError("tags: a capture has its hold's")
        if not capture and self.quantity is not None and self.meter is None:
            raise ValueError("quantity: send it together with meter, and not alone")
        if self.for_ == "burn" and self.meter is not None and self.quantity is None:
            raise ValueError("quantity: send it together with meter, and not alone")
        if self.items is not None and self.meter is not None:
            raise ValueError("meter: each item names its own")
        if self.quantity is None and self.dimensions is not None:
            raise ValueError("dimensions: send them only together with quantity")
        if self.mode == "up_to" and self.for_ != "burn":
            raise ValueError("mode: only a burn may take what there is")
        return self

    def command(self, seq: int) -> Quotable:
        """Returns what would be asked for; ``seq`` is the number of the hold."""
        items, used = usages(self.items), (self.quantity, self.dimensions)
        if self.for_ == "hold":
            return PlaceHold(self.amount, DEFAULT_HOLD, None, self.meter, *used, items)
        if self.hold_id is not None:
            return CaptureHold(seq, self.amount, self.final, *used, items)
        return BurnCredits(
            self.amount, self.meter, self.quantity or Fraction(0), self.dimensions, self.mode, items
        )


class QuoteView(TypedDict):
    """What would be done, were it asked for now."""

    amount: Credits
    """What it would cost, or what would be set aside: `burned`, `held` and `missing` together."""
    burned: Credits
    """What would be spent."""
    held: Credits
    """What would be set aside."""
    missing: Credits
    """What would be neither: of `up_to` what is not there, and all of it where it would be refused."""
    draws: list[DrawView]
    """What it would take, in this order; nothing where it would be refused."""
    available_after: Credits
    """What could be spent after it."""
    rate_version: int | None
    """The version of the rate card that priced it; null of an amount, and of several items."""
    allowed: bool
    """Whether it would be carried out."""
    refusal: str | None
    """The code of the refusal that it would meet."""
    budget_id: NotRequired[Name]
    """The budget that would refuse it; where one does."""
    usage: NotRequired[EntryUsage]
    """What would be counted, as the entry would say it; by meter alone."""
    quote: NotRequired[str]
    """What locks this price; where `lock_for` asked for it."""
    quote_expires_at: NotRequired[At]
    """From when on the price holds no more."""


def quote_view(account: str, quote: Quote, unit: Unit) -> QuoteView:
    """Shows what would be done of the account: it has moved nothing."""
    precision = unit.precision
    view: QuoteView = {
        "amount": format_amount(quote.amount, precision),
        "burned": format_amount(quote.burned, precision),
        "held": format_amount(quote.held, precision),
        "missing": format_amount(quote.missing, precision),
        "draws": [draw_view(draw, account, unit) for draw in quote.draws],
        "available_after": format_amount(quote.available_after, precision),
        "rate_version": quote.rate_version,
        "allowed": quote.refusal is None,
        "refusal": quote.refusal,
    }
    if quote.budget is not None:
        view["budget_id"] = quote.budget
    if "usage" in quote.extra:
        view["usage"] = shown_usage(quote.extra["usage"], precision)
    if quote.token is not None:
        view |= {"quote": quote.token, "quote_expires_at": format_instant(quote.token_ends_at)}
    for draw, item in zip(view["draws"], quote.extra.get("items", ()), strict=False):
        draw["item"] = item
    return view
