"""How long this invocation of the function still lasts, and what may yet begin in it.

So a request is answered, or told to come again, before Lambda ends it: who catches up with a wallet looks here between
two calls. Lambda runs one invocation of a process at a time; its threads share the time. Outside Lambda nothing ends.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import Any, Final

from botocore.exceptions import ReadTimeoutError

CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 3
ATTEMPTS: Final = 2
"""How long a client of AWS waits for a connection and for an answer, and how often it tries."""
MARGIN_SECONDS: Final = CONNECT_SECONDS + READ_SECONDS + 0.5
"""Seconds that must be left for another call to begin: its one attempt at its longest, and the answer."""


@dataclass(slots=True)
class _Invocation:
    ends: float | None = None


@cache
def _present() -> _Invocation:
    return _Invocation()


@contextmanager
def lasting(context: Any) -> Iterator[None]:
    """Bounds the time of what is done meanwhile by that of Lambda's ``context``; None: by nothing."""
    present = _present()
    if context is not None:
        present.ends = time.monotonic() + context.get_remaining_time_in_millis() / 1000
    try:
        yield
    finally:
        present.ends = None


def seconds_left() -> float:
    """Returns the seconds until this invocation's time is up."""
    ends = _present().ends
    return inf if ends is None else ends - time.monotonic()


def in_time() -> bool:
    """Returns whether another call may begin, and still be answered for."""
    return seconds_left() > MARGIN_SECONDS


def no_late_retry(request: Any, **_: Any) -> None:
    """Ends a call of AWS whose further attempt could outlast the invocation. Called by botocore before each attempt.

    Raises:
        ReadTimeoutError: in place of that attempt; the call fails as if it had not been answered.
    """
    if b"attempt=1" not in _bytes(request.headers["amz-sdk-request"]) and not in_time():
        raise ReadTimeoutError(endpoint_url=request.url)


def _bytes(header: str | bytes) -> bytes:
    return header if isinstance(header, bytes) else header.encode()
