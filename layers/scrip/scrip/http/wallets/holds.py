"""Holds: the bodies and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, WithJsonSchema

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.ids import hold_id, lot_id
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import OverCapture, Unit
from scrip.domain.wallets.holds import Hold
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import LONGER_THAN_NOTHING, Amount, Identifier, MovementBody, NamedBody
from scrip.http.edge.parameters import format_instant
from scrip.http.wallets.movements import MovedView, moved_view
from scrip.services.wallets.holds import CaptureHold, ExtendHold, PlaceHold, ReleaseHold, check_expires_in

if TYPE_CHECKING:
    from scrip.domain.wallets.holds import Status as HoldStatus
    from scrip.http.edge.forms import At, Credits, HoldId, LotId, Name

DEFAULT_HOLD = "PT15M"


HoldDuration = Annotated[
    str,
    AfterValidator(check_expires_in),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": LONGER_THAN_NOTHING}),
]


class HoldBody(MovementBody):
    """Credits to set aside until a deadline."""

    amount: Amount
    """How many credits: a decimal string, more than zero, with no more decimals than the unit has."""
    expires_in: HoldDuration = DEFAULT_HOLD
    """How long the credits are set aside, from now on; seven days at most, ISO 8601."""
    over_capture: OverCapture | None = None
    """What a capture of more than is held does. Left out: as the unit's policy says."""
    meter: Identifier | None = None
    """What the hold is for, where lots are bound to meters."""

    def command(self) -> PlaceHold:
        return PlaceHold(**self.members_of(PlaceHold))


class CaptureBody(NamedBody):
    """What is spent of the credits that a hold set aside."""

    may_be_missing: ClassVar[bool] = True
    amount: Amount | None = None
    """How many of the held credits to spend. Left out: all of them."""
    final: bool = True
    """Whether the rest is given back."""

    def command(self, seq: int) -> CaptureHold:
        return CaptureHold(seq, **self.members_of(CaptureHold))


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
    """The meter it is for, where lots are bound to meters."""
    draws: list[HeldDrawView]
    """The lots that it was set aside from."""


class HeldView(MovedView):
    """The entry, the balance right after it, and the hold."""

    hold: HoldView
    """The hold, as it was right after the entry."""


def held_view(entry: Entry, unit: Unit, hold: Hold) -> HeldView:
    """Shows an entry of a hold, with the hold as it was right after it."""
    return {**moved_view(entry, unit), "hold": hold_view(hold, entry.account, unit)}


def hold_view(hold: Hold, account: str, unit: Unit) -> HoldView:
    """Shows a hold of the account.

    ``draws`` are what was set aside, ``captured`` includes what was captured beyond it.
    """
    precision = unit.precision
    return {
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
