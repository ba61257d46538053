"""A payment of 1 000.00 USD and 200.00 of tax for 10 000 credits, and what is asked about it."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from local.standins.dodo_shapes import event as dodo_event
from local.standins.stripe import Provider as Stripe
from local.standins.stripe_shapes import event as stripe_event
from tests.aws import Answer, Buyer, Deployment, Key

TAX = 20000
TOTAL = 120000
GRANT = Key("grant")
ADMIN = Key("admin")


def core(waiting: Any) -> str:
    """What is wrong, of a reason that says besides which delivery told it, of which order, and what to do."""
    said: str = waiting["reason"]
    return re.split(r" \(\w+ event ", said)[0]


class Paid:
    """A paid order, and its payment's paths."""

    def __init__(self, buyer: Buyer, payment_id: str, provider: str = "dodo") -> None:
        self.buyer, self.scrip, self.payment_id, self.provider = buyer, buyer.scrip, payment_id, provider
        self.path = f"/v1/payments/{provider}/{payment_id}"

    def refund(self, key: str = "refund-1", caller: Key = GRANT, **body: Any) -> Answer:
        """A request for a refund, as money unless it says otherwise."""
        return self.scrip.post(f"{self.path}/refunds", {"as": "money", **body}, key=key, caller=caller)

    def credit(self, key: str = "refund-1", **body: Any) -> Answer:
        """A request for a refund as credit."""
        return self.refund(key, **{"as": "credit", **body})

    def resolve(self, caller: Key = ADMIN, **body: Any) -> Answer:
        return self.scrip.post(f"{self.path}/resolutions", {"reason": "looked at", **body}, caller=caller)

    def quote(self, **query: str) -> Any:
        answer = self.scrip.get(f"{self.path}/refund-quote", query=query, caller=Key("read"))
        assert answer.status == 200, answer.text
        return answer.body

    @property
    def seen(self) -> Any:
        answer = self.scrip.get(self.path)
        assert answer.status == 200, answer.text
        return answer.body

    @property
    def parked(self) -> list[str]:
        """Why it waits, without who said so and what to do."""
        return [core(one) for one in self.seen["parked"]]

    @property
    def at_provider(self) -> list[Any]:
        """The refunds that the stand-in has made of it."""
        return list(self.buyer.provider.checkout(self.buyer.session).refunds)

    def settled(self, status: str = "succeeded", which: int = -1) -> Any:
        """The webhook of a refund that has come to its end."""
        made = self.at_provider[which]
        self.buyer.provider.settle(made["refund_id"], {"status": status, "webhook": False})
        return dodo_event(f"refund.{status}", "Refund", self.at_provider[which])

    def disputed(self, status: str, **options: Any) -> Any:
        """The webhook of a dispute of all of it, or of how the last one goes on."""
        self.buyer.provider.dispute(self.buyer.session, {"status": status, "webhook": False, **options})
        checkout = self.buyer.provider.checkout(self.buyer.session)
        assert checkout.payment
        return dodo_event(f"dispute.{status}", "Dispute", checkout.payments[-1].disputes[-1])


def paid(buyer: Buyer) -> Paid:
    """At Dodo's stand-in."""
    assert buyer.order().status == 201
    event = buyer.pays(tax=TAX)
    buyer.scrip.deliver(event)
    return Paid(buyer, event["data"]["payment_id"])


def paid_at_stripe(buyer: Buyer, stripe: Stripe) -> Paid:
    """At Stripe's stand-in."""
    assert buyer.order(provider="stripe").status == 201
    intent = stripe.pay(buyer.session, {"tax": TAX, "webhook": False})["payment_intent"]
    checkout = stripe.checkout(buyer.session)
    for type_, data in (
        ("checkout.session.completed", checkout.session),
        ("payment_intent.succeeded", checkout.payments[0].intent),
    ):
        tell_stripe(buyer.scrip, type_, data)
    return Paid(buyer, intent, "stripe")


def tell_stripe(scrip: Deployment, type_: str, data: dict[str, Any]) -> None:
    """A webhook of Stripe's, applied."""
    event = stripe_event(type_, json.loads(json.dumps(data)))
    assert scrip.webhook(event, provider="stripe").status == 200
    assert scrip.apply(scrip.queued()) == []


def paid_at_a_gateway_of_ones_own(buyer: Buyer) -> Paid:
    """Where the app opens its own checkout, and does refunds itself."""
    assert buyer.order(provider="standard").status == 201
    payment_id = f"pm_{time.perf_counter_ns()}"
    data = {
        "payment_id": payment_id,
        "topup_id": buyer.topup["topup_id"],
        "amount": TOTAL,
        "tax": TAX,
        "currency": "USD",
    }
    tell(buyer.scrip, "payment.succeeded", data)
    return Paid(buyer, payment_id, "standard")


def tell(scrip: Deployment, type_: str, data: dict[str, Any]) -> None:
    """A gateway's webhook, applied."""
    body = {"type": type_, "timestamp": "2026-11-23T10:00:00.000Z", "data": data}
    assert scrip.webhook(body, provider="standard").status == 200
    assert scrip.apply(scrip.queued()) == []


def lonely(buyer: Buyer, name: str) -> Any:
    """The webhook of a payment that is of no order."""
    buyer.order()
    event = buyer.pays(tax=TAX)
    event["data"] |= {"payment_id": name, "checkout_session_id": f"cks_{name}"}
    return event
