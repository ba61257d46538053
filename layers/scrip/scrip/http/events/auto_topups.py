"""Automatic top-ups as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrip.domain.events.auto_topups import AutoTopupTold
from scrip.domain.events.event import Event, event_id
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import format_instant

if TYPE_CHECKING:
    from scrip.domain.payments.auto_topup import AutoTopupReason
    from scrip.http.edge.forms import At, Name

TYPE: Final = "scrip.auto_topup"
"""How the type of an automatic top-up's event begins: what happened follows."""


class AutoTopupEventView(TypedDict):
    """What happened to a wallet's automatic top-up."""

    unit: Name
    """The wallet's unit."""
    topup_id: str | None
    """The order that it is about; null where there is none: nothing was ordered."""
    reason: AutoTopupReason | None
    """Why; null where it needs none."""
    next_attempt_at: At | None
    """When it is tried again; null: not by itself."""


def auto_topup_event(told: AutoTopupTold) -> Event:
    """Makes the event of what an automatic top-up has to tell."""
    type_ = f"{TYPE}.{told.type}"
    at = told.next_attempt_at
    data = {
        "unit": told.unit,
        "topup_id": told.topup_id,
        "reason": told.reason,
        "next_attempt_at": None if at is None else format_instant(at),
    }
    return Event(event_id(TYPE, told.account, told.unit, told.number), type_, told.account, told.at, data)
