"""Answers of what gives credits, beside those of every movement: allowances and compensations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.allowances import NEVER, PERIOD_END, Allowance
from scrip.http.edge.parameters import format_instant
from scrip.http.wallets.entries import item_view
from scrip.services.engine.executor import Result
from scrip.services.wallets.compensations import Compensated


def compensated_view(found: Sequence[Compensated], incident: str, unit: Unit) -> dict[str, Any]:
    """What became of each account of an incident."""
    items = [{"account": one.account, **item_view(one.outcome, unit)} for one in found]
    done = sum(isinstance(one.outcome, Result) for one in found)
    return {
        "incident": incident,
        "unit": unit.unit,
        "items": items,
        "compensated": done,
        "left": len(items) - done,
    }


def allowance_view(allowance: Allowance, unit: Unit) -> dict[str, Any]:
    """An allowance as it was put, its defaults filled in, and when it grants next."""
    plan, rule, precision = allowance.plan, allowance.plan.rollover, unit.precision
    again = plan.expires if plan.expires not in (PERIOD_END, NEVER) else None
    rollover = rule and {
        "fraction": rule.fraction,
        "min": format_amount(rule.least, precision),
        "max": None if rule.most is None else format_amount(rule.most, precision),
        "max_times": rule.times,
        "expires_in": None if rule.expires_in == again else rule.expires_in,
    }
    return {
        "allowance_id": allowance.name,
        "unit": unit.unit,
        "amount": format_amount(plan.amount, precision),
        "every": plan.every,
        "anchor": format_instant(plan.anchor),
        "time_zone": plan.zone,
        "expires": plan.expires,
        "rollover": rollover,
        "starts_at": format_instant(plan.starts_at),
        "ends_at": None if plan.ends_at is None else format_instant(plan.ends_at),
        "paused": plan.paused,
        "next_at": None if allowance.next_at is None else format_instant(allowance.next_at),
        "version": allowance.version,
    }
