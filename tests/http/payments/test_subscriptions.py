"""Subscriptions as the stand-ins bill them: each period is credited once, and what is none, or is paid by
something else than money, waits for a person with its reason, in whatever order it is told (laws 3 and 9).

10 000 credits a month for 100.00 USD."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest

from local.standins import paddle as paddle_standin
from local.standins import stripe as standins
from local.standins.dodo import Provider
from local.standins.serving import Problem
from local.standins.stripe_shapes import API_VERSION, Payment
from local.standins.stripe_versions import ACACIA
from tests.aws import WEBHOOK_SECRET, Buyer, Deployment, provider_event
from tests.http.payments.refunds import core

pytestmark = pytest.mark.usefixtures("in_memory")

PRICE = {"amount": 10000, "currency": "USD"}


class Subscriber(Buyer):
    """Somebody who ordered at Stripe. What happens there is delivered as it happened, or backwards."""

    stripe: standins.Provider
    backwards = False
    version = ""

    def happens(self, what: str, **options: Any) -> dict[str, Any]:
        """Something at Stripe, and its events, each of them twice."""
        before = len(self.stripe.said)
        version = {"api_version": self.version} if self.version else {}
        made = getattr(self.stripe, what)(self.session, {"webhook": False, **version, **options})
        said = self.stripe.said[before:]
        told = list(reversed(said)) if self.backwards else said
        self.scrip.deliver(*told, *told, provider="stripe")
        return dict(made)

    def tell_again(self, name: str) -> None:
        """Each event about an object of Stripe's, once more."""
        again = [said for said in self.stripe.said if said["data"]["object"]["id"] == name]
        assert again
        self.scrip.deliver(*again, *again, provider="stripe")

    def parked(self, payment_id: str) -> list[str]:
        found = self.scrip.get(f"/v1/payments/stripe/{payment_id}").body
        assert found["topup_id"] in (None, self.topup["topup_id"])
        return [core(one) for one in found["parked"]]

    @property
    def grants(self) -> list[str]:
        return [amount for kind, amount in self.kinds if kind == "grant"]

    def status_at(self, instant: str) -> str:
        return str(self.scrip.get(f"/v1/topups/{self.topup['topup_id']}", clock=instant).body["status"])


@pytest.fixture(params=["as it happened", "backwards"])
def subscriber(
    request: pytest.FixtureRequest,
    scrip: Deployment,
    provider: Provider,
    stripe: standins.Provider,
    account: str,
) -> Subscriber:
    buyer = Subscriber(scrip, provider, account, price=PRICE, recurring={"every": "P1M"})
    buyer.stripe, buyer.backwards = stripe, request.param == "backwards"
    assert buyer.order(provider="stripe").status == 201
    return buyer


YEARS_LATER = "2099-01-01T00:00:00.000Z"


def test_a_trial_begins_with_nothing_leaves_its_order_open_and_is_paid_with_its_first_period(
    subscriber: Subscriber,
) -> None:
    """0 at the start, 120.00 a month later, 20.00 of it tax: one grant; the order does not expire meanwhile."""
    trial = subscriber.happens("pay", trial=True)
    assert (subscriber.kinds, subscriber.status) == ([], "pending")
    assert subscriber.status_at(YEARS_LATER) == "pending"
    assert subscriber.parked(trial["invoice"]) == []
    longer = subscriber.happens("renew", trial=True, billing_reason="subscription_update")
    assert subscriber.parked(longer["invoice"]) == []
    subscriber.happens("renew", tax=2000)
    assert (subscriber.grants, subscriber.status) == (["10000"], "paid")
    subscriber.scrip.sound(subscriber.account)


def test_a_period_that_costs_nothing_waits_and_the_next_is_granted(subscriber: Subscriber) -> None:
    subscriber.happens("pay")
    free = subscriber.happens("renew", amount=0)
    assert subscriber.parked(free["invoice"]) == ["paid 0 USD without tax, the order costs 10000 USD"]
    subscriber.happens("renew")
    assert subscriber.grants == ["10000", "10000"]


