"""Limits of requests a second: each environment takes a key's requests in blocks, all together no more than the limit.

A block is a tenth of the limit, at least one request. The keys table holds which blocks were taken within the last
second, and a block is taken only where those and it are within the limit. What an environment has not used of a block
after a second is lost. So in any second a key has its limit at most, and in each environment what was left of a block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from scrip.domain.credits.errors import Refusal, Throttled
from scrip.store.api_keys import ApiKeys, Handed
from scrip.store.documents import NEW

SECOND_MS: Final = 1000
BLOCKS: Final = 10
"""How many blocks a second has, where the limit is not smaller."""
TRIES: Final = 8
"""How often a block is tried again that another environment was faster with."""
REMEMBERED: Final = 1000
"""Keys that are remembered at the same time."""


@dataclass(slots=True)
class _Block:
    """What an environment has of a key. Instants are epoch milliseconds.

    Attributes:
        left: requests that may still be answered, until ``ends_at``.
        shut_until: the instant before which there is nothing to take.
        seen: what the table had when it was written, or read, last.
    """

    left: int = 0
    ends_at: int = 0
    shut_until: int = 0
    seen: Handed = field(default_factory=lambda: Handed(NEW, []))


class RateLimits:
    """The limited keys that this environment answers. ``now`` is the clock, in epoch milliseconds."""

    def __init__(self, store: ApiKeys, now: Callable[[], int]) -> None:
        self._store, self._now = store, now
        self._blocks: dict[str, _Block] = {}

    def take(self, key_id: str, limit: int) -> None:
        """Counts one request of a key; asks the table once for each block.

        A table that does not answer limits nobody: the limit is there to spare the callers each other, not to guard
        anything.

        Raises:
            Throttled: the key had ``limit`` requests within the last second.
        """
        block, now = self._block(key_id), self._now()
        if block.left <= 0 or now >= block.ends_at:
            if now < block.shut_until:
                raise self._throttled(limit, block.shut_until - now)
            try:
                self._fetch(block, key_id, limit)
            except Throttled as refusal:
                if refusal.wait_ms is not None:
                    raise
                block.left, block.ends_at = max(1, limit // BLOCKS), now + SECOND_MS // BLOCKS
            except Refusal:
                block.left, block.ends_at = max(1, limit // BLOCKS), now + SECOND_MS // BLOCKS
        block.left -= 1

    def _block(self, key_id: str) -> _Block:
        """Returns what there is of a key; the key that was seen first is forgotten where there are too many."""
        block = self._blocks.get(key_id)
        if block is None:
            if len(self._blocks) >= REMEMBERED:
                del self._blocks[next(iter(self._blocks))]
            block = self._blocks[key_id] = _Block()
        return block

    def _fetch(self, block: _Block, key_id: str, limit: int) -> None:
        """Takes the next block of a key.

        Raises:
            Throttled: there is none yet, or others are faster; with ``wait_ms``. Without: the table is busy.
            Unavailable: the table does not answer.
        """
        for _ in range(TRIES):
            now = self._now()
            # What others took since is not in it, so that it can only be more.
            recent = [(at, count) for at, count in block.seen.taken if at > now - SECOND_MS]
            size = min(max(1, limit // BLOCKS), limit - sum(count for _, count in recent))
            if size < 1:
                block.shut_until = min(at for at, _ in recent) + SECOND_MS
                raise self._throttled(limit, block.shut_until - now)
            wanted = Handed(block.seen.rev, [*recent, (now, size)])
            faster = self._store.hand(key_id, wanted, now)
            if faster is None:
                block.seen = Handed(wanted.rev + 1, wanted.taken)
                block.left, block.ends_at = size, now + SECOND_MS
                return
            block.seen = faster
        raise self._throttled(limit, SECOND_MS // BLOCKS)

    @staticmethod
    def _throttled(limit: int, wait_ms: int) -> Throttled:
        refusal = Throttled(f"this key may send {limit} requests a second", rate_limit=limit)
        refusal.wait_ms = wait_ms
        return refusal
