"""Top-ups: an order for packs, and the checkout session in which it is paid."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from scrip.domain.credits.entries import fingerprint
from scrip.domain.credits.errors import AmountOutOfRange, InvalidRequest, KeyReused, NotFound, Unavailable
from scrip.domain.credits.limits import LARGEST_TOTAL
from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.payments.facts import Paid, PaymentFacts
from scrip.domain.payments.order import Order
from scrip.domain.payments.pack import Pack
from scrip.providers import clients
from scrip.providers.clients import ProviderRefused, ProviderUnavailable, Sale, Session
from scrip.services.catalogue import packs
from scrip.services.engine.executor import Executor
from scrip.services.engine.requests import Caller
from scrip.services.payments import sale_terms
from scrip.services.wallets.grants import LotTerms, expiry
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Tables


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a buyer asks for."""

    account: str
    pack: str
    quantity: int
    provider: str
    return_url: str
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order, with the key and the revision of the document that it was read from."""

    pk: str
    rev: int
    body: Order


AskProvider = Callable[[str, Sale], Session]
"""Opens a checkout session at a provider; raises ``ProviderUnavailable`` or ``ProviderRefused``."""


def order(executor: Executor, wanted: OrderRequest, caller: Caller, ask: AskProvider) -> tuple[Order, bool]:
    """Returns the order once it has a checkout session, and whether it had one before. At a provider whose API is not
    called there is none: the app opens its own checkout, and names the order there.

    The order is stored before the provider is asked: where the provider does not answer, the same key goes on with
    the same order. Two requests at once may open two sessions; the one whose page is given out is stored.

    Raises:
        NotFound: there is no such pack.
        InvalidRequest: the pack has no price in the currency, or the provider does not take the order (an unknown
            product, say).
        AmountOutOfRange: no wallet could hold so many credits.
        KeyReused: the account used the key for another order.
        Unavailable: the provider does not answer.
    """
    tables = executor.tables
    topup_id = _topup_id(wanted.account, caller.key)
    document, new = documents.get(tables, keys.topup(topup_id)), False
    if not document.body:
        body = _priced(executor, wanted, caller, topup_id).to_json()
        made = documents.put(tables, document.pk, document.rev, body)
        document, new = made or documents.get(tables, document.pk), made is not None
    stored = StoredOrder(document.pk, document.rev, Order.from_json(document.body))
    if stored.body.fingerprint != _fingerprint(wanted, stored.body.pack_currency):
        raise KeyReused("the account used the key for another order", topup_id=topup_id)
    if wanted.provider not in clients.names():
        return stored.body, not new
    if stored.body.session_id:
        return stored.body, True
    try:
        session = ask(wanted.provider, _sale(stored))
    except ProviderUnavailable as error:
        raise Unavailable(f"{wanted.provider} does not answer: try again with the same key") from error
    except ProviderRefused as error:
        # A refusal is not remembered: what is left of the order is its revision.
        documents.put(tables, stored.pk, stored.rev, {})
        raise InvalidRequest([("pack", f"{wanted.provider} does not take the order: {error}")]) from error
    return _opened(tables, stored, wanted, session)


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
    told = facts.paid or facts.unpaid
    if accepted or told is None:
        return _topup(tables, provider, accepted)
    if told.session_id:
        pointer = documents.get(tables, keys.session(provider, told.session_id))
        if pointer.body:
            return _topup(tables, provider, pointer.body["topup_id"])
    if told.topup_id:
        return _topup(tables, provider, told.topup_id)
    if isinstance(told, Paid) and told.subscription_id:
        pointer = documents.get(tables, keys.subscription(provider, told.subscription_id))
        return _topup(tables, provider, pointer.body.get("topup_id"))
    return None


def _topup(tables: Tables, provider: str, topup_id: str | None) -> StoredOrder | None:
    found = load(tables, topup_id) if topup_id else None
    return found if found and found.body.provider == provider else None


def _opened(
    tables: Tables, stored: StoredOrder, wanted: OrderRequest, session: Session
) -> tuple[Order, bool]:
    """Stores the session with its order; where another request was faster, that one's order is the answer."""
    order = replace(stored.body, session_id=session.id, checkout_url=session.url)
    pointer = {"topup_id": order.topup_id}
    writes = [
        documents.write(tables, stored.pk, stored.rev, order.to_json()),
        documents.write(tables, keys.session(wanted.provider, session.id), documents.NEW, pointer),
    ]
    if documents.put_all(tables, writes):
        return order, False
    present = read(documents.get(tables, stored.pk))
    if present is None or not present.body.session_id:
        raise Unavailable("the order could not be stored: try again with the same key")
    return present.body, True


