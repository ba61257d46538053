"""Lookups: what webhooks leave open is asked of the provider, and its answer counts as a webhook does (law 9).

Providers' stand-ins are asked over HTTP, through the SDKs."""

from __future__ import annotations

import json

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from local.standins.dodo import Provider
from local.standins.stripe import Provider as Stripe
from scrip import runtime
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Refund
from tests.aws import Buyer, Deployment, Json
from tests.http.payments.refunds import core
from tests.metrics import counted

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture
def buyer(scrip: Deployment, dodo: Provider, account: str) -> Buyer:
    return Buyer(scrip, dodo, account)


# Stripe: what webhooks leave open is asked for


def order_at_stripe(scrip: Deployment, account: str) -> str:
    """The session of an order for 10 000 credits at 1 000.00 USD."""
    pack = {"unit": "credits", "credits": "10000", "price": {"amount": 100_000, "currency": "USD"}}
    scrip.put(f"/v1/packs/{account}", pack)
    wanted = {"account": account, "pack": account, "provider": "stripe", "accept_terms": True}
    answer = scrip.post(
        "/v1/topups", {**wanted, "return_url": "https://shop.example.test/done"}, key="order-1"
    )
    assert answer.status == 201, answer.text
    return str(answer.body["checkout_session_id"])


def kinds(scrip: Deployment, account: str) -> list[tuple[str, str]]:
    return [(entry["kind"], entry["amount"]) for entry in scrip.entries(account)]


def test_a_bare_intent_whose_tax_nobody_told_is_asked_about_and_granted(
    scrip: Deployment, at_stripe: Stripe, account: str
) -> None:
    """120 000 for an order of 100 000: the intent says no tax, its session does."""
    session = order_at_stripe(scrip, account)
    intent = at_stripe.pay(session, {"tax": 20_000, "webhook": False})["payment_intent"]
    (event,) = [said for said in at_stripe.said if said["type"] == "payment_intent.succeeded"]
    assert scrip.webhook(event, provider="stripe").status == 200
    assert scrip.apply(scrip.queued()) == []
    assert kinds(scrip, account) == []
    questions = scrip.asked()
    assert [json.loads(question["body"]) for question in questions] == [
        {"provider": "stripe", "payment_id": intent, "session_id": session}
    ]
    assert scrip.inquire(questions) == []
    assert scrip.apply(scrip.queued()) == []
    assert kinds(scrip, account) == [("grant", "10000")]
    assert scrip.lots(account)[0]["tax"] == {"amount": 20_000, "currency": "USD"}
    assert scrip.asked() == []


