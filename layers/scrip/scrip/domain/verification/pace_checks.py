"""Checks what a wallet keeps of its pace, and that whoever ran away was told of, from the entries alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.credits.units import Runaway
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.wallets import pace
from scrip.domain.wallets.wallet import Wallet


def check_pace(wallet: Wallet, entries: Iterable[Entry]) -> Iterator[Discrepancy]:
    """Checks that each runaway that is told of was one, that each was told of, and what is kept of the pace.

    Args:
        entries: the wallet's, from its first on.
    """
    told = _Told()
    for entry in entries:
        try:
            wrong = told.follow(entry)
        except UNREADABLE:
            yield Discrepancy(f"what entry {entry.seq} says of a runaway cannot be read", entry.seq, entry.id)
            return
        if wrong:
            yield Discrepancy(f"entry {entry.seq} {wrong}", entry.seq, entry.id)
    if told.crossing:
        yield Discrepancy("the last entry is a runaway, and nothing says so", wallet.version)
    if wallet.at < told.at or pace.moved(told.data, wallet.at - told.at) != wallet.pace:
        yield Discrepancy("what the wallet keeps of its pace is not what its entries say", wallet.version)


class _Told:
    """The pace as entries tell it.

    Attributes:
        crossing: what the next entry is to say. spent: instants and steps since the count began, all that may count.
        at_of: the instants of entries that spent, by their ids.
    """

    def __init__(self) -> None:
        self.breaker: Runaway | None = None
        self.data, self.at, self.status = b"", 0, "active"
        self.crossing: pace.Breach | None = None
        self.spent: deque[tuple[int, int]] = deque()
        self.at_of: dict[str, int] = {}

    @property
    def _freezes(self) -> bool:
        return self.breaker is not None and self.breaker.action == "freeze"

    def follow(self, entry: Entry) -> str | None:
        """Follows one entry. Returns what is wrong with it, in words. Raises one of ``UNREADABLE``."""
        crossing, self.crossing = self.crossing, None
        said = entry.extra.get(pace.RUNAWAY) if entry.kind == "status" else None
        wrong = self._wrong_status(entry, crossing, said)
        counts = entry.kind in pace.COUNTED and not entry.timely and entry.made_for is None
        if counts and self.status == "active":
            if self._count(entry) and (entry.status == "frozen") != self._freezes:
                wrong = wrong or "runs away, and does not do what its breaker says"
        elif entry.kind == "status" and (self.status, entry.status) == ("frozen", "active"):
            self.data = pace.emptied(self.data) if self.data else b""
            self.spent.clear()
        if entry.kind in ("burn", "capture"):
            self.at_of[entry.id] = entry.at
        self.status = entry.status
        return wrong

    def _wrong_status(self, entry: Entry, crossing: pace.Breach | None, said: object) -> str | None:
        """Returns what is wrong with what an entry says of a runaway. ``crossing``: what it is to say."""
        if not crossing or not self.breaker:
            return "tells of a runaway that was none" if said else None
        if said != {**crossing.to_json(), **self.breaker.to_json()}:
            return "does not tell of the runaway before it"
        there = sum(steps for at, steps in self.spent if at > crossing.since)
        if not self.breaker.amount < crossing.burned <= there:
            return f"tells of {crossing.burned} that were spent, and {there} were"
        if (entry.status == "frozen") != self._freezes:
            return "does not do what its breaker says"
        return None

    def _count(self, entry: Entry) -> pace.Breach | None:
        """Counts an entry. Returns the crossing that it is, which the next one is to tell of; None: it is none."""
        if pace.BREAKER in entry.extra:
            self.breaker = pace.read_breaker(entry.extra[pace.BREAKER])
            self.spent.clear()
        if not self.breaker:
            self.data, self.at = b"", entry.at
            return None
        undoes = self.at_of.get(str(entry.extra.get("of"))) if entry.kind == "reversal" else None
        if entry.kind != "reversal":
            self.spent.append((entry.at, -entry.amount))
        while self.spent and self.spent[0][0] <= entry.at - pace.within_ms(self.breaker.within):
            self.spent.popleft()
        self.data, self.crossing = pace.counted(self.breaker, self.data, self.at, entry, undoes)
        self.at = entry.at
        return self.crossing