def _sale(stored: StoredOrder) -> Sale:
    """What a buyer of a stored order is to pay for."""
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
    )


def _priced(executor: Executor, wanted: OrderRequest, caller: Caller, topup_id: str) -> Order:
    """Returns the order as it is agreed now: nothing of it changes when the pack does (law 10)."""
    pack = packs.get_pack(executor.tables, wanted.pack)
    unit = executor.unit(pack.unit)
    credits = pack.steps(wanted.quantity, unit.precision)
    if credits > LARGEST_TOTAL:
        largest = format_amount(LARGEST_TOTAL, unit.precision)
        raise AmountOutOfRange("no wallet can hold so many credits", field="quantity", largest=largest)
    # What could not be granted once it is paid is refused now.
    expiry(LotTerms(expires_in=pack.expires_in), unit.policy, caller.moment.at)
    unit_price = pack.price_in(wanted.currency)
    price = Money(unit_price.amount * wanted.quantity, unit_price.currency)
    terms = pack.terms or _terms(pack, unit, credits, price)
    pack_currency = pack.price.currency
    return Order(
        account=wanted.account,
        pack=wanted.pack,
        quantity=wanted.quantity,
        provider=wanted.provider,
        return_url=wanted.return_url,
        currency=wanted.currency or pack_currency,
        fingerprint=_fingerprint(wanted, pack_currency),
        pack_currency=pack_currency,
        unit=unit.unit,
        pack_version=pack.version,
        product=pack.provider_refs.get(wanted.provider),
        name=f"{pack.credits} {unit.name or unit.unit}",
        credits=credits,
        unit_price=unit_price,
        price=price,
        expires_in=pack.expires_in,
        priority=pack.priority,
        tax_point=pack.tax_point,
        refund_shortfall=unit.policy.refund_shortfall,
        terms=terms,
        terms_version=sale_terms.version(terms),
        accepted_at=caller.moment.at,
        actor=caller.actor,
        status="pending",
        session_id=None,
        checkout_url=None,
        payment_id=None,
        every=pack.every,
        topup_id=topup_id,
    )


def _terms(pack: Pack, unit: Unit, credits: int, price: Money) -> str:
    return sale_terms.terms(
        credits=format_amount(credits, unit.precision),
        name=unit.name or unit.unit,
        price=price,
        expires_in=pack.expires_in or unit.policy.default_expires_in,
        policy=unit.policy,
        tax_point=pack.tax_point,
        every=pack.every,
    )


def _topup_id(account: str, key: str) -> str:
    """The key belongs to the account: the same key is the same order."""
    digest = hashlib.sha256(f"{account}\x00{key}".encode()).digest()[:16]
    return "top_" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _fingerprint(wanted: OrderRequest, pack_currency: str) -> str:
    """Of the request with its defaults: the currency's is the pack's own, as it was when the order was made."""
    return fingerprint("topup", _json(wanted, pack_currency))


def _json(wanted: OrderRequest, pack_currency: str) -> dict[str, Any]:
    return {
        "account": wanted.account,
        "pack": wanted.pack,
        "quantity": wanted.quantity,
        "provider": wanted.provider,
        "return_url": wanted.return_url,
        "currency": wanted.currency or pack_currency,
    }
