"""Closes months: books what was due in one, proves that the archive has all of it, and freezes its reports.

Each step is written down, so that whoever comes next goes on where the last one was killed. What a close has seen is an
edition of the archive; what comes later is booked in the first month that is open (``domain.finance.periods``).

Does not own what the reports say (``reports``), nor how an edition is made (``editions``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from scrip.domain.credits.errors import Contended, NotComplete, PeriodNotOver
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.finance.closes import Close, FrozenReport, ParkedPayment, canonical
from scrip.domain.finance.periods import ends, month_before, months_between
from scrip.domain.wallets.wallet import Wallet
from scrip.services.engine import walks
from scrip.services.engine.executor import Moment
from scrip.services.finance import (
    charts,
    editions,
    frozen_heads,
    journals,
    manifests,
    periods,
    promotions,
    reports,
)
from scrip.services.finance.books import Books, Selection
from scrip.services.finance.jobs import JobRun, JobsDesk
from scrip.services.finance.periods import Closes, Period, Reason
from scrip.services.finance.workspaces import Workspace, digest
from scrip.services.payments import deliveries
from scrip.services.wallets import sweep
from scrip.store import documents, keys, payments
from scrip.store.deliveries import Deliveries
from scrip.store.documents import Document

NAMED: Final = 100
"""Wallets, deliveries and payments that are named of those that are in the way."""
MONTHS_AT_ONCE: Final = 40
"""Months that are closed in one transaction: it has a document of each, and of all."""
PERIODS: Final = "periods/"

Json = dict[str, Any]
Rows = list[reports.CurrencyRows]
Ask = Callable[[Books, str], Rows]


def _revenue(by: reports.RevenueBy) -> Ask:
    return lambda books, month: reports.revenue(books, month, Selection(), by)


def _liability(by_account: bool) -> Ask:
    return lambda books, month: reports.liability(books, ends(month) - 1, Selection(), by_account=by_account)


def _of_month(name: str) -> Ask:
    return lambda books, month: reports.OF_A_MONTH[name](books, month, Selection())


FROZEN: Final[Sequence[tuple[str, Mapping[str, str], Ask | None]]] = (
    *((name, {}, _of_month(name)) for name in sorted(reports.OF_A_MONTH)),
    *(("revenue", {"by": by}, _revenue(by)) for by in ("day", "meter", "pack", "account")),
    ("liability", {}, _liability(by_account=False)),
    ("liability", {"by": "account"}, _liability(by_account=True)),
    (promotions.NAME, {}, None),
)
"""The reports that a close freezes, beside the journal: the name of each, what it is asked for by, and how."""


@dataclass(frozen=True, slots=True)
class ClosesDesk(JobsDesk):
    """What a close needs.

    Attributes:
        dead_letters: returns how many messages wait in each queue of those that could not be applied.
    """

    deliveries: Deliveries
    dead_letters: Callable[[], Mapping[str, int]]


def close(desk: ClosesDesk, month: str, moment: Moment, by: str, by_name: str | None) -> Period:
    """Closes a month, as far as there is time; of a month that is closed it returns how it was.

    Raises:
        PeriodNotOver: the month is not over, or not for ten minutes.
        NotComplete: something is missing, which is named.
        Throttled, Unavailable: not now; the same request goes on.
    """
    tables = desk.executor.tables
    document = documents.get(tables, keys.period(month))
    known = periods.read(document)
    if known and known.status == "closed":
        return known
    if known and known.status in periods.RUNNING:
        return known if desk.clock() < known.held_until else _Closing(desk, document, known).go_on()
    if known and known.reasons:
        # It was refused after its caller had been answered: that is said once, and the next request tries again.
        documents.put(tables, document.pk, document.rev, known.with_reasons(()).to_json())
        raise refusal(known)
    over = ends(month) + editions.GRACE_MS
    if moment.at < over:
        raise PeriodNotOver(
            f"{month} can be closed ten minutes after it is over", period=month, closes_at=over
        )
    begun = Period(month, "booking", moment.at, moment.pinned, by, by_name)
    ended = _Closing(desk, document, begun).go_on()
    if ended.status != "refused":
        return ended
    told = documents.get(tables, document.pk)
    documents.put(tables, told.pk, told.rev, ended.with_reasons(()).to_json())
    raise refusal(ended)


def go_on(desk: ClosesDesk, month: str) -> bool:
    """Goes on with a close that somebody asked for; returns whether there is more of it.

    Raises:
        Throttled, Unavailable: not now; done again, it goes on where it was.
    """
    document = documents.get(desk.executor.tables, keys.period(month))
    known = periods.read(document)
    if known is None or known.status not in periods.RUNNING:
        return False
    if desk.clock() < known.held_until:
        return True
    return _Closing(desk, document, known).go_on().status in periods.RUNNING


def refusal(period: Period) -> NotComplete:
    """Returns what refuses to close a month, with every reason."""
    said = "; ".join(reason.detail for reason in period.reasons)
    reasons = [{**asdict(reason), "items": list(reason.items)} for reason in period.reasons]
    return NotComplete(f"{period.period} cannot be closed yet: {said}", period=period.period, reasons=reasons)


class _Closing(JobRun[Period]):
    """One run of a close."""

    def __init__(self, desk: ClosesDesk, document: Document, period: Period) -> None:
        super().__init__(desk, document, period)
        self.desk = desk
        self.month = period.period
        self.end = ends(self.month)
        self.failed: list[str] = []

    def go_on(self) -> Period:
        """Does as much as there is time for; returns how far it is.

        Raises:
            Throttled, Unavailable: not now. What was done is done.
        """
        steps = {
            "booking": self._book,
            "checking": self._check,
            "archiving": self._archive,
            "freezing": self._freeze,
        }
        try:
            self.write(self.job, held=True)
            while self.job.status in steps and self.desk.time_left():
                if not steps[self.job.status]():
                    break
            if self.job.status in steps:
                self.write(self.job)
        except Contended:
            # Another run is at it, or makes an edition: whoever comes next goes on.
            return self._present()
        except Exception:
            self.let_go()
            raise
        return self.job

    def _book(self) -> bool:
        """Books all that is due in the month."""
        moment = Moment(self.job.at, self.job.pinned, yields=True)
        executor, left = self.desk.executor, self.desk.time_left
        swept = sweep.sweep(executor, range(walks.SHARDS), moment, left, lambda *_: None)
        if swept.done:
            swept = sweep.sweep_overdue(executor, self.end, moment, left, self._not_booked)
        if self.failed:
            return self._refuse([_not_booked(self.failed)])
        if not swept.done:
            return False
        self.write(replace(self.job, status="checking"), held=True)
        return True

    def _check(self) -> bool:
        """Looks for what was said of the month and is not applied."""
        found = [*self._waiting(), *self._dead_letters()]
        if found:
            return self._refuse(found)
        self.write(replace(self.job, status="archiving"), held=True)
        return True

    def _waiting(self) -> Iterator[Reason]:
        waiting = deliveries.waiting_before(self.desk.deliveries, self.end, NAMED)
        if waiting:
            names = [f"{one.provider}:{one.delivery_id}" for one in waiting]
            more = f"{len(names)} deliveries" if len(names) < NAMED else f"{NAMED} deliveries or more"
            yield Reason("deliveries", f"{more} that came before its end are not applied yet", names)

    def _dead_letters(self) -> Iterator[Reason]:
        left = {name: number for name, number in self.desk.dead_letters().items() if number}
        if left:
            names = [f"{name}: {number}" for name, number in sorted(left.items())]
            yield Reason(
                "dead_letters", f"messages that failed wait for an answer in {', '.join(left)}", names
            )

    def _archive(self) -> bool:
        """Makes the edition that the close has seen."""
        made = self.edition()
        if made is None:
            return False
        manifest, edition = made
        if manifest.missing_count:
            lacks = f"the archive lacks entries of {manifest.missing_count} wallets"
            return self._refuse([Reason("wallets", lacks, manifest.missing)])
        if manifest.complete_through is None or manifest.complete_through < self.end:
            return self._refuse([Reason("editions", "the archive's days are not done up to its end")])
        self.write(replace(self.job, status="freezing", edition=edition), held=True)
        return True

    def _freeze(self) -> bool:
        """Freezes the reports of the month, and of those before it that are closed with it; then closes all of them."""
        known = periods.known_closes(self.tables)
        if self.job.edition is None or any(self.job.edition[0] < one for one in known.editions.values()):
            # Another month was closed meanwhile, with more than this has seen.
            self.write(replace(self.job, status="archiving", edition=None, frozen={}), held=True)
            return True
        manifest = manifests.edition(self.desk.archive, *self.job.edition)
        with Workspace(self.desk.archive, self.desk.folder) as space:
            books = Books(space, self.desk.archive, manifest, known.editions, frozen=True)
            months = self._open_months(books, known)
            frozen = {month: list(found) for month, found in self.job.frozen.items() if month in months}
            self.job = replace(self.job, months=len(months), frozen=frozen)
            for month in months:
                if not self._freeze_month(books, month):
                    return False
                self.write(self.job, held=True)
            self._close(books, known, months)
        return True

    def _freeze_month(self, books: Books, month: str) -> bool:
        """Freezes the reports of a month that are not frozen yet; tells whether there was time for all of them."""
        for name, options, ask in (*FROZEN, (journals.NAME, {}, None)):
            done = self.job.frozen.get(month, [])
            if any((one.report, one.options) == (name, options) for one in done):
                continue
            if not self.desk.time_left():
                return False
            made = self._frozen(books, month, name, options, ask)
            self.job = replace(self.job, frozen={**self.job.frozen, month: [*done, made]})
        return True

    def _open_months(self, books: Books, known: Closes) -> list[str]:
        """Returns the month and the open ones before it, from the first one on in which something is booked.

        A test clock runs ahead of months that are still to be written: by one, these are only the months right before,
        down to one in which nothing is booked.
        """
        booked = books.months(self.month)
        first = self.month
        while self.job.pinned and month_before(first) in booked:
            first = month_before(first)
        if not self.job.pinned:
            first = min(booked, default=first)
        return [month for month in months_between(first, self.month) if month not in known.editions]

    def _frozen(
        self, books: Books, month: str, name: str, options: Mapping[str, str], ask: Ask | None
    ) -> FrozenReport:
        """Writes a report of a month as the edition has it."""
        title = "-".join([name, *(f"by-{value}" for value in options.values())])
        folder = f"{PERIODS}{month}/{books.manifest.edition:09d}/"
        if name == journals.NAME:
            path = journals.write(books, month, books.space.file(f"{title}.jsonl.gz"))
            key, size = f"{folder}{title}.jsonl.gz", path.stat().st_size
            self.desk.archive.put(key, path)
            return FrozenReport(name, dict(options), key, digest(path), size)
        said = {"currencies": _shown(ask(books, month))} if ask else {"units": self._given(books, month)}
        text = canonical({"period": month, "report": name, **options, **said})
        key = f"{folder}{title}.json"
        self.desk.archive.put(key, text)
        return FrozenReport(name, dict(options), key, hashlib.sha256(text).hexdigest(), len(text))

    def _given(self, books: Books, month: str) -> list[Json]:
        """Returns what promotions gave in a month, by unit."""
        found = promotions.promotions(books, month, Selection(), self.desk.executor.unit)
        return [asdict(one) for one in found]

    def _close(self, books: Books, known: Closes, months: Sequence[str]) -> None:
        """Writes the documents: from then on the months are closed.

        Raises:
            Contended: another month was closed meanwhile.
        """
        waiting, _ = payments.listed(self.tables, keys.PARKED, 0, MAX_INSTANT, NAMED)
        parked = [ParkedPayment(f"{one.provider}:{one.payment_id}", one.at) for one in waiting]
        manifest, heads = books.manifest, books.manifest.last.heads if books.manifest.last else ""
        assert manifest.complete_through, "an edition that proves nothing was refused"
        assert self.job.edition, "what is frozen is of an edition"
        told = frozen_heads.write(books.space, self.desk.archive, manifest)
        known = replace(known, heads={**known.heads, str(manifest.edition): told})
        sha256 = digest(Path(*books.space.bring([heads]))) if heads else hashlib.sha256().hexdigest()
        made = Close(
            self.month,
            self.job.at,
            manifest.complete_through,
            *self.job.edition,
            (heads, sha256),
            charts.get_chart(self.tables).to_json(),
            (),
            {},
            tuple(parked),
            len(parked),
            self.job.by,
            self.job.by_name,
        )
        versions = manifest.versions()
        for start in range(0, len(months), MONTHS_AT_ONCE):
            known = self._close_some(months[start : start + MONTHS_AT_ONCE], made, versions, known)

    def _close_some(
        self, months: Sequence[str], like: Close, versions: Mapping[str, int], known: Closes
    ) -> Closes:
        """Closes some months in one transaction; returns which ones are closed after it."""
        closed = replace(
            known, editions={**known.editions, **dict.fromkeys(months, like.edition)}, rev=known.rev + 1
        )
        writes = [documents.write(self.tables, keys.PERIODS, known.rev, closed.to_json())]
        frozen, own = self.job.frozen, self.job
        for month in months:
            days = {day: number for day, number in versions.items() if day.startswith(month)}
            made = replace(like, period=month, reports=tuple(frozen[month]), days=days)
            told = replace(self.job, period=month, status="closed", held_until=0, frozen={}, close=made)
            document = self.document
            if month == self.month:
                own = told
            else:
                document = documents.get(self.tables, keys.period(month))
            writes.append(documents.write(self.tables, document.pk, document.rev, told.to_json()))
        if not documents.put_all(self.tables, writes):
            raise Contended("another month was closed meanwhile: it goes on with what that has seen")
        self.job = own
        return closed

    def _refuse(self, reasons: Sequence[Reason]) -> bool:
        self.write(replace(self.job, status="refused", reasons=tuple(reasons)))
        return False

    def _not_booked(self, wallet: Wallet, error: Exception) -> None:
        self.failed.append(f"{wallet.account}/{wallet.unit}: {type(error).__name__}: {error}")

    def _present(self) -> Period:
        """Returns how far it is after this run; whoever comes next goes on."""
        self.let_go()
        return periods.read(documents.get(self.tables, self.document.pk)) or self.job


def _shown(rows: Rows) -> list[Json]:
    return [asdict(one) for one in rows]


def _not_booked(failed: Sequence[str]) -> Reason:
    return Reason("wallets", f"what was due in {len(failed)} wallets could not be booked", failed[:NAMED])
