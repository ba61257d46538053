"""The archive of a run: its bucket, who reads the stream into it, who makes editions of it, and who closes months.

Owns how they are set among the other processes. What a batch must be is in ``archive``, what an edition must be in
``editions``, what a closed month must be in ``months``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from scrip.domain.credits.errors import Contended, NotComplete, PeriodNotOver, Refusal, Throttled, Unavailable
from scrip.domain.finance.periods import ends
from scrip.services.engine.executor import Executor, Moment
from scrip.services.finance import closes, manifests, periods
from scrip.services.finance import editions as making
from scrip.services.finance.closes import ClosesDesk
from scrip.store import documents, keys
from scrip.store.archive import Archive
from scrip.store.deliveries import Deliveries
from scrip.store.tables import Tables
from simulation import bucket as buckets
from simulation.archive import ArchiveReader
from simulation.books import Books, LawBroken
from simulation.bucket import Bucket
from simulation.clock import Clock
from simulation.dynamodb import Change, Dynamo
from simulation.editions import Editions, Heads
from simulation.hands import Died
from simulation.months import Months
from simulation.stream import Stream
from simulation.tables import IndexDefinition, TableDefinition
from simulation.wire import ArchiveWire, Network, Turn

FUNCTION_MS: Final = 900_000
"""What the function may take that makes editions."""
CALM: Final = 0.1
"""By so much less goes wrong with each of its calls, of which it has hundreds."""
HOUR: Final = 3_600_000
HURRIED: Final = 0.04
"""How often a close has no time for its next step, and goes on later."""
BESIDE: Final = 0.7
"""How often the schedule has made an edition before a close goes on that has one already."""
HOLD_MS: Final = FUNCTION_MS + 60_000
"""For how long nobody else is at the same close."""
DELIVERIES: Final = TableDefinition(
    "deliveries",
    (IndexDefinition("unapplied", "unapplied", "received_at", ("provider", "delivery_id")),),
    {"pk": "S", "sk": "S", "unapplied": "S", "received_at": "N"},
)
"""As template.yaml has it: a close asks it for what is not applied yet. Of a run nothing is kept there."""
PASSING: Final = (Contended, NotComplete, PeriodNotOver, Throttled, Unavailable)


class Archivist:
    """The archive, its reader, its editions and the months that are closed.

    Args:
        stream: the ledger's.
        step: gives the number of the step that is running.
        often: how many times as often as usual records are ``archived``, and batches ``spoilt``.
    """

    def __init__(
        self,
        dynamo: Dynamo,
        stream: Stream,
        clock: Clock,
        books: Books,
        step: Callable[[], int],
        often: Mapping[str, float],
    ) -> None:
        self._clock = clock
        self._tables = Tables(dynamo, "wallets", "ledger")  # type: ignore[arg-type]
        self.bucket = Bucket(self._put)
        self.reader = ArchiveReader(dynamo, stream, self.bucket, clock, often)
        self.editions = Editions(dynamo, self.bucket, books, step)
        self.months = Months(dynamo, self.bucket, self.editions, clock)
        self._deliveries: Any = Dynamo((DELIVERIES,))
        self.at_it = 0
        """Steps that are at an edition, or at a close."""
        self.calls: dict[str, Callable[..., Any]] = {
            **{name: getattr(self.bucket, name) for name in buckets.CALLS},
            **self.editions.attic.calls,
        }

    def _put(self, key: str, body: bytes) -> None:
        self.reader.put(key, body)

    def wrote(self, changes: Sequence[Change]) -> None:
        """Takes what was written at once."""
        self.reader.wrote(changes)
        self.months.wrote(self.editions.wrote(changes))

    def retires(self, pk: str) -> None:
        """A wallet has lived its life, and is about to be forgotten."""
        self.editions.retires(pk)
        self.reader.closes(pk)

    def is_over(self) -> bool:
        """Tells whether there is a month to be closed."""
        return ends(self.months.due(self._clock.now)) + making.GRACE_MS <= self._clock.now

    def edition(self, network: Network, turn: Turn, name: str, skew: int) -> str:
        """A process makes an edition; returns what came of it.

        Args:
            name: the process's, whose files stay while it lives.
        """

        def make(folder: Path) -> str:
            now = self._clock.now + skew
            made = making.make(*self._reach(network, turn), folder, now, now, network.in_time)
            self.editions.check(made)
            return "done" if made.entries else "nothing new"

        return self._long(turn, name, make)

    def close(self, network: Network, turn: Turn, name: str, skew: int) -> str:
        """A process closes the first month that is open, or goes on with its close; returns what came of it."""

        def close(folder: Path) -> str:
            if self._is_freezing(month) and turn.dice.random() < BESIDE:
                self._by_the_hour(network)
            moment = Moment(self._clock.now + skew)
            period = closes.close(
                self._desk(network, turn, folder, skew), month, moment, "key:simulation", None
            )
            self._look()
            return period.status

        month = self.months.due(self._clock.now)
        return self._long(turn, name, close)

    def _is_freezing(self, month: str) -> bool:
        """Tells whether a close has its edition, and not all of its reports."""
        period = periods.read(documents.get(self._tables, keys.period(month)))
        return period is not None and period.status == "freezing"

    def _by_the_hour(self, network: Network) -> None:
        """The schedule makes an edition, in which nothing goes wrong, unless somebody is at one."""
        now = self._clock.now
        with suppress(Contended):
            self.editions.check(
                making.make(*self._reach(network, None), self.editions.folder / "hour", now, now)
            )
            self.editions.begin()

    def _long(self, turn: Turn, name: str, act: Callable[[Path], str]) -> str:
        """Does what takes a function's whole time; an hour may have passed since somebody's last try."""
        if turn.dice.random() < 0.5:
            self._clock.now += turn.dice.randint(0, HOUR)
        turn.started, turn.limit, turn.calm = self._clock.now, FUNCTION_MS, CALM
        self.editions.begin()
        folder = self.editions.folder / name
        self.at_it += 1
        try:
            return act(folder)
        except Died:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        except Refusal as refusal:
            if not isinstance(refusal, PASSING):
                raise LawBroken(0, f"{name} is refused: {refusal.code}: {refusal}") from refusal
            return refusal.code
        except Exception as error:
            raise LawBroken(0, f"{name} ends in {type(error).__name__}: {error}") from error
        finally:
            self.at_it -= 1
            self.editions.give_up()

    def _look(self) -> None:
        """Looks at the edition that counts, and at months that were closed."""
        self.editions.look(manifests.present(self._tables, self.months.archive), Heads())
        self.months.look()

    def _desk(self, network: Network, turn: Turn, folder: Path, skew: int) -> ClosesDesk:
        tables, archive = self._reach(network, turn)

        def in_time() -> bool:
            return network.in_time() and turn.dice.random() > HURRIED

        return ClosesDesk(
            Executor(
                tables,
                pause=self._clock.sleep,
                in_time=network.in_time,
                now=lambda: self._clock.now + skew,
            ),
            archive,
            folder,
            lambda: self._clock.now + skew,
            in_time,
            HOLD_MS,
            Deliveries(self._deliveries, "deliveries"),
            dict,
        )

    @staticmethod
    def _reach(network: Network, turn: Turn | None) -> tuple[Tables, Archive]:
        """Returns the tables and the archive of a process that has both."""
        wire: Any = ArchiveWire(network)
        wire.turn = turn
        return Tables(wire, "wallets", "ledger"), Archive(wire, "archive")

    def end(self, network: Network) -> None:
        """Nothing goes wrong any more: an edition has all that there is, and says so."""
        self._clock.now += manifests.LOCK_MS
        done = False
        while not done:
            self.editions.begin()
            now = self._clock.now
            made = making.make(*self._reach(network, None), self.editions.folder / "end", now, now)
            self.editions.check(made)
            done = made.done
        self.editions.end(made.manifest)
        self.months.end(self.editions.folder / "end")
