"""Corrections: what is left of a lot is taken back (void), a burn is undone (reversal), or credits that should not be
there are taken out (the debit of an adjustment).

Pure: changes a draft and records an entry, or raises a refusal by name. An adjustment's credit is a grant (``grants``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits.debts import Purpose, read_owes
from scrip.domain.credits.entries import MADE_FOR, Cause, Draw, Entry
from scrip.domain.credits.errors import (
    AlreadyReversed,
    AmountOutOfRange,
    InsufficientCredits,
    InvalidRequest,
    LotNotOpen,
    NotFound,
    PolicyViolation,
    Steps,
)
from scrip.domain.credits.ids import lot_id
from scrip.domain.credits.lots import Lot, lot_facts
from scrip.domain.credits.records import MEMBER
from scrip.domain.wallets import carries, counters, record_reversals
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import draw, ended, no_fit, spent
from scrip.domain.wallets.expiry import expiring
from scrip.domain.wallets.funds import MISTAKE
from scrip.domain.wallets.grants import within_range
from scrip.domain.wallets.lot_terms import terms_of
from scrip.domain.wallets.notes import note_of
from scrip.domain.wallets.record_reversals import KIND, ReversalPlan, part_of
from scrip.domain.wallets.repayments import Repaid, Undone, all_of, restore, undo
from scrip.domain.wallets.status import require_active, require_open

BURNS: Final = ("burn", "capture")
"""Kinds of entries that spend, and so can be reversed."""


@dataclass(frozen=True, slots=True)
class Void:
    """Takes back what is left of a lot.

    Attributes:
        seq: the lot's sequence.
        amount: credit steps; None: all that is left.
        mistake: whether the lot was granted by mistake: then its cost basis was never paid, and none of it is earned.
    """

    seq: int
    amount: int | None = None
    mistake: bool = False


@dataclass(frozen=True, slots=True)
class Reverse:
    """Undoes a burn, or the capture of a hold.

    Attributes:
        burned: its entry, with its records.
        amount: credit steps; None: all that is not reversed yet.
        offset: of one of its records; None: it has none, or all of them are reversed.
        made_for: what the burn was made for, where all that was is undone together; None: nothing.
    """

    burned: Entry
    amount: int | None = None
    offset: int | None = None
    made_for: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Debit:
    """Takes ``amount`` credit steps out of a wallet that should not be there."""

    amount: int


def void(draft: Draft, command: Void, now: int, cause: Cause) -> Entry:
    """Takes back what is left of a lot. What is held or frozen stays: it belongs to a hold (law 6) or to a dispute.

    Raises:
        NotFound: the wallet has no such lot.
        WalletClosed.
        LotNotOpen: nothing is left of it.
        AmountOutOfRange: less is left of it.
        PolicyViolation: it is to be a mistake, and was paid through Scrip, or something has left it.
    """
    lot, named = draft.find(command.seq), lot_id(draft.wallet.account, draft.wallet.unit, command.seq)
    if lot is None:
        raise NotFound(f"there is no lot {named} in this wallet", lot_id=named)
    require_open(draft)
    if not lot.spendable:
        raise LotNotOpen("nothing is left of the lot that could be voided", lot_id=named)
    wanted = lot.spendable if command.amount is None else command.amount
    if wanted > lot.spendable:
        raise AmountOutOfRange(
            "that is more than is left of the lot", field="amount", largest=Steps(lot.spendable)
        )
    if command.mistake:
        taken = _require_mistake(draft, lot)
        if taken + wanted < lot.granted:
            draft.keep(MISTAKE, str(lot.seq), {"steps": str(taken + wanted)})
    after, one = (spent if command.mistake else ended)(lot, wanted, "voided")
    if command.mistake and one.value:
        after = after._replace(unpaid=after.unpaid + one.value.amount)
    draft.replace(lot, after)
    facts = lot_facts(after, terms_of(draft, after).scope)
    said = {"as": MISTAKE} if command.mistake else {}
    return draft.record("void", [one], now, cause, {"lot": facts, **said})


def _require_mistake(draft: Draft, lot: Lot) -> int:
    """Refuses to take a lot for a mistake where its money came through Scrip, or some of it is another's by now.

    Returns how many of its steps were taken back as a mistake before.

    Raises:
        PolicyViolation: with what to do instead.
    """
    note, policy = note_of(draft, lot), "void_mistake"
    if "topup_id" in note:
        raise PolicyViolation("its money came by a payment: refund that payment instead", policy=policy)
    if "moved_from" in note or lot.kind in ("transfer", "rollover"):
        raise PolicyViolation("it is a part of another lot: void it without `as`", policy=policy)
    if lot.held:
        raise PolicyViolation("a hold has set some of it aside: release the hold first", policy=policy)
    sidecar = draft.sidecar(MISTAKE, str(lot.seq)) if lot.remaining != lot.granted else None
    taken = int(sidecar["steps"]) if sidecar else 0
    if lot.remaining + taken != lot.granted or lot.n != (lot.granted if lot.cost else 0):
        raise PolicyViolation(
            "some of it was spent, moved or taken already: void what is left without `as`", policy=policy
        )
    return taken


def reverse(draft: Draft, command: Reverse, now: int, cause: Cause) -> Entry:
    """Gives credits of a burn back to the lots they came from, the last drawn first.

    Their money is deferred again (law 7). What is owed is repaid first. What goes back to an expired lot expires with
    the next entry.

    The part of the burn that had no lot (overdraft) comes before all lots: it lowers the debt, and where that was
    repaid since, goes back to the lots that repaid it. What was written off of it comes back to nobody. What a lot gets
    back whose money was refunded pays for that, and whoever had paid for it gets theirs back.

    The fraction of a step of a meter's event is undone too: later events cost what they would have cost without it. So
    a step more or less may come back than was burned, where events came in between.

    Of an entry with records one of them is reversed, or a part of it, or all that is left of all.

    Raises:
        NotFound: the entry is no burn, or has no such record.
        InvalidRequest: an offset of an entry without records, or an amount of one with records and no offset.
        AmountOutOfRange: less is left, or the wallet would hold more than the largest total.
        WalletClosed.
        AlreadyReversed: nothing is left to reverse.
        PolicyViolation, Crowded: more lots would be touched than one commit can hold.
        PolicyViolation: the burn is undone only with all that was made for the same (``reversal_whole``).
    """
    burned = command.burned
    if burned.kind not in BURNS:
        raise NotFound(f"entry {burned.id} is no burn", entry_id=burned.id)
    if burned.made_for and burned.made_for != command.made_for:
        named = " ".join(burned.made_for)
        raise PolicyViolation(f"it was made for {named}: void that, as a whole", policy="reversal_whole")
    if MEMBER in burned.extra:
        require_open(draft)
        planned = record_reversals.plan(draft, burned, command.offset, command.amount)
    elif command.offset is not None:
        said = "leave it out: the entry has no records, it is one burn"
        raise InvalidRequest([("offset", said)])
    else:
        planned = _plan(draft, burned, command.amount)
    fractions = planned.fractions
    steps = planned.owed + sum(one.amount for one in planned.back) + len(fractions.given)
    extra: dict[str, Any] = {"of": burned.id, "reversed": str(planned.done), **_said(planned, command, steps)}
    within_range(draft, steps)
    undone = undo(draft, planned.debts, planned.owed) if planned.owed else Undone()
    repays = Repaid(undone=undone)
    back = [*planned.back, *fractions.given]
    restore(draft, back, now, repays)
    draft.keep(KIND, burned.id, planned.kept)
    back = [*undone.draws, *back]
    extra |= {**fractions.extra, **planned.counted, "back": len(back), **repays.extra, **expiring(draft, now)}
    extra |= planned.meters_of(burned)
    if burned.made_for:
        extra[MADE_FOR] = [*burned.made_for]
    if draft.budgeted and "budgets" in burned.extra:
        # Imported where a wallet has budgets: no other request pays for it.
        from scrip.domain.wallets import budget_reversals

        extra |= budget_reversals.reverse(draft, burned, planned, now)
    return draft.record("reversal", [*back, *repays.draws], now, cause, extra, undoes=burned.at)


def _said(planned: ReversalPlan, command: Reverse, steps: int) -> dict[str, Any]:
    """Returns what the entry says of what it undoes, so that it is known from the entries alone.

    That is the record; what was asked for, where that is not what comes back; and what was reversed of records before.
    """
    said: dict[str, Any] = {} if command.offset is None else {"offset": command.offset}
    if planned.wanted != steps:
        said["wanted"] = str(planned.wanted)
    if planned.undone:
        said["before"] = {str(offset): str(done) for offset, done in planned.undone.items()}
    return said


def _plan(draft: Draft, burned: Entry, amount: int | None) -> ReversalPlan:
    """Returns what the reversal of a single burn gives back. Raises as ``reverse``."""
    sidecar = draft.sidecar(KIND, burned.id)
    done, whole = int(sidecar["steps"]) if sidecar else 0, -burned.amount
    counts = any(True for _ in counters.counts_of(burned))
    untouched = sidecar is None and (counts or bool(carries.changes_of(burned)))
    left = whole - done
    wanted = left if amount is None else amount
    if wanted > left and (left or untouched):
        raise AmountOutOfRange("that is more than is left of the burn", field="amount", largest=Steps(left))
    require_open(draft)
    if not left and not untouched:
        raise AlreadyReversed("nothing is left of the burn to reverse", entry_id=burned.id)
    overdrawn = whole - sum(one.amount for one in burned.draws)
    fractions = carries.undo(draft, burned, done, wanted)
    steps = wanted - fractions.kept
    debt = min(steps, max(0, overdrawn - done))
    numbers, back = _back(burned, max(0, done - overdrawn), steps - debt)
    # A burn of before debts had a purpose made a plain one.
    debts = read_owes(burned.extra.get("owes")) or [all_of(Purpose())]
    kept = {"steps": str(done + wanted)}
    counted = counters.undo(draft, burned, done, wanted) if counts else {}
    return ReversalPlan(
        back, numbers, debts, debt, fractions, done + wanted, kept, counted, done, wanted=wanted
    )


def debit(draft: Draft, command: Debit, now: int, cause: Cause) -> Entry:
    """Takes credits out of the wallet in burn order, whatever their scope.

    Raises:
        InsufficientCredits: there is less.
        PolicyViolation, Crowded: more lots would be touched than one commit can hold.
        WalletClosed, WalletFrozen.
    """
    require_active(draft)
    if command.amount > draft.totals.available:
        raise InsufficientCredits(required=command.amount, available=draft.totals.available)
    draws = draw(draft, command.amount, ended)
    if sum(one.amount for one in draws) < command.amount:
        raise no_fit(draft)
    return draft.record("adjustment", draws, now, cause)


def _back(burned: Entry, done: int, wanted: int) -> tuple[list[int], list[Draw]]:
    """Returns the draws that give ``wanted`` steps of a burn back, from its last draw on, and their places in it.

    The first ``done`` steps were given back before. Each draw has the part of its money that its steps took along.
    """
    numbers: list[int] = []
    back: list[Draw] = []
    for number, one in reversed([*enumerate(burned.draws)]):
        skipped = min(done, one.amount)
        steps = min(wanted, one.amount - skipped)
        done, wanted = done - skipped, wanted - steps
        if steps:
            back.append(part_of(one, skipped, steps))
            numbers.append(number)
    return numbers, back
