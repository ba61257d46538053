"""Holds, as callers ask for them: credits set aside, captured, released, extended; and how one is now.

Owns the commands and their fingerprints. Does not own the decisions (``domain.wallets.holds``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from scrip.domain.credits import calendar, limits, members
from scrip.domain.credits.amounts import parse_amount, parse_optional
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.units import OverCapture, Unit
from scrip.domain.wallets import holds
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.holds import Hold
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.services.engine.requests import WalletCommand


@dataclass(frozen=True, slots=True)
class PlaceHold(WalletCommand):
    """Sets credits aside.

    Attributes:
        expires_in: how long (ISO 8601).
        over_capture: what becomes of captures of more than is held; None: as the unit's policy says.
        meter: what the credits are for, None where no meter counts it.
    """

    operation: ClassVar[str] = "hold"
    amount: str
    expires_in: str
    over_capture: OverCapture | None = None
    meter: str | None = None

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the hold as it is asked for, the amount in steps."""
        return {**members.of(self), "amount": str(parse_amount(self.amount, unit.precision))}

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
        """Places the hold. Raises as ``domain.wallets.holds.place``."""
        steps, policy = parse_amount(self.amount, context.unit.precision), context.unit.policy
        deadline = calendar.after(now, self.expires_in, "expires_in")
        wanted = Hold(0, steps, deadline, self.over_capture or policy.over_capture, (), self.meter)
        return holds.place(draft, wanted, policy, now, cause)


@dataclass(frozen=True, slots=True)
class CaptureHold(WalletCommand):
    """Spends held credits.

    Attributes:
        seq: names the hold within its wallet.
        amount: None for all that is held.
        final: what is still held then is given back.
    """

    operation: ClassVar[str] = "capture"
    seq: int
    amount: str | None = None
    final: bool = True

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the capture as it is asked for, the amount in steps."""
        steps = parse_optional(self.amount, unit.precision)
        return {"hold": self.seq, "amount": None if steps is None else str(steps), "final": self.final}

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry | None:
        """Captures. Raises as ``domain.wallets.holds.capture``."""
        unit = context.unit
        steps = parse_optional(self.amount, unit.precision)
        return holds.capture(draft, holds.Capture(self.seq, unit.policy, steps, self.final), now, cause)


@dataclass(frozen=True, slots=True)
class ReleaseHold(WalletCommand):
    """Gives held credits back. ``seq`` names the hold within its wallet."""

    operation: ClassVar[str] = "release"
    seq: int

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the name of the hold."""
        return {"hold": self.seq}

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry | None:
        """Releases. Raises as ``domain.wallets.holds.release``."""
        return holds.release(draft, self.seq, now, cause)


@dataclass(frozen=True, slots=True)
class ExtendHold(WalletCommand):
    """Moves a hold's deadline to ``expires_in`` (ISO 8601) from now. ``seq`` names the hold within its wallet."""

    operation: ClassVar[str] = "extend"
    seq: int
    expires_in: str

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the name of the hold and the duration."""
        return {"hold": self.seq, "expires_in": self.expires_in}

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
        """Extends. Raises as ``domain.wallets.holds.extend``."""
        deadline = calendar.after(now, self.expires_in, "expires_in")
        return holds.extend(draft, self.seq, deadline, now, cause)


def get(executor: Executor, account: str, unit_id: str, seq: int, moment: Moment) -> tuple[Hold, Unit]:
    """Returns a hold as it is now, and its unit: timed out at its deadline, whether or not that is booked.

    Raises:
        NotFound: there is no such unit or hold.
    """
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> Hold:
        apply_all_due(draft, now)
        return holds.find(draft, seq)

    return read(executor, context, view), context.unit


def of_entry(executor: Executor, entry: Entry) -> Hold:
    """Returns the hold that an entry is of, as it was right after it, with its draws.

    Those of a hold over many lots are read, unless they are remembered: they never change.
    """
    hold = Hold.from_json(entry.extra["hold"])
    if not hold.apart:
        return hold
    drawn = executor.sidecar(entry.account, entry.unit, (holds.DRAWN, hold.name))
    assert drawn
    return hold.with_draws(drawn)


def check_expires_in(text: str) -> str:
    """Returns the duration, if a hold may last so long. Of calendar months and years none may.

    Raises:
        ValueError: it is no duration, or longer than seven days.
    """
    calendar.check_duration(text)
    try:
        end = calendar.after(0, text, "expires_in")
    except InvalidRequest as error:
        raise ValueError("must be at most seven days") from error
    if end > limits.HOLD_MS:
        raise ValueError("must be at most seven days")
    return text
