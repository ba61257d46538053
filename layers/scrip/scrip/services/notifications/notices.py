"""Notices of lots' ends: found when they are due, told, put once; and what their delivery changes.

They are told first and put then: whoever is interrupted in between tells them again, under the same ids. Does not own
when a notice is due (``domain.wallets.notices``), what an event of it says (``scrip.http.events``), nor who hears of
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from scrip.domain.credits.entries import SYSTEM, Cause, Entry
from scrip.domain.credits.errors import CatchingUp, Contended, LotNotOpen
from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.domain.credits.units import Unit
from scrip.domain.events.lots import GivenNotice, LotExpiring, NoticeDelivery, lot_expiring
from scrip.domain.wallets import announcements
from scrip.domain.wallets.announcements import Announced
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.notices import SPANS, Notice
from scrip.domain.wallets.wallet import Name, Sidecar, Snapshot, Wallet
from scrip.services.engine import reads, walks
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.paging import Found
from scrip.services.engine.sweeps import FAILURES
from scrip.store import due, keys, lists, notices

TOGETHER: Final = 10
"""Wallets whose notices are told together: as many events as one call to the bus takes."""
PASSING: Final = (Contended, CatchingUp)
"""Somebody is writing the wallet; or more is due in it than there is time for. The next run goes on."""
UNITS_TOGETHER: Final = 1_000
"""Units of an account that are listed at a time."""
DELIVERED: Final = "delivered"
"""The status of a notice that has arrived."""

Tell = Callable[[Sequence[LotExpiring]], None]
"""Tells of notices; it may have told of them before."""
Failed = Callable[[Wallet, Exception], None]


@dataclass(frozen=True, slots=True)
class Noticed:
    """What one run did.

    Attributes:
        wallets: how many were looked at. notices: how many were told.
        done: every wallet had its turn before the time was up.
    """

    wallets: int = 0
    notices: int = 0
    failed: int = 0
    done: bool = True

    def __add__(self, other: Noticed) -> Noticed:
        return Noticed(
            self.wallets + other.wallets,
            self.notices + other.notices,
            self.failed + other.failed,
            self.done and other.done,
        )


class _Seen(NamedTuple):
    """A wallet that was looked at, the notices that are due in it, and until when nobody need look again.

    ``until`` is None where nothing is to come; ``settled`` is false where time's work is not booked: its place stays.
    """

    wallet: Wallet
    unit: Unit
    due: Sequence[Notice]
    until: int | None
    settled: bool


def sweep(
    executor: Executor,
    shards: Iterable[int],
    moment: Moment,
    tell: Tell,
    time_left: Callable[[], bool],
    failed: Failed,
) -> Noticed:
    """Tells of the lots that are to end, as their notices become due by ``moment``, several wallets at a time.

    It can stop anywhere: a wallet's place in the index moves only once all its notices are told and put. A wallet that
    fails is passed to ``failed`` and left for the next run; the others go on.
    """
    spans: dict[tuple[str, Name], Sidecar] = {}

    def work(mine: Iterator[Wallet]) -> Noticed:
        found, group = Noticed(), list[Wallet]()
        for wallet in mine:
            if not time_left():
                return replace(found, done=False)
            if wallet.noticed:
                group.append(wallet)
            if len(group) == TOGETHER:
                found += _given(executor, group, moment, tell, failed, spans)
                group = []
        return found + _given(executor, group, moment, tell, failed, spans) if group else found

    return sum(walks.walk(executor, shards, moment.at, work), Noticed())


def _given(
    executor: Executor,
    group: Sequence[Wallet],
    moment: Moment,
    tell: Tell,
    failed: Failed,
    spans: dict[tuple[str, Name], Sidecar],
) -> Noticed:
    """Gives the notices of some wallets that are due, and moves the places of the wallets."""
    seen: list[_Seen] = []
    failures = 0
    for wallet in group:
        try:
            seen.append(_look(executor, wallet, moment, spans))
        except PASSING:
            pass
        except FAILURES as error:
            failed(wallet, error)
            failures += 1
    try:
        told = _tell(executor, seen, moment, tell)
    except FAILURES as error:
        for one in seen:
            failed(one.wallet, error)
        return Noticed(len(group), 0, failures + len(seen))
    for one in seen:
        if one.settled:
            due.postpone(executor.tables, one.wallet, one.until)
    return Noticed(len(group), told, failures)


def _look(
    executor: Executor, wallet: Wallet, moment: Moment, spans: dict[tuple[str, Name], Sidecar]
) -> _Seen:
    """Looks at what one wallet is at the moment, as if all that is due were booked.

    Args:
        spans: what units keep under their numbers, as far as it was read: that never changes.
    """
    unit = executor.unit(wallet.unit)
    snapshot = Snapshot(wallet)
    for (of, name), sidecar in spans.items():
        if of == wallet.unit:
            snapshot.sidecars[name] = sidecar

    def view(draft: Draft) -> _Seen:
        at = reads.apply_all_due(draft, max(moment.at, wallet.at))
        found, following = announcements.due_notices(draft, at)
        for name, sidecar in draft.snapshot.sidecars.items():
            if name[0] == SPANS and sidecar:
                spans[wallet.unit, name] = sidecar
        if draft.entries:
            return _Seen(draft.wallet, unit, found, None, settled=False)
        instants = [one for one in (following, draft.next_change(at)) if one is not None]
        return _Seen(draft.wallet, unit, found, min(instants, default=None), settled=True)

    return reads.read(executor, WalletContext(unit, 0, snapshot), view)


def _tell(executor: Executor, seen: Sequence[_Seen], moment: Moment, tell: Tell) -> int:
    """Tells of the notices that are due and were not told, and puts them. Returns how many they are."""
    facts = [
        lot_expiring(one.wallet.account, one.unit, notice, moment.at) for one in seen for notice in one.due
    ]
    there = notices.known(executor.tables, map(_name, facts))
    new = [fact for fact in facts if _name(fact) not in there]
    if not new:
        return 0
    tell(new)
    for fact in new:
        notices.put(executor.tables, *_name(fact), _body(fact))
    return len(new)


def _name(fact: LotExpiring) -> tuple[str, str, str]:
    """Returns the account, the unit and the id of a notice."""
    return fact.account, fact.unit.unit, fact.notice_id


def _body(fact: LotExpiring) -> Mapping[str, Any]:
    """Returns what is kept of a notice."""
    return {
        "lot": fact.seq,
        "span": fact.span,
        "expires_at": fact.expires_at,
        "remaining": str(fact.remaining),
        "at": fact.at,
        "required": fact.required,
    }


def delivered(
    executor: Executor, account: str, unit_id: str, notice_id: str, delivery: NoticeDelivery, moment: Moment
) -> Entry | None:
    """Keeps that a notice was delivered. Of a lot that must not end unannounced it becomes an entry.

    It may be called again, with the same or another delivery: there is one entry of each notice.

    Returns:
        The entry; None where there is none to make: nothing requires it, or the lot has another end by now, or none.

    Raises:
        NotFound: there is no such unit.
        Contended, Throttled, CatchingUp: the entry was not made; the same call again makes it.
    """
    notice = notices.get(executor.tables, account, unit_id, notice_id)
    if notice is None:
        return None
    notices.deliver(executor.tables, account, unit_id, notice_id, delivery)
    if not notice.required or delivery.status != DELIVERED:
        return None
    cause = Cause(key_entry_id(account, unit_id, business_key("notice", notice_id)), "", SYSTEM)
    told = Announced(notice.lot, notice_id, notice.expires_at)
    context = executor.context(account, unit_id)
    try:
        return executor.execute(
            context, moment, lambda draft, now: announcements.tell(draft, told, now, cause), cause
        ).entry
    except LotNotOpen:
        return None


def list_notices(
    executor: Executor, account: str, unit: str | None, limit: int, after: tuple[str, str | None] | None
) -> Found[tuple[str, str], tuple[Unit, GivenNotice]]:
    """Returns a page of an account's notices: wallet by wallet, in each those that were due last first.

    Args:
        unit: of this unit alone; None: of all.
        after: the unit and the notice that the page goes on after.
    """
    tables = executor.tables
    units = [unit] if unit else _units(executor, account)
    found: list[tuple[tuple[str, str], tuple[Unit, GivenNotice]]] = []
    for one in units:
        if after and one < after[0]:
            continue
        if len(found) == limit:
            return Found(found, found[-1][0])
        begin = after[1] if after and after[0] == one else None
        rows, following = notices.page(tables, account, one, limit - len(found), begin)
        found += [((one, row.notice_id), (executor.unit(one), row)) for row in rows]
        if following:
            return Found(found, found[-1][0])
    return Found(found, None)


def _units(executor: Executor, account: str) -> list[str]:
    """Returns the units in which an account has wallets, in their order."""
    units: list[str] = []
    after: str | None = None
    while True:
        page = lists.page(
            executor.tables,
            keys.account(account),
            UNITS_TOGETHER,
            first=keys.wallet_of(lists.FIRST),
            last=keys.wallet_of(lists.LAST),
            after=after,
        )
        units += [sk.removeprefix(keys.WALLET_OF) for sk in page.found]
        after = page.following
        if after is None:
            return units
