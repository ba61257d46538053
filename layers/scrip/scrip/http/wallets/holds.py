"""Holds: the bodies and the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, WithJsonSchema, model_validator

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.ids import hold_id, lot_id
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import OverCapture, Unit
from scrip.domain.credits.usage import Tally, written
from scrip.domain.wallets.holds import Hold
from scrip.domain.wallets.sidecar_lists import PlacedHold
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import LONGER_THAN_NOTHING, Amount, Identifier, NamedBody, UseBody
from scrip.http.edge.parameters import format_instant
from scrip.http.wallets.movements import MovedView, moved_view
from scrip.http.wallets.usage import Dimensions, Items, Quantity, QuoteToken, price_lock, usages
from scrip.services.engine.paging import Found
from scrip.services.wallets.holds import CaptureHold, ExtendHold, PlaceHold, ReleaseHold, check_expires_in

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.domain.wallets.holds import Status as HoldStatus
    from scrip.http.edge.forms import At, Count, Credits, HoldId, LotId, Name
    from scrip.http.edge.forms import Quantity as CountedQuantity

DEFAULT_HOLD = "PT15M"


HoldDuration = Annotated[
    str,
    AfterValidator(check_expires_in),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": LONGER_THAN_NOTHING}),
]


class HoldBody(UseBody):
    """Credits to set aside until a deadline."""

    amount: Amount | None = None
    """How many credits: a decimal string, more than zero, with no more decimals than the unit has. This, or `meter` and
    `quantity`, or `items`."""
    expires_in: HoldDuration = DEFAULT_HOLD
    """How long the credits are set aside, from now on; seven days at most, ISO 8601."""
    over_capture: OverCapture | None = None
    """What a capture of more than is held does. Left out: as the unit's policy says."""
    meter: Identifier | None = None
    """What the hold is for: lots bound to it may pay, and its rate card prices a quantity."""
    quantity: Quantity | None = None
    """How much of the meter to set credits aside for: a decimal string or a whole number, more than zero."""
    dimensions: Dimensions | None = None
    """What chooses among the prices of a rate card that is a table."""
    items: Items | None = None
    """Usage of several meters to set credits aside for, in one hold."""
    quote: QuoteToken | None = None
    """What a quote of just this with `lock_for` gave: as much is set aside as was quoted."""
    lease: bool = False
    """Whether one process spends it in memory, and settles it from time to time. A lease is of an amount, perhaps for a
    `meter`, and its holder never spends more than it has."""

    @model_validator(mode="after")
    def _amount_or_quantity(self) -> HoldBody:
        if [self.amount, self.quantity, self.items].count(None) != 2:
            raise ValueError("amount: send either this, or meter and quantity, or items")
        if self.quantity is not None and self.meter is None:
            raise ValueError("meter: send it together with quantity")
        if self.items is not None and self.meter is not None:
            raise ValueError("meter: each item names its own")
        if self.quantity is None and self.dimensions is not None:
            raise ValueError("dimensions: send them only together with quantity")
        if self.lease and self.amount is None:
            raise ValueError("amount: a lease is of an amount: send it")
        if self.lease and self.over_capture is not None:
            raise ValueError("over_capture: leave it out: no more is spent of a lease than it has")
        return self

    def command(self) -> PlaceHold:
        more = {"items": usages(self.items), "lock": price_lock(self.quote)}
        return PlaceHold(**{**self.members_of(PlaceHold), **more})


class CaptureBody(NamedBody):
    """What is spent of the credits that a hold set aside."""

    may_be_missing: ClassVar[bool] = True
    amount: Amount | None = None
    """How many of the held credits to spend. Left out, and no quantity or items either: all of them."""
    quantity: Quantity | None = None
    """How much of the hold's meter was used, priced as when the hold was placed, together with what was captured of it
    before."""
    dimensions: Dimensions | None = None
    """What chooses among the prices of a rate card that is a table."""
    items: Items | None = None
    """Usage of the meters that the hold is for, priced in the same way."""
    quote: QuoteToken | None = None
    """What a quote of just this with `lock_for` gave: it costs what was quoted."""
    final: bool = True
    """Whether the rest is given back."""

    @model_validator(mode="after")
    def _amount_or_quantity(self) -> CaptureBody:
        if [self.amount, self.quantity, self.items].count(None) < 2:
            raise ValueError("amount: send only one of this, quantity and items")
        if self.quantity is None and self.dimensions is not None:
            raise ValueError("dimensions: send them only together with quantity")
        return self

    def command(self, seq: int) -> CaptureHold:
        more = {"items": usages(self.items), "lock": price_lock(self.quote)}
        return CaptureHold(seq, **{**self.members_of(CaptureHold), **more})


