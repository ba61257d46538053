"""What follows from deliveries beside the ledger, in orders that a provider may tell them in (law 9).

A gateway of one's own: 10 000 credits a month for 100.00 USD, and a pack that is bought once."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from tests.aws import Answer, Deployment, Fault

pytestmark = pytest.mark.usefixtures("in_memory")

PRICE = {"amount": 10000, "currency": "USD"}
ONCE = "once"


class Gateway:
    """A gateway that says when things happened: hours of one day."""

    def __init__(self, scrip: Deployment, account: str) -> None:
        self.scrip, self.account = scrip, account
        self.plan = self.order("plan", recurring={"every": "P1M"})
        self.once = self.order(ONCE)

    def order(self, pack: str, **more: Any) -> str:
        body = {"credits": "10000", "price": PRICE, **more}
        assert self.scrip.put(f"/v1/packs/{pack}-{self.account}", body).status == 201
        wanted: dict[str, Any] = {
            "account": self.account,
            "pack": f"{pack}-{self.account}",
            "provider": "standard",
        }
        wanted |= {"return_url": "https://shop.example.test/done", "accept_terms": True}
        made = self.scrip.post("/v1/topups", wanted, key=f"{pack}-{self.account}")
        return str(made.body["topup_id"])

    def body(self, word: str, hour: int, payment_id: str, **more: Any) -> dict[str, Any]:
        at = f"2026-11-01T{hour:02d}:00:00.000Z"
        paid = {**PRICE, "tax": 0} if word == "succeeded" else {}
        data = {"payment_id": f"{payment_id}-{self.account}", "created_at": at, **paid, **more}
        return {"type": f"payment.{word}", "timestamp": at, "data": data}

    def says(self, word: str, hour: int, payment_id: str, **more: Any) -> None:
        told = self.body(word, hour, payment_id, **more)
        self.scrip.deliver(told, told, provider="standard")

    def renewal(self, word: str, hour: int, payment_id: str) -> None:
        self.says(word, hour, payment_id, subscription_id=f"sub-{self.account}")

    def begins(self) -> None:
        name = {"topup_id": self.plan, "subscription_id": f"sub-{self.account}"}
        self.says("succeeded", 1, "p1", **name)

    @property
    def runs(self) -> list[str]:
        answer = self.scrip.get(f"/v1/accounts/{self.account}/dunning")
        return [run["status"] for run in answer.body["items"]]


@pytest.fixture
def gateway(scrip: Deployment, account: str) -> Gateway:
    return Gateway(scrip, account)


def test_a_failure_that_is_told_after_a_later_payment_begins_nothing(gateway: Gateway) -> None:
    """The renewal failed at 2, and was paid at 3; or something else was bought at 3."""
    gateway.begins()
    gateway.renewal("succeeded", 3, "p3")
    gateway.renewal("failed", 2, "p2")
    assert gateway.runs == []


def test_a_failure_that_is_told_after_another_top_up_was_paid_begins_nothing(gateway: Gateway) -> None:
    gateway.begins()
    gateway.says("succeeded", 3, "q1", topup_id=gateway.once)
    gateway.renewal("failed", 2, "p2")
    assert gateway.runs == []


def test_a_payment_of_before_the_failure_that_is_told_again_ends_nothing(gateway: Gateway) -> None:
    gateway.begins()
    gateway.renewal("failed", 2, "p2")
    gateway.begins()
    gateway.says("succeeded", 1, "p1", subscription_id=f"sub-{gateway.account}", topup_id=gateway.plan)
    assert gateway.runs == ["open"]


def test_a_payment_that_is_granted_late_ends_the_run_whenever_it_was_made(gateway: Gateway) -> None:
    """By its own clock it was made before the failure: the wallet has credits again all the same."""
    gateway.begins()
    gateway.renewal("failed", 3, "p2")
    gateway.says("succeeded", 2, "q1", topup_id=gateway.once)
    assert gateway.runs == ["paid"]


def test_a_refund_of_an_earlier_payment_ends_nothing(gateway: Gateway) -> None:
    gateway.begins()
    gateway.renewal("failed", 2, "p2")
    at = "2026-11-01T04:00:00.000Z"
    data = {"payment_id": f"p1-{gateway.account}", "refund_id": f"r-{gateway.account}", "created_at": at}
    refund = {"type": "refund.succeeded", "timestamp": at, "data": {**data, "amount": 500, "currency": "USD"}}
    gateway.scrip.deliver(refund, provider="standard")
    assert gateway.runs == ["open"]


def test_a_first_payment_that_fails_is_no_renewal(gateway: Gateway) -> None:
    name = {"topup_id": gateway.plan, "subscription_id": f"sub-{gateway.account}"}
    gateway.says("failed", 1, "p0", **name)
    assert gateway.runs == []
    assert gateway.scrip.get(f"/v1/topups/{gateway.plan}").body["status"] == "failed"


def test_a_payment_of_another_wallet_ends_nothing(gateway: Gateway, scrip: Deployment) -> None:
    gateway.begins()
    gateway.renewal("failed", 2, "p2")
    other = Gateway(scrip, f"{gateway.account}-b")
    other.begins()
    assert gateway.runs == ["open"]


def test_what_a_person_accepts_for_an_order_ends_the_run(gateway: Gateway) -> None:
    """A payment of another amount waits; once it is accepted its credits are granted."""
    gateway.begins()
    gateway.renewal("failed", 2, "p2")
    gateway.says("succeeded", 3, "q1", topup_id=gateway.once, amount=9000)
    assert gateway.runs == ["open"]
    body = {"action": "accept", "topup_id": gateway.once, "reason": "a discount"}
    path = f"/v1/payments/standard/q1-{gateway.account}/resolutions"
    assert gateway.scrip.post(path, body).status == 200
    assert gateway.runs == ["paid"]


def test_a_failure_begins_once_though_the_table_fails_in_between(gateway: Gateway) -> None:
    """The payment is stored, and what follows is not: the queue brings the message again, and it goes on."""
    gateway.begins()
    told = gateway.body("failed", 2, "p2", subscription_id=f"sub-{gateway.account}")
    assert gateway.scrip.webhook(told, provider="standard").status == 200
    records = gateway.scrip.queued()

    # The first question asked of a list is whether anything was paid since.
    with gateway.scrip.broken("Query", Fault.timeout), suppress(BatchProcessingError):
        gateway.scrip.apply(records)
    assert gateway.runs == []
    assert gateway.scrip.apply(records) == []
    assert gateway.scrip.apply(records) == []
    assert gateway.runs == ["open"]


def test_lists_are_of_one_account_and_one_unit_and_go_on_by_a_cursor(gateway: Gateway) -> None:
    gateway.begins()
    for hour in (2, 4, 6):
        gateway.renewal("failed", hour, f"f{hour}")
        gateway.renewal("succeeded", hour + 1, f"s{hour}")
    path = f"/v1/accounts/{gateway.account}/dunning"

    def page(**query: str) -> Answer:
        return gateway.scrip.get(path, query={"limit": "2", **query})

    first = page()
    assert [run["status"] for run in first.body["items"]] == ["paid", "paid"]
    rest = page(cursor=first.body["next_cursor"])
    assert (len(rest.body["items"]), rest.body["next_cursor"]) == (1, None)
    assert page(unit="images").body["items"] == []
    assert gateway.scrip.get(f"/v1/accounts/{gateway.account}-b/dunning").body["items"] == []


def test_a_gateway_that_names_the_order_alone_with_each_period_is_understood(gateway: Gateway) -> None:
    """The period at 2 fails twice, under two names, and is paid at 4: one run. That at 5 is another."""
    gateway.says("succeeded", 1, "p1", topup_id=gateway.plan)
    gateway.says("failed", 2, "p2", topup_id=gateway.plan)
    gateway.says("failed", 3, "p2b", topup_id=gateway.plan)
    shown = gateway.scrip.get(f"/v1/topups/{gateway.plan}").body
    assert (shown["status"], shown["failed_renewal"]["payment_id"]) == ("paid", f"p2b-{gateway.account}")
    assert gateway.runs == ["open"]
    gateway.says("succeeded", 4, "p3", topup_id=gateway.plan)
    assert gateway.scrip.get(f"/v1/topups/{gateway.plan}").body["failed_renewal"] is None
    gateway.says("failed", 5, "p4", topup_id=gateway.plan)
    assert gateway.runs == ["open", "paid"]


def test_an_order_that_is_paid_once_has_no_renewal_that_could_fail(gateway: Gateway) -> None:
    gateway.says("succeeded", 1, "q1", topup_id=gateway.once)
    gateway.says("failed", 2, "q2", topup_id=gateway.once)
    assert gateway.runs == []


def test_a_renewal_that_failed_is_an_event_of_its_order(gateway: Gateway) -> None:
    gateway.begins()
    gateway.scrip.told()
    gateway.renewal("failed", 2, "p2")
    told = gateway.scrip.told("scrip.topup.failed")
    assert {one["id"] for one in told} == {told[0]["id"]}
    assert told[0]["data"]["topup_id"] == gateway.plan
    assert told[0]["data"]["payment"] == f"standard:p2-{gateway.account}"
