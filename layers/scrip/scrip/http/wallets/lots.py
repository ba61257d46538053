"""Lots of wallets: the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.lots import Lot, Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.http.edge.answers import money_view, reference_view
from scrip.http.edge.parameters import format_instant
from scrip.services.wallets.balances import Listed


def lot_id(seq: int) -> str:
    """A lot's public name: it is unique within its wallet."""
    return f"lot_{seq}"


def lot_view(listed: Listed, unit: Unit) -> dict[str, Any]:
    lot, note = listed.lot, listed.note
    view = whole_lot_view(lot, unit, lot_status(lot, pending=listed.pending), note, listed.scope)
    for name in ("terms", "terms_version", "pack_version", "tax", "tax_point", "topup_id"):
        if name in note:
            view[name] = note[name]
    if "accepted_at" in note:
        view["accepted_at"] = format_instant(note["accepted_at"])
    return view


def whole_lot_view(
    lot: Lot, unit: Unit, status: str, note: Mapping[str, Any], scope: Sequence[str]
) -> dict[str, Any]:
    expires_at = None if lot.expires_at is None else lot.expires_at - lot.inclusive
    return {
        "lot_id": lot_id(lot.seq),
        "kind": lot.kind,
        "granted": format_amount(lot.granted, unit.precision),
        "remaining": format_amount(lot.remaining, unit.precision),
        "held": format_amount(lot.held, unit.precision),
        "frozen": format_amount(lot.frozen, unit.precision),
        "priority": lot.priority,
        "effective_at": format_instant(lot.effective_at),
        "expires_at": None if expires_at is None else format_instant(expires_at),
        "cost_basis": money_view(lot.cost),
        "scope": list(scope),
        "status": status,
        "source": reference_view(note.get("source")),
        "metadata": dict(sorted(note.get("metadata", {}).items())),
    }


def granted_lot_view(entry: Entry, unit: Unit) -> dict[str, Any]:
    """The lot as it was right after its entry, from what that remembers."""
    facts, cause = entry.extra["lot"], entry.cause
    cost = facts.get("cost")
    lot = Lot(
        seq=facts["seq"],
        kind=facts["kind"],
        granted=int(facts["granted"]),
        remaining=int(facts["remaining"]),
        effective_at=facts["effective_at"],
        expires_at=facts.get("expires_at"),
        inclusive=facts.get("inclusive", False),
        priority=facts["priority"],
        cost=Money(*cost) if cost else None,
        held=int(facts.get("held", 0)),
        frozen=int(facts.get("frozen", 0)),
        fate=facts.get("fate", ""),
    )
    made = lot.seq == entry.seq
    note = (
        {"source": facts.get("source") or cause.reference, "metadata": cause.metadata}
        if cause and made
        else {}
    )
    return whole_lot_view(
        lot, unit, lot_status(lot, pending=lot.effective_at > entry.at), note, facts.get("scope", ())
    )


def lot_status(lot: Lot, *, pending: bool) -> str:
    """A lot's status in an answer."""
    if lot.fate:
        return lot.fate
    if not (lot.remaining or lot.held):
        return "depleted"
    return "pending" if pending else "open"
