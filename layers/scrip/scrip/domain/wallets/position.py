"""Where a payment stands in a wallet, and the entries that bring it to where its facts say it should (law 9).

Only the difference between what was posted and the target is booked. A grant is never netted: a payment that arrives
after its refund books the whole face, then a clawback. What is given back after all is a reinstatement into the same
lot. Does not own the target: it is computed from facts (``domain.payments.target``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from scrip.domain.credits.entries import Cause, Draw, EntryKind
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import draw
from scrip.domain.wallets.grants import Grant, grant
from scrip.domain.wallets.notes import note_of, of_piece
from scrip.domain.wallets.repayments import (
    Repaid,
    Undone,
    all_of,
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

KEPT: Final = "credit"
"""What the entry of a clawback says of money that was kept and became credit."""


@dataclass(frozen=True, slots=True)
class Position:
    """What is posted in the wallet for one payment so far. Each amount is a running sum, never a change.

    Attributes:
        lot: the sequence of the lot it made; 0 before the grant.
        clawed: credit steps taken back because money went back, less those reinstated since.
        refunded: the part of the lot's cost basis that was given back with them, in minor units.
        forgiven: the part of ``clawed`` that was written off before wallets remembered it themselves.
        credited: steps that left the lot because their money, ``kept`` minor units of its cost basis, was not paid back
            and became a lot of its own; ``kept_tax`` is the tax that went along.
        tax: the tax that was given back with ``refunded``, minor units.
        unused: the part of ``clawed`` that had ended before, unspent (see ``Lot.unused``).
        lost: the part of ``refunded`` that the lot neither had nor had earned: its credits are another lot's.
        facts: the refunds and disputes that were posted, and the minor units that each gave back, tax included.
        granted, basis: what its lot began with, steps and minor units; 0 in what was posted before this was kept.
        frozen: steps of the lot that are frozen.
    """

    lot: int = 0
    clawed: int = 0
    refunded: int = 0
    forgiven: int = 0
    credited: int = 0
    kept: int = 0
    tax: int = 0
    kept_tax: int = 0
    unused: int = 0
    lost: int = 0
    facts: Mapping[str, int] = field(default_factory=dict)
    granted: int = 0
    basis: int = 0
    frozen: int = 0

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values. What not every payment has is left out where it is nothing."""
        said = asdict(self)
        always = ("lot", "clawed", "refunded", "forgiven", "credited", "kept")
        return {name: value for name, value in said.items() if value or name in always}


