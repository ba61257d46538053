"""The sweep of parked payments: what they waited for may be there by now, and their provider can be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.credits.errors import Refusal
from scrip.domain.payments.facts import Inquiry
from scrip.services.engine.executor import Executor, Moment
from scrip.services.payments import lookups, posting
from scrip.services.payments.payment import Payment
from scrip.store import documents, keys, payments
from scrip.store.payments import Cursor
from scrip.store.tables import Tables

HOUR_MS: Final = 3_600_000
"""A payment that waits for longer is counted for the alarm, and its provider is asked."""
ASK_EVERY_MS: Final = 24 * HOUR_MS
"""A provider that did not know better does not learn within minutes."""
PAGE: Final = 50
COUNTED: Final = 1000
"""Keys of one page where payments are only counted."""

Ask = Callable[[Inquiry], bool]
"""Asks a provider; whether it is one that can be asked."""
Failed = Callable[[str, Exception], None]


@dataclass(slots=True)
class Swept:
    """What one run did and what there is. ``done``: it came to the end of the list; ``over_hour``: payments parked for
    more than an hour before it ran; ``oldest_ms``: how long the first of all has waited."""

    over_hour: int = 0
    oldest_ms: int = 0
    tried: int = 0
    applied: int = 0
    asked: int = 0
    failed: int = 0
    done: bool = True


def sweep(executor: Executor, now: int, time_left: Callable[[], bool], ask: Ask, failed: Failed) -> Swept:
    """Tries each parked payment again, oldest first, and asks the providers of those that still wait after an hour.

    It can stop anywhere and the next run goes on from there, so that many old ones do not stand in the way of later
    ones. A payment that fails is told to ``failed`` and left for the next run; the others go on.
    """
    swept = _counted(executor.tables, now)
    place = documents.get(executor.tables, keys.PARKED_SWEEP)
    after = _cursor(place.body.get("after"))
    while True:
        found, following = payments.listed(executor.tables, keys.PARKED, 0, now, PAGE, after)
        for at, provider, payment_id in found:
            if not time_left():
                _keep(executor.tables, place, after)
                swept.done = False
                return swept
            try:
                _try(executor, provider, payment_id, now, ask, swept)
            except Refusal as error:
                swept.failed += 1
                failed(f"{provider}:{payment_id}", error)
            after = at, keys.payment(provider, payment_id)
        if following is None:
            _keep(executor.tables, place, None)
            return swept
        after = following


def _try(executor: Executor, provider: str, payment_id: str, now: int, ask: Ask, swept: Swept) -> None:
    swept.tried += 1
    payment = posting.change(executor, provider, payment_id, lambda same: same, Moment(now)).payment
    if payment.parked_at is None:
        swept.applied += 1
        return
    if now - payment.parked_at <= HOUR_MS or now - (payment.asked_at or 0) < ASK_EVERY_MS:
        return
    # Asked first and noted then: a run that dies in between asks twice, which is harmless.
    if ask(lookups.about(executor.tables, payment)):
        swept.asked += 1
        posting.change(executor, provider, payment_id, lambda known: _asked(known, now), Moment(now))


def _asked(payment: Payment, now: int) -> Payment:
    return replace(payment, asked_at=now)


def _counted(tables: Tables, now: int) -> Swept:
    """How many wait for more than an hour, and how long the oldest has."""
    swept, after = Swept(), None
    while True:
        found, after = payments.listed(tables, keys.PARKED, 0, now, COUNTED, after)
        if found and not swept.oldest_ms:
            swept.oldest_ms = now - found[0][0]
        over = [at for at, _, _ in found if now - at > HOUR_MS]
        swept.over_hour += len(over)
        if after is None or len(over) < len(found):
            return swept


def _keep(tables: Tables, place: documents.Document, after: Cursor | None) -> None:
    """Where the next run goes on. A run beside this one that was faster has kept its own place: as good."""
    body: dict[str, Any] = {"after": list(after) if after else None}
    if body["after"] != place.body.get("after"):
        documents.put(tables, place.pk, place.rev, body)


def _cursor(kept: Any) -> Cursor | None:
    return (int(kept[0]), str(kept[1])) if kept else None
