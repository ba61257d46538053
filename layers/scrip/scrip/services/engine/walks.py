"""Walks through the wallets that the index lists as due, several at a time.

Does not own what is done to them (``wallets.sweep``, ``notifications.notices``), nor the loop over them (``sweeps``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Final, TypeVar

from scrip.domain.wallets.wallet import Wallet
from scrip.services.engine.executor import Executor
from scrip.store import due, keys, wallets

T = TypeVar("T")
SHARDS: Final = keys.SHARDS
"""The index's partitions, numbered from 0."""
WORKERS: Final = 16
"""Wallets worked on side by side: the time goes into waiting for the table. As many as the client has connections."""


def walk(
    executor: Executor, shards: Iterable[int], now: int, work: Callable[[Iterator[Wallet]], T]
) -> list[T]:
    """Gives the wallets that may have something due by ``now`` to several workers. Returns what each of them returned.

    Each begins with a shard of its own, and helps with the others when it is done: so a shard in which much is due, or
    one wallet of it, does not keep the rest. It can stop anywhere: what is left is still in the index.

    Args:
        work: is given the wallets of a worker, each read shortly before its turn, oldest first.
    """
    listed = [_Listed(executor, shard, now) for shard in shards]

    def begin(number: int) -> T:
        turn = number % len(listed)
        return work(wallet for one in (*listed[turn:], *listed[:turn]) for wallet in one.taken())

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(begin, range(WORKERS)))


class _Listed:
    """The wallets of a shard that may have something due, each given to one worker, oldest first."""

    def __init__(self, executor: Executor, shard: int, now: int) -> None:
        pages = due.wallets(executor.tables, shard, now)
        self._wallets = (wallet for names in pages for wallet in wallets.load_many(executor.tables, names))
        self._lock = Lock()

    def taken(self) -> Iterator[Wallet]:
        """Yields the wallets that nobody else has taken, each read shortly before its turn."""
        while True:
            with self._lock:
                wallet = next(self._wallets, None)
            if wallet is None:
                return
            yield wallet
