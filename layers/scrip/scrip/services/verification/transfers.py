"""Checks both sides of transfers: what left one wallet arrived in the other, and nothing else arrived (laws 1 and 7).

Both sides are written in one transaction, so where one of them can be read the other must be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scrip.domain.credits.entries import UNREADABLE, Draw, Entry
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.wallets.transfers import arrivals
from scrip.store import ledger
from scrip.store.tables import Tables


def check_transfers(tables: Tables, entries: Iterable[Entry]) -> Iterator[Discrepancy]:
    """Yields the transfers among a wallet's entries that the other wallet does not have as this one does."""
    sides = [entry for entry in entries if entry.kind in ("transfer_out", "transfer_in")]
    others: dict[str, set[str]] = {}
    for entry in sides:
        others.setdefault(_other(entry), set()).update(_ids(entry))
    found = {account: _entries(tables, account, sides[0].unit, ids) for account, ids in others.items()}
    for entry in sides:
        if not _has_other_side(entry, found[_other(entry)]):
            side = "was sent to" if entry.kind == "transfer_out" else "came from"
            what = f"entry {entry.seq} {side} {_other(entry)}, where there is no such transfer"
            yield Discrepancy(what, entry.seq, entry.id)


def _other(entry: Entry) -> str:
    """Returns the account at the other end of a transfer's entry."""
    return str(entry.extra.get("to" if entry.kind == "transfer_out" else "from", ""))


def _ids(entry: Entry) -> list[str]:
    """Returns the ids of the entries at the other end.

    A ``transfer_out`` has one for each lot, a ``transfer_in`` only that of its sender. A row that does not say has one
    that no entry has.
    """
    if entry.kind == "transfer_in":
        return [str(entry.extra.get("of", ""))]
    try:
        return arrivals(entry)
    except UNREADABLE:
        return [""]


def _entries(tables: Tables, account: str, unit: str, ids: Iterable[str]) -> Mapping[str, Entry]:
    """Returns those of these entries that the account has, by id; none where they cannot be read."""
    try:
        return ledger.find_many(tables, account, unit, sorted(filter(None, ids)))
    except UNREADABLE:
        return {}


def _has_other_side(entry: Entry, others: Mapping[str, Entry]) -> bool:
    """Checks that each entry at the other end is there and matches."""
    sent = entry.kind == "transfer_out"
    found = (others.get(id_) for id_ in _ids(entry))
    return all(one is not None and (_matches(entry, one) if sent else _matches(one, entry)) for one in found)


def _matches(sent: Entry, received: Entry) -> bool:
    """Checks that ``received`` is the arrival of one of the lots that ``sent`` sent.

    The other wallet's row is as it is stored: its own verification says what is wrong with it.
    """
    try:
        draws = dict(zip(arrivals(sent), sent.draws, strict=True))
        return (
            (sent.kind, received.kind) == ("transfer_out", "transfer_in")
            and (_other(sent), _other(received)) == (received.account, sent.account)
            and received.extra.get("of") == sent.id
            and _carries(draws[received.id], received)
        )
    except UNREADABLE:
        return False


def _carries(draw: Draw, received: Entry) -> bool:
    """Checks that the credits, the money and the tax of a draw are those of the lot that it became.

    Raises:
        One of ``UNREADABLE``: the entry says of its lot what no entry does.
    """
    made = received.extra["lot"]
    cost = [draw.value.amount, draw.value.currency] if draw.value else None
    said = received.amount, made.get("cost"), made.get("tax", [0])[0]
    return said == (draw.amount, cost, draw.tax or 0)
