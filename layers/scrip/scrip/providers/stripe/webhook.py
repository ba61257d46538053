"""Verifies Stripe's webhooks and reads their events as facts. What the objects in them say: ``objects``.

What the documentation and the SDK (16.1, API 2026-10-28.endive) say of events, and what follows here:

* An event's body is a snapshot, frozen when it was made; retries bring it again, two events may tell of one change,
  any order is possible and ``created`` has whole seconds. So the object's ``status`` counts and ranks order the rest:
  no clock does. A type only decides what is read at all.
* A failed attempt leaves its object as it was before: that alone is read from the type. So does one that was to pay a
  subscription's next invoice (an invoice's ``payment_failed``); all further tries are of that invoice.
* A customer's ``subscription`` says how a subscription stands, and no more.
* ``radar.early_fraud_warning`` is a card network's suspicion, and most never become a dispute: credits that were paid
  for are not frozen for it. A merchant who believes it refunds, and the refund says so.
* Thin events (``v2.core.event``) name an object and say nothing of it: the endpoint has to send snapshots.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Fact, Unpaid, shown
from scrip.providers.envelope import Origin, Read, WebhookEvent, account_mark, delivered, opened, parsed
from scrip.providers.reading import Unreadable, member, optional_instant
from scrip.providers.signatures import verify_timestamped
from scrip.providers.stripe.objects import method_of, names_of, read_object, subject
from scrip.providers.stripe.subscriptions import failed_renewal, standing

__all__ = ["ONE_NAME", "PROVIDER", "read_object", "translate", "verify"]

PROVIDER: Final = "stripe"
ONE_NAME: Final = True
"""All tries to pay a period are of its invoice."""

_EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,96}")

_MONEY: Final = frozenset(
    {"charge", "checkout", "credit_note", "invoice", "invoice_payment", "payment_intent", "refund"}
)
# The SDK's types of these families. A later release's is read by its object as well, but where that says nothing,
# somebody has to look.
_KNOWN: Final = re.compile(
    r"charge\.(captured|expired|failed|pending|refunded|succeeded|updated|refund\.updated"
    r"|dispute\.(closed|created|funds_reinstated|funds_withdrawn|updated))"
    r"|credit_note\.(created|updated|voided)"
    r"|checkout\.session\.(async_payment_failed|async_payment_succeeded|completed|expired)"
    r"|invoice\.(created|deleted|finalization_failed|finalized|marked_uncollectible|overdue|overpaid|paid"
    r"|payment_action_required|payment_attempt_required|payment_failed|payment_succeeded|sent|upcoming|updated"
    r"|voided|will_be_due)"
    r"|invoice_payment\.paid"
    r"|payment_intent\.(amount_capturable_updated|canceled|created|partially_funded|payment_failed|processing"
    r"|requires_action|succeeded)"
    r"|refund\.(created|failed|updated)"
)
# All its other families: customers, catalogue, plans, the merchant's own balance, cards they issue.
_MEANINGLESS: Final = re.compile(
    r"account|application_fee|apps|balance|balance_settings|billing|billing_portal|capability|cash_balance|climate"
    r"|coupon|customer|customer_cash_balance_transaction|entitlements|file|financial_connections|identity"
    r"|invoiceitem|issuing_(authorization|card|cardholder|dispute|personalization_design|token|transaction)|mandate"
    r"|payment_link|payment_method|payout|person|plan|price|product|promotion_code|quote|radar|reporting|reserve"
    r"|review|setup_intent|sigma|source|subscription_schedule|tax|tax_rate|terminal|test_helpers|three_d_secure|topup"
    r"|transfer|treasury"
)
_ATTEMPT_FAILED: Final = frozenset({"checkout.session.async_payment_failed", "payment_intent.payment_failed"})


def verify(raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now_ms: int) -> str:
    """Returns the event's id, the same in every retry of it.

    No header has it, so it is read in the body, once that is proven. A body that cannot be read is named by its hash.

    Raises ``signatures.BadSignature`` or ``signatures.NoSecrets``.
    """
    verify_timestamped(raw, headers.get("stripe-signature"), secrets, now_ms)
    event_id = parsed(raw).get("id")
    if isinstance(event_id, str) and _EVENT_ID.fullmatch(event_id):
        return event_id
    return "sha256." + hashlib.sha256(raw).hexdigest()


def translate(body: Any, ours: str | None = None) -> Delivery:
    """Returns the facts in an event whose signature holds, parsed from JSON.

    ``ours`` is the ``livemode`` of our account, ``true`` or ``false``; an event of the other mode is parked. Empty: the
    delivery says which one it is of. None: not checked. An event of a connected account is parked always: our orders
    are our own account's. Never raises.
    """
    event = opened(body)
    # An object without a member is as good as none.
    event = replace(event, found=member(event.data, "object") or None)
    version, mode = event.body.get("api_version"), event.body.get("livemode")
    origin = Origin(
        api_version=version if isinstance(version, str) and shown(version) == version else None,
        said_at=optional_instant(event.body.get("created")),
        names=names_of(event.data),
        account=account_mark(ours, "livemode", str(mode).lower() if isinstance(mode, bool) else None),
        standing=standing(event.data, optional_instant(event.body.get("created")))
        if event.family == "customer"
        else None,
        method=method_of(event.data),
    )
    return delivered(PROVIDER, event, partial(_read_own, ours), lambda data, _: subject(data), origin)


def _read_own(livemode: str | None, event: WebhookEvent) -> Read:
    """Reads one event, if it is of our own account. Raises ``Unreadable``."""
    if event.body.get("object") == "v2.core.event":
        raise Unreadable("a thin event says nothing of money: the endpoint has to send snapshots")
    type_, told = event.complete("type", "object"), event.body.get("livemode")
    if livemode and (not isinstance(told, bool) or str(told).lower() != livemode.lower()):
        raise Unreadable("livemode is not ours")
    if event.body.get("account") is not None:
        raise Unreadable("account is a connected one")
    return _read(type_, event)


def _read(type_: str, event: WebhookEvent) -> Read:
    """Reads an event by its family and its object. Raises ``Unreadable`` for a type that may mean something new."""
    if _MEANINGLESS.fullmatch(event.family):
        return Read(None)
    if event.family not in _MONEY:
        raise event.unknown()
    if type_ == "invoice.payment_failed" and event.data.get("status") not in ("paid", "void"):
        return failed_renewal(event.data, event.body.get("created"))
    read = read_object(event.data, event.body.get("created"))
    if not read.facts and not read.parked and not _KNOWN.fullmatch(type_):
        raise event.unknown()
    if type_ in _ATTEMPT_FAILED:
        failed = (_failed(fact) for fact in read.facts)
        return read._replace(facts=tuple(failed))
    return read


def _failed(fact: Fact) -> Fact:
    """Returns an attempt as one that failed, where it is on its way: one that has ended otherwise is over."""
    return (
        replace(fact, status="failed") if isinstance(fact, Unpaid) and fact.status == "processing" else fact
    )
