"""Reconciliation: a provider's own lists are compared with what is known here, day by day.

A pass looks at each of the last days twice. First it *feeds*: what the provider lists and nobody has told goes into the
queue of payments, and is applied like a webhook. Once that had time to be applied it *judges*: what is paid there and
not granted here, granted here and not paid there, or differs in amount is reported. It never moves a credit itself.

Both go page by page, and how far they came is a document, written with the findings so far: a run that ends early goes
on where it was, and finds nothing twice. Does not own what differs (``domain.payments.comparison``), or what a report
and a pass are (``domain.payments.reconciliation``).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.payments import comparison
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Paid
from scrip.domain.payments.payment import Payment
from scrip.domain.payments.reconciliation import DAY_MS, Pass, Report, date_of, day_of
from scrip.providers.clients import Client, ProviderError, ProviderRefused
from scrip.services.payments import lookups, orders, posting
from scrip.services.payments.payment import load_payment
from scrip.store import documents, keys, payments
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

KEPT_DAYS: Final = 31
"""Days that have a report: a later one takes the place of the one before so many days."""
LISTED: Final = "listed"
"""The type of a delivery that a provider's list has told."""
LAG_MS: Final = 600_000
"""A pass ends so long before it begins: webhooks of what is newer are still under way."""
APPLY_MS: Final = 300_000
"""How long what was fed may take to be applied before anything is judged."""
PAGES: Final = 1000
"""Pages of one run for one provider: a provider that never comes to an end must not keep a function busy for ever."""
SAVE_EVERY: Final = 10
"""Pages after which the progress is kept: so many are read again where a run dies."""
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
    """What one run came to.

    Attributes:
        done: the pass is at its end; ``ended``: in this very run.
        fed: how much was passed on in this run.
        findings: of the whole pass, so far.
        error: why the run could not go on.
        stopped_at: the first run without a break that a provider did not let go on; None where this one went on.
    """

    provider: str
    done: bool = False
    ended: bool = False
    fed: int = 0
    findings: int = 0
    error: str | None = None
    stopped_at: int | None = None


