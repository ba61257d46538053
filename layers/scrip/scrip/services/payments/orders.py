"""Top-ups: orders for packs as they are stored, and the checkout session in which each is paid.

Does not own what is agreed (``domain.payments.order``), nor what a provider is asked (``providers.clients``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.credits.errors import InvalidRequest, KeyReused, NotFound, TopupNotOpen, Unavailable
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.units import Unit
from scrip.domain.payments.delivery import Names
from scrip.domain.payments.facts import Paid, PaymentFacts
from scrip.domain.payments.order import UNPAID, Offer, Order, OrderRequest, agree, offer
from scrip.domain.payments.pack import Pack
from scrip.domain.payments.payment import Agreement, Payment
from scrip.providers import clients
from scrip.providers.clients import ProviderRefused, ProviderUnavailable, Sale, Session
from scrip.services.catalogue import packs
from scrip.services.catalogue.versions import replace_document
from scrip.services.engine.executor import Executor
from scrip.services.engine.requests import Caller
from scrip.services.payments.charges import require_chargeable, require_keepable
from scrip.store import documents, keys, lists
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order, with the key and the revision of the document that it was read from."""

    pk: str
    rev: int
    body: Order


LATEST: Final = 50
"""Orders of an account, the last ones, among which one that a buyer made is looked for."""
EARLY: Final = 50
"""Payments of one subscription that may come before the one that names its order."""

OpenSession = Callable[[str, Sale], Session]
"""Opens a checkout session at a provider; raises ``ProviderUnavailable`` or ``ProviderRefused``."""


def order(
    executor: Executor, wanted: OrderRequest, caller: Caller, open_session: OpenSession
) -> tuple[Order, bool]:
    """Stores an order and opens its checkout session. Returns the order, and whether all of it was there before.

    There is no session at a provider whose API is not called: the app opens its own checkout, naming the order.

    The order is stored before the provider is asked: where the provider does not answer, the same key goes on with
    the same order. Two requests at once may open two sessions; the one whose page is given out is stored.

    Raises:
        NotFound: there is no such pack.
        InvalidRequest: the pack has no price in the currency, or the provider does not take the order (an unknown
            product, say).
        AmountOutOfRange: no wallet could hold so many credits.
        PolicyViolation: the provider cannot charge the price: not in that currency, or not that amount; or it cannot
            keep what the buyer pays with.
        TermsChanged: the buyer agreed to other terms than the order would have.
        KeyReused: the account used the key for another order.
        TopupNotOpen: the order under this key was cancelled, or has expired, before a checkout was opened.
        Unavailable: the provider does not answer.
    """
    tables = executor.tables
    document, new = documents.get(tables, keys.topup(wanted.topup_id(caller.key))), False
    if not document.body:
        pack = packs.get_pack(tables, wanted.pack)
        if wanted.keeps_method:
            require_keepable(wanted.provider, pack)
        agreed = agree(wanted, pack, executor.unit(pack.unit), caller.key, caller.actor, caller.moment.at)
        require_chargeable(wanted.provider, agreed.unit_price, "currency" if wanted.currency else "pack")
        beside = lists.of_order(tables, agreed.account, agreed.accepted_at, agreed.topup_id)
        made = documents.put_with(tables, document.pk, document.rev, agreed.to_json(), beside)
        document, new = made or documents.get(tables, document.pk), made is not None
    stored = StoredOrder(document.pk, document.rev, Order.from_json(document.body))
    if stored.body.fingerprint != wanted.fingerprint(stored.body.pack_currency):
        raise KeyReused("the account used the key for another order", topup_id=stored.body.topup_id)
    if wanted.provider not in clients.names():
        return stored.body, not new
    if stored.body.session_id:
        return stored.body, True
    _require_open(stored.body, caller.moment.at)
    try:
        session = open_session(wanted.provider, _sale(stored))
    except ProviderUnavailable as error:
        raise Unavailable(f"{wanted.provider} does not answer: try again with the same key") from error
    except ProviderRefused as error:
        # A refusal is not remembered: what is left of the order is its revision.
        # The lists that have it pass over what is no order any more.
        documents.put(tables, stored.pk, stored.rev, {})
        raise InvalidRequest([("pack", f"{wanted.provider} does not take the order: {error}")]) from error
    return _opened(tables, stored, wanted.provider, session)


