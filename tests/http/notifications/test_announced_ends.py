"""From the schedule over the bus and the queues to the entry: a paid lot ends once a notice of its end has arrived, and
not before; laws 5 and 10. Each function does it as its role lets it."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins.dodo import Provider
from scrip.http.edge.parameters import format_instant, instant
from tests.aws import NEW_YEAR, Buyer, Deployment
from tests.http.notifications.conftest import Hook
from tests.http.search.streaming import index
from tests.metrics import counted

pytestmark = pytest.mark.usefixtures("one_shard_at_a_time")

Json = dict[str, Any]
COST = {"amount": 1000, "currency": "USD"}
END, LAST = "2030-03-02T00:00:00.000Z", "2030-03-01T23:59:59.999Z"
WEEK, DAY = "2030-02-23T00:00:00.000Z", "2030-03-01T00:00:00.000Z"


def sell(scrip: Deployment, account: str) -> None:
    """A paid lot that needs a notice."""
    policy = {"expiry_notices": ["P7D", "P1D"], "expiry_requires_notice": True}
    scrip.put("/v1/units/credits", {"precision": 0, "policy": policy}, clock=NEW_YEAR)
    scrip.grant(account, "5", kind="paid", cost_basis=COST, expires_at=END, clock=NEW_YEAR)


def notices(scrip: Deployment, account: str) -> list[Json]:
    found: list[Json] = scrip.get(f"/v1/accounts/{account}/notices").body["items"]
    return found


def test_a_notice_that_an_endpoint_takes_ends_the_lot(
    hook: Hook, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip = hook.scrip
    hook.put("scrip.lot.expiring")
    sell(scrip, account)
    for at in (WEEK, DAY):
        scrip.wake(at)
        hook.run()
        assert scrip.noticed() == []
    assert [one.event["data"]["notice"] for one in hook.receiver.received] == ["P7D", "P1D"]
    day, week = notices(scrip, account)
    arrived = {"channel": "webhook", "to": hook.id, "status": "delivered"}
    assert week["deliveries"] == [{**arrived, "delivered_at": WEEK}]
    assert day["deliveries"] == [{**arrived, "delivered_at": DAY}]
    arrivals = [one["entry_id"] for one in scrip.entries(account) if one["kind"] == "status"]
    assert counted(capsys, "NoticeDelivered") == [
        {"NoticeDelivered": 1, "notice_id": one["notice_id"], "entry_id": entry_id}
        for one, entry_id in zip((week, day), arrivals, strict=True)
    ]
    said = [(one["kind"], one.get("notice_id"), one["at"]) for one in scrip.entries(account)]
    assert said == [
        ("grant", None, NEW_YEAR),
        ("status", week["notice_id"], WEEK),
        ("status", day["notice_id"], DAY),
    ]
    assert scrip.balance(account, clock=LAST)["available"] == "5"
    assert scrip.balance(account, clock=END)["available"] == "0"
    scrip.sound(account)


def test_one_that_no_endpoint_takes_does_not_and_somebody_is_told(
    hook: Hook, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip = hook.scrip
    hook.put("scrip.lot.expiring")
    hook.receiver.status = 500
    sell(scrip, account)
    scrip.wake(DAY)
    scrip.notify()
    scrip.call()
    assert scrip.noticed() == []
    assert [one["deliveries"] for one in notices(scrip, account)] == [[], []]
    assert scrip.balance(account, clock=END)["available"] == "5"
    scrip.sweep(END)
    moved = scrip.entries(account)[-1]
    assert (moved["kind"], moved["reason"], moved["at"]) == ("expiry_change", "no_notice", LAST)
    capsys.readouterr()
    index(account)
    assert '"EndMovedUnannounced"' in capsys.readouterr().out
    scrip.sound(account)


def test_an_end_that_was_moved_is_announced_and_kept_once_that_arrives(hook: Hook, account: str) -> None:
    """Nobody was there for the first end; the second is announced a day before it, and is the lot's end."""
    scrip = hook.scrip
    sell(scrip, account)
    scrip.wake(DAY)
    scrip.sweep(END)
    scrip.told()
    hook.put("scrip.lot.expiring")
    scrip.wake(END)
    hook.run()
    assert scrip.noticed() == []
    assert scrip.balance(account, clock="2030-03-02T23:59:59.999Z")["available"] == "5"
    assert scrip.balance(account, clock="2030-03-03T00:00:00.000Z")["available"] == "0"
    scrip.sound(account)


def test_what_was_bought_ends_announced_too_and_a_refund_of_what_waits_is_as_any_other(
    scrip: Deployment, dodo: Provider, account: str
) -> None:
    """10 000 credits for 1 000.00 USD that live for sixty days; half of the money goes back while nobody was told."""
    policy = {"expiry_notices": ["P1D"], "expiry_requires_notice": True}
    scrip.put("/v1/units/credits", {"precision": 0, "policy": policy})
    buyer = Buyer(scrip, dodo, account, expires_in="P60D")
    buyer.order()
    scrip.deliver(buyer.pays())
    ends = instant(buyer.lot["expires_at"], "expires_at")
    at, after = format_instant(ends), format_instant(ends + 86_400_000)
    assert scrip.balance(account, clock=at)["available"] == "10000"
    scrip.sweep(at)
    assert buyer.lot["expires_at"] == after
    scrip.deliver(buyer.gets_back(50_000))
    assert scrip.balance(account, clock=after)["available"] == "5000", "what is left of it still waits"
    assert buyer.kinds == [("grant", "10000"), ("expiry_change", "0"), ("clawback", "-5000")]
    scrip.sound(account)
