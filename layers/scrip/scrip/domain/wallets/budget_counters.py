"""What is spent of budgets: a counter for each budget and period, exact in the transaction of what is spent.

The counters of a wallet are one sidecar, and those of budgets that each member has for itself one a member: so a burn
writes two items more at most, however many budgets there are. A counter is of the present period: one of a period that
is over is forgotten, and what comes back to such a one changes nothing.

Credits count when they leave the wallet for good or are set aside, whichever comes first, and a hold remembers what it
counted: what it gives back is taken off again, in the period in which it was set aside. Entries say what they counted.
Does not own what a budget says (``budgets``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, NamedTuple

from scrip.domain.credits.errors import BudgetExceeded
from scrip.domain.wallets import budgets
from scrip.domain.wallets.budgets import EACH, Budget
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.holds import Hold
from scrip.domain.wallets.wallet import Name, NeedSidecars, Sidecar

KIND: Final = "spent"
"""The kind of the sidecars that keep counters: those of the wallet, and those of each member."""
WALLET: Final = "all"
BY: Final = "by."
"""How the name of a member's own counters begins: the member follows."""
MEMBER: Final = "budgets"
"""What entries, and holds, say of the budgets that they counted in, by the ids of these."""
LIMIT: Final = "100%"
"""The mark of a budget that is its limit itself."""
UNCOUNTED: Final = ("",)
"""In place of the meter for which credits are counted already: they are not."""
Meter = str | None
Still = dict[str, list[Any]]
Kept = Mapping[str, Sequence[Any]]
"""By budget, in which counting of it (``since``), in which period (its beginning) and how many steps (as text)."""


class BudgetCounter(NamedTuple):
    """The counter of a budget in one period: steps, and the period in epoch milliseconds."""

    steps: int
    start: int
    end: int


@dataclass(slots=True)
class _BudgetChange:
    """What one entry changes of a budget's counter.

    Attributes:
        counted: steps; negative where more come back.
        held: steps that it spends of what a hold had counted in this period.
        back: steps that it takes off what a hold had counted, among ``counted``.
    """

    counted: int = 0
    held: int = 0
    back: int = 0

    def take(self, steps: int) -> None:
        """Takes off what a hold had counted."""
        self.counted -= steps
        self.back += steps


