"""Amounts that a provider can charge and give back, checked before anything is promised.

Does not own how a provider counts (``providers.minor_units``).
"""

from __future__ import annotations

from collections.abc import Sequence

from scrip.domain.credits.currencies import major
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Money
from scrip.domain.payments.pack import Pack
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


def doubts(pack: Pack) -> Sequence[tuple[str, str]]:
    """Returns the prices of a pack that a provider which it names cannot charge, or may refuse: fields and reasons.

    A pack with such a price can be sold at other providers, so it is no mistake: an order tells.
    """
    prices = {"price": pack.price} | {f"prices.{index}": price for index, price in enumerate(pack.prices)}
    named = [provider for provider, product in pack.provider_refs.items() if product is not None]
    found = []
    for field, price in prices.items():
        for provider in named:
            try:
                minor_units(provider).theirs(price.amount, price.currency)
                doubt = minor_units(provider).doubt(price.amount, price.currency)
            except NotChargeable as error:
                doubt = f"{error}: an order of it there is refused"
            if doubt:
                what = f"{price.currency} {major(price.amount, price.currency)}"
                found.append((field, f"{provider} and {what} ({price.amount} minor units): {doubt}"))
    return found


def giveable(provider: str, amount: int, currency: str) -> int:
    """Returns the most of these minor units that the provider can give back."""
    return minor_units(provider).floor(amount, currency)