@dataclass(slots=True)
class Run:
    """One run for one provider: as many steps of its pass as there is time for."""

    tables: Tables
    provider: str
    client: Client
    send: Send
    now: int
    time_left: Callable[[], bool]
    _saved: Document = field(init=False)
    _progress: Pass = field(init=False)
    _marks: set[str] = field(default_factory=set)
    _pages: int = 0

    def go(self, days: int, *, anew: bool = False) -> Outcome:
        """Goes on with the pass that was begun, on whatever day.

        Where that is done, it begins one of today, unless it was today's; ``anew`` begins one in any case. A provider
        that does not answer, or refuses, ends the run: the next one goes on. So does another run for the same provider
        that was faster.
        """
        self._saved = documents.get(self.tables, keys.reconciliation(self.provider))
        self._progress = Pass.from_json(self._saved.body)
        seen = self._progress.seen
        self._marks = {seen[at : at + MARK] for at in range(0, len(seen), MARK)}
        begun, fed = self._progress.begun_at, self._progress.fed
        if anew or (self._progress.phase == "done" and day_of(begun) < day_of(self.now)):
            self._begin(days)
            fed = 0
        was_done = self._progress.phase == "done"
        try:
            self._go_on()
        except _Overtaken:
            return Outcome(self.provider, error="another run is under way")
        progress = self._progress
        done = progress.phase == "done"
        return Outcome(
            self.provider,
            done,
            done and not was_done,
            progress.fed - fed,
            progress.findings,
            progress.error,
            progress.stopped_at,
        )

    def _go_on(self) -> None:
        """Takes its steps, and keeps why they ended where the provider ended them. Raises as ``_save``."""
        try:
            self._steps()
        except ProviderError as error:
            self._progress.error = str(error)
            if self._progress.stopped_at is None:
                self._progress.stopped_at = self.now
            self._save()

    def _begin(self, days: int) -> None:
        """Begins a pass over the last days, or over all since the last one that ended if an outage lasted longer."""
        done_until, until = self._progress.done_until, self.now - LAG_MS
        first = day_of(until) - days
        if done_until:
            first = max(min(first, day_of(done_until)), day_of(until) - KEPT_DAYS + 1)
        self._progress = Pass(
            begun_at=self.now, until=until, first=first, day=first, phase="feed", done_until=done_until
        )

    def _steps(self) -> None:
        """Takes step by step while there is time, and keeps the progress now and then, and at the end."""
        progress, unsaved = self._progress, 0
        progress.error = None
        while progress.phase != "done" and self._pages < PAGES and self.time_left():
            if progress.phase == "judge" and self.now < progress.ready_at:
                break
            self._pages += 1
            unsaved = 0 if self._step() else unsaved + 1
            if unsaved == SAVE_EVERY:
                self._save()
                unsaved = 0
        if self._pages:
            progress.stopped_at = None
        if progress.to_json() != self._saved.body:
            self._save()

    def _step(self) -> bool:
        """Looks at one page. Tells whether that was the end of a day, which has been saved."""
        report = self._report()
        if self._progress.phase == "feed":
            end = self._feed(report)
        elif self._progress.walk == "theirs":
            end = self._judge(report)
        else:
            end = self._ask_back(report)
        self._progress.report = report
        if not end:
            return False
        if self._progress.phase == "judge" and self._progress.walk != "parked":
            self._progress.walk = "paid" if self._progress.walk == "theirs" else "parked"
            self._progress.cursor = None
            return False
        self._end_day(report)
        return True

    def _report(self) -> Report:
        """Returns the day's report as it grows. What was missed stays in it; other findings are of this pass."""
        if self._progress.report is not None:
            return self._progress.report
        report, _ = load_report(self.tables, self.provider, self._progress.day)
        return report if self._progress.phase == "feed" else report.begun_again()

    def _page(self) -> tuple[Sequence[Delivery], bool]:
        """Reads the next page of what the provider lists for the day, and tells whether it was the last."""
        start = self._progress.day * DAY_MS
        page = self.client.listed(start, min(start + DAY_MS, self._progress.until), self._progress.cursor)
        self._progress.cursor = page.cursor
        return page.deliveries, page.cursor is None

    def _feed(self, report: Report) -> bool:
        """Passes on what a page lists and nobody has told. Tells whether it was the last page of the day."""
        deliveries, last = self._page()
        for delivery in deliveries:
            # No answer to a question: what it leaves open may be asked.
            delivery = replace(delivery, type=LISTED, said_at=self.now)
            payment, delivery_id = self._known(delivery)
            missed = comparison.missed(payment, delivery)
            for one in missed:
                report.note("missed", one)
            if missed:
                self._progress.fed += 1
                self._progress.ready_at = self.now + APPLY_MS
                self.send(delivery, delivery_id)
        return last

    def _judge(self, report: Report) -> bool:
        """Reports what differs in a page of the provider's. Tells whether it was the last page of the day."""
        deliveries, last = self._page()
        report.listed += len(deliveries)
        for delivery in deliveries:
            payment, _ = self._known(delivery)
            if any(isinstance(fact, Paid) for fact in delivery.facts):
                self._see(payment.payment_id)
            if payment.facts.part_of and not payment.posted.lot:
                continue
            missing = comparison.paid_without_grant(payment, delivery)
            if missing:
                report.note("paid_without_grant", missing)
            order = orders.load(self.tables, payment.topup_id) if payment.topup_id else None
            for differing in comparison.amounts_differ(payment, delivery, order.body if order else None):
                report.note("amounts_differ", differing)
        return last

    def _ask_back(self, report: Report) -> bool:
        """Asks the provider for each payment in a page of our own that it did not list: it may count it to another day.

        Tells whether it was the last page of the day.
        """
        start = self._progress.day * DAY_MS
        until = min(start + DAY_MS, self._progress.until) - 1
        paid = self._progress.walk == "paid"
        shard = keys.paid(self.provider) if paid else keys.PARKED
        first, last = (start, until) if paid else (0, MAX_INSTANT)
        after = tuple(self._progress.cursor) if self._progress.cursor else None
        found, following = payments.listed(self.tables, shard, first, last, OURS, after)
        for at, provider, payment_id in found:
            place, self._progress.cursor = self._progress.cursor, [at, keys.payment(provider, payment_id)]
            if provider == self.provider and _mark(payment_id) not in self._marks:
                try:
                    self._check(report, payment_id, start, until)
                except ProviderError as error:
                    if _answers_later(error):
                        self._progress.cursor = place
                    raise
                if not self.time_left():
                    return False
        self._progress.cursor = list(following) if following else None
        return following is None

    def _check(self, report: Report, payment_id: str, start: int, until: int) -> None:
        """Reports a payment that was granted here and that the provider does not have, or does not call paid."""
        payment = load_payment(self.tables, self.provider, payment_id).payment
        paid = payment.facts.paid
        if not payment.posted.lot or paid is None or not start <= paid.at <= until:
            return
        try:
            delivery = self.client.read(lookups.about(self.tables, payment))
        except ProviderRefused as error:
            if error.status != lookups.NOT_KNOWN:
                raise
            report.note(
                "grant_without_payment",
                comparison.grant_without_payment(payment, f"{self.provider} does not know it"),
            )
            return
        if not any(isinstance(fact, Paid) for fact in delivery.facts):
            reason = f"{self.provider} does not call it paid"
            report.note("grant_without_payment", comparison.grant_without_payment(payment, reason))

    def _end_day(self, report: Report) -> None:
        """Keeps the day's report, and goes on with the next one, or with the next phase."""
        progress = self._progress
        if progress.phase == "judge":
            report.checked_at = self.now
            progress.findings += report.findings
        _, stored = load_report(self.tables, self.provider, progress.day)
        kept = documents.write(self.tables, stored.pk, stored.rev, report.to_json())
        progress.walk, progress.cursor, progress.seen, progress.report = "theirs", None, "", None
        self._marks.clear()
        progress.day += 1
        if progress.day > day_of(progress.until - 1):
            progress.day = progress.first
            if progress.phase == "feed":
                progress.phase = "judge"
            else:
                progress.phase, progress.ended_at, progress.done_until = "done", self.now, progress.until
        self._save(kept)

    def _save(self, *beside: Item) -> None:
        """Keeps the progress, and a day's report with it.

        Raises:
            _Overtaken: another run has written it meanwhile, and nothing is written over that.
        """
        saved, body = self._saved, self._progress.to_json()
        if not documents.put_all(
            self.tables, [documents.write(self.tables, saved.pk, saved.rev, body), *beside]
        ):
            raise _Overtaken
        self._saved = Document(saved.pk, saved.rev + 1, body)

    def _known(self, delivery: Delivery) -> tuple[Payment, str]:
        """Returns the payment that a delivery is about as it is known here, and an id of the delivery."""
        delivery_id = lookups.delivery_id(delivery)
        name = posting.name_of(delivery, delivery_id)
        return load_payment(self.tables, self.provider, name).payment, delivery_id

    def _see(self, payment_id: str) -> None:
        """Notes that the provider lists a payment for the day, up to ``SEEN`` of them."""
        mark = _mark(payment_id)
        if mark not in self._marks and len(self._marks) < SEEN:
            self._marks.add(mark)
            self._progress.seen += mark


