"""Entries of a reference, a payment, an order, an idempotency key or a lot.

Those of a reference are found by the index of references, which the stream's reader fills in: a page says up to when
that has them all. The others follow from documents and from the ledger's own keys, and lack nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.ids import business_key, key_entry_id, time_entry_id
from scrip.domain.credits.limits import LAST_SEQ, MAX_INSTANT
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.domain.payments.order import OrderRequest
from scrip.domain.payments.payment import Payment
from scrip.providers import webhooks
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.paging import Clock
from scrip.services.payments import orders
from scrip.services.payments.payment import StoredPayment, load_payment
from scrip.services.wallets.entries import lots
from scrip.store import documents, keys, ledger, marks, references
from scrip.store.references import FoundEntry, Place, found_of
from scrip.store.tables import Tables

Step = tuple[int, int]
"""A place among the entries of a payment: the revision that made it, from 1 (0: the grant), and which of those."""
NEWEST: Final = (MAX_INSTANT, LAST_SEQ, "~")
"""The place of a reference's list before all of its entries."""
NEWEST_IN_WALLET: Final = (MAX_INSTANT, LAST_SEQ)
FIRST_PAGE: Final = 10
"""Entries that each share is asked for at first, at least: of most references that are all."""
READ_AT_ONCE: Final = 100
"""Entries of a wallet that are read in one call."""
REVISIONS: Final = 100
"""Revisions of a payment that one page looks at: each may have made five entries."""
STEPS: Final = ("clawback", "reinstatement", "freeze", "thaw")
"""Kinds of entries that one revision of a payment makes, each at most once."""
CREDITED: Final = ("clawback", "grant")
"""Kinds of entries that a revision makes where money is kept and becomes credit."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Entries, newest first, and where the next page begins.

    Attributes:
        following: what the next page is asked for with; None: there is none.
        complete_through: an instant (epoch milliseconds) before which no entry is missing that was committed; None:
            there is no evidence of any.
        topup_id: the order, where the search was for a payment or an order, or an order was made under the key.
    """

    entries: Sequence[FoundEntry] = field(default_factory=list)
    following: tuple[int, int] | Place | None = None
    complete_through: int | None = None
    topup_id: str | None = None


