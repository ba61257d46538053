"""Events of usage, booked: each an entry of its own, once for ever by its source and id, many in one commit (law 3).

In which order they come, how often, and in how many messages does not matter. What a commit does not take for a reason
that stays is rejected; what may succeed a moment later is tried again by whoever brought it. Does not own how they
come (``usage_queue``), what becomes of those that are rejected (``rejections``), nor the commits (``wallets.batches``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, NamedTuple

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import InvalidRequest, KeyReused, NotFound, Refusal
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import Unit
from scrip.domain.credits.usage import Usage
from scrip.domain.credits.usage_events import UsageEvent
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletCommand, WalletRequest
from scrip.services.usage.rejections import RejectedUsage
from scrip.services.usage.usage_queue import ReceivedUsage
from scrip.services.wallets import batches
from scrip.services.wallets.batches import BatchedBurn
from scrip.services.wallets.burns import BurnCredits
from scrip.store import ledger

Cards = Mapping[str, Sequence[RateVersion]]
"""Rate cards, by their meters."""
WORKERS: Final = 8
"""Wallets that are written side by side."""
TRIES: Final = 3
"""How often events are tried that may succeed a moment later, before their message has to come again: that takes
minutes, and it comes five times."""


@dataclass(frozen=True, slots=True)
class BurnUsage(WalletCommand):
    """Spends what an event of usage costs, by the price of its time, from the lots of the present."""

    operation: ClassVar[str] = "usage"
    event: UsageEvent

    @property
    def meters(self) -> Sequence[str]:
        """Returns the event's meter."""
        return (self.event.meter,)

    def to_json(self, unit: Unit) -> dict[str, Any]:  # noqa: ARG002 - no amount is in it
        """Returns what was used. Its time is not in it: senders fill it in anew where they make an event again."""
        event = self.event
        return Usage(event.meter, event.quantity, event.dimensions).to_json()

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
        """Prices and burns. What credits do not pay for is owed, where the unit's policy says so.

        Raises:
            As ``BurnCredits.decide``.
        """
        event, policy = self.event, context.unit.policy
        if policy.unpaid_usage == "owe":
            owing = replace(policy, overdraft_limit=limits.LARGEST_TOTAL)
            context = replace(context, unit=replace(context.unit, policy=owing))
        burn = BurnCredits(
            meter=event.meter, quantity=event.quantity, dimensions=event.dimensions, time=event.time
        )
        return burn.decide(draft, context, now, cause, {"event": [event.source, event.id]})


class UsageOutcome(NamedTuple):
    """What became of an event: its entry, or else why it is rejected; neither: it is to be brought again."""

    entry: Entry | None = None
    rejected: Refusal | None = None


class TakenMessages(NamedTuple):
    """What became of messages: which have to come again, and how many of their events are booked."""

    again: Sequence[str]
    booked: int


@dataclass(slots=True)
class _Waiting:
    """An event that is to be booked, and its number among all that were brought."""

    number: int
    burn: BatchedBurn
    event: UsageEvent


def take(
    executor: Executor,
    messages: Mapping[str, Sequence[ReceivedUsage]],
    now: Callable[[], int],
    in_time: Callable[[], bool],
    reject: Callable[[str, Sequence[RejectedUsage]], bool],
) -> TakenMessages:
    """Books the events of messages. A message is done once each of its events is booked, or rejected for good.

    Args:
        messages: by their ids.
        now, in_time: as of ``book``.
        reject: keeps and tells what is rejected of a message; returns whether it could.
    """
    outcomes = iter(book(executor, [one for some in messages.values() for one in some], now, in_time))
    again, booked = [], 0
    for name, some in messages.items():
        became = [next(outcomes) for _ in some]
        rejected = [
            RejectedUsage.of(one, what.rejected)
            for one, what in zip(some, became, strict=True)
            if what.rejected
        ]
        booked += sum(what.entry is not None for what in became)
        done = not rejected or reject(name, rejected)
        if not done or UsageOutcome() in became:
            again.append(name)
    return TakenMessages(again, booked)


def book(
    executor: Executor, received: Sequence[ReceivedUsage], now: Callable[[], int], in_time: Callable[[], bool]
) -> list[UsageOutcome]:
    """Books events. Returns what became of each, in their order.

    Args:
        now: this machine's clock, epoch milliseconds.
        in_time: tells whether there is time for one more wallet; what is not begun then is to be brought again.
    """
    outcomes = [UsageOutcome()] * len(received)
    wallets: dict[tuple[str, str], dict[Moment, list[_Waiting]]] = {}
    present = Moment(now())
    try:
        cards = cards_of(executor, received)
    except Refusal as refusal:
        return [_refused(refusal)] * len(received)
    for number, one in enumerate(received):
        try:
            request = _request(executor, cards, one, present)
        except Refusal as refusal:
            outcomes[number] = _refused(refusal)
            continue
        of_wallet = wallets.setdefault((request.account, request.unit), {})
        waiting = _Waiting(number, BatchedBurn(BurnUsage(one.event), request), one.event)
        of_wallet.setdefault(request.moment, []).append(waiting)

    def book_wallet(moments: Sequence[Sequence[_Waiting]]) -> None:
        for waiting in moments:
            for some in _rounds(waiting):
                for _ in range(TRIES):
                    if not in_time() or _book_some(executor, some, outcomes):
                        break

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(book_wallet, [list(moments.values()) for moments in wallets.values()]))
    return outcomes


