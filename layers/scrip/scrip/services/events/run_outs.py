"""Forecasts of run-outs: which wallets are to be looked at, and the hourly look.

The stream's reader notes a wallet in which something moved, once an hour, where somebody wants to hear of run-outs. A
look reads what is new in its ledger, keeps sums of days in a document of its own, and tells when the run-out has come
within a number of days. What it is about to tell it writes down before, so that whoever goes on after it tells the same
with the same id. Does not own the forecast (``domain.events.run_outs``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any, Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import CatchingUp, Unavailable
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.units import Unit
from scrip.domain.events.event import Event
from scrip.domain.events.run_outs import USING, RunOut, Spending, first_of
from scrip.services.engine import sweeps
from scrip.services.events.entries import units_of
from scrip.services.notifications import alerts
from scrip.store import candidates, documents, keys, ledger
from scrip.store.candidates import CandidateWallet
from scrip.store.tables import Tables

SHARES: Final = keys.RUN_OUT_SHARES
WORKERS: Final = 16
"""Wallets looked at side by side, as many as the client has connections."""
HOUR_MS: Final = 3_600_000
PIECE: Final = 1000
"""Entries that are listed at a time."""
REMEMBERED: Final = 20_000
"""Wallets of which a process remembers that it has noted them in this hour."""
Told = Callable[[RunOut, Unit], Event]
Publish = Callable[[Sequence[Event]], None]
Failed = Callable[[str, str, Exception], None]
"""Is told of an account's wallet in a unit that could not be looked at, and why."""


class Notes:
    """The step of the stream's reader that notes wallets to be looked at.

    Args:
        now: this machine's clock, epoch milliseconds.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._noted: dict[tuple[str, str], int] = {}

    def note(self, tables: Tables, entries: Sequence[Entry]) -> None:
        """Notes each wallet in which something moved, once an hour, where run-outs are wanted.

        Raises:
            Throttled, Unavailable: the table does not answer.
        """
        moved = [entry for entry in entries if entry.before.available != entry.after.available]
        clock, wanted = self._now(), dict[tuple[str, str], int]()
        for entry in moved:
            # By the test clock an entry may be of an hour that is yet to come, and so may the look.
            at = max(clock, entry.committed_at)
            wallet = (entry.account, entry.unit)
            if wallet not in self._noted or self._noted[wallet] < at // HOUR_MS:
                wanted[wallet] = max(at, wanted.get(wallet, at))
        known = alerts.load(tables, wanted)
        if len(self._noted) > REMEMBERED:
            self._noted.clear()
        for (account, unit), at in wanted.items():
            if known.at(account, unit, at).run_out_days:
                candidates.note(tables, account, unit, at // HOUR_MS)
                self._noted[account, unit] = at // HOUR_MS


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What a run did.

    Attributes:
        wallets: how many were looked at. told: events.
        done: the time sufficed for all.
    """

    wallets: int = 0
    told: int = 0
    failed: int = 0
    done: bool = True

    def __add__(self, other: LookedAt) -> LookedAt:
        return LookedAt(
            self.wallets + other.wallets,
            self.told + other.told,
            self.failed + other.failed,
            self.done and other.done,
        )


