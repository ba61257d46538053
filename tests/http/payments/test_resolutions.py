"""What people decide of payments that wait, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins.dodo import Provider
from tests.aws import Buyer, Deployment, Key
from tests.http.contract import INSTANT, invalid, refused
from tests.http.payments.refunds import TOTAL, Paid, core, lonely, paid, paid_at_a_gateway_of_ones_own

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


# Decisions


def test_accepting_grants_for_the_order_whatever_differs(buyer: Buyer) -> None:
    """The buyer's bank took 10.00: 990.00 came for 1 000.00, which is 9 900 of 10 000 credits."""
    buyer.order()
    event = buyer.pays(total_amount=99000)
    buyer.scrip.deliver(event)
    payment = Paid(buyer, event["data"]["payment_id"])
    assert "paid 99000 USD" in payment.parked[0]
    said = {"action": "accept", "topup_id": buyer.topup["topup_id"], "reason": "the bank's fee"}
    answer = payment.resolve(**said)
    assert answer.status == 200, answer.text
    assert (answer.body["entry"]["kind"], answer.balance["available"]) == ("grant", "9900")
    assert (answer.body["entry"]["actor"], answer.body["entry"]["reason"]) == ("key:k1", "the bank's fee")
    assert answer.body["lot"]["cost_basis"] == {"amount": 99000, "currency": "USD"}
    (resolution,) = answer.body["payment"]["resolutions"]
    assert INSTANT.fullmatch(resolution["at"])
    assert resolution == {**said, "actor": "key:k1", "actor_name": None, "at": resolution["at"]}
    assert (answer.body["payment"]["parked"], buyer.status) == ([], "paid")
    assert "pay_" in str(buyer.scrip.get(f"/v1/topups/{buyer.topup['topup_id']}").body["payment_id"])
    again = payment.resolve(**said)
    assert (again.status, set(again.body)) == (200, {"payment"})
    assert again.body["payment"] == answer.body["payment"]
    buyer.scrip.deliver(event)
    assert buyer.kinds == [("grant", "9900")]
    assert payment.parked == []
    buyer.scrip.sound(buyer.account)


# What was paid of an order of 10 000 credits for 1 000.00, what a person says, the credits and the basis that follow.
PARTS: list[tuple[int, dict[str, Any], str, int]] = [
    (33333, {}, "3333.3", 33333),
    (33333, {"credits": "3000"}, "3000", 33333),
    (99000, {"credits": "10000"}, "10000", 99000),
    (110000, {}, "10000", 110000),
    (1, {}, "0.1", 1),
]


@pytest.mark.parametrize(("came", "said", "credits", "basis"), PARTS, ids=[str(row[:2]) for row in PARTS])
def test_what_was_paid_is_the_basis_of_what_is_accepted(
    buyer: Buyer, came: int, said: dict[str, Any], credits: str, basis: int
) -> None:
    """Law 8. A refund of all of it takes all of them, and no more."""
    buyer.order()
    event = buyer.pays(total_amount=came)
    buyer.scrip.deliver(event)
    payment = Paid(buyer, event["data"]["payment_id"])
    accepted = {"action": "accept", "topup_id": buyer.topup["topup_id"], **said}
    answer = payment.resolve(**accepted)
    assert answer.status == 200, answer.text
    assert (answer.body["lot"]["granted"], answer.body["lot"]["cost_basis"]["amount"]) == (credits, basis)
    assert answer.body["payment"]["position"]["granted"] == credits
    buyer.scrip.deliver(event)
    assert (payment.parked, buyer.status) == ([], "paid")
    assert set(payment.resolve(**accepted).body) == {"payment"}
    buyer.scrip.deliver(buyer.gets_back(came))
    assert (buyer.balance["total"], buyer.balance["owed"], buyer.status) == ("0", "0", "refunded")
    assert buyer.money == {"recognised": 0, "refunded": basis, "breakage": 0}
    buyer.scrip.sound(buyer.account)