def by_reference(tables: Tables, reference: str, last: Place, limit: int, owner: str | None) -> FoundPage:
    """Returns entries with a reference, across accounts.

    It passes over ``LISTED_ENTRIES`` entries of other accounts at most: with an ``owner`` a page may be short, or
    empty, with others after it.

    Args:
        reference: its type, a colon, its id.
        last: the place that the page begins with.
        owner: the only account whose entries are shown; None: all.
    """
    # Before the entries: what is marked as read was put before it was marked.
    through = marks.load(tables).complete_through
    page = max(FIRST_PAGE, limit // 8)

    def share(number: int) -> Iterator[FoundEntry]:
        pages = references.listed(tables, reference, number, last, page)
        return _chained(next(pages, []), pages)

    with ThreadPoolExecutor(keys.REFERENCE_SHARES) as pool:
        shares = list(pool.map(share, range(keys.REFERENCE_SHARES)))
    merged = heapq.merge(*shares, key=lambda one: one.place, reverse=True)
    found: list[FoundEntry] = []
    for one in islice(merged, limits.LISTED_ENTRIES):
        if len(found) == limit:
            return FoundPage(found, one.place, through)
        if owner in (None, one.account):
            found.append(one)
    following = next(merged, None)
    return FoundPage(found, following.place if following else None, through)


def by_payment(
    tables: Tables,
    provider: str,
    payment_id: str,
    start: Step | None,
    limit: int,
    owner: str | None,
    now: int,
) -> FoundPage:
    """Returns the entries that a payment made: its grant, and whatever became of its money.

    Args:
        start: the step of the payment that the page begins with; None: its last.
        owner: the only account whose payments are shown; None: all.
        now: the instant of the request.
    """
    if provider not in webhooks.names():
        return FoundPage(complete_through=now)
    stored = load_payment(tables, provider, payment_id)
    payment = stored.payment
    if payment.account is None or payment.unit is None or owner not in (None, payment.account):
        return FoundPage(complete_through=now)
    found, following = _of_payment(tables, stored, start, limit)
    return FoundPage(found, following, now, payment.topup_id)


def by_topup(
    executor: Executor,
    topup_id: str,
    start: tuple[int, int] | None,
    limit: int,
    owner: str | None,
    moment: Moment,
) -> FoundPage:
    """Returns the entries that the payment of an order made (see ``by_payment``); of a subscription's, all payments.

    Those are read from the wallet, as by a lot (see ``by_lot``): ``start`` is a position there.
    """
    tables = executor.tables
    stored = orders.load(tables, topup_id)
    if stored is None or owner not in (None, stored.body.account):
        return FoundPage(complete_through=moment.at)
    order = stored.body

    def of_order(entry: Entry) -> bool:
        if entry.kind == "write_off":
            clawback = ledger.find(tables, entry.account, entry.unit, str(entry.extra.get("of")))
            return clawback is not None and of_order(clawback)
        cause = entry.cause
        made_by_payment = (
            cause is not None and cause.reference is not None and cause.reference[0] == "payment"
        )
        return cause is not None and made_by_payment and cause.metadata.get("topup_id") == topup_id

    if order.every:
        last = start or NEWEST_IN_WALLET
        found = _in_wallet(executor, order.account, order.unit, last, limit, moment, of_order)
        return replace(found, topup_id=topup_id)
    if order.payment_id is None:
        return FoundPage(complete_through=moment.at, topup_id=topup_id)
    return by_payment(tables, order.provider, order.payment_id, start, limit, owner, moment.at)


def by_key(
    tables: Tables, account: str, unit: str | None, key: str, last: Place, limit: int, now: int
) -> FoundPage:
    """Returns the entries that a caller's idempotency key made, in the account's wallet of each unit, or of one.

    A key belongs to a wallet, so each unit may have an entry under it; and to the account, which may have an order.
    """
    units = [unit] if unit else sorted({DEFAULT_UNIT, *documents.listed_units(tables)})
    places = [(keys.wallet(account, one), key_entry_id(account, one, key)) for one in units]
    made = [found_of(entry) for entry in ledger.find_places(tables, places)]
    found = sorted((one for one in made if one.place <= last), key=lambda one: one.place, reverse=True)
    ordered = OrderRequest(account, "", 1, "", "").topup_id(key)
    topup_id = ordered if orders.load(tables, ordered) else None
    following = found[limit].place if len(found) > limit else None
    return FoundPage(found[:limit], following, now, topup_id)


def by_lot(
    executor: Executor,
    account: str,
    unit_id: str,
    lot: int,
    last: tuple[int, int],
    limit: int,
    moment: Moment,
) -> FoundPage:
    """Returns the entries of a lot: the one that made it, and each that took from it or gave to it.

    A page looks at ``LISTED_ENTRIES`` entries of the wallet at most: it may be short, or empty, with others after it.

    Args:
        lot: its sequence in the wallet.
        last: the position (instant, sequence) that the page begins with.

    Raises:
        NotFound: there is no such unit.
    """
    return _in_wallet(
        executor, account, unit_id, last, limit, moment, lambda entry: lot in lots(entry), first=lot
    )


def _in_wallet(
    executor: Executor,
    account: str,
    unit_id: str,
    last: tuple[int, int],
    limit: int,
    moment: Moment,
    wanted: Callable[[Entry], bool],
    first: int = 1,
) -> FoundPage:
    """Returns the wanted entries of a wallet, from a position on, and none before the sequence ``first``.

    Raises:
        NotFound: there is no such unit.
    """
    tables = executor.tables
    version = executor.context(account, unit_id, fresh=True).snapshot.wallet.version
    through = moment.at if ledger.newest(tables, account, unit_id) >= version else None
    found: list[FoundEntry] = []
    place: tuple[int, int] | None = last
    looked_at, clock = 0, Clock()
    while place is not None and looked_at < limits.LISTED_ENTRIES and (not looked_at or clock.in_time()):
        page = ledger.entries(tables, account, unit_id, since=0, last=place, kind=None, limit=READ_AT_ONCE)
        place = page.following
        for entry in page.entries:
            looked_at += 1
            if entry.seq < first:
                return FoundPage(found, None, through)
            if not wanted(entry):
                continue
            if len(found) == limit:
                return FoundPage(found, (entry.at, entry.seq), through)
            found.append(found_of(entry))
    return FoundPage(found, place, through)


def _chained(first: Sequence[FoundEntry], pages: Iterator[Sequence[FoundEntry]]) -> Iterator[FoundEntry]:
    """Yields what was read, and then the pages that follow, each read when it is come to."""
    yield from first
    for page in pages:
        yield from page


def _of_payment(
    tables: Tables, stored: StoredPayment, start: Step | None, limit: int
) -> tuple[list[FoundEntry], Step | None]:
    """Returns entries of a payment, newest first, and the step that the next page begins with."""
    payment = stored.payment
    account, unit = payment.account or "", payment.unit or ""
    begin, skipped = start or (stored.document.rev, 0)
    lowest = max(1, begin + 1 - REVISIONS)
    posted = _posted(tables, payment, account, unit, range(lowest - 1, begin))
    listed: list[tuple[Step, Entry]] = [
        ((step, number), entry)
        for step in range(begin, lowest - 1, -1)
        for number, entry in enumerate(posted.get(step - 1, []))
        if step < begin or number >= skipped
    ]
    following: Step | None = (lowest - 1, 0) if lowest > 1 else None
    if following is None and (grant := ledger.find(tables, account, unit, _id_of(payment, account, unit))):
        listed.append(((0, 0), grant))
    if len(listed) > limit:
        following = listed[limit][0]
    return [found_of(entry) for _, entry in listed[:limit]], following


def _posted(
    tables: Tables, payment: Payment, account: str, unit: str, revisions: range
) -> dict[int, list[Entry]]:
    """Returns the entries that these revisions of a payment made, newest first, by revision."""
    wanted = {
        _id_of(payment, account, unit, *step): rev
        for rev in revisions
        for step in (
            *((str(rev), kind) for kind in STEPS),
            *((str(rev), kind, "credit") for kind in CREDITED),
        )
    }
    made = ledger.find_many(tables, account, unit, wanted)
    # What of a clawback nobody could pay was written off by the entry after it.
    after = {
        time_entry_id(account, unit, entry.seq + 1): entry
        for entry in made.values()
        if entry.kind == "clawback"
    }
    written = ledger.find_many(tables, account, unit, after)
    found: dict[int, list[Entry]] = {}
    for id_, entry in made.items():
        found.setdefault(wanted[id_], []).append(entry)
    for id_, entry in written.items():
        if entry.kind == "write_off" and entry.extra.get("of") == after[id_].id:
            found[wanted[after[id_].id]].append(entry)
    for of_revision in found.values():
        of_revision.sort(key=lambda entry: entry.seq, reverse=True)
    return found


def _id_of(payment: Payment, account: str, unit: str, *step: str) -> str:
    """Returns the id of the entry that a step of a payment makes; without a step that of its grant."""
    return key_entry_id(account, unit, business_key(payment.provider, "payment", payment.payment_id, *step))
