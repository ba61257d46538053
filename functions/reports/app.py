"""Reports: makes the archive's days, woken by a schedule."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from scrip import runtime
from scrip.domain.credits.errors import Contended
from scrip.http.edge import schedule
from scrip.services.finance import editions, manifests

MARGIN_MS: Final = 240_000
"""Milliseconds kept back of a run to write what it has: what it does not read from the ledger the next one reads."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Makes an edition of the archive as of the schedule's instant, unless all days that are over are in one."""
    now = schedule.now(event)
    manifest = manifests.present(runtime.tables(), runtime.archive())
    if not editions.is_due(manifest, now):
        return {"edition": manifest.edition, "entries": 0, "missing": 0, "done": True}
    return make(now, context)


def make(now: int, context: Any) -> dict[str, Any]:
    """Makes an edition of the archive, and measures what is missing of it."""
    try:
        made = editions.make(
            runtime.tables(),
            runtime.archive(),
            Path(tempfile.gettempdir()),
            now,
            runtime.now(),
            lambda: bool(context.get_remaining_time_in_millis() > MARGIN_MS),
        )
    except Contended:
        return {"busy": True}
    manifest = made.manifest
    runtime.measure("ArchiveIncomplete", manifest.missing_count)
    runtime.measure("ArchiveLate", made.late)
    for name in manifest.missing:
        runtime.logger().error("the archive lacks entries", wallet=name)
    return {
        "edition": manifest.edition,
        "entries": made.entries,
        "late": made.late,
        "read": made.read,
        "missing": manifest.missing_count,
        "done": made.done,
    }
