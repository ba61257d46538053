"""What tests ask of a provider's client, and what they look for in its answers."""

from __future__ import annotations

from typing import Final

from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, Refund
from scrip.providers.clients import Client, DeliveryPage, WantedRefund

HOUR: Final = 3_600_000
"""Milliseconds."""


def wanted(
    payment_id: str, amount: int = 30000, full: bool = False, request_id: str = "req_1"
) -> WantedRefund:
    """Returns a refund of ``amount`` cents to ask for."""
    return WantedRefund(payment_id, request_id, amount, "USD", full, "asked for")


def refunds(delivery: Delivery) -> list[Refund]:
    """Returns the refunds among the facts."""
    return [fact for fact in delivery.facts if isinstance(fact, Refund)]


def disputes(delivery: Delivery) -> list[Dispute]:
    """Returns the disputes among the facts."""
    return [fact for fact in delivery.facts if isinstance(fact, Dispute)]


def all_of(api: Client, since: int, until: int) -> list[DeliveryPage]:
    """Reads every page of what was made in ``[since, until)``."""
    pages = [api.listed(since, until, None)]
    while pages[-1].cursor is not None:
        pages.append(api.listed(since, until, pages[-1].cursor))
    return pages