class OtherPosition(LookupError):
    """The wallet stands elsewhere than the payment that was read: somebody has posted it since."""


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


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What went back of a payment besides cost basis, and by which facts. Sums, as in ``Target``.

    Attributes:
        tax: minor units.
        facts: the refunds and disputes that took something back (``refund:re_1``), and how much: minor units, tax
            included.
    """

    tax: int = 0
    facts: Mapping[str, int] = field(default_factory=dict)

    def since(self, posted: Mapping[str, int]) -> dict[str, int]:
        """Returns the facts that changed since these were posted, and by how much each.

        Refunds are before disputes, each by its id.
        """
        changed = {name for name, amount in self.facts.items() if posted.get(name) != amount}
        names = sorted(changed | (posted.keys() - self.facts.keys()), key=lambda name: (name[0] != "r", name))
        return {name: self.facts.get(name, 0) - posted.get(name, 0) for name in names}


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
    given: GivenBack = GivenBack()


@dataclass(frozen=True, slots=True)
class Credit:
    """Turns money of a payment that is kept into credit.

    Attributes:
        policy: the unit's, as it is now.
        posted: where the payment stands.
        credited, kept, tax: where ``credited``, ``kept`` and ``kept_tax`` should stand, cumulative like a target.
        terms: those of the lot that the difference becomes; its amount, cost and tax are not read.
        fact: names the request, as ``GivenBack.facts`` does.
    """

    policy: Policy
    posted: Position
    credited: int
    kept: int
    terms: Grant
    tax: int = 0
    fact: str | None = None


def post(draft: Draft, command: Post, now: int, cause: CauseOf) -> Position:
    """Books the difference between what is posted and the target. Returns what is posted now.

    Raises:
        WalletClosed, AmountOutOfRange: the face cannot be granted.
        OtherPosition: the wallet does not stand where ``posted`` says.
    """
    posted, target, given = command.posted, command.target, command.given
    if not posted.lot:
        _, lot = grant(draft, command.face, command.policy, now, cause("grant"))
        posted = Position(
            lot=lot.seq,
            granted=command.face.amount,
            basis=command.face.cost.amount if command.face.cost else 0,
        )
    # Tax can go back by itself: then the entry has no credits, and says how much money it was.
    same = (target.clawed, target.refunded) == (posted.clawed, posted.refunded)
    if (
        target.clawed > posted.clawed
        or target.refunded > posted.refunded
        or (same and given.tax > posted.tax)
    ):
        posted = _claw_back(draft, command.policy, posted, target, given, now, cause("clawback"))
    elif not same or given.tax < posted.tax:
        posted = _reinstate(draft, posted, target, given, now, cause("reinstatement"))
    return _freeze(draft, posted, target, now, cause)


def _claw_back(
    draft: Draft,
    policy: Policy,
    posted: Position,
    target: Target,
    given: GivenBack,
    now: int,
    cause: Cause,
) -> Position:
    """Takes credits back because their money went back. It never fails for lack of them.

    First those that are there, then those that ended unspent, whose loss was the customer's already: they make no
    debt. What was spent, moved away or is held follows the policy: ``owe`` makes it debt, ``other_lots`` takes it from
    the wallet's other lots first, ``write_off`` forgives it with an entry that says so.
    """
    require_open(draft)
    lot, amount, back = (
        draft.lot(posted.lot),
        target.clawed - posted.clawed,
        target.refunded - posted.refunded,
    )
    taken = min(amount, lot.remaining)
    unused = min(amount - taken, lot.unused)
    thawed = max(0, taken - lot.spendable)
    freed = lot._replace(frozen=lot.frozen - thawed, unused=lot.unused - unused)
    after, earned, due = freed.refunded(taken, back, given.tax - posted.tax)
    lost = max(0, -earned - _earned_before(lot, posted))
    short = amount - taken - unused
    after = after._replace(returned=lot.returned + back, lost=lot.lost + lost)
    draft.replace(lot, after._replace(lacking=lot.lacking or short > 0))
    draws = [Draw(lot.seq, taken)] if taken else []
    purpose = for_lot(draft, lot)
    extra = owe(draft, [(purpose, short)])
    start = int(extra["owes"][0]) if short else 0
    if policy.refund_shortfall == "other_lots" and short:
        others = draw(draft, short, fits=lambda other: may_repay(draft, other, purpose))
        extra |= repaid_by(draft, purpose, start, others)
        draws += others
        paid = sum(other.amount for other in others)
        start, short = start + paid, short - paid
    moved = _Moved(lot, back, earned + lost, given.tax - posted.tax, due, lost, given.since(posted.facts))
    told = moved.extra(short=short, thawed=thawed, unused=unused)
    entry = draft.record("clawback", draws, now, cause, told | extra)
    if policy.refund_shortfall == "write_off" and short:
        draft.record("write_off", [], now, extra={"of": entry.id, **write_off(draft, purpose, start, short)})
    return replace(
        posted,
        clawed=target.clawed,
        refunded=target.refunded,
        tax=given.tax,
        unused=posted.unused + unused,
        lost=posted.lost + lost,
        facts=given.facts,
    )


def _earned_before(lot: Lot, posted: Position) -> int:
    """Returns what was earned of a payment's lot and not given back, minor units: all that is nowhere else (law 8)."""
    gone = posted.refunded + posted.kept + lot.moved_money - posted.lost
    return max(0, (lot.cost.amount if lot.cost else 0) - lot.deferred - gone)


def _reinstate(
    draft: Draft, posted: Position, target: Target, given: GivenBack, now: int, cause: Cause
) -> Position:
    """Gives credits back to their lot: the refund did not happen after all.

    What the clawback counted last is undone first. What it found spent was spent indeed, and its money is earned again;
    so it is owed no more, or goes back to the lots that repaid it. Likewise what had ended unspent has ended. Other
    debt is repaid out of the rest. What was lost is lost no more.

    Raises:
        OtherPosition: less went back of the lot than is to be undone.
    """
    require_open(draft)
    lot, amount, back = (
        draft.lot(posted.lot),
        posted.clawed - target.clawed,
        posted.refunded - target.refunded,
    )
    tax, found = posted.tax - given.tax, min(back, posted.lost)
    if lot.returned < back or lot.lost < found:
        raise OtherPosition(f"of lot {lot.seq} {lot.returned} went back, {back} are to be undone")
    undone = undo(draft, [all_of(for_lot(draft, lot))], amount) if lot.lacking else Undone()
    unforgiven = min(amount - undone.steps, posted.forgiven)
    missing = undone.steps + unforgiven
    unused = min(amount - missing, posted.unused)
    left = amount - missing - unused
    after, earned, due = lot.refunded(-amount, found - back, -tax)
    for steps in (missing, unused):
        due += after.tax_of(steps) if after.tax_at_redemption else 0
        after, value = after.less(steps)
        earned += value
    repays = Repaid(undone=undone)
    after = after._replace(unused=after.unused + unused, returned=lot.returned - back, lost=lot.lost - found)
    after = repaid(draft, after, left, repays, ended=after.expired(now))
    draft.replace(lot, after)
    restore(draft, (), now, repays)
    moved = _Moved(lot, -back, earned, -tax, due, -found, given.since(posted.facts))
    told = moved.extra(given=left, unused=-unused, short=0)
    extra = {**told, "back": len(undone.draws), **repays.extra}
    draft.record("reinstatement", [*undone.draws, *repays.draws], now, cause, extra)
    return replace(
        posted,
        clawed=target.clawed,
        refunded=target.refunded,
        forgiven=posted.forgiven - unforgiven,
        tax=given.tax,
        unused=posted.unused - unused,
        lost=posted.lost - found,
        facts=given.facts,
    )