def again(executor: Executor, sold: Order, name: str, now: int, open_session: OpenSession) -> Order:
    """Stores an order of the same sale as ``sold``, and opens its checkout session. Returns the order.

    The same name goes on with the same order. Where the provider does not take it there is no session.

    Args:
        now: epoch milliseconds.

    Raises:
        Unavailable: the provider does not answer.
    """
    tables = executor.tables
    wanted = sold.again(name, now, once=clients.sells_periods_once(sold.provider))
    if not wanted.return_url:
        # A top-up that was made by itself has nowhere to come back to: the account's buyers had.
        wanted = replace(wanted, return_url=_last_return_url(tables, wanted.account))
    document = documents.get(tables, keys.topup(wanted.topup_id))
    if not document.body:
        beside = lists.of_order(tables, wanted.account, wanted.accepted_at, wanted.topup_id)
        made = documents.put_with(tables, document.pk, document.rev, wanted.to_json(), beside)
        document = made or documents.get(tables, document.pk)
    stored = StoredOrder(document.pk, document.rev, Order.from_json(document.body))
    sells = stored.body.provider in clients.names() and stored.body.return_url
    if stored.body.session_id or not sells:
        return stored.body
    try:
        session = open_session(stored.body.provider, _sale(stored))
    except ProviderUnavailable as error:
        raise Unavailable(f"{stored.body.provider} does not answer") from error
    except ProviderRefused:
        return stored.body
    return _opened(tables, stored, stored.body.provider, session)[0]


def _last_return_url(tables: Tables, account: str) -> str:
    """Returns where buyers of the account came back to, in the last order that says it; empty where none does."""
    first, last = keys.TOPUP_OF + keys.at_instant(0), keys.TOPUP_OF + keys.at_instant(MAX_INSTANT, lists.LAST)
    page = lists.page(tables, keys.account(account), LATEST, first=first, last=last, backwards=True)
    pks = [keys.topup(keys.named_at(place)) for place in page.found]
    known = documents.get_many(tables, pks) if pks else {}
    found = (stored for pk in pks if pk in known and (stored := read(known[pk])))
    return next((one.body.return_url for one in found if one.body.return_url), "")


def terms(executor: Executor, pack_id: str, quantity: int, currency: str | None) -> tuple[Pack, Unit, Offer]:
    """Returns the pack and its unit, and what an order of it would agree to now.

    Raises:
        NotFound: there is no such pack.
        InvalidRequest, AmountOutOfRange, PrecisionExceeded: as ``offer``.
    """
    pack = packs.get_pack(executor.tables, pack_id)
    unit = executor.unit(pack.unit)
    return pack, unit, offer(pack, unit, quantity, currency)


def cancel(tables: Tables, topup_id: str) -> Order:
    """Cancels an order that is not paid; returns it. One that was cancelled before stays as it is.

    The provider is not asked: its checkout may still be paid, and then the credits are granted all the same.

    Raises:
        NotFound: there is no such top-up.
        TopupNotOpen: it was paid.
        Contended: other writers were faster each time.
    """

    def decide(document: Document) -> tuple[Order, dict[str, Any] | None]:
        stored = read(document)
        if stored is None:
            raise NotFound(f"there is no top-up {topup_id}", topup_id=topup_id)
        order = stored.body
        if order.status == "cancelled":
            return order, None
        if order.status not in UNPAID:
            raise TopupNotOpen(
                "the order was paid: refund its payment instead", topup_id=topup_id, topup_status=order.status
            )
        cancelled = replace(order, status="cancelled")
        return cancelled, cancelled.to_json()

    return replace_document(tables, keys.topup(topup_id), "order", decide)


def get(tables: Tables, topup_id: str) -> Order:
    """Returns the order as it is now.

    Raises:
        NotFound: there is no such top-up.
    """
    return require(tables, topup_id).body


