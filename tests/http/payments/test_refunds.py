"""Refunds that we start: frozen at once, asked of the provider, posted once, whatever is heard first (laws 3, 8, 9)."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from local.standins.dodo import Provider
from local.standins.stripe import Provider as Stripe
from tests.aws import Buyer, Call, Deployment, Fault, Key
from tests.http.contract import (
    ENTRY,
    GRANT_ENTRY,
    MOVED_BALANCE,
    invalid,
    refused,
    whole_balance,
    whole_entry,
    whole_lot,
)
from tests.http.payments.refunds import (
    ADMIN,
    GRANT,
    TOTAL,
    Paid,
    paid,
    paid_at_a_gateway_of_ones_own,
    paid_at_stripe,
    tell,
    tell_stripe,
)
from tests.http.payments.test_refund_requests import put

pytestmark = pytest.mark.usefixtures("in_memory")


WAITS = "a refund was asked for and not answered yet"


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment, provider: Provider) -> None:
    scrip.queued()
    provider.down = False


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


# As money


def test_all_that_is_unspent_goes_back_as_money(buyer: Buyer) -> None:
    """3 000 of 10 000 credits are burned: 7 000 go back, 700.00 and 140.00 of tax."""
    payment = paid(buyer)
    buyer.scrip.burn(buyer.account, "3000")
    answer = payment.refund(reason="asked for within 14 days")
    assert answer.status == 201, answer.text
    refund = answer.body["refund"]
    (made,) = payment.at_provider
    assert refund == {
        "request_id": made["metadata"]["request_id"],
        "refund_id": made["refund_id"],
        "as": "money",
        "status": "pending",
        "amount": usd(84000),
        "credits": "7000",
    }
    assert (made["amount"], made["currency"], made["reason"]) == (84000, "USD", "asked for within 14 days")
    entry = answer.body["entry"]
    whole_entry(entry, ENTRY | {"source"})
    assert (entry["kind"], entry["amount"], entry["frozen_after"]) == ("freeze", "0", "7000")
    assert (entry["actor"], entry["reason"]) == ("key:k1", "asked for within 14 days")
    assert entry["metadata"] == {"request_id": refund["request_id"], "topup_id": buyer.topup["topup_id"]}
    whole_balance(answer.balance, MOVED_BALANCE)
    assert (answer.balance["available"], answer.balance["frozen"]) == ("0", "7000")
    assert answer.body["payment"]["parked"] == []
    assert buyer.scrip.burn(buyer.account, "0.000001").code == "insufficient_credits"
    buyer.scrip.deliver(payment.settled())
    assert buyer.kinds == [("grant", "10000"), ("burn", "-3000"), ("freeze", "0"), ("clawback", "-7000")]
    assert buyer.money == {"recognised": 30000, "refunded": 70000, "breakage": 0}
    assert (payment.seen["status"], buyer.status) == ("partially_refunded",) * 2
    buyer.scrip.sound(buyer.account)


def test_a_part_of_it_goes_back(buyer: Buyer) -> None:
    payment = paid(buyer)
    answer = payment.refund(amount=36000)
    assert (answer.body["refund"]["credits"], answer.balance["available"]) == ("3000", "7000")
    buyer.scrip.deliver(payment.settled())
    second = payment.refund("refund-2")
    assert second.body["refund"]["amount"] == usd(84000)
    buyer.scrip.deliver(payment.settled())
    assert buyer.balance["total"] == "0"
    assert (payment.seen["status"], buyer.status) == ("refunded", "refunded")
    assert [one["amount"] for one in payment.at_provider] == [36000, 84000]
    buyer.scrip.sound(buyer.account)


def test_a_refund_that_fails_at_the_provider_thaws(buyer: Buyer) -> None:
    payment = paid(buyer)
    payment.refund()
    buyer.scrip.deliver(payment.settled("failed"))
    assert buyer.kinds == [("grant", "10000"), ("freeze", "0"), ("thaw", "0")]
    assert (buyer.balance["available"], payment.seen["status"]) == ("10000", "paid")
    assert payment.refund("refund-2").status == 201


# Never above what is unspent


def test_more_than_is_unspent_is_refused_with_what_could_be(buyer: Buyer) -> None:
    payment = paid(buyer)
    buyer.scrip.burn(buyer.account, "3000")
    with buyer.scrip.unwritten():
        answer = payment.refund(amount=84001)
    refused(
        answer,
        422,
        "policy_violation",
        policy="refund_unspent",
        unspent="7000",
        credits="7000.083334",
        refundable=usd(84000),
        left=usd(TOTAL),
        unit="credits",
    )
    assert payment.refund(amount=84000).status == 201


def test_what_is_held_or_frozen_is_not_unspent(buyer: Buyer) -> None:
    payment = paid(buyer)
    buyer.scrip.move(buyer.account, "holds", amount="1000")
    payment.refund("refund-1", amount=36000)
    answer = payment.refund("refund-2", amount=72001)
    refused(answer, 422, "policy_violation")
    assert (answer.body["unspent"], answer.body["refundable"]) == ("6000", usd(72000))
    assert payment.refund("refund-2", amount=72000).status == 201


def test_what_has_expired_is_not_unspent_whether_or_not_it_is_booked(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer = Buyer(scrip, provider, account, expires_in="P1D")
    payment = paid(buyer)
    path, clock = f"{payment.path}/refunds", "2099-01-01T00:00:00.000Z"
    answer = scrip.post(path, {"as": "money"}, key="k", clock=clock)
    refused(answer, 422, "policy_violation")
    assert (answer.body["policy"], answer.body["unspent"]) == ("refund_unspent", "0")


def test_nothing_unspent_is_nothing_to_refund(buyer: Buyer) -> None:
    payment = paid(buyer)
    buyer.scrip.burn(buyer.account, "10000")
    answer = payment.refund()
    refused(answer, 422, "policy_violation")
    assert (answer.body["policy"], answer.body["refundable"]) == ("refund_unspent", usd(0))


def test_an_admin_may_force_it_with_a_reason(buyer: Buyer) -> None:
    """All is burned, 360.00 goes back by force: 3 000 credits are owed once it has."""
    payment = paid(buyer)
    buyer.scrip.burn(buyer.account, "10000")
    wish: dict[str, Any] = {"amount": 36000, "force": True, "reason": "goodwill"}
    refused(payment.refund(caller=GRANT, **wish), 403, "forbidden", scope="admin")
    answer = payment.refund(caller=ADMIN, **wish)
    assert answer.status == 201, answer.text
    assert "entry" not in answer.body, "there was nothing to freeze"
    assert payment.seen["requests"][0]["force"] is True
    buyer.scrip.deliver(payment.settled())
    assert (buyer.balance["total"], buyer.balance["owed"]) == ("-3000", "3000")
    buyer.scrip.sound(buyer.account)


def test_nobody_can_force_more_than_is_left_of_the_payment(buyer: Buyer) -> None:
    payment = paid(buyer)
    payment.refund(amount=36000)
    answer = payment.refund("refund-2", ADMIN, amount=84001, force=True, reason="more")
    refused(answer, 422, "policy_violation", policy="refund_left", left=usd(84000))
    buyer.scrip.deliver(payment.disputed("opened"))
    answer = payment.refund("refund-2", ADMIN, amount=1, force=True, reason="more")
    refused(answer, 422, "policy_violation", policy="refund_left", left=usd(0))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"as": "goods"}, "as"),
    ({"as": None}, "as"),
    ({"amount": 0}, "amount"),
    ({"amount": -1}, "amount"),
    ({"amount": "36000"}, "amount"),
    ({"amount": 360.5}, "amount"),
    ({"amount": True}, "amount"),
    ({"amount": 10**15 + 1}, "amount"),
    ({"reason": ""}, "reason"),
    ({"reason": 1}, "reason"),
    ({"force": "true"}, "force"),
    ({"force": True}, "reason"),
    ({"force": True, "reason": "x", "as": "credit"}, "force"),
    ({"expires_in": "P1M"}, "expires_in"),
    ({"as": "credit", "expires_in": "soon"}, "expires_in"),
    ({"as": "credit", "expires_in": "PT0S"}, "expires_in"),
    ({"unit": "credits"}, "unit"),
    ({"as_": "money"}, "as_"),
]


@pytest.mark.parametrize(("body", "field"), WRONG, ids=[str(row[0]) for row in WRONG])
def test_a_refund_is_refused_with(buyer: Buyer, body: dict[str, Any], field: str) -> None:
    with buyer.scrip.unwritten():
        path = "/v1/payments/dodo/pay_1/refunds"
        invalid(buyer.scrip.post(path, {"as": "money", **body}, key="k"), field)


def test_a_refund_needs_a_key_and_a_payment(scrip: Deployment) -> None:
    path = "/v1/payments/dodo/pay_nobody/refunds"
    refused(scrip.post(path, {"as": "money"}), 400, "idempotency_key_missing")
    invalid(scrip.post(path, {}, key="k"), "as")
    refused(scrip.post(path, {"as": "money"}, key="k"), 404, "not_found", payment_id="pay_nobody")
    answer = scrip.post("/v1/payments/nobody/pay_1/refunds", {"as": "money"}, key="k")
    refused(answer, 404, "not_found", provider="nobody")


def test_a_payment_that_granted_nothing_is_refunded_at_its_provider(buyer: Buyer) -> None:
    payment = paid(buyer)
    event = buyer.pays()
    event["data"] |= {"payment_id": "pay_again", "checkout_session_id": buyer.session}
    buyer.scrip.deliver(event)
    again = Paid(buyer, "pay_again")
    assert again.parked == [f"its order was paid by {payment.payment_id} already"]
    refused(again.refund(caller=ADMIN), 422, "policy_violation", policy="refund_granted")


def test_before_a_refund_it_must_be_clear_what_another_one_was(buyer: Buyer) -> None:
    payment = paid(buyer)
    refund = buyer.gets_back(36000)
    refund["data"]["currency"] = "CHF"
    buyer.scrip.deliver(refund)
    refused(payment.refund(), 422, "policy_violation", policy="refund_clear")
    about = f"refund:{refund['data']['refund_id']}"
    assert payment.resolve(action="state", about=about, amount=36000).status == 200
    assert payment.refund().body["refund"]["amount"] == usd(84000)


# Reads


def payment_reads(calls: list[Call]) -> int:
    """How often a payment's document was read."""
    return sum(
        1
        for call in calls
        for key in (
            [call.params["Key"]]
            if call.name == "GetItem"
            else [key for wanted in call.params["RequestItems"].values() for key in wanted["Keys"]]
            if call.name == "BatchGetItem"
            else []
        )
        if key["pk"]["S"].startswith("payment#")
    )


