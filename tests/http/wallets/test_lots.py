"""Lots of a wallet, as they are listed: in burn order, page by page. Nothing here writes (law 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scrip.domain.credits.lots import Lot, lot_facts
from scrip.domain.credits.units import Unit
from scrip.http.wallets.lots import made_lot_view
from tests.aws import NEW_YEAR, NEXT_DAY, Deployment, cursor_in, short
from tests.domain.memory import vault
from tests.http.contract import invalid, whole_lot

pytestmark = pytest.mark.usefixtures("in_memory")


NOON = "2030-01-01T12:00:00.000Z"


def test_lots_come_in_burn_order_and_those_that_ended_only_if_asked_for(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "1", clock=NEW_YEAR, expires_at=NOON)  # lot_1 expires
    scrip.grant(account, "2", clock=NEW_YEAR, priority=0)  # lot_2 is used up
    scrip.grant(account, "3", clock=NEW_YEAR)  # lot_3
    scrip.grant(account, "4", clock=NEW_YEAR, effective_at="2030-01-01T20:00:00Z")  # lot_4 is pending
    scrip.grant(account, "5", clock=NEW_YEAR, expires_at=NEXT_DAY)  # lot_5
    scrip.burn(account, "2.5", clock=NEW_YEAR)
    path = f"/v1/accounts/{account}/lots"
    found = scrip.get(path, clock="2030-01-01T13:00:00Z").body["items"]
    for lot in found:
        whole_lot(lot, "money")
    assert [(short(lot["lot_id"]), lot["remaining"], lot["status"]) for lot in found] == [
        ("lot_5", "5", "open"),
        ("lot_3", "3", "open"),
        ("lot_4", "4", "pending"),
    ]
    found = scrip.get(path, query={"status": "all"}, clock="2030-01-01T13:00:00Z").body["items"]
    assert [(short(lot["lot_id"]), lot["remaining"], lot["status"]) for lot in found] == [
        ("lot_2", "0", "depleted"),
        ("lot_1", "0", "expired"),
        ("lot_5", "5", "open"),
        ("lot_3", "3", "open"),
        ("lot_4", "4", "pending"),
    ]


def test_120_lots_come_in_pages_none_twice_and_none_missing(scrip: Deployment, account: str) -> None:
    for number in range(120):
        days = number * 7 % 31 + 1
        answer = scrip.grant(account, "1", clock=NEW_YEAR, priority=number % 3, expires_in=f"P{days}D")
        assert answer.status == 201
    whole = scrip.lots(account)
    assert len(whole) == 120
    order = [(lot["priority"], lot["expires_at"], int(lot["lot_id"].rpartition("_")[2])) for lot in whole]
    assert order == sorted(order)
    assert scrip.get(f"/v1/accounts/{account}/lots").body["next_cursor"]
    for limit in (7, 60, 120):
        assert paged(scrip, f"/v1/accounts/{account}/lots", limit) == whole
    burned = scrip.burn(account, "50", clock=NEW_YEAR).body["entry"]
    assert [draw["lot_id"] for draw in burned["draws"]] == [lot["lot_id"] for lot in whole[:50]]
    assert scrip.lots(account) == whole[50:]
    ended = scrip.lots(account, status="all")
    assert [lot["lot_id"] for lot in ended] == [lot["lot_id"] for lot in whole]
    assert [lot["status"] for lot in ended] == ["depleted"] * 50 + ["open"] * 70
    assert paged(scrip, f"/v1/accounts/{account}/lots", 33, status="all") == ended


def paged(scrip: Deployment, path: str, limit: int, *, clock: str | None = None, **query: str) -> list[Any]:
    """A whole list, page by page."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        answer = scrip.get(path, query={"limit": str(limit), **query, **more}, clock=clock)
        assert answer.status == 200
        assert 1 <= len(answer.body["items"]) <= limit
        found += answer.body["items"]
        cursor = answer.body["next_cursor"]
    return found


def test_a_cursor_of_lots_holds_while_lots_come_and_go(scrip: Deployment, account: str) -> None:
    for number in range(10):
        scrip.grant(account, "1", clock=NEW_YEAR, priority=number * 10)
    path = f"/v1/accounts/{account}/lots"
    first = scrip.get(path, query={"limit": "5"}).body
    scrip.burn(account, "5", clock=NEW_YEAR)  # the whole first page
    scrip.grant(account, "1", clock=NEW_YEAR, priority=1)  # before the cursor
    scrip.grant(account, "1", clock=NEW_YEAR, priority=95)  # after it
    rest = scrip.get(path, query={"limit": "5", "cursor": first["next_cursor"]}).body
    assert [lot["priority"] for lot in first["items"]] == [0, 10, 20, 30, 40]
    assert [lot["priority"] for lot in rest["items"]] == [50, 60, 70, 80, 90]
    last = scrip.get(path, query={"cursor": rest["next_cursor"]}).body
    assert [lot["priority"] for lot in last["items"]] == [95]


