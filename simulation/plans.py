"""What allowances may grant, and what may go on at the end of what they granted: each entry held against that.

What an allowance grants follows from what it was told, and when, alone (laws 3, 5 and 10): its definitions are followed
here over segments of time, and each grant must be the next of those that follow from them: this instant, so many
steps, this end. Nothing is left out before a caller's entry. What is carried at an end is bound by the rule that its
lot was granted with, by all that goes on at that instant, and by all that lives of it.

Only the calendar is Scrip's own: its tests compare it with another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, NamedTuple

from scrip.domain.credits import calendar
from scrip.domain.credits.entries import Entry
from scrip.domain.verification.replay import ReplayedLot

Definition = Mapping[str, Any]
"""An allowance's plan as it is stored."""
ALLOWANCE: Final = "allowance"


class Expected(NamedTuple):
    """A grant that follows from definitions: its instant, steps, end (None: it has none), priority and version."""

    at: int
    steps: int
    ends: int | None
    priority: int
    version: int


class Closing(NamedTuple):
    """A period that ends, and what is owed then with it: the instant, what becomes of it, and the version."""

    at: int
    overage: str
    version: int


class Broken(NamedTuple):
    """A law that does not hold, and how."""

    law: int
    what: str


@dataclass(slots=True)
class Followed:
    """One allowance, as its definitions have it.

    Attributes:
        told: every definition by its version; None: it was deleted then.
        granted: the period that is credited: segments of its time, and for which amount each is.
        due: grants that are to come by the instant that was looked at last.
        next_at: when it is looked at next.
        closes: when the period that is credited is over. closed: periods that are over, whose end settles what is owed.
        told_at: when it was told what it is.
        begun, first: since when it is followed, and the end of that period; None: it never was.
    """

    told: dict[int, Definition | None] = field(default_factory=dict)
    version: int = 0
    since: int = 0
    until: int = 0
    granted: list[tuple[int, int, int]] = field(default_factory=list)
    due: deque[Expected] = field(default_factory=deque)
    next_at: int | None = None
    closes: int | None = None
    closed: deque[Closing] = field(default_factory=deque)
    told_at: int = 0
    begun: int | None = None
    first: int = 0

    def change(self, plan: Definition | None, at: int) -> Expected | None:
        """Tells it what it is from ``at`` on; None: deleted. Returns what that grants at once, if anything."""
        self.version += 1
        self.told[self.version] = plan
        self.next_at, self.closes, self.told_at = None, None, at
        if plan is None or plan["paused"]:
            return None
        start = plan["starts_at"]
        if plan.get("catch_up") and self.begun is None and start < at:
            self.next_at = start  # as if it had been told at its start
            return None
        if plan.get("catch_up") and self.begun is not None and start < self.begun:
            self.due.extend(self._missed(plan, self.begun))
        return self._credit(plan, at)

    def pass_time(self, to: int) -> None:
        """Time goes on to this instant: what is to be granted by then is due."""
        while (
            first := min((at for at in (self.next_at, self.closes) if at is not None), default=to + 1)
        ) <= to:
            plan = self.told[self.version]
            assert plan
            if first == self.closes:
                overage, self.closes = plan.get("overage"), None
                if overage in ("forgive", "invoice") and first >= self.told_at:
                    self.closed.append(Closing(first, overage, self.version))
            if first != self.next_at:
                continue
            found = self._credit(plan, self.next_at)
            if found:
                self.due.append(found)

    def _credit(self, plan: Definition, at: int) -> Expected | None:
        """What this instant grants: what the rest of its period has not been granted for yet, of the present amount."""
        start, end = plan["starts_at"], plan["ends_at"]
        self.next_at = None
        if at < start:
            self.next_at = start
        if at < start or (end is not None and at >= end):
            return None
        period = calendar.period(plan["anchor"], plan["every"], plan["zone"], at)
        if at >= self.until:
            self.since, self.until = period
            self.granted = [(*period, 0)]
            if self.begun is None:
                self.begun, self.first = at, self.until
        if end is None or self.until < end:
            self.next_at = self.until
        self.closes = self.until if end is None else min(self.until, end)
        if (self.since, self.until) != period:
            return None  # other periods wait until this one is over
        last = self.until if end is None else min(self.until, end)
        amount, area, after = int(plan["amount"]), 0, list[tuple[int, int, int]]()
        for begins, ends, level in self.granted:
            low, high = max(begins, at), min(ends, last)
            if low >= high:
                after.append((begins, ends, level))
                continue
            after += [(begins, low, level), (low, high, max(level, amount)), (high, ends, level)]
            area += max(0, amount - level) * (high - low)
        self.granted = [one for one in after if one[0] < one[1]]
        return self._expected(plan, at, area // (self.until - self.since), self.until)

    def _missed(self, plan: Definition, begun: int) -> Iterator[Expected]:
        """What lies between the start and when it was first followed: of each period the part in between."""
        at, end = plan["starts_at"], plan["ends_at"]
        self.begun, first = at, self.first
        while at < begun and (end is None or at < end):
            since, until = calendar.period(plan["anchor"], plan["every"], plan["zone"], at)
            last = min(until, begun) if end is None else min(until, begun, end)
            # What is missed of the period in which it was first followed ends with the rest of that period.
            ends = first if since < begun < until and begun < first else until
            if at == self.begun:
                self.first = ends
            steps = int(plan["amount"]) * (last - at) // (until - since)
            if found := self._expected(plan, at, steps, ends):
                yield found
            at = until

    def _expected(self, plan: Definition, at: int, steps: int, until: int) -> Expected | None:
        ends: int | None = until
        if plan["expires"] == "never":
            ends = None
        elif plan["expires"] != "period_end":
            ends = calendar.after(at, plan["expires"], "expires", plan["zone"])
        return Expected(at, steps, ends, plan.get("priority", 50), self.version) if steps else None


class Rule(NamedTuple):
    """What becomes of a lot at its end: its allowance, the rule as it was told, and how often it was carried."""

    name: str
    told: Definition
    times: int = 0

    @property
    def most(self) -> int | None:
        """The most that is carried at one instant, or that lives of it."""
        most: int | None = self.told["most"]
        return most

    @property
    def again(self) -> bool:
        """Whether the lot may go on once more."""
        return self.told["times"] is None or self.times < self.told["times"]


@dataclass(slots=True)
class Ending:
    """What ends of one allowance at one instant: by lot the most that it was seen to have, and what was carried."""

    seen: dict[int, int] = field(default_factory=dict)
    carried: int = 0


@dataclass(slots=True)
class Plans:
    """All allowances of a wallet.

    Attributes:
        rules: of lots that may go on at their end; None: it came from another wallet, and its rule is not known.
        asked: the instant of the last entry that a caller asked for.
    """

    followed: dict[str, Followed] = field(default_factory=dict)
    rules: dict[int, Rule | None] = field(default_factory=dict)
    endings: dict[tuple[str, int], Ending] = field(default_factory=dict)
    asked: int = -1

    def wrong(
        self, entry: Entry, told: Mapping[int, ReplayedLot], stored: Mapping[str, Mapping[str, Any]]
    ) -> Broken | None:
        """What is wrong with an entry; nothing where nothing is.

        Args:
            told: the lots as they were before it.
            stored: allowances that were written with it, as they are stored.
        """
        if entry.kind == "transfer_in":
            self.rules[entry.seq] = None
        of_time = entry.timely
        if self.followed and (broken := self._owed(entry)):
            return broken
        if entry.kind in ("rollover", "expiry"):
            return self._ends(entry, told)
        if not self.followed and ALLOWANCE not in entry.extra:
            return None
        found = None if of_time else self._left_out(entry.at)
        if ALLOWANCE in entry.extra:
            found = found or self._of_allowance(entry, stored)
        if not of_time:
            self.asked = entry.at
        return found

    def _owed(self, entry: Entry) -> Broken | None:
        """What is owed as a period ends is settled, where its allowance says so, before what begins then (law 5)."""
        said = entry.extra.get("overage") if entry.kind == "write_off" else None
        begins = not entry.timely or ALLOWANCE in entry.extra or entry.kind == "activation"
        for name, one in self.followed.items():
            one.pass_time(entry.at)
            while one.closed and (
                one.closed[0].at < entry.at or begins or (said and said["allowance"] == name)
            ):
                closing = one.closed.popleft()
                if said and said["allowance"] == name:
                    if (closing.at, closing.overage, closing.version) != (
                        entry.at,
                        said["as"],
                        said["version"],
                    ):
                        return Broken(10, f"writes off {said}, and {name} closes {closing}")
                    if entry.amount != entry.before.owed:
                        return Broken(1, f"writes off {entry.amount} of {entry.before.owed}")
                    return None
                if entry.before.owed:
                    return Broken(5, f"comes before what is owed is written off, as {name} says: {closing}")
        return Broken(10, f"writes off what no allowance says: {said}") if said else None

    def _left_out(self, at: int) -> Broken | None:
        """Before what somebody asks for comes all that time has granted (law 5)."""
        for name, one in self.followed.items():
            one.pass_time(at)
            if one.due:
                return Broken(5, f"comes before what {name} is to grant: {one.due[0]}")
        return None

    def _of_allowance(self, entry: Entry, stored: Mapping[str, Mapping[str, Any]]) -> Broken | None:
        name, version = entry.extra[ALLOWANCE], entry.extra["version"]
        one = self.followed.setdefault(name, Followed())
        new = version == one.version + 1
        if not new and version != one.version:
            return Broken(10, f"is of version {version} of {name}, which is at {one.version}")
        if new:
            body = stored.get(name)
            if body is None or body["version"] != version:
                return Broken(10, f"is of version {version} of {name}, which was not stored with it")
            expected = one.change(None if body["deleted"] else body["plan"], entry.at)
        elif entry.kind == "status":
            return None  # time looked at it, and granted nothing
        else:
            one.pass_time(entry.at)
            expected = one.due.popleft() if one.due else None
        found, plan = None, one.told[version]
        if entry.kind == "grant":
            lot = entry.extra["lot"]
            found = Expected(
                lot["effective_at"], int(lot["granted"]), lot.get("expires_at"), lot["priority"], version
            )
            if plan and plan["rollover"]:
                self.rules[entry.seq] = Rule(name, plan["rollover"])
        if found != expected:
            return Broken(3, f"of {name} is {found}, and {expected} follows from what it was told")
        return None

    # What goes on

    def _ends(self, entry: Entry, told: Mapping[int, ReplayedLot]) -> Broken | None:
        """Lots that end: what of them goes on, and what does not (law 5)."""
        instant = entry.extra["lot"]["effective_at"] if entry.kind == "rollover" else entry.at
        present = {}
        for seq, rule in self.rules.items():
            lot = told.get(seq)
            if rule and rule.again and lot and lot.facts.get("expires_at") == instant:
                present[seq] = rule
                ending = self.endings.setdefault((rule.name, instant), Ending())
                there = lot.left - lot.held - lot.frozen
                ending.seen[seq] = max(ending.seen.get(seq, 0), there)
        abroad = [
            one.left
            for seq, one in told.items()
            if one.facts.get("expires_at") == instant and self.rules.get(seq, 0) is None
        ]
        if entry.kind == "rollover":
            return self._goes_on(entry, told, instant, sum(abroad))
        if not abroad and instant > self.asked:
            for name in {rule.name for rule in present.values()}:
                if wrong := self._lost(name, instant):
                    return wrong
        return None

    def _goes_on(
        self, entry: Entry, told: Mapping[int, ReplayedLot], instant: int, abroad: int
    ) -> Broken | None:
        """What is carried is no more than the rule of its lot says."""
        of, steps = entry.extra["of"], int(entry.extra["lot"]["granted"])
        if of not in self.rules:
            return Broken(5, f"carries lot {of} on, which has no rule")
        rule = self.rules[of]
        if rule is None:
            self.rules[entry.seq] = None
            return None
        self.rules[entry.seq] = rule._replace(times=rule.times + 1)
        if told[of].facts.get("expires_at") != instant or not rule.again:
            return Broken(5, f"carries lot {of} on at {instant}, which it may not")
        ending = self.endings[rule.name, instant]
        ending.carried += steps
        share = abroad + sum(
            Fraction(found.told["fraction"]) * there
            for seq, there in ending.seen.items()
            if (found := self.rules[seq])
        )
        bound = max(rule.told["least"], share.numerator // share.denominator)
        if rule.most is not None:
            bound = min(bound, rule.most)
        if ending.carried > bound:
            return Broken(
                5, f"makes {ending.carried} that {rule.name} carries at {instant}, and it may {bound}"
            )
        if rule.told.get("living") and rule.most is not None:
            living = steps + self._living(rule.name, told, instant)
            if living > rule.most:
                return Broken(5, f"makes {living} that live of what {rule.name} carried, and {rule.most} may")
        return None

    def _living(self, name: str, told: Mapping[int, ReplayedLot], instant: int) -> int:
        """The steps that live of what was carried for an allowance."""
        known = [(told[seq], rule) for seq, rule in self.rules.items() if rule and seq in told]
        return sum(
            lot.left
            for lot, rule in known
            if rule.name == name
            and lot.facts["kind"] == "rollover"
            and lot.facts.get("expires_at", instant + 1) > instant
        )

    def _lost(self, name: str, instant: int) -> Broken | None:
        """What expires is no part of what goes on. Said of lots of one rule, whose cap is not of all that lives."""
        ending = self.endings[name, instant]
        rules = [one.told for seq in ending.seen if (one := self.rules[seq])]
        rule = rules[0]
        if rule.get("living") or any(other != rule for other in rules):
            return None
        there = sum(ending.seen.values())
        share = Fraction(rule["fraction"]) * there
        wanted = min(there, max(int(rule["least"]), share.numerator // share.denominator))
        if rule["most"] is not None:
            wanted = min(wanted, int(rule["most"]))
        if ending.carried != wanted:
            return Broken(5, f"ends what {name} was to carry: {wanted}, and {ending.carried} went on")
        return None
