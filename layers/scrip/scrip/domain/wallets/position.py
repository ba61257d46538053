"""Where a payment stands in a wallet, and the entries that bring it to where its facts say it should (law 9).

Only the difference between what was posted and the target is booked. A grant is never netted: a payment that arrives
after its refund books the whole face, then a clawback. What is given back after all is a reinstatement into the same
lot. Does not own the target: it is computed from facts (``domain.payments.target``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from scrip.domain.credits.entries import Cause, Draw, EntryKind
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import draw
from scrip.domain.wallets.grants import Grant, grant
from scrip.domain.wallets.repayments import (
    Repaid,
    Undone,
    for_lot,
    may_repay,
    owe,
    repaid,
    repaid_by,
    restore,
    undo,
    write_off,
)
from scrip.domain.wallets.status import require_open


@dataclass(frozen=True, slots=True)
class Position:
    """What is posted in the wallet for one payment so far. Each amount is a running sum, never a change.

    Attributes:
        lot: the sequence of the lot it made; 0 before the grant.
        clawed: credit steps taken back because money went back, less those reinstated since.
        refunded: the part of the lot's cost basis that was given back with them, in minor units.
        forgiven: the part of ``clawed`` that was written off before wallets remembered it themselves.
        credited: steps that left the lot because their money, ``kept`` minor units of its cost basis, was not paid back
            and became a lot of its own.
    """

    lot: int = 0
    clawed: int = 0
    refunded: int = 0
    forgiven: int = 0
    credited: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """What a payment's facts say that it should be: sums over all of them, never a change.

    Attributes:
        granted, clawed, frozen: credit steps; clawed and frozen together are never above granted.
        refunded: the part of the cost basis that is given back, minor units of the payment's currency.
    """

    granted: int = 0
    clawed: int = 0
    frozen: int = 0
    refunded: int = 0


CauseOf = Callable[[EntryKind], Cause]
"""Returns the cause of the entry of a kind: each has a key of its own."""


@dataclass(frozen=True, slots=True)
class Post:
    """Brings a payment to where it should stand.

    Attributes:
        face: the lot that the payment makes, should it have made none yet.
        policy: the unit's; its ``refund_shortfall`` is that of the purchase (law 10).
        posted: where the payment stands.
    """

    face: Grant
    policy: Policy
    posted: Position
    target: Target


@dataclass(frozen=True, slots=True)
class Credit:
    """Turns money of a payment that is kept into credit.

    Attributes:
        policy: the unit's, as it is now.
        posted: where the payment stands.
        credited, kept: where these two should stand, cumulative like a target.
        terms: those of the lot that the difference becomes; its amount and cost are not read.
    """

    policy: Policy
    posted: Position
    credited: int
    kept: int
    terms: Grant


def post(draft: Draft, command: Post, now: int, cause: CauseOf) -> Position:
    """Books the difference between what is posted and the target. Returns what is posted now.

    Raises:
        WalletClosed, AmountOutOfRange: the face cannot be granted.
    """
    posted, target = command.posted, command.target
    if not posted.lot:
        _, lot = grant(draft, command.face, command.policy, now, cause("grant"))
        posted = Position(lot=lot.seq)
    if target.clawed > posted.clawed or target.refunded > posted.refunded:
        posted = _claw_back(draft, command.policy, posted, target, now, cause("clawback"))
    elif target.clawed < posted.clawed or target.refunded < posted.refunded:
        posted = _reinstate(draft, posted, target, now, cause("reinstatement"))
    _freeze(draft, posted, target, now, cause)
    return posted


def _claw_back(
    draft: Draft, policy: Policy, posted: Position, target: Target, now: int, cause: Cause
) -> Position:
    """Takes credits back because their money went back. It never fails for lack of them.

    What was burned or is held follows the policy: ``owe`` makes it debt, ``other_lots`` takes it from the wallet's
    other lots first, ``write_off`` forgives it with an entry that says so.
    """
    require_open(draft)
    lot, amount, back = (
        draft.lot(posted.lot),
        target.clawed - posted.clawed,
        target.refunded - posted.refunded,
    )
    taken = min(amount, lot.remaining)
    thawed = max(0, taken - lot.spendable)
    after, recognised = lot._replace(frozen=lot.frozen - thawed).refunded(taken, back)
    short = amount - taken
    draft.replace(lot, after._replace(lacking=lot.lacking or short > 0))
    draws = [Draw(lot.seq, taken)] if taken else []
    purpose = for_lot(draft, lot)
    extra = owe(draft, purpose, short)
    start = int(extra["owes"][0]) if short else 0
    if policy.refund_shortfall == "other_lots" and short:
        others = draw(draft, short, fits=lambda other: may_repay(draft, other, purpose))
        extra |= repaid_by(draft, purpose, start, others)
        draws += others
        paid = sum(other.amount for other in others)
        start, short = start + paid, short - paid
    moved = _moved(lot, back, recognised, short) | ({"thawed": str(thawed)} if thawed else {})
    entry = draft.record("clawback", draws, now, cause, moved | extra)
    if policy.refund_shortfall == "write_off" and short:
        draft.record("write_off", [], now, extra={"of": entry.id, **write_off(draft, purpose, start, short)})
    return replace(posted, clawed=target.clawed, refunded=target.refunded)


def _reinstate(draft: Draft, posted: Position, target: Target, now: int, cause: Cause) -> Position:
    """Gives credits back to their lot: the refund did not happen after all.

    What the clawback found burned is undone first. It was burned indeed, and its money is earned again; so it is owed
    no more, or goes back to the lots that repaid it. Other debt is repaid out of the rest.
    """
    require_open(draft)
    lot, amount, back = (
        draft.lot(posted.lot),
        posted.clawed - target.clawed,
        posted.refunded - target.refunded,
    )
    undone = undo(draft, for_lot(draft, lot), amount) if lot.lacking else Undone()
    unforgiven = min(amount - undone.steps, posted.forgiven)
    given = amount - undone.steps - unforgiven
    after, recognised = lot.refunded(-amount, -back)
    after, value = after.less(amount - given)
    repays = Repaid()
    after = repaid(draft, after, given, repays, ended=after.expired(now))
    draft.replace(lot, after)
    restore(draft, undone.draws, now, repays)
    moved = _moved(lot, -back, recognised + value, 0) | {"given": str(given)}
    extra = {**moved, **undone.extra, "back": len(undone.draws), **repays.extra}
    draft.record("reinstatement", [*undone.draws, *repays.draws], now, cause, extra)
    forgiven = posted.forgiven - unforgiven
    return replace(posted, clawed=target.clawed, refunded=target.refunded, forgiven=forgiven)


def credit(draft: Draft, command: Credit, now: int, cause: CauseOf) -> Position:
    """Takes unspent credits out of the payment's lot with their money, and gives as many back as a lot of their own.

    The money is refunded in the first lot, and cost basis of the second (law 8). The first must have the credits.

    Raises:
        WalletClosed: nothing is granted to such a wallet.
        AmountOutOfRange: never for what was in the wallet before.
    """
    require_open(draft)
    posted = command.posted
    lot, steps, money = draft.lot(posted.lot), command.credited - posted.credited, command.kept - posted.kept
    thawed = max(0, steps - lot.spendable)
    after, recognised = lot._replace(frozen=lot.frozen - thawed).refunded(steps, money)
    draft.replace(lot, after)
    moved = _moved(lot, money, recognised, 0) | ({"thawed": str(thawed)} if thawed else {})
    draft.record("clawback", [Draw(lot.seq, steps)], now, cause("clawback"), moved)
    made = replace(command.terms, amount=steps, cost=lot.value(money))
    grant(draft, made, command.policy, now, cause("grant"))
    return replace(posted, credited=command.credited, kept=command.kept)


def _freeze(draft: Draft, posted: Position, target: Target, now: int, cause: CauseOf) -> None:
    """Freezes or thaws, until the lot's frozen part is what the target says, as far as the lot still has it."""
    lot = draft.find(posted.lot)
    if lot is None:
        return
    frozen = min(target.frozen, lot.remaining)
    change = frozen - lot.frozen
    if not change:
        return
    kind: EntryKind = "freeze" if change > 0 else "thaw"
    draft.replace(lot, lot._replace(frozen=frozen))
    draft.record(kind, [Draw(lot.seq, abs(change), lot.value(0))], now, cause(kind))


def _moved(lot: Lot, refunded: int, recognised: int, short: int) -> dict[str, Any]:
    """Returns what a refund did to the lot's money (minor units), for the entry's ``extra``: it adds up the ledger."""
    return {"lot": lot.seq, "refunded": refunded, "recognised": recognised, "short": str(short)}
