"""Settlements: what moved at payment providers, taken from their lists, recorded once, and held against payments.

A walk over the last days, begun once a day, goes page by page. Each transaction records some settlements with the
progress and the day's sums, on the progress that was read: so of two runs at once one ends, nothing is recorded twice,
and the order of the instants is the order of the transactions. Days overlap from walk to walk, since a provider may
list something late. Does not own how a provider lists (``scrip.providers``), nor what is booked
(``domain.finance.settlement_postings``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Final, NamedTuple

from scrip.domain.finance.settlement import MoneyOfDay, ProviderSettlement, SettlementProgress
from scrip.domain.payments.payment import Payment
from scrip.domain.payments.reconciliation import DAY_MS, date_of, day_of
from scrip.providers.clients import Client, ProviderError, names
from scrip.services.payments.payment import load_payment
from scrip.store import documents, keys
from scrip.store import settlements as store
from scrip.store.documents import Document
from scrip.store.settlements import SettlementRow
from scrip.store.tables import Item, Tables

LAG_MS: Final = 600_000
"""A walk ends so long before it begins: what is newer is not compared until its webhooks had time to be applied."""
CHUNK: Final = 40
"""Settlements of one transaction: two items each, of a hundred."""
PAGES: Final = 1000
"""Pages of one run for one provider: one that never comes to an end must not keep a function busy for ever."""
READ_AT_ONCE: Final = 1000
"""Settlements that are read at a time by whoever books them."""

TOO_LATE: Final = (
    "what the customer paid was not known when it was recorded: the exchange is to be booked by hand"
)


class Judged(NamedTuple):
    """A settlement held against our payment.

    Attributes:
        settlement: with what the customer paid, where our payment tells that.
        ours: what the payment has of it, in the currency that was charged; None: nothing is known of it.
        reason: what is not the same; None: nothing.
        payment: the payment, where it is known.
    """

    settlement: ProviderSettlement
    ours: int | None
    reason: str | None
    payment: Payment | None


@dataclass(frozen=True, slots=True)
class SettlementOutcome:
    """What one run came to.

    Attributes:
        recorded: settlements that are recorded now, and were not before.
        done: the walk is at its end.
        error: why the run could not go on; ``stopped_at``: the first run without a break that a provider did not let.
    """

    provider: str
    recorded: int = 0
    done: bool = False
    error: str | None = None
    stopped_at: int | None = None


@dataclass(slots=True)
class SettlementRun:
    """One run for one provider: as many pages of its walk as there is time for."""

    tables: Tables
    provider: str
    client: Client
    now: int
    time_left: Callable[[], bool]
    _saved: Document = field(init=False)
    _progress: SettlementProgress = field(init=False)
    _recorded: int = 0

    def go(self, days: int) -> SettlementOutcome:
        """Goes on with the walk that was begun, on whatever day; where that is done, begins one of today.

        A provider that does not answer, or lists what cannot be read, ends the run; the next one goes on. So does
        another run that was faster.

        Args:
            days: how far back a walk begins; further, where the last one that ended was before that.
        """
        self._saved = documents.get(self.tables, keys.money_progress(self.provider))
        self._progress = SettlementProgress(**self._saved.body)
        progress = self._progress
        if progress.done and day_of(progress.begun_at) < day_of(self.now):
            until = self.now - LAG_MS
            first = day_of(until) - days
            progress.day = min(first, day_of(progress.done_until)) if progress.done_until else first
            progress.begun_at, progress.until = self.now, until
            progress.cursor, progress.done = None, False
        try:
            self._pages()
            # Only a write after the last transaction shows that this is complete.
            if asdict(progress) != self._saved.body or progress.through < progress.recorded:
                self._save()
        except _OtherRun:
            return SettlementOutcome(self.provider, self._recorded, error="another run is under way")
        return SettlementOutcome(
            self.provider, self._recorded, progress.done, progress.error, progress.stopped_at
        )

    def _pages(self) -> None:
        """Takes page by page while there is time."""
        progress = self._progress
        progress.error = None
        try:
            for _ in range(PAGES):
                if progress.done or not self.time_left():
                    break
                self._page()
                progress.stopped_at = None
        except ProviderError as error:
            progress.error = str(error)
            progress.stopped_at = progress.stopped_at or self.now

    def _page(self) -> None:
        """Records what a page of the day lists and is not recorded, and goes on to the next page or day."""
        progress, start = self._progress, self._progress.day * DAY_MS
        page = self.client.settled(start, min(start + DAY_MS, progress.until), progress.cursor)
        listed = {one.id: one for one in page.settlements}
        new = store.unknown(self.tables, self.provider, list(listed))
        found = [one for one in listed.values() if one.id in new]
        for at in range(0, len(found), CHUNK):
            self._record(found[at : at + CHUNK])
        progress.cursor = page.cursor
        if page.cursor is None:
            progress.day += 1
            progress.done = progress.day > day_of(progress.until - 1)
            if progress.done:
                progress.done_until = progress.until
        self._save()

    def _record(self, found: Sequence[ProviderSettlement]) -> None:
        """Records some settlements with the sums of their days, by one transaction."""
        progress = self._progress
        recorded = max(self.now, progress.recorded + 1)
        judged = [judge(self.tables, self.provider, one) for one in found]
        beside: list[Item] = []
        days: dict[str, tuple[MoneyOfDay, Document]] = {}
        for one in judged:
            date = date_of(day_of(one.settlement.at))
            if date not in days:
                days[date] = _load(self.tables, self.provider, date)
            days[date][0].add(one.settlement, one.ours or 0, one.reason, one.ours)
            beside += store.writes(
                self.tables, self.provider, recorded, one.settlement.id, one.settlement.to_json()
            )
        for money, stored in days.values():
            beside.append(documents.write(self.tables, stored.pk, stored.rev, money.to_json()))
        self._save(*beside, recorded=recorded)
        self._recorded += len(found)

    def _save(self, *beside: Item, recorded: int | None = None) -> None:
        """Keeps the progress, and what is recorded with it.

        What was recorded by the write before this one can be read from now on: this write could not come between.

        Raises:
            _OtherRun: another run has written it meanwhile, and nothing is written over that.
        """
        progress, saved = self._progress, self._saved
        progress.through = progress.recorded
        if recorded is not None:
            progress.recorded = recorded
        body = asdict(progress)
        write = documents.write(self.tables, saved.pk, saved.rev, body)
        if not documents.put_all(self.tables, [write, *beside]):
            raise _OtherRun
        self._saved = Document(saved.pk, saved.rev + 1, body)


class _OtherRun(Exception):
    """Another run for the same provider has gone on meanwhile."""


def unread(tables: Tables, read: Mapping[str, str]) -> Iterator[tuple[str, SettlementRow]]:
    """Yields what is recorded of all providers and was not read yet, with the provider; of each in its order.

    Nothing is recorded before what was returned, ever. The last of a run may be missing until the next write of one.

    Args:
        read: by provider, the place of the last one that was read.

    Raises:
        Throttled, Unavailable: not now.
    """
    for provider in sorted(names()):
        through, after = progress_of(tables, provider).through, read.get(provider)
        page = store.page(tables, provider, through, after, READ_AT_ONCE) if through else []
        while page:
            yield from ((provider, row) for row in page)
            more = len(page) == READ_AT_ONCE
            page = store.page(tables, provider, through, page[-1].place, READ_AT_ONCE) if more else []


def progress_of(tables: Tables, provider: str) -> SettlementProgress:
    """Reads how far a provider's list is taken."""
    return SettlementProgress(**documents.get(tables, keys.money_progress(provider)).body)


