"""The answer to whatever moves credits: its entry, the balance right after it, and what its kind adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.holds import Hold
from scrip.http.edge.answers import Answer, answer
from scrip.http.wallets.balances import balance_after_view
from scrip.http.wallets.entries import entry_view
from scrip.http.wallets.holds import hold_view
from scrip.http.wallets.lots import granted_lot_view
from scrip.services.engine.executor import Result


def moved(done: Result, unit: Unit, **more: Any) -> Answer:
    """The answer to a movement: its entry, the balance right after it, and what its kind adds."""
    replay = {"idempotent_replay": "true"} if done.replayed else {}
    return answer(201, moved_document(done.entry, unit) | more, **replay)


def moved_document(entry: Entry, unit: Unit) -> dict[str, Any]:
    """What a movement is answered with."""
    document: dict[str, Any] = {"entry": entry_view(entry, unit), "balance": balance_after_view(entry, unit)}
    made = entry.extra.get("lot")
    if isinstance(made, Mapping):
        document["lot"] = granted_lot_view(entry, unit)
    if "hold" in entry.extra:
        document["hold"] = hold_view(Hold.from_json(entry.extra["hold"]), unit)
    if entry.kind == "burn":
        missing = int(entry.extra["missing"])
        document["burned"] = format_amount(-entry.amount, unit.precision)
        document["missing"] = format_amount(missing, unit.precision)
    return document
