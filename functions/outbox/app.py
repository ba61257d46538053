"""Outbox: whatever follows from the ledger's entries, made as its stream brings them.

The stream wakes it with entries that were added. A schedule wakes it once a minute to look whether anything is unread:
that is how it is known up to when nothing is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache, partial
from typing import Any, Final

from scrip import runtime
from scrip.domain.credits.entries import SYSTEM, Entry
from scrip.domain.credits.errors import Throttled, Unavailable
from scrip.domain.wallets.notices import NO_NOTICE
from scrip.http.edge.parameters import format_instant
from scrip.http.events.tellers import tellers
from scrip.services.events.run_outs import Notes
from scrip.services.events.tellers import Teller, publish
from scrip.services.outbox import looks, reader
from scrip.services.payments import auto_topup_wakes

MARGIN_MS: Final = 5_000
"""Milliseconds kept back of a look: the next one goes on."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Reads records of the stream, or looks at its shards where there are none and no window has ended.

    Of records that have to come again it returns the first, as Lambda asks for; and the window's state, which is empty:
    windows are for the name of the shard that they come with.
    """
    if "Records" not in event:
        return _look(context)
    shard = event.get("shardId") or (_only_shard() if event["Records"] else None)
    again = reader.read(runtime.tables(), event["Records"], shard, runtime.now(), _failed, _steps())
    return {
        "state": event.get("state") or {},
        "batchItemFailures": [] if again is None else [{"itemIdentifier": again}],
    }


def _steps() -> Mapping[str, reader.Step]:
    """Returns all that follows from entries, by name."""
    telling = tellers(runtime.burns_have_events())
    published = {name: partial(_publish, teller) for name, teller in telling.items()}
    pinned = runtime.settings().test_clock
    waking = partial(auto_topup_wakes.wake, runtime.known_auto_topups(), _look_at, pinned)
    others: dict[str, reader.Step] = {
        "unannounced": _count_moved,
        "forecasts": _notes().note,
        "auto_topups": waking,
    }
    return {**reader.STEPS, **published, **others}


def _count_moved(_tables: object, entries: Sequence[Entry]) -> None:
    """Counts the ends that were moved because nobody was told of them: an alarm waits for one."""
    for entry in entries:
        if entry.cause and (entry.cause.actor, entry.cause.reason) == (SYSTEM, NO_NOTICE):
            runtime.count("EndMovedUnannounced", account=entry.account, unit=entry.unit, entry_id=entry.id)


def _publish(teller: Teller, *batch: Any) -> None:
    """Publishes what a teller makes of a batch. The bus is made here, so that no other step needs one."""
    publish(runtime.bus(), teller, *batch)


@cache
def _notes() -> Notes:
    """Makes what remembers which wallets this process has noted to be forecast."""
    return Notes(lambda: runtime.now())


def _look_at(message: Mapping[str, Any], group: str) -> None:
    """Has a wallet's automatic top-up looked at."""
    runtime.enqueue("SCRIP_AUTO_TOPUPS_QUEUE_URL", message, group=group)


def _look(context: Any) -> dict[str, Any]:
    """Looks at all shards.

    Raises:
        RuntimeError: the stream has forgotten a shard that was not read to its end.
    """
    looked = looks.look(
        runtime.tables(),
        runtime.stream(),
        runtime.now,
        lambda: bool(context.get_remaining_time_in_millis() > MARGIN_MS),
    )
    through = looked.complete_through
    if looked.lost:
        raise RuntimeError(f"the stream has forgotten what was not read of: {', '.join(looked.lost)}")
    return {**asdict(looked), "complete_through": None if through is None else format_instant(through)}


def _failed(step: str, error: Exception) -> None:
    """Logs a step that failed."""
    runtime.logger().error("step failed", step=step, error=f"{type(error).__name__}: {error}")


def _only_shard() -> str | None:
    """Returns the shard of events that name none, as a local AWS sends them; None where it is not clear."""
    try:
        return reader.only_shard(runtime.stream())
    except (Throttled, Unavailable):
        return None
