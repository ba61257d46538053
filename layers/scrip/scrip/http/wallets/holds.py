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
from scrip.services.wallets.holds import HoldTerms, check_expires_in

DEFAULT_HOLD = "PT15M"


HoldDuration = Annotated[
    str,
    AfterValidator(check_expires_in),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": LONGER_THAN_NOTHING}),
]


class HoldBody(MovementBody):
    """``POST /v1/accounts/{account}/holds``. ``meter``: what the hold is for, where lots are bound to meters."""

    amount: Amount
    expires_in: HoldDuration = DEFAULT_HOLD
    over_capture: Literal["refuse", "burn_extra"] | None = None
    meter: Identifier | None = None

    def terms(self) -> HoldTerms:
        return HoldTerms(self.amount, self.expires_in, self.over_capture, self.meter)


class CaptureBody(MovementBody):
    """``POST /v1/accounts/{account}/holds/{hold_id}/capture``."""

    may_be_missing: ClassVar[bool] = True
    amount: Amount | None = None
    final: bool = True


class ReleaseBody(MovementBody):
    """``POST /v1/accounts/{account}/holds/{hold_id}/release``."""

    may_be_missing: ClassVar[bool] = True


class ExtendBody(MovementBody):
    """``POST /v1/accounts/{account}/holds/{hold_id}/extend``."""

    may_be_missing: ClassVar[bool] = True
    expires_in: HoldDuration = DEFAULT_HOLD


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