@pytest.mark.parametrize(
    "body",
    [{}, {"amount": 36000}, {"as": "credit"}, {"as": "credit", "amount": 36000}],
    ids=["all as money", "a part as money", "all as credit", "a part as credit"],
)
def test_a_refund_reads_its_payment_once(buyer: Buyer, body: dict[str, Any]) -> None:
    """Also where it is booked twice: what is frozen, and what the provider says."""
    payment = paid(buyer)
    with buyer.scrip.calls() as calls:
        assert payment.refund(**body).status == 201
    assert payment_reads(calls) == 1


def test_a_refund_that_was_refused_or_is_asked_for_again_reads_its_payment_once(
    buyer: Buyer, provider: Provider
) -> None:
    payment = paid(buyer)
    provider.down = True
    with buyer.scrip.calls() as unanswered:
        refused(payment.refund(amount=36000), 503, "unavailable")
    provider.down = False
    with buyer.scrip.calls() as asked_again:
        assert payment.refund(amount=36000).status == 201
    with buyer.scrip.calls() as replayed:
        assert payment.refund(amount=36000).replayed
    with buyer.scrip.calls() as refusal:
        refused(payment.refund("refund-2", amount=TOTAL), 422, "policy_violation")
    reads = [payment_reads(calls) for calls in (unanswered, asked_again, replayed, refusal)]
    assert reads == [1, 1, 1, 1]


