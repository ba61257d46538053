"""A notice as an event: once for each lot, span and end."""

from __future__ import annotations

from scrip.domain.credits.units import Unit
from scrip.domain.events.lots import lot_expiring
from scrip.domain.wallets.notices import Notice
from scrip.http.events.lots import expiring_event
from tests.domain.builders import START, lot

UNIT = Unit("images", 2)
NOTICE = Notice(lot("12345 exp=+7d", seq=3), "P7D", START, START + 7 * 86_400_000)


def test_a_notice_is_told_with_its_lot_its_end_and_what_is_left() -> None:
    event = expiring_event(lot_expiring("acme", UNIT, NOTICE, START + 60_000))
    assert (event.type, event.account, event.at) == ("scrip.lot.expiring", "acme", START + 60_000)
    assert {name: event.data[name] for name in ("unit", "remaining", "expires_at", "notice")} == {
        "unit": "images",
        "remaining": "123.45",
        "expires_at": "2027-01-22T08:00:00.000Z",
        "notice": "P7D",
    }
    assert event.data["lot_id"].startswith("lot_")
    assert event.data["lot_id"].endswith("_3")
    assert event.data["notice_id"].startswith("notice_")


def test_whoever_finds_it_later_tells_it_under_the_same_id() -> None:
    first, second = (expiring_event(lot_expiring("acme", UNIT, NOTICE, at)) for at in (START, START + 1))
    assert first.id == second.id
    other = expiring_event(lot_expiring("acme", UNIT, NOTICE._replace(span="P1D"), START))
    assert other.id != first.id
