"""What people see of payments over HTTP, and what they decide of those that wait."""

from __future__ import annotations

from typing import Any

import pytest

from local.standins.dodo import Provider
from tests.aws import Buyer, Deployment, Key
from tests.http.contract import INSTANT, invalid, refused
from tests.http.payments.refunds import ADMIN, TAX, TOTAL, Paid, paid, paid_at_a_gateway_of_ones_own

pytestmark = pytest.mark.usefixtures("in_memory")

READ = Key("read")


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


def listed(scrip: Deployment, **query: str) -> Any:
    answer = scrip.get("/v1/payments", query={"status": "parked", **query})
    assert answer.status == 200, answer.text
    return answer.body


def names(page: Any) -> list[str]:
    return [one["payment_id"] for one in page["items"]]


def lonely(buyer: Buyer, name: str) -> Any:
    """The webhook of a payment that is of no order."""
    buyer.order()
    event = buyer.pays(tax=TAX)
    event["data"] |= {"payment_id": name, "checkout_session_id": f"cks_{name}"}
    return event


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
        "lot_id": "lot_1",
        "part_of": None,
        "paid": {"amount": TOTAL, "tax": TAX, "currency": "USD"},
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
    assert seen["parked"] == [{"reason": "the payment itself is not known yet"}]
    assert [one["amount"] for one in seen["refunds"]] == [36000]


def test_who_may_see_a_payment(buyer: Buyer) -> None:
    payment = paid(buyer)
    for path in (payment.path, f"{payment.path}/refund-quote"):
        assert buyer.scrip.get(path, caller=READ).status == 200
        assert buyer.scrip.get(path, caller=Key("read", account=buyer.account)).status == 200
        refused(buyer.scrip.get(path, caller=Key("read", account=f"{buyer.account}-b")), 403, "forbidden")


def test_a_payment_that_is_nobodys_is_an_admins(buyer: Buyer) -> None:
    buyer.scrip.deliver(lonely(buyer, "pay_lonely_1"))
    path = "/v1/payments/dodo/pay_lonely_1"
    for caller in (READ, Key("grant")):
        refused(buyer.scrip.get(path, caller=caller), 403, "forbidden", scope="admin")
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


# Those that wait


def test_those_that_wait_longest_come_first_page_by_page(buyer: Buyer) -> None:
    assert listed(buyer.scrip) == {"items": [], "next_cursor": None}
    wanted = [f"pay_lonely_{number}" for number in range(5)]
    for name in wanted:
        buyer.scrip.deliver(lonely(buyer, name))
    page = listed(buyer.scrip)
    assert (names(page), page["next_cursor"]) == (wanted, None)
    assert [one["status"] for one in page["items"]] == ["paid"] * 5
    assert page["items"][0]["parked"] == [{"reason": "no order has the checkout session cks_pay_lonely_0"}]
    since = [one["parked_at"] for one in page["items"]]
    assert since == sorted(since)
    found: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    for _ in range(3):
        page = listed(buyer.scrip, **query)
        found += names(page)
        query["cursor"] = page["next_cursor"]
    assert (found, page["next_cursor"]) == (wanted, None)


def test_what_waits_no_more_is_not_listed(buyer: Buyer) -> None:
    payment = paid(buyer)
    buyer.scrip.deliver(lonely(buyer, "pay_lonely_9"))
    assert "pay_lonely_9" in names(listed(buyer.scrip))
    assert payment.payment_id not in names(listed(buyer.scrip))
    Paid(buyer, "pay_lonely_9").resolve(action="dismiss")
    assert "pay_lonely_9" not in names(listed(buyer.scrip))


def test_a_list_that_lags_leaves_out_what_waits_no_more(
    buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index still says that it waits; the payment itself does not."""
    from scrip.store import payments

    payment = paid(buyer)
    at = [(1, "dodo", payment.payment_id), (2, "dodo", "pay_gone")]
    monkeypatch.setattr(payments, "listed", lambda *_, **__: (at, (2, "payment#dodo#pay_gone")))
    page = listed(buyer.scrip)
    assert page["items"] == []
    assert page["next_cursor"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "status"),
        ({"status": "paid"}, "status"),
        ({"status": ""}, "status"),
        ({"status": "parked", "limit": "0"}, "limit"),
        ({"status": "parked", "limit": "1001"}, "limit"),
        ({"status": "parked", "cursor": "x"}, "cursor"),
        ({"status": "parked", "cursor": "WzFd"}, "cursor"),
        ({"status": "parked", "cursor": "WzEsImRvZG8iLCJhI2IiXQ"}, "cursor"),
        ({"status": "parked", "account": "acme"}, "account"),
    ],
)
def test_a_list_of_payments_is_refused(scrip: Deployment, query: dict[str, str], field: str) -> None:
    invalid(scrip.get("/v1/payments", query=query), field)


# Decisions


def test_accepting_grants_for_the_order_whatever_differs(buyer: Buyer) -> None:
    """The buyer's bank took 10.00: 990.00 came for 1 000.00."""
    buyer.order()
    event = buyer.pays(total_amount=99000)
    buyer.scrip.deliver(event)
    payment = Paid(buyer, event["data"]["payment_id"])
    assert "paid 99000 USD" in payment.parked[0]
    said = {"action": "accept", "topup_id": buyer.topup["topup_id"], "reason": "the bank's fee"}
    answer = payment.resolve(**said)
    assert answer.status == 200, answer.text
    assert (answer.body["entry"]["kind"], answer.balance["available"]) == ("grant", "10000")
    assert (answer.body["entry"]["actor"], answer.body["entry"]["reason"]) == ("key:k1", "the bank's fee")
    assert answer.body["lot"]["cost_basis"] == {"amount": 100000, "currency": "USD"}
    (resolution,) = answer.body["payment"]["resolutions"]
    assert INSTANT.fullmatch(resolution["at"])
    assert resolution == {**said, "actor": "key:k1", "at": resolution["at"]}
    assert (answer.body["payment"]["parked"], buyer.status) == ([], "paid")
    assert "pay_" in str(buyer.scrip.get(f"/v1/topups/{buyer.topup['topup_id']}").body["payment_id"])
    again = payment.resolve(**said)
    assert (again.status, set(again.body)) == (200, {"payment"})
    assert again.body["payment"] == answer.body["payment"]
    buyer.scrip.deliver(event)
    assert buyer.kinds == [("grant", "10000")]
    buyer.scrip.sound(buyer.account)


def test_accepting_an_order_that_no_session_tells(buyer: Buyer) -> None:
    buyer.scrip.deliver(lonely(buyer, "pay_wire"))
    payment = Paid(buyer, "pay_wire")
    assert payment.resolve(action="accept", topup_id=buyer.topup["topup_id"]).status == 200
    assert (payment.seen["account"], buyer.balance["total"]) == (buyer.account, "10000")
    assert buyer.scrip.get(payment.path, caller=Key("read", account=buyer.account)).status == 200


def test_an_accepted_payment_into_a_closed_wallet_waits(buyer: Buyer) -> None:
    buyer.scrip.deliver(lonely(buyer, "pay_closed"))
    buyer.scrip.move(buyer.account, "close", reason="left")
    answer = Paid(buyer, "pay_closed").resolve(action="accept", topup_id=buyer.topup["topup_id"])
    assert (answer.status, set(answer.body)) == (200, {"payment"})
    assert [one["reason"] for one in answer.body["payment"]["parked"]] == ["the wallet is closed for ever"]


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