def require(tables: Tables, topup_id: str) -> StoredOrder:
    """Returns the order and where it is stored.

    Raises:
        NotFound: there is no such top-up.
    """
    found = load(tables, topup_id)
    if found is None:
        raise NotFound(f"there is no top-up {topup_id}", topup_id=topup_id)
    return found


def load(tables: Tables, topup_id: str) -> StoredOrder | None:
    """Returns the order and where it is stored, or None where there is none."""
    return read(documents.get(tables, keys.topup(topup_id)))


def read(document: Document) -> StoredOrder | None:
    """Returns the order in a document; None where the document is empty, as it is after a provider's refusal."""
    return StoredOrder(document.pk, document.rev, Order.from_json(document.body)) if document.body else None


def of_payment(
    tables: Tables, provider: str, facts: PaymentFacts, accepted: str | None = None
) -> StoredOrder | None:
    """Returns the order that a payment is of; None where none is known.

    That is the order that a person accepted (``accepted``), else that of the checkout session, else the one that the
    payment names where only we can write, else that of the subscription that it renews. Metadata that a buyer can write
    never decides it.
    """
    state = facts.paid or facts.unpaid
    if accepted or state is None:
        return _load_of(tables, provider, accepted)
    if state.session_id and (named := _pointed_at(tables, keys.session(provider, state.session_id))):
        return _load_of(tables, provider, named)
    subscription = state.subscription_id
    pointer = documents.get(tables, keys.subscription(provider, subscription)).body if subscription else {}
    # A person has said what the subscription is of since: that outranks what it was made with.
    if state.topup_id and not pointer.get("accepted"):
        return _load_of(tables, provider, state.topup_id)
    return _load_of(tables, provider, pointer.get("topup_id"))


def of_subscription(tables: Tables, provider: str, subscription_id: str) -> StoredOrder | None:
    """Returns the order that a subscription is of; None where none is known."""
    return _load_of(tables, provider, _pointed_at(tables, keys.subscription(provider, subscription_id)))


def of_names(tables: Tables, provider: str, named: Names) -> StoredOrder | None:
    """Returns the order that is named by what could not be read; None where there is none.

    A payment is shown with it. It is granted for none by that: what could not be read may have said more.
    """
    pointers = [(named.session_id, keys.session), (named.subscription_id, keys.subscription)]
    topup_ids = [named.topup_id] if named.topup_id else []
    topup_ids += filter(None, (_pointed_at(tables, key(provider, name)) for name, key in pointers if name))
    found = (_load_of(tables, provider, topup_id) for topup_id in topup_ids)
    return next((order for order in found if order), None)


@dataclass(frozen=True, slots=True)
class Early:
    """Payments of a subscription that came before anything said whose order it is of, and the pointer that lists them.

    Only where a provider's account is shared with others are they kept here: elsewhere they wait for a person.
    """

    pointer: Document

    @property
    def payments(self) -> list[str]:
        """Lists those that can be tried again: none while the subscription leads to no order."""
        return list(self.pointer.body.get("early", ())) if self.pointer.body.get("topup_id") else []

    def with_payment(self, tables: Tables, payment_id: str) -> list[Item]:
        """Returns the write that lists one more; nothing where it is listed, or the list is full."""
        body = self.pointer.body
        listed = list(body.get("early", ()))
        if payment_id in listed or len(listed) >= EARLY:
            return []
        told = {**body, "early": sorted({*listed, payment_id})}
        return [documents.write(tables, self.pointer.pk, self.pointer.rev, told)]

    def forget(self, tables: Tables) -> None:
        """Empties the list, once all were tried. Where somebody has changed it meanwhile, the next payment does."""
        if self.payments:
            body = {name: value for name, value in self.pointer.body.items() if name != "early"}
            documents.put(tables, self.pointer.pk, self.pointer.rev, body)


def early(tables: Tables, provider: str, subscription_id: str) -> Early:
    """Reads which payments of a subscription came too early."""
    return Early(documents.get(tables, keys.subscription(provider, subscription_id)))


