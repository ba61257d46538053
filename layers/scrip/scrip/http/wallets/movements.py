"""The answer to whatever moves credits: its entry, and the balance right after it.

Owns what several nouns answer with, a grant's lot included. What one kind of movement adds stands with its noun.
"""

from __future__ import annotations

from collections.abc import Callable

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.http.edge.answers import Answer, TypedDict, answer
from scrip.http.wallets.balances import BalanceAfterView, balance_after_view
from scrip.http.wallets.entries import EntryView, entry_view
from scrip.http.wallets.lots import LotView, made_lot_view
from scrip.services.engine.executor import Result


class MovedView(TypedDict):
    """The entry, and the balance right after it."""

    entry: EntryView
    """What happened."""
    balance: BalanceAfterView
    """What is there right after it."""


class GrantedView(MovedView):
    """The entry, the balance right after it, and the lot it made."""

    lot: LotView
    """The lot, as it was right after the entry."""


def moved_view(entry: Entry, unit: Unit) -> MovedView:
    """Shows an entry, and the balance as it was right after it."""
    return {"entry": entry_view(entry, unit), "balance": balance_after_view(entry, unit)}


def granted_view(entry: Entry, unit: Unit) -> GrantedView:
    """Shows an entry that made a lot, with that lot."""
    lot = made_lot_view(entry, unit)
    assert lot
    return {**moved_view(entry, unit), "lot": lot}


def moved(done: Result, unit: Unit, view: Callable[[Entry, Unit], MovedView]) -> Answer:
    """Answers a movement, as ``view`` shows it. The header of a replay says that the movement was made before."""
    replay = {"idempotent_replay": "true"} if done.replayed else {}
    return answer(201, view(done.entry, unit), **replay)
