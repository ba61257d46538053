"""Entries of a wallet's ledger: the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.edge.answers import money_view, reference_view
from scrip.http.edge.parameters import format_instant
from scrip.http.edge.problems import problem_document
from scrip.http.wallets.balances import totals_after
from scrip.http.wallets.holds import hold_id
from scrip.http.wallets.lots import lot_id
from scrip.services.engine.executor import Result


def entry_view(entry: Entry, unit: Unit) -> dict[str, Any]:
    """One ledger row. ``draws[].value`` is the money that left the lot with the credits, in minor units."""
    cause, precision = entry.cause, unit.precision
    view = {
        "entry_id": entry.id,
        "seq": entry.seq,
        "kind": entry.kind,
        "amount": format_amount(entry.amount, precision),
        "balance_before": format_amount(entry.before.total, precision),
        "balance_after": format_amount(entry.after.total, precision),
        "available_after": format_amount(totals_after(entry).available, precision),
        "held_after": format_amount(entry.after.held, precision),
        "frozen_after": format_amount(entry.after.frozen, precision),
        "owed_after": format_amount(entry.after.owed, precision),
        "draws": [draw_view(draw, precision) for draw in entry.draws],
        "reference": reference_view(cause.reference) if cause else None,
        "reason": cause.reason if cause else None,
        "actor": cause.actor if cause else "time",
        "metadata": dict(sorted(cause.metadata.items())) if cause else {},
        "at": format_instant(entry.at),
        "hash": entry.hash().hex(),
        "previous_hash": entry.previous_hash.hex(),
    }
    lot = entry.extra.get("lot")
    if lot is not None:
        view["lot_id"] = lot_id(lot["seq"] if isinstance(lot, Mapping) else lot)
    if "usage" in entry.extra:
        # In this order, however the ledger keeps it: a replay is the first answer, to the byte.
        usage = entry.extra["usage"]
        view["usage"] = {
            "meter": usage["meter"],
            "quantity": usage["quantity"],
            "dimensions": dict(sorted(usage["dimensions"].items())),
            "rate_version": usage["rate_version"],
        }
    if "hold" in entry.extra:
        view["hold_id"] = hold_id(entry.extra["hold"]["seq"])
    if "of" in entry.extra and entry.kind in ("reversal", "write_off"):
        view["of_entry_id"] = entry.extra["of"]
    if "refunded" in entry.extra:
        view["money"] = {
            "refunded": entry.extra["refunded"],
            "recognised": entry.extra["recognised"],
        }
    return view


def draw_view(draw: Draw, precision: int) -> dict[str, Any]:
    view = {"lot_id": lot_id(draw.lot), "amount": format_amount(draw.amount, precision)}
    return view | {"value": money_view(draw.value)} if draw.value else view


def item_view(outcome: Result | Refusal, unit: Unit) -> dict[str, Any]:
    """One of many requests in one: its status, and its entry or its problem."""
    if isinstance(outcome, Result):
        return {"status": 201, "replayed": outcome.replayed, "entry": entry_view(outcome.entry, unit)}
    said = problem_document(outcome)
    return {"status": said["status"], "problem": said}
