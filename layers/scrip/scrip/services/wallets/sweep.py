"""The sweep: books what time has done to wallets that nobody touched since (law 5: it only books it).

Does not own the loop (``engine.sweeps``), nor what time does (``domain.wallets.due``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from scrip.domain.credits.errors import CatchingUp, Contended
from scrip.domain.wallets.wallet import Snapshot, Wallet
from scrip.services.engine import sweeps
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.store import due, keys, wallets

SHARDS: Final = keys.SHARDS
"""The index's partitions, numbered from 0."""
WORKERS: Final = 8
"""Shards swept side by side: the time goes into waiting for the table."""
PASSING: Final = (Contended, CatchingUp)
"""Somebody is writing the wallet, and so booking what is due; or more is due than one turn books. The next run looks
again."""

Failed = Callable[[Wallet, Exception], None]


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run did. ``done``: every wallet that was due had its turn before the time was up."""

    wallets: int = 0
    entries: int = 0
    failed: int = 0
    done: bool = True

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.wallets + other.wallets,
            self.entries + other.entries,
            self.failed + other.failed,
            self.done and other.done,
        )


def sweep(
    executor: Executor, shards: Iterable[int], now: int, time_left: Callable[[], bool], failed: Failed
) -> Swept:
    """Books what is due by ``now`` in the wallets of these shards, several shards at a time.

    It can stop anywhere: what is not booked is still in the index, and the next run finds it. A wallet that fails is
    passed to ``failed`` and left for the next run; the others go on.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        runs = pool.map(lambda shard: _shard(executor, shard, now, time_left, failed), shards)
        return sum(runs, Swept())


def _shard(executor: Executor, shard: int, now: int, time_left: Callable[[], bool], failed: Failed) -> Swept:
    """Books what is due in the wallets of one shard."""
    booked: list[int] = []

    def book(wallet: Wallet) -> None:
        booked.append(_book(executor, wallet, now))

    ended = sweeps.sweep(_listed(executor, shard, now), book, time_left, failed, PASSING)
    return Swept(len(booked), sum(booked), ended.failed, ended.done)


def _listed(executor: Executor, shard: int, now: int) -> Iterator[Wallet]:
    """Yields the wallets of a shard that may have something due, each read shortly before its turn."""
    for names in due.wallets(executor.tables, shard, now):
        yield from wallets.load_many(executor.tables, names)


def _book(executor: Executor, wallet: Wallet, now: int) -> int:
    """Books what is due in one wallet. Returns how many entries that took."""
    context = WalletContext(executor.unit(wallet.unit), 0, Snapshot(wallet))
    # A wallet that is ahead of ``now`` (it was written meanwhile) is booked to its own last instant.
    booked = executor.book_due(context, Moment(max(now, wallet.at)))
    if booked.wallet.version == wallet.version:
        # Nothing was due: what the bound stood for was burned. A commit that books something moves it itself.
        due.postpone(executor.tables, booked.wallet, booked.next_change)
    return booked.wallet.version - wallet.version
