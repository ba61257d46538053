"""Payments as people see them over HTTP: what was said of one, what was done for it, and how it stands (law 9)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import Buyer, Deployment, Key, lot_of
from tests.http.contract import INSTANT, invalid, refused
from tests.http.payments.refunds import ADMIN, TAX, TOTAL, Paid, core, lonely, paid

pytestmark = pytest.mark.usefixtures("in_memory")


READ = Key("read")


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


# One payment


def test_a_payment_is_shown_with_what_was_said_and_done(buyer: Buyer) -> None:
    payment = paid(buyer)
    buyer.scrip.deliver(buyer.gets_back(36000), payment.disputed("opened", amount=12000))
    seen = payment.seen
    assert INSTANT.fullmatch(seen["paid"].pop("at"))
    (refund,), (dispute,) = seen["refunds"], seen["disputes"]
    for part in (refund, dispute):
        assert INSTANT.fullmatch(part.pop("at"))
        assert part.pop("id")
    assert seen == {
        "provider": "dodo",
        "payment_id": payment.payment_id,
        "status": "disputed",
        "account": buyer.account,
        "unit": "credits",
        "topup_id": buyer.topup["topup_id"],
        "lot_id": lot_of(buyer.account, 1),
        "part_of": None,
        "paid": {"amount": TOTAL, "tax": TAX, "currency": "USD", "country": "SE"},
        "refunds": [{"status": "succeeded", "amount": 36000, "currency": "USD", "request_id": None}],
        "disputes": [{"stage": "dispute", "status": "open", "amount": 12000, "currency": "USD"}],
        "position": {
            "granted": "10000",
            "clawed": "3000",
            "frozen": "1000",
            "credited": "0",
            "refunded": {"amount": 30000, "currency": "USD"},
        },
        "parked": [],
        "parked_at": None,
        "heard_at": seen["heard_at"],
        "requests": [],
        "resolutions": [],
    }


STANDING = [
    ("paid", lambda payment: [], "paid"),
    ("a part back", lambda payment: [payment.buyer.gets_back(36000)], "partially_refunded"),
    ("all back", lambda payment: [payment.buyer.gets_back(TOTAL)], "refunded"),
    ("all lost", lambda payment: [payment.disputed("lost")], "refunded"),
    ("disputed", lambda payment: [payment.disputed("opened")], "disputed"),
    ("won", lambda payment: [payment.disputed("opened"), payment.disputed("won")], "paid"),
]


@pytest.mark.parametrize(("_", "events", "status"), STANDING, ids=[row[0] for row in STANDING])
def test_a_payment_stands(buyer: Buyer, _: str, events: Any, status: str) -> None:
    payment = paid(buyer)
    buyer.scrip.deliver(*events(payment))
    assert payment.seen["status"] == status
    assert buyer.status == status


def test_a_payment_known_by_its_refund_alone_is_unpaid(buyer: Buyer) -> None:
    buyer.order()
    event = buyer.pays(tax=TAX)
    buyer.scrip.deliver(buyer.gets_back(36000))
    seen = Paid(buyer, event["data"]["payment_id"]).seen
    assert (seen["status"], seen["paid"], seen["account"], seen["position"]) == ("unpaid", None, None, None)
    assert [core(one) for one in seen["parked"]] == ["the payment itself is not known yet"]
    assert [one["amount"] for one in seen["refunds"]] == [36000]


def test_who_may_see_a_payment(buyer: Buyer) -> None:
    payment = paid(buyer)
    for path in (payment.path, f"{payment.path}/refund-quote"):
        assert buyer.scrip.get(path, caller=READ).status == 200
        assert buyer.scrip.get(path, caller=Key("read", account=buyer.account)).status == 200
        refused(buyer.scrip.get(path, caller=Key("read", account=f"{buyer.account}-b")), 403, "forbidden")


def test_a_payment_that_is_nobodys_is_no_customers(buyer: Buyer) -> None:
    buyer.scrip.deliver(lonely(buyer, "pay_lonely_1"))
    path = "/v1/payments/dodo/pay_lonely_1"
    for caller in (READ, Key("grant")):
        assert buyer.scrip.get(path, caller=caller).status == 200
    refused(buyer.scrip.get(path, caller=Key("read", account=buyer.account)), 403, "forbidden")
    assert buyer.scrip.get(path, caller=ADMIN).body["account"] is None


@pytest.mark.parametrize("tail", ["", "/refund-quote"])
def test_a_payment_nobody_has_heard_of_is_not_found(scrip: Deployment, tail: str) -> None:
    answer = scrip.get(f"/v1/payments/dodo/pay_nobody{tail}")
    refused(answer, 404, "not_found", payment_id="pay_nobody")
    for provider in ("nobody", "DODO", "..", "dodo#pay", "%00"):
        assert scrip.get(f"/v1/payments/{provider}/pay_1{tail}").code == "not_found"
    for name in ("a#b", "%23", "x" * 300, "ä", " ", ""):
        assert scrip.get(f"/v1/payments/dodo/{name}{tail}").code == "not_found"


@pytest.mark.parametrize(
    ("tail", "query", "field"),
    [
        ("/refund-quote", {"colour": "red"}, "colour"),
        ("/refund-quote", {"as": "goods"}, "as"),
        *[
            ("/refund-quote", {"amount": text}, "amount")
            for text in ("", "0", "-1", "1.5", "1e3", "x", " 1", "01")
        ],
        ("/refund-quote", {"amount": str(10**15 + 1)}, "amount"),
        ("/refund-quote", {"amount": "9" * 5000}, "amount"),
    ],
)
def test_a_parameter_is_refused(scrip: Deployment, tail: str, query: dict[str, str], field: str) -> None:
    invalid(scrip.get(f"/v1/payments/dodo/pay_1{tail}", query=query), field)
