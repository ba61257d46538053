"""Reconciliation: a provider's own lists against what is known here, day by day.

A pass looks at each of the last days twice. First it *feeds*: what the provider lists and nobody has told goes into the
queue of payments, through the same fold as a webhook. Once that had time to be applied it *judges*: what is paid there
and not granted here, granted here and not paid there, or differs in amount is reported. It never moves a credit itself.

Both are walked page by page, and how far they came is a document, written with the findings so far: a run that ends
early goes on where it was, and finds nothing twice.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Final

from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.payments.facts import Delivery, Paid
from scrip.providers.clients import Client, ProviderError, ProviderRefused
from scrip.services.payments import comparison, lookups, orders, posting, reconciliation_reports
from scrip.services.payments.payment import Payment
from scrip.services.payments.reconciliation_reports import DAY_MS, KEPT_DAYS, Place, Report, day_of
from scrip.store import documents, keys, payments
from scrip.store.tables import Item, Tables

LISTED: Final = "listed"
"""The type of a delivery that a provider's list has told."""
LAG_MS: Final = 600_000
"""A pass ends so long before it begins: webhooks of what is newer are still under way."""
SETTLE_MS: Final = 300_000
"""How long what was fed may take to be applied before anything is judged."""
PAGES: Final = 1000
"""Pages of one run for one provider: a provider that never comes to an end must not keep a function busy for ever."""
SAVE_EVERY: Final = 10
"""Pages after which the place is kept: so many are walked again where a run dies."""
OURS: Final = 100
"""Payments of our own in one page."""
SEEN: Final = 20_000
"""Payments of one day that are remembered as listed (the document must stay one item). Of more, those of ours that are
not among them are asked for one by one."""
MARK: Final = 8
"""Characters by which one is remembered: 48 bits of a hash. Among 20 000, the chance that one of ours is taken for
another is one in ten thousand million."""

Send = Callable[[Delivery, str], None]
"""Puts a delivery, with its id, into the queue of payments."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to. ``done``: the pass is at its end, with so many findings; ``ended``: in this very run."""

    provider: str
    done: bool = False
    ended: bool = False
    fed: int = 0
    findings: int = 0
    error: str | None = None