def money_of(tables: Tables, provider: str, day: int) -> tuple[MoneyOfDay, Sequence[Judged]]:
    """Returns what moved on a day (see ``day_of``), and each difference that there still is, as it is by now."""
    money, _ = _load(tables, provider, date_of(day))
    left = []
    for difference in list(money.differences):
        again = judge(tables, provider, difference.settlement)
        if again.settlement.charged != difference.settlement.charged:
            # It is recorded as it was known then, and so its exchange is booked nowhere.
            left.append(again._replace(reason=TOO_LATE))
        elif again.reason is None:
            money.settled(difference, again.ours or 0)
        else:
            left.append(again)
    return money, left


def judge(tables: Tables, provider: str, settlement: ProviderSettlement) -> Judged:
    """Holds a settlement against our payment.

    Of a payment or refund the money has to be the same, of a dispute the payment has to be known. What the provider
    alone knows (fees, payouts) is taken as it is; of an adjustment nobody knows what it is for.
    """
    if settlement.type == "adjustment":
        return Judged(
            settlement,
            None,
            f"it stands in the account adjustments ({settlement.kind or 'no kind'}): book it on by hand",
            None,
        )
    if settlement.type not in ("payment", "refund", "refund_failed", "dispute", "dispute_reversed"):
        return Judged(settlement, None, None, None)
    payment = _payment(tables, provider, settlement.payment_id)
    if payment is None or not payment.posted.lot:
        return Judged(settlement, None, "nothing was granted here for the payment", payment)
    ours = _ours(payment, settlement)
    settlement = _as_paid(payment, settlement, ours)
    paid, currency = settlement.as_charged
    said = payment.facts.paid
    if said is None or said.currency != currency:
        return Judged(settlement, None, "it is in another currency here", payment)
    if settlement.type in ("dispute", "dispute_reversed"):
        return Judged(settlement, ours, None, payment)
    if ours is None:
        return Judged(settlement, None, _UNKNOWN[settlement.type], payment)
    return Judged(settlement, ours, None if ours == paid else "it is another amount here", payment)


