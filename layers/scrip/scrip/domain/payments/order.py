"""An order: what a buyer asks for, what is agreed, and the JSON that it is stored as.

Does not own what a pack gives and costs (``pack``), nor the checkout session in which the order is paid.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Literal, Self

from scrip.domain.credits import members
from scrip.domain.credits.calendar import EndOf, after
from scrip.domain.credits.entries import fingerprint
from scrip.domain.credits.errors import AmountOutOfRange, InvalidRequest, TermsChanged
from scrip.domain.credits.lifetimes import lifetime_json
from scrip.domain.credits.limits import LARGEST_TOTAL
from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.terms import Rollover
from scrip.domain.credits.units import Shortfall, Unit
from scrip.domain.payments.pack import Pack, TaxPoint
from scrip.domain.payments.sale_terms import make_terms, terms_version
from scrip.domain.payments.subscription import FailedRenewal


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a buyer asks for.

    Attributes:
        currency: None is the pack's own.
        accepted: the version of the terms that the buyer agreed to; None: those of the order, whatever they are.
        keeps_method: whether what it is paid with may be charged again while the buyer is away.
        automatic: whether it is made by an automatic top-up, and paid with what was kept: it has no checkout.
    """

    account: str
    pack: str
    quantity: int
    provider: str
    return_url: str
    currency: str | None = None
    accepted: str | None = None
    keeps_method: bool = False
    automatic: bool = False

    def topup_id(self, key: str) -> str:
        """Returns the id of the order under an idempotency key. A key belongs to its account."""
        digest = hashlib.sha256(f"{self.account}\x00{key}".encode()).digest()[:16]
        return "top_" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def fingerprint(self, pack_currency: str) -> str:
        """Returns the fingerprint of the request, which tells another one under the same key.

        Args:
            pack_currency: the pack's own currency when the order was made: the default of ``currency``.
        """
        said = {**asdict(self), "currency": self.currency or pack_currency}
        if self.accepted is None:
            # As it was before a buyer could name a version.
            del said["accepted"]
        for name in ("keeps_method", "automatic"):
            if not said[name]:
                # As it was before there was one.
                del said[name]
        return fingerprint("topup", said)


LIFETIME: Final = ("time_zone", "end_of", "never_expires")
"""Members of an order that came later than stored ones: one that has their defaults is stored as it was before."""
OPEN_MS: Final = 86_400_000
"""How long an order is open where its pack does not say it (``ORDER_EXPIRES_IN``), in milliseconds."""
LATER: Final = (
    *(*LIFETIME, "open_ms", "begun", "waiting"),
    *("failed_renewal", "keeps_method", "automatic", "rollover"),
)
SHOWN: Final = 20
"""Payments that an order shows as waiting."""
Status = Literal[
    "pending", "paid", "failed", "refunded", "partially_refunded", "disputed", "expired", "cancelled"
]
"""What became of an order. ``expired`` follows from the clock, and is stored where its provider ended the checkout."""
AGAIN: Final = "dunning"
"""Who made an order that a prompt is for."""
UNPAID: Final = ("pending", "failed", "expired")
"""What is stored of an order that may be cancelled: no payment of it is known."""


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
        open_ms: milliseconds after ``accepted_at`` in which it is to be paid. A payment after them counts all the same.
        begun: its subscription has begun with a period that costs nothing: a trial. It is paid when that is over, and
            expires no more.
        waiting: payments that name the order and wait for a person, by their ids.
        failed_renewal: of a subscription's, the renewal that was not paid, until a later period is.
        keeps_method, automatic: as of the request.
        rollover: what becomes of what is left of its credits at their end; None: it is lost.
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
    open_ms: int = OPEN_MS
    begun: bool = False
    waiting: tuple[str, ...] = ()
    failed_renewal: FailedRenewal | None = None
    keeps_method: bool = False
    automatic: bool = False
    rollover: Rollover | None = None

    @property
    def expires_at(self) -> int:
        """Returns the instant from which on an order that nobody paid is over, in epoch milliseconds."""
        return self.accepted_at + self.open_ms

    def status_at(self, now: int) -> Status:
        """Returns what became of the order by ``now``, epoch milliseconds."""
        over = self.status == "pending" and not self.begun and now >= self.expires_at
        return "expired" if over else self.status

    def unpaid(self, status: Status) -> Status:
        """Returns the status after a payment that is not made: one that was cancelled stays so.

        Nothing else ends one whose subscription has begun: its checkout was gone through.
        """
        if self.status == "cancelled":
            return self.status
        return "pending" if self.begun else status

    def beginning(self) -> Order:
        """Returns the order once its subscription has begun with a period that costs nothing."""
        begun = replace(self, begun=True)
        return begun if self.payment_id else replace(begun, status=begun.unpaid("pending"))

    def again(self, name: str, now: int, *, once: bool) -> Order:
        """Returns an order of the same sale, on the same terms, made now (epoch milliseconds) by Scrip itself.

        Args:
            name: says what it is made for. The same name gives the same order.
            once: it is paid once, whatever the first was.
        """
        digest = hashlib.sha256(f"{self.topup_id}\x00{name}".encode()).digest()[:16]
        return replace(
            self,
            topup_id="top_" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii"),
            fingerprint=fingerprint("again", {"topup_id": self.topup_id, "name": name}),
            accepted_at=now,
            actor=AGAIN,
            status="pending",
            session_id=None,
            checkout_url=None,
            payment_id=None,
            every=None if once else self.every,
            begun=False,
            waiting=(),
            failed_renewal=None,
            # What a buyer pays in place of an automatic top-up is kept for the next one.
            keeps_method=self.automatic,
            automatic=False,
        )

    def with_waiting(self, payment_id: str, *, waits: bool) -> Order:
        """Returns the order with this payment among those that wait for a person, or without it."""
        others = {one for one in self.waiting if one != payment_id}
        return replace(self, waiting=tuple(sorted({*others, *((payment_id,) if waits else ())})[:SHOWN]))

    def to_json(self) -> dict[str, Any]:
        """Returns the order as plain JSON values, with the members in the order in which they are stored."""
        body: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "every":
                body["recurring"] = None if value is None else {"every": value}
            elif isinstance(value, Money):
                body[field.name] = {"amount": value.amount, "currency": value.currency}
            elif field.name in LATER:
                continue
            else:
                body[field.name] = str(value) if field.name == "credits" else value
        said = lifetime_json(self.time_zone, self.end_of, self.never_expires)
        said |= {} if self.open_ms == OPEN_MS else {"open_ms": self.open_ms}
        said |= {name: True for name in ("begun", "keeps_method", "automatic") if getattr(self, name)}
        said |= {"rollover": members.of(self.rollover)} if self.rollover else {}
        said |= {"failed_renewal": asdict(self.failed_renewal)} if self.failed_renewal else {}
        return {**body, **said, **({"waiting": list(self.waiting)} if self.waiting else {})}

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
                "waiting": tuple(said.get("waiting", ())),
                "rollover": Rollover(**rule) if (rule := said.get("rollover")) else None,
                "failed_renewal": FailedRenewal(**failed) if (failed := said.get("failed_renewal")) else None,
            }
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """What so many packs give and cost now, and on which terms.

    Attributes:
        credits: smallest steps of the unit that one payment gives.
        unit_price, price: minor units without tax, of one pack and of all of them.
    """

    credits: int
    unit_price: Money
    price: Money
    terms: str

    @property
    def terms_version(self) -> str:
        return terms_version(self.terms)


