"""Taking back: what is left of a lot (void), a burn (reversal), or what was simply wrong (adjustment)."""

from __future__ import annotations

from typing import Any, Final

from scrip.domain.credits.entries import Cause, Draw, Entry
from scrip.domain.credits.errors import (
    AlreadyReversed,
    AmountOutOfRange,
    InsufficientCredits,
    LotNotOpen,
    NotFound,
    Steps,
)
from scrip.domain.credits.lots import Lot, lot_facts
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import draw, full, no_fit, repaid, spent
from scrip.domain.wallets.expiry import expiring
from scrip.domain.wallets.grants import within_range
from scrip.domain.wallets.lot_terms import terms_of
from scrip.domain.wallets.status import require_active, require_open

KIND: Final = "reversed"
"""The kind of paper that says how much of a burn was reversed, under its entry's id."""
BURNS: Final = ("burn", "capture")
"""Kinds of entries that spend, and so can be reversed."""


def void(draft: Draft, seq: int, amount: int | None, now: int, cause: Cause) -> Entry:
    """Takes ``amount`` steps of what is left of a lot back, all of it where None. What is held stays (law 6), and so
    does what is frozen: it belongs to a dispute.

    Raises:
        NotFound: the wallet has no such lot.
        WalletClosed.
        LotNotOpen: nothing is left of it.
        AmountOutOfRange: less is left of it.
    """
    lot = draft.find(seq)
    if lot is None:
        raise NotFound(f"there is no lot lot_{seq} in this wallet", lot_id=f"lot_{seq}")
    require_open(draft)
    if not lot.spendable:
        raise LotNotOpen("nothing is left of the lot that could be voided", lot_id=f"lot_{seq}")
    wanted = lot.spendable if amount is None else amount
    if wanted > lot.spendable:
        raise AmountOutOfRange(
            "that is more than is left of the lot", field="amount", largest=Steps(lot.spendable)
        )
    after, one = spent(lot, wanted, "voided")
    draft.replace(lot, after)
    facts = lot_facts(after, terms_of(draft, after).scope)
    return draft.record("void", [one], now, cause, {"lot": facts})


def reverse(draft: Draft, burned: Entry, amount: int | None, now: int, cause: Cause) -> Entry:
    """Gives ``amount`` steps of a burn back to the lots they came from, the last drawn first; all that is left of it
    where None. Their money is deferred again (law 7); what is owed is repaid first; what goes back to an expired lot
    expires with the next entry.

    The part of the burn that had no lot (overdraft) comes first: it lowers the debt, and where that was repaid since,
    becomes a lot without cost basis.

    Raises:
        NotFound: the entry is no burn.
        AmountOutOfRange: less is left, or the wallet would hold more than the largest total.
        WalletClosed.
        AlreadyReversed: nothing is left to reverse.
        PolicyViolation, Crowded: more lots would be touched than one commit can hold.
    """
    if burned.kind not in BURNS:
        raise NotFound(f"entry {burned.id} is no burn", entry_id=burned.id)
    sidecar = draft.sidecar(KIND, burned.id)
    done, whole = int(sidecar["steps"]) if sidecar else 0, -burned.amount
    left = whole - done
    wanted = left if amount is None else amount
    if left and wanted > left:
        raise AmountOutOfRange("that is more than is left of the burn", field="amount", largest=Steps(left))
    require_open(draft)
    if not left:
        raise AlreadyReversed("nothing is left of the burn to reverse", entry_id=burned.id)
    within_range(draft, wanted)
    overdrawn = whole - sum(one.amount for one in burned.draws)
    extra: dict[str, Any] = {"of": burned.id, "reversed": str(done + wanted)}
    debt = min(wanted, max(0, overdrawn - done))
    _forgive(draft, debt, now, extra)
    back = _back(burned, max(0, done - overdrawn), wanted - debt)
    repays: list[Draw] = []
    for one in back:
        if full(draft, 4):
            raise no_fit(draft)
        lot = draft.lot(one.lot)
        after = lot.restored(one.amount, one.value.amount if one.value else 0)
        if after.expired(now):
            after = after.ended()
        else:
            after, draws = repaid(draft, after)
            repays += draws
        draft.replace(lot, after)
    draft.keep(KIND, burned.id, {"steps": str(done + wanted)})
    extra |= {"back": len(back), **expiring(draft, now)}
    return draft.record("reversal", [*back, *repays], now, cause, extra)


def debit(draft: Draft, amount: int, now: int, cause: Cause) -> Entry:
    """Takes ``amount`` steps out of the wallet that should not be there, in burn order, whatever their scope.

    Raises:
        InsufficientCredits: there is less.
        PolicyViolation, Crowded: more lots would be touched than one commit can hold.
        WalletClosed, WalletFrozen.
    """
    require_active(draft)
    if amount > draft.totals.available:
        raise InsufficientCredits(required=amount, available=draft.totals.available)
    draws = draw(draft, amount)
    if sum(one.amount for one in draws) < amount:
        raise no_fit(draft)
    return draft.record("adjustment", draws, now, cause)


def _forgive(draft: Draft, steps: int, now: int, extra: dict[str, Any]) -> None:
    """Debt of the burn is owed no more; where it was repaid already, the credits that repaid it come back."""
    owed = min(steps, draft.totals.owed)
    draft.owe(-owed)
    if steps > owed:
        lot = Lot(draft.next_seq, "compensation", steps - owed, steps - owed, now)
        draft.add(lot)
        extra["lot"] = lot_facts(lot)


def _back(burned: Entry, done: int, wanted: int) -> list[Draw]:
    """The draws of a burn from its end, without the first ``done`` steps, as far as ``wanted`` goes; each with the part
    of its money that these steps took along."""
    back: list[Draw] = []
    for one in reversed(burned.draws):
        skipped = min(done, one.amount)
        steps = min(wanted, one.amount - skipped)
        done, wanted = done - skipped, wanted - steps
        if steps:
            value = one.value
            if value:
                money = value.amount * (skipped + steps) // one.amount - value.amount * skipped // one.amount
                value = type(value)(money, value.currency)
            back.append(Draw(one.lot, steps, value))
    return back
