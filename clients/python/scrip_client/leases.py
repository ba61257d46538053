"""The lease: credits that are set aside for one process, which spends them in memory."""

from __future__ import annotations

import asyncio
import logging
import random
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from scrip_client import models
from scrip_client.amounts import PLACES, parse, parse_more_than_zero, text
from scrip_client.calls import OMITTED
from scrip_client.errors import NotReached, Refused, Unsendable
from scrip_client.funds import Funds
from scrip_client.metrics import LeaseMetrics
from scrip_client.records import record_of, refusal_of, taken_out
from scrip_client.refusals import BudgetExceeded, Forbidden, HoldNotOpen, InsufficientCredits
from scrip_client.settings import LeaseSettings
from scrip_client.streams import MOST, Stream, Waiting, until_known

if TYPE_CHECKING:
    from scrip_client.awaited import AsyncOperations

_LOG: Final = logging.getLogger("scrip_client")


@dataclass
class _Counts:
    settled: int = 0
    refused: int = 0
    settlements: int = 0
    repeated: int = 0
    renewals: int = 0
    replaced: int = 0


@dataclass
class AsyncLease:
    """Credits that one process spends in memory: ``async with scrip.lease("acme", renew="500") as lease: await
    lease.burn("2")``. It never spends more than it has, whoever asks at once."""

    scrip: AsyncOperations
    account: str
    settings: LeaseSettings
    _stream: Stream = field(default_factory=Stream)
    _counts: _Counts = field(default_factory=_Counts)
    _rounds: int = 0
    """How often it was filled up, or was to be."""
    _short: str | None = None
    """The code of why it was not filled up the last time; None: it was."""
    _stopped: Exception | None = None
    _keeper: asyncio.Task[None] | None = None
    _closed: bool = True
    """Whether it takes no burns: it is not open yet, or ends."""
    _ends: bool = False

    def __post_init__(self) -> None:
        self._funds = Funds(parse_more_than_zero(self.settings.renew, "renew"))
        self._run = uuid.uuid4().hex[:8]
        self._number = 0
        self._step = 1
        self._unit_name = self.settings.unit or "credits"
        self._lock = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._placing: tuple[str, int, float] | None = None

    async def __aenter__(self) -> Self:
        """Sets the credits aside: less than ``renew`` where there is less. What a journal says was spent and not
        settled is settled first, and its lease is given back.

        Raises:
            InsufficientCredits: there are none.
            BudgetExceeded: a budget has nothing left.
            ScripError: it cannot be done now. A journal stays as it is.
            JournalInUse: another process has it.
        """
        # What a journal's lease has is not spent here: a copy of the journal may.
        chosen = self.settings
        if chosen.journal is not None:
            of = chosen.journal_of("lease", self.account)
            self._stream.open_journal(chosen.journal, of, fsync=chosen.fsync)
        try:
            with suppress(Forbidden):  # then a record with too many decimals is refused when it is settled
                unit = await self.scrip.get_unit(self._unit_name)
                self._step = 10 ** (PLACES - unit.precision)
            async with self._lock:
                if not self._stream.ended:
                    await self._end()
                await self._place([])
        except BaseException:
            self._close_journal()
            raise
        self._closed = False
        self._keeper = asyncio.get_running_loop().create_task(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def left(self) -> str:
        """Returns the credits that can be spent in memory now."""
        return text(self._funds.left)

    async def burn(self, amount: str, *, reference: str | None = None) -> None:
        """Spends credits: in memory, or after the lease was filled up where it has too few.

        Args:
            amount: the credits.
            reference: what in your world this is about, at most 64 characters. Left out: one that is made.

        Raises:
            InsufficientCredits: neither the lease nor the wallet has so many. Nothing was spent.
            BudgetExceeded, WalletFrozen: the lease has not so many, and is not filled up. Nothing was spent. Which
                budget it is, ``list_budgets`` says.
            ScripError: the lease cannot be settled: the API key was deleted, say. Nothing was spent.
            Unsendable: it is no amount of the unit.
            RuntimeError: the lease is closed.
        """
        cost = parse(amount)
        if cost % self._step:
            raise Unsendable(f"amount: {amount} has more decimals than the unit")
        self._number += 1
        named = f"{self._run}-{self._number}" if reference is None else reference
        said = record_of(text(cost), None, None, None, named)
        if not self._take(said, cost):
            await self._take_later(said, cost)
        if self._stream.journal:
            await self._stream.journal.safe()

    def metrics(self) -> LeaseMetrics:
        """Returns what it has, and what was done."""
        counts = self._counts
        return LeaseMetrics(
            left=text(self._funds.left),
            unsettled=len(self._stream.waiting),
            unsettled_amount=text(self._unsettled()),
            oldest=self._stream.age(),
            settled=counts.settled,
            refused=counts.refused,
            settlements=counts.settlements,
            repeated=counts.repeated,
            renewals=counts.renewals,
            replaced=counts.replaced,
        )

    async def close(self) -> None:
        """Settles what was spent, gives the rest back, and lets go of the journal. Again: nothing.

        Raises:
            ScripError: it could not be settled within ``patience``, or is refused. What was spent is in the journal;
                without one it is lost, and the rest is given back at the deadline.
        """
        if self._closed:
            return
        self._closed = self._ends = True
        try:
            if self._keeper is not None:
                self._keeper.cancel()
            async with asyncio.timeout(self.settings.patience), self._lock:
                await self._end()
        except TimeoutError:
            said = f"closed, and {len(self._stream.waiting)} records are not settled"
            raise NotReached(said, sent=True) from None
        finally:
            self._close_journal()

    async def _end(self) -> None:
        """Settles what was spent, and gives the rest back."""
        self._ends = True
        for record in self._stream.waiting:
            record.cost = parse(str(record.said[0])) if record.said else 0
        await self._settle(renew=False)
        with suppress(HoldNotOpen):
            await self.scrip.release(
                self.account, self._stream.name, idempotency_key=f"release-{self._stream.name}"
            )
        self._stream.end()
        self._funds.left = 0
        self._ends = False

    def _close_journal(self) -> None:
        journal, self._stream.journal = self._stream.journal, None
        if journal is not None:
            journal.close()

    def _unsettled(self) -> int:
        return sum(record.cost for record in self._stream.waiting)

    def _take(self, said: Sequence[Any], cost: int) -> bool:
        """Spends credits that are there. Nothing else happens between the look and the deed."""
        if self._closed:
            raise RuntimeError("the lease is closed")
        if self._stopped or not self._funds.spend(cost):
            return False
        try:
            self._stream.take(said, cost)
        except BaseException:
            self._funds.left += cost
            raise
        low = self._funds.are_low() and not self._funds.is_short
        if low or len(self._stream.waiting) >= MOST // 2:
            self._wanted.set()
        return True

    async def _take_later(self, said: Sequence[Any], cost: int) -> None:
        """Fills the lease up and then spends. Who waits longest is first; of several who wait, one asks."""
        began = self._rounds
        async with self._lock:
            while not self._take(said, cost):
                if self._rounds > began and self._funds.is_short:
                    detail = "The lease could not be filled up so far."
                    raise refusal_of(self._short, detail, text(cost), self.left, self._unit_name)
                await self._settle(renew=True, need=cost)

    async def _keep(self) -> None:
        """Settles from time to time, and when the lease runs low; each time a little sooner or later than the last."""
        while True:
            wait = self.settings.every * (0.5 + random.random())
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.01, min(wait, self._funds.half - time.monotonic()))):
                    await self._wanted.wait()
            try:
                async with self._lock:
                    await self._settle(renew=self._funds.are_low())
            except Exception as failed:  # noqa: BLE001 - the next burn is told
                self._stopped = failed
                _LOG.warning("the lease %s cannot be settled: %s", self._stream.name, failed)
                await asyncio.sleep(self.settings.every * (0.5 + random.random()))
            self._wanted.clear()  # who still is low says so with the next burn

    async def _settle(self, *, renew: bool, need: int = 0) -> None:
        """Books what was spent; where ``renew``, fills the lease up, and by half of its time moves its deadline.

        Raises:
            Refused: it is refused, and nothing was booked.
        """
        if renew:
            self._rounds += 1
        extend = not self._ends and self._funds.are_old()
        while page := self._stream.page(MOST):
            if len(page) == len(self._stream.waiting):
                break
            await self._book(page, None, need, None)
        if page or renew or extend:
            wanted = max(self._funds.renew, need) if renew else None
            await self._book(page, wanted, need, self.settings.expires_in if extend else None)
        self._stopped = None

    async def _book(self, page: list[Waiting], wanted: int | None, need: int, expires_in: str | None) -> None:
        """Sends a settlement until it is known what became of it.

        Args:
            page: the records; there may be none.
            wanted: what the lease is to be filled up to; None: it is not.
            need: what somebody waits for.
            expires_in: how long it is to last from now on; None: its deadline stays.
        """
        began = time.monotonic()
        try:
            answer = await self._send(page, wanted, expires_in)
        except HoldNotOpen as over:
            await self._replace(need, over.hold_status)
            return
        except Refused as refused:
            if not taken_out(page, refused):
                raise
            await self._book(page, wanted, need, expires_in)
            return
        self._count(page, answer)
        if wanted is not None:
            self._counts.renewals += 1
            self._funds.is_short, self._short = parse(answer.hold.left or "0") < wanted, answer.short
        if expires_in is not None:
            self._funds.extend(began)
        self._funds.count(answer.hold, self._unsettled())

    async def _send(
        self, page: Sequence[Waiting], wanted: int | None, expires_in: str | None
    ) -> models.Settled:
        for record in page:
            record.sent = True
        if self._stream.journal:
            await self._stream.journal.safe()
        first = page[0].offset if page else self._stream.next
        records = [None if record.said is None else list(record.said) for record in page]

        def repeated() -> None:
            self._counts.repeated += 1

        return await until_known(
            lambda: self.scrip.settle(
                self.account,
                self._stream.name,
                first=first,
                records=records,
                renew=OMITTED if wanted is None else text(wanted),
                expires_in=OMITTED if expires_in is None else expires_in,
            ),
            self.scrip._settings.retries,
            self.scrip._sleep,
            repeated,
        )

    def _count(self, page: Sequence[Waiting], answer: models.Settled) -> None:
        self._counts.settlements += 1
        for record, told in zip(page, answer.records, strict=True):
            if told.status == "refused" or record.refusal:
                self._counts.refused += 1
                _LOG.warning("a record of the lease %s is refused: %s", self._stream.name, record)
            else:
                self._counts.settled += 1
        self._stream.done(page)

    async def _place(self, unsettled: list[Waiting], need: int = 0) -> None:
        """Places a lease, from which these are to be paid first. Where there is less than ``renew``, it is of that.

        Raises:
            InsufficientCredits, BudgetExceeded: there is nothing, or less than what was spent.
        """
        spent = sum(record.cost for record in unsettled)
        asked = max(self._funds.renew, need, spent)
        if self._placing is None:
            self._placing = (str(uuid.uuid4()), asked, time.monotonic())
        while True:
            key, wanted, began = self._placing  # what was not answered is asked for again
            try:
                held = await self.scrip.hold(
                    self.account,
                    unit=OMITTED if self.settings.unit is None else self.settings.unit,
                    amount=text(wanted),
                    lease=True,
                    **self.settings.marks,
                    expires_in=self.settings.expires_in,
                    idempotency_key=key,
                )
                break
            except (InsufficientCredits, BudgetExceeded) as refused:
                self._short, available = refused.code, _available(refused)
                if not 0 < available < wanted or available < spent:
                    self._placing = None
                    raise
                self._placing = (str(uuid.uuid4()), available, time.monotonic())
        self._placing, self._funds.is_short = None, wanted < asked
        if unsettled:
            self._stream.move(held.hold.hold_id, 0, unsettled)
        else:
            self._stream.begin(held.hold.hold_id)
        self._funds.lasts = (held.hold.expires_at - held.entry.at).total_seconds()
        self._funds.extend(began)
        self._funds.count(held.hold, self._unsettled())

    async def _replace(self, need: int, status: str) -> None:
        """Goes on with another lease, since this one is over. What was spent of it and not settled is paid from the
        other one, unless the deadline has taken all that this one held (``lease_timeout`` of ``capture``).

        Raises:
            InsufficientCredits, BudgetExceeded: there are too few credits for it. The records stay, and it is tried
                again.
        """
        self._funds.left = 0
        # What an attempt has booked whose answer was lost, the first of it first, is known after the end, too.
        for most in (MOST, 1):
            with suppress(HoldNotOpen):
                while page := self._stream.page(most):
                    self._count(page, await self._send(page, None, None))
        if status == "captured":
            self._counts.settled += len(self._stream.waiting)
            self._stream.done(list(self._stream.waiting))
        if self._ends and not self._stream.waiting:
            return
        # Nothing is spent meanwhile, since nothing is left.
        await self._place(list(self._stream.waiting), need)
        self._counts.replaced += 1
        if self._stream.waiting:
            await self._settle(renew=False)


def _available(refused: InsufficientCredits | BudgetExceeded) -> int:
    """Returns of what a lease may be that was refused."""
    if isinstance(refused, InsufficientCredits):
        return parse(refused.available)
    return max(0, parse(refused.limit) - parse(refused.spent))