@dataclass(slots=True)
class Counters:
    """The budgets that count what a member spends (None: nobody is named), and their present counters.

    Attributes:
        every: all budgets of the wallet, by their names; ``known``: those that count what the member spends.
        spent: what was counted in each of these before.
        changes: what the entry that is recorded next changes of them.
    """

    draft: Draft
    member: str | None
    every: Mapping[str, Budget]
    known: Mapping[str, Budget]
    spent: Mapping[str, BudgetCounter]
    changes: dict[str, _BudgetChange] = field(default_factory=dict)

    def room(self, meter: Meter, counted: Sequence[Meter] = UNCOUNTED) -> int | None:
        """Returns how many steps may yet be spent for a meter; None where no budget bounds that.

        Args:
            counted: the meter for which these steps are counted already, alone in a sequence.
        """
        found: int | None = None
        for one in self._of(meter, counted):
            if one.terms.action == "refuse":
                left = max(0, one.terms.limit - self._now(one.name))
                found = left if found is None else min(left, found)
        return found

    def count(
        self,
        parts: Iterable[tuple[Meter, int]],
        counted: Sequence[Meter] = UNCOUNTED,
        *,
        checked: bool = True,
    ) -> None:
        """Counts what is spent for each meter. What costs nothing counts as nothing.

        Raises:
            BudgetExceeded: ``checked``, and a budget has not so much left; of several it is that with the least.
        """
        sums: dict[str, int] = {}
        for meter, steps in parts:
            for one in self._of(meter, counted):
                sums[one.name] = sums.get(one.name, 0) + steps
        if checked:
            self._check(sums)
        for name, steps in sums.items():
            self._change(name).counted += steps

    def take_back(self, kept: Kept, back: Mapping[Meter, int]) -> Still:
        """Takes off what a hold had counted and gives back. Returns what the hold keeps.

        Args:
            kept: what the hold counted.
            back: the steps that it gives back, by the meter for which they were set aside.
        """
        still: Still = {}
        for one, steps in self._present(kept):
            taken = min(steps, _sum(one, back))
            if taken:
                self._change(one.name).take(taken)
            self._say(still, one, steps - taken)
        return still

    def shift(self, kept: Kept, meter: Meter, other: Meter, steps: int) -> Still:
        """Counts what a hold had set aside for one meter as spent for another. Returns what the hold keeps.

        Raises:
            BudgetExceeded: a budget that counts the other alone has not so much left.
        """
        self.count([(other, steps)], [meter])
        still: Still = {}
        for one, there in self._present(kept):
            gone = min(there, steps) if one.is_for(meter) and not one.is_for(other) else 0
            if gone:
                self._change(one.name).take(gone)
            self._say(still, one, there - gone)
        return still

    def capture(self, kept: Kept, left: Mapping[Meter, int]) -> Still:
        """Notes what is spent of what a hold had counted. Returns what the hold keeps.

        What a hold set aside first is spent first: what was counted in an earlier period than the present one.

        Args:
            left: the steps that it holds then, by meter.
        """
        still: Still = {}
        for one, steps in self._present(kept):
            after = min(steps, _sum(one, left))
            if after < steps:
                self._change(one.name).held += steps - after
            self._say(still, one, after)
        return still

    def capture_of(self, hold: Hold) -> Still | None:
        """Notes that a hold, which has as much left as it says, was spent for the rest of what it had counted.

        Returns what the hold keeps.
        """
        return self.capture(hold.budgets or {}, held_by_meter(hold)) or None

    def allows(self, meter: Meter, steps: int, counted: Sequence[Meter] = UNCOUNTED) -> bool:
        """Tells whether budgets leave so many steps for a meter. Of what costs nothing they always do."""
        room = self.room(meter, counted)
        return room is None or steps <= room or not steps

    def hold(self, kept: Kept | None = None) -> Still | None:
        """Returns what a hold keeps of what is counted now, and of what it had kept in the present period."""
        sums = {one.name: steps for one, steps in self._present(kept or {})}
        for name, change in self.changes.items():
            sums[name] = sums.get(name, 0) + change.counted
        still: Still = {}
        for name, steps in sums.items():
            self._say(still, self.known[name], steps)
        return still or None

    def take_off(self, name: str, steps: int) -> None:
        """Takes off what comes back of what an earlier entry had counted in the present period; never more than is."""
        steps = min(steps, self._now(name))
        if steps > 0:
            self._change(name).counted -= steps

    def reserve(self) -> None:
        """Makes room in the commit for the counters, which are known only after lots have paid."""
        for place in dict.fromkeys(map(self._place, self.known.values())):
            self.draft.keep(KIND, place, self.draft.sidecar(KIND, place))

    def keep(self) -> dict[str, Any]:
        """Keeps the counters. Returns what the entry that is recorded next says of them; nothing where none is touched.

        Counters of budgets that there are no more are dropped with the next change beside them.
        """
        if not self.changes:
            return {}
        moved = [self.known[name] for name, change in self.changes.items() if change.counted]
        for place in dict.fromkeys(map(self._place, moved)):
            kept = dict(self.draft.sidecar(KIND, place) or {})
            live = {name: one.since for name, one in self.every.items()}
            kept = {name: one for name, one in kept.items() if live.get(name) == one[0]}
            for one in moved:
                if self._place(one) == place:
                    start, end = self.spent[one.name][1:]
                    kept[one.name] = [one.since, start, end, str(self._now(one.name))]
            self.draft.keep(KIND, place, kept)
        return {MEMBER: {name: self._told(name) for name in sorted(self.changes)}}

    def _told(self, name: str) -> dict[str, Any]:
        """Returns what an entry says of a counter: what it changes, and what that crosses."""
        one, spent, change = self.known[name], self.spent[name], self.changes[name]
        said: dict[str, Any] = {"of": one.since, "from": spent.start, "counted": str(change.counted)}
        if change.held:
            said["held"] = str(change.held)
        if change.back not in (0, -change.counted):
            said["back"] = str(change.back)
        if one.terms.member == EACH:
            said["member"] = self.member
        crossed = _crossed(one, spent.steps, self._now(name))
        if crossed:
            limit, now = str(one.terms.limit), str(self._now(name))
            said["crossed"] = {"at": crossed, "spent": now, "limit": limit, "to": spent.end}
            if one.terms.member is not None:
                said["crossed"]["member"] = self.member
        return said

    def _check(self, sums: Mapping[str, int]) -> None:
        """Refuses what a budget has not left. Raises ``BudgetExceeded``."""
        past = [
            one
            for name, steps in sums.items()
            if steps > 0
            and (one := self.known[name]).terms.action == "refuse"
            and self._now(name) + steps > one.terms.limit
        ]
        if past:
            one = min(past, key=lambda one: (one.terms.limit - self._now(one.name), one.name))
            ends = self.spent[one.name].end
            whose = self.member if one.terms.member == EACH else one.terms.member
            raise BudgetExceeded(one.name, one.terms.limit, self._now(one.name), ends, whose)

    def _of(self, meter: Meter, counted: Sequence[Meter]) -> list[Budget]:
        """Returns the budgets that count what is spent for a meter, and did not count it before for another."""
        found = [one for one in self.known.values() if one.is_for(meter)]
        return found if counted is UNCOUNTED else [one for one in found if not one.is_for(counted[0])]

    def _present(self, kept: Kept) -> Iterable[tuple[Budget, int]]:
        """Yields the budgets that a hold counted in and whose period of then is still the present one."""
        for name, (since, start, steps) in kept.items():
            one = self.known.get(name)
            if one and one.since == since and self.spent[name].start == start:
                yield one, int(steps)

    def _say(self, still: Still, one: Budget, steps: int) -> None:
        """Adds what a hold counts of a budget to what it keeps; nothing where it counts nothing."""
        if steps:
            still[one.name] = [one.since, self.spent[one.name].start, str(steps)]

    def _now(self, name: str) -> int:
        """Returns what is spent of a budget after what is counted so far."""
        change = self.changes.get(name)
        return self.spent[name].steps + (change.counted if change else 0)

    def _change(self, name: str) -> _BudgetChange:
        return self.changes.setdefault(name, _BudgetChange())

    def _place(self, one: Budget) -> str:
        """Returns the name of the sidecar that a budget's counter is in."""
        return _name(self.member) if one.terms.member == EACH else WALLET


