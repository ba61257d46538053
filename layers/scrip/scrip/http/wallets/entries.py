"""Entries, balances, lots and the rest as JSON: amounts as canonical decimals, instants as RFC 3339."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scrip.domain.credits.entries import Draw, Entry, Totals
from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.lots import Lot, Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.holds import Hold
from scrip.http.edge.parameters import format_instant
from scrip.http.edge.problems import problem_document
from scrip.http.edge.request import Answer, answer
from scrip.services.engine.executor import Result
from scrip.services.wallets.balances import Balance, Listed


def money_view(money: Money | None) -> dict[str, Any] | None:
    return {"amount": money.amount, "currency": money.currency} if money else None


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
        "available_after": format_amount(_totals_after(entry).available, precision),
        "held_after": format_amount(entry.after.held, precision),
        "frozen_after": format_amount(entry.after.frozen, precision),
        "owed_after": format_amount(entry.after.owed, precision),
        "draws": [draw_view(draw, precision) for draw in entry.draws],
        "reference": _pair(cause.reference) if cause else None,
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


def moved(done: Result, unit: Unit, **more: Any) -> Answer:
    """The answer to a movement: its entry, the balance right after it, and what its kind adds."""
    replay = {"idempotent_replay": "true"} if done.replayed else {}
    return answer(201, moved_document(done.entry, unit) | more, **replay)


def moved_document(entry: Entry, unit: Unit) -> dict[str, Any]:
    """What a movement is answered with."""
    document: dict[str, Any] = {"entry": entry_view(entry, unit), "balance": _balance_after(entry, unit)}
    made = entry.extra.get("lot")
    if isinstance(made, Mapping):
        document["lot"] = _granted_view(entry, unit)
    if "hold" in entry.extra:
        document["hold"] = hold_view(Hold.from_json(entry.extra["hold"]), unit)
    if entry.kind == "burn":
        missing = int(entry.extra["missing"])
        document["burned"] = format_amount(-entry.amount, unit.precision)
        document["missing"] = format_amount(missing, unit.precision)
    return document


def hold_view(hold: Hold, unit: Unit) -> dict[str, Any]:
    """A hold. ``draws`` are what was set aside, ``captured`` includes what was captured beyond it."""
    precision = unit.precision
    return {
        "hold_id": hold_id(hold.seq),
        "amount": format_amount(hold.amount, precision),
        "captured": format_amount(hold.captured + hold.extra, precision),
        "released": format_amount(hold.released, precision),
        "status": hold.status,
        "expires_at": format_instant(hold.expires_at),
        "over_capture": hold.over_capture,
        "meter": hold.meter,
        "draws": [
            {"lot_id": lot_id(lot), "amount": format_amount(steps, precision)} for lot, steps in hold.draws
        ],
    }


def balance_view(balance: Balance, unit: Unit) -> dict[str, Any]:
    """A balance. A past one lacks ``next_expiry``: the ledger's totals do not say it."""
    view = totals_view(balance.account, balance.as_of, balance.totals, balance.status, balance.version, unit)
    if not balance.past:
        following = balance.next_expiry
        view["next_expiry"] = following and {
            "at": format_instant(following[0]),
            "amount": format_amount(following[1], unit.precision),
        }
    return view


def lot_view(listed: Listed, unit: Unit) -> dict[str, Any]:
    lot, note = listed.lot, listed.note
    view = whole_lot_view(lot, unit, lot_status(lot, pending=listed.pending), note, listed.scope)
    for name in ("terms", "terms_version", "pack_version", "tax", "tax_point", "topup_id"):
        if name in note:
            view[name] = note[name]
    if "accepted_at" in note:
        view["accepted_at"] = format_instant(note["accepted_at"])
    return view


def lot_id(seq: int) -> str:
    """A lot's public name: it is unique within its wallet."""
    return f"lot_{seq}"


def hold_id(seq: int) -> str:
    """A hold's public name: it is unique within its wallet."""
    return f"hold_{seq}"


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
        "source": _pair(note.get("source")),
        "metadata": dict(sorted(note.get("metadata", {}).items())),
    }


def _granted_view(entry: Entry, unit: Unit) -> dict[str, Any]:
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


def item_view(outcome: Result | Refusal, unit: Unit) -> dict[str, Any]:
    """One of many requests in one: its status, and its entry or its problem."""
    if isinstance(outcome, Result):
        return {"status": 201, "replayed": outcome.replayed, "entry": entry_view(outcome.entry, unit)}
    said = problem_document(outcome)
    return {"status": said["status"], "problem": said}


def _balance_after(entry: Entry, unit: Unit) -> dict[str, Any]:
    """The balance right after an entry."""
    return totals_view(entry.account, entry.at, _totals_after(entry), entry.status, entry.seq, unit)


def _totals_after(entry: Entry) -> Totals:
    """The totals after an entry. What went back to expired lots expires with the next: it is never shown as available
    (law 5)."""
    if "expiring" not in entry.extra:
        return entry.after
    steps, paid = map(int, entry.extra["expiring"])
    after = entry.after
    return after._replace(available=after.available - steps, paid=after.paid - paid)


def totals_view(
    account: str, as_of: int, totals: Totals, status: str, version: int, unit: Unit
) -> dict[str, Any]:
    precision = unit.precision
    return {
        "account": account,
        "unit": unit.unit,
        "as_of": format_instant(as_of),
        "total": format_amount(totals.total, precision),
        "available": format_amount(totals.available, precision),
        "held": format_amount(totals.held, precision),
        "frozen": format_amount(totals.frozen, precision),
        "pending": format_amount(totals.pending, precision),
        "owed": format_amount(totals.owed, precision),
        "by_category": {
            "paid": format_amount(totals.paid, precision),
            "free": format_amount(totals.available - totals.paid, precision),
        },
        "status": status,
        "version": version,
    }


def draw_view(draw: Draw, precision: int) -> dict[str, Any]:
    view = {"lot_id": lot_id(draw.lot), "amount": format_amount(draw.amount, precision)}
    return view | {"value": money_view(draw.value)} if draw.value else view


def _pair(pair: Any) -> dict[str, str] | None:
    return {"type": pair[0], "id": pair[1]} if pair else None
