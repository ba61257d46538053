"""Holds: the bodies and the answers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, WithJsonSchema

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.holds import Hold
from scrip.http.edge.bodies import LONGER_THAN_NOTHING, Amount, Identifier, MovementBody
from scrip.http.edge.parameters import format_instant
from scrip.http.wallets.lots import lot_id
from scrip.services.wallets.holds import CaptureHold, ExtendHold, PlaceHold, ReleaseHold, check_expires_in

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
    over_capture: Literal["refuse", "burn_extra"] | None = None
    """What a capture of more than is held does. Left out: as the unit's policy says."""
    meter: Identifier | None = None
    """What the hold is for, where lots are bound to meters."""

    def command(self) -> PlaceHold:
        return PlaceHold(self.amount, self.expires_in, self.over_capture, self.meter)


class CaptureBody(MovementBody):
    """What is spent of the credits that a hold set aside."""

    may_be_missing: ClassVar[bool] = True
    amount: Amount | None = None
    """How many of the held credits to spend. Left out: all of them."""
    final: bool = True
    """Whether the rest is given back."""

    def command(self, seq: int) -> CaptureHold:
        return CaptureHold(seq, self.amount, self.final)


class ReleaseBody(MovementBody):
    """Why the credits of a hold are given back."""

    may_be_missing: ClassVar[bool] = True

    def command(self, seq: int) -> ReleaseHold:
        return ReleaseHold(seq)


class ExtendBody(MovementBody):
    """A hold's new deadline."""

    may_be_missing: ClassVar[bool] = True
    expires_in: HoldDuration = DEFAULT_HOLD
    """How long they stay set aside, from now on; seven days at most, ISO 8601."""

    def command(self, seq: int) -> ExtendHold:
        return ExtendHold(seq, self.expires_in)


def hold_id(seq: int) -> str:
    """A hold's public name: it is unique within its wallet."""
    return f"hold_{seq}"


def hold_view(hold: Hold, unit: Unit) -> dict[str, Any]:
    """A hold. ``draws`` are what was set aside, ``captured`` includes what was captured beyond it."""
    precision = unit.precision
    return {
        "hold_id": hold_id(hold.seq),
        "amount": format_amount(hold.amount, precision),
        "captured": format_amount(hold.captured + hold.extra, precision),
        "released": format_amount(hold.released, precision),
        "status": hold.status,
        "expires_at": format_instant(hold.expires_at),
        "over_capture": hold.over_capture,
        "meter": hold.meter,
        "draws": [
            {"lot_id": lot_id(lot), "amount": format_amount(steps, precision)} for lot, steps in hold.draws
        ],
    }
