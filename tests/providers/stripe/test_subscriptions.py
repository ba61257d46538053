"""How Stripe's subscriptions stand, and which of its invoices are renewals that failed."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.payments.facts import Unpaid
from scrip.domain.payments.subscription import Standing, State
from scrip.providers.stripe.webhook import translate

AT = 1_793_870_000


def told(type_: str, obj: dict[str, Any]) -> Any:
    return translate(
        {
            "id": "evt_1",
            "object": "event",
            "type": type_,
            "created": AT,
            "livemode": False,
            "data": {"object": obj},
        }
    )


def subscription(**more: Any) -> dict[str, Any]:
    ends = {"data": [{"id": "si_1", "current_period_end": AT + 600}]}
    return {"id": "sub_1", "object": "subscription", "status": "active", "items": ends, **more}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, "active"),
        ({"status": "trialing"}, "active"),
        ({"status": "past_due"}, "past_due"),
        ({"status": "unpaid"}, "past_due"),
        ({"status": "paused"}, "paused"),
        ({"status": "canceled"}, "cancelled"),
        ({"cancel_at_period_end": True}, "cancelling"),
        ({"cancel_at": AT + 600}, "cancelling"),
        ({"status": "canceled", "cancel_at_period_end": True}, "cancelled"),
    ],
)
def test_its_status_says_how_it_stands(said: dict[str, Any], state: State) -> None:
    delivery = told("customer.subscription.updated", subscription(**said))
    assert delivery.standing == Standing("sub_1", state, AT * 1000, (AT + 600) * 1000)
    assert not delivery.of_payment
    assert not delivery.ignored


@pytest.mark.parametrize(
    "said", [{"status": "incomplete"}, {"status": 3}, {"id": None}, {"object": "customer"}]
)
def test_what_says_nothing_of_renewals_is_nothing(said: dict[str, Any]) -> None:
    assert told("customer.subscription.created", subscription(**said)).ignored


def test_the_end_of_a_period_before_basil_stood_at_the_top() -> None:
    delivery = told("customer.subscription.updated", subscription(items={}, current_period_end=AT + 9))
    assert delivery.standing.renews_at == (AT + 9) * 1000


def invoice(**more: Any) -> dict[str, Any]:
    details = {"subscription": "sub_1", "metadata": {"topup_id": "top_1"}}
    parent = {"type": "subscription_details", "subscription_details": details}
    reason = {"billing_reason": "subscription_cycle", "parent": parent}
    return {"id": "in_1", "object": "invoice", "status": "open", "created": AT - 9, **reason, **more}


def test_an_open_invoice_of_a_period_that_could_not_be_paid_is_a_failed_try_of_its_subscription() -> None:
    delivery = told("invoice.payment_failed", invoice())
    assert delivery.payment_id == "in_1"
    assert delivery.facts == (Unpaid("failed", AT * 1000, topup_id="top_1", subscription_id="sub_1"),)


@pytest.mark.parametrize(
    ("type_", "said"),
    [
        ("invoice.payment_failed", {"billing_reason": "subscription_create"}),
        ("invoice.payment_failed", {"billing_reason": "manual"}),
        ("invoice.payment_failed", {"parent": None}),
        ("invoice.payment_failed", {"status": "void"}),
        ("invoice.updated", {}),
    ],
)
def test_any_other_invoice_that_is_not_paid_says_nothing(type_: str, said: dict[str, Any]) -> None:
    assert told(type_, invoice(**said)).ignored
