"""What clients read: held against what the ledger says (laws 1, 2, 4 and 5)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from scrip.domain.credits import limits
from scrip.domain.wallets.lot_lists import BEGINNING
from scrip.services.engine.executor import Executor, Moment
from scrip.services.wallets import balances
from scrip.services.wallets import lots as listing
from simulation.books import Books, LawBroken, WalletBook

ROLLING: Final = frozenset({"allowance", "rollover", "transfer"})
"""Kinds of lots that may go on in another at their end, which no entry of theirs says."""


@dataclass(frozen=True, slots=True)
class Look:
    """A client's look at a wallet."""

    books: Books
    executor: Executor
    account: str
    unit: str
    moment: Moment
    dice: random.Random

    @property
    def draft(self) -> WalletBook:
        """As it is now: others may write while the client reads."""
        return self.books.of(self.account, self.unit)


def balance(look: Look) -> str:
    """What is read is no older than what was written before it, and nothing of it has ended (law 5)."""
    before = look.draft.version
    found, _unit = balances.balance(look.executor, look.account, look.unit, look.moment)
    draft = look.draft
    if found.version < before:
        raise LawBroken(3, f"a balance of {look.account} is of version {found.version}, after {before}")
    if min(found.totals) < 0:
        raise LawBroken(2, f"a balance of {look.account} is below zero: {found.totals}")
    timeless = not (draft.totals.held or draft.totals.pending or draft.totals.frozen)
    allowed = any(row.entry.extra.get("allowance") for row in draft.rows.values())
    if found.version != draft.version or not timeless or allowed:
        return "done"
    left = [told for told in draft.told.values() if told.left]
    ended = [told for told in left if told.facts.get("expires_at", found.as_of + 1) <= found.as_of]
    if any(told.facts["kind"] in ROLLING for told in ended):
        return "done"
    living = sum(told.left for told in left) - sum(told.left for told in ended)
    if living != found.totals.available:
        shown = found.totals.available
        raise LawBroken(5, f"{look.account} shows {shown}, and {living} live at {found.as_of}")
    return "done"


def past(look: Look) -> str:
    """As of an instant in the past, a wallet is as its last entry then left it."""
    draft = look.draft
    if not draft.rows:
        return "nothing to do"
    at = list(draft.rows.values())[int(look.dice.random() * len(draft.rows))].entry.at
    if at >= draft.at:
        return "nothing to do"
    found, _ = balances.balance(look.executor, look.account, look.unit, look.moment, at)
    last = [one.entry for one in draft.rows.values() if one.entry.at <= at][-1]
    if found.past and (found.version, found.totals) != (last.seq, last.after):
        raise LawBroken(1, f"{look.account} at {at} shows version {found.version}, and was at {last.seq}")
    return "done"


def entries(look: Look) -> str:
    """Every entry that is listed is one of the ledger's."""
    last = (limits.MAX_INSTANT, limits.LAST_SEQ)
    found, _through, _unit = balances.entries(
        look.executor, look.account, look.unit, balances.EntryQuery(None, 0, last, 10)
    )
    rows = look.draft.rows
    for entry in found.entries:
        if entry.id not in rows or rows[entry.id].hash != entry.hash():
            raise LawBroken(4, f"the list of {look.account} shows an entry that the ledger does not have")
    return "done"


def lots(look: Look) -> str:
    """No lot is shown after its end."""
    listed, following, _unit = listing.lots(
        look.executor, look.account, look.unit, look.moment, listing.LotQuery(False, BEGINNING, 1000)
    )
    if following:
        raise LawBroken(1, f"{look.account} has more lots than it was ever given")
    late = [one.lot.seq for one in listed if one.lot.spendable and one.lot.expired(look.moment.at)]
    if late:
        raise LawBroken(5, f"{look.account} shows lots {late} after their end")
    return "done"


LOOKS: Final[Mapping[str, Callable[[Look], str]]] = {
    "balance": balance,
    "past": past,
    "entries": entries,
    "lots": lots,
}
"""By their names, each gives how it ended."""
