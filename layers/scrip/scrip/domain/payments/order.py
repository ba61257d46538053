"""An order: what a buyer agreed to pay and to get, and the JSON that it is stored as. It owns no price and no pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Shortfall


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it was agreed: nothing of it changes when its pack does (law 10).

    The fields stand in the order of the stored JSON.

    Attributes:
        currency: that of both prices, as the buyer asked for it.
        fingerprint: of the request, to tell another request under the same key.
        pack_currency: the pack's own currency when the order was made.
        product: the provider's name of the pack; None where the pack gives none.
        name: what a buyer reads at the provider.
        credits: smallest steps of the unit that one payment gives.
        unit_price, price: minor units without tax, of one pack and of all of them.
        expires_in: how long the credits live (ISO 8601); None where the unit's policy decides.
        accepted_at: epoch milliseconds.
        payment_id: the last payment that paid the order.
        every: the period of a subscription (ISO 8601); None for a single payment.
    """

    account: str
    pack: str
    quantity: int
    provider: str
    return_url: str
    currency: str
    fingerprint: str
    pack_currency: str
    unit: str
    pack_version: int
    product: str | None
    name: str
    credits: int
    unit_price: Money
    price: Money
    expires_in: str | None
    priority: int
    tax_point: str
    refund_shortfall: Shortfall
    terms: str
    terms_version: str
    accepted_at: int
    actor: str
    status: str
    session_id: str | None
    checkout_url: str | None
    payment_id: str | None
    every: str | None
    topup_id: str

    def to_json(self) -> dict[str, Any]:
        """Returns the order as plain JSON values, with the members in the order in which they are stored."""
        body: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "every":
                body["recurring"] = None if value is None else {"every": value}
            elif isinstance(value, Money):
                body[field.name] = {"amount": value.amount, "currency": value.currency}
            else:
                body[field.name] = str(value) if field.name == "credits" else value
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            KeyError, TypeError: a member is missing, or is not known.
        """
        said = dict(body)
        recurring = said.pop("recurring")
        return cls(
            **{
                **said,
                "credits": int(said["credits"]),
                "unit_price": Money(**said["unit_price"]),
                "price": Money(**said["price"]),
                "every": recurring["every"] if recurring else None,
            }
        )
