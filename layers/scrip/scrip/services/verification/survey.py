"""Verification of everything: both tables walked in parts, side by side, from any place on (see ``store.walk``).

Each wallet is verified as by itself (``verifying``), each payment against its position (``tallying``). Then the ledger
is walked for partitions that no wallet item speaks of. Nothing is written but how far it came, by whoever runs it.
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
from scrip.services.verification import payments as tallying
from scrip.services.verification import wallets as verifying
from scrip.services.verification.wallets import Verified
from scrip.store import keys, walk
from scrip.store.tables import Tables
from scrip.store.walk import Place, Segment

T = TypeVar("T")
Json = dict[str, Any]

PARTS: Final = 4
"""Segments of one share: enough to keep a processor busy while others wait for the table."""
AT_ONCE: Final = 50_000
"""Entries in memory at a time, of all wallets in hand: about 200 MB. A wallet that has more is alone."""
TRIES, FIRST_PAUSE = 6, 0.2
"""How often the table is asked again while it is busy, and the first pause in seconds, which doubles."""


class TooLarge(Exception):
    """The wallet has more entries than this run takes on."""


@dataclass(slots=True)
class Part:
    """One part of the tables: where the walk is, and what it came to.

    Attributes:
        after: the key that it goes on after, in the table of this ``walk``.
        parked, left: how many there are, and the first of their names: payments that wait for a person; wallets that
            were not verified, with the reason.
        found: how many wallets and payments something is wrong with, and the first of them.
    """

    walk: Literal["wallets", "ledger", "done"] = "wallets"
    after: Place | None = None
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
    """One pass over a share of the tables: number ``share``, from 0, of ``shares``. ``begun_at``: milliseconds."""

    begun_at: int
    share: int = 0
    shares: int = 1
    parts: list[Part] = field(default_factory=lambda: [Part() for _ in range(PARTS)])

    @property
    def done(self) -> bool:
        return all(part.walk == "done" for part in self.parts)

    def total(self, name: str) -> int:
        """A count of all parts together."""
        return sum(getattr(part, name) for part in self.parts)

    def listed(self, name: str) -> list[Any]:
        """A list of all parts together, in their order."""
        return [one for part in self.parts for one in getattr(part, name)]

    def to_body(self) -> Json:
        return asdict(self)

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Survey:
        """The inverse of ``to_body``. Raises ``TypeError`` or ``KeyError`` for what is none."""
        return cls(**{**body, "parts": [Part(**part) for part in body["parts"]]})


@dataclass(slots=True)
class Progress:
    """What was done in this run so far; ``tell`` hears of each wallet and payment."""

    tell: Callable[[Progress], None] = lambda _: None
    wallets: int = 0
    entries: int = 0


class Room:
    """Lets wallets in as long as their entries together are not too many for the memory."""

    def __init__(self, at_once: int, largest: int | None) -> None:
        self._free, self._all, self._largest = at_once, at_once, largest
        self._changed = threading.Condition()

    @contextmanager
    def __call__(self, entries: int) -> Iterator[None]:
        """Room for so many entries, once it is there. Raises ``TooLarge`` where there never will be."""
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
class Run:
    """One run of a survey, which changes it.

    Attributes:
        save: keeps the survey as it is then; called whenever a part has come further.
        time_left: asked before each wallet; once it says no, the run ends, and another goes on.
        shown: how many findings, names and surplus entries are kept of each part; the counts go on.
        largest: entries of the largest wallet that is verified; None: any.
    """

    tables: Tables
    survey: Survey
    save: Callable[[Survey], None]
    time_left: Callable[[], bool] = lambda: True
    shown: int = 10_000
    largest: int | None = None
    progress: Progress = field(default_factory=Progress)
    pause: Callable[[float], None] = time.sleep
    _room: Room = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)
    _stopped: bool = field(init=False, default=False)

    def go(self, workers: int) -> None:
        """To the end, or until the time is up.

        Raises:
            Throttled, Unavailable: the tables do not answer. What was done is saved.
        """
        self._room = Room(AT_ONCE, self.largest)
        with ThreadPoolExecutor(workers) as pool:
            try:
                for _ in pool.map(self._part, range(PARTS)):
                    pass
            except BaseException:
                self._stopped = True
                raise

    def _goes_on(self) -> bool:
        return not self._stopped and self.time_left()

    def _part(self, number: int) -> None:
        segment = Segment(self.survey.share * PARTS + number, self.survey.shares * PARTS)
        while self.survey.parts[number].walk != "done":
            if not self._goes_on():
                return
            # What a page came to is seen by the others, and saved, with the place after it or not at all.
            part = deepcopy(self.survey.parts[number])
            going_on = self._wallets(part, segment) if part.walk == "wallets" else self._ledger(part, segment)
            with self._lock:
                self.survey.parts[number] = part
                self.save(self.survey)
            if not going_on:
                return

    def _wallets(self, part: Part, segment: Segment) -> bool:
        """A page of the wallets' table; False where the time was up before its end."""
        places, after = self._patiently(lambda: walk.wallets(self.tables, segment, part.after))
        for place in places:
            if part.after is None or place["pk"] != part.after["pk"]:
                if not self._goes_on():
                    return False
                if place["pk"].startswith(keys.PAYMENTS):
                    self._payment(part, place["pk"])
                else:
                    part.wallets += 1
                    self._wallet(part, place["pk"])
            part.after = place
        part.after = after
        part.walk = "wallets" if after else "ledger"
        return True

    def _ledger(self, part: Part, segment: Segment) -> bool:
        """A page of the ledger: wallets that have entries and nothing in the other table."""
        places, after = self._patiently(lambda: walk.entries(self.tables, segment, part.after))
        before = part.after["pk"] if part.after else None
        partitions = [pk for pk in dict.fromkeys(place["pk"] for place in places) if pk != before]
        for pk in self._patiently(lambda: walk.missing(self.tables, partitions)):
            self._wallet(part, pk)
        part.after = after
        part.walk = "ledger" if after else "done"
        return True

    def _wallet(self, part: Part, pk: str) -> None:
        try:
            account, unit = keys.wallet_parts(pk)
        except ValueError:
            self._note(
                part, {"account": pk, "unit": None, "kind": "broken", "what": "its key is no wallet's"}
            )
            return
        try:
            verified = self._patiently(lambda: verifying.check(self.tables, account, unit, self._room))
        except TooLarge as large:
            self._leave(part, f"{account}/{unit}: {large} entries, verify it by itself")
            return
        except Contended:
            self._leave(part, f"{account}/{unit}: written faster than it can be read")
            return
        part.entries += verified.entries
        self._told(1, verified.entries)
        if verified.findings:
            self._note(part, _of_wallet(account, unit, verified, self.shown))

    def _payment(self, part: Part, pk: str) -> None:
        name = keys.payment_parts(pk)
        tallied = self._patiently(lambda: tallying.check(self.tables, *name))
        payment = tallied.payment
        part.payments += 1
        self._told(0, 0)
        if payment and payment.parked:
            part.parked += 1
            part.parked_names += [tallied.name] if len(part.parked_names) < self.shown else []
        if tallied.finding:
            found = tallied.finding
            self._note(
                part,
                {
                    "payment": tallied.name,
                    "account": payment.account if payment else None,
                    "unit": payment.unit if payment else None,
                    "kind": "payment",
                    "seq": found.seq,
                    "entry_id": found.entry_id,
                    "what": found.what,
                },
            )

    def _note(self, part: Part, finding: Json) -> None:
        part.found += 1
        part.findings += [finding] if len(part.findings) < self.shown else []

    def _leave(self, part: Part, why: str) -> None:
        part.left += 1
        part.left_names += [why] if len(part.left_names) < self.shown else []

    def _told(self, wallets: int, entries: int) -> None:
        with self._lock:
            self.progress.wallets += wallets
            self.progress.entries += entries
            self.progress.tell(self.progress)

    def _patiently(self, ask: Callable[[], T]) -> T:
        """What is asked for, however busy the table is for a while."""
        for attempt in range(TRIES):
            try:
                return ask()
            except (Throttled, Unavailable):
                if attempt == TRIES - 1:
                    raise
                self.pause(FIRST_PAUSE * 2**attempt)
        raise AssertionError("unreachable")


def _of_wallet(account: str, unit: str, verified: Verified, shown: int) -> Json:
    """What is said of a wallet: its first broken entry, and how far ledger and wallet are apart where that is all."""
    first = verified.findings[0]
    said: Json = {
        "account": account,
        "unit": unit,
        "kind": verified.kind,
        "seq": first.seq,
        "entry_id": first.entry_id,
        "what": first.what,
        "findings": len(verified.findings),
    }
    drift = verified.drift
    if drift:
        said |= {"entries": drift.entries, "first": drift.first, "last": drift.last, "since": drift.since}
    if verified.surplus:
        said["surplus"] = [_surplus(entry) for entry in verified.surplus[:shown]]
    return said


def _surplus(entry: Entry) -> Json:
    """Enough of an entry to know what to ask for again."""
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
