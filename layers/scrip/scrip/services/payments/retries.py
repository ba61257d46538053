"""The sweep of parked payments: what they waited for may be there by now, and their provider can be asked.

Does not own the loop (``engine.sweeps``), nor how a payment is applied (``posting``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.payments.delivery import Inquiry
from scrip.services.engine import sweeps
from scrip.services.engine.executor import Executor, Moment
from scrip.services.payments import lookups, posting
from scrip.services.payments.payment import load_payment
from scrip.store import documents, keys, payments
from scrip.store.payments import Cursor, ListedPayment
from scrip.store.tables import Tables

HOUR_MS: Final = 3_600_000
"""A payment that waits for longer is counted for the alarm, and its provider is asked."""
ASK_EVERY_MS: Final = 24 * HOUR_MS
"""A provider that did not know better does not learn within minutes."""
PAGE: Final = 50
COUNTED: Final = 1000
"""Keys of one page where payments are only counted."""

Ask = Callable[[Inquiry], bool]
"""Asks a provider; False where it has no API here."""
Failed = Callable[[str, Exception], None]


@dataclass(slots=True)
class Retried:
    """What one run did, and what there is.

    Attributes:
        over_hour: payments parked for more than an hour before it ran.
        oldest_ms: how long the first of all has waited.
        tried, applied, asked, failed: payments, by what became of them.
        done: it came to the end of the list.
    """

    over_hour: int = 0
    oldest_ms: int = 0
    tried: int = 0
    applied: int = 0
    asked: int = 0
    failed: int = 0
    done: bool = True


def sweep(executor: Executor, now: int, time_left: Callable[[], bool], ask: Ask, failed: Failed) -> Retried:
    """Tries each parked payment again, oldest first, and asks the providers of those that still wait after an hour.

    It can stop anywhere and the next run goes on from there, so that many old ones do not stand in the way of later
    ones. A payment that fails is passed to ``failed`` and left for the next run; the others go on.
    """
    retried, stored = _counted(executor.tables, now), documents.get(executor.tables, keys.PARKED_SWEEP)
    after = _cursor(stored.body.get("after"))

    def retry(one: ListedPayment) -> None:
        nonlocal after
        after = one.at, keys.payment(one.provider, one.payment_id)
        _try(executor, one.provider, one.payment_id, now, ask, retried)

    def told(one: ListedPayment, error: Exception) -> None:
        failed(f"{one.provider}:{one.payment_id}", error)

    listed = payments.every(executor.tables, keys.PARKED, 0, now, PAGE, after)
    ended = sweeps.sweep(listed, retry, time_left, told)
    _keep(executor.tables, stored, None if ended.done else after)
    retried.failed, retried.done = ended.failed, ended.done
    return retried


def _try(executor: Executor, provider: str, payment_id: str, now: int, ask: Ask, retried: Retried) -> None:
    """Applies a parked payment again, and asks its provider where it still waits after an hour."""
    retried.tried += 1
    stored = load_payment(executor.tables, provider, payment_id)
    applied = posting.change(executor, stored, lambda same: same, Moment(now))
    payment = applied.payment
    if payment.parked_at is None:
        retried.applied += 1
        return
    if now - payment.parked_at <= HOUR_MS or now - (payment.asked_at or 0) < ASK_EVERY_MS:
        return
    # Asked first and noted then: a run that dies in between asks twice, which is harmless.
    if ask(lookups.about(executor.tables, payment)):
        retried.asked += 1
        posting.change(executor, applied.stored, lambda known: replace(known, asked_at=now), Moment(now))


def _counted(tables: Tables, now: int) -> Retried:
    """Counts the payments that wait for more than an hour, and tells how long the oldest has."""
    retried = Retried()
    for one in payments.every(tables, keys.PARKED, 0, now, COUNTED):
        retried.oldest_ms = retried.oldest_ms or now - one.at
        if now - one.at <= HOUR_MS:
            break
        retried.over_hour += 1
    return retried


def _keep(tables: Tables, stored: documents.Document, after: Cursor | None) -> None:
    """Keeps where the next run goes on. Where a run beside this one was faster, its cursor stays: it is as good."""
    cursor = list(after) if after else None
    if cursor != stored.body.get("after"):
        documents.put(tables, stored.pk, stored.rev, {"after": cursor})


def _cursor(kept: Any) -> Cursor | None:
    """Reads what ``_keep`` wrote."""
    return (int(kept[0]), str(kept[1])) if kept else None