class _Overtaken(Exception):
    """Another run for the same provider has gone on meanwhile."""


def load_report(tables: Tables, provider: str, day: int) -> tuple[Report, Document]:
    """Reads the report of a day (see ``day_of``), an empty one where there is none, and the document that it is in."""
    stored, date = documents.get(tables, keys.report(provider, day % KEPT_DAYS)), date_of(day)
    kept = Report.from_json(stored.body) if stored.body else None
    return kept if kept and kept.date == date else Report(provider, date), stored


def get_report(tables: Tables, provider: str, day: int) -> Report:
    """Reads the report of a day (see ``day_of``).

    Raises:
        NotFound: there is none, or none any more.
    """
    report, stored = load_report(tables, provider, day)
    if stored.body.get("date") != report.date:
        raise NotFound(f"there is no report of {provider} on {report.date}", provider=provider)
    return report


def last_pass(tables: Tables, provider: str) -> Pass:
    """Reads how far the provider's last pass has come."""
    return Pass.from_json(documents.get(tables, keys.reconciliation(provider)).body)


def _answers_later(error: ProviderError) -> bool:
    """Tells whether the same question may have an answer later: what is refused of one payment alone stays refused."""
    return not isinstance(error, ProviderRefused) or error.status in lookups.NOT_ALLOWED


def _mark(payment_id: str) -> str:
    """Shortens a payment's id to ``MARK`` characters of its hash."""
    return base64.b64encode(hashlib.sha256(payment_id.encode()).digest()).decode("ascii")[:MARK]
