"""Orders for packs: the body and the answer."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.payments.order import Order, OrderRequest
from scrip.http.edge.bodies import Body, Currency, Identifier
from scrip.http.edge.parameters import format_instant
from scrip.providers import having

URL_PATTERN = r"^(https://[^/\s@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)(/\S*)?$"


def _true(value: Any) -> Any:
    # To a Literal 1 is as good as true.
    if value is not True:
        raise ValueError("must be true")
    return value


def _return_url(text: str) -> str:
    if not re.fullmatch(URL_PATTERN.strip("^$"), text):
        raise ValueError("must be an https URL, or one on this machine")
    return text


if TYPE_CHECKING:
    Provider = str
else:
    Provider = Literal[tuple(sorted(having("webhook")))]
"""The name of a payment provider, one of those whose webhooks are understood."""
Url = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(_return_url),
    Field(json_schema_extra={"pattern": URL_PATTERN}),
]


class TopupBody(Body):
    """An order for packs."""

    account: Identifier
    """The customer, by your own id for them."""
    pack: Identifier
    """The pack's id."""
    quantity: Annotated[int, Field(ge=1, le=1000)] = 1
    """How many packs."""
    provider: Provider = "dodo"
    """Where it is paid. At `standard` and `paddle` your app opens the checkout, and names `topup_id`."""
    currency: Currency | None = None
    """One that the pack has a price in; null: that of its `price`."""
    return_url: Url
    """Where the buyer comes back to: https, or this machine."""
    accept_terms: Annotated[Literal[True], BeforeValidator(_true)]
    """The buyer agreed to the pack's terms."""

    def order_request(self) -> OrderRequest:
        """Returns what the body asks for, without the consent that it must have."""
        return OrderRequest(
            self.account, self.pack, self.quantity, self.provider, self.return_url, self.currency
        )


def topup_view(order: Order, unit: Unit) -> dict[str, Any]:
    """Returns an order as a caller reads it: credits as a decimal of the unit."""
    return {
        "topup_id": order.topup_id,
        "status": order.status,
        "account": order.account,
        "pack": order.pack,
        "pack_version": order.pack_version,
        "quantity": order.quantity,
        "provider": order.provider,
        "unit": order.unit,
        "checkout_url": order.checkout_url,
        "checkout_session_id": order.session_id,
        "price": asdict(order.price),
        "recurring": None if order.every is None else {"every": order.every},
        "terms": order.terms,
        "terms_version": order.terms_version,
        "accepted_at": format_instant(order.accepted_at),
        "payment_id": order.payment_id,
        "credits": format_amount(order.credits, unit.precision),
    }
