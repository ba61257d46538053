"""Voids, reversals, adjustments, and a wallet's standing, as callers ask for them."""

from __future__ import annotations

from typing import Literal

from scrip.domain.credits.amounts import parse_amount, parse_optional
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import corrections, grants
from scrip.domain.wallets import status as standing
from scrip.domain.wallets.draft import Book
from scrip.domain.wallets.wallet import Status
from scrip.services.engine.executor import Done, Teller
from scrip.services.engine.requests import About, Caller, carry_out, cause_of
from scrip.services.wallets.burns import LotTerms, order_of
from scrip.store import ledger

Direction = Literal["credit", "debit"]


def void(
    teller: Teller, account: str, unit_id: str, seq: int, amount: str | None, about: About, caller: Caller
) -> tuple[Done, Unit]:
    """Takes back what is left of a lot. Raises as ``domain.undoing.void``, and ``NotFound`` for an unknown unit."""
    desk = teller.desk(account, unit_id)
    steps = parse_optional(amount, desk.unit.precision)
    command = {"lot": seq, "amount": None if steps is None else str(steps)}
    cause = cause_of("void", account, unit_id, caller, about, command)
    return carry_out(
        teller, desk, caller, cause, lambda book, now: corrections.void(book, seq, steps, now, cause)
    )


def reverse(
    teller: Teller,
    account: str,
    unit_id: str,
    entry_id: str,
    amount: str | None,
    about: About,
    caller: Caller,
) -> tuple[Done, Unit]:
    """Undoes a burn, whole or in part. Raises as ``domain.undoing.reverse``, and ``NotFound`` for an unknown unit or
    entry."""
    desk = teller.desk(account, unit_id)
    steps = parse_optional(amount, desk.unit.precision)
    command = {"burn": entry_id, "amount": None if steps is None else str(steps)}
    cause = cause_of("reversal", account, unit_id, caller, about, command)
    burned = ledger.find(teller.tables, account, unit_id, entry_id)
    if burned is None:
        raise NotFound(f"there is no entry {entry_id}", entry_id=entry_id)
    return carry_out(
        teller, desk, caller, cause, lambda book, now: corrections.reverse(book, burned, steps, now, cause)
    )


def adjust(
    teller: Teller,
    account: str,
    unit_id: str,
    direction: Direction,
    amount: str,
    terms: LotTerms,
    about: About,
    caller: Caller,
) -> tuple[Done, Unit]:
    """Corrects a balance that is wrong for a reason nothing else fits: a ``credit`` makes a lot on these terms, a
    ``debit`` takes credits in burn order.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, InsufficientCredits, WalletClosed, WalletFrozen, PolicyViolation,
        KeyReused.
    """
    desk = teller.desk(account, unit_id)
    steps = parse_amount(amount, desk.unit.precision)
    command = {"direction": direction, "amount": str(steps), **terms.to_json()}
    cause = cause_of("adjustment", account, unit_id, caller, about, command)

    def act(book: Book, now: int) -> Entry:
        if direction == "debit":
            return corrections.debit(book, steps, now, cause)
        order = order_of(steps, terms, desk.unit.policy, now, about.note())
        return grants.grant(book, order, desk.unit.policy, now, cause, kind="adjustment")[0]

    return carry_out(teller, desk, caller, cause, act)


def stand(
    teller: Teller, account: str, unit_id: str, status: Status, about: About, caller: Caller
) -> tuple[Done, Unit]:
    """Freezes, unfreezes or closes a wallet. Raises as ``domain.standing.stand``, and ``NotFound``."""
    desk = teller.desk(account, unit_id)
    cause = cause_of(status, account, unit_id, caller, about, {})
    return carry_out(teller, desk, caller, cause, lambda book, now: standing.stand(book, status, now, cause))
