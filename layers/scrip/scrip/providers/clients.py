"""What a provider's ``client`` module has: what a provider's API is asked, and what it may answer.

An SDK costs a quarter of a second and 35 MiB to import, so a module imports its own only when it is called, and only
the functions that talk to providers carry the layer with the SDKs.

Errors
    ProviderUnavailable    no answer, a late or unreadable one, 5xx, 408 or 429: the same request may work later.
    ProviderRefused        any other 4xx: the request, key or product is wrong, and would be again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Literal, Protocol, cast

from scrip.domain.finance.settlement import ProviderSettlement
from scrip.domain.payments.delivery import Delivery, Inquiry
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.domain.payments.subscription import Standing
from scrip.providers import having


class ProviderError(Exception):
    """The provider did not do what it was asked."""


class ProviderUnavailable(ProviderError):
    """Not now; try the same again later."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProviderRefused(ProviderError):
    """Not like this; ``status`` is the provider's, and ``said`` what it said of its reasons, as JSON."""

    def __init__(self, status: int, reason: str, said: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason
        self.said = said or {}


@dataclass(frozen=True, slots=True)
class Sale:
    """What a buyer is to pay for: ``quantity`` times ``amount`` minor units of ``currency``, without tax.

    ``product`` is the provider's own name of the pack, None where the pack names none; ``name`` is what a buyer reads.
    ``every`` is the period of a subscription (ISO 8601, such as ``P1M``), None for a single payment. ``topup_id`` is
    our order's, ``request_id`` names this asking of it: the same after a timeout, another after a refusal. ``terms``
    are what the buyer agreed to, shown once more where the provider's page can. ``keeps_method`` says that the buyer
    lets what it is paid with be charged again.
    """

    topup_id: str
    request_id: str
    account: str
    pack: str
    product: str | None
    name: str
    quantity: int
    amount: int
    currency: str
    return_url: str
    every: str | None = None
    terms: str = ""
    keeps_method: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A checkout session: its id, by which the payment will name it, and the page to send the buyer to (24 h)."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class WantedRefund:
    """Money to give back: ``amount`` minor units of ``currency``, the payment's own, tax included.

    ``request_id`` names the request for ever: asked twice, the money goes back once. ``full`` says that this is all
    of the payment.
    """

    payment_id: str
    request_id: str
    amount: int
    currency: str
    full: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Money to take with a payment method that was kept, while the buyer is away: one attempt at it.

    Attributes:
        topup_id: the order that it pays: the payment carries it, where only we can write.
        attempt: the number of the attempt at this order, which the payment carries too.
        key: names this asking: the same again is the same charge, where the provider takes such keys.
        amount: minor units of ``currency``, without tax.
        name: what a buyer reads.
    """

    topup_id: str
    attempt: int
    key: str
    method: PaymentMethod
    amount: int
    currency: str
    name: str


ChargeOutcome = Literal[
    "paid", "processing", "declined", "authentication_required", "method_missing", "method_expired", "refused"
]
"""What became of a charge. ``processing``: the provider does not know it yet; ``refused``: it takes no such charge,
whatever it is made with."""


@dataclass(frozen=True, slots=True)
class Charged:
    """What a provider says of a charge.

    Attributes:
        payment_id: the payment that it became; None where it became none.
        delivery: what it says of that payment, to be passed on as any fact is; None: nothing.
    """

    outcome: ChargeOutcome
    payment_id: str | None = None
    delivery: Delivery | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """A page of what a provider knows.

    It has each payment, refund and dispute as a delivery, and the cursor of the next page (None: this was the last).
    """

    deliveries: tuple[Delivery, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class SettlementPage:
    """A page of what moved a provider's balance, and the cursor of the next page (None: this was the last)."""

    settlements: tuple[ProviderSettlement, ...]
    cursor: str | None


class Client(Protocol):
    """One provider's API: the ``Client`` in its ``client`` module.

    Every call takes at most ``timeout`` seconds in all and raises ``ProviderUnavailable`` or ``ProviderRefused``.
    Deliveries have type ``read``, and what the ``webhook`` module reads in an object of that kind.
    """

    key_ms: int
    """For how long the same key of a charge is the same charge there, in milliseconds; 0: the provider takes none."""

    def open_session(self, sale: Sale) -> Session:
        """Opens a checkout session.

        Called again for the same order it may open another. That is harmless: a session moves no money, and nobody
        was given the page of the first.
        """

    def refund(self, wanted: WantedRefund) -> Delivery:
        """Asks for a refund and returns it as a fact, with ``request_id``.

        The same request again makes no second refund.
        """

    def read(self, inquiry: Inquiry) -> Delivery:
        """Reads a payment as it is by now, with its refunds and disputes, and the tax that its session tells."""

    def cancel_subscription(self, subscription_id: str, at: int, *, at_once: bool) -> Standing:
        """Has a subscription end with what was paid for, or at once; returns how it stands, ``at`` epoch milliseconds.

        Called again it changes nothing.
        """

    def resume_subscription(self, subscription_id: str, at: int) -> Standing:
        """Has a subscription that was to end go on; returns how it stands, ``at`` epoch milliseconds."""

    def listed(self, since: int, until: int, cursor: str | None) -> DeliveryPage:
        """Lists payments, refunds and disputes made in ``[since, until)`` (epoch milliseconds), page by page."""

    def settled(self, since: int, until: int, cursor: str | None) -> SettlementPage:
        """Lists what moved the provider's balance in ``[since, until)`` (epoch milliseconds), page by page.

        A row may be listed some time after its instant. Where the provider says what a payment, refund or dispute is in
        the customer's currency, each has it.
        """

    def charge(self, wanted: Charge) -> Charged:
        """Charges a payment method.

        Raises:
            ProviderUnavailable: nobody knows whether it was charged: ``find_charge`` tells, or the same key again.
            ProviderRefused: it was not, and would not be.
        """

    def find_charge(self, wanted: Charge, payment_id: str | None) -> Charged | None:
        """Returns what became of a charge that was asked for; None: the provider knows of none.

        Args:
            payment_id: the payment that it became, where that is known.
        """


def sells_periods_once(provider: str) -> bool:
    """Tells whether a pack that a provider sells as a subscription can be sold there for one payment, too."""
    name = f"scrip.providers.{provider}.client"
    return provider not in names() or not getattr(import_module(name), "PRODUCT_DECIDES", False)


@cache
def names() -> frozenset[str]:
    """Returns every provider whose API is known here. At the others an app opens its checkout itself."""
    return having("client")


@cache
def needs_product(provider: str) -> bool:
    """Tells whether the provider keeps payment methods under a product made for it (``<provider>_on_demand``)."""
    return hasattr(import_module(f"scrip.providers.{provider}"), "ON_DEMAND")


def client(provider: str, api_key: str, base_url: str, timeout: float) -> Client:
    """Makes the client of a provider's API.

    Raises ``ProviderUnavailable`` where none can be made with that key and URL.
    """
    return cast(
        Client, import_module(f"scrip.providers.{provider}.client").Client(api_key, base_url, timeout)
    )
