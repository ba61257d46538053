"""Automatic top-ups as callers set them, how they are stored, and which there are.

Does not own what one does (``domain.payments.auto_topup``), nor what is charged (``auto_charges``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.errors import Contended, InvalidRequest, NotFound
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Unit
from scrip.domain.payments.auto_topup import DEFAULT_EVERY, AutoTopup, AutoTopupTerms, Cap, month_of
from scrip.services.audit.changes import Action, Author, Change, record
from scrip.services.catalogue import packs
from scrip.services.engine.executor import Executor
from scrip.services.payments import payment_methods
from scrip.services.payments.charges import require_chargeable, require_keepable
from scrip.store import documents, due, keys, lists
from scrip.store.documents import Document, Listing
from scrip.store.tables import Item, Tables

TRIES: Final = 10
"""How often a document is read again where somebody else was faster."""
PAGE: Final = 100
MANY: Final = 10_000
"""Wallets that are read from the list at a time: as many as an answer holds."""


@dataclass(frozen=True, slots=True)
class CapRequest:
    """A cap as a caller says it; its anchor may be missing."""

    every: str = DEFAULT_EVERY
    time_zone: str = "UTC"
    anchor: int | None = None
    count: int | None = None
    money: Money | None = None


@dataclass(frozen=True, slots=True)
class AutoTopupRequest:
    """What a caller asks for: amounts as callers write them. Either ``quantity`` or ``target`` is None."""

    threshold: str
    pack: str
    provider: str
    quantity: int | None
    target: str | None
    cap: CapRequest | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class StoredAutoTopup:
    """A wallet's automatic top-up, and the document that it was read from."""

    body: AutoTopup
    document: Document


def put(
    executor: Executor, account: str, unit_id: str, wanted: AutoTopupRequest, author: Author
) -> tuple[AutoTopup, Unit]:
    """Stores what an automatic top-up is to do; failures are forgotten. Returns it, and its unit.

    Raises:
        NotFound: there is no such unit or pack.
        InvalidRequest, PrecisionExceeded, AmountOutOfRange: an amount is none of the unit; the target is not above the
            threshold; the pack is of another unit; the cap is in another currency than the pack.
        PolicyViolation: no payment method can be kept for the pack at the provider, or its price not be charged.
        Contended: other writers were faster each time.
    """
    tables, unit = executor.tables, executor.unit(unit_id)
    terms = _terms(executor, unit, wanted)
    method = payment_methods.kept(tables, account, wanted.provider)

    def edit(known: AutoTopup) -> AutoTopup:
        return known.put(_anchored(terms, wanted, known.terms, author.at), method, author.at)

    return change(tables, account, unit_id, edit, _audit(tables, "auto_topup.put", author, unit)), unit


def get(executor: Executor, account: str, unit_id: str) -> tuple[AutoTopup, Unit]:
    """Returns an automatic top-up, and its unit.

    Raises:
        NotFound: there is no such unit, or the wallet has none.
    """
    unit = executor.unit(unit_id)
    found = load(executor.tables, account, unit_id).body
    if found.terms is None:
        raise _missing(account, unit_id)
    return found, unit


def delete(executor: Executor, account: str, unit_id: str, author: Author) -> None:
    """Takes an automatic top-up away. A charge that is in flight is followed to its end all the same.

    Raises:
        NotFound: there is no such unit, or the wallet has none.
        Contended: other writers were faster each time.
    """
    unit = executor.unit(unit_id)

    def edit(known: AutoTopup) -> AutoTopup:
        if known.terms is None:
            raise _missing(account, unit_id)
        return known.deleted()

    beside = _audit(executor.tables, "auto_topup.delete", author, unit)
    change(executor.tables, account, unit_id, edit, beside)


def load(tables: Tables, account: str, unit_id: str) -> StoredAutoTopup:
    """Reads a wallet's automatic top-up; where there never was one, one without terms."""
    return _read(account, unit_id, documents.get(tables, keys.auto_topup(account, unit_id)))


def store(
    tables: Tables, known: StoredAutoTopup, body: AutoTopup, beside: list[Item] | None = None
) -> StoredAutoTopup | None:
    """Stores the next revision, and what is written with it; None where somebody was faster.

    Raises:
        Throttled, Contended: not now.
    """
    pk, rev = known.document.pk, known.document.rev
    at = body.listed_at
    listing = None if at is None else Listing(keys.AUTO_TOPUP, at)
    place = keys.auto_topup_of(body.account, body.unit)
    more = list(beside or ())
    if body.enabled != known.body.enabled:
        change_list = lists.add if body.enabled else lists.remove
        more.append(change_list(tables, keys.AUTO_TOPUPS, place))
    if body.enabled and known.document.rev == documents.NEW:
        more.append(lists.add(tables, keys.ACCOUNTS, body.account))
    stored = documents.put_with(tables, pk, rev, body.to_json(), more, listing)
    return StoredAutoTopup(body, stored) if stored else None


