"""Amounts that a provider can charge and give back, checked before anything is promised.

Does not own how a provider counts (``providers.minor_units``).
"""

from __future__ import annotations

from collections.abc import Sequence

from scrip.domain.credits.currencies import major
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Money
from scrip.domain.payments.pack import ON_DEMAND, Pack
from scrip.providers import clients
from scrip.providers.clients import needs_product
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
    named = [
        provider
        for provider, product in pack.provider_refs.items()
        if product is not None and not provider.endswith(ON_DEMAND)
    ]
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


def kept_products() -> tuple[str, ...]:
    """Names the members of a pack's products under which what buyers pay with is kept."""
    return tuple(f"{name}{ON_DEMAND}" for name in sorted(clients.names()) if needs_product(name))


def require_keepable(provider: str, pack: Pack) -> None:
    """Refuses a pack with which no payment method can be kept at the provider, nor charged while the buyer is away.

    Raises:
        PolicyViolation: ``payment_method``: the provider's API is not called here; the pack is paid again and again
            anyway; or it names no product that the provider needs for it.
    """
    needed = f"{provider}{ON_DEMAND}"
    if provider not in clients.names():
        said, field = f"{provider} keeps no payment method for Scrip: its API is not called here", "provider"
    elif pack.every is not None:
        said, field = f"the pack {pack.pack} is a subscription, which {provider} charges by itself", "pack"
    elif needs_product(provider) and not pack.provider_refs.get(needed):
        said, field = f"the pack {pack.pack} names no {needed} among its provider_refs: put it there", "pack"
    else:
        return
    raise PolicyViolation(said, policy="payment_method", field=field)


def giveable(provider: str, amount: int, currency: str) -> int:
    """Returns the most of these minor units that the provider can give back."""
    return minor_units(provider).floor(amount, currency)