@pytest.mark.parametrize(
    ("billed", "words"),
    [
        ({"balance": -3000}, "7000 USD paid"),
        ({"balance": -20000}, "the customer's balance was -20000: no money came in"),
        ({"balance": 2000}, "12000 USD paid"),
        ({"discount": 2000, "balance": 2000}, "10000 USD paid"),
        ({"discount": 10000}, "no money came in"),
        ({"outside": True}, "10000 USD paid outside of Stripe"),
        ({"quantity": 2}, "paid 20000 USD"),
        ({"prorations": [3333]}, "lines has a proration: that is no period of the subscription"),
        ({"amount": 6667, "prorations": [3333]}, "lines has a proration"),
        ({"amount": 6667, "items": [3333]}, "lines has an item that was added to it"),
        ({"billing_reason": "subscription_update", "prorations": [10000]}, "subscription_update"),
        ({"billing_reason": "subscription_update", "prorations": [-5000]}, "total is -5000 USD"),
        ({"billing_reason": "subscription_threshold"}, "billing_reason is subscription_threshold"),
        ({"billing_reason": "manual"}, "billing_reason is manual; it names no order"),
        ({"billing_reason": "quote_accept"}, "billing_reason is quote_accept"),
    ],
    ids=str,
)
@pytest.mark.parametrize("version", ["", ACACIA], ids=["now", "before basil"])
def test_what_is_no_period_paid_with_money_waits_with_its_reason_and_the_next_period_is_granted(
    subscriber: Subscriber, version: str, billed: dict[str, Any], words: str
) -> None:
    subscriber.version = version
    subscriber.happens("pay")
    made = subscriber.happens("renew", **billed)
    (*_, reason) = subscriber.parked(made["invoice"])
    assert words in " ".join(subscriber.parked(made["invoice"])), reason
    assert subscriber.grants == ["10000"]
    subscriber.happens("renew", balance=0)
    assert subscriber.grants == ["10000", "10000"]
    subscriber.scrip.sound(subscriber.account)


def test_what_a_balance_paid_a_part_of_is_accepted_for_what_came_in(subscriber: Subscriber) -> None:
    """70.00 of 100.00 came in: 7 000 credits with a basis of 70.00, and a refund of the 70.00 takes all of them."""
    subscriber.happens("pay")
    made = subscriber.happens("renew", balance=-3000)
    body = {"action": "accept", "topup_id": subscriber.topup["topup_id"], "reason": "looked at"}
    path = f"/v1/payments/stripe/{made['invoice']}"
    assert subscriber.scrip.post(f"{path}/resolutions", body).status == 200
    assert (subscriber.grants, subscriber.parked(made["invoice"])) == (["10000", "7000"], [])
    subscriber.tell_again(made["invoice"])
    assert (subscriber.kinds, subscriber.parked(made["invoice"])) == (
        [("grant", "10000"), ("grant", "7000")],
        [],
    )
    subscriber.happens("refund")
    assert subscriber.balance["available"] == "10000"
    assert subscriber.parked(made["invoice"]) == []
    subscriber.scrip.sound(subscriber.account)


@pytest.mark.parametrize("version", ["", ACACIA], ids=["now", "before basil"])
@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"amount": 6000}, "5000"),
        ({"amount": 6000, "refund": 6000}, "5000"),
        ({"amount": 12000, "outside": 12000}, "0"),
    ],
    ids=["to the balance", "refunded", "outside"],
)
def test_a_credit_note_takes_credits_back_once(
    subscriber: Subscriber, version: str, given: dict[str, Any], left: str
) -> None:
    """60.00 of 120.00 are half of 10 000 credits, by whatever way they go back."""
    subscriber.version = version
    subscriber.happens("pay", tax=2000)
    subscriber.happens("credit_note", **given)
    assert subscriber.balance["available"] == left
    subscriber.scrip.sound(subscriber.account)


def test_what_a_credit_note_gave_to_the_balance_pays_no_period_by_itself(subscriber: Subscriber) -> None:
    """60.00 go to the balance and are 5 000 credits less; the next period is paid with them and 60.00 of money."""
    subscriber.happens("pay", tax=2000)
    subscriber.happens("credit_note", amount=6000)
    made = subscriber.happens("renew", tax=2000)
    assert subscriber.grants == ["10000"]
    assert "6000 USD paid" in " ".join(subscriber.parked(made["invoice"]))


