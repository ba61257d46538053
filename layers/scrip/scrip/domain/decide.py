"""What a caller asked for: pure decisions. Each changes a book and records entries, or raises a refusal by name.

A new operation is a new function here (or beside): neither the book nor the store changes for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scrip.domain import limits
from scrip.domain.book import Book
from scrip.domain.entries import Cause, Draw, Entry
from scrip.domain.errors import (
    AmountOutOfRange,
    Crowded,
    InsufficientCredits,
    InvalidRequest,
    PolicyViolation,
    Steps,
    WalletClosed,
    WalletFrozen,
)
from scrip.domain.lots import Kind, Lot, Money
from scrip.domain.settle import money, repaid
from scrip.domain.units import Policy

Mode = Literal["exact", "up_to"]


@dataclass(frozen=True, slots=True)
class Grant:
    """Adds credits. Amount in steps, instants in milliseconds; ``effective_at`` None is now.

    ``note`` is what is kept of the lot beside its numbers (source, metadata, terms, tax), as JSON values.
    """

    amount: int
    kind: Kind
    priority: int = limits.DEFAULT_PRIORITY
    effective_at: int | None = None
    expires_at: int | None = None
    cost: Money | None = None
    note: Mapping[str, Any] | None = None


def grant(book: Book, command: Grant, policy: Policy, now: int, cause: Cause) -> tuple[Entry, Lot]:
    """The wallet has a new lot.

    Raises:
        InvalidRequest: it would begin before now, or end before it begins.
        AmountOutOfRange: the wallet would hold more than the largest total.
        WalletClosed: a closed wallet takes nothing in.
    """
    effective_at = command.effective_at if command.effective_at is not None else now
    if effective_at < now:
        raise InvalidRequest([("effective_at", "must not be in the past")])
    if command.expires_at is not None and command.expires_at <= effective_at:
        raise InvalidRequest([("expires_at", "must be later than now and than effective_at")])
    _within_range(book, command.amount)
    opened(book)
    inclusive = command.expires_at is not None and policy.expiry_boundary == "inclusive"
    lot = Lot(
        seq=book.next_seq,
        kind=command.kind,
        granted=command.amount,
        remaining=command.amount,
        effective_at=effective_at,
        expires_at=command.expires_at + inclusive if command.expires_at is not None else None,
        priority=command.priority,
        cost=command.cost,
        basis=command.cost.amount if command.cost else 0,
        n=command.amount if command.cost else 0,
        inclusive=inclusive,
        noted=bool(command.note),
        repays=policy.repay_first,
    )
    if command.note:
        book.notes[lot.seq] = command.note
    draws: list[Draw] = []
    if effective_at > now:
        book.add_pending(lot)
    else:
        lot, draws = repaid(book, lot)
        book.add(lot)
    return book.record("grant", draws, now, cause, {"lot": lot_facts(lot)}), lot


def burn(book: Book, amount: int, mode: Mode, policy: Policy, now: int, cause: Cause) -> Entry:
    """Spends ``amount`` steps, or in mode ``up_to`` what there is of it.

    The policy's overdraft pays what an exact burn lacks; ``up_to`` takes what is there and makes no debt.

    Raises:
        WalletClosed, WalletFrozen: nothing is spent from such a wallet.
        InsufficientCredits: mode ``exact``, and there is less than that.
        PolicyViolation: mode ``exact``, and more lots would be touched than one commit can hold.
        Crowded: it would fit, were it not for the entries that time made.
    """
    _active(book)
    available = book.totals.available
    overdraft = max(0, policy.overdraft_limit - book.totals.owed)
    if mode == "exact" and amount > available + overdraft:
        raise InsufficientCredits(required=amount, available=available)
    wanted = min(amount, available)
    draws = draw(book, wanted)
    taken = sum(draw.amount for draw in draws)
    if taken < wanted:
        if book.entries:
            raise Crowded("the burn does not fit beside what was due")
        if mode == "exact":
            raise PolicyViolation(
                "the burn would touch more lots than one commit can hold: burn it in parts",
                policy="max_lots_per_burn",
            )
    if mode == "exact" and amount > taken:
        book.owe(amount - taken)
        taken = amount
    return book.record("burn", draws, now, cause, {"missing": str(amount - taken)})


def lot_facts(lot: Lot) -> dict[str, Any]:
    """A lot as JSON values, as an entry remembers it (amounts in steps)."""
    facts: dict[str, Any] = {
        "seq": lot.seq,
        "kind": lot.kind,
        "granted": str(lot.granted),
        "remaining": str(lot.remaining),
        "priority": lot.priority,
        "effective_at": lot.effective_at,
    }
    if lot.expires_at is not None:
        facts["expires_at"] = lot.expires_at
        facts["inclusive"] = lot.inclusive
    if lot.cost:
        facts["cost"] = [lot.cost.amount, lot.cost.currency]
    return facts


def draw(book: Book, wanted: int) -> list[Draw]:
    """Takes ``wanted`` steps from open lots in their order; less where a commit can hold no more of them."""
    draws: list[Draw] = []
    for lot in book.open_lots():
        if not wanted or book.weight() >= limits.COMMIT_ITEMS - limits.COMMIT_SLACK:
            break
        steps = min(wanted, lot.spendable)
        after, value = lot.less(steps)
        book.replace(lot, after)
        draws.append(Draw(lot.seq, steps, money(lot, value)))
        wanted -= steps
    return draws


def opened(book: Book) -> None:
    """Raises ``WalletClosed`` for a closed wallet: it takes part in nothing any more."""
    if book.status == "closed":
        raise WalletClosed("the wallet is closed for ever")


def _active(book: Book) -> None:
    opened(book)
    if book.status == "frozen":
        raise WalletFrozen("the wallet is frozen: no credits leave it until it is unfrozen")


def _within_range(book: Book, amount: int) -> None:
    if book.totals.total + amount > limits.LARGEST_TOTAL:
        raise AmountOutOfRange(
            "the wallet would hold more than the largest total", largest=Steps(limits.LARGEST_TOTAL)
        )