def agreed_before(tables: Tables, provider: str, paid: Paid, order: StoredOrder) -> Agreement | None:
    """Returns what a person accepted for the last payment of the same subscription that was as much as this one.

    None where the payment is of none, or is not as much: then somebody has to look again.
    """
    if not paid.subscription_id or not order.body.every or paid.amounts:
        return None
    pointer = documents.get(tables, keys.subscription(provider, paid.subscription_id)).body
    if pointer.get("topup_id") != order.body.topup_id or not pointer.get("agreed"):
        return None
    agreed = Agreement.from_json(pointer["agreed"])
    net = paid.total - (paid.tax or 0)
    return agreed if (net, paid.currency) == (agreed.amount, agreed.currency) else None


def follow(tables: Tables, payment: Payment, paid: Paid, order: StoredOrder, granted: bool) -> list[Item]:
    """Returns the write by which a subscription leads to the order that its payments are of.

    That is the one of its first payment, or the one that a person accepted for a payment which is ``granted`` by this
    very change. Later payments are of that order, and for as much, unless this one was for no period of the
    subscription's own.
    """
    pointer = documents.get(tables, keys.subscription(payment.provider, paid.subscription_id or ""))
    body: dict[str, Any] = {"topup_id": order.body.topup_id}
    if payment.accepted and granted:
        body["accepted"] = True
        if payment.agreed and not paid.origin:
            body["agreed"] = replace(payment.agreed, amounts=()).to_json()
    elif pointer.body.get("topup_id"):
        return []
    listed = pointer.body.get("early")
    body |= {"early": listed} if listed else {}
    return [documents.write(tables, pointer.pk, pointer.rev, body)] if body != pointer.body else []


def _require_open(order: Order, now: int) -> None:
    """Refuses to open a checkout for an order that is over. Raises ``TopupNotOpen``."""
    status = order.status_at(now)
    if status in ("cancelled", "expired"):
        what = "was cancelled" if status == "cancelled" else "has expired"
        raise TopupNotOpen(
            f"the order under this key {what}: order anew under another key",
            topup_id=order.topup_id,
            topup_status=status,
        )


def _pointed_at(tables: Tables, pk: str) -> str | None:
    """Reads the id of the order that a session or a subscription is of."""
    topup_id: str | None = documents.get(tables, pk).body.get("topup_id")
    return topup_id


def _load_of(tables: Tables, provider: str, topup_id: str | None) -> StoredOrder | None:
    """Loads an order, unless it is paid at another provider."""
    found = load(tables, topup_id) if topup_id else None
    return found if found and found.body.provider == provider else None


def _opened(tables: Tables, stored: StoredOrder, provider: str, session: Session) -> tuple[Order, bool]:
    """Stores the session with its order. Where another request was faster, its order is the answer.

    Raises:
        Unavailable: another request removed the order, because the provider refused it.
    """
    order = replace(stored.body, session_id=session.id, checkout_url=session.url)
    pointer = {"topup_id": order.topup_id}
    writes = [
        documents.write(tables, stored.pk, stored.rev, order.to_json()),
        documents.write(tables, keys.session(provider, session.id), documents.NEW, pointer),
    ]
    if documents.put_all(tables, writes):
        return order, False
    present = read(documents.get(tables, stored.pk))
    if present is None or not present.body.session_id:
        raise Unavailable("the order could not be stored: try again with the same key")
    return present.body, True


def _sale(stored: StoredOrder) -> Sale:
    """Returns what the provider is to sell for a stored order."""
    order = stored.body
    return Sale(
        topup_id=order.topup_id,
        # After a refusal an order is stored anew, under another revision.
        request_id=f"{order.topup_id}.{stored.rev}",
        account=order.account,
        pack=order.pack,
        product=order.product,
        name=order.name,
        quantity=order.quantity,
        amount=order.unit_price.amount,
        currency=order.unit_price.currency,
        return_url=order.return_url,
        every=order.every,
        terms=order.terms,
        keeps_method=order.keeps_method,
    )
