"""Subscriptions: what deliveries tell of them, kept beside their orders, and the renewals among it that failed.

What is kept of a subscription follows from all that was told of it, in any order and any number of times. Does not own
payments of its periods (``posting``), nor what follows a failure (``dunning``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scrip.domain.credits.errors import NotFound, PolicyViolation, Unavailable
from scrip.domain.payments.facts import Paid
from scrip.domain.payments.order import Order
from scrip.domain.payments.payment import Payment
from scrip.domain.payments.subscription import FailedRenewal, Standing, Subscription
from scrip.providers import clients, webhooks
from scrip.providers.clients import Client, ProviderRefused, ProviderUnavailable
from scrip.services.catalogue.versions import replace_document
from scrip.services.engine.paging import BATCH, Found, read_on
from scrip.services.payments import orders
from scrip.services.payments.dunning import Failure
from scrip.services.payments.payment import load_payment
from scrip.store import documents, keys, lists
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables


@dataclass(frozen=True, slots=True)
class SoldSubscription:
    """A subscription and its order."""

    subscription: Subscription
    order: Order


def hear_standing(tables: Tables, provider: str, standing: Standing) -> Failure | None:
    """Keeps how a provider says that a subscription stands. Returns the renewal that failed, if nothing was paid since.

    Raises:
        Throttled, Contended: not now.
    """
    name = standing.subscription_id
    stored = orders.of_subscription(tables, provider, name)
    if stored is None:
        return None
    return _keep(tables, provider, name, stored.body, lambda known: known.heard(standing))


def hear_payment(tables: Tables, payment: Payment) -> Failure | None:
    """Keeps what a payment tells of the subscription that it is of. Returns and raises as ``hear_standing``."""
    provider = payment.provider
    told = payment.facts.paid or payment.facts.unpaid
    if told is None or not payment.topup_id or payment.void:
        return None
    stored = orders.load(tables, payment.topup_id)
    if stored is None or not (stored.body.every and (stored.body.payment_id or stored.body.begun)):
        return None
    name = told.subscription_id
    if isinstance(told, Paid):
        # What was charged for something else than a period pays for none.
        if told.origin:
            return None
        at, by = told.at, payment.payment_id
        if name is None:
            _paid_by_order(tables, stored.body, at)
            return None
        return _keep(tables, provider, name, stored.body, lambda known: known.paid(at, by))
    if told.status != "failed":
        return None
    failed = FailedRenewal(told.latest, payment.payment_id)
    if name is None:
        alone = told.topup_id and not _has_one_name(provider)
        return _failed_by_order(tables, stored.body, failed) if alone else None
    return _keep(tables, provider, name, stored.body, lambda known: known.failing(failed))


# Gateways that name the order with each period, and no subscription


def _failed_by_order(tables: Tables, order: Order, failed: FailedRenewal) -> Failure | None:
    """Keeps with an order that a period was not paid, which names the order alone. Returns what failed."""
    last = load_payment(tables, order.provider, order.payment_id).payment if order.payment_id else None
    paid = last.facts.paid if last else None
    if last is None or paid is None or failed.payment_id == last.payment_id or failed.at < paid.at:
        return None
    _show_failed(tables, order.topup_id, failed)
    return Failure(order, "renewal_failed", ("renewal", last.name, order.topup_id), failed.at)


def _paid_by_order(tables: Tables, order: Order, at: int) -> None:
    """Keeps with an order that a period was paid, which names the order alone."""
    if order.failed_renewal and order.failed_renewal.at <= at:
        _show_failed(tables, order.topup_id, None)


def _keep(
    tables: Tables,
    provider: str,
    name: str,
    order: Order,
    edit: Callable[[Subscription], Subscription],
) -> Failure | None:
    """Changes what is known of a subscription, and what its order shows of it. Returns the renewal that failed."""
    new = Subscription(provider, name, order.topup_id, order.account, order.unit)

    def decide(document: Document) -> tuple[Subscription, dict[str, Any] | None]:
        known = Subscription.from_json(document.body) if document.body else new
        # A person may have said since that it is of another order.
        edited = edit(replace(known, topup_id=order.topup_id, account=order.account, unit=order.unit))
        body = edited.to_json()
        return edited, None if body == document.body else body

    def beside(before: Any, _after: Any) -> list[Item]:
        return _listed(tables, before, new)

    kept = replace_document(tables, keys.renewal(provider, name), "subscription", decide, beside)
    _show(tables, kept)
    failed = kept.overdue
    if failed is None or kept.state != "past_due":
        return None
    return Failure(order, "renewal_failed", _subject(kept, failed), failed.at, name)


def _listed(tables: Tables, before: Any, new: Subscription) -> list[Item]:
    """Returns the writes by which its account lists a subscription, where it does not yet."""
    place = keys.subscription_of(new.provider, new.subscription_id)
    was = before.get("account") if before else None
    if was == new.account:
        return []
    moved = [lists.remove(tables, keys.account(was), place)] if was else []
    return [*moved, lists.add(tables, keys.account(new.account), place)]


def _show(tables: Tables, known: Subscription) -> None:
    """Keeps with a subscription's order which renewal failed, until it is paid."""
    _show_failed(tables, known.topup_id, known.overdue if known.state == "past_due" else None)


def _show_failed(tables: Tables, topup_id: str, failed: FailedRenewal | None) -> None:
    """Keeps with an order which renewal failed; None: none is overdue."""

    def decide(document: Document) -> tuple[None, dict[str, Any] | None]:
        stored = orders.read(document)
        if stored is None or stored.body.failed_renewal == failed:
            return None, None
        return None, replace(stored.body, failed_renewal=failed).to_json()

    replace_document(tables, keys.topup(topup_id), "order", decide)