def offer(pack: Pack, unit: Unit, quantity: int, currency: str | None) -> Offer:
    """Returns what an order would agree to now; ``currency`` None is the pack's own.

    Raises:
        InvalidRequest: the pack has no price in the currency, or costs nothing.
        AmountOutOfRange: no wallet could hold so many credits.
        PrecisionExceeded: the unit has fewer decimals than when the pack was put.
    """
    credits = pack.steps(quantity, unit.precision)
    if credits > LARGEST_TOTAL:
        largest = format_amount(LARGEST_TOTAL, unit.precision)
        raise AmountOutOfRange("no wallet can hold so many credits", field="quantity", largest=largest)
    unit_price = pack.price_in(currency)
    if not unit_price.amount:
        # From before packs had to cost something.
        raise InvalidRequest([("pack", "it costs nothing, and a checkout of nothing has no payment")])
    price = Money(unit_price.amount * quantity, unit_price.currency)
    return Offer(credits, unit_price, price, make_terms(pack, unit, credits, price))


def agree(request: OrderRequest, pack: Pack, unit: Unit, key: str, actor: str, now: int) -> Order:
    """Returns the order as it is agreed now (epoch milliseconds): nothing of it changes when the pack does (law 10).

    Raises:
        InvalidRequest, AmountOutOfRange, PrecisionExceeded: as ``offer``; or its credits would live, or it would be
            open, beyond the year 9999.
        TermsChanged: the buyer agreed to other terms.
    """
    agreed = offer(pack, unit, request.quantity, request.currency)
    if request.accepted not in (None, agreed.terms_version):
        raise TermsChanged(
            f"the terms are others by now: show those of GET /v1/packs/{request.pack}/terms",
            terms_version=agreed.terms_version,
        )
    lifetime = pack.lifetime or unit.policy.lifetime
    # What could not be granted once it is paid is refused now.
    lifetime.end(now)
    return Order(
        account=request.account,
        pack=request.pack,
        quantity=request.quantity,
        provider=request.provider,
        return_url=request.return_url,
        currency=agreed.price.currency,
        fingerprint=request.fingerprint(pack.price.currency),
        pack_currency=pack.price.currency,
        unit=unit.unit,
        pack_version=pack.version,
        product=pack.product(request.provider, on_demand=request.keeps_method or request.automatic),
        name=f"{pack.credits} {unit.name or unit.unit}",
        credits=agreed.credits,
        unit_price=agreed.unit_price,
        price=agreed.price,
        expires_in=lifetime.expires_in,
        time_zone=lifetime.time_zone,
        end_of=lifetime.end_of,
        never_expires=lifetime.expires_in is None,
        open_ms=after(now, pack.order_expires_in, "order_expires_in") - now,
        priority=pack.priority,
        tax_point=pack.tax_point,
        refund_shortfall=unit.policy.refund_shortfall,
        terms=agreed.terms,
        terms_version=agreed.terms_version,
        accepted_at=now,
        actor=actor,
        status="pending",
        session_id=None,
        checkout_url=None,
        payment_id=None,
        every=pack.every,
        rollover=pack.carries(request.quantity, unit.precision, lifetime),
        topup_id=request.topup_id(key),
        keeps_method=request.keeps_method,
        automatic=request.automatic,
    )
