"""The reader of the ledger's stream, between the steps of a run: held back, killed, given the same again, and looked
at by whoever searches.

What it must never do: miss an entry that was committed before the instant up to which it says that it has all, find
one twice, or find one that nobody committed. What it publishes is the listener's to judge.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from scrip.domain.credits.errors import Refusal
from scrip.http.events.tellers import tellers
from scrip.services.events import history
from scrip.services.events.bus import Bus, publish
from scrip.services.events.history import Stretch
from scrip.services.events.tellers import events_of
from scrip.services.events.tellers import publish as publish_step
from scrip.services.outbox import looks, reader
from scrip.services.search import reindexing, searches
from scrip.store import items, keys, marks, references
from scrip.store.shards import LedgerStream
from scrip.store.tables import Tables
from simulation.books import LawBroken
from simulation.clock import Clock
from simulation.dynamodb import Change, Dynamo, error
from simulation.listener import Listener
from simulation.stream import ARN, Shard, Stream
from simulation.usage import Usages

SHARDS: Final = 3
MOST_SHARDS: Final = 8
BATCH: Final = 12
SLOWEST_MS: Final = 5_000
"""By how much the stream is behind its table at most."""
SKEW_MS: Final = 1_500
AHEAD_MS: Final = 3_600_000
"""More than any clock is ahead of the true time."""
REFUSED: Final = 0.1
"""Of the events that are put, so many the bus is too busy for."""
LONGEST_STOP: Final = 300
"""Turns for which the reader is stopped at most: some days, of which the stream forgets all but the last."""


class Killed(BaseException):
    """The reader's process has ended, wherever it was."""


class Fate:
    """What becomes of the reader's process: ``left`` calls on, that which ``how`` says."""

    def __init__(self) -> None:
        self.left, self.how = -1, ""


class Cord:
    """A client of the reader's process: it answers, is busy, or is the process's last call."""

    def __init__(self, client: object, fate: Fate) -> None:
        self._client, self._fate = client, fate

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call, fate = getattr(self._client, name), self._fate

        def called(**request: Any) -> Any:
            fate.left -= 1
            if fate.left:
                return call(**request)
            if fate.how == "busy":
                raise error("ThrottlingException", "Too busy", name)
            if fate.how == "killed after":
                call(**request)
            raise Killed

        return called


