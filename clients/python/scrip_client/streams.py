"""A stream of records: what was burned here and is not answered yet, each at the offset under which Scrip takes it once
for ever."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, Final, TypeVar

from scrip_client.errors import ScripError, Unsendable
from scrip_client.journals import Journal, JournalDamaged, Line
from scrip_client.retries import Retries, may_repeat

MOST: Final = 1000
"""Records that Scrip takes in a page."""
LONGEST: Final = 900_000
"""Bytes of a page's records. Scrip takes a megabyte; what is still too large is told by it, and halved."""

Said = Sequence[Any]
"""A record as it is sent: ``["2", "job-1"]``, or ``["tokens", "800", "job-1", {"model": "x"}]``."""
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a record.

    Attributes:
        stream: the stream.
        offset: its place in it. ``find_record`` finds it by both, and a reversal of its entry takes the offset.
        amount: the credits that were burned.
        known: whether an earlier attempt had burned it already, whose answer was lost.
    """

    stream: str
    offset: int
    amount: str
    known: bool


@dataclass(slots=True, eq=False)
class Waiting:
    """A record that is not answered yet.

    Attributes:
        offset: its place in the stream.
        said: the record; None: it was given up, and its place stays empty.
        since: when it came, on the clock that only goes forward.
        cost: what it takes of a lease, in the smallest parts of a credit.
        sent: whether Scrip may have seen it.
        answer: who waits for it; None: nobody.
        refusal: why it was taken out of its page.
        size: how many bytes it takes, about.
    """

    offset: int
    said: Said | None
    since: float
    cost: int = 0
    sent: bool = False
    answer: asyncio.Future[Recorded] | None = None
    refusal: ScripError | None = None

    size: int = 0


@dataclass
class Stream:
    """Records in their order. Each gets the next offset when it comes, and keeps it until it is answered.

    Attributes:
        name: the stream's name; of a lease, its hold's id.
        next: the offset of the record that comes next.
        journal: where it is written down, if anywhere.
        waiting: the records that are not answered yet.
        ended: whether it is over: what comes next needs another one.
    """

    name: str = ""
    next: int = 0
    journal: Journal | None = None
    waiting: deque[Waiting] = field(default_factory=deque)
    ended: bool = True

    def begin(self, name: str, first: int = 0) -> None:
        """Goes on as another stream, with nothing that waits."""
        self.name, self.next, self.ended = name, first, False
        self._write("stream", name, first)

    def take(self, said: Said, cost: int = 0, answer: asyncio.Future[Recorded] | None = None) -> Waiting:
        """Takes a record. It is in the journal when this returns.

        Raises:
            Unsendable: it cannot be written.
        """
        record = Waiting(self.next, said, time.monotonic(), cost=cost, answer=answer, size=size_of(said))
        self._write("record", record.offset, said)
        self.next += 1
        self.waiting.append(record)
        return record

    def give_up(self, record: Waiting) -> None:
        """Leaves a record's place empty. It was not sent yet."""
        self._write("empty", record.offset)
        record.said = record.answer = None

    def page(self, most: int) -> list[Waiting]:
        """Returns the first records that fit a page; none where nothing waits. Empty places before them are passed."""
        while self.waiting and self.waiting[0].said is None and not self.waiting[0].sent:
            self.waiting.popleft()
        found: list[Waiting] = []
        size = 0
        for record in islice(self.waiting, most):
            size += record.size
            if found and size > LONGEST:
                break
            found.append(record)
        return found

    def done(self, page: Sequence[Waiting]) -> None:
        """Takes note that a page, the first that waited, is answered."""
        for record in page:
            assert self.waiting[0] is record
            self.waiting.popleft()
        if page:
            self._write("answered", page[-1].offset + 1)
        if self.journal and self.journal.is_large and len(self.waiting) <= MOST:
            self.journal.rewrite([self._journal_lines[0], *self._present()])

    def move(self, name: str, first: int, kept: Sequence[Waiting]) -> None:
        """Gives all records that wait other places: their old ones are for ever somebody else's, or nobody's. One line
        of the journal says so, so that none is at two places."""
        self._write("moved", name, first, [record.said for record in kept])
        for offset, record in enumerate(kept, first):
            record.offset, record.sent = offset, False
        self.waiting = deque(kept)
        self.name, self.next, self.ended = name, first + len(kept), False

    def end(self) -> None:
        """Takes note that the stream is over."""
        self._write("ended")
        self.ended = True

    def age(self) -> float:
        """Returns the seconds for which the oldest record has waited."""
        return time.monotonic() - self.waiting[0].since if self.waiting else 0.0

    def open_journal(self, path: str | os.PathLike[str], of: Mapping[str, Any], *, fsync: bool) -> None:
        """Opens a journal, and goes on where it ends. Whatever waits in it may have been sent.

        Args:
            path: the file.
            of: whose records these are; it stands in the first line.
            fsync: whether the disk is waited for.

        Raises:
            ValueError: the journal is of something else, or damaged.
            JournalInUse: somebody else has it.
        """
        self.journal = journal = Journal(path, fsync=fsync)
        try:
            if not journal.lines:
                journal.lines.append(["of", dict(of)])
                journal.write(*journal.lines[0])
            elif journal.lines[0] != ["of", dict(of)]:
                said = (
                    f"{path}: this journal is of {journal.lines[0][1:]}, not of {dict(of)}: take another file"
                )
                raise ValueError(said)
            for line in journal.lines[1:]:
                self._read(line)
        except BaseException:
            journal.close()
            raise
        self._journal_lines = journal.lines[:1]
        journal.lines = []
        journal.rewrite([self._journal_lines[0], *self._present()])

    def _read(self, line: Line) -> None:
        match line:
            case ["stream", name, first]:
                self.name, self.next, self.ended = name, first, False
                self.waiting.clear()
            case ["record", offset, said] if offset == self.next:
                self._wait(offset, said)
            case ["empty", offset]:
                for record in self.waiting:
                    if record.offset == offset:
                        record.said = None
            case ["answered", after]:
                while self.waiting and self.waiting[0].offset < after:
                    self.waiting.popleft()
            case ["moved", name, first, kept]:
                self.name, self.next, self.ended = name, first, False
                self.waiting.clear()
                for offset, said in enumerate(kept, first):
                    self._wait(offset, said)
            case ["ended"]:
                self.ended = True
            case _:
                raise JournalDamaged(f"a journal's line says what none does: {line!r}")

    def _wait(self, offset: int, said: Said | None) -> None:
        self.waiting.append(Waiting(offset, said, time.monotonic(), sent=True, size=size_of(said)))
        self.next = offset + 1

    def _present(self) -> list[Line]:
        if not self.name:
            return []
        first = self.next - len(self.waiting)
        lines = [["moved", self.name, first, [record.said for record in self.waiting]]]
        return [*lines, ["ended"]] if self.ended else lines

    def _write(self, *line: Any) -> None:
        if self.journal:
            self.journal.write(*line)


def size_of(said: Said | None) -> int:
    """Returns how many bytes a record takes.

    Raises:
        Unsendable: it cannot be written: half a surrogate, say. Its page would be refused to all who are in it.
    """
    try:
        return len(json.dumps(said, ensure_ascii=False, allow_nan=False).encode()) + 1
    except (TypeError, ValueError) as error:
        raise Unsendable(f"this cannot be sent: {error}") from None


async def until_known(
    send: Callable[[], Awaitable[Answer]],
    retries: Retries,
    sleep: Callable[[float], Awaitable[None]],
    repeated: Callable[[], None],
) -> Answer:
    """Sends the very same thing until it is known what became of it, after waits that grow and are spread at random.

    Args:
        send: sends it, by itself as often as ``retries`` say.
        retries: how the waits grow.
        sleep: waits.
        repeated: is called each time when no answer came.

    Raises:
        ScripError: it was refused, and would be again.
    """
    for failures in count(1):
        try:
            return await send()
        except ScripError as failed:
            if not may_repeat(failed):
                raise
            repeated()
            await sleep(retries.pause(failures + 3, failed.retry_after))
    raise AssertionError
