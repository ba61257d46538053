"""What wallets used, as their entries say it one by one; and what somebody is told who asks, held against that.

What must never be: an entry that counts twice or not at all up to the sequence that an answer names, and what is undone
given back in another hour than the one in which it was used.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from scrip.domain.credits.entries import Entry
from scrip.domain.usage.rollups import HOUR_MS, By
from scrip.services.engine.executor import Executor
from scrip.services.usage import totals
from scrip.services.usage.totals import UsageQuery
from scrip.store.tables import Tables
from simulation.books import LawBroken
from simulation.clock import Clock

BY: Final = (None, None, By("meter"), By("member"), By("tag", "team"), By("dimension", "size"))
PAGES: Final = (1, 3, 1000)
Wallet = tuple[str, str]
Hours = dict[int, Counter[str]]
"""By hour, steps (without a name) and minor units by currency."""


class Usages:
    """What each wallet that is alive has used.

    Attributes:
        looked: how often somebody asked.
    """

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._executor = Executor(tables, lambda _: None, now=clock.time)
        self._entries: dict[Wallet, dict[int, Entry]] = {}
        self.looked = 0

    def wrote(self, entry: Entry) -> None:
        """An entry was committed."""
        self._entries.setdefault((entry.account, entry.unit), {})[entry.seq] = entry

    def look(self, dice: random.Random, *, busy: bool) -> None:
        """Somebody asks what a wallet has used."""
        if self._entries:
            self._ask(dice.choice(sorted(self._entries)), dice, busy=busy)

    def closes(self, account: str, unit: str) -> None:
        """A wallet is no more: what it used is asked for once more."""
        if (account, unit) in self._entries:
            self._ask((account, unit), random.Random(len(self._entries[account, unit])))
            del self._entries[account, unit]

    def _ask(self, wallet: Wallet, dice: random.Random, *, busy: bool = False) -> None:
        """Asks page by page. Where tables may be ``busy``, a page may be of fewer entries, and says so."""
        by, limit = dice.choice(BY), dice.choice(PAGES)
        found, query, throughs = Hours(), UsageQuery(None, None, "PT1H", by=by, limit=limit), set[int]()
        while True:
            page = totals.totals(self._executor, *wallet, query)
            throughs.add(page.through)
            for _, row in page.found.items:
                into = found.setdefault(row.since // HOUR_MS, Counter())
                into[""] += row.steps
                into.update(row.money)
            if page.found.following is None:
                break
            query = UsageQuery(None, None, "PT1H", by=by, limit=limit, after=page.found.following)
        self.looked += 1
        entries, last = self._entries[wallet], max(throughs)
        if last > len(entries) or (not busy and throughs != {len(entries)}):
            raise LawBroken(
                4, f"what {wallet} used is told up to {throughs}, and it has {len(entries)} entries"
            )
        if len(throughs) > 1:
            return
        wanted = _used({seq: entry for seq, entry in entries.items() if seq <= last})
        if _shown(found) != _shown(wanted):
            raise LawBroken(
                8, f"{wallet} is told that it used {_shown(found)}, and its entries say {_shown(wanted)}"
            )


def _shown(hours: Hours) -> Mapping[int, Mapping[str, int]]:
    """Hours without what is nothing."""
    kept = {hour: {name: one for name, one in sums.items() if one} for hour, sums in hours.items()}
    return {hour: sums for hour, sums in sorted(kept.items()) if sums}


def _used(entries: Mapping[int, Entry]) -> Hours:
    """What entries say that was used, in which hour."""
    found, known = Hours(), {entry.id: entry for entry in entries.values()}
    for entry in entries.values():
        if entry.kind in ("burn", "capture"):
            draws, sign, used = entry.draws, 1, entry
        elif entry.kind == "reversal":
            draws = entry.draws[len(entry.extra.get("undone", ())) : entry.extra["back"]]
            sign, used = -1, known[entry.extra["of"]]
        else:
            continue
        into = found.setdefault(_time(used) // HOUR_MS, Counter())
        into[""] -= entry.amount
        for draw in draws:
            if draw.value:
                into[draw.value.currency] += sign * draw.value.amount
    return found


def _time(entry: Entry) -> int:
    """When it was used: as it says, or when it holds."""
    usage: Any = entry.extra.get("usage")
    said = usage if isinstance(usage, dict) else next(iter(usage or [{}]))
    return int(said.get("time", entry.at))