def _subject(known: Subscription, failed: FailedRenewal) -> tuple[str, ...]:
    """Names what failed: the invoice, or (each try has a name of its own) the period after the last that was paid."""
    if _has_one_name(known.provider) and failed.payment_id:
        return ("renewal", known.provider, failed.payment_id)
    return ("renewal", known.provider, known.subscription_id, str(known.paid_at))


def _has_one_name(provider: str) -> bool:
    """Tells whether all tries to pay one period have one name at a provider."""
    adapter = webhooks.webhook(provider)
    return adapter is not None and adapter.ONE_NAME


# Read


def load(tables: Tables, provider: str, subscription_id: str) -> Subscription | None:
    """Reads what is known of a subscription; None where it is of no order."""
    document = documents.get(tables, keys.renewal(provider, subscription_id))
    return Subscription.from_json(document.body) if document.body else None


def get(tables: Tables, account: str, provider: str, subscription_id: str) -> SoldSubscription:
    """Reads a subscription of an account, and its order.

    Raises:
        NotFound: the account has no such subscription.
    """
    known = load(tables, provider, subscription_id)
    if known is None or known.account != account:
        raise NotFound(
            f"{account} has no subscription {subscription_id} at {provider}", subscription_id=subscription_id
        )
    return SoldSubscription(known, orders.get(tables, known.topup_id))


def list_subscriptions(
    tables: Tables, account: str, limit: int, after: str | None
) -> Found[str, SoldSubscription]:
    """Returns a page of an account's subscriptions, by provider and then by the provider's ids."""
    pk, first = keys.account(account), keys.SUBSCRIPTION_OF
    last = first + lists.LAST

    def look(
        after: str | None, count: int
    ) -> tuple[Sequence[tuple[str, SoldSubscription | None]], str | None]:
        places = lists.page(tables, pk, count, first=first, last=last, after=after)
        names = {sk: keys.renewal(*sk.removeprefix(first).split("#", 1)) for sk in places.found}
        known = documents.get_many(tables, names.values())
        read = {sk: Subscription.from_json(known[name].body) for sk, name in names.items() if name in known}
        sold = documents.get_many(tables, [keys.topup(one.topup_id) for one in read.values()])
        return [(sk, _with_order(read.get(sk), sold)) for sk in places.found], places.following

    return read_on(look, after, limit, min(limit, BATCH))


def _with_order(known: Subscription | None, sold: dict[str, Document]) -> SoldSubscription | None:
    """Returns a subscription with its order, from those that were read."""
    found = sold.get(keys.topup(known.topup_id)) if known else None
    stored = orders.read(found) if found else None
    return SoldSubscription(known, stored.body) if known and stored else None


# Cancelled and resumed

ClientOf = Callable[[str], Client]
"""Makes the client of a provider's API; raises ``ProviderUnavailable`` where there is no key for it."""


def cancel(
    tables: Tables, sold: SoldSubscription, client: ClientOf, at: int, *, at_once: bool
) -> SoldSubscription:
    """Has a subscription end with what was paid for, or at once. Again, it changes nothing. Returns it.

    Args:
        at: now, by this machine's clock, in epoch milliseconds.

    Raises:
        PolicyViolation: its provider has no API here, or refuses.
        NotFound: its provider does not know it.
        Unavailable: its provider does not answer.
    """
    state = sold.subscription.state
    if state == "cancelled" or (state == "cancelling" and not at_once):
        return sold
    name = sold.subscription.subscription_id
    return _asked(tables, sold, client, lambda api: api.cancel_subscription(name, at, at_once=at_once))


def resume(tables: Tables, sold: SoldSubscription, client: ClientOf, at: int) -> SoldSubscription:
    """Has a subscription that was to end go on. Again, it changes nothing. Returns it.

    Raises:
        PolicyViolation: it is over; else as ``cancel``.
        NotFound, Unavailable: as ``cancel``.
    """
    state, name = sold.subscription.state, sold.subscription.subscription_id
    if state == "cancelled":
        raise PolicyViolation("the subscription is over: order the pack anew", policy="subscription_over")
    if state != "cancelling":
        return sold
    return _asked(tables, sold, client, lambda api: api.resume_subscription(name, at))


def _asked(
    tables: Tables, sold: SoldSubscription, client: ClientOf, ask: Callable[[Client], Standing]
) -> SoldSubscription:
    """Asks a subscription's provider for something, and keeps how it stands since. Raises as ``cancel``."""
    provider, name = sold.subscription.provider, sold.subscription.subscription_id
    if provider not in clients.names():
        raise PolicyViolation(
            f"Scrip does not call the API of {provider}: change the subscription there", policy="provider_api"
        )
    try:
        standing = ask(client(provider))
    except ProviderUnavailable as error:
        raise Unavailable(f"{provider} does not answer: try again") from error
    except ProviderRefused as error:
        if error.status == 404:
            raise NotFound(
                f"{provider} does not know the subscription {name}", subscription_id=name
            ) from error
        raise PolicyViolation(f"{provider} refuses: {error}", policy="provider") from error
    return _stood(tables, sold, standing)


def _stood(tables: Tables, sold: SoldSubscription, standing: Standing) -> SoldSubscription:
    """Keeps how a provider that was asked says that a subscription stands. Returns the subscription."""
    of = sold.subscription
    _keep(tables, of.provider, of.subscription_id, sold.order, lambda known: known.heard(standing))
    return get(tables, of.account, of.provider, of.subscription_id)
