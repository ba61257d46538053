"""Debts: what a wallet owes, what it was for, and who repaid it.

The debts of one purpose are a line: every step that was ever owed has its place on it, counted from 0. A burn that
owes takes the next places, and its entry says which. A span is a part of the line that is owed no more, and by whom it
was repaid; places in no span are owed. So what is undone finds the very lots that paid for it.

    places      0        20        50      60
    line of api |--------|#########|-------|        50 were repaid by lot 7, which left places 0 to 20 and 50 to 60 owed

A debt's purpose is the meter that it was burned for (none: nothing that a meter counts); that of a clawback is the lot
that lacked the credits, with the lot's scope.

Pure. Does not own which of them a lot repays (``domain.wallets.repayments``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from scrip.domain.credits.entries import Draw, Entry

MEMBERS: Final = frozenset({"owes", "forgives", "undone", "repays"})
"""What an entry's ``extra`` says of debts."""
UNDONE: Final = 0
"""In place of the lot that repaid: what owed it was undone, so that nothing is owed and nobody paid."""
WRITTEN_OFF: Final = -1
"""In place of the lot that repaid: it was forgiven."""


class Purpose(NamedTuple):
    """What was owed for.

    Attributes:
        lot: the sequence of the lot that a clawback found burned; 0: it was burned by overdraft.
        meters: those that it was burned for; of a clawback, the lot's scope. None: for anything.
    """

    lot: int = 0
    meters: tuple[str, ...] = ()

    def within(self, scope: Sequence[str]) -> bool:
        """Tells whether lots of this scope may repay it: those of none repay anything, others what their meters owe."""
        return not scope or (bool(self.meters) and set(self.meters) <= set(scope))


class Places(NamedTuple):
    """Places of a purpose's line: the first, and how many; 0 for all that follow."""

    start: int
    steps: int
    purpose: Purpose