def load(draft: Draft, member: str | None, now: int) -> Counters:
    """Returns the counters of what a member spends at an instant, epoch milliseconds; all are asked for in one read."""
    every = need(draft, [member])
    known = {name: one for name, one in every.items() if one.counts(member)}
    spent = {name: spent_of(draft, one, member, now) for name, one in known.items()}
    return Counters(draft, member, every, known, spent)


def need(draft: Draft, whose: Iterable[str | None]) -> Mapping[str, Budget]:
    """Returns the budgets of a wallet by their names.

    Asks for them and for the counters of these members at once, where one was not read.
    """
    names: list[Name] = [(budgets.KIND, budgets.ALL), (KIND, WALLET)]
    known = budgets.all_of(draft) if draft.knows(names[0]) else None
    if known is None or any(one.terms.member == EACH for one in known.values()):
        names += [(KIND, _name(member)) for member in dict.fromkeys(whose) if member is not None]
    if known is None or not all(draft.knows(name) for name in names):
        raise NeedSidecars(tuple(names))
    return known


def spent_of(draft: Draft, one: Budget, member: str | None, now: int) -> BudgetCounter:
    """Returns the counter of a budget in the period of an instant; of each member's own, that of ``member``."""
    name = _name(member) if one.terms.member == EACH else WALLET
    return read(draft.sidecar(KIND, name), one, now)


def read(sidecar: Sidecar | None, one: Budget, now: int) -> BudgetCounter:
    """Returns the counter of a budget, as it is kept, in the period that an instant lies in."""
    kept = (sidecar or {}).get(one.name)
    if kept:
        since, start, end, steps = kept
        if since == one.since and start <= now < end:
            return BudgetCounter(int(steps), start, end)
    return BudgetCounter(0, *one.terms.period(now))


def given_back(draft: Draft, hold: Hold, back: Mapping[Meter, int], at: int) -> tuple[Hold, dict[str, Any]]:
    """Takes off what a hold had counted and gives back at an instant.

    Returns the hold with what it counts then, and what the entry says of it.
    """
    if not (hold.budgets and draft.budgeted):
        return hold, {}
    counters = load(draft, hold.member, at)
    still = counters.take_back(hold.budgets, back)
    return replace(hold, budgets=still or None), counters.keep()


def captured(draft: Draft, hold: Hold, at: int) -> tuple[Hold, dict[str, Any]]:
    """Notes that a hold, which has as much left as it says, was spent for the rest of what it had counted.

    Returns the hold with what it counts then, and what the entry says of it.
    """
    if not (hold.budgets and draft.budgeted):
        return hold, {}
    counters = load(draft, hold.member, at)
    still = counters.capture_of(hold)
    return replace(hold, budgets=still), counters.keep()


def held_by_meter(hold: Hold) -> dict[Meter, int]:
    """Returns the steps that a hold still holds, by the meter for which they were set aside."""
    found: dict[Meter, int] = {}
    for meter, _, steps in hold.left:
        found[meter] = found.get(meter, 0) + steps
    return found


def _crossed(one: Budget, before: int, after: int) -> list[str]:
    """Returns which percentages of a budget's limit were reached with an entry; ``LIMIT`` is the limit itself."""
    limit = one.terms.limit
    marks = [*one.terms.warn_at, LIMIT]
    return [mark for mark in marks if before < limit * share(mark) <= after]


def share(percentage: str) -> Fraction:
    """Returns a percentage as a fraction of one."""
    return Fraction(percentage.removesuffix("%")) / 100


def _sum(one: Budget, steps: Mapping[Meter, int]) -> int:
    """Returns the steps that a budget counts, of these by meter."""
    return sum(many for meter, many in steps.items() if one.is_for(meter))


def _name(member: str | None) -> str:
    """Returns the name of the sidecar with a member's own counters."""
    return f"{BY}{member}"