def test_more_than_the_order_gives_is_not_accepted(buyer: Buyer) -> None:
    buyer.order()
    event = buyer.pays(total_amount=99000)
    buyer.scrip.deliver(event)
    payment, order = Paid(buyer, event["data"]["payment_id"]), buyer.topup["topup_id"]
    answer = payment.resolve(action="accept", topup_id=order, credits="10000.1")
    refused(answer, 422, "amount_out_of_range", field="credits", largest="10000")
    invalid(payment.resolve(action="dismiss", credits="1"), "credits")
    assert buyer.kinds == []


def test_accepting_an_order_that_no_session_tells(buyer: Buyer) -> None:
    buyer.scrip.deliver(lonely(buyer, "pay_wire"))
    payment = Paid(buyer, "pay_wire")
    assert payment.resolve(action="accept", topup_id=buyer.topup["topup_id"]).status == 200
    assert (payment.seen["account"], buyer.balance["total"]) == (buyer.account, "10000")
    assert buyer.scrip.get(payment.path, caller=Key("read", account=buyer.account)).status == 200


def test_a_subscription_that_is_anothers_is_listed_by_the_other_alone(
    buyer: Buyer, provider: Provider
) -> None:
    """Ann's renewal of another amount waits; a person says that it is of Bob's order. So are those after it."""
    provider.product("pdt_month", {"price": 100_000})
    terms: dict[str, Any] = {"recurring": {"every": "P1M"}, "provider_refs": {"dodo": "pdt_month"}}
    ann, bob = (Buyer(buyer.scrip, provider, f"{buyer.account}-{name}", **terms) for name in ("ann", "bob"))
    for one in (ann, bob):
        one.order()
    began = len(provider.said)
    provider.pay(ann.session, {"webhook": False})
    buyer.scrip.deliver(*provider.said[began:])

    def listed(one: Buyer) -> list[str]:
        items = buyer.scrip.get(f"/v1/accounts/{one.account}/subscriptions").body["items"]
        return [item["account"] for item in items]

    assert (listed(ann), listed(bob)) == ([ann.account], [])
    began = len(provider.said)
    renewal = provider.renew(ann.session, {"webhook": False, "total_amount": 50_000})["payment_id"]
    buyer.scrip.deliver(*provider.said[began:])
    decision = {"action": "accept", "topup_id": bob.topup["topup_id"], "reason": "it is Bob's"}
    assert buyer.scrip.post(f"/v1/payments/dodo/{renewal}/resolutions", decision).status == 200
    assert (listed(ann), listed(bob)) == ([], [bob.account])


def test_an_accepted_payment_into_a_closed_wallet_waits(buyer: Buyer) -> None:
    buyer.scrip.deliver(lonely(buyer, "pay_closed"))
    buyer.scrip.move(buyer.account, "close", reason="left")
    answer = Paid(buyer, "pay_closed").resolve(action="accept", topup_id=buyer.topup["topup_id"])
    assert (answer.status, set(answer.body)) == (200, {"payment"})
    assert [core(one) for one in answer.body["payment"]["parked"]] == ["the wallet is closed for ever"]


def test_what_cannot_be_accepted(scrip: Deployment, provider: Provider, account: str) -> None:
    buyer = Buyer(scrip, provider, account)
    payment = paid(buyer)
    ours = buyer.topup["topup_id"]
    scrip.deliver(lonely(buyer, "pay_lonely_7"))
    lost = Paid(buyer, "pay_lonely_7")
    own = Buyer(scrip, provider, f"{account}-b")
    elsewhere = paid_at_a_gateway_of_ones_own(own)
    answer = lost.resolve(action="accept", topup_id="top_nobody")
    refused(answer, 404, "not_found", topup_id="top_nobody")
    answer = lost.resolve(action="accept", topup_id=own.topup["topup_id"])
    refused(answer, 422, "policy_violation", policy="order_provider")
    refused(lost.resolve(action="accept", topup_id=ours), 422, "policy_violation", policy="order_paid")
    assert buyer.order("order-3").status == 201
    answer = payment.resolve(action="accept", topup_id=buyer.topup["topup_id"])
    refused(answer, 422, "policy_violation", policy="payment_granted")
    assert payment.resolve(action="accept", topup_id=ours).body["payment"]["resolutions"] == []
    assert (lost.seen["resolutions"], elsewhere.seen["resolutions"]) == ([], [])