def credit(draft: Draft, command: Credit, now: int, cause: CauseOf) -> Position:
    """Takes unspent credits out of the payment's lot with their money, and gives as many back as a lot of their own.

    The money is refunded in the first lot, and cost basis of the second (law 8). Its share of the tax goes along, due
    when it was due, and so does the order that it was paid for (law 7). The first lot must have the credits.

    Raises:
        WalletClosed: nothing is granted to such a wallet.
        AmountOutOfRange: never for what was in the wallet before.
    """
    require_open(draft)
    posted = command.posted
    lot, steps, money = draft.lot(posted.lot), command.credited - posted.credited, command.kept - posted.kept
    tax, note = command.tax - posted.kept_tax, note_of(draft, lot)
    thawed = max(0, steps - lot.spendable)
    after, earned, due = lot._replace(frozen=lot.frozen - thawed).refunded(steps, money, tax)
    moved_tax = lot.moved_tax + tax
    after = after._replace(moved_tax=moved_tax, moved_tax_before=moved_tax, returned=lot.returned + money)
    draft.replace(lot, after)
    moved = _Moved(lot, money, earned, tax, due, facts={command.fact: money + tax} if command.fact else {})
    extra = moved.extra(short=0, thawed=thawed) | {"as": KEPT}
    draft.record("clawback", [Draw(lot.seq, steps)], now, cause("clawback"), extra)
    sold = {
        name: note[name]
        for name in ("topup_id", "pack", "pack_version", "tax_point", "tax", "country")
        if name in note
    }
    made = replace(
        command.terms,
        amount=steps,
        cost=lot.value(money),
        tax=tax,
        tax_at_redemption=lot.tax_at_redemption,
        note={**(command.terms.note or {}), **of_piece(sold, tax)},
    )
    grant(draft, made, command.policy, now, cause("grant"), extra={"as": KEPT})
    return replace(posted, credited=command.credited, kept=command.kept, kept_tax=command.tax)


def _freeze(draft: Draft, posted: Position, target: Target, now: int, cause: CauseOf) -> Position:
    """Freezes or thaws, until the lot's frozen part is what the target says, as far as the lot still has it."""
    lot = draft.find(posted.lot)
    if lot is None:
        return replace(posted, frozen=0)
    frozen = min(target.frozen, lot.remaining)
    change = frozen - lot.frozen
    if not change:
        return replace(posted, frozen=frozen)
    kind: EntryKind = "freeze" if change > 0 else "thaw"
    draft.replace(lot, lot._replace(frozen=frozen))
    draft.record(kind, [Draw(lot.seq, abs(change), lot.value(0))], now, cause(kind))
    return replace(posted, frozen=frozen)


@dataclass(frozen=True, slots=True)
class _Moved:
    """What a refund did to the money of a lot, for its entry. Minor units; negative in a reinstatement.

    Attributes:
        earned, due: changes of what is earned of the cost basis, and of the tax that was due.
        lost: see ``Position``.
        facts: why, and how much more went back by each, tax included.
    """

    lot: Lot
    refunded: int
    earned: int
    tax: int
    due: int
    lost: int = 0
    facts: Mapping[str, int] = field(default_factory=dict)

    def extra(self, **steps: int) -> dict[str, Any]:
        """Returns the members of the entry's ``extra``: the money, and these credit steps as text.

        Where it is nothing, what not every refund has is left out.
        """
        due = self.due if self.lot.tax_at_redemption else 0
        rare = {"tax_due": due, "bad_debt": self.lost}
        return {
            "lot": self.lot.seq,
            "refunded": self.refunded,
            "recognised": self.earned,
            "gross": self.refunded + self.tax,
            "tax": self.tax,
            "facts": list(self.facts),
            **self._kind_of_money(),
            **({"by": list(self.facts.values())} if len(self.facts) > 1 else {}),
            **{name: money for name, money in rare.items() if money},
            **{name: str(count) for name, count in steps.items() if count or name in ("short", "given")},
        }

    def _kind_of_money(self) -> dict[str, str]:
        """Returns the currency, and when the tax is due where that is not at the purchase; nothing of free credits."""
        if not self.lot.cost:
            return {}
        due = {"tax_point": "redemption"} if self.lot.tax_at_redemption else {}
        return {"currency": self.lot.cost.currency, **due}
