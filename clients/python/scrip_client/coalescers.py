"""The coalescer: burns of one wallet, as many in a page as wait while another page is under way."""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from scrip_client import models
from scrip_client.calls import OMITTED
from scrip_client.errors import GatewayRefused, NotReached, Refused, ScripError, Unsendable
from scrip_client.metrics import CoalescerMetrics
from scrip_client.records import amount_of, record_of, refusal_of, taken_out
from scrip_client.refusals import BodyTooLarge
from scrip_client.settings import CoalescerSettings
from scrip_client.streams import MOST, Recorded, Stream, Waiting, until_known

if TYPE_CHECKING:
    from scrip_client.awaited import AsyncOperations

_LOG: Final = logging.getLogger("scrip_client")
TAKEN: Final = ("known", "skipped")
"""What a record at a place that is sent for the first time cannot be."""


@dataclass
class _Counts:
    pages: int = 0
    burned: int = 0
    refused: int = 0
    repeated: int = 0
    known: int = 0
    moved: int = 0


@dataclass
class AsyncCoalescer:
    """Burns of one wallet: ``async with scrip.coalescer("acme") as pages: await pages.burn("2")``.

    Each burn waits until its record is answered. Where the task that waits is cancelled before the record was sent, it
    is not sent any more.
    """

    scrip: AsyncOperations
    account: str
    settings: CoalescerSettings
    _stream: Stream = field(default_factory=Stream)
    _counts: _Counts = field(default_factory=_Counts)
    _pump: asyncio.Task[None] | None = None
    _closed: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.settings.page <= MOST:
            raise Unsendable(f"page: must be 1 to {MOST}")
        self._run = uuid.uuid4().hex[:8]
        self._room = asyncio.Semaphore(self.settings.room)
        self._most = self.settings.page

    async def __aenter__(self) -> Self:
        """Opens the journal, where there is one, and sends what it says was not answered.

        Raises:
            ScripError: it cannot be sent now. The journal stays as it is.
            JournalInUse: another process has it.
        """
        chosen = self.settings
        if chosen.journal is not None:
            of = chosen.journal_of("pages", self.account)
            self._stream.open_journal(chosen.journal, of, fsync=chosen.fsync)
        try:
            while page := self._stream.page(self._most):
                await self._deliver(page)
            # Nobody goes on with a stream of before: its last places may be taken by what a journal has lost.
            self._stream.begin(uuid.uuid4().hex)
        except BaseException:
            self._close_journal()
            raise
        self._closed = False
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def burn(
        self,
        amount: str | None = None,
        *,
        meter: str | None = None,
        quantity: str | int | None = None,
        dimensions: Mapping[str, str] | None = None,
        reference: str | None = None,
    ) -> Recorded:
        """Burns credits, in a page with others, and returns once it is known that they are.

        Args:
            amount: the credits; this, or ``meter`` and ``quantity``.
            meter: what was used.
            quantity: how much of it.
            dimensions: what chooses its price.
            reference: what in your world this is about, at most 64 characters. Left out: one that is made.

        Raises:
            InsufficientCredits: there are not enough. ``required`` is empty where a quantity was to be burned.
            BudgetExceeded: a budget has not so much left. Which one, ``list_budgets`` says.
            Refused: the record, or the page that it was in, is refused for another reason.
            Unsendable: it is no amount, or not one of the two.
            RuntimeError: the coalescer is closed.
        """
        named = f"{self._run}-{self._stream.next}" if reference is None else reference
        said = record_of(amount, meter, quantity, dimensions, named)
        await self._room.acquire()
        try:
            if self._closed:
                raise RuntimeError("the coalescer is closed")
            answer: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
            record = self._stream.take(said, answer=answer)
        except BaseException:
            self._room.release()
            raise
        self._start()
        try:
            return await answer
        except asyncio.CancelledError:
            if not record.sent and record.answer is answer:
                self._stream.give_up(record)
                self._room.release()
            raise

    def metrics(self) -> CoalescerMetrics:
        """Returns what was done, and what waits."""
        counts = self._counts
        return CoalescerMetrics(
            waiting=sum(record.said is not None for record in self._stream.waiting),
            oldest=self._stream.age(),
            pages=counts.pages,
            burned=counts.burned,
            refused=counts.refused,
            repeated=counts.repeated,
            known=counts.known,
            moved=counts.moved,
        )

    async def close(self) -> None:
        """Takes no more burns, sends what waits, and lets go of the journal. Again: nothing.

        Raises:
            NotReached: no answer came within ``patience``. Who waits for one is told the same; what was sent may have
                been burned, and a journal's next start finds out.
        """
        self._closed = True
        loop = asyncio.get_running_loop()
        end = loop.time() + self.settings.patience
        try:
            while self._stream.waiting and (left := end - loop.time()) > 0:
                await asyncio.wait({self._start()}, timeout=left)
        finally:
            if self._pump is not None:
                self._pump.cancel()
            said = f"closed, and {len(self._stream.waiting)} records are not answered"
            for record in self._stream.waiting:
                self._tell(record, NotReached(said, sent=True))
            self._close_journal()
        if any(record.said is not None for record in self._stream.waiting):
            raise NotReached(said, sent=True)

    def _close_journal(self) -> None:
        journal, self._stream.journal = self._stream.journal, None
        if journal is not None:
            journal.close()

    def _start(self) -> asyncio.Task[None]:
        """Begins to send, unless that is under way. A task that somebody cancelled is replaced by the next burn."""
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._send_pages())
        return self._pump

    async def _send_pages(self) -> None:
        while self._stream.waiting:
            if self.settings.linger and not self._closed and len(self._stream.waiting) < self._most:
                # Who began together is not to come together every time.
                await asyncio.sleep(self.settings.linger * (0.5 + random.random()))
            if page := self._stream.page(self._most):
                try:
                    await self._deliver(page)
                except Exception as error:  # noqa: BLE001 - whoever waits for it is told
                    self._refuse(page, error)

    async def _deliver(self, page: list[Waiting]) -> None:
        """Sends a page until it is known what became of it, and tells those who wait.

        Raises:
            Refused, GatewayRefused: the page as a whole is refused, and nothing of it was carried out before.
        """
        is_first = not any(record.sent for record in page)
        for record in page:
            record.sent = True

        def repeated() -> None:
            nonlocal is_first
            is_first = False
            self._counts.repeated += 1

        if self._stream.journal:
            await self._stream.journal.safe()
        try:
            answer = await self._ask(page, repeated)
        except (Refused, GatewayRefused) as refused:
            if self._take_out(page, refused):
                return
            if (is_first and refused.attempts == 1) or len(page) == 1:
                raise
            # An attempt whose answer was lost may have booked some, the first of them first: these are known.
            await self._deliver(page[:1])
            return
        self._counts.pages += 1
        self._most = min(self.settings.page, 2 * self._most)
        told = [(record, one) for record, one in zip(page, answer.records, strict=True)]
        if is_first and answer.http.attempts == 1:
            taken = [n for n, (record, one) in enumerate(told) if record.said and one.status in TAKEN]
            if taken:
                self._move(page, told[taken[-1] + 1 :], answer)
                return
        for record, one in told:
            self._settle(record, one, answer)
        self._stream.done(page)

    async def _ask(self, page: Sequence[Waiting], repeated: Callable[[], None]) -> models.BookedPage:
        unit = OMITTED if self.settings.unit is None else self.settings.unit
        records = [None if record.said is None else list(record.said) for record in page]
        return await until_known(
            lambda: self.scrip.burn_page(
                self.account,
                unit=unit,
                stream=self._stream.name,
                first=page[0].offset,
                records=records,
                **self.settings.marks,
                gap="skip",  # what lies before was given up, or is answered
            ),
            self.scrip._settings.retries,
            self.scrip._sleep,
            repeated,
        )

    def _take_out(self, page: list[Waiting], refused: ScripError) -> bool:
        """Makes a smaller page of one that is too large, or has a record that cannot be read: such a record's place
        stays empty, and the others keep theirs. Returns whether there is another page to send."""
        if isinstance(refused, BodyTooLarge) or (
            isinstance(refused, GatewayRefused) and refused.status == 413
        ):
            self._most = max(1, len(page) // 2)
            return len(page) > 1
        return taken_out(page, refused) and any(record.said is not None for record in page)

    def _move(
        self, page: list[Waiting], ours: list[tuple[Waiting, models.Booked]], answer: models.BookedPage
    ) -> None:
        """Goes on with a stream that nobody else has: at the first places of this page, which was sent once, there are
        somebody else's records."""
        for record, one in ours:
            self._settle(record, one, answer)
        foreign = page[: len(page) - len(ours)]
        kept = [*foreign, *islice(self._stream.waiting, len(page), None)]
        kept = [record for record in kept if record.said is not None]
        self._counts.moved += len(kept)
        _LOG.warning("somebody else writes to the stream %s: another one is begun", self._stream.name)
        self._stream.move(uuid.uuid4().hex, 0, kept)

    def _settle(self, record: Waiting, told: models.Booked, answer: models.BookedPage) -> None:
        if record.said is None and told.status == "skipped":
            if record.refusal:
                self._counts.refused += 1
                self._tell(record, record.refusal)
        elif told.status == "refused":
            self._counts.refused += 1
            detail = f"The record at {record.offset} of the stream {self._stream.name} is refused."
            unit = self.settings.unit or "credits"
            refused = refusal_of(told.reason, detail, amount_of(record.said), answer.balance.available, unit)
            refused.request_id, refused.attempts = answer.http.request_id, answer.http.attempts
            self._tell(record, refused)
        else:
            known = told.status == "known"
            self._counts.burned += not known
            self._counts.known += known
            self._tell(record, Recorded(self._stream.name, record.offset, told.amount, known))

    def _refuse(self, page: Sequence[Waiting], error: Exception) -> None:
        """Gives a page up. Its places are never used again: an attempt that comes late finds them taken or skipped."""
        for record in page:
            self._counts.refused += record.said is not None or record.refusal is not None
            self._tell(record, record.refusal or error)
        self._stream.done(page)

    def _tell(self, record: Waiting, outcome: Recorded | Exception) -> None:
        waits, record.answer = record.answer, None
        if waits is None:
            if isinstance(outcome, Exception):
                _LOG.warning("a record of the journal is refused: %s: %s", record.said, outcome)
            return
        self._room.release()
        if waits.done():
            return
        if isinstance(outcome, Recorded):
            waits.set_result(outcome)
        else:
            waits.set_exception(outcome)