_UNKNOWN: Final = {
    "payment": "the payment is not known here",
    "refund": "the refund is not known here",
    "refund_failed": "the refund did not fail, as far as is known here",
}


def _payment(tables: Tables, provider: str, payment_id: str | None) -> Payment | None:
    """Returns the payment by that id, or the whole that it is a part of; None where nobody has heard of it."""
    if payment_id is None:
        return None
    stored = load_payment(tables, provider, payment_id)
    whole = stored.payment.facts.part_of
    if whole is not None and not stored.payment.posted.lot:
        stored = load_payment(tables, provider, whole)
    return stored.payment if stored.document.body else None


def _ours(payment: Payment, settlement: ProviderSettlement) -> int | None:
    """Returns what our payment has of a settlement, with its sign; None: it has nothing of it."""
    name = (settlement.of or "").partition(":")[2]
    if settlement.type == "payment":
        return payment.facts.paid.total if payment.facts.paid else None
    if settlement.type in ("dispute", "dispute_reversed"):
        dispute = payment.facts.disputes.get(name)
        amount = dispute.amount if dispute else None
    else:
        refund = payment.facts.refunds.get(name)
        failed = settlement.type == "refund_failed"
        known = refund is not None and (not failed or refund.status == "failed")
        amount = refund.amount if refund is not None and known else None
    if amount is None:
        return None
    return amount if settlement.type in ("refund_failed", "dispute_reversed") else -amount


def _as_paid(payment: Payment, settlement: ProviderSettlement, ours: int | None) -> ProviderSettlement:
    """Returns the settlement with what the customer paid, where only our payment tells the currency of that."""
    paid = payment.facts.paid
    if settlement.charged or paid is None or ours is None or paid.currency == settlement.currency:
        return settlement
    return replace(settlement, charged=(ours, paid.currency))


def _load(tables: Tables, provider: str, date: str) -> tuple[MoneyOfDay, Document]:
    """Reads what moved on a day, and the document that it is in."""
    stored = documents.get(tables, keys.money_of_day(provider, date))
    return MoneyOfDay.from_json(stored.body), stored