def cards_of(executor: Executor, received: Sequence[ReceivedUsage]) -> Cards:
    """Returns the rate cards of the events' meters.

    Under the test clock they are read anew: it may be past a version that is not a minute old.
    """
    pinned = any(one.pinned for one in received)
    return executor.cards((one.event.meter for one in received), fresh=pinned)


def check(executor: Executor, cards: Cards, received: ReceivedUsage) -> str:
    """Checks an event against the catalogue. Returns the unit that it is priced in.

    Raises:
        NotFound: there is no such meter, or unit.
        InvalidRequest: it names another unit than its meter's.
        PolicyViolation: it came too late, or too soon.
    """
    event = received.event
    if event.meter not in cards:
        raise NotFound(f"there is no meter {event.meter}", meter=event.meter)
    unit = cards[event.meter][0].unit
    if event.unit not in (None, unit):
        said = f"the meter {event.meter} is priced in {unit}: leave it out, or say that"
        raise InvalidRequest([("data.unit", said)])
    event.check_time(received.came, executor.unit(unit).policy.usage_window)
    return unit


def _request(executor: Executor, cards: Cards, received: ReceivedUsage, present: Moment) -> WalletRequest:
    """Returns the request to book an event. Raises as ``check``."""
    event, unit = received.event, check(executor, cards, received)
    # An instant of the test clock, as all that was queued: a wallet's last entry moves it up.
    moment = Moment(received.came, pinned=True, yields=True) if received.pinned else present
    return WalletRequest(
        event.account,
        unit,
        event.key,
        received.actor,
        moment,
        actor_name=received.actor_name,
        member=event.member,
        tags=event.tags,
    )


def _rounds(waiting: Sequence[_Waiting]) -> Iterator[list[_Waiting]]:
    """Cuts events of a wallet into as many as one commit takes, no two of one round under one key."""
    while waiting:
        some: dict[str, _Waiting] = {}
        later = []
        for one in waiting:
            if one.burn.request.key in some or len(some) == limits.BATCH_BURNS:
                later.append(one)
            else:
                some[one.burn.request.key] = one
        yield list(some.values())
        waiting = later


def _book_some(executor: Executor, some: Sequence[_Waiting], outcomes: list[UsageOutcome]) -> bool:
    """Books events of a wallet under different keys, and notes what became of each.

    Returns whether that stays so: otherwise they may be booked a moment later.
    """
    try:
        booked = batches.execute_all(executor, [one.burn for one in some])
    except Refusal as refusal:
        for one in some:
            outcomes[one.number] = _refused(refusal)
        return not refusal.passing
    for one, outcome in zip(some, booked, strict=True):
        if isinstance(outcome.refusal, KeyReused):
            outcomes[one.number] = _refused(_reused(executor, one.burn.request, one.event, outcome.refusal))
        elif outcome.refusal is not None:
            outcomes[one.number] = _refused(outcome.refusal)
        elif outcome.result is not None:
            outcomes[one.number] = UsageOutcome(entry=outcome.result.entry)
    return True


def _reused(executor: Executor, request: WalletRequest, event: UsageEvent, refusal: KeyReused) -> KeyReused:
    """Returns the refusal of an event whose source and id another one has: it says in what they differ."""
    said = f"an event of the source {event.source} with the id {event.id} was burned before"
    first = ledger.find(executor.tables, request.account, request.unit, str(refusal.entry_id))
    if first:
        theirs, whose = first.extra.get("usage", {}), first.cause
        mine = Usage(event.meter, event.quantity, event.dimensions).to_json()
        pairs = {
            "another meter": (theirs.get("meter"), event.meter),
            "another quantity": (theirs.get("quantity"), mine["quantity"]),
            "other dimensions": (dict(theirs.get("dimensions", {})), dict(event.dimensions)),
            "another member": (whose.member if whose else None, event.member),
            "other tags": (dict(whose.tags) if whose else {}, dict(event.tags)),
        }
        if differing := [name for name, (there, here) in pairs.items() if there != here]:
            said += f", with {' and '.join(differing)}"
    return KeyReused(f"{said}: give another event an id of its own", **refusal.facts)


def _refused(refusal: Refusal) -> UsageOutcome:
    """Returns what becomes of an event that is refused: it is rejected, unless it may succeed a moment later."""
    return UsageOutcome() if refusal.passing else UsageOutcome(rejected=refusal)