def test_a_dispute_with_two_ends_is_asked_about_and_settled(
    scrip: Deployment, buyer: Buyer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dodo's webhooks say won and lost of one stage; asked, it says won."""
    buyer.order()
    paid = buyer.pays()
    scrip.deliver(paid)
    payment_id = paid["data"]["payment_id"]
    for status in ("opened", "lost", "won"):
        buyer.provider.dispute(buyer.session, {"webhook": False, "status": status})
        said = buyer.provider.said[-1]
        scrip.deliver(said)
    assert buyer.status == "disputed"
    assert (buyer.balance["available"], buyer.balance["frozen"]) == ("0", "10000")
    assert scrip.payment(payment_id)["parked"]
    applied = [one["type"] for one in counted(capsys, "PaymentApplied")]
    assert applied == ["payment.succeeded", "dispute.opened", "dispute.lost", "dispute.won"]
    assert scrip.inquire(scrip.asked()) == []
    named = f"dodo:{payment_id}"
    assert counted(capsys, "InquiryAnswered") == [{"InquiryAnswered": 1, "payment": named}]
    assert scrip.apply(scrip.queued()) == []
    (answered,) = counted(capsys, "PaymentApplied")
    assert answered == {"PaymentApplied": 1, "payment": named, "type": "read"}
    assert scrip.payment(payment_id)["parked"] == []
    assert (buyer.status, buyer.balance["available"], buyer.balance["frozen"]) == ("paid", "10000", "0")
    assert scrip.asked() == []
    scrip.sound(buyer.account)


def test_what_a_provider_is_asked_about_is_applied_at_the_test_clocks_instant_of_the_webhook(
    scrip: Deployment, at_stripe: Stripe, account: str
) -> None:
    """The instant goes along in both queues: 2030-06-01T00:00:00Z is 1 906 502 400 seconds after 1970."""
    session = order_at_stripe(scrip, account)
    at_stripe.pay(session, {"tax": 20_000, "webhook": False})
    (event,) = [said for said in at_stripe.said if said["type"] == "payment_intent.succeeded"]
    clock = {"scrip-test-clock": "2030-06-01T02:00:00+02:00"}
    assert scrip.webhook(event, provider="stripe", headers=clock).status == 200
    assert scrip.apply(scrip.queued()) == []
    questions = scrip.asked()
    assert [json.loads(question["body"])["at"] for question in questions] == [1_906_502_400_000]
    assert scrip.inquire(questions) == []
    answers = scrip.queued()
    assert [json.loads(answer["body"])["at"] for answer in answers] == [1_906_502_400_000]
    assert scrip.apply(answers) == []
    assert [entry["at"] for entry in scrip.entries(account)] == ["2030-06-01T00:00:00.000Z"]


# Inquiries that have no answer


@pytest.mark.parametrize("refund_first", [False, True])
def test_a_refund_and_a_dispute_that_name_a_charge_alone_are_tied_to_its_payment_by_asking_stripe(
    scrip: Deployment, at_stripe: Stripe, account: str, refund_first: bool
) -> None:
    """A quarter goes back and a half is lost in a dispute, of 1 000.00: 2 500 of 10 000 credits are left (law 9)."""
    session = order_at_stripe(scrip, account)
    at_stripe.pay(session, {"webhook": False})
    at_stripe.refund(session, {"amount": 25_000, "charge_only": True, "webhook": False})
    at_stripe.dispute(session, {"amount": 50_000, "status": "lost", "charge_only": True, "webhook": False})
    paid, taken = at_stripe.said[:2], at_stripe.said[2:]
    assert [said["data"]["object"]["payment_intent"] for said in taken] == [None, None]
    scrip.deliver(*(taken + paid if refund_first else paid + taken), provider="stripe")
    charge = at_stripe.checkout(session).payments[0].intent["latest_charge"]
    assert kinds(scrip, account) == [("grant", "10000")]
    waits = scrip.get(f"/v1/payments/stripe/{charge}").body
    assert [core(one) for one in waits["parked"]] == ["the payment itself is not known yet"]

    assert scrip.inquire(question(scrip, charge, "stripe")) == []
    assert scrip.apply(scrip.queued()) == []
    known = scrip.get(f"/v1/payments/stripe/{charge}").body
    assert known["parked"] == []
    assert known["part_of"] == at_stripe.checkout(session).payments[0].intent["id"]
    assert scrip.balance(account)["available"] == "2500"


@pytest.mark.parametrize("charge_only", [False, True])
def test_a_charge_that_pays_an_invoice_is_part_of_the_invoice(
    scrip: Deployment, at_stripe: Stripe, account: str, charge_only: bool
) -> None:
    pack = {
        "unit": "credits",
        "credits": "10000",
        "price": {"amount": 100_000, "currency": "USD"},
        "recurring": {"every": "P1M"},
    }
    scrip.put(f"/v1/packs/{account}", pack)
    wanted = {"account": account, "pack": account, "provider": "stripe", "accept_terms": True}
    order = scrip.post(
        "/v1/topups", {**wanted, "return_url": "https://shop.example.test/"}, key="order-1"
    ).body
    session = order["checkout_session_id"]
    invoice = at_stripe.pay(session, {"webhook": False})["invoice"]
    at_stripe.refund(session, {"amount": 25_000, "charge_only": charge_only, "webhook": False})
    scrip.deliver(*at_stripe.said, provider="stripe")
    charge = at_stripe.checkout(session).payments[0].intent["latest_charge"]
    if charge_only:
        assert scrip.inquire(question(scrip, charge, "stripe")) == []
        assert scrip.apply(scrip.queued()) == []
        assert scrip.get(f"/v1/payments/stripe/{charge}").body["part_of"] == invoice
    assert scrip.balance(account)["available"] == "7500"


def test_an_order_whose_checkout_ended_with_nothing_to_pay_waits_for_a_person(
    scrip: Deployment, at_stripe: Stripe, account: str
) -> None:
    session = order_at_stripe(scrip, account)
    at_stripe.pay(session, {"discount": 100_000, "webhook": False})
    scrip.deliver(*at_stripe.said, provider="stripe")
    assert kinds(scrip, account) == []
    waits = scrip.get(f"/v1/payments/stripe/{session}").body
    assert [core(one) for one in waits["parked"]] == ["paid 0 USD without tax, the order costs 100000 USD"]
    # Asked about it, Stripe says the same again.
    assert scrip.inquire(question(scrip, session, "stripe")) == []
    assert scrip.apply(scrip.queued()) == []
    assert scrip.get(f"/v1/payments/stripe/{session}").body["parked"] == waits["parked"]
    # Accepted all the same, it has no money to give back.
    (topup_id,) = {at_stripe.checkout(session).session["client_reference_id"]}
    decided = {"action": "accept", "topup_id": topup_id, "credits": "10000", "reason": "a gift"}
    assert scrip.post(f"/v1/payments/stripe/{session}/resolutions", decided).status == 200
    quote = scrip.get(f"/v1/payments/stripe/{session}/refund-quote", query={"as": "money"})
    assert (quote.status, quote.body["policy"]) == (422, "refund_granted")


def question(scrip: Deployment, payment_id: str, provider: str = "dodo") -> list[Json]:
    inquiry = {"provider": provider, "payment_id": payment_id, "session_id": None}
    runtime.enqueue("SCRIP_INQUIRIES_QUEUE_URL", inquiry, group=f"{provider}:{payment_id}")
    return scrip.asked()


def test_a_payment_that_the_provider_does_not_know_says_so(scrip: Deployment, dodo: Provider) -> None:
    refund = Refund("rf_1", "succeeded", 100, "USD", runtime.now())
    runtime.pass_on(Delivery("dodo", "refund.succeeded", "pay_none", (refund,)), "msg_1")
    scrip.apply(scrip.queued())
    assert scrip.inquire(question(scrip, "pay_none")) == []
    assert scrip.apply(scrip.queued()) == []
    assert scrip.payment("pay_none")["parked"] == [
        "payment: dodo was asked and does not know it",
        "the payment itself is not known yet",
    ]


def test_an_inquiry_that_is_not_answered_comes_again(
    scrip: Deployment, dodo: Provider, at_stripe: Stripe
) -> None:
    """An outage at one, a key that is not right at the other: neither says anything about the payment."""
    dodo.down, at_stripe.api_key = True, "another"
    for inquiry in (question(scrip, "pay_1"), question(scrip, "pi_1", "stripe")):
        with pytest.raises(BatchProcessingError):
            scrip.inquire(inquiry)
    assert scrip.queued() == []


def test_an_inquiry_at_a_provider_without_a_key_is_dropped_and_counted(
    scrip: Deployment, dodo: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert scrip.inquire(question(scrip, "pi_1", "stripe")) == []
    assert "InquiryWithoutKey" in capsys.readouterr().out
    assert scrip.queued() == []
