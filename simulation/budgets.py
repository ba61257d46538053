"""Budgets: put and deleted by steps of a run, and what is spent of them counted anew from the entries (laws 1 and 2).

Periods are whole days of UTC here, counted without a calendar. What a burn or a hold counts is what it takes; what a
release gives back is what it gives back, in the period in which it was set aside; and no entry that counts leaves more
than the limit of its moment.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from scrip.domain.credits.entries import Entry
from scrip.services.audit.changes import Author
from scrip.services.engine.executor import Executor, Moment
from scrip.services.usage import budgets
from scrip.services.usage.budgets import BudgetRequest, WantedBudget
from scrip.store import items
from simulation.expressions import Item

BUDGETED: Final = (1, 9, 14)
"""Slots whose wallets have budgets, and whose burns and holds say who uses the credits."""
MEMBERS: Final = (None, "m1", "m2")
DAY: Final = 86_400_000
FIRST: Final = 1_096 * DAY
"""1 January 1973: from here on periods of several days are counted."""
AUTHOR: Final = Author("simulation", 0)


def member_of(account: str, number: int) -> str | None:
    """Who uses the credits of a request; nobody but in wallets that have budgets."""
    slot = account[1:].partition(".")[0]
    return MEMBERS[number % 3] if slot.isdigit() and int(slot) in BUDGETED else None


def change(executor: Executor, account: str, unit: str, moment: Moment, dice: random.Random) -> str:
    """Puts a budget, changes one, or deletes one. Raises ``Refusal``."""
    name = dice.choice(("a", "b", "c"))
    asked = BudgetRequest(account, unit, name, moment, AUTHOR)
    if dice.random() < 0.25:
        budgets.delete(executor, asked)
        return "deleted"
    wanted = WantedBudget(
        dice.choice(("4", "15", "60")),
        dice.choice(("P1D", "P1D", "P2D")),
        "UTC",
        anchor=None,
        member={"a": None, "b": "*", "c": dice.choice((None, "m1"))}[name],
        meter=f"{unit}-gpu" if name == "c" and dice.random() < 0.5 else None,
        warn_at=("50%",),
        action="notify" if dice.random() < 0.3 else "refuse",
    )
    budgets.put(executor, wanted, asked)
    return "put"


class _Known(NamedTuple):
    """A budget as its last entry puts it."""

    since: int
    limit: int
    days: int
    member: str | None
    meter: str | None
    refuses: bool

    def start(self, at: int) -> int:
        """The beginning of the period that an instant lies in."""
        days = (at - FIRST) // DAY
        return FIRST + (days - days % self.days) * DAY

    def counts(self, member: str | None) -> bool:
        return self.member in (None, member) or (self.member == "*" and member is not None)


@dataclass(slots=True)
class SpentBudgets:
    """What is spent of a wallet's budgets, by name, beginning of its counting and member: in which period, how much.

    Attributes:
        placed: by hold, the sequence and the instant of the entry that placed it.
        stored: what is kept, by the sidecar's name.
    """

    known: dict[str, _Known] = field(default_factory=dict)
    spent: dict[tuple[str, int, str | None], tuple[int, int]] = field(default_factory=dict)
    placed: dict[int, tuple[int, int]] = field(default_factory=dict)
    stored: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def bounds(self) -> bool:
        """Whether something may be refused though there are credits for it."""
        return any(one.refuses for one in self.known.values())

    def wrong(
        self, entry: Entry, hold: Mapping[str, Any] | None, burned: Entry | None
    ) -> tuple[int, str] | None:
        """The law that an entry breaks with what it says of budgets, and how.

        Args:
            hold: as it was before, if the entry is of one.
            burned: the entry that it reverses, if it reverses one.
        """
        put = entry.extra.get("budget") if entry.kind == "status" else None
        if put:
            self._put(put)
            return None
        if entry.kind == "hold" and hold is None:
            self.placed[entry.extra["hold"]["seq"]] = (entry.seq, entry.at)
        said = entry.extra.get("budgets", {})
        for name, one in self.known.items():
            told = said.get(name)
            if told and (wrong := self._count(entry, name, one, told)):
                return 2, wrong
            counted = int(told["counted"]) if told else 0
            expected = self._expected(entry, one, hold, burned)
            if expected is not None and not expected[0] <= counted <= expected[1]:
                return 1, f"counts {counted} in the budget {name}, and it is {expected}"
        gone = [name for name in said if name not in self.known]
        return (1, f"counts in the budget {gone[0]}, which there is not") if gone else None

    def unkept(self, beside: Iterable[tuple[str, str, Item | None]]) -> str:
        """What is wrong with what is kept of a commit; nothing where nothing is.

        Args:
            beside: kind, name and item of what was written with it.
        """
        for kind, name, item in beside:
            if kind == "spent":
                self.stored[name] = items.read_sidecar(item) if item else {}
        for (name, since, member), (start, steps) in self.spent.items():
            one = self.known.get(name)
            if one is None or one.since != since:
                continue
            place = f"by.{member}" if one.member == "*" else "all"
            kept = self.stored.get(place, {}).get(name)
            if (int(kept[3]) if kept and kept[:2] == [since, start] else 0) != steps:
                return f"has spent {steps} of the budget {name} ({member}) since {start}, and keeps {kept}"
        return ""

    def _put(self, put: Mapping[str, Any]) -> None:
        if put.get("deleted"):
            del self.known[put["id"]]
            return
        self.known[put["id"]] = _Known(
            put["since"],
            int(put["limit"]),
            int(put["every"][1:-1]),
            put.get("member"),
            put.get("meter"),
            put.get("action", "refuse") == "refuse",
        )

    def _count(self, entry: Entry, name: str, one: _Known, told: Mapping[str, Any]) -> str:
        counted, start = int(told["counted"]), one.start(entry.at)
        if (told["of"], told["from"]) != (one.since, start):
            return f"counts in the budget {name} from {told['from']} on, and its period begins at {start}"
        place = (name, one.since, told["member"] if one.member == "*" else None)
        last, before = self.spent.get(place, (start, 0))
        now = counted + (before if last == start else 0)
        if now < 0 or (one.refuses and counted > 0 and now > one.limit):
            return f"leaves {now} of the budget {name} spent, whose limit is {one.limit}"
        if counted:
            self.spent[place] = start, now
        return ""

    def _expected(
        self, entry: Entry, one: _Known, hold: Mapping[str, Any] | None, burned: Entry | None
    ) -> tuple[int, int] | None:
        """What an entry is to count in a budget, from and to; None: it is not told here."""
        if entry.kind in ("burn", "hold"):
            return self._taken(entry, one)
        if entry.kind not in ("release", "capture", "reversal"):
            return 0, 0
        if one.meter is not None:
            return None
        if entry.kind == "reversal":
            return None if burned is None else self._reversed(entry, one, burned)
        assert hold
        now = entry.extra["hold"]
        if entry.kind == "capture":
            excess = int(now["extra"]) - int(hold["extra"])
            return (excess, excess) if one.counts(entry.member) else (0, 0)
        back = int(now["released"]) - int(hold["released"])
        if not one.counts(now.get("member")):
            return 0, 0
        if now.get("lease"):
            # What was filled up in earlier periods does not come back.
            return -back, 0
        seq, at = self.placed[now["seq"]]
        same = seq > one.since and one.start(at) == one.start(entry.at)
        return (-back, -back) if same else (0, 0)

    @staticmethod
    def _taken(entry: Entry, one: _Known) -> tuple[int, int] | None:
        if not one.counts(entry.member):
            return 0, 0
        steps = -entry.amount if entry.kind == "burn" else sum(draw.amount for draw in entry.draws)
        usage = entry.extra.get("usage")
        if one.meter is None:
            return steps, steps
        if isinstance(usage, Mapping):
            return (steps, steps) if usage["meter"] == one.meter else (0, 0)
        return None

    def _reversed(self, entry: Entry, one: _Known, burned: Entry) -> tuple[int, int] | None:
        if not one.counts(burned.member):
            return 0, 0
        if burned.kind == "capture":
            return None
        if burned.seq < one.since or one.start(burned.at) != one.start(entry.at):
            return 0, 0
        if "owes" in burned.extra or "carry" in burned.extra:
            return None
        return -entry.amount, -entry.amount