def test_a_payment_that_somebody_changes_meanwhile_is_read_again(buyer: Buyer) -> None:
    payment = paid(buyer)
    other = buyer.gets_back(12000)
    with (
        buyer.scrip.meanwhile(lambda: buyer.scrip.deliver(other)),
        buyer.scrip.calls() as calls,
    ):
        answer = payment.refund(amount=36000)
    assert answer.status == 201
    assert {one["amount"] for one in answer.body["payment"]["refunds"]} == {12000, 36000}
    assert payment_reads(calls) > 1
    buyer.scrip.sound(buyer.account)


def test_a_resolution_reads_its_payment_once(buyer: Buyer) -> None:
    payment = paid(buyer)
    refund = buyer.gets_back(36000)
    refund["data"]["currency"] = "CHF"
    buyer.scrip.deliver(refund)
    with buyer.scrip.calls() as calls:
        about = f"refund:{refund['data']['refund_id']}"
        assert payment.resolve(action="state", about=about, amount=36000).status == 200
    assert payment_reads(calls) == 1


# Whatever is heard first


def test_where_the_provider_does_not_answer_the_credits_stay_frozen_and_the_key_goes_on(
    buyer: Buyer, provider: Provider
) -> None:
    payment = paid(buyer)
    provider.down = True
    answer = payment.refund(amount=36000)
    refused(answer, 503, "unavailable")
    assert (buyer.balance["available"], buyer.balance["frozen"]) == ("7000", "3000")
    (request,) = payment.seen["requests"]
    assert payment.parked == [f"refund:request:{request['request_id']}: {WAITS}"]
    refused(payment.refund(amount=36000), 503, "unavailable")
    assert buyer.kinds == [("grant", "10000"), ("freeze", "0")]
    provider.down = False
    answer = payment.refund(amount=36000)
    assert (answer.status, answer.body["refund"]["request_id"]) == (201, request["request_id"])
    assert not answer.replayed
    assert (answer.body["entry"]["kind"], answer.balance["frozen"]) == ("freeze", "3000")
    assert (payment.parked, len(payment.at_provider)) == ([], 1)
    buyer.scrip.deliver(payment.settled())
    assert buyer.kinds == [("grant", "10000"), ("freeze", "0"), ("clawback", "-3000"), ("thaw", "0")]
    buyer.scrip.sound(buyer.account)


