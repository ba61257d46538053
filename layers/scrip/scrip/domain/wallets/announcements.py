"""Announcements of lots' ends: which notices are due, and that one was delivered.

Of a lot that must not end unannounced, the delivery of a notice is an entry (laws 5 and 10). Does not own when notices
are due, nor what becomes of an end that nobody was told of (``notices``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import LotNotOpen
from scrip.domain.credits.ids import lot_id
from scrip.domain.credits.lots import Lot
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.expiry_changes import extendable
from scrip.domain.wallets.notices import KIND, OWN, Notice, last_span, notices_of, spans_of

NOTICE_ID: Final = "notice_id"
"""What an entry has that says that a notice was delivered."""


@dataclass(frozen=True, slots=True)
class Announced:
    """Says that a notice was delivered: of which lot's end, as callers say it (epoch milliseconds)."""

    seq: int
    notice_id: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class OwnNotices:
    """Notices that are an account's own, not its unit's.

    Attributes:
        number: under which the unit keeps ``spans``, how long before an end they are due; None: the unit's count.
        required: whether a paid lot ends only if one was delivered in time; None: as the unit says.
    """

    number: int | None = None
    spans: tuple[str, ...] = ()
    required: bool | None = None


def put_own(draft: Draft, own: OwnNotices, now: int, cause: Cause) -> Entry | None:
    """Gives lots that are granted from now on these notices. None where they have them already.

    The entry moves the wallet's version: whoever grants on what the wallet was before is refused the commit.
    """
    none = own == OwnNotices()
    said = None if none else {"number": own.number, "spans": list(own.spans), "required": own.required}
    known = draft.sidecar(KIND, OWN) if draft.own_notices else None
    if said == known:
        return None
    draft.keep(KIND, OWN, said)
    draft.own_notices = not none
    return draft.record("status", [], now, cause, {"own_notices": said})


def due_notices(draft: Draft, now: int) -> tuple[list[Notice], int | None]:
    """Returns the notices that are due by ``now`` of lots with something left, earliest first; and when the next is.

    Whether they were given before is not known here. Expects a draft in which all that was due is applied.
    """
    passed: list[Notice] = []
    following: int | None = None
    for lot in extendable(draft, now):
        for one in notices_of(lot, spans_of(draft, lot)):
            if one.at <= now:
                passed.append(one)
            elif following is None or one.at < following:
                following = one.at
    return sorted(passed, key=lambda one: (one.at, one.lot.seq)), following


def tell(draft: Draft, command: Announced, now: int, cause: Cause) -> Entry:
    """Writes down that a notice of a lot's end was delivered. If that was in time, the lot ends at its end.

    Raises:
        LotNotOpen: the lot has another end by now, has ended, or nothing is left of it; or it may end unannounced.
    """
    lot = draft.find(command.seq)
    if lot is None or not _counts(lot, command.expires_at, now):
        named = lot_id(draft.wallet.account, draft.wallet.unit, command.seq)
        raise LotNotOpen("the lot has another end, or none, of which that notice does not tell", lot_id=named)
    _, latest = last_span(draft, lot)
    if now <= latest and lot.waits:
        draft.reorder(lot, lot._replace(waits=False))
    said = {"lot": lot.seq, NOTICE_ID: command.notice_id, "in_time": now <= latest}
    return draft.record("status", [], now, cause, said)


def _counts(lot: Lot, ends: int, now: int) -> bool:
    """Tells whether a notice of this end, as callers say it, is of the lot's present one, which has to be announced."""
    open_ = lot.remaining + lot.held > 0 and not lot.expired(now)
    announced = bool(lot.notices & 1 and lot.cost)
    return open_ and announced and lot.expires_at is not None and lot.expires_at == ends + lot.inclusive
