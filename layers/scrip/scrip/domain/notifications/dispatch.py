"""A dispatch: one event on its way to one endpoint, with its attempts and the instant of the next one.

Owns the schedule of tries. Does not own the call, nor who is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

SECOND_MS: Final = 1000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
WAITS_MS: Final = (
    *(5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS),
    *(2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS, 14 * HOUR_MS, 24 * HOUR_MS),
)
"""Milliseconds after each try that failed until the next: nine tries in 55 hours and a half."""
GONE: Final = 410
"""An answer after which nothing is tried any more."""
ATTEMPTS_KEPT: Final = 30
"""Of a dispatch that was replayed often, the last of its attempts are shown."""

DispatchStatus = Literal["pending", "delivered", "failed"]
"""How a dispatch stands: on its way, answered with a 2xx, or given up."""
CallError = Literal[
    "address_refused", "not_resolved", "no_connection", "tls", "timeout", "bad_answer", "disabled"
]
"""Why a call has no answer, or was not made."""


class DispatchAttempt(NamedTuple):
    """One try: when (epoch milliseconds), the status that it was answered with or what went wrong, and how long it
    took."""

    at: int
    status_code: int | None
    error: CallError | None
    duration_ms: int

    @property
    def delivered(self) -> bool:
        """Tells whether the event has arrived."""
        return self.error is None and self.status_code is not None and 200 <= self.status_code < 300


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One event on its way to one endpoint. Instants are epoch milliseconds.

    Attributes:
        at: the event's.
        tries: attempts since it was first sent, or was last replayed.
        next_attempt_at: None where there is no other.
    """

    event_id: str
    type: str
    at: int
    status: DispatchStatus
    next_attempt_at: int | None
    attempts: tuple[DispatchAttempt, ...] = ()
    tries: int = 0

    def after(self, attempt: DispatchAttempt) -> Dispatch:
        """Returns it after an attempt: delivered, given up, or waiting for the next one."""
        attempts, tries = (*self.attempts, attempt)[-ATTEMPTS_KEPT:], self.tries + 1
        if attempt.delivered:
            return replace(self, status="delivered", next_attempt_at=None, attempts=attempts, tries=tries)
        if attempt.status_code == GONE or tries > len(WAITS_MS):
            return replace(self, status="failed", next_attempt_at=None, attempts=attempts, tries=tries)
        waits = attempt.at + WAITS_MS[tries - 1]
        return replace(self, next_attempt_at=waits, attempts=attempts, tries=tries)

    def given_up(self, attempt: DispatchAttempt) -> Dispatch:
        """Returns it as one that is not tried again."""
        attempts = (*self.attempts, attempt)[-ATTEMPTS_KEPT:]
        return replace(self, status="failed", next_attempt_at=None, attempts=attempts)

    def again(self, at: int) -> Dispatch:
        """Returns it as one that is due at once, with the whole schedule of tries before it."""
        return replace(self, status="pending", next_attempt_at=at, tries=0)
