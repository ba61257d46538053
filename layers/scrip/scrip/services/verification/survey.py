"""The survey: a pass over the wallets table and the ledger table that verifies every wallet and every payment.

It scans the tables in parts, side by side, and can go on from any key (see ``store.scan``). Each wallet is verified by
``wallets``, each payment by ``payments``. Then the ledger is scanned for partitions of which the wallets' table has
nothing. The survey writes nothing; whoever runs it keeps how far it has come.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeVar

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Contended, Throttled, Unavailable
from scrip.services.verification import payments, wallets
from scrip.services.verification.wallets import VerifiedWallet
from scrip.store import keys, scan
from scrip.store.scan import Key, Segment
from scrip.store.tables import Tables

T = TypeVar("T")
Json = dict[str, Any]

PARTS: Final = 4
"""Parts of one share, each a segment of the scan: enough to keep a processor busy while others wait for the table."""
AT_ONCE: Final = 50_000
"""Entries in memory at a time, of all wallets that are being verified: about 200 MB. A larger wallet is
verified alone."""
TRIES, FIRST_PAUSE = 6, 0.2
"""How often the table is asked again while it is busy, and the first pause in seconds, which doubles."""


class TooLarge(Exception):
    """The wallet has more entries than this run takes on."""


@dataclass(slots=True)
class Part:
    """One part of the tables: how far its scan is, and what it found. Its members are stored as JSON by these names.

    Attributes:
        walk: the table that is being scanned.
        after: the last key that was read in that table; the scan goes on after it.
        parked, parked_names: how many payments wait for a person, and the names of the first of them.
        left, left_names: how many wallets were not verified, and the first of them with the reason.
        found, findings: how many wallets and payments have discrepancies, and the first of them.
    """

    walk: Literal["wallets", "ledger", "done"] = "wallets"
    after: Key | None = None
    wallets: int = 0
    entries: int = 0
    payments: int = 0
    parked: int = 0
    left: int = 0
    found: int = 0
    parked_names: list[str] = field(default_factory=list)
    left_names: list[str] = field(default_factory=list)
    findings: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Survey:
    """A pass over one of ``shares`` equal shares of the tables; ``share`` is its number, counted from 0.

    ``begun_at`` is in epoch milliseconds.
    """

    begun_at: int
    share: int = 0
    shares: int = 1
    parts: list[Part] = field(default_factory=lambda: [Part() for _ in range(PARTS)])

    @property
    def done(self) -> bool:
        """Returns whether every part is at its end."""
        return all(part.walk == "done" for part in self.parts)

    def total(self, name: str) -> int:
        """Adds up a count over all parts."""
        return sum(getattr(part, name) for part in self.parts)

    def listed(self, name: str) -> list[Any]:
        """Joins a list of all parts, in their order."""
        return [one for part in self.parts for one in getattr(part, name)]

    def to_body(self) -> Json:
        """Returns it as JSON, to be stored."""
        return asdict(self)

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Survey:
        """Reads what ``to_body`` made. Raises ``TypeError`` or ``KeyError`` for anything else."""
        return cls(**{**body, "parts": [Part(**part) for part in body["parts"]]})


@dataclass(slots=True)
class Progress:
    """How much this run has verified so far. ``report`` is called after each wallet and payment."""

    report: Callable[[Progress], None] = lambda _: None
    wallets: int = 0
    entries: int = 0


class EntryBudget:
    """Limits how many entries are in memory at a time, over all threads."""

    def __init__(self, at_once: int, largest: int | None) -> None:
        self._free, self._all, self._largest = at_once, at_once, largest
        self._changed = threading.Condition()

    @contextmanager
    def __call__(self, entries: int) -> Iterator[None]:
        """Reserves so many entries, as soon as enough are free.

        Raises:
            TooLarge: the wallet has more entries than the largest that is verified.
        """
        if self._largest is not None and entries > self._largest:
            raise TooLarge(entries)
        taken = min(entries, self._all)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= taken)
            self._free -= taken
        try:
            yield
        finally:
            with self._changed:
                self._free += taken
                self._changed.notify_all()


@dataclass(slots=True)
class SurveyRun:
    """One run of a survey. It changes the survey in place.

    Attributes:
        save: stores the survey; called after each page of a part.
        time_left: asked before each wallet; once it returns False, the run ends, and another can go on.
        shown: how many discrepancies, names and surplus entries are kept of each part. All are counted.
        largest: entries of the largest wallet that is verified; None: no limit.
    """

    tables: Tables
    survey: Survey
    save: Callable[[Survey], None]
    time_left: Callable[[], bool] = lambda: True
    shown: int = 10_000
    largest: int | None = None
    progress: Progress = field(default_factory=Progress)
    pause: Callable[[float], None] = time.sleep
    _budget: EntryBudget = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)
    _stopped: bool = field(init=False, default=False)

    def go(self, workers: int) -> None:
        """Runs to the end of the survey, or until the time is up.

        Raises:
            Throttled, Unavailable: the tables do not answer. What was done is saved.
        """
        self._budget = EntryBudget(AT_ONCE, self.largest)
        with ThreadPoolExecutor(workers) as pool:
            try:
                for _ in pool.map(self._part, range(PARTS)):
                    pass
            except BaseException:
                self._stopped = True
                raise

    def _goes_on(self) -> bool:
        """Returns whether there is time left and no other thread has failed."""
        return not self._stopped and self.time_left()

    def _part(self, number: int) -> None:
        """Scans one part page by page, and saves the survey after each, until its end or until the time is up."""
        segment = Segment(self.survey.share * PARTS + number, self.survey.shares * PARTS)
        while self.survey.parts[number].walk != "done":
            if not self._goes_on():
                return
            # The results of a page are seen by the other threads, and saved, together with the key after it
            # or not at all.
            part = deepcopy(self.survey.parts[number])
            if part.walk == "wallets":
                self._wallets(part, segment)
            else:
                self._ledger(part, segment)
            with self._lock:
                self.survey.parts[number] = part
                self.save(self.survey)

    def _wallets(self, part: Part, segment: Segment) -> None:
        """Verifies a page of the wallets' table, or what there is time for."""
        page, after = self._retry(lambda: scan.wallets(self.tables, segment, part.after))
        for key in page:
            if part.after is None or key["pk"] != part.after["pk"]:
                if not self._goes_on():
                    return
                if key["pk"].startswith(keys.PAYMENTS):
                    self._payment(part, key["pk"])
                else:
                    part.wallets += 1
                    self._wallet(part, key["pk"])
            part.after = key
        part.after = after
        part.walk = "wallets" if after else "ledger"

    def _ledger(self, part: Part, segment: Segment) -> None:
        """Verifies the wallets on a page of the ledger that have entries and nothing in the wallets table."""
        page, after = self._retry(lambda: scan.entries(self.tables, segment, part.after))
        before = part.after["pk"] if part.after else None
        partitions = [pk for pk in dict.fromkeys(key["pk"] for key in page) if pk != before]
        for pk in self._retry(lambda: scan.missing(self.tables, partitions)):
            self._wallet(part, pk)
        part.after = after
        part.walk = "ledger" if after else "done"

    def _wallet(self, part: Part, pk: str) -> None:
        """Verifies a wallet and adds what was found to the part.

        A wallet that is too large or too busy is left out, and listed by name.
        """
        try:
            account, unit = keys.wallet_parts(pk)
        except ValueError:
            self._add_finding(
                part,
                {"account": pk, "unit": None, "kind": "broken", "what": "its key is not the key of a wallet"},
            )
            return
        try:
            verified = self._retry(lambda: wallets.check_wallet(self.tables, account, unit, self._budget))
        except TooLarge as large:
            self._leave_out(part, f"{account}/{unit}: {large} entries, verify it by itself")
            return
        except Contended:
            self._leave_out(part, f"{account}/{unit}: written faster than it can be read")
            return
        part.entries += verified.entries
        self._count(1, verified.entries)
        if verified.discrepancies:
            self._add_finding(part, _finding(account, unit, verified, self.shown))

    def _payment(self, part: Part, pk: str) -> None:
        """Checks a payment and adds what was found to the part."""
        name = keys.payment_parts(pk)
        checked = self._retry(lambda: payments.check_payment(self.tables, *name))
        payment = checked.payment
        part.payments += 1
        self._count(0, 0)
        if payment and payment.parked:
            part.parked += 1
            part.parked_names += [checked.name] if len(part.parked_names) < self.shown else []
        if checked.discrepancy:
            found = checked.discrepancy
            self._add_finding(
                part,
                {
                    "payment": checked.name,
                    "account": payment.account if payment else None,
                    "unit": payment.unit if payment else None,
                    "kind": "payment",
                    "seq": found.seq,
                    "entry_id": found.entry_id,
                    "what": found.what,
                },
            )

    def _add_finding(self, part: Part, finding: Json) -> None:
        """Counts a finding, and lists it where fewer than ``shown`` are listed."""
        part.found += 1
        part.findings += [finding] if len(part.findings) < self.shown else []

    def _leave_out(self, part: Part, why: str) -> None:
        """Counts a wallet that was not verified, and lists it with the reason where fewer than ``shown`` are listed."""
        part.left += 1
        part.left_names += [why] if len(part.left_names) < self.shown else []

    def _count(self, wallets: int, entries: int) -> None:
        """Adds to the progress, and reports it."""
        with self._lock:
            self.progress.wallets += wallets
            self.progress.entries += entries
            self.progress.report(self.progress)

    def _retry(self, ask: Callable[[], T]) -> T:
        """Calls ``ask``, again after a pause while the tables are busy or do not answer, six times at most."""
        for attempt in range(TRIES):
            try:
                return ask()
            except (Throttled, Unavailable):
                if attempt == TRIES - 1:
                    raise
                self.pause(FIRST_PAUSE * 2**attempt)
        raise AssertionError("unreachable")


def _finding(account: str, unit: str, verified: VerifiedWallet, shown: int) -> Json:
    """Returns a wallet's discrepancies as JSON: the first of them, how many, and the drift where that is all."""
    first = verified.discrepancies[0]
    finding: Json = {
        "account": account,
        "unit": unit,
        "kind": verified.kind,
        "seq": first.seq,
        "entry_id": first.entry_id,
        "what": first.what,
        "findings": len(verified.discrepancies),
    }
    drift = verified.drift
    if drift:
        finding |= {"entries": drift.entries, "first": drift.first, "last": drift.last, "since": drift.since}
    if verified.surplus:
        finding["surplus"] = [_surplus(entry) for entry in verified.surplus[:shown]]
    return finding


def _surplus(entry: Entry) -> Json:
    """Returns enough of a surplus entry to tell what has to be asked for again."""
    cause = entry.cause
    return {
        "seq": entry.seq,
        "entry_id": entry.id,
        "kind": entry.kind,
        "amount": str(entry.amount),
        "at": entry.at,
        "actor": cause.actor if cause else None,
        "reference": list(cause.reference) if cause and cause.reference else None,
    }