class Outbox:
    """The stream, its reader, and what the reader must have found by now."""

    def __init__(self, dynamo: Dynamo, clock: Clock, burns: bool | None) -> None:
        """Makes the reader of an empty ledger. ``burns``: whether burns have events; None: nothing has."""
        self._clock, self._dice = clock, random.Random(0)
        self._refused = 0.0
        self.listener = Listener(lambda: self._dice.random() < self._refused, burns)
        self.stream = Stream(clock.time, self._lag, lambda: self._dice.random() < 0.2, SHARDS)
        self._fate = Fate()
        self._tables = Tables(Cord(dynamo, self._fate), "wallets", "ledger")  # type: ignore[arg-type]
        self._bus = Bus(Cord(self.listener.bus, self._fate), "bus", "/scrip/simulation")
        self._tellers = {} if burns is None else tellers(burns)
        told = {name: partial(publish_step, self._bus, teller) for name, teller in self._tellers.items()}
        self._steps: dict[str, reader.Step] = {**reader.STEPS, **told}
        self._ledger = LedgerStream(self.stream, ARN)
        self.usages = Usages(self._tables, clock)
        self._read: dict[str, int] = {}
        self._made: dict[str, tuple[str, int]] = {}
        """By entry id, the name of its reference, and when it was committed."""
        self._unfound: dict[str, int] = {}
        self._found: dict[str, tuple[str, str]] = {}
        self._through: int | None = None
        self._stopped = 0
        """Turns for which it is stopped yet."""
        self._lost = False
        """Whether a look has told that something is lost."""
        self.happened: dict[str, int] = {}

    @property
    def has_looked(self) -> bool:
        """Whether it has ever said up to when it has all."""
        return self._through is not None

    def wrote(self, changes: Sequence[Change]) -> None:
        """Takes what was written at once: entries into the stream, and what the reader has put."""
        self.stream.wrote(changes)
        self.listener.wrote(changes)
        for table, (pk, sk), before, after in changes:
            if table == "ledger" and before is None and after is not None:
                entry = items.read_entry_item(after)
                self.usages.wrote(entry)
                if entry.cause and entry.cause.reference:
                    self._made[entry.id] = references.name_of(entry.cause.reference), self._clock.now
                    self._unfound[entry.id] = self._clock.now
            elif table == "wallets" and pk.startswith("reference#"):
                self._put(pk, sk)

    def turn(self, dice: random.Random) -> None:
        """Something happens to the reader; then whoever searches is told no more than is true."""
        self._dice = dice
        chance = dice.random()
        if self._stopped:
            self._stopped -= 1
        elif chance > 0.998:
            self._stopped = dice.randint(1, LONGEST_STOP)
        elif chance < 0.3:
            self._does("batch", self._deliver)
        elif chance < 0.36:
            self._does("look", self._look)
        elif chance < 0.362:
            self._split()
        elif chance < 0.364:
            self._does("reindex", self._reindex)
        elif chance < 0.365 and self._tellers:
            self._does("republish", self._republish)
        elif chance < 0.37:
            self._forget()
        elif chance < 0.38:
            self._does("usage", lambda: self.usages.look(dice, busy=self._fate.left > 0))
        self._check()

    def closes(self, account: str, unit: str) -> None:
        """A wallet is no more: what nobody has read of it comes now, as a batch of no shard, for soon it is lost.

        What the stream has forgotten before, an operator has told again, who hears of it by a look.
        """
        pk, untold = keys.wallet(account, unit), self._untold(account, unit)
        for shard in self.stream.shards.values():
            records = [
                one
                for one in shard.records
                if one["dynamodb"]["Keys"]["pk"]["S"] == pk
                and one["eventName"] == "INSERT"
                and (one["dynamodb"]["Keys"]["sk"]["S"] in self._unfound.keys() | untold)
            ]
            reader.read(self._tables, records, None, self._clock.now, _unheard, self._steps)
        if self._untold(account, unit):
            if not self._lost:
                raise LawBroken(4, f"entries of {account} are lost, and no look has told of it")
            self._republish()
        self.usages.closes(account, unit)
        self.listener.closes(account, unit)

    def _untold(self, account: str, unit: str) -> set[str]:
        """Returns the ids of a wallet's entries of which not all was told."""
        untold = self.listener.crossings.untold(account, unit)
        return untold | {id_ for place, id_ in self.listener.untold.items() if place[:2] == (account, unit)}

    def end(self) -> None:
        """Everything is read: each entry with a reference is found once, by a search for it."""
        self._dice, self._fate.left = random.Random(1), -1
        self._clock.now += SLOWEST_MS
        self._reindex()
        self._republish()
        for shard in list(self.stream.shards.values()):
            while self._read.get(shard.id, 0) < len(shard.records):
                self._deliver()
                self._take(shard, len(shard.records))
        for _ in range(8):
            self._clock.now += 2 * marks.SETTLED_MS
            self._look()
        self._check()
        if self._unfound:
            raise LawBroken(4, f"{len(self._unfound)} entries are never found by their reference")
        self.listener.end()
        last = max((at for _, at in self._made.values()), default=0)
        if self._through is None or self._through <= last:
            raise LawBroken(4, f"all is read, and the search says it has what is before {self._through}")
        wanted: dict[str, set[str]] = {}
        for id_, (name, _) in self._made.items():
            wanted.setdefault(name, set()).add(id_)
        for name in sorted(wanted)[:: max(1, len(wanted) // 40)]:
            self._searched(name, wanted[name])

    def _searched(self, name: str, wanted: set[str]) -> None:
        """Page by page a search finds these entries, newest first."""
        found, last = list[references.FoundEntry](), searches.NEWEST
        while True:
            page = searches.by_reference(self._tables, name, last, 3, None)
            found += page.entries
            if page.following is None:
                break
            at, seq, *entry_id = page.following
            last = at, seq, str(*entry_id)
        if [one.place for one in found] != sorted((one.place for one in found), reverse=True):
            raise LawBroken(4, f"a search for {name} does not show the newest first")
        if sorted(one.entry_id for one in found) != sorted(wanted):
            raise LawBroken(4, f"a search for {name} finds {len(found)} entries of {len(wanted)}")

    def _does(self, what: str, act: Callable[[], None]) -> None:
        dice = self._dice
        self._fate.left = dice.randint(1, 6) if dice.random() < 0.3 else -1
        self._fate.how = dice.choice(("killed before", "killed after", "busy"))
        self._refused = REFUSED
        how = "done"
        try:
            act()
        except Killed:
            how = self._fate.how
        except Refusal:
            how = "busy"
        self._fate.left, self._refused = -1, 0.0
        said = f"{what}: {how}"
        self.happened[said] = self.happened.get(said, 0) + 1

    def _deliver(self) -> None:
        """Lambda gives the reader records of one shard, mostly those that it has not had, and goes on where it took
        them. A shard's parent is read before it."""
        dice, shards = self._dice, list(self.stream.shards.values())
        ready = [one for one in shards if not self._unread(one.parent)]
        shard = dice.choice(ready)
        self._take(shard, dice.randint(1, BATCH))

    def _take(self, shard: Shard, most: int) -> None:
        start = self._read.get(shard.id, 0)
        if start and self._dice.random() < 0.1:
            start = max(0, start - self._dice.randint(1, BATCH))
        until = min(start + most, shard.seen(self._clock.now))
        # What is a day old is lost.
        start = min(until, max(start, shard.gone(self._clock.now)))
        records = [one for one in shard.records[start:until] if one["eventName"] == "INSERT"]
        now = self._clock.now + self._dice.randint(-SKEW_MS, SKEW_MS)
        again = reader.read(self._tables, records, shard.id, now, _unheard, self._steps)
        if again is None:
            self.listener.is_read(records)
            self._read[shard.id] = max(self._read.get(shard.id, 0), until)

    def _unread(self, shard_id: str | None) -> bool:
        shard = self.stream.shards.get(shard_id or "")
        return shard is not None and self._read.get(shard.id, 0) < len(shard.records)

    def _look(self) -> None:
        skew = self._dice.randint(-SKEW_MS, SKEW_MS)
        looked = looks.look(
            self._tables,
            self._ledger,
            lambda: self._clock.now + skew,
            lambda: self._dice.random() < 0.95,
        )
        self._lost = self._lost or bool(looked.lost)
        if looked.lost and self._dice.random() < 0.3:
            self._reindex()
            self._republish()

    def _republish(self) -> None:
        """An operator has told again what the stream forgot before it was read: with what it had, of all wallets."""
        stretch, after = Stretch(0, self._clock.now + AHEAD_MS), None
        while True:
            piece = history.piece(self._tables, stretch, after)
            publish(self._bus, events_of(self._tellers.values(), self._tables, piece.entries))
            after = piece.following
            if after is None:
                return

    def _reindex(self) -> None:
        """An operator has the index made anew."""
        reindexing.reindex(self._tables, self._ledger, self._clock.time, 2)

    def _split(self) -> None:
        still_open = [one.id for one in self.stream.shards.values() if not one.closed]
        if len(self.stream.shards) < MOST_SHARDS:
            self.stream.split(self._dice.choice(still_open))

    def _forget(self) -> None:
        """A day after it was closed, and never before all of it was read, a shard is no more."""
        over = marks.load(self._tables).over
        for shard in list(self.stream.shards.values()):
            if shard.id in over:
                self.stream.forget(shard.id)

    def _put(self, pk: str, sk: str) -> None:
        entry_id = sk.partition("#")[2]
        if entry_id not in self._made:
            raise LawBroken(4, f"a search finds {entry_id}, which nobody committed")
        if keys.reference(int(pk.split("#")[1]), self._made[entry_id][0]) != pk:
            raise LawBroken(4, f"{entry_id} is under {pk}, which is not its reference")
        if self._found.setdefault(entry_id, (pk, sk)) != (pk, sk):
            raise LawBroken(4, f"a search finds {entry_id} twice")
        self._unfound.pop(entry_id, None)

    def _check(self) -> None:
        """What is said to be complete is, and never was more so before."""
        through = marks.load(self._tables).complete_through
        if through is not None:
            missing = [id_ for id_, at in self._unfound.items() if at < through]
            if missing:
                raise LawBroken(
                    4, f"a search says it has all before {through}, and {len(missing)} entries are missing"
                )
        if self._through is not None and (through is None or through < self._through):
            raise LawBroken(4, f"a search had all before {self._through}, and now before {through}")
        self._through = through

    def _lag(self) -> int:
        return self._dice.randint(0, SLOWEST_MS) if self._dice.random() < 0.3 else 0


def _unheard(_step: str, _error: Exception) -> None:
    """Nobody reads the reader's log."""
