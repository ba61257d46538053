"""Units: the bodies and the answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Boundary, Order, OverCapture, Shortfall, Stacking, Unit
from scrip.http.edge.bodies import Amount, Body, Duration

SHARE_PATTERN = r"^(0\.[0-9]{0,17}[1-9][0-9]{0,17}|1(\.0{1,18})?)$"
"""A decimal above 0, up to 1."""


class PolicyBody(Body):
    """A unit's policy: what is left out has its default."""

    order: Order = "priority_expiry_cost"
    expiry_boundary: Boundary = "exclusive"
    overdraft_limit: Amount = "0"
    repay_first: bool = True
    refund_shortfall: Shortfall = "owe"
    default_expires_in: Duration | None = None
    transferable: bool = False
    stacking: Stacking = "free"
    promotional_share_max: Annotated[str, StringConstraints(pattern=SHARE_PATTERN)] = "1"
    over_capture: OverCapture = "refuse"
    low_balance: Annotated[list[Amount], Field(max_length=10)] = Field(default_factory=list)


class UnitBody(Body):
    """``PUT /v1/units/{unit}``."""

    precision: Annotated[int, Field(ge=0, le=9)]
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    policy: PolicyBody = Field(default_factory=PolicyBody)


def unit_view(unit: Unit) -> dict[str, Any]:
    limit = format_amount(unit.policy.overdraft_limit, unit.precision)
    low = [format_amount(steps, unit.precision) for steps in unit.policy.low_balance]
    return {
        "unit": unit.unit,
        "precision": unit.precision,
        "name": unit.name,
        "policy": {**asdict(unit.policy), "overdraft_limit": limit, "low_balance": low},
        "version": unit.version,
    }
