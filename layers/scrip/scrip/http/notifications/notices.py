"""Notices that lots are to end: the answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scrip.domain.credits.ids import lot_id
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.events.lots import GivenNotice
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import Query, format_instant
from scrip.services.engine.paging import Found

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Credits, LotId, Name, NoticeId, Span

PLACE: Final = re.compile(r"[A-Za-z0-9._:@|-]{1,128}")


class NoticeDeliveryView(TypedDict):
    """Where a notice has arrived."""

    channel: str
    """`webhook` or `email`."""
    to: str
    """The endpoint's id; `profile` where it went to the account's address."""
    status: str
    """`delivered`: the endpoint answered 2xx, or the mail was accepted."""
    delivered_at: At
    """When."""


class NoticeView(TypedDict):
    """A notice that a lot is to end."""

    notice_id: NoticeId
    """Its id. Ids sort as the notices were due."""
    unit: Name
    """What the lot's credits are counted in."""
    lot_id: LotId
    """Which lot is to end."""
    notice: Span
    """How long before the lot's end it was due, ISO 8601."""
    expires_at: At
    """The end that it tells of; the lot may have another one since."""
    remaining: Credits
    """What was left of the lot then, without what holds had set aside."""
    booked_at: At
    """When it was given."""
    deliveries: list[NoticeDeliveryView]
    """Where it has arrived, earliest first."""


class NoticePageView(TypedDict):
    """Notices, unit by unit, in each those that were due last first."""

    items: list[NoticeView]
    """The notices."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def notice_place(query: Query) -> tuple[str, str | None] | None:
    """Reads the unit and the notice that a page goes on after. Raises ``InvalidRequest``."""
    place = query.cursor(PLACE, PLACE)
    return None if place is None else (str(place[0]), str(place[1]))


def notice_page_view(account: str, found: Found[tuple[str, str], tuple[Unit, GivenNotice]]) -> NoticePageView:
    """Shows notices of an account."""
    items, cursor = pages.shown(found, lambda one: notice_view(account, *one))
    return {"items": items, "next_cursor": cursor}


def notice_view(account: str, unit: Unit, notice: GivenNotice) -> NoticeView:
    """Shows a notice."""
    return {
        "notice_id": notice.notice_id,
        "unit": unit.unit,
        "lot_id": lot_id(account, unit.unit, notice.lot),
        "notice": notice.span,
        "expires_at": format_instant(notice.expires_at),
        "remaining": format_amount(notice.remaining, unit.precision),
        "booked_at": format_instant(notice.at),
        "deliveries": [
            {
                "channel": one.channel,
                "to": one.to,
                "status": one.status,
                "delivered_at": format_instant(one.at),
            }
            for one in notice.deliveries
        ],
    }
