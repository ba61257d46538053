"""Which entries a list is asked for, as query parameters say it."""

from __future__ import annotations

from typing import get_args

from scrip.domain.credits.entries import EntryKind
from scrip.domain.credits.errors import Forbidden
from scrip.domain.credits.limits import LAST_SEQ, MAX_INSTANT
from scrip.domain.credits.units import DEFAULT_UNIT
from scrip.http.edge.customers import INTERNAL
from scrip.http.edge.request import HttpRequest
from scrip.services.wallets.entries import EntryFilter, EntryQuery


def entry_query(request: HttpRequest) -> tuple[str, EntryQuery]:
    """Reads which entries are asked for, and of which unit; a lot says its unit itself.

    Raises:
        InvalidRequest: a filter is none.
        NotFound: there is no such lot in this account.
        Forbidden: a key of one account filters by what it is not shown.
    """
    query = request.query
    lot, unit_id = None, query.said_unit()
    if (text := query.text("lot")) is not None:
        unit_id, named = request.named("lot", unit_id, {"lot_id": text})
        lot = named.seq
    until, limit, kind = query.instant("to"), query.limit(), query.choice("kind", get_args(EntryKind))
    place = query.cursor(range(MAX_INSTANT + 1), range(LAST_SEQ + 1))
    at, seq = place or [MAX_INSTANT if until is None else until, LAST_SEQ]
    actor, metadata = query.text("actor"), query.family("metadata.")
    member, tags = query.said_identifier("member"), query.family("tags.")
    internal = any(name.startswith(INTERNAL) for name in (*metadata, *tags))
    if request.bound and (actor is not None or internal):
        raise Forbidden("this key does not see who did something, nor what is internal")
    wanted = EntryFilter(
        query.said_identifier("meter"), query.reference(), lot, actor, metadata, member, tags
    )
    return unit_id or DEFAULT_UNIT, EntryQuery(
        kind, max(0, query.instant("from") or 0), (at, seq), limit, wanted
    )
