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
from scrip.domain.wallets.draft import Book
from scrip.domain.wallets.holds import Hold
from scrip.services.engine.executor import Done, Moment, Teller
from scrip.services.engine.requests import About, Caller, carry_out, cause_of
from scrip.services.wallets.balances import look, reading_instant, settled


@dataclass(frozen=True, slots=True)
class HoldTerms:
    """What is to be held, for how long (ISO 8601), and for which meter; ``over_capture`` None: as the unit says."""

    amount: str
    expires_in: str
    over_capture: OverCapture | None = None
    meter: str | None = None


def place(
    teller: Teller, account: str, unit_id: str, terms: HoldTerms, about: About, caller: Caller
) -> tuple[Done, Unit]:
    """Sets credits aside. Raises as ``domain.holds.place``, and ``NotFound`` for an unknown unit."""
    desk = teller.desk(account, unit_id)
    steps = parse_amount(terms.amount, desk.unit.precision)
    command = {**asdict(terms), "amount": str(steps)}
    cause = cause_of("hold", account, unit_id, caller, about, command)

    def act(book: Book, now: int) -> Entry:
        deadline = calendar.after(now, terms.expires_in, "expires_in")
        policy = desk.unit.policy
        over = terms.over_capture or policy.over_capture
        return holds.place(book, steps, deadline, over, policy, now, cause, terms.meter)

    return carry_out(teller, desk, caller, cause, act)


def capture(
    teller: Teller,
    account: str,
    unit_id: str,
    seq: int,
    amount: str | None,
    final: bool,
    about: About,
    caller: Caller,
) -> tuple[Done, Unit]:
    """Spends held credits. Raises as ``domain.holds.capture``, and ``NotFound`` for an unknown unit."""
    desk = teller.desk(account, unit_id)
    steps = parse_optional(amount, desk.unit.precision)
    command = {"hold": seq, "amount": _text(steps), "final": final}
    cause = cause_of("capture", account, unit_id, caller, about, command)

    def act(book: Book, now: int) -> Entry | None:
        return holds.capture(book, seq, steps, final, desk.unit.policy, now, cause)

    return carry_out(teller, desk, caller, cause, act)


def release(
    teller: Teller, account: str, unit_id: str, seq: int, about: About, caller: Caller
) -> tuple[Done, Unit]:
    """Gives held credits back. Raises as ``domain.holds.release``, and ``NotFound`` for an unknown unit."""
    desk = teller.desk(account, unit_id)
    cause = cause_of("release", account, unit_id, caller, about, {"hold": seq})
    return carry_out(teller, desk, caller, cause, lambda book, now: holds.release(book, seq, now, cause))


def extend(
    teller: Teller, account: str, unit_id: str, seq: int, expires_in: str, about: About, caller: Caller
) -> tuple[Done, Unit]:
    """Moves a hold's deadline. Raises as ``domain.holds.extend``, and ``NotFound`` for an unknown unit."""
    desk = teller.desk(account, unit_id)
    command: dict[str, Any] = {"hold": seq, "expires_in": expires_in}
    cause = cause_of("extend", account, unit_id, caller, about, command)

    def act(book: Book, now: int) -> Entry:
        return holds.extend(book, seq, calendar.after(now, expires_in, "expires_in"), now, cause)

    return carry_out(teller, desk, caller, cause, act)


def get(teller: Teller, account: str, unit_id: str, seq: int, moment: Moment) -> tuple[Hold, Unit]:
    """A hold as it is now: timed out at its deadline, whether or not that is booked.

    Raises:
        NotFound: there is no such unit or hold.
    """
    desk = teller.desk(account, unit_id, fresh=True)
    now = reading_instant(desk.snapshot.wallet, moment)

    def seen(book: Book) -> Hold:
        settled(book, now)
        return holds.find(book, seq)

    return look(teller, desk, seen), desk.unit


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
