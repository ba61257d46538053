"""Builders for the tests of Stripe's events."""

from __future__ import annotations

import json
from typing import Any

from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, Refund
from scrip.providers.stripe.webhook import translate
from tests.providers.samples import WEBHOOKS

NAMES = sorted(path.stem.removeprefix("stripe_") for path in WEBHOOKS.glob("stripe_*.json"))
"""Every sample event, without ``stripe_``."""


def event(name: str, type_: str | None = None, **changed: Any) -> dict[str, Any]:
    """The sample event of that name (without ``stripe_``), perhaps of another type, with members of its object
    replaced."""
    sample: dict[str, Any] = json.loads((WEBHOOKS / f"stripe_{name}.json").read_text())
    sample["data"]["object"].update(changed)
    return sample if type_ is None else {**sample, "type": type_}


def said(name: str, type_: str | None = None, **changed: Any) -> Delivery:
    """What ``event`` says."""
    return translate(event(name, type_, **changed))


def refund(name: str = "refund_created_full", **changed: Any) -> Refund:
    """The one refund that ``event`` tells of."""
    (fact,) = said(name, **changed).facts
    assert isinstance(fact, Refund)
    return fact


def dispute(name: str = "dispute_closed_lost", **changed: Any) -> Dispute:
    """The one dispute that ``event`` tells of."""
    (fact,) = said(name, **changed).facts
    assert isinstance(fact, Dispute)
    return fact


def moved(*amounts: int, currency: str = "usd") -> list[dict[str, Any]]:
    """A dispute's bookings, out negative."""
    return [{"object": "balance_transaction", "amount": amount, "currency": currency} for amount in amounts]


def parked(delivery: Delivery) -> list[str]:
    """The reasons in a delivery, each with what it is about."""
    return [f"{one.about}: {one.reason}" for one in delivery.parked]