STEPS = ("asked again", "webhook", "webhook again", "the payment again")


@pytest.mark.parametrize("status", ["succeeded", "failed"])
def test_law_9_in_any_order_it_ends_the_same(
    scrip: Deployment, provider: Provider, account: str, status: str
) -> None:
    """The provider has made the refund, and its answer to us was lost. Then we ask again, and are told, in any order,
    twice: it is one refund, and one clawback, or none. Each step is first, and each is last, in some."""
    for number, order in enumerate(list(permutations(STEPS))[::5]):
        provider.down = False
        buyer = Buyer(scrip, provider, f"{account}-{number}")
        payment = paid(buyer)
        provider.down = True
        assert payment.refund(amount=36000).status == 503
        provider.down = False
        request_id = payment.seen["requests"][0]["request_id"]
        provider.refund(buyer.session, {"webhook": False, "amount": 36000, "status": "pending"})
        payment.at_provider[-1]["metadata"] = {"request_id": request_id}
        webhook = payment.settled(status)
        for step in order:
            match step:
                case "asked again":
                    assert payment.refund(amount=36000).status == 201
                case "the payment again":
                    scrip.deliver(buyer.pays())
                case _:
                    scrip.deliver(webhook)
        assert len(payment.at_provider) == 1
        total = "7000" if status == "succeeded" else "10000"
        balance = buyer.balance
        assert (balance["total"], balance["frozen"], balance["owed"]) == (total, "0", "0"), order
        assert [one["status"] for one in payment.seen["refunds"]] == [status]
        assert payment.parked == []
        scrip.sound(buyer.account)


def test_a_webhook_never_heard_leaves_the_credits_frozen(buyer: Buyer) -> None:
    payment = paid(buyer)
    payment.refund(amount=36000)
    assert (buyer.balance["frozen"], payment.seen["position"]["frozen"]) == ("3000", "3000")
    payment.settled()
    buyer.scrip.deliver(buyer.pays())  # the payment, said again, lists its refunds
    assert (buyer.balance["frozen"], buyer.balance["total"]) == ("0", "7000")


def test_a_provider_that_refuses_gives_its_reason_and_nothing_stays_frozen(
    buyer: Buyer, provider: Provider
) -> None:
    """All of it went back from the provider's dashboard, and no webhook has come."""
    payment = paid(buyer)
    buyer.gets_back(TOTAL)
    answer = payment.refund(amount=36000)
    assert (answer.status, answer.code, answer.body["policy"]) == (422, "policy_violation", "refund_refused")
    assert answer.body["provider_status"] == 409
    assert "REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT" in answer.body["provider_reason"]
    assert buyer.kinds == [("grant", "10000"), ("freeze", "0"), ("thaw", "0")]
    assert ([one["status"] for one in payment.seen["refunds"]], payment.parked) == (["failed"], [])


