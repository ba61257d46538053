"""Streams: who numbers the records of a wallet, and which number comes next (law 3).

Each offset of a stream is used once for ever: what lies below the next one is known. The next one is a sidecar that is
written with the records; of a lease the hold keeps it. Does not own the records (``credits.records``).
"""

from __future__ import annotations

from typing import Final

from scrip.domain.credits.errors import InvalidRequest, OffsetGap
from scrip.domain.wallets.draft import Draft

KIND: Final = "stream"
"""The kind of sidecar that keeps the next offset of a stream, under its name."""
LAST_OFFSET: Final = 10**12 - 1
"""The largest offset that an id can write."""


def next_offset(draft: Draft, stream: str) -> int:
    """Returns the offset that the stream goes on with; 0 for one that has no records."""
    sidecar = draft.sidecar(KIND, stream)
    return int(sidecar["next"]) if sidecar else 0


def advance(draft: Draft, stream: str, offset: int) -> None:
    """Keeps the offset that the stream goes on with."""
    draft.keep(KIND, stream, {"next": offset})


def fresh_from(there: int, first: int, count: int, *, skips: bool = False) -> int:
    """Returns how many of ``count`` records from the offset ``first`` on are known, where ``there`` is the next one.

    Args:
        skips: whether offsets in between are given up.

    Raises:
        OffsetGap: there are some, and they are not.
        InvalidRequest: the last offset is too large.
    """
    if first + count - 1 > LAST_OFFSET:
        raise InvalidRequest([("first", f"must leave the last offset at {LAST_OFFSET} or below")])
    if first > there and not skips:
        raise OffsetGap(f"the stream goes on with offset {there}: send what lies between", next=there)
    return min(count, max(0, there - first))