def test_a_subscription_at_an_endpoint_of_an_earlier_version_is_granted_and_taken_back(
    subscriber: Subscriber,
) -> None:
    subscriber.version = ACACIA
    subscriber.happens("pay", tax=2000)
    made = subscriber.happens("renew", tax=2000)
    assert subscriber.grants == ["10000", "10000"]
    subscriber.happens("refund", amount=6000)
    subscriber.happens("dispute", amount=3000, status="lost")
    assert subscriber.balance["available"] == "12500"
    assert subscriber.parked(made["invoice"]) == []


@pytest.mark.parametrize("end", ["succeeded", "failed"])
def test_a_debit_that_begins_a_subscription_is_paid_later_or_not(subscriber: Subscriber, end: str) -> None:
    subscriber.happens("pay", status="processing")
    assert subscriber.status == "pending"
    subscriber.happens("pay", status=end)
    wanted = (["10000"], "paid") if end == "succeeded" else ([], "failed")
    assert (subscriber.grants, subscriber.status) == wanted


def test_a_checkout_of_a_subscription_that_nobody_went_through_expires(subscriber: Subscriber) -> None:
    subscriber.happens("expire")
    assert (subscriber.kinds, subscriber.status) == ([], "expired")


HAPPENS: list[tuple[str, dict[str, Any]]] = [
    ("renew", {}),
    ("renew", {"tax": 2000}),
    ("renew", {"balance": -3000}),
    ("renew", {"discount": 1000, "balance": 1000}),
    ("renew", {"prorations": [-2000], "items": [2000]}),
    ("renew", {"billing_reason": "subscription_update", "prorations": [10000]}),
    ("renew", {"outside": True}),
    ("renew", {"amount": 0}),
    ("refund", {"amount": 2000}),
    ("refund", {"amount": 1000, "status": "pending"}),
    ("refund", {"amount": 1000, "status": "failed"}),
    ("credit_note", {"amount": 1000}),
    ("credit_note", {"amount": 2000, "refund": 500}),
    ("dispute", {"amount": 3000, "status": "needs_response", "new": True}),
    ("dispute", {"status": "won"}),
    ("dispute", {"status": "lost"}),
]
"""What happens at Stripe, in any order."""


def gone_of(payment: Payment, notes: list[dict[str, Any]]) -> Fraction:
    """The part of a payment that went back, is on its way, or is disputed or lost."""
    assert payment.invoice
    gone = sum(one["amount"] for one in payment.refunds if one["status"] in ("succeeded", "pending"))
    gone += sum(one["amount"] for one in payment.disputes if one["status"] != "won")
    for note in notes:
        if note["invoice"] == payment.invoice["id"]:
            gone += note["amount"] - sum(one["amount_refunded"] for one in note["refunds"])
    return min(Fraction(1), Fraction(gone, payment.intent["amount_received"]))


