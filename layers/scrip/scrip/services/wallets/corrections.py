"""Voids, reversals, adjustments, and a wallet's standing, as callers ask for them."""

from __future__ import annotations

from typing import Literal

from scrip.domain.credits.amounts import parse_amount, parse_optional
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import NotFound
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import corrections, grants
from scrip.domain.wallets import status as standing
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Status
from scrip.services.engine.executor import Executor, Result
from scrip.services.engine.requests import About, Caller, cause_of, execute_for
from scrip.services.wallets.grants import LotTerms, on_terms
from scrip.store import ledger

Direction = Literal["credit", "debit"]


def void(
    executor: Executor, account: str, unit_id: str, seq: int, amount: str | None, about: About, caller: Caller
) -> tuple[Result, Unit]:
    """Takes back what is left of a lot. Raises as ``domain.undoing.void``, and ``NotFound`` for an unknown unit."""
    context = executor.context(account, unit_id)
    steps = parse_optional(amount, context.unit.precision)
    command = {"lot": seq, "amount": None if steps is None else str(steps)}
    cause = cause_of("void", account, unit_id, caller, about, command)
    return execute_for(
        executor,
        context,
        caller,
        cause,
        lambda draft, now: corrections.void(draft, corrections.Void(seq, steps), now, cause),
    )


def reverse(
    executor: Executor,
    account: str,
    unit_id: str,
    entry_id: str,
    amount: str | None,
    about: About,
    caller: Caller,
) -> tuple[Result, Unit]:
    """Undoes a burn, whole or in part. Raises as ``domain.undoing.reverse``, and ``NotFound`` for an unknown unit or
    entry."""
    context = executor.context(account, unit_id)
    steps = parse_optional(amount, context.unit.precision)
    command = {"burn": entry_id, "amount": None if steps is None else str(steps)}
    cause = cause_of("reversal", account, unit_id, caller, about, command)
    burned = ledger.find(executor.tables, account, unit_id, entry_id)
    if burned is None:
        raise NotFound(f"there is no entry {entry_id}", entry_id=entry_id)
    return execute_for(
        executor,
        context,
        caller,
        cause,
        lambda draft, now: corrections.reverse(draft, corrections.Reverse(burned, steps), now, cause),
    )


def adjust(
    executor: Executor,
    account: str,
    unit_id: str,
    direction: Direction,
    amount: str,
    terms: LotTerms,
    about: About,
    caller: Caller,
) -> tuple[Result, Unit]:
    """Corrects a balance that is wrong for a reason nothing else fits: a ``credit`` makes a lot on these terms, a
    ``debit`` takes credits in burn order.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, InsufficientCredits, WalletClosed, WalletFrozen, PolicyViolation,
        KeyReused.
    """
    context = executor.context(account, unit_id)
    steps = parse_amount(amount, context.unit.precision)
    command = {"direction": direction, "amount": str(steps), **terms.to_json()}
    cause = cause_of("adjustment", account, unit_id, caller, about, command)

    def act(draft: Draft, now: int) -> Entry:
        if direction == "debit":
            return corrections.debit(draft, corrections.Debit(steps), now, cause)
        order = on_terms(steps, terms, context.unit.policy, now, about.note())
        return grants.grant(draft, order, context.unit.policy, now, cause, kind="adjustment")[0]

    return execute_for(executor, context, caller, cause, act)


def set_status(
    executor: Executor, account: str, unit_id: str, status: Status, about: About, caller: Caller
) -> tuple[Result, Unit]:
    """Freezes, unfreezes or closes a wallet. Raises as ``domain.standing.stand``, and ``NotFound``."""
    context = executor.context(account, unit_id)
    cause = cause_of(status, account, unit_id, caller, about, {})
    return execute_for(
        executor, context, caller, cause, lambda draft, now: standing.set_status(draft, status, now, cause)
    )
