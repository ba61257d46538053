"""An order: what a buyer asks for, what is agreed, and the JSON that it is stored as.

Does not own what a pack gives and costs (``pack``), nor the checkout session in which the order is paid.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, Self

from scrip.domain.credits.calendar import EndOf
from scrip.domain.credits.entries import fingerprint
from scrip.domain.credits.errors import AmountOutOfRange
from scrip.domain.credits.lifetimes import lifetime_json
from scrip.domain.credits.limits import LARGEST_TOTAL
from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Shortfall, Unit
from scrip.domain.payments.pack import Pack, TaxPoint
from scrip.domain.payments.sale_terms import make_terms, terms_version


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a buyer asks for. ``currency``: None is the pack's own."""

    account: str
    pack: str
    quantity: int
    provider: str
    return_url: str
    currency: str | None = None

    def topup_id(self, key: str) -> str:
        """Returns the id of the order under an idempotency key. A key belongs to its account."""
        digest = hashlib.sha256(f"{self.account}\x00{key}".encode()).digest()[:16]
        return "top_" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def fingerprint(self, pack_currency: str) -> str:
        """Returns the fingerprint of the request, which tells another one under the same key.

        Args:
            pack_currency: the pack's own currency when the order was made: the default of ``currency``.
        """
        return fingerprint("topup", {**asdict(self), "currency": self.currency or pack_currency})


LIFETIME: Final = ("time_zone", "end_of", "never_expires")
"""Members of an order that came later than stored ones: one that has their defaults is stored as it was before."""
Status = Literal["pending", "paid", "failed", "refunded", "partially_refunded", "disputed"]
"""What became of an order."""


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
        expires_in: how long the credits live (ISO 8601); None: for ever (``never_expires``), or, in an order of before
            this was fixed with it, as the unit's policy says.
        time_zone, end_of: of ``expires_in``, as of a ``Lifetime``.
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
    tax_point: TaxPoint
    refund_shortfall: Shortfall
    terms: str
    terms_version: str
    accepted_at: int
    actor: str
    status: Status
    session_id: str | None
    checkout_url: str | None
    payment_id: str | None
    every: str | None
    topup_id: str
    time_zone: str = "UTC"
    end_of: EndOf | None = None
    never_expires: bool = False

    def to_json(self) -> dict[str, Any]:
        """Returns the order as plain JSON values, with the members in the order in which they are stored."""
        body: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "every":
                body["recurring"] = None if value is None else {"every": value}
            elif isinstance(value, Money):
                body[field.name] = {"amount": value.amount, "currency": value.currency}
            elif field.name in LIFETIME:
                continue
            else:
                body[field.name] = str(value) if field.name == "credits" else value
        return {**body, **lifetime_json(self.time_zone, self.end_of, self.never_expires)}

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


def agree(request: OrderRequest, pack: Pack, unit: Unit, key: str, actor: str, now: int) -> Order:
    """Returns the order as it is agreed now (epoch milliseconds): nothing of it changes when the pack does (law 10).

    Raises:
        InvalidRequest: the pack has no price in the currency, or its credits would live beyond the year 9999.
        AmountOutOfRange: no wallet could hold so many credits.
        PrecisionExceeded: the unit has fewer decimals than when the pack was put.
    """
    credits = pack.steps(request.quantity, unit.precision)
    if credits > LARGEST_TOTAL:
        largest = format_amount(LARGEST_TOTAL, unit.precision)
        raise AmountOutOfRange("no wallet can hold so many credits", field="quantity", largest=largest)
    lifetime = pack.lifetime or unit.policy.lifetime
    # What could not be granted once it is paid is refused now.
    lifetime.end(now)
    unit_price = pack.price_in(request.currency)
    price = Money(unit_price.amount * request.quantity, unit_price.currency)
    terms = pack.terms or make_terms(pack, unit, credits, price)
    return Order(
        account=request.account,
        pack=request.pack,
        quantity=request.quantity,
        provider=request.provider,
        return_url=request.return_url,
        currency=unit_price.currency,
        fingerprint=request.fingerprint(pack.price.currency),
        pack_currency=pack.price.currency,
        unit=unit.unit,
        pack_version=pack.version,
        product=pack.provider_refs.get(request.provider),
        name=f"{pack.credits} {unit.name or unit.unit}",
        credits=credits,
        unit_price=unit_price,
        price=price,
        expires_in=lifetime.expires_in,
        time_zone=lifetime.time_zone,
        end_of=lifetime.end_of,
        never_expires=lifetime.expires_in is None,
        priority=pack.priority,
        tax_point=pack.tax_point,
        refund_shortfall=unit.policy.refund_shortfall,
        terms=terms,
        terms_version=terms_version(terms),
        accepted_at=now,
        actor=actor,
        status="pending",
        session_id=None,
        checkout_url=None,
        payment_id=None,
        every=pack.every,
        topup_id=request.topup_id(key),
    )