class Span(NamedTuple):
    """A part of a line that is owed no more.

    Attributes:
        start, steps: its first place, and how many it has.
        lot: the sequence of the lot that repaid it, ``UNDONE`` or ``WRITTEN_OFF``.
        money, tax: the minor units that left the lot with them, and of tax that is due as credits are spent.
    """

    start: int
    steps: int
    lot: int
    money: int = 0
    tax: int = 0

    @property
    def end(self) -> int:
        """Returns the place after its last."""
        return self.start + self.steps

    def part(self, start: int, end: int) -> Span:
        """Returns what of it lies in these places, with its share of the money; without steps where nothing does."""
        start, end = max(start, self.start), min(end, self.end)
        if start >= end:
            return Span(start, 0, self.lot)
        money, tax = (self._share(whole, start, end) for whole in (self.money, self.tax))
        return Span(start, end - start, self.lot, money, tax)

    def _share(self, whole: int, start: int, end: int) -> int:
        """Returns the part of its money, or of its tax, that these places of it took along."""
        before, after = (whole * (place - self.start) // self.steps for place in (start, end))
        return after - before


@dataclass(slots=True)
class Line:
    """All that was ever owed for one purpose.

    Attributes:
        ever: how many places it has.
        since: the sequence of the entry since which some of it has been owed without a break.
        spans: the parts that are owed no more, in order.
    """

    ever: int = 0
    since: int = 0
    spans: list[Span] = field(default_factory=list)

    @property
    def owed(self) -> int:
        """Returns the steps that are owed."""
        return self.ever - sum(span.steps for span in self.spans)

    def owing(self, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
        """Yields the first place and the steps of each part between two places that is owed, in order."""
        at, end = start, self.ever if end is None else end
        for span in self.spans:
            if at < min(span.start, end):
                yield at, min(span.start, end) - at
            at = max(at, span.end)
        if at < end:
            yield at, end - at

    def between(self, start: int, end: int) -> list[Span]:
        """Returns the parts between two places that are owed no more, in order."""
        found = (span.part(start, end) for span in self.spans)
        return [span for span in found if span.steps]

    def settle(self, new: Span) -> None:
        """Puts a span on the line, over whatever was in its places. Neighbours with no money are one span."""
        parts = [
            part
            for span in self.spans
            for part in (span.part(span.start, new.start), span.part(new.end, span.end))
            if part.steps
        ]
        self.spans = []
        for span in sorted([*parts, new]):
            last = self.spans[-1] if self.spans else None
            free = last and not (last.money or last.tax or span.money or span.tax)
            if last and free and last.end == span.start and last.lot == span.lot:
                self.spans[-1] = last._replace(steps=last.steps + span.steps)
            else:
                self.spans.append(span)


@dataclass(slots=True)
class Debts:
    """The lines of a wallet, by purpose."""

    lines: dict[Purpose, Line] = field(default_factory=dict)

    @property
    def owed(self) -> int:
        """Returns the steps that are owed, for whatever purpose."""
        return sum(line.owed for line in self.lines.values())

    def owe(self, purpose: Purpose, steps: int, seq: int) -> int:
        """Adds a debt that the entry ``seq`` makes. Returns its first place."""
        line = self.lines.setdefault(purpose, Line())
        if not line.owed:
            line.since = seq
        line.ever += steps
        return line.ever - steps

    def settle(self, purpose: Purpose, span: Span) -> int:
        """Puts a span on a line. Returns the steps it was owed less.

        Raises:
            ValueError: the line has no such places.
        """
        line = self.lines.get(purpose, Line())
        if not 0 <= span.start < span.end <= line.ever:
            raise ValueError(f"nothing was owed at {span.start} to {span.end}")
        before = line.owed
        line.settle(span)
        return before - line.owed

    def forget(self) -> None:
        """Forgets the lines all of which was undone: between two entries they are not kept."""
        self.lines = {
            purpose: line
            for purpose, line in self.lines.items()
            if line.owed or any(one.lot != UNDONE for one in line.spans)
        }

    def lacking(self, lot: int) -> int:
        """Returns the steps that clawbacks of a lot found burned and that nobody has paid for, written off or not."""
        lines = [line for purpose, line in self.lines.items() if purpose.lot == lot]
        forgiven = (span.steps for line in lines for span in line.spans if span.lot == WRITTEN_OFF)
        return sum(line.owed for line in lines) + sum(forgiven)

    def by_others(self, lot: int) -> int:
        """Returns the steps that clawbacks of a lot found burned and that other lots have paid."""
        lines = [line for purpose, line in self.lines.items() if purpose.lot == lot]
        return sum(span.steps for line in lines for span in line.spans if span.lot > 0 and span.lot != lot)

    def include(self, owed: int) -> None:
        """Takes up debt that was made before debts said what they were for: it may be repaid like a plain one."""
        if owed > self.owed:
            self.owe(Purpose(), owed - self.owed, 0)

    def to_json(self) -> dict[str, Any] | None:
        """Returns them as JSON values, steps as text; None for none."""
        if not self.lines:
            return None
        return {
            "lines": [
                {
                    "for": write_purpose(purpose),
                    "ever": str(line.ever),
                    "since": line.since,
                    "spans": [
                        [str(span.start), str(span.steps), span.lot, *_money(span)] for span in line.spans
                    ],
                }
                for purpose, line in sorted(self.lines.items())
            ]
        }

    @staticmethod
    def from_json(body: Mapping[str, Any] | None) -> Debts:
        """Reads what ``to_json`` gave."""
        return Debts(
            {
                read_purpose(line["for"]): Line(
                    int(line["ever"]),
                    line["since"],
                    [Span(int(start), int(steps), *rest) for start, steps, *rest in line["spans"]],
                )
                for line in (body or {"lines": ()})["lines"]
            }
        )


def follow(debts: Debts, entry: Entry) -> Iterator[tuple[Draw, Purpose]]:
    """Applies what an entry did to debts, in place. Yields each draw that repaid some, and for what it was owed.

    Raises:
        ValueError: the entry speaks of places that there are not.
    """
    extra = entry.extra
    if not MEMBERS & extra.keys():
        return
    debts.include(entry.before.owed)
    for start, steps, purpose in read_owes(extra.get("owes")):
        if debts.owe(purpose, steps, entry.seq) != start:
            raise ValueError(f"nothing could be owed at {start}")
    nobody = WRITTEN_OFF if entry.kind == "write_off" else UNDONE
    for start, steps, *purpose in extra.get("forgives", ()):
        debts.settle(read_purpose(purpose), Span(int(start), int(steps), nobody))
    undone, repays = extra.get("undone", ()), extra.get("repays", ())
    for (start, *purpose), draw in zip(undone, entry.draws[: len(undone)], strict=True):
        debts.settle(read_purpose(purpose), Span(int(start), draw.amount, UNDONE))
    for (start, *purpose), draw in zip(repays, entry.draws[len(entry.draws) - len(repays) :], strict=True):
        debts.settle(read_purpose(purpose), span_of(int(start), draw))
        yield draw, read_purpose(purpose)
    debts.forget()


def span_of(start: int, draw: Draw) -> Span:
    """Returns the span, from this place on, that a draw repaid."""
    return Span(start, draw.amount, draw.lot, draw.value.amount if draw.value else 0, draw.tax or 0)


def _money(span: Span) -> list[int]:
    """Returns what took money along, as it is stored: the tax only where there is some."""
    return [span.money, span.tax] if span.tax else [span.money] if span.money else []


def write_purpose(purpose: Purpose) -> list[Any]:
    """Returns a purpose as JSON values."""
    return [purpose.lot, *purpose.meters]


def read_purpose(body: Sequence[Any]) -> Purpose:
    """Reads what ``write_purpose`` gave."""
    lot, *meters = body
    return Purpose(lot, tuple(meters))


def write_owes(made: Sequence[Places]) -> list[Any]:
    """Returns the debts that an entry made as JSON values: one row, or a list of rows where there are several."""
    rows = [[str(start), str(steps), *write_purpose(purpose)] for start, steps, purpose in made]
    return rows[0] if len(rows) == 1 else rows


def read_owes(body: Sequence[Any] | None) -> list[Places]:
    """Reads what ``write_owes`` gave; None is no debt."""
    if not body:
        return []
    rows = body if isinstance(body[0], list) else [body]
    return [Places(int(start), int(steps), read_purpose(purpose)) for start, steps, *purpose in rows]