@dataclass(frozen=True, slots=True)
class Forecasts:
    """The look at wallets that were noted.

    Attributes:
        told, publish: make the event of a run-out, and send events.
        time_left: tells whether there is time for something more.
    """

    tables: Tables
    told: Told
    publish: Publish
    time_left: Callable[[], bool]
    failed: Failed

    def look(self, shares: Iterable[int], now: int) -> LookedAt:
        """Looks at the wallets of these shares, several at a time. Whatever is left is still noted.

        Args:
            now: the schedule's instant, epoch milliseconds.
        """
        lists = [_Noted(self.tables, share) for share in shares]

        def work(number: int) -> LookedAt:
            turn = number % len(lists)
            mine = (wallet for one in (*lists[turn:], *lists[:turn]) for wallet in one.taken())
            told: list[int] = []
            ended = sweeps.sweep(
                mine,
                lambda wallet: told.append(self._look_at(wallet, now)),
                self.time_left,
                lambda wallet, error: self.failed(wallet.account, wallet.unit, error),
                (CatchingUp,),
            )
            return LookedAt(len(told), sum(told), ended.failed, ended.done)

        with ThreadPoolExecutor(WORKERS) as pool:
            return sum(pool.map(work, range(WORKERS)), LookedAt())

    def _look_at(self, wallet: CandidateWallet, now: int) -> int:
        """Looks at one wallet. Returns how many events it told.

        Raises:
            CatchingUp: there is more to be read than there is time for; what was read is kept.
            Unavailable, Throttled: a table or the bus does not answer.
        """
        account, unit_id = wallet.account, wallet.unit
        unit = units_of(self.tables, [unit_id]).get(unit_id)
        wanted = alerts.in_force(self.tables, account, unit_id, now).run_out_days
        count = 0
        if unit and wanted:
            document = documents.get(self.tables, keys.forecast(account, unit_id))
            self._tell(document, unit)
            spending, whole = self._read_on(
                account, unit_id, Spending.from_json(document.body.get("spending", {})), now
            )
            if whole:
                spending = spending.further(max(now, spending.at))
            facts = _facts(account, unit_id, spending, wanted, now) if whole else []
            spending = spending.told([fact.days for fact in facts])
            made: dict[str, Any] = {"spending": spending.to_json(now), "tell": [asdict(one) for one in facts]}
            if made != document.body:
                kept = documents.put(self.tables, document.pk, document.rev, made)
                if kept is None:
                    raise CatchingUp("somebody else is looking at this wallet")
                if facts:
                    # Whoever would come now finds what is to be told, and tells it again under the same ids.
                    self._tell(kept, unit)
                    documents.put(self.tables, kept.pk, kept.rev, {**made, "tell": []})
            count = len(facts)
            if not whole:
                raise CatchingUp("there is more to be read of this wallet than there is time for")
        if wallet.hour < now // HOUR_MS:
            candidates.forget(self.tables, wallet)
        return count

    def _tell(self, document: documents.Document, unit: Unit) -> None:
        """Publishes what a document says is to be told."""
        self.publish([self.told(RunOut(**fact), unit) for fact in document.body.get("tell", [])])

    def _read_on(self, account: str, unit: str, spending: Spending, now: int) -> tuple[Spending, bool]:
        """Reads what is new in a wallet's ledger, while there is time; returns whether that was all."""
        if spending.seq:
            begins = (spending.at, spending.seq + 1)
        else:
            begins = (first_of(now), 0)
            spending = Spending(first=ledger.first_of_kinds(self.tables, account, unit, USING))
        fresh = True
        while True:
            rows = ledger.listed_from(self.tables, account, unit, begins, MAX_INSTANT, spending.seq, PIECE)
            if not rows:
                return spending, True
            seqs = [row.position[1] for row in rows]
            if seqs != list(range(begins[1] or seqs[0], (begins[1] or seqs[0]) + len(seqs))):
                raise Unavailable("the ledger's timeline lags behind")
            if fresh and spending.seq:
                # Before anything new: as long as nothing is used, the run-out moves further off.
                spending = spending.further(rows[0].position[0])
            fresh = False
            needed = [row.entry_id for row in rows if row.kind in USING or row is rows[-1]]
            for entry in _in_order(self.tables, account, unit, needed):
                spending = spending.with_entry(entry)
            begins = (spending.at, spending.seq + 1)
            if len(rows) < PIECE:
                return spending, True
            if not self.time_left():
                return spending, False


class _Noted:
    """The wallets of a share that were noted, each given to one worker."""

    def __init__(self, tables: Tables, share: int) -> None:
        self._wallets = candidates.noted(tables, share)
        self._lock = Lock()

    def taken(self) -> Iterator[CandidateWallet]:
        """Yields the wallets that nobody else has taken."""
        while True:
            with self._lock:
                wallet = next(self._wallets, None)
            if wallet is None:
                return
            yield wallet


def _facts(account: str, unit: str, spending: Spending, wanted: Sequence[int], now: int) -> list[RunOut]:
    """Returns what is to be told of a wallet."""
    at = max(now, spending.at)
    run_out_at, (used, in_ms) = spending.run_out_at(at), spending.rate(at)
    if run_out_at is None:
        return []
    return [
        RunOut(account, unit, days, spending.seq, now, run_out_at, used, in_ms)
        for days in spending.to_tell(wanted, at)
    ]


def _in_order(tables: Tables, account: str, unit: str, ids: Sequence[str]) -> list[Entry]:
    """Returns these entries in their order."""
    known = ledger.find_many(tables, account, unit, ids)
    return [known[id_] for id_ in ids]