def test_without_an_api_key_nothing_is_frozen_and_credit_is_given_all_the_same(buyer: Buyer) -> None:
    payment, secrets = paid(buyer), buyer.scrip.secrets
    name = buyer.scrip.environment["SCRIP_DODO_API_KEY_SECRET_ID"]
    key = secrets.get_secret_value(SecretId=name)["SecretString"]
    secrets.put_secret_value(SecretId=name, SecretString='{"api_key": ""}')
    buyer.scrip.cold()
    try:
        with buyer.scrip.unwritten():
            refused(payment.refund(amount=36000), 503, "unavailable")
        assert payment.credit(amount=36000).status == 201
    finally:
        secrets.put_secret_value(SecretId=name, SecretString=key)
        buyer.scrip.cold()


def test_two_refunds_at_once_do_not_take_the_same_credits(buyer: Buyer) -> None:
    payment = paid(buyer)
    with buyer.scrip.meanwhile(lambda: payment.refund("refund-2", amount=84000)):
        answer = payment.refund("refund-1", amount=48000)
    assert (answer.code, answer.body["policy"]) == ("policy_violation", "refund_left")
    assert [one["amount"] for one in payment.at_provider] == [84000]


def test_what_is_burned_between_the_quote_and_the_freeze_is_not_refunded(buyer: Buyer) -> None:
    payment = paid(buyer)
    with buyer.scrip.meanwhile(lambda: buyer.scrip.burn(buyer.account, "3000")):
        answer = payment.refund()
    assert (answer.status, answer.body["refund"]["amount"]) == (201, usd(84000))
    buyer.scrip.deliver(payment.settled())
    assert (buyer.balance["total"], buyer.balance["owed"]) == ("0", "0")


def test_what_is_burned_meanwhile_makes_an_amount_too_large(buyer: Buyer) -> None:
    payment = paid(buyer)
    with buyer.scrip.meanwhile(lambda: buyer.scrip.burn(buyer.account, "3000")):
        answer = payment.refund(amount=TOTAL)
    assert (answer.code, answer.body["unspent"]) == ("policy_violation", "7000")
    assert payment.at_provider == []


# At Stripe


def test_a_refund_at_stripe_has_succeeded_when_it_answers(buyer: Buyer, stripe: Stripe) -> None:
    """No webhook is needed; when it comes all the same, and once more when the refund has failed after all, it is the
    same refund."""
    payment = paid_at_stripe(buyer, stripe)
    assert (buyer.balance["total"], payment.parked) == ("10000", [])
    answer = payment.refund(amount=36000)
    assert answer.status == 201, answer.text
    (made,) = stripe.checkout(buyer.session).payments[0].refunds
    refund = answer.body["refund"]
    assert (refund["status"], refund["refund_id"]) == ("succeeded", made["id"])
    assert made["metadata"]["request_id"] == refund["request_id"]
    assert (answer.balance["total"], answer.balance["frozen"]) == ("7000", "0")
    assert [kind for kind, _ in buyer.kinds] == ["grant", "freeze", "clawback", "thaw"]
    tell_stripe(buyer.scrip, "refund.created", made)
    assert payment.refund(amount=36000).text == answer.text
    assert (buyer.balance["total"], payment.seen["status"]) == ("7000", "partially_refunded")
    stripe.settle(made["id"], {"status": "failed", "webhook": False})
    tell_stripe(buyer.scrip, "refund.failed", stripe.checkout(buyer.session).payments[0].refunds[0])
    assert (buyer.balance["total"], buyer.balance["frozen"]) == ("10000", "0")
    buyer.scrip.sound(buyer.account)


