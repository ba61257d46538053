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
        if failed.attempts >= self.attempts or not may_repeat(failed, repeatable=call.repeatable):
            return None
        wait = self.pause(failed.attempts, failed.retry_after)
        return wait if elapsed + wait < self.seconds else None

    def pause(self, failures: int, asked: float | None = None) -> float:
        """Returns how many seconds to wait after so many failures; ``asked`` is what Scrip asks for."""
        least = self.first_wait * 2 ** min(failures - 1, 32) if asked is None else asked
        return (min(self.longest_wait, least) if asked is None else least) * (1 + random.random() / 2)


def may_repeat(failed: ScripError, *, repeatable: bool = True) -> bool:
    """Tells whether what failed so may be sent again: where it was not carried out, or where once more is the same as
    once (``repeatable``)."""
    if isinstance(failed, Refused):
        return failed.code in NOTHING_DONE or (failed.code in PERHAPS_DONE and repeatable)
    if isinstance(failed, GatewayRefused):
        return failed.status == 429 or (failed.status >= 500 and repeatable)
    if isinstance(failed, NotReached):
        return repeatable or not failed.sent
    return isinstance(failed, NotUnderstood) and failed.status >= 500 and repeatable
