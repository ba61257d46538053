"""Holds, as callers ask for them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from scrip.domain.credits import calendar, limits
from scrip.domain.credits.amounts import parse_amount, parse_optional
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.units import OverCapture, Unit
from scrip.domain.wallets import holds
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.holds import Hold
from scrip.services.engine.executor import Executor, Moment, Result
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.services.engine.requests import About, Caller, cause_of, execute


@dataclass(frozen=True, slots=True)
class HoldTerms:
    """What is to be held, for how long (ISO 8601), and for which meter; ``over_capture`` None: as the unit says."""

    amount: str
    expires_in: str
    over_capture: OverCapture | None = None
    meter: str | None = None


def place(
    executor: Executor, account: str, unit_id: str, terms: HoldTerms, about: About, caller: Caller
) -> tuple[Result, Unit]:
    """Sets credits aside. Raises as ``domain.holds.place``, and ``NotFound`` for an unknown unit."""
    context = executor.context(account, unit_id)
    steps = parse_amount(terms.amount, context.unit.precision)
    command = {**asdict(terms), "amount": str(steps)}
    cause = cause_of("hold", account, unit_id, caller, about, command)

    def act(draft: Draft, now: int) -> Entry:
        deadline = calendar.after(now, terms.expires_in, "expires_in")
        policy = context.unit.policy
        over = terms.over_capture or policy.over_capture
        return holds.place(draft, steps, deadline, over, policy, now, cause, terms.meter)

    return execute(executor, context, caller, cause, act)


def capture(
    executor: Executor,
    account: str,
    unit_id: str,
    seq: int,
    amount: str | None,
    final: bool,
    about: About,
    caller: Caller,
) -> tuple[Result, Unit]:
    """Spends held credits. Raises as ``domain.holds.capture``, and ``NotFound`` for an unknown unit."""
    context = executor.context(account, unit_id)
    steps = parse_optional(amount, context.unit.precision)
    command = {"hold": seq, "amount": _text(steps), "final": final}
    cause = cause_of("capture", account, unit_id, caller, about, command)

    def act(draft: Draft, now: int) -> Entry | None:
        return holds.capture(draft, seq, steps, final, context.unit.policy, now, cause)

    return execute(executor, context, caller, cause, act)


def release(
    executor: Executor, account: str, unit_id: str, seq: int, about: About, caller: Caller
) -> tuple[Result, Unit]:
    """Gives held credits back. Raises as ``domain.holds.release``, and ``NotFound`` for an unknown unit."""
    context = executor.context(account, unit_id)
    cause = cause_of("release", account, unit_id, caller, about, {"hold": seq})
    return execute(executor, context, caller, cause, lambda draft, now: holds.release(draft, seq, now, cause))


def extend(
    executor: Executor, account: str, unit_id: str, seq: int, expires_in: str, about: About, caller: Caller
) -> tuple[Result, Unit]:
    """Moves a hold's deadline. Raises as ``domain.holds.extend``, and ``NotFound`` for an unknown unit."""
    context = executor.context(account, unit_id)
    command: dict[str, Any] = {"hold": seq, "expires_in": expires_in}
    cause = cause_of("extend", account, unit_id, caller, about, command)

    def act(draft: Draft, now: int) -> Entry:
        return holds.extend(draft, seq, calendar.after(now, expires_in, "expires_in"), now, cause)

    return execute(executor, context, caller, cause, act)


def get(executor: Executor, account: str, unit_id: str, seq: int, moment: Moment) -> tuple[Hold, Unit]:
    """A hold as it is now: timed out at its deadline, whether or not that is booked.

    Raises:
        NotFound: there is no such unit or hold.
    """
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> Hold:
        apply_all_due(draft, now)
        return holds.find(draft, seq)

    return read(executor, context, view), context.unit


def check_expires_in(text: str) -> str:
    """The duration, if a hold may last so long; ``ValueError`` otherwise. Of calendar months and years none may."""
    calendar.check_duration(text)
    try:
        end = calendar.after(0, text, "expires_in")
    except InvalidRequest as error:
        raise ValueError("must be at most seven days") from error
    if end > limits.HOLD_MS:
        raise ValueError("must be at most seven days")
    return text


def _text(steps: int | None) -> str | None:
    return None if steps is None else str(steps)
