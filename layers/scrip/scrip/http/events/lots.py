"""Lots as events tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrip.domain.credits.steps import format_amount
from scrip.domain.events.event import Event, event_id
from scrip.domain.events.lots import LotExpiring
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import format_instant

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Credits, LotId, Name, NoticeId, Span

EXPIRING: Final = "scrip.lot.expiring"


class LotExpiringView(TypedDict):
    """A notice that a lot is to end."""

    unit: Name
    """What its credits are counted in."""
    lot_id: LotId
    """Which lot is to end."""
    remaining: Credits
    """What is left of it, without what holds have set aside."""
    expires_at: At
    """When it ends."""
    notice: Span
    """How long before its end this was due, ISO 8601."""
    notice_id: NoticeId
    """The notice, as the list of notices has it."""


def expiring_event(fact: LotExpiring) -> Event:
    """Makes the event of a notice."""
    data: LotExpiringView = {
        "unit": fact.unit.unit,
        "lot_id": fact.lot_id,
        "remaining": format_amount(fact.remaining, fact.unit.precision),
        "expires_at": format_instant(fact.expires_at),
        "notice": fact.span,
        "notice_id": fact.notice_id,
    }
    id_ = event_id(EXPIRING, fact.account, fact.unit.unit, fact.notice_id)
    return Event(id_, EXPIRING, fact.account, fact.at, data)
