"""Amounts that a provider can charge and give back, checked before anything is promised.

Does not own how a provider counts (``providers.minor_units``).
"""

from __future__ import annotations

from scrip.domain.credits.currencies import major
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Money
from scrip.providers.minor_units import NotChargeable, minor_units


def require_chargeable(provider: str, price: Money, field: str) -> None:
    """Refuses an amount that the provider cannot charge, or cannot give back.

    Args:
        price: minor units of ISO 4217.
        field: where it comes from in the request.

    Raises:
        PolicyViolation: ``provider_amount``, with currency and amount.
    """
    try:
        minor_units(provider).theirs(price.amount, price.currency)
    except NotChargeable as error:
        raise PolicyViolation(
            f"{provider} cannot move {price.currency} {major(price.amount, price.currency)} "
            f"({price.amount} minor units): {error}",
            policy="provider_amount",
            field=field,
            price={"amount": price.amount, "currency": price.currency},
        ) from error


def giveable(provider: str, amount: int, currency: str) -> int:
    """Returns the most of these minor units that the provider can give back."""
    return minor_units(provider).floor(amount, currency)
