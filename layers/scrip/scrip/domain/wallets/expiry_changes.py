"""Another end for a lot that was granted: for one lot, or for all of a wallet after an outage.

A lot's terms stay those of its grant (law 10). Only an entry of its own kind gives it another end, never a change of
the unit, the pack or the allowance; so the entries alone still say when each lot ends. An entry moves no credits.

Does not own what happens at a lot's end (``expiry``), nor the order of lots (``credits.lots``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits import calendar, limits
from scrip.domain.credits.entries import Cause, Entry, EntryKind
from scrip.domain.credits.errors import Forbidden, InvalidRequest, LotNotOpen, NotFound, PolicyViolation
from scrip.domain.credits.ids import lot_id
from scrip.domain.credits.lots import Lot, lot_facts
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.lot_terms import terms_of
from scrip.domain.wallets.status import require_open
from scrip.domain.wallets.wallet import NeedBlock, NeedDue, NeedFront

KIND: Final[EntryKind] = "expiry_change"
"""The kind of entry that gives a lot another end."""
PAID_LOT: Final = "paid_lot"
"""The policy that keeps a paid lot from ending earlier."""


@dataclass(frozen=True, slots=True)
class ExpiryChange:
    """Gives a lot another end. Instants in epoch milliseconds.

    Attributes:
        seq: the lot's sequence.
        expires_at: as callers say it; None: the lot never ends, or ends after ``expires_in``.
        expires_in: ISO 8601: the end is so much after now, or after the beginning of a lot that has not begun.
        policy: the unit's. It says what the end of a lot that had none means; otherwise the lot itself does.
        shortens: whether the caller may end a lot earlier; ``force``: a paid one too.
    """

    seq: int
    policy: Policy
    expires_at: int | None = None
    expires_in: str | None = None
    shortens: bool = False
    force: bool = False


def change_expiry(draft: Draft, command: ExpiryChange, now: int, cause: Cause) -> Entry:
    """Gives a lot another end, and its place in the burn order with it. What is held of it stays held (law 6).

    Raises:
        NotFound: the wallet has no such lot.
        Forbidden: the end would come earlier, and the caller may not do that.
        InvalidRequest: the end would not be later than now and than the lot's beginning, or beyond the year 9999.
        WalletClosed.
        LotNotOpen: the lot has ended, or nothing is left of it.
        PolicyViolation: a paid lot would end earlier.
    """
    lot, named = draft.find(command.seq), lot_id(draft.wallet.account, draft.wallet.unit, command.seq)
    if lot is None:
        raise NotFound(f"there is no lot {named} in this wallet", lot_id=named)
    begins = max(now, lot.effective_at)
    said = command.expires_at
    if command.expires_in is not None:
        said = calendar.after(begins, command.expires_in, "expires_in")
    after = _ending(lot, said, command.policy)
    earlier = not _over(lot, now) and _end(after) < _end(lot)
    if earlier and not command.shortens:
        raise Forbidden("the lot would end earlier: that needs a key with scope admin", scope="admin")
    if said is not None and said <= begins:
        field = "expires_at" if command.expires_in is None else "expires_in"
        raise InvalidRequest([(field, "must be later than now and than the beginning of the lot")])
    require_open(draft)
    if _over(lot, now):
        raise LotNotOpen("the lot has ended, or nothing is left of it: grant a new one", lot_id=named)
    if earlier and lot.cost and not command.force:
        raise PolicyViolation(
            "the lot was paid for: say force, if it is to end earlier all the same", policy=PAID_LOT
        )
    return _record(draft, lot, after, now, cause, {})


def extend(draft: Draft, lot: Lot, by: str, incident: str, now: int, cause: Cause) -> Entry:
    """Moves the end of a lot that has one by a duration (ISO 8601, UTC), for an incident.

    No end is after the year 9999.
    """
    assert lot.expires_at is not None
    stated = lot.expires_at - lot.inclusive
    try:
        ends = calendar.after(stated, by, "by")
    except InvalidRequest:
        ends = max(stated, limits.MAX_INSTANT)
    return _record(
        draft, lot, lot._replace(expires_at=ends + lot.inclusive), now, cause, {"incident": incident}
    )


def extendable(draft: Draft, now: int) -> Sequence[Lot]:
    """Returns the lots of which something is left and that end some day, by their sequences.

    Those that have not begun, and those that are held or frozen as a whole, are among them.
    """
    totals = draft.totals
    if draft.has_pages() and not draft.snapshot.complete:
        raise NeedFront(0)
    if totals.pending and draft.unread_at is not None:
        raise NeedDue(limits.DUE_BATCH_READ)
    resting: Sequence[Lot] = ()
    if totals.held or totals.frozen:
        if not draft.snapshot.all_blocks:
            raise NeedBlock(None)
        resting = tuple(draft.exhausted_lots())
    waiting = [due.lot for due in draft.pending.values() if due.lot]
    every = {lot.seq: lot for lot in (*draft.loaded_lots(), *waiting, *resting)}
    return [lot for _, lot in sorted(every.items()) if lot.expires_at is not None and not _over(lot, now)]


def _ending(lot: Lot, said: int | None, policy: Policy) -> Lot:
    """Returns the lot with the end that is said. What that instant means was fixed with the lot's first end."""
    if said is None:
        return lot._replace(expires_at=None, inclusive=False)
    inclusive = lot.inclusive if lot.expires_at is not None else policy.expiry_boundary == "inclusive"
    return lot._replace(expires_at=said + inclusive, inclusive=inclusive)


def _end(lot: Lot) -> int:
    """Returns the lot's end, for comparison: never comes after all instants."""
    return limits.MAX_INSTANT + 2 if lot.expires_at is None else lot.expires_at


def _over(lot: Lot, now: int) -> bool:
    """Tells whether the lot has ended, or nothing is left of it."""
    return lot.expired(now) or not (lot.remaining or lot.held)


def _record(draft: Draft, lot: Lot, after: Lot, now: int, cause: Cause, extra: Mapping[str, Any]) -> Entry:
    """Replaces the lot, and writes down when it ends now and when it would have ended."""
    if after.expires_at != lot.expires_at:
        after = after.unannounced()
    draft.reorder(lot, after)
    if after.notices:
        draft.look(now)
    was = None if lot.expires_at is None else lot.expires_at - lot.inclusive
    facts = lot_facts(after, terms_of(draft, after).scope)
    return draft.record(KIND, [], now, cause, {"lot": facts, "was": was, **extra})