def change(
    tables: Tables,
    account: str,
    unit_id: str,
    edit: Callable[[AutoTopup], AutoTopup],
    beside: Callable[[AutoTopup, AutoTopup], list[Item]] = lambda _before, _after: [],
) -> AutoTopup:
    """Changes an automatic top-up, whoever else does, and returns it. ``edit`` may refuse, and is asked again.

    Raises:
        Contended: other writers were faster each time.
    """
    for _ in range(TRIES):
        known = load(tables, account, unit_id)
        body = edit(known.body)
        if body == known.body:
            return body
        if store(tables, known, body, beside(known.body, body)):
            return body
    raise Contended("several writers of this automatic top-up at once")


def listed(tables: Tables, now: int) -> Iterator[list[tuple[str, str]]]:
    """Yields pages of account and unit of those that are to be looked at by ``now``, longest ago first.

    The index is eventual: one may be gone from it, or not in it yet, for a moment.
    """
    end: Item | None = None
    while True:
        found, end = due.listed(tables, keys.AUTO_TOPUP, None, now, PAGE, end)
        if found:
            yield [keys.auto_topup_parts(item["pk"]["S"]) for item in found]
        if end is None:
            return


def enabled(tables: Tables) -> frozenset[tuple[str, str]]:
    """Returns account and unit of every wallet that has one: one call for each megabyte of them."""
    found: set[tuple[str, str]] = set()
    after: str | None = None
    while True:
        page = lists.page(tables, keys.AUTO_TOPUPS, MANY, after=after)
        for place in page.found:
            account, _, unit = place.partition("#")
            found.add((account, unit))
        after = page.following
        if after is None:
            return frozenset(found)


def _read(account: str, unit_id: str, document: Document) -> StoredAutoTopup:
    body = AutoTopup.from_json(document.body) if document.body else AutoTopup(account, unit_id, terms=None)
    return StoredAutoTopup(body, document)


def _missing(account: str, unit_id: str) -> NotFound:
    return NotFound(f"{account} has no automatic top-up in {unit_id}")


def _audit(
    tables: Tables, action: Action, author: Author, unit: Unit
) -> Callable[[AutoTopup, AutoTopup], list[Item]]:
    """Returns what keeps who changed the terms, where they changed; with the precision that they are shown with."""

    def beside(before: AutoTopup, after: AutoTopup) -> list[Item]:
        of = {"unit": unit.unit, "precision": unit.precision}
        told = [one.terms and {**of, **one.terms.to_json()} for one in (before, after)]
        if told[0] == told[1]:
            return []
        target = f"{after.account}:{after.unit}"
        return [record(tables, author, Change(action, target, *(one or None for one in told)))]

    return beside


def _terms(executor: Executor, unit: Unit, wanted: AutoTopupRequest) -> AutoTopupTerms:
    """Reads what is asked for, without the anchor of a cap that names none. Raises as ``put``."""
    threshold = parse_amount(wanted.threshold, unit.precision, "threshold", zero=True)
    target = None
    if wanted.target is not None:
        target = parse_amount(wanted.target, unit.precision, "target")
        if target <= threshold:
            raise InvalidRequest([("target", "must be more than threshold")])
    pack = packs.get_pack(executor.tables, wanted.pack)
    if pack.unit != unit.unit:
        said = f"is of the unit {pack.unit}: name one of {unit.unit}, or say unit in the query"
        raise InvalidRequest([("pack", said)])
    require_keepable(wanted.provider, pack)
    require_chargeable(wanted.provider, pack.price, "pack")
    cap = wanted.cap
    if cap and cap.money and cap.money.currency != pack.price.currency:
        said = f"must be {pack.price.currency}, which the pack costs"
        raise InvalidRequest([("cap.money.currency", said)])
    kept = Cap(cap.every, cap.time_zone, cap.anchor or 0, cap.count, cap.money) if cap else None
    return AutoTopupTerms(
        threshold=threshold,
        pack=wanted.pack,
        provider=wanted.provider,
        quantity=wanted.quantity,
        target=target,
        cap=kept,
        enabled=wanted.enabled,
    )


def _anchored(
    terms: AutoTopupTerms, wanted: AutoTopupRequest, before: AutoTopupTerms | None, at: int
) -> AutoTopupTerms:
    """Returns the terms with the anchor of their cap: that which was said, which it had, or the month's first day."""
    if terms.cap is None or wanted.cap is None or wanted.cap.anchor is not None:
        return terms
    cap, had = terms.cap, before.cap if before else None
    same = had is not None and (had.every, had.time_zone) == (cap.every, cap.time_zone)
    anchor = had.anchor if had and same else month_of(at, cap.time_zone)
    return replace(terms, cap=replace(cap, anchor=anchor))


def shown_terms(body: Mapping[str, Any]) -> tuple[AutoTopupTerms, Unit]:
    """Reads the terms that the audit keeps, and the unit as far as they are shown with it."""
    said = dict(body)
    unit = Unit(said.pop("unit"), said.pop("precision"))
    return AutoTopupTerms.from_json(said), unit
