"""The answer that explains a balance."""

from __future__ import annotations

from typing import Any, Final

from scrip.domain.credits.lots import Lot
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Order, Unit
from scrip.http.edge.answers import money_view
from scrip.http.edge.parameters import format_instant
from scrip.http.wallets.balances import totals_view
from scrip.http.wallets.lots import lot_status, whole_lot_view
from scrip.services.wallets.explanations import Explained

ORDERED_BY: Final[dict[Order, tuple[str, ...]]] = {
    "priority_expiry_cost": (
        "priority",
        "expires_at",
        "has_cost_basis",
        "cost_basis",
        "effective_at",
        "grant_sequence",
    ),
    "stripe": ("priority", "expires_at", "has_cost_basis", "effective_at", "grant_sequence"),
    "openmeter": ("priority", "expires_at", "grant_sequence"),
    "lago": ("priority", "kind", "grant_sequence"),
    "flexprice": ("priority", "expires_at", "granted", "grant_sequence"),
}
"""What each order goes by, the weightiest first (``domain.lots.order_key`` is the order itself)."""


def explained_view(found: Explained, unit: Unit) -> dict[str, Any]:
    """Each lot with its place in the order and why, the entries that made the number, and the proof."""
    precision = unit.precision
    ids = {entry.seq: entry.id for entry in found.entries}
    version = len(found.entries) - found.unbooked
    totals = totals_view(found.account, found.as_of, found.totals, found.status, version, unit)
    return {
        "balance": totals,
        "order": found.order,
        "lots": [
            {
                **whole_lot_view(
                    lot,
                    unit,
                    lot_status(lot, pending=told.pending),
                    found.notes.get(lot.seq, {}),
                    told.facts.get("scope", ()),
                ),
                "place": place,
                "why": order_reasons(lot, found.order, unit),
                "entries": [ids[seq] for seq in told.entries],
            }
            for place, (lot, told) in enumerate(found.lots, 1)
        ],
        "entries": [
            {
                "entry_id": entry.id,
                "seq": entry.seq,
                "kind": entry.kind,
                "amount": format_amount(entry.amount, precision),
                "balance_after": format_amount(entry.after.total, precision),
                "at": format_instant(entry.at),
                "booked": number <= version,
            }
            for number, entry in enumerate(found.entries, 1)
        ],
        "proof": {
            "entries": version,
            "sum_of_amounts": format_amount(found.summed, precision),
            "sum_of_lots_less_owed": format_amount(found.in_lots, precision),
            "head": found.entries[version - 1].hash().hex() if version else None,
            "agrees": not found.findings,
            "findings": list(found.findings),
        },
    }


def order_reasons(lot: Lot, order: Order, unit: Unit) -> list[dict[str, Any]]:
    """What a lot's place in the order follows from, the weightiest first."""
    known: dict[str, Any] = {
        "priority": lot.priority,
        "expires_at": None if lot.expires_at is None else format_instant(lot.expires_at),
        "has_cost_basis": lot.cost is not None,
        "cost_basis": money_view(lot.cost),
        "granted": format_amount(lot.granted, unit.precision),
        "kind": lot.kind,
        "effective_at": format_instant(lot.effective_at),
        "grant_sequence": lot.seq,
    }
    return [{"by": name, "value": known[name]} for name in ORDERED_BY[order]]