def test_two_payments_accepted_for_one_order_at_once_grant_once(buyer: Buyer) -> None:
    buyer.scrip.deliver(lonely(buyer, "pay_lonely_a"))
    buyer.scrip.deliver(lonely(buyer, "pay_lonely_b"))
    order, other = buyer.topup["topup_id"], Paid(buyer, "pay_lonely_b")
    with buyer.scrip.meanwhile(lambda: other.resolve(action="accept", topup_id=order)):
        Paid(buyer, "pay_lonely_a").resolve(action="accept", topup_id=order)
    assert buyer.kinds == [("grant", "10000")]


def test_dismissing_takes_it_off_the_list_until_something_else_is_wrong(buyer: Buyer) -> None:
    payment = paid(buyer)
    refund = buyer.gets_back(36000)
    refund["data"]["currency"] = "CHF"
    buyer.scrip.deliver(refund)
    (reason,) = payment.parked
    answer = payment.resolve(action="dismiss", reason="paid back by wire")
    assert (answer.status, answer.body["payment"]["parked"]) == (200, [])
    assert answer.body["payment"]["parked_at"] is None
    buyer.scrip.deliver(refund)
    assert payment.parked == []
    again = payment.resolve(action="dismiss", reason="paid back by wire")
    assert len(again.body["payment"]["resolutions"]) == 1
    refund["data"] |= {"refund_id": "ref_other", "currency": "JPY"}
    buyer.scrip.deliver(refund)
    assert len(payment.parked) == 1
    assert payment.parked[0] != reason


def test_stating_an_amount_posts_what_follows(buyer: Buyer) -> None:
    """A refund in francs was 360.00 of the 1 200.00 dollars that were paid."""
    payment = paid(buyer)
    refund = buyer.gets_back(36000)
    refund["data"]["currency"] = "CHF"
    buyer.scrip.deliver(refund)
    about = f"refund:{refund['data']['refund_id']}"
    answer = payment.resolve(action="state", about=about, amount=36000)
    assert answer.status == 200, answer.text
    assert (answer.body["entry"]["kind"], answer.body["entry"]["amount"]) == ("clawback", "-3000")
    assert answer.body["payment"]["parked"] == []
    again = payment.resolve(action="state", about=about, amount=36000)
    assert (set(again.body), len(again.body["payment"]["resolutions"])) == ({"payment"}, 1)
    less = payment.resolve(action="state", about=about, amount=24000)
    assert (less.body["entry"]["kind"], less.body["entry"]["amount"]) == ("reinstatement", "1000")
    assert [one["amount"] for one in less.body["payment"]["resolutions"]] == [36000, 24000]
    buyer.scrip.sound(buyer.account)


def test_a_dispute_with_two_ends_is_frozen_until_somebody_says_how_it_ended(buyer: Buyer) -> None:
    payment = paid(buyer)
    won, lost = (payment.disputed(end, amount=TOTAL) for end in ("won", "lost"))
    buyer.scrip.deliver(won, lost)
    about = f"dispute:{won['data']['dispute_id']}"
    assert buyer.balance["frozen"] == "10000"
    assert len(payment.parked) == 1
    answer = payment.resolve(action="settle", about=about, status="lost")
    assert answer.status == 200, answer.text
    assert (answer.body["entry"]["kind"], answer.body["entry"]["amount"]) == ("clawback", "-10000")
    assert (answer.body["payment"]["parked"], answer.body["payment"]["status"]) == ([], "refunded")
    assert set(payment.resolve(action="settle", about=about, status="lost").body) == {"payment"}
    buyer.scrip.deliver(won, lost)
    assert (buyer.balance["total"], payment.parked) == ("0", [])
    # What comes later at the provider outranks it.
    later = payment.disputed("won", amount=TOTAL)
    later["data"]["dispute_stage"] = "pre_arbitration"
    buyer.scrip.deliver(later)
    assert buyer.balance["total"] == "10000"
    buyer.scrip.sound(buyer.account)