class ReleaseBody(NamedBody):
    """Why the credits of a hold are given back."""

    may_be_missing: ClassVar[bool] = True

    def command(self, seq: int) -> ReleaseHold:
        return ReleaseHold(seq)


class ExtendBody(NamedBody):
    """A hold's new deadline."""

    may_be_missing: ClassVar[bool] = True
    expires_in: HoldDuration = DEFAULT_HOLD
    """How long they stay set aside, from now on; seven days at most, ISO 8601."""

    def command(self, seq: int) -> ExtendHold:
        return ExtendHold(seq, **self.members_of(ExtendHold))


class CountedView(TypedDict):
    """What was captured of a meter so far: further captures count on from it."""

    meter: Name
    """What was counted."""
    dimensions: dict[str, str]
    """What chooses the price."""
    quantity: CountedQuantity
    """How much of it."""


class HeldDrawView(TypedDict):
    """How much of a hold lies in which lot."""

    lot_id: LotId
    """Where they were set aside."""
    amount: Credits
    """How many credits."""


class HoldView(TypedDict):
    """Credits set aside. They stay capturable until its deadline, even if their lot expires."""

    hold_id: HoldId
    """Its id; no other hold has it."""
    amount: Credits
    """What was set aside."""
    captured: Credits
    """What was spent of it so far, and beyond it."""
    released: Credits
    """What was given back of it so far."""
    status: HoldStatus
    """What became of it; `expired`: timed out."""
    expires_at: At
    """Its deadline: from then on it can be captured no more."""
    over_capture: OverCapture
    """What a capture of more than is held does."""
    meter: Name | None
    """The meter it is for; null without one, and where it is for several."""
    draws: list[HeldDrawView]
    """The lots that it was set aside from."""
    meters: NotRequired[list[Name]]
    """The meters it is for, where there are several."""
    counted: NotRequired[list[CountedView]]
    """What was captured by quantity so far; where something was."""
    lease: NotRequired[bool]
    """True of a lease: its `amount` is all that was ever set aside for it, its `draws` what it still holds."""
    member: NotRequired[Name]
    """Who of the account it is for; where that was said."""
    tags: NotRequired[dict[str, str]]
    """What it is for; where that was said."""
    left: NotRequired[Credits]
    """What it still holds; of a lease."""
    next: NotRequired[Count]
    """The offset that its records go on with; of a lease."""


class HeldView(MovedView):
    """The entry, the balance right after it, and the hold."""

    hold: HoldView
    """The hold, as it was right after the entry."""


class HoldPageView(TypedDict):
    """Holds. Open ones by their deadline, the next first; others by their ids, which is no order of time. With a
    `status` a page looks at 1 000 of them at most: it may be short, or empty, and yet have a `next_cursor`."""

    items: list[HoldView]
    """The holds."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def hold_page_view(
    account: str, placed: Sequence[PlacedHold], following: str | None, unit: Unit
) -> HoldPageView:
    """Shows these holds of the account. ``following`` is the place that the list goes on after."""
    found = Found([(place, hold) for hold, place in placed], following)
    items, cursor = pages.shown(found, lambda hold: hold_view(hold, account, unit))
    return {"items": items, "next_cursor": cursor}


def held_view(entry: Entry, unit: Unit, hold: Hold) -> HeldView:
    """Shows an entry of a hold, with the hold as it was right after it."""
    return {**moved_view(entry, unit), "hold": hold_view(hold, entry.account, unit)}


def hold_view(hold: Hold, account: str, unit: Unit) -> HoldView:
    """Shows a hold of the account.

    ``draws`` are what was set aside, ``captured`` includes what was captured beyond it.
    """
    precision = unit.precision
    view: HoldView = {
        "hold_id": hold_id(account, unit.unit, hold.seq),
        "amount": format_amount(hold.amount, precision),
        "captured": format_amount(hold.captured + hold.extra, precision),
        "released": format_amount(hold.released, precision),
        "status": hold.status,
        "expires_at": format_instant(hold.expires_at),
        "over_capture": hold.over_capture,
        "meter": hold.meter,
        "draws": [
            {"lot_id": lot_id(account, unit.unit, lot), "amount": format_amount(steps, precision)}
            for lot, steps in hold.draws
        ],
    }
    if hold.split is not None:
        view["meters"] = hold.meters
    if hold.tally is not None:
        view["counted"] = [
            {"meter": meter, "dimensions": dict(dimensions), "quantity": written(quantity)}
            for (meter, dimensions), quantity in Tally.from_json(hold.tally).quantities.items()
        ]
    if hold.member is not None:
        view["member"] = hold.member
    if hold.tags:
        view["tags"] = dict(sorted(hold.tags.items()))
    if hold.lease is not None:
        view |= {"lease": True, "left": format_amount(hold.held, precision), "next": hold.lease["next"]}
    return view
