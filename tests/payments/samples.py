"""Builders for the payment tests: sample bodies, facts and signed deliveries, each in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from scrip.payments.facts import Delivery, Fact, Paid, PaymentFacts, Refund, RefundStatus

ROOT = Path(__file__).parents[2]
WEBHOOKS = ROOT / "events" / "webhooks"
DATA = Path(__file__).parent / "data"

# How fast examples are made says nothing here, and much about what else the machine is doing.
steady = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# 2 November 2026, 09:15:02.114 and 5 November 2026, 11:00, UTC: the instants in the sample bodies.
PAID_AT = 1793610902114
REFUNDED_AT = 1793876400000


def body(name: str, **data: Any) -> dict[str, Any]:
    """The sample webhook of that name, with members of its ``data`` replaced."""
    sample: dict[str, Any] = json.loads((WEBHOOKS / f"{name}.json").read_text())
    sample["data"].update(data)
    return sample


def paid(
    total: int = 12000,
    tax: int | None = 2000,
    currency: str = "USD",
    settled: tuple[int, str] | None = None,
    session: str | None = "cks_1",
) -> Paid:
    """A payment; by default 120.00 USD with 20.00 tax, settled as it was paid."""
    amount, settled_in = settled or (total, currency)
    return Paid("pay_1", total, tax, currency, amount, settled_in, session, PAID_AT)


def refund(
    amount: int | None,
    name: str = "ref_1",
    status: RefundStatus = "succeeded",
    currency: str | None = "USD",
    full: bool = False,
) -> Refund:
    """A refund of ``amount`` minor units."""
    return Refund(name, status, amount, currency, full, REFUNDED_AT)


def facts(*known: Fact) -> PaymentFacts:
    """The state after these facts, in this order."""
    return PaymentFacts().merge_all(known)


def folded(deliveries: list[Delivery]) -> PaymentFacts:
    """The state after these deliveries, in this order."""
    return facts(*(fact for delivery in deliveries for fact in delivery.facts))