def pays_a_period(invoice: dict[str, Any]) -> bool:
    """Whether an invoice is of a period's price, and was paid with money alone; by Stripe's object."""
    (*others, line) = invoice["lines"]["data"]
    bill = line["amount"] + sum(tax["amount"] for tax in invoice["total_taxes"])
    whole = invoice["total"] == invoice["amount_paid"] == bill and not invoice["amount_paid_off_stripe"]
    period = invoice["billing_reason"] in ("subscription_create", "subscription_cycle")
    return whole and period and not others and line["amount"] == 10000


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_in_a_subscription_and_however_it_is_told_each_period_is_credited_once(
    scrip: Deployment, provider: Provider, stripe: standins.Provider, account: str, seed: int
) -> None:
    """Law 9: twenty things at Stripe, all of their events told in a random order, and half of them again."""
    chance = random.Random(seed)
    buyer = Subscriber(scrip, provider, account, price=PRICE, recurring={"every": "P1M"})
    assert buyer.order(provider="stripe").status == 201
    before, version = len(stripe.said), {"api_version": chance.choice([ACACIA, API_VERSION])}
    stripe.pay(buyer.session, {"webhook": False, "trial": chance.random() < 0.5, **version})
    stripe.renew(buyer.session, {"webhook": False, **version})
    # Before basil a note does not say how much of it was refunded: it is parked, and tried in test_invoices.
    happens = (
        HAPPENS
        if version["api_version"] == API_VERSION
        else [one for one in HAPPENS if "refund" not in one[1]]
    )
    for what, options in chance.choices(happens, k=20):
        with suppress(Problem):  # Stripe refuses some of it: there is nothing left to give back
            getattr(stripe, what)(buyer.session, {"webhook": False, **version, **options})
    events = stripe.said[before:]
    told = events + chance.sample(events, len(events) // 2)
    chance.shuffle(told)
    scrip.deliver(*told, provider="stripe")
    checkout, left = stripe.checkout(buyer.session), Fraction(0)
    for payment in checkout.payments:
        assert payment.invoice
        gone, pays = gone_of(payment, checkout.notes), pays_a_period(payment.invoice)
        left += 10000 * (1 - gone) if pays else 0
        seen = scrip.get(f"/v1/payments/stripe/{payment.invoice['id']}").body
        assert (seen["position"] is not None) == pays
        # What went back whole before anything was granted waits for nobody; what is on its way back may.
        assert not pays or not seen["parked"]
        assert pays or seen["parked"] or gone == 1
    for invoice in checkout.unpaid:
        seen = scrip.get(f"/v1/payments/stripe/{invoice['id']}").body
        begins = invoice["billing_reason"] == "subscription_create"
        assert (seen["position"], bool(seen["parked"])) == (None, not begins)
    # A share that is taken, and one that is frozen, are each rounded up to a step.
    taken = left - Fraction(buyer.balance["available"])
    assert 0 <= taken < Fraction(2 * len(checkout.payments), 10**6)
    scrip.sound(account)


# Single payments


@pytest.fixture(params=["as it happened", "backwards"])
def once(
    request: pytest.FixtureRequest,
    scrip: Deployment,
    provider: Provider,
    stripe: standins.Provider,
    account: str,
) -> Subscriber:
    buyer = Subscriber(scrip, provider, account, price=PRICE)
    buyer.stripe, buyer.backwards = stripe, request.param == "backwards"
    assert buyer.order(provider="stripe").status == 201
    return buyer


@pytest.mark.parametrize("intent", [False, True])
def test_a_checkout_that_expires_ends_its_order_at_once(once: Subscriber, intent: bool) -> None:
    once.happens("expire", intent=intent)
    assert (once.kinds, once.status) == ([], "expired")
    path = f"/v1/topups/{once.topup['topup_id']}"
    assert once.scrip.post(f"{path}/cancel", None).body["status"] == "cancelled"


def test_a_cancelled_order_stays_so_when_its_checkout_expires(once: Subscriber) -> None:
    once.scrip.post(f"/v1/topups/{once.topup['topup_id']}/cancel", None)
    once.happens("expire")
    assert once.status == "cancelled"


def test_an_order_that_was_paid_is_paid_whatever_is_told_of_its_checkout_later(once: Subscriber) -> None:
    once.happens("pay")
    checkout = once.stripe.checkout(once.session)
    session = {**checkout.session, "status": "expired", "payment_status": "unpaid", "payment_intent": None}
    once.stripe._say({"webhook": False}, "checkout.session.expired", session)
    once.scrip.deliver(once.stripe.said[-1], provider="stripe")
    assert (once.grants, once.status) == (["10000"], "paid")


@pytest.mark.parametrize("end", ["succeeded", "failed"])
def test_a_debit_is_paid_later_or_not(once: Subscriber, end: str) -> None:
    once.happens("pay", status="processing")
    assert once.status == "pending"
    once.happens("pay", status=end)
    assert (once.grants, once.status) == ((["10000"], "paid") if end == "succeeded" else ([], "failed"))


def test_a_charges_refund_asks_which_payment_it_is_of_at_once(once: Subscriber) -> None:
    """A quarter goes back by the charge alone: nobody waits for an hour."""
    once.scrip.asked()
    once.happens("pay")
    once.happens("refund", amount=2500, charge_only=True)
    asked = once.scrip.asked()
    assert asked
    assert once.scrip.inquire(asked) == []
    assert once.scrip.apply(once.scrip.queued()) == []
    charge = once.stripe.checkout(once.session).payments[0].intent["latest_charge"]
    assert (once.parked(charge), once.balance["available"]) == ([], "7500")
    assert once.scrip.asked() == []


def test_a_checkout_of_somebody_elses_that_expires_leaves_nothing(once: Subscriber) -> None:
    """An account that other shops share has many of them."""
    other = {**once.stripe.checkout(once.session).session, "id": "cs_of_another", "status": "expired"}
    once.stripe._say({"webhook": False}, "checkout.session.expired", other)
    once.scrip.deliver(once.stripe.said[-1], provider="stripe")
    assert once.scrip.get("/v1/payments/stripe/cs_of_another").status == 404
    assert once.status == "pending"


def test_an_intent_of_an_earlier_version_that_pays_an_order_and_an_invoice_is_the_orders(
    once: Subscriber,
) -> None:
    """Before basil one event says both: that it pays our order, and which invoice it is of."""
    once.version = ACACIA
    once.happens("pay")
    payment = once.stripe.checkout(once.session).payments[0]
    intent = {**payment.intent, "invoice": "in_of_the_sellers"}
    once.stripe._say(
        {"webhook": False, "api_version": "2026-10-28.endive"}, "payment_intent.succeeded", intent
    )
    once.scrip.deliver(once.stripe.said[-1], provider="stripe")
    assert (once.kinds, once.status) == ([("grant", "10000")], "paid")
    once.happens("refund", amount=2500)
    assert once.balance["available"] == "7500"
    once.scrip.sound(once.account)


# At Paddle: 10 000 credits a month for 100.00 USD, 20.00 of tax on top


class AtPaddle(Buyer):
    """Somebody whose app opened a checkout at Paddle."""

    paddle: paddle_standin.Provider
    transaction = ""
    backwards = False

    def opens(self, monthly: bool, trial: bool = False) -> None:
        month = {"interval": "month", "frequency": 1}
        price: dict[str, Any] = {"unit_price": {"amount": "10000", "currency_code": "USD"}}
        price |= {"billing_cycle": month if monthly else None, "trial_period": month if trial else None}
        named = {"topup_id": self.topup["topup_id"]}
        made = self.paddle.create({"items": [{"price": price, "quantity": 1}], "custom_data": named})
        self.transaction = made["id"]

    def happens(self, what: str, **options: Any) -> str:
        """Something at Paddle, its events told twice; the transaction or adjustment that it made."""
        before = len(self.paddle.said)
        made = getattr(self.paddle, what)(self.transaction, {"webhook": False, **options})
        said = self.paddle.said[before:]
        told = list(reversed(said)) if self.backwards else said
        self.scrip.deliver(*told, *told, provider="paddle")
        return str(made.get("transaction_id") or made["adjustment_id"])

    def parked(self, payment_id: str) -> list[str]:
        found = self.scrip.get(f"/v1/payments/paddle/{payment_id}").body
        return [core(one) for one in found["parked"]]

    @property
    def grants(self) -> list[str]:
        return [amount for kind, amount in self.kinds if kind == "grant"]


@pytest.fixture(scope="module")
def paddle() -> Iterator[paddle_standin.Provider]:
    started = paddle_standin.start(0, "", WEBHOOK_SECRET, "pdl_sdbx_standin")
    yield started
    started.stop()


@pytest.fixture(params=["as it happened", "backwards"])
def at_paddle(
    request: pytest.FixtureRequest,
    scrip: Deployment,
    provider: Provider,
    paddle: paddle_standin.Provider,
    account: str,
) -> AtPaddle:
    buyer = AtPaddle(scrip, provider, account, price=PRICE, recurring={"every": "P1M"})
    buyer.paddle, buyer.backwards = paddle, request.param == "backwards"
    assert buyer.order(provider="paddle").status == 201
    return buyer


def test_a_trial_at_paddle_leaves_its_order_open_and_is_paid_with_its_first_period(
    at_paddle: AtPaddle,
) -> None:
    at_paddle.opens(monthly=True, trial=True)
    trial = at_paddle.happens("pay", tax=2000)
    assert (at_paddle.grants, at_paddle.parked(trial), at_paddle.status) == ([], [], "pending")
    path = f"/v1/topups/{at_paddle.topup['topup_id']}"
    assert at_paddle.scrip.get(path, clock=YEARS_LATER).body["status"] == "pending"
    at_paddle.happens("bill", tax=2000)
    assert (at_paddle.grants, at_paddle.status) == (["10000"], "paid")
    at_paddle.scrip.sound(at_paddle.account)


@pytest.mark.parametrize(
    ("billed", "words"),
    [
        ({"tax": 2000, "credit": 3000}, "12000 USD in total and 9000 USD paid"),
        ({"credit": 10000}, "grand_total is 0 and total is 10000 USD: the buyer's balance at Paddle paid it"),
        ({"discount": 1000}, "paid 9000 USD without tax"),
        ({"discount": 10000}, "paid 0 USD without tax"),
        ({"amount": 6000, "prorations": [4000]}, "line_items has a proration: that is no period"),
        ({"origin": "subscription_charge"}, "origin is subscription_charge"),
        ({"origin": "subscription_update"}, "origin is subscription_update"),
        ({"origin": "subscription_update", "prorations": [-4000]}, "total is -4000 USD"),
        ({"origin": "web"}, "origin is web"),
        ({"origin": "api"}, "origin is api"),
        ({"origin": "subscription_payment_method_change", "prorations": [10000]}, "payment_method_change"),
    ],
    ids=str,
)
def test_what_is_no_period_paid_with_money_at_paddle_waits_and_the_next_is_granted(
    at_paddle: AtPaddle, billed: dict[str, Any], words: str
) -> None:
    at_paddle.opens(monthly=True)
    at_paddle.happens("pay", tax=2000)
    made = at_paddle.happens("bill", **billed)
    assert words in " ".join(at_paddle.parked(made))
    assert at_paddle.grants == ["10000"]
    at_paddle.happens("bill", credit=0)
    assert at_paddle.grants == ["10000", "10000"]
    at_paddle.scrip.sound(at_paddle.account)


def test_what_a_balance_at_paddle_paid_a_part_of_is_accepted_for_what_came_in(at_paddle: AtPaddle) -> None:
    """90.00 of 120.00 came in, 15.00 of it tax: 7 500 credits with a basis of 75.00; all of it back takes them all."""
    at_paddle.opens(monthly=True)
    at_paddle.happens("pay", tax=2000)
    made = at_paddle.happens("bill", tax=2000, credit=3000)
    body = {"action": "accept", "topup_id": at_paddle.topup["topup_id"], "reason": "looked at"}
    assert at_paddle.scrip.post(f"/v1/payments/paddle/{made}/resolutions", body).status == 200
    assert (at_paddle.grants, at_paddle.parked(made)) == (["10000", "7500"], [])
    again = [said for said in at_paddle.paddle.said if said["data"]["id"] == made]
    at_paddle.scrip.deliver(*again, *again, provider="paddle")
    assert (at_paddle.kinds, at_paddle.parked(made)) == ([("grant", "10000"), ("grant", "7500")], [])
    at_paddle.happens("adjust", transaction_id=made)
    assert at_paddle.balance["available"] == "10000"
    at_paddle.scrip.sound(at_paddle.account)


@pytest.mark.parametrize(
    ("adjusted", "left"),
    [
        ({"amount": 6000, "tax": 1000}, "5000"),
        ({"amount": 6000, "tax": 1000, "status": "pending_approval"}, "5000"),
        ({"amount": 6000, "tax": 1000, "status": "rejected"}, "10000"),
        ({"amount": 2000, "tax": 2000, "type": "tax"}, "10000"),
        ({"type": "full"}, "0"),
        ({"action": "credit", "amount": 6000, "tax": 1000}, "5000"),
        ({"action": "credit", "amount": 6000, "tax": 1000, "to_balance": False}, "10000"),
        ({"action": "chargeback"}, "0"),
        ({"action": "chargeback_warning"}, "0"),
        ({"action": "chargeback_reverse"}, "10000"),
    ],
    ids=str,
)
def test_an_adjustment_takes_back_what_its_kind_and_status_say(
    at_paddle: AtPaddle, adjusted: dict[str, Any], left: str
) -> None:
    at_paddle.opens(monthly=True)
    at_paddle.happens("pay", tax=2000)
    at_paddle.happens("adjust", **adjusted)
    assert at_paddle.balance["available"] == left
    at_paddle.scrip.sound(at_paddle.account)


# At Dodo


@pytest.fixture
def at_dodo(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    provider.product("pdt_month", {"price": 10000, "currency": "USD"})
    refs = {"dodo": "pdt_month"}
    buyer = Buyer(scrip, provider, account, price=PRICE, recurring={"every": "P1M"}, provider_refs=refs)
    assert buyer.order().status == 201
    return buyer


def happens(buyer: Buyer, what: str, **options: Any) -> str:
    """Something at Dodo, told twice; the payment that it made."""
    before = len(buyer.provider.said)
    made = getattr(buyer.provider, what)(buyer.session, {"webhook": False, **options})
    told = buyer.provider.said[before:]
    buyer.scrip.deliver(*told, *reversed(told))
    return str(made["payment_id"])


def test_a_renewal_that_bills_usage_alone_is_no_period(at_dodo: Buyer) -> None:
    """Of the plan's own price, by chance."""
    happens(at_dodo, "pay")
    usage = happens(at_dodo, "renew", usage=True)
    said = at_dodo.scrip.payment(usage)["parked"]
    assert said[0].startswith("includes_usage is true and service_periods has none: that is no period")
    happens(at_dodo, "renew")
    assert at_dodo.kinds == [("grant", "10000")] * 2


@pytest.mark.parametrize(("cost", "parks"), [(0, False), (100, True)])
def test_a_trial_at_dodo_leaves_its_order_open_and_is_paid_with_its_first_period(
    scrip: Deployment, provider: Provider, account: str, cost: int, parks: bool
) -> None:
    provider.product("pdt_trial", {"price": 10000, "trial_period_days": 14, "trial_amount": cost})
    refs = {"dodo": "pdt_trial"}
    buyer = Buyer(scrip, provider, account, price=PRICE, recurring={"every": "P1M"}, provider_refs=refs)
    assert buyer.order().status == 201
    trial = happens(buyer, "pay")
    assert (buyer.kinds, bool(scrip.payment(trial)["parked"])) == ([], parks)
    path = f"/v1/topups/{buyer.topup['topup_id']}"
    if not parks:
        assert scrip.get(path, clock=YEARS_LATER).body["status"] == "pending"
    failed = happens(buyer, "renew", status="failed")
    assert scrip.get(f"/v1/payments/dodo/{failed}").body["status"] == "unpaid"
    happens(buyer, "renew", retry_attempt=1)
    assert (buyer.kinds, buyer.status) == ([("grant", "10000")], "paid")
    scrip.sound(account)


def test_a_refund_in_the_settlement_currency_is_a_share_of_what_was_settled(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """137.00 CAD paid and 100.00 USD settled: 25.00 USD back are a quarter."""
    refs = {"dodo": "pdt_once"}
    buyer = Buyer(scrip, provider, account, price={"amount": 13700, "currency": "CAD"}, provider_refs=refs)
    assert buyer.order().status == 201
    happens(buyer, "pay", settlement_currency="USD", settlement_amount=10000)
    provider.refund(buyer.session, {"webhook": False, "amount": 2500})
    refund = {**provider.checkout(buyer.session).refunds[-1], "currency": "USD"}
    scrip.deliver(provider_event("refund.succeeded", refund))
    assert buyer.balance["available"] == "7500"
    scrip.sound(account)