def test_a_refund_that_nobody_will_speak_of_again_is_settled(buyer: Buyer) -> None:
    payment = paid(buyer)
    refund = buyer.gets_back(36000, "pending")
    buyer.scrip.deliver(refund)
    about = f"refund:{refund['data']['refund_id']}"
    assert buyer.balance["frozen"] == "3000"
    refused(
        payment.resolve(action="settle", about=about, status="won"),
        422,
        "policy_violation",
        policy="resolution_status",
    )
    refused(
        payment.resolve(action="settle", about="refund:ref_nobody", status="failed"),
        404,
        "not_found",
        about="refund:ref_nobody",
    )
    assert payment.resolve(action="settle", about=about, status="failed").body["payment"]["status"] == "paid"
    assert (buyer.balance["available"], buyer.balance["frozen"]) == ("10000", "0")
    again = payment.resolve(action="settle", about=about, status="succeeded")
    refused(again, 422, "policy_violation", policy="resolution_status")


def test_what_cannot_be_stated(buyer: Buyer) -> None:
    payment = paid(buyer)
    refund = buyer.gets_back(36000)
    buyer.scrip.deliver(refund)
    answer = payment.resolve(action="state", about="refund:ref_nobody", amount=1)
    refused(answer, 404, "not_found", about="refund:ref_nobody")
    about = f"refund:{refund['data']['refund_id']}"
    answer = payment.resolve(action="state", about=about, amount=TOTAL + 1)
    refused(answer, 422, "amount_out_of_range", field="amount", largest=str(TOTAL))


DECISIONS: list[tuple[dict[str, Any], str]] = [
    ({}, "action"),
    ({"action": "forget"}, "action"),
    ({"action": "accept"}, "topup_id"),
    ({"action": "accept", "topup_id": ""}, "topup_id"),
    ({"action": "accept", "topup_id": "top_1", "amount": 1}, "amount"),
    ({"action": "dismiss", "topup_id": "top_1"}, "topup_id"),
    ({"action": "dismiss", "reason": ""}, "reason"),
    ({"action": "dismiss", "reason": None}, "reason"),
    ({"action": "state", "amount": 1}, "about"),
    ({"action": "settle", "about": "refund:re_1"}, "status"),
    ({"action": "settle", "about": "refund:re_1", "status": "paid"}, "status"),
    ({"action": "state", "about": "refund:re_1", "amount": 1, "status": "won"}, "status"),
    ({"action": "state", "about": "refund:re_1"}, "amount"),
    ({"action": "state", "about": "payment", "amount": 1}, "about"),
    ({"action": "state", "about": "refund:a b", "amount": 1}, "about"),
    ({"action": "state", "about": "refund:re_1", "amount": -1}, "amount"),
    ({"action": "state", "about": "refund:re_1", "amount": "1"}, "amount"),
    ({"action": "dismiss", "colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("body", "field"), DECISIONS, ids=[str(row[0]) for row in DECISIONS])
def test_a_decision_is_refused_with(scrip: Deployment, body: dict[str, Any], field: str) -> None:
    with scrip.unwritten():
        invalid(scrip.post("/v1/payments/dodo/pay_1/resolutions", {"reason": "x", **body}), field)


def test_a_decision_needs_a_reason_and_a_payment(scrip: Deployment) -> None:
    path = "/v1/payments/dodo/pay_nobody/resolutions"
    invalid(scrip.post(path, {"action": "dismiss"}), "reason")
    refused(scrip.post(path, {"action": "dismiss", "reason": "x"}), 404, "not_found", payment_id="pay_nobody")


def test_a_payment_has_a_hundred_decisions_at_most(buyer: Buyer) -> None:
    payment = paid(buyer)
    refund = buyer.gets_back(36000)
    buyer.scrip.deliver(refund)
    about = f"refund:{refund['data']['refund_id']}"
    for amount in range(1, 101):
        assert payment.resolve(action="state", about=about, amount=amount).status == 200
    answer = payment.resolve(action="state", about=about, amount=101)
    refused(answer, 422, "policy_violation", policy="max_resolutions")
    assert payment.resolve(action="state", about=about, amount=100).status == 200
