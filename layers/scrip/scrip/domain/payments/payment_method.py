"""A payment method that a buyer let us keep: by which names its provider charges it while nobody is there.

No data of a card is in it. Does not own who may use it (``services.payments.payment_methods``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from scrip.domain.payments.facts import text


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """What a provider calls the method, and whose it is there.

    Attributes:
        name: what is charged: a payment method of Stripe's, an on-demand subscription of Dodo's.
        customer: the provider's customer; None where the method alone says whose it is.
    """

    name: str
    customer: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        return {"name": self.name, **({"customer": self.customer} if self.customer else {})}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. Raises ``ValueError`` where a member is no text."""
        return cls(text(body, "name"), text(body, "customer") if "customer" in body else None)