@dataclass(slots=True)
class Run:
    """One run for one provider: as many steps of its pass as there is time for."""

    tables: Tables
    provider: str
    client: Client
    send: Send
    now: int
    time_left: Callable[[], bool]
    _saved: documents.Document = field(init=False)
    _place: Place = field(init=False)
    _marks: set[str] = field(default_factory=set)
    _pages: int = 0

    def go(self, days: int, *, anew: bool = False) -> Outcome:
        """Goes on with the pass that was begun, on whatever day; where it is done, begins one of today, unless that was
        it. ``anew`` begins one whatever there is.

        A provider that does not answer, or refuses, ends the run: the next one goes on. So does another run for the
        same provider that was faster.
        """
        self._saved = documents.get(self.tables, keys.reconciliation(self.provider))
        self._place = Place(**self._saved.body)
        seen = self._place.seen
        self._marks = {seen[at : at + MARK] for at in range(0, len(seen), MARK)}
        begun, fed = self._place.begun_at, self._place.fed
        if anew or (self._place.phase == "done" and day_of(begun) < day_of(self.now)):
            self._begin(days)
            fed = 0
        was_done = self._place.phase == "done"
        try:
            self._steps()
        except ProviderError as error:
            self._place.error = str(error)
            self._save()
        except _Overtaken:
            return Outcome(self.provider, error="another run is under way")
        place = self._place
        done = place.phase == "done"
        return Outcome(
            self.provider, done, done and not was_done, place.fed - fed, place.findings, place.error
        )

    def _begin(self, days: int) -> None:
        """A pass over the last days, or over all since the last one that ended: an outage may have lasted longer."""
        done_until, until = self._place.done_until, self.now - LAG_MS
        first = day_of(until) - days
        if done_until:
            first = max(min(first, day_of(done_until)), day_of(until) - KEPT_DAYS + 1)
        self._place = Place(
            begun_at=self.now, until=until, first=first, day=first, phase="feed", done_until=done_until
        )

    def _steps(self) -> None:
        place, unsaved = self._place, 0
        place.error = None
        while place.phase != "done" and self._pages < PAGES and self.time_left():
            if place.phase == "judge" and self.now < place.ready_at:
                break
            self._pages += 1
            unsaved = 0 if self._step() else unsaved + 1
            if unsaved == SAVE_EVERY:
                self._save()
                unsaved = 0
        if asdict(place) != self._saved.body:
            self._save()

    def _step(self) -> bool:
        """One page; whether that was the end of a day, which has been saved."""
        report = self._report()
        if self._place.phase == "feed":
            end = self._feed(report)
        elif self._place.walk == "theirs":
            end = self._judge(report)
        else:
            end = self._ask_back(report)
        self._place.report = report.to_body()
        if not end:
            return False
        if self._place.phase == "judge" and self._place.walk != "parked":
            self._place.walk = "paid" if self._place.walk == "theirs" else "parked"
            self._place.cursor = None
            return False
        self._end_day(report)
        return True

    def _report(self) -> Report:
        """The day's report as it grows. What was missed stays in it, pass after pass; findings are of this pass."""
        if self._place.report is not None:
            return Report.from_body(self._place.report)
        report, _ = reconciliation_reports.load(self.tables, self.provider, self._place.day)
        if self._place.phase == "feed":
            return report
        return Report(
            self.provider, report.date, found={**Report("", "").found, "missed": report.found["missed"]}
        )

    def _page(self) -> tuple[Sequence[Delivery], bool]:
        """The next page of what the provider lists for the day; whether it was the last."""
        start = self._place.day * DAY_MS
        page = self.client.listed(start, min(start + DAY_MS, self._place.until), self._place.cursor)
        self._place.cursor = page.cursor
        return page.deliveries, page.cursor is None

    def _feed(self, report: Report) -> bool:
        deliveries, last = self._page()
        for delivery in deliveries:
            # No answer to a question: what it leaves open may be asked.
            delivery = replace(delivery, type=LISTED)
            payment, delivery_id = self._known(delivery)
            missed = comparison.news(payment, delivery)
            for one in missed:
                report.note("missed", one)
            if missed:
                self._place.fed += 1
                self._place.ready_at = self.now + SETTLE_MS
                self.send(delivery, delivery_id)
        return last

    def _judge(self, report: Report) -> bool:
        deliveries, last = self._page()
        report.listed += len(deliveries)
        for delivery in deliveries:
            payment, _ = self._known(delivery)
            if any(isinstance(fact, Paid) for fact in delivery.facts):
                self._see(payment.payment_id)
            if payment.facts.part_of:
                continue
            missing = comparison.ungranted(payment, delivery)
            if missing:
                report.note("paid_without_grant", missing)
            order = orders.load(self.tables, payment.topup_id) if payment.topup_id else None
            for differing in comparison.differences(payment, delivery, order):
                report.note("amounts_differ", differing)
        return last

    def _ask_back(self, report: Report) -> bool:
        """A page of our own payments of the day. The provider is asked for each that it did not list: it may count it
        to another day."""
        start = self._place.day * DAY_MS
        until = min(start + DAY_MS, self._place.until) - 1
        paid = self._place.walk == "paid"
        shard = keys.paid(self.provider) if paid else keys.PARKED
        first, last = (start, until) if paid else (0, MAX_INSTANT)
        after = tuple(self._place.cursor) if self._place.cursor else None
        found, following = payments.listed(self.tables, shard, first, last, OURS, after)
        for at, provider, payment_id in found:
            self._place.cursor = [at, keys.payment(provider, payment_id)]
            if provider == self.provider and _mark(payment_id) not in self._marks:
                self._check(report, payment_id, start, until)
                if not self.time_left():
                    return False
        self._place.cursor = list(following) if following else None
        return following is None

    def _check(self, report: Report, payment_id: str, start: int, until: int) -> None:
        payment, _ = Payment.load(self.tables, self.provider, payment_id)
        paid = payment.facts.paid
        if not payment.posted.lot or paid is None or not start <= paid.at <= until:
            return
        try:
            delivery = self.client.read(lookups.about(self.tables, payment))
        except ProviderRefused as error:
            if error.status != lookups.NOT_KNOWN:
                raise
            report.note(
                "grant_without_payment", comparison.unpaid(payment, f"{self.provider} does not know it")
            )
            return
        if not any(isinstance(fact, Paid) for fact in delivery.facts):
            reason = f"{self.provider} does not call it paid"
            report.note("grant_without_payment", comparison.unpaid(payment, reason))

    def _end_day(self, report: Report) -> None:
        """Keeps the day's report, and goes on with the next one, or with the next phase."""
        place = self._place
        if place.phase == "judge":
            report.checked_at = self.now
            place.findings += report.findings
        _, stored = reconciliation_reports.load(self.tables, self.provider, place.day)
        kept = reconciliation_reports.write(self.tables, report, stored)
        place.walk, place.cursor, place.seen, place.report = "theirs", None, "", None
        self._marks.clear()
        place.day += 1
        if place.day > day_of(place.until - 1):
            place.day = place.first
            if place.phase == "feed":
                place.phase = "judge"
            else:
                place.phase, place.ended_at, place.done_until = "done", self.now, place.until
        self._save(kept)

    def _save(self, *beside: Item) -> None:
        """Keeps the place, and a day's report with it. What another run has written meanwhile is not written over."""
        saved, body = self._saved, asdict(self._place)
        if not documents.put_all(
            self.tables, [documents.write(self.tables, saved.pk, saved.rev, body), *beside]
        ):
            raise _Overtaken
        self._saved = documents.Document(saved.pk, saved.rev + 1, body)

    def _known(self, delivery: Delivery) -> tuple[Payment, str]:
        delivery_id = lookups.delivery_id(delivery)
        name = posting.name_of(delivery, delivery_id)
        return Payment.load(self.tables, self.provider, name)[0], delivery_id

    def _see(self, payment_id: str) -> None:
        mark = _mark(payment_id)
        if mark not in self._marks and len(self._marks) < SEEN:
            self._marks.add(mark)
            self._place.seen += mark


class _Overtaken(Exception):
    """Another run for the same provider has moved the place."""


def _mark(payment_id: str) -> str:
    return base64.b64encode(hashlib.sha256(payment_id.encode()).digest()).decode("ascii")[:MARK]
