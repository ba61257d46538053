"""What clients read: held against what the ledger says (laws 1, 2, 4 and 5)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from scrip.domain.credits import limits
from scrip.domain.wallets.lot_lists import BEGINNING, LotPlace
from scrip.services.engine.executor import Executor, Moment
from scrip.services.wallets import balances, explanations
from scrip.services.wallets import entries as listed_entries
from scrip.services.wallets import lots as listing
from scrip.services.wallets.entries import EntryQuery
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
    # One that nobody was told of has no end yet, whatever it says.
    ended = [
        told
        for told in left
        if told.facts.get("expires_at", found.as_of + 1) <= found.as_of and not told.waits
    ]
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
    found = listed_entries.entries(
        look.executor, look.account, look.unit, EntryQuery(None, 0, last, 10), look.moment
    )
    rows = look.draft.rows
    for entry in found.page.entries[found.unbooked :]:
        if entry.id not in rows or rows[entry.id].hash != entry.hash():
            raise LawBroken(4, f"the list of {look.account} shows an entry that the ledger does not have")
    return "done"


def lots(look: Look) -> str:
    """No lot is shown after its end."""
    listed, following, _unit = listing.lots(
        look.executor, look.account, look.unit, look.moment, listing.LotQuery(False, BEGINNING, 1000)
    )
    # A page of those that are held or frozen as a whole may be short, and yet be followed by another.
    if following and len(listed) >= 1000:
        raise LawBroken(1, f"{look.account} has more lots than it was ever given")
    late = [one.lot.seq for one in listed if one.lot.spendable and one.lot.expired(look.moment.at)]
    if late:
        raise LawBroken(5, f"{look.account} shows lots {late} after their end")
    return "done"


def pages(look: Look) -> str:
    """Page by page every lot is listed once, and all of them have what the balance has."""
    version, listed = look.draft.version, list[listing.ListedLot]()
    ended, limit = look.dice.random() < 0.5, look.dice.choice((1, 2, 3, 7))
    place: LotPlace | None = BEGINNING
    while place:
        query = listing.LotQuery(ended, place, limit)
        found, place, _unit = listing.lots(look.executor, look.account, look.unit, look.moment, query)
        listed += found
    balance, _unit = balances.balance(look.executor, look.account, look.unit, look.moment)
    if look.draft.version != version:
        return "done"
    if len({one.lot.seq for one in listed}) < len(listed):
        raise LawBroken(1, f"pages of {look.account} list a lot twice")
    there, totals = sum(one.lot.remaining + one.lot.held for one in listed), balance.totals
    if there != totals.total + totals.owed:
        raise LawBroken(
            1, f"pages of {look.account} have {there} steps, its balance {totals.total + totals.owed}"
        )
    return "done"


def explanation(look: Look) -> str:
    """Page by page the entries add up to the balance."""
    version, told, limit = look.draft.version, None, look.dice.choice((5, 20, 100))
    while True:
        query = explanations.ExplainQuery(told=told, limit=limit)
        found, _unit = explanations.explain(look.executor, look.account, look.unit, look.moment, query)
        if look.draft.version != version:
            return "done"
        if found.findings:
            raise LawBroken(1, f"an explanation of {look.account} finds: {found.findings[0]}")
        told = found.told
        if not found.more:
            break
    if told.seq < version or told.summed != found.totals.total:
        raise LawBroken(1, f"an explanation of {look.account} ends at {told}, and it has {found.totals}")
    return "done"


LOOKS: Final[Mapping[str, Callable[[Look], str]]] = {
    "balance": balance,
    "past": past,
    "entries": entries,
    "lots": lots,
    "pages": pages,
    "explanation": explanation,
}
"""By their names, each gives how it ended."""