def test_a_refund_at_stripe_whose_answer_was_lost_is_made_once(buyer: Buyer, stripe: Stripe) -> None:
    payment = paid_at_stripe(buyer, stripe)
    stripe.down = True
    refused(payment.refund(amount=36000), 503, "unavailable")
    stripe.down = False
    with buyer.scrip.broken("PutItem", put(2), times=2):
        refused(payment.refund(amount=36000), 503, "unavailable")
    assert payment.refund(amount=36000).status == 201
    assert len(stripe.checkout(buyer.session).payments[0].refunds) == 1
    assert (buyer.balance["total"], buyer.balance["frozen"]) == ("7000", "0")


# At a gateway of one's own


def test_where_there_is_no_api_the_app_does_it_and_names_the_request(buyer: Buyer) -> None:
    payment = paid_at_a_gateway_of_ones_own(buyer)
    answer = payment.refund(amount=36000)
    assert answer.status == 201, answer.text
    refund = answer.body["refund"]
    assert (refund["status"], refund["refund_id"], answer.balance["frozen"]) == ("pending", None, "3000")
    assert payment.parked == [f"refund:request:{refund['request_id']}: {WAITS}"]
    assert answer.body["payment"] == payment.seen
    assert payment.refund(amount=36000).text == answer.text
    data = {
        "payment_id": payment.payment_id,
        "refund_id": "re_1",
        "amount": 36000,
        "currency": "USD",
        "request_id": refund["request_id"],
    }
    tell(buyer.scrip, "refund.succeeded", data)
    tell(buyer.scrip, "refund.pending", data)
    assert (buyer.balance["total"], buyer.balance["frozen"], payment.parked) == ("7000", "0", [])
    assert [(one["id"], one["status"]) for one in payment.seen["refunds"]] == [("re_1", "succeeded")]
    assert payment.refund(amount=36000).text == answer.text
    buyer.scrip.sound(buyer.account)


def test_a_refund_that_the_app_does_not_do_is_stated_to_be_of_nothing(buyer: Buyer) -> None:
    payment = paid_at_a_gateway_of_ones_own(buyer)
    request_id = payment.refund(amount=36000).body["refund"]["request_id"]
    answer = payment.resolve(action="state", about=f"refund:request:{request_id}", amount=0)
    assert (answer.status, answer.body["entry"]["kind"]) == (200, "thaw")
    assert buyer.balance["available"] == "10000"
    assert payment.resolve(action="dismiss").body["payment"]["parked"] == []


