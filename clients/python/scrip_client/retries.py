"""Whether, and when, a call is sent again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final

from scrip_client.calls import Call
from scrip_client.errors import GatewayRefused, NotReached, NotUnderstood, Refused, ScripError

NOTHING_DONE: Final = frozenset(["contended"])
"""Refusals that say that nothing was done, and that the same request may do better."""
PERHAPS_DONE: Final = frozenset(["throttled", "unavailable"])
"""Refusals after which the same request may be sent again, and it is not known whether it was carried out."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often, and for how long, a call is sent.

    Attributes:
        attempts: how often it is sent at most. 1: it is not sent again.
        seconds: how long all of it may take, waits included.
        first_wait: seconds that are waited before the second attempt; then twice as many, and so on. Up to half of it
            more is added at random, so that those who were refused together do not come back together.
        longest_wait: where this ends. Instead of either, Scrip may say how long to wait (``Retry-After``).
    """

    attempts: int = 5
    seconds: float = 30.0
    first_wait: float = 0.25
    longest_wait: float = 8.0

    def wait(self, call: Call[Any], failed: ScripError, elapsed: float) -> float | None:
        """Returns how many seconds to wait before the call is sent again; None: it is not.

        Args:
            call: what was sent.
            failed: what became of it; it knows how often it was sent.
            elapsed: seconds since it was sent for the first time.
        """
        if failed.attempts >= self.attempts or not may_repeat(call, failed):
            return None
        least = failed.retry_after
        if least is None:
            least = min(self.longest_wait, self.first_wait * 2 ** (failed.attempts - 1))
        wait = least * (1 + random.random() / 2)
        return wait if elapsed + wait < self.seconds else None


def may_repeat(call: Call[Any], failed: ScripError) -> bool:
    """Tells whether a call that failed so may be sent again: where it was not carried out, or where once more is the
    same as once."""
    if isinstance(failed, Refused):
        return failed.code in NOTHING_DONE or (failed.code in PERHAPS_DONE and call.repeatable)
    if isinstance(failed, GatewayRefused):
        return failed.status == 429 or (failed.status >= 500 and call.repeatable)
    if isinstance(failed, NotReached):
        return call.repeatable or not failed.sent
    return isinstance(failed, NotUnderstood) and failed.status >= 500 and call.repeatable