@pytest.mark.parametrize(
    "place",
    [
        (0, "zz", ""),
        (0, 7, ""),
        (4, "", ""),
        (-1, "", ""),
        (1, "50", "~"),
        (2, "~", ""),
        (2, "000001900000000#lot 7", ""),
        (3, "x", ""),
        (3, "1234567890123", ""),
        ("50",),
        (0, "a" * 300, ""),
        (2, "9" * 15 + "#" + "a" * 301, ""),
    ],
)
def test_a_cursor_that_is_none_of_a_list_of_lots_is_refused(
    scrip: Deployment, account: str, place: tuple[Any, ...]
) -> None:
    scrip.grant(account, "1", clock=NEW_YEAR)
    path = f"/v1/accounts/{account}/lots"
    invalid(scrip.get(path, query={"cursor": cursor_in(path, {}, *place)}), "cursor")


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("end", ["", "f" * 40, "999999999999999#z", "999999999999"])
def test_a_list_that_goes_on_anywhere_ends(scrip: Deployment, account: str, part: int, end: str) -> None:
    """Whatever place of any part: an answer, or 400; never a 500, nor a page without end."""
    scrip.grant(account, "1", clock=NEW_YEAR, effective_at=NEXT_DAY)
    for number in range(40):
        scrip.grant(account, "1", clock=NEW_YEAR, priority=number)
    scrip.burn(account, "5", clock=NEW_YEAR)
    path = f"/v1/accounts/{account}/lots"
    cursor: str | None = cursor_in(path, {"status": "all"}, part, end, "")
    for _ in range(9):
        query = {"status": "all", "limit": "30", "cursor": cursor or ""}
        answer = scrip.get(f"/v1/accounts/{account}/lots", query=query, clock=NEW_YEAR)
        assert answer.status in (200, 400)
        cursor = answer.body.get("next_cursor")
        if answer.status == 400 or cursor is None:
            return
    raise AssertionError("it does not end")


def test_an_allowance_whose_rule_changes_each_day_goes_on_for_ever(scrip: Deployment, account: str) -> None:
    """A rollover rule of each day's own, for 130 days: a wallet has a hundred codes for them, and those of days that
    are over are used again (law 10: a lot is bound by its own rule until its end)."""
    path = f"/v1/accounts/{account}/allowances/plan"
    day = datetime(2030, 1, 1, tzinfo=UTC)
    for number in range(1, 131):
        clock = (day + timedelta(days=number)).strftime("%Y-%m-%dT00:00:01Z")
        body = {
            "unit": "credits",
            "amount": "10",
            "every": "P1D",
            "anchor": "2030-01-01T00:00:00Z",
            "time_zone": "UTC",
            "rollover": {"max": str(number), "expires_in": "P1D", "max_times": 1},
        }
        answer = scrip.put(path, body, clock=clock)
        assert answer.status in (200, 201), (number, answer.text)
    scrip.sound(account)


@pytest.mark.parametrize(
    ("lot", "shown"),
    [
        (Lot(1, "paid", 12, 7, 0, held=3, frozen=2), ("12", "7", "3", "2", "open")),
        (Lot(1, "paid", 12, 7, 0, held=3), ("12", "7", "3", "0", "open")),
        (Lot(1, "paid", 12, 7, 0, frozen=7), ("12", "7", "0", "7", "open")),
        (Lot(1, "paid", 12, 0, 0), ("12", "0", "0", "0", "depleted")),
        (Lot(1, "paid", 12, 0, 0, held=3, fate="voided"), ("12", "0", "3", "0", "voided")),
        (Lot(1, "paid", 12, 12, 1), ("12", "12", "0", "0", "open")),
        (Lot(1, "paid", 12, 12, 2**60), ("12", "12", "0", "0", "pending")),
    ],
)
def test_a_lot_is_shown_as_its_entry_has_it(lot: Lot, shown: tuple[str, ...]) -> None:
    """Granted, remaining, held, frozen and status: what the entry leaves out is zero."""
    entry = vault("12").entries[0]
    view = made_lot_view(replace(entry, extra={"lot": lot_facts(lot)}), Unit("credits", 0))
    assert view
    assert tuple(view[name] for name in ("granted", "remaining", "held", "frozen", "status")) == shown