def test_a_refund_that_rounding_has_frozen_already_makes_no_entry(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """Whole credits, 12 minor units each: the first minor unit freezes one, and the next eleven are of that one."""
    scrip.put("/v1/units/whole", {"precision": 0})
    payment = paid_at_a_gateway_of_ones_own(Buyer(scrip, provider, account, "whole"))
    frozen = []
    for number, amount in enumerate((1, 11, 1)):
        answer = payment.refund(f"refund-{number}", amount=amount)
        assert answer.status == 201, answer.text
        frozen.append((answer.body["refund"]["credits"], "entry" in answer.body))
        assert payment.refund(f"refund-{number}", amount=amount).text == answer.text
    assert frozen == [("1", True), ("0", False), ("1", True)]
    assert payment.buyer.balance["frozen"] == "2"
    scrip.sound(account, "whole")


# As credit


def test_all_that_is_unspent_comes_back_as_credit(buyer: Buyer) -> None:
    """7 000 of 10 000 credits move to a lot of their own, with the 700.00 that were paid for them."""
    payment = paid(buyer)
    buyer.scrip.burn(buyer.account, "3000")
    answer = payment.credit(reason="wrong pack")
    assert answer.status == 201, answer.text
    refund = answer.body["refund"]
    assert (refund["as"], refund["status"], refund["refund_id"]) == ("credit", "succeeded", None)
    assert (refund["amount"], refund["credits"]) == (usd(84000), "7000")
    whole_entry(answer.body["entry"], GRANT_ENTRY | {"source"})
    lot = answer.body["lot"]
    whole_lot(lot)
    assert (lot["kind"], lot["granted"], lot["expires_at"]) == ("refund", "7000", None)
    assert lot["cost_basis"] == usd(70000)
    assert lot["source"] == {
        "type": "payment",
        "id": f"dodo:{payment.payment_id}",
        "href": f"/v1/payments/dodo/{payment.payment_id}",
    }
    assert buyer.kinds == [("grant", "10000"), ("burn", "-3000"), ("clawback", "-7000"), ("grant", "7000")]
    assert (answer.balance["total"], answer.balance["by_category"]["paid"]) == ("7000", "7000")
    old, new = sorted(buyer.scrip.lots(buyer.account, status="all"), key=lambda one: one["lot_id"])
    assert (old["remaining"], old["status"], new["remaining"]) == ("0", "voided", "7000")
    assert payment.at_provider == []
    seen = payment.seen
    assert (seen["status"], seen["position"]["credited"], seen["position"]["clawed"]) == ("paid", "7000", "0")
    again = payment.credit(reason="wrong pack")
    assert (again.text, again.replayed) == (answer.text, True)
    assert buyer.balance["total"] == "7000"
    buyer.scrip.sound(buyer.account)


def test_law_8_its_money_is_refunded_on_the_old_lot_and_the_cost_basis_of_the_new(buyer: Buyer) -> None:
    """300.00 of 1 000.00 move: burning all the rest earns 700.00, and the new lot 300.00."""
    payment = paid(buyer)
    payment.credit(amount=36000)
    assert buyer.money == {"recognised": 0, "refunded": 30000, "breakage": 0}
    buyer.scrip.burn(buyer.account, "7000")
    assert buyer.money == {"recognised": 70000, "refunded": 30000, "breakage": 0}
    buyer.scrip.burn(buyer.account, "3000")
    assert buyer.money == {"recognised": 100000, "refunded": 30000, "breakage": 0}
    buyer.scrip.sound(buyer.account)


def test_credit_may_expire(buyer: Buyer) -> None:
    payment = paid(buyer)
    lot = payment.credit(expires_in="P1Y").body["lot"]
    assert lot["expires_at"] > lot["effective_at"]


def test_credit_of_more_than_is_unspent_is_refused(buyer: Buyer) -> None:
    payment = paid(buyer)
    buyer.scrip.burn(buyer.account, "3000")
    with buyer.scrip.unwritten():
        answer = payment.credit(amount=84001)
    refused(answer, 422, "policy_violation")
    assert (answer.body["policy"], answer.body["refundable"]) == ("refund_unspent", usd(84000))


def test_money_that_became_credit_is_not_paid_back_as_well(buyer: Buyer) -> None:
    payment = paid(buyer)
    payment.credit("credit", amount=36000)
    answer = payment.refund("money", ADMIN, amount=84001, force=True, reason="all")
    refused(answer, 422, "policy_violation", policy="refund_left", left=usd(84000))
    assert payment.refund("money").body["refund"]["amount"] == usd(84000)
    buyer.scrip.deliver(payment.settled())
    assert (buyer.balance["total"], buyer.balance["owed"]) == ("3000", "0")
    buyer.scrip.sound(buyer.account)


@pytest.mark.parametrize(
    ("policy", "total", "owed"), [("owe", "0", "3000"), ("write_off", "3000", "0"), ("other_lots", "0", "0")]
)
def test_a_dispute_of_all_of_it_takes_the_face_and_what_became_credit_is_short(
    scrip: Deployment, provider: Provider, account: str, policy: str, total: str, owed: str
) -> None:
    """10 000 are taken; 7 000 are in the lot, 3 000 are in the one that came back. A dispute won after all gives the
    same lots back."""
    scrip.put(f"/v1/units/{account}", {"precision": 2, "policy": {"refund_shortfall": policy}})
    buyer = Buyer(scrip, provider, account, unit=account)
    payment = paid(buyer)
    payment.credit(amount=36000)
    scrip.deliver(payment.disputed("lost"))
    assert (buyer.balance["total"], buyer.balance["owed"]) == (total, owed)
    scrip.sound(account, account)
    scrip.deliver(payment.disputed("won", stage="pre_arbitration"))
    assert (buyer.balance["total"], buyer.balance["owed"]) == ("10000", "0")
    scrip.sound(account, account)


def test_credit_goes_once_whatever_is_heard_of_it(buyer: Buyer) -> None:
    payment = paid(buyer)
    wish: dict[str, Any] = {"as": "credit", "amount": 36000}
    with buyer.scrip.broken("TransactWriteItems", Fault.timeout, lost=True):
        refused(payment.refund(**wish), 503, "unavailable")
    answer = payment.refund(**wish)
    assert (answer.status, answer.replayed, answer.body["refund"]["credits"]) == (201, True, "3000")
    twin: list[Any] = []
    with buyer.scrip.meanwhile(lambda: twin.append(payment.refund("second", **wish))):
        again = payment.refund("second", **wish)
    assert again.body == twin[0].body
    assert [kind for kind, _ in buyer.kinds] == ["grant", "clawback", "grant", "clawback", "grant"]
    buyer.scrip.sound(buyer.account)


def test_credit_comes_back_to_a_frozen_wallet_too(buyer: Buyer) -> None:
    payment = paid(buyer)
    buyer.scrip.move(buyer.account, "freeze", reason="looked into")
    assert payment.credit().status == 201


def test_credit_works_at_every_provider(buyer: Buyer) -> None:
    payment = paid_at_a_gateway_of_ones_own(buyer)
    answer = payment.credit(amount=36000)
    assert (answer.status, answer.body["refund"]["status"], payment.parked) == (201, "succeeded", [])


def test_who_may_refund(buyer: Buyer) -> None:
    payment = paid(buyer)
    refused(payment.refund(caller=Key("burn")), 403, "forbidden", scope="grant")
    refused(payment.refund(caller=Key("grant", account="somebody")), 403, "forbidden")
    assert payment.refund(caller=Key("grant", account=buyer.account)).status == 201


def test_the_webhook_of_the_refund_may_come_before_we_have_kept_the_answer(buyer: Buyer) -> None:
    """Between what the provider answered and our keeping of it, its webhook is applied."""
    payment, seen = paid(buyer), list[bool]()

    def told() -> None:
        if payment.at_provider and not seen:
            seen.append(True)
            buyer.scrip.deliver(payment.settled())

    with buyer.scrip.meanwhile(told, times=9):
        answer = payment.refund(amount=36000)
    assert seen
    assert (answer.status, answer.body["refund"]["status"]) == (201, "succeeded")
    assert buyer.kinds == [("grant", "10000"), ("freeze", "0"), ("clawback", "-3000"), ("thaw", "0")]
    buyer.scrip.sound(buyer.account)


# What ended or went on before its money went back (laws 7 and 8)


def test_what_was_voided_unspent_is_not_owed_when_its_money_goes_back(buyer: Buyer) -> None:
    """10 000 credits for 1 000.00: 3 000 burned, 7 000 voided; all goes back. Only the burned are owed."""
    buyer.order()
    buyer.scrip.deliver(buyer.pays())
    buyer.scrip.burn(buyer.account, "3000")
    lot = buyer.lot["lot_id"]
    assert buyer.scrip.post(f"/v1/accounts/{buyer.account}/lots/{lot}/void", {}, key="v").status == 201
    buyer.scrip.deliver(buyer.gets_back(100000))
    assert (buyer.balance["owed"], buyer.balance["available"]) == ("3000", "0")
    money = buyer.scrip.entries(buyer.account)[-1]["money"]
    assert (money["refunded"], money["recognised"], money["gross"], money["tax"]) == (
        100000,
        -100000,
        100000,
        0,
    )
    assert "bad_debt" not in money
    buyer.scrip.sound(buyer.account)


def test_money_that_is_kept_takes_its_tax_and_its_order_along(buyer: Buyer) -> None:
    """1 200.00 with 200.00 of tax; 600.00 is kept: each lot has 100.00 of the tax."""
    buyer.order()
    paid = buyer.pays(tax=20000)
    buyer.scrip.deliver(paid)
    path = f"/v1/payments/dodo/{paid['data']['payment_id']}/refunds"
    assert buyer.scrip.post(path, {"as": "credit", "amount": 60000}, key="k").status == 201
    lots = buyer.scrip.lots(buyer.account)
    assert [(lot["kind"], lot["tax"]["amount"], lot["topup_id"]) for lot in lots] == [
        ("paid", 10000, buyer.topup["topup_id"]),
        ("refund", 10000, buyer.topup["topup_id"]),
    ]
    assert lots[1]["tax_point"] == lots[0]["tax_point"]
    (money,) = [entry["money"] for entry in buyer.scrip.entries(buyer.account) if "money" in entry]
    assert (money["gross"], money["tax"], money["refunded"]) == (60000, 10000, 50000)
    assert money["facts"][0].startswith("refund:rf_")
    buyer.scrip.sound(buyer.account)
