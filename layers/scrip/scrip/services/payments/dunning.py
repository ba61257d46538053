"""Dunning, as it is stored: the schedule, the runs that failures begin, and payments that end them.

A failure is told more than once and in any order with payments: a run has the id of what failed, so it begins once; and
none begins where the wallet's top-ups say that something was paid since. Does not own what a run is
(``domain.payments.dunning``), its prompts (``prompts``), nor its grace (``graces``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.credits.errors import Contended
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.events.auto_topups import AutoTopupTold
from scrip.domain.payments.dunning import DunningRun, Reason, Schedule, dunning_id
from scrip.domain.payments.order import Order
from scrip.services.audit.changes import Author, Change, record
from scrip.services.catalogue.versions import WRITE_TRIES, replace_document
from scrip.services.engine.paging import BATCH, Found, read_on
from scrip.services.payments import orders
from scrip.services.payments.payment import load_payments
from scrip.store import documents, keys, lists
from scrip.store.documents import Document, Listing
from scrip.store.tables import Item, Tables

SECOND_MS: Final = 1000
LATEST: Final = 50
"""Payments of an account, the last that were heard of, among which one after a failure is looked for."""


FAILED: Final = ("failed", "needs_action", "suspended")
"""What is told of an automatic top-up that was not paid."""
NOT_THE_BUYERS: Final = ("provider_unavailable", "wallet_closed")
"""Reasons that no payment takes away."""
PAID: Final = ("paid", "refunded", "partially_refunded", "disputed")
"""Statuses of an order that was paid."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a run follows.

    Attributes:
        order: the one whose renewal, or which itself, was not paid.
        subject: names what failed: the same for all tries of it, and no other's.
        at: when, by the provider's clock; epoch milliseconds.
        subscription_id: the subscription whose renewal failed; None: none did.
    """

    order: Order
    reason: Reason
    subject: tuple[str, ...]
    at: int
    subscription_id: str | None = None


# The schedule


def get_schedule(tables: Tables) -> Schedule:
    """Returns the schedule that is in force."""
    return _schedule(documents.get(tables, keys.DUNNING))


def put_schedule(tables: Tables, wanted: Schedule, author: Author) -> Schedule:
    """Stores the schedule for failures to come, and who changed it. Returns it.

    Raises:
        Contended: other writers were faster each time.
    """

    def decide(known: Document) -> tuple[Schedule, dict[str, Any] | None]:
        body = wanted.to_json()
        return wanted, None if body == known.body else body

    def beside(before: Any, after: Any) -> list[Item]:
        return [record(tables, author, Change("dunning.put", "dunning", before or None, after))]

    return replace_document(tables, keys.DUNNING, "schedule", decide, beside)


def _schedule(document: Document) -> Schedule:
    return Schedule.from_json(document.body) if document.body else Schedule()


# Runs


def begin(tables: Tables, failure: Failure, now: int) -> DunningRun | None:
    """Begins the run that follows a failure, once. Returns it; None where something was paid since.

    Args:
        now: when Scrip heard of the failure, epoch milliseconds.

    Raises:
        Throttled, Contended: not now.
    """
    order, id_ = failure.order, dunning_id(*failure.subject)
    document = documents.get(tables, keys.dunning(id_))
    if document.body:
        return DunningRun.from_json(document.body)
    if paid_after(tables, order.account, order.unit, failure.at):
        return None
    schedule = get_schedule(tables)
    run = DunningRun(
        dunning_id=id_,
        account=order.account,
        unit=order.unit,
        reason=failure.reason,
        topup_id=order.topup_id,
        failed_at=failure.at,
        since=now,
        times=schedule.times(now),
        grace=schedule.grace,
        subscription_id=failure.subscription_id,
    ).over()
    place = keys.DUNNING_OF + keys.at_instant(now, id_)
    beside = [
        lists.add(tables, keys.account(order.account), place),
        lists.add(tables, keys.account(order.account), keys.dunned(order.unit, id_)),
    ]
    documents.put_with(tables, document.pk, document.rev, run.to_json(), beside, listing_of(run))
    # Where another telling of the failure was faster, its run is the one.
    return load(tables, id_)


def begin_of_topup(tables: Tables, told: AutoTopupTold) -> DunningRun | None:
    """Begins the run that follows a failure of an automatic top-up: one for its order, however often that is tried.

    Returns it; None where nothing failed, or no order did, or its provider and nobody's card. Raises as ``begin``.
    """
    if told.type not in FAILED or told.topup_id is None or told.reason in NOT_THE_BUYERS:
        return None
    stored = orders.load(tables, told.topup_id)
    if stored is None or stored.body.status in PAID:
        return None
    failure = Failure(stored.body, "auto_topup_failed", ("auto_topup", told.topup_id), told.at)
    return begin(tables, failure, told.at)


def paid_after(tables: Tables, account: str, unit: str, at: int) -> bool:
    """Tells whether a top-up of the wallet was paid after an instant, by its provider's clock.

    Some providers tell whole seconds: what is of one second is in no order.
    """
    first, last = keys.at_instant(0), keys.at_instant(MAX_INSTANT, lists.LAST)
    page = lists.page(
        tables,
        keys.account(account),
        LATEST,
        first=keys.PAYMENT_OF + first,
        last=keys.PAYMENT_OF + last,
        backwards=True,
    )
    by_provider: dict[str, list[str]] = {}
    for place in page.found:
        provider, _, payment_id = keys.named_at(place).partition("#")
        by_provider.setdefault(provider, []).append(payment_id)
    known = (one for name, ids in by_provider.items() for one in load_payments(tables, name, ids))
    return any(
        one.unit == unit
        and one.posted.lot > 0
        and not one.void
        and one.facts.paid is not None
        and one.facts.paid.at // SECOND_MS > at // SECOND_MS
        for one in known
    )


def paid(tables: Tables, account: str, unit: str, at: int, *, granted: bool) -> list[DunningRun]:
    """Ends the runs of a wallet, of which a top-up was paid. Returns those that this ended.

    Args:
        at: when it was paid, by the provider's clock. What was paid before a failure ends no run of it.
        granted: its credits were granted just now: then it ends all.

    Raises:
        Contended: other writers were faster each time.
    """
    begins = keys.dunned(unit)
    marks = lists.page(tables, keys.account(account), BATCH, first=begins, last=begins + lists.LAST)
    ended = []
    for mark in marks.found:
        id_ = mark.removeprefix(begins)

        def end(run: DunningRun) -> DunningRun:
            return replace(run, status="paid") if granted or at >= run.failed_at else run

        if (run := change(tables, id_, end, unmark)) is not None:
            ended.append(run)
    return ended


def unmark(tables: Tables, run: DunningRun) -> Item:
    """Returns the transact item that takes a run from those that nothing was paid after."""
    return lists.remove(tables, keys.account(run.account), keys.dunned(run.unit, run.dunning_id))


def load(tables: Tables, id_: str) -> DunningRun | None:
    """Reads a run; None where there is none."""
    document = documents.get(tables, keys.dunning(id_))
    return DunningRun.from_json(document.body) if document.body else None


def change(
    tables: Tables,
    id_: str,
    edit: Callable[[DunningRun], DunningRun],
    beside: Callable[[Tables, DunningRun], Item] | None = None,
) -> DunningRun | None:
    """Changes a run, with what is written ``beside`` it. Returns it; None where it stays what it is, or there is none.

    Raises:
        Contended: other writers were faster each time.
    """
    for _ in range(WRITE_TRIES):
        document = documents.get(tables, keys.dunning(id_))
        if not document.body:
            return None
        run = DunningRun.from_json(document.body)
        edited = edit(run)
        if edited == run:
            return None
        if put(tables, document, edited, [beside(tables, run)] if beside else []):
            return edited
    raise Contended("several writers of this run at once")


def put(tables: Tables, document: Document, run: DunningRun, beside: Sequence[Item] = ()) -> bool:
    """Stores a run in place of what its document was read as; False where somebody has changed it since."""
    stored = documents.put_with(tables, document.pk, document.rev, run.to_json(), beside, listing_of(run))
    return stored is not None


def listing_of(run: DunningRun) -> Listing | None:
    """Tells where the index lists a run: by when there is something to be done; None where there is nothing."""
    return None if run.next_at is None else Listing(keys.DUNNING, run.next_at)


def list_runs(
    tables: Tables, account: str, unit: str | None, limit: int, after: str | None
) -> Found[str, DunningRun]:
    """Returns a page of the runs of an account, newest first; of one unit or (None) of all."""
    pk = keys.account(account)
    first = keys.DUNNING_OF + keys.at_instant(0)
    last = keys.DUNNING_OF + keys.at_instant(MAX_INSTANT, lists.LAST)

    def look(after: str | None, count: int) -> tuple[Sequence[tuple[str, DunningRun | None]], str | None]:
        places = lists.page(tables, pk, count, first=first, last=last, after=after, backwards=True)
        pks = {sk: keys.dunning(keys.named_at(sk)) for sk in places.found}
        known = documents.get_many(tables, pks.values())
        runs = {sk: DunningRun.from_json(known[name].body) for sk, name in pks.items() if name in known}
        found = [
            (sk, run if (run := runs.get(sk)) and unit in (None, run.unit) else None) for sk in places.found
        ]
        return found, places.following

    return read_on(look, after, limit)
