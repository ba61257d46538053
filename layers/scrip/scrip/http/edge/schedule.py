"""Reads events of a schedule: their instant, and the part of the work that they ask for.

An event that is not as the template writes it is refused before anything is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrip import runtime
from scrip.domain.credits.errors import InvalidRequest
from scrip.http.edge.parameters import instant
from scrip.services.engine.executor import Moment


def now(event: Mapping[str, Any]) -> int:
    """Returns the event's instant, in epoch milliseconds, where it is in the past or the test clock is enabled.

    Otherwise it returns this machine's clock.

    Raises:
        InvalidRequest: ``time`` is no instant.
    """
    clock, time = runtime.now(), event.get("time")
    if time is None:
        return clock
    if not isinstance(time, str):
        raise InvalidRequest([("time", "must be a text")])
    said = instant(time, "time")
    return said if said <= clock or runtime.settings().test_clock else clock


def moment(event: Mapping[str, Any]) -> Moment:
    """Returns the moment at which wallets are changed: ``now``, which the test clock pins where it is enabled.

    Raises:
        InvalidRequest: as ``now``.
    """
    pinned = event.get("time") is not None and runtime.settings().test_clock
    return Moment(now(event), pinned=pinned, yields=True)


def shards(event: Mapping[str, Any], count: int) -> range:
    """Returns the shards from the first to the last that ``shards`` names, of ``count``; all where it is missing.

    Raises:
        InvalidRequest: there are no such shards. A sweep of none would look like one with nothing to do.
    """
    named = event.get("shards")
    if named is None:
        return range(count)
    if isinstance(named, list) and [type(one) for one in named] == [int, int]:
        first, last = named
        if 0 <= first <= last < count:
            return range(first, last + 1)
    raise InvalidRequest([("shards", f"must be the first and the last of 0 to {count - 1}")])
