"""Ends of lots that are none until somebody was told of them, and when notices of ends are due (laws 5 and 10).

A lot's terms say how long before its end notices are due, and whether it may end unannounced: one with cost basis
that may not ends at its end only if a notice of it was delivered in time. Otherwise time moves the end, one
millisecond before it comes, by the span of the last notice; and again, until one was. So the entries alone say when
each lot ends.

Does not own that a notice was delivered (``announcements``), nor what happens at an end (``expiry``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from scrip.domain.credits import calendar
from scrip.domain.credits.entries import SYSTEM, Cause
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.ids import time_entry_id
from scrip.domain.credits.lots import Lot, lot_facts
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.expiry import no_room
from scrip.domain.wallets.lot_terms import terms_of
from scrip.domain.wallets.wallet import Name

KIND: Final = "notices"
OWN: Final = "own"
"""The kind and the name of the sidecar that says which notices are the account's own, in whose wallet it lies."""
SPANS: Final = "spans"
"""The kind of what a unit keeps under a number: how long before a lot's end its notices are due. It never changes."""
NO_NOTICE: Final = "no_notice"
"""The reason of an entry that moves an end of which nobody was told."""


class Notice(NamedTuple):
    """A notice of a lot's end. Instants in epoch milliseconds.

    Attributes:
        lot: the lot that is to end.
        span: how long before its end the notice is due, ISO 8601.
        at: when that is.
        expires_at: the end, as callers say it.
    """

    lot: Lot
    span: str
    at: int
    expires_at: int


def terms_of_notices(draft: Draft, policy: Policy) -> tuple[int, Sequence[str]]:
    """Returns what a lot that is granted now has of its notices (see ``Lot.notices``), and how long before its end.

    They are the account's own, and for the rest the unit's.
    """
    number, spans, required = policy.notices, policy.expiry_notices, policy.expiry_requires_notice
    if draft.own_notices:
        own = draft.sidecar(KIND, OWN)
        assert own
        if own["number"] is not None:
            number, spans = own["number"], tuple(own["spans"])
        required = required if own["required"] is None else own["required"]
    return (2 * number + required if number else 0), spans


def first_notice(lot: Lot, spans: Sequence[str]) -> int | None:
    """Returns when the first notice of the lot's end is due; None where none is: it has no end, or a short life."""
    return min((one.at for one in notices_of(lot, spans)), default=None)


def notices_of(lot: Lot, spans: Sequence[str]) -> list[Notice]:
    """Returns the notices of the lot's end: not those that would come before its beginning."""
    if lot.expires_at is None:
        return []
    ends = lot.expires_at - lot.inclusive
    found = [Notice(lot, span, calendar.before(ends, span), ends) for span in spans]
    return [one for one in found if one.at >= lot.effective_at]


def spans_name(lot: Lot) -> Name:
    """Returns the name of the sidecar that says how long before the lot's end its notices are due."""
    return SPANS, str(lot.notices >> 1)


def spans_of(draft: Draft, lot: Lot) -> Sequence[str]:
    """Returns how long before the lot's end its notices are due, as its terms say."""
    if not lot.notices:
        return ()
    sidecar = draft.sidecar(*spans_name(lot))
    assert sidecar
    spans: Sequence[str] = sidecar["spans"]
    return spans


def last_span(draft: Draft, lot: Lot) -> tuple[str, int]:
    """Returns the span of the last notice of the lot's end, and when that is due at the latest."""
    assert lot.expires_at is not None
    ends = lot.expires_at - lot.inclusive
    at, span = max((calendar.before(ends, span), span) for span in spans_of(draft, lot))
    return span, at


def move(draft: Draft, instant: int, room: int | None = None) -> bool:
    """Moves ends that come right after this instant and of which nobody was told. Tells whether that is all."""
    for lot in sorted(draft.times.moving.until(instant), key=draft.key):
        if no_room(draft, room):
            return False
        after = _moved(draft, lot, max(instant, draft.at))
        draft.reorder(lot, after)
        draft.look(draft.at)
        ids = (draft.wallet.account, draft.wallet.unit, draft.next_seq)
        cause = Cause(time_entry_id(*ids) if draft.chained else "", "", SYSTEM, reason=NO_NOTICE)
        assert lot.expires_at is not None
        facts = lot_facts(after, terms_of(draft, after).scope)
        draft.record(
            "expiry_change", [], instant, cause, {"lot": facts, "was": lot.expires_at - lot.inclusive}
        )
    return True


def _moved(draft: Draft, lot: Lot, now: int) -> Lot:
    """Returns the lot with its end moved by the span of its last notice, until it lies after ``now``.

    Where a calendar ends, so do its ends: the lot then never ends.
    """
    assert lot.expires_at is not None
    ends, (span, _) = lot.expires_at - lot.inclusive, last_span(draft, lot)
    try:
        while ends + lot.inclusive - 1 <= now:
            ends = calendar.after(ends, span, "expires_at")
    except InvalidRequest:
        return lot._replace(expires_at=None, inclusive=False).unannounced()
    return lot._replace(expires_at=ends + lot.inclusive).unannounced()
