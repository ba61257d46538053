"""Transfers, both sides of them (laws 1 and 7): what left one wallet arrived in the other, and nothing arrived that had
not left. Both sides are written in one transaction, so where one of them can be read the other is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.verification.checks import Finding
from scrip.domain.wallets.transfers import arrivals
from scrip.store import ledger
from scrip.store.tables import Tables


def agree(tables: Tables, entries: Iterable[Entry]) -> Iterator[Finding]:
    """What of a wallet's transfers is not in the other wallet as it is in this one."""
    sides = [entry for entry in entries if entry.kind in ("transfer_out", "transfer_in")]
    others: dict[str, set[str]] = {}
    for entry in sides:
        others.setdefault(_other(entry), set()).update(_ids(entry))
    there = {account: _entries(tables, account, sides[0].unit, ids) for account, ids in others.items()}
    for entry in sides:
        if not _paired(entry, there[_other(entry)]):
            side = "was sent to" if entry.kind == "transfer_out" else "came from"
            what = f"entry {entry.seq} {side} {_other(entry)}, where there is no such transfer"
            yield Finding(what, entry.seq, entry.id)


def _other(entry: Entry) -> str:
    """The account at the other end."""
    return str(entry.extra.get("to" if entry.kind == "transfer_out" else "from", ""))


def _ids(entry: Entry) -> list[str]:
    """The entries at the other end: one for each lot that was sent, and of each of these the one that sent it."""
    return arrivals(entry) if entry.kind == "transfer_out" else [str(entry.extra.get("of", ""))]


def _entries(tables: Tables, account: str, unit: str, ids: Iterable[str]) -> Mapping[str, Any]:
    try:
        return ledger.find_many(tables, account, unit, sorted(filter(None, ids))) if account else {}
    except UNREADABLE:
        return {}


def _paired(entry: Entry, there: Mapping[str, Entry]) -> bool:
    found = [there.get(id_) for id_ in _ids(entry)]
    if entry.kind == "transfer_out":
        return all(one is not None and _one_move(entry, one) for one in found)
    return all(one is not None and _one_move(one, entry) for one in found)


def _one_move(sent: Entry, received: Entry) -> bool:
    """Whether the second is how one of the lots arrived that the first sent."""
    amounts = dict(zip(arrivals(sent), (draw.amount for draw in sent.draws), strict=True))
    return (
        (sent.kind, received.kind) == ("transfer_out", "transfer_in")
        and (_other(sent), _other(received)) == (received.account, sent.account)
        and received.extra.get("of") == sent.id
        and amounts.get(received.id) == received.amount
    )
