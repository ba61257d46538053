"""How fast wallets spend, as entries tell it: whoever runs away is told of in the same commit, and nobody else (law 2).

It is a plain list of what was spent, and when. What a wallet keeps is less, and errs on one side: so a runaway is one
by this list, and what is more than the amount even by nine tenths of the while, and by a share less, is told of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Runaway
from scrip.domain.wallets.pace import within_ms
from simulation.expressions import Item

SPENDS = ("burn", "capture")


@dataclass(slots=True)
class Paces:
    """The pace of one wallet.

    Attributes:
        spent: by entry id, the instant and what is left of it. undone: how many were reversed since the count began.
        owing: whether the next entry has to tell of a runaway. frozen: whether the wallet is not active.
    """

    breaker: Runaway | None = None
    spent: dict[str, tuple[int, int]] = field(default_factory=dict)
    undone: int = 0
    passed: bool = False
    owing: bool = False
    may: bool = False
    frozen: bool = False

    def wrong(self, entry: Entry) -> str:
        """What is wrong with an entry; nothing where nothing is."""
        said = entry.extra.get("runaway") if entry.kind == "status" else None
        found = self._wrong_runaway(entry, said)
        self.owing = self.may = False
        counts = entry.kind in (*SPENDS, "reversal") and not entry.timely and entry.made_for is None
        if counts and not self.frozen:
            self._count(entry)
        frozen = entry.status != "active"
        if self.frozen and not frozen:
            self._begin()
        self.frozen = frozen
        return found

    def _wrong_runaway(self, entry: Entry, said: Mapping[str, Any] | None) -> str:
        if said is None:
            return "does not tell of the runaway before it" if self.owing else ""
        if not self.may or not self.breaker:
            return f"tells of a runaway that was none: {said}"
        freezes = self.breaker.action == "freeze"
        if (self.frozen, entry.status == "frozen") != (freezes, freezes):
            return "does not do what the breaker says"
        if self.breaker.action == "freeze":
            self._begin()
        self.passed = True
        return ""

    def _count(self, entry: Entry) -> None:
        if "breaker" in entry.extra:
            said = entry.extra["breaker"]
            self.breaker = Runaway(int(said["amount"]), said["within"], said["action"]) if said else None
            self._begin()
        if not self.breaker:
            return
        while_ms, amount = within_ms(self.breaker.within), self.breaker.amount
        self.spent = {id_: one for id_, one in self.spent.items() if one[0] > entry.at - while_ms}
        slack = (Fraction(amount, 255) + 2) * (1 + self.undone)
        self.passed = self.passed and self._within(entry.at, while_ms) > amount
        if entry.kind == "reversal":
            if entry.extra["of"] in self.spent:
                at, left = self.spent[entry.extra["of"]]
                self.spent[entry.extra["of"]] = (at, left - entry.amount)
                self.undone += 1
            return
        self.spent[entry.id] = (entry.at, -entry.amount)
        self.may = self._within(entry.at, while_ms) > amount
        least = self._within(entry.at, while_ms * 9 // 10) - slack
        self.owing = self.may and not self.passed and least > amount

    def _within(self, now: int, while_ms: int) -> int:
        return sum(left for at, left in self.spent.values() if at > now - while_ms)

    def _begin(self) -> None:
        self.spent, self.undone, self.passed = {}, 0, False


def is_kept(wallet: Item, paces: Paces) -> bool:
    """Whether a wallet's item says no more of its pace than it may, and nothing where nobody counts it."""
    kept = wallet["p"]["B"] if "p" in wallet else b""
    return len(kept) <= 23 and bool(kept) == (paces.breaker is not None)
