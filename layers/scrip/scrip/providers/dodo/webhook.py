"""Dodo Payments' webhooks.

What the provider's documentation and SDK (dodopayments 1.123) say, and what follows here:

* They are signed as Standard Webhooks are.
* A body is the state at the time of *delivery*, whatever its event was: a retried ``payment.failed`` may
  carry ``status: succeeded``, a repeated ``payment.succeeded`` lists the refunds and disputes made since. So
  the object's ``status`` counts, not the event's type, and a payment's own ``refunds`` and ``disputes`` are
  read as well as their events.
* ``total_amount`` includes ``tax``; both are integers in minor units. A refund's ``amount`` is that
  refund's alone, may be null, and so may its currency; ``is_partial: false`` means the whole payment.
* ``refund_status`` sums up a payment's refunds. Where it says that money went back and none is listed, a person
  has to look.
* A dispute's ``amount`` is a string of minor units. A later ``dispute_stage`` outranks an earlier one's end;
  within one stage an expiry ("typically resolves against you") gives way to a win or a loss, and a win and a loss
  contradict each other until the API is asked.
* ``charge_type`` says what a subscription was charged for: only ``new`` and ``renewal`` are periods of its own. The
  other charges are made over the API, by a server of ours, so the metadata of such a payment may name our order;
  where the server gave none, it is the subscription's, and names the order of that.
* A renewal that includes usage and pays for no service period bills that usage alone: it is no period's either.
* A free trial begins with a payment of 0: it alone names the checkout session, and the payments of the periods that
  follow name the subscription. A payment of 0 that names none of these is nothing, and so is one that only put another
  card in the place of an old one (``is_update_payment_method``); money that such a one took pays no period.
* A renewal that is declined leaves the payment ``failed``, and the subscription ``on_hold`` (or ``past_due``) until a
  buyer pays: whichever is told, it is one failure. Its further tries are payments with ids of their own.
* Enumerations, types and fields grow between releases, so this is a tolerant reader: it never raises,
  ignores what it does not need, and what it needs but cannot read is parked with a reason that names the
  field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from scrip.domain.payments.delivery import Delivery, Names, Parked
from scrip.domain.payments.facts import (
    Dispute,
    DisputeStatus,
    Fact,
    Paid,
    Refund,
    RefundStatus,
    Unpaid,
    shown,
)
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.domain.payments.subscription import Standing, State
from scrip.providers.envelope import (
    Origin,
    Read,
    Subject,
    WebhookEvent,
    about,
    account_mark,
    delivered,
    opened,
)
from scrip.providers.reading import (
    Json,
    Unreadable,
    country,
    currency,
    flag,
    identity,
    instant,
    is_currency,
    is_id,
    is_money,
    member,
    money,
    one_of,
    optional_currency,
    optional_identity,
    optional_instant,
    optional_money,
    spelled_money,
)
from scrip.providers.signatures import verify_standard as verify

__all__ = ["ONE_NAME", "PROVIDER", "translate", "verify"]

PROVIDER: Final = "dodo"
ONE_NAME: Final = False
"""Each try to pay a period is a payment with an id of its own."""
MAX_PARTS: Final = 200
"""A payment says at most this much about refunds, and about disputes. The API documents no bound; a list of facts
must fit one queue message."""

# Nothing in these is about money that a top-up of ours took or gave back. `subscription.renewed` always
# comes with a `payment.succeeded`: granting on both would double the cycle. `credit.*` is Dodo's own ledger
# of credits, not ours. `entitlement_grant.revoked` repeats a `refund.succeeded`.
_MEANINGLESS: Final = frozenset(
    {
        "subscription",
        "credit",
        "entitlement_grant",
        "license_key",
        "payout",
        "dunning",
        "abandoned_checkout",
    }
)
_FAILED: Final = frozenset({"failed", "cancelled"})
_PROCESSING: Final = frozenset(
    {
        "processing",
        "requires_customer_action",
        "requires_merchant_action",
        "requires_payment_method",
        "requires_confirmation",
        "requires_capture",
    }
)
_PERIODS: Final = frozenset({"new", "renewal"})
_RENEWAL: Final = "renewal"
_STATES: Final[Mapping[str, State]] = {
    "active": "active",
    "on_hold": "past_due",
    "past_due": "past_due",
    "paused": "paused",
    "cancelled": "cancelled",
    "expired": "cancelled",
    "failed": "cancelled",
}
# `review` is a refund that waits for a decision: for the buyer's credits that is pending.
_REFUND_STATUS: Final[Mapping[str, RefundStatus]] = {
    "pending": "pending",
    "review": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
}
_STAGES: Final = ("pre_dispute", "dispute", "pre_arbitration")
_STAGE_STEP: Final = 10
# The status and its rank within a stage. Above the ends there is room for the end that the API knows when it is asked
# between two of them.
_DISPUTE_STATUS: Final[Mapping[str, tuple[DisputeStatus, int]]] = {
    "dispute_opened": ("open", 0),
    "dispute_challenged": ("open", 1),
    "dispute_expired": ("lost", 2),
    "dispute_accepted": ("lost", 3),
    "dispute_lost": ("lost", 3),
    "dispute_cancelled": ("won", 3),
    "dispute_won": ("won", 3),
}


def translate(body: Any, ours: str | None = None) -> Delivery:
    """Returns the facts in a webhook body whose signature holds, parsed from JSON.

    ``ours`` is our business id; a body of another business is parked (Dodo's bodies do not say whether they are
    test or live, so this is what tells an endpoint's traffic apart). Empty: the delivery says which one it is of. None:
    not checked. Never raises.
    """
    event = opened(body)
    origin = Origin(
        said_at=optional_instant(event.body.get("timestamp")),
        names=_names(event),
        account=account_mark(ours, "business_id", optional_identity(event.body, "business_id")),
        standing=_standing(event) if event.family == "subscription" else None,
        method=_method(event),
    )
    delivery = delivered(PROVIDER, event, partial(_read_own, ours), _subject, origin)
    # An empty type is kept as it is.
    return delivery if event.type else replace(delivery, type="")


def _read_own(business_id: str | None, event: WebhookEvent) -> Read:
    """Reads one event, if it is of our business. Raises ``Unreadable``."""
    event.complete("type", "data")
    if business_id and event.body.get("business_id") != business_id:
        raise Unreadable("business_id is not ours")
    reading = _Reading(event.data, event.body.get("timestamp"))
    reading.read(event)
    payment_id = optional_identity(event.data, "payment_id")
    return Read(payment_id, tuple(reading.facts), tuple(reading.parked))


class _Reading:
    """One object, and what is read in it. ``event_at`` is the event's instant, for an object that has none."""

    def __init__(self, data: Json, event_at: Any) -> None:
        self.data, self.event_at = data, event_at
        self.facts: list[Fact] = []
        self.parked: list[Parked] = []

    def read(self, event: WebhookEvent) -> None:
        """Reads the facts of the object.

        Raises:
            Unreadable: it says nothing that can be used.
        """
        family = event.family
        if family in _MEANINGLESS:
            return
        if family == "payment":
            self._payment()
        elif family == "refund":
            identity(self.data, "payment_id")
            self.facts.append(self._refund(self.data))
        elif family == "dispute":
            identity(self.data, "payment_id")
            self.facts.append(self._dispute(self.data))
        else:
            raise event.unknown()

    def _payment(self) -> None:
        """Reads a payment, with the refunds and disputes that it lists. Raises ``Unreadable``."""
        data = self.data
        payment_id = identity(data, "payment_id")
        updates, status = flag(data, "is_update_payment_method"), data.get("status")
        if updates and (status != "succeeded" or money(data, "total_amount") == 0):
            return
        if status == "succeeded":
            paid = self._paid(money(data, "total_amount"))
            if paid.total == 0 and not (paid.session_id or paid.topup_id or paid.subscription_id):
                return
            self.facts.append(paid)
        elif isinstance(status, str) and status in _FAILED | _PROCESSING:
            session = optional_identity(data, "checkout_session_id")
            self.facts.append(
                Unpaid(
                    "failed" if status in _FAILED else "processing",
                    self._at(data),
                    session,
                    said_at=optional_instant(self.event_at),
                    subscription_id=_renewed(data),
                )
            )
        else:
            # Also `partially_captured`: money was taken, but not what the order asks for.
            self.parked.append(Parked("payment", f"payment status is {shown(status)}"))
        self._parts(payment_id, "refunds", self._refund)
        self._parts(payment_id, "disputes", self._dispute)
        if data.get("refund_status") in ("partial", "full") and not data.get("refunds"):
            said = shown(data["refund_status"])
            self.parked.append(Parked("payment", f"refund_status is {said}, but no refund is listed"))

    def _parts(self, payment_id: str, field: str, read_part: Callable[[Json], Fact]) -> None:
        """Reads a payment's own list of its refunds or disputes.

        A part that cannot be read is parked, and the others count.
        """
        parts = self.data.get(field)
        if not isinstance(parts, list | None) or len(parts or ()) > MAX_PARTS:
            self.parked.append(Parked("payment", f"{field} is not a list of at most {MAX_PARTS}"))
            return
        for part in parts or ():
            try:
                if not isinstance(part, Mapping):
                    raise Unreadable(f"{field} has an entry that is no object")
                if part.get("payment_id") not in (None, payment_id):
                    raise Unreadable(f"{field} has an entry of another payment")
                self.facts.append(read_part(part))
            except Unreadable as reason:
                of = _subject(part if isinstance(part, Mapping) else {}, field[:-1]).about
                self.parked.append(Parked(of, str(reason)))

    def _paid(self, total: int) -> Paid:
        """Reads what was paid: ``total`` in minor units, tax included. Raises ``Unreadable``."""
        data = self.data
        tax = optional_money(data, "tax")
        if tax is not None and tax > total:
            raise Unreadable("tax is more than total_amount")
        # What was settled is only needed for a refund in that currency. If it cannot be read, the payment still
        # counts.
        settled = data.get("settlement_amount")
        settled_in = data.get("settlement_currency")
        settlement_known = is_money(settled) and is_currency(settled_in)
        session = data.get("checkout_session_id")
        if total == 0 and data.get("charge_type") == "renewal":
            session = None  # a period that cost nothing, not the begin of a trial
        origin = _origin(data)
        return Paid(
            total=total,
            tax=tax,
            currency=currency(data, "currency"),
            at=self._at(data),
            settlement_amount=settled if settlement_known else None,
            settlement_currency=str(settled_in).upper() if settlement_known else None,
            session_id=None if session is None else identity(data, "checkout_session_id"),
            # Of a checkout a buyer may have written it.
            topup_id=optional_identity(member(data, "metadata"), "topup_id") if origin else None,
            origin=origin,
            subscription_id=_subscription(data),
            said_at=optional_instant(self.event_at),
            country=country(member(data, "billing")),
        )

    def _refund(self, data: Json) -> Refund:
        """Reads a refund, in an event or in a payment's list. Raises ``Unreadable``."""
        refund_id = identity(data, "refund_id")
        status = one_of(data, "status", _REFUND_STATUS)
        return Refund(
            refund_id=refund_id,
            status=status,
            amount=optional_money(data, "amount"),
            currency=optional_currency(data, "currency"),
            at=self._at(data),
            full=flag(data, "is_partial") is False,
            # A refund's metadata is written by whoever asked for it with our key, never by a buyer.
            request_id=optional_identity(member(data, "metadata"), "request_id"),
        )

    def _dispute(self, data: Json) -> Dispute:
        """Reads a dispute. Its rank is its stage times ten, plus the rank of its status. Raises ``Unreadable``."""
        dispute_id = identity(data, "dispute_id")
        status, rank = one_of(data, "dispute_status", _DISPUTE_STATUS)
        stage = data.get("dispute_stage")
        if stage not in _STAGES:
            raise Unreadable(f"dispute_stage is {shown(stage)}")
        return Dispute(
            dispute_id=dispute_id,
            status=status,
            rank=_STAGES.index(stage) * _STAGE_STEP + rank,
            stage=stage,
            amount=spelled_money(data, "amount"),
            currency=currency(data, "currency"),
            at=self._at(data),
        )

    def _at(self, data: Json) -> int:
        """Returns when an object was made, or else the event's instant. Raises ``Unreadable``."""
        return instant("created_at", data.get("created_at"), self.event_at)


def _subject(data: Json, family: str) -> Subject:
    """Returns the payment and the object that a body is about, as far as it says so."""
    return Subject(optional_identity(data, "payment_id"), about(family, data.get(f"{family}_id")))


def _names(event: WebhookEvent) -> Names:
    """Returns what a payment says that it is of, whether or not the rest of it can be read."""
    data = event.data
    if event.family != "payment":
        return Names()
    return Names(
        session_id=optional_identity(data, "checkout_session_id"),
        topup_id=optional_identity(member(data, "metadata"), "topup_id") if _origin(data) else None,
        subscription_id=_subscription(data),
    )


def _standing(event: WebhookEvent) -> Standing | None:
    """Reads how a subscription stands; None where the event does not say it in words that are known."""
    return standing_of(event.data, optional_instant(event.body.get("timestamp")))


def standing_of(data: Json, at: int | None) -> Standing | None:
    """Reads how a subscription stands at an instant (epoch milliseconds); None where that is not known."""
    name, status = optional_identity(data, "subscription_id"), data.get("status")
    state = _STATES.get(status) if isinstance(status, str) else None
    if name is None or state is None or at is None:
        return None
    if state == "active" and data.get("cancel_at_next_billing_date") is True:
        state = "cancelling"
    return Standing(name, state, at, optional_instant(data.get("next_billing_date")), state == "past_due")


def _renewed(data: Json) -> str | None:
    """Returns the subscription whose next period a payment was to pay; None where it was for something else."""
    renews = data.get("charge_type") in (None, _RENEWAL)
    return _subscription(data) if renews and _origin(data) is None else None


def _method(event: WebhookEvent) -> PaymentMethod | None:
    """Returns what a payment can be charged with again: its subscription, which is on demand where we sold it so."""
    data = event.data
    if event.family != "payment" or data.get("status") != "succeeded":
        return None
    name = _subscription(data)
    return PaymentMethod(name, optional_identity(member(data, "customer"), "customer_id")) if name else None


def _subscription(data: Json) -> str | None:
    """Returns the subscription that this is a payment of; None where it is of none or of several.

    A payment of several subscriptions leaves ``subscription_id`` null and lists them. A list of one is taken as that
    one.
    """
    several = data.get("subscription_ids")
    only = several[0] if isinstance(several, list) and len(several) == 1 else None
    return optional_identity(data, "subscription_id") or (only if is_id(only) else None)


def _origin(data: Json) -> str | None:
    """Says what else than a period of its own a subscription was charged for; None: it was not."""
    if data.get("is_update_payment_method") is True:
        return "is_update_payment_method is true"
    charge = data.get("charge_type")
    if charge is not None and not (isinstance(charge, str) and charge in _PERIODS):
        return f"charge_type is {shown(charge)}"
    if charge == "renewal" and data.get("includes_usage") is True and data.get("service_periods") == []:
        return "includes_usage is true and service_periods has none"
    return None
