"""The answer that explains a balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from scrip.domain.credits.lots import Lot
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import BurnOrder, Unit
from scrip.http.edge.answers import MoneyView, TypedDict, money_view
from scrip.http.edge.parameters import format_instant
from scrip.http.wallets.balances import BalanceAfterView, totals_view
from scrip.http.wallets.lots import LotView, lot_status, lot_view
from scrip.services.wallets.explanations import Explained

if TYPE_CHECKING:
    from scrip.domain.credits.entries import EntryKind
    from scrip.http.edge.forms import At, Count, EntryId, Hash, Ordinal, SignedCredits

OrderCriterion = Literal[
    "priority",
    "expires_at",
    "has_cost_basis",
    "cost_basis",
    "granted",
    "kind",
    "effective_at",
    "grant_sequence",
]
"""A property of lots that a burn order compares."""
OrderValue = int | bool | str | MoneyView | None
"""A lot's value of a property that its order compares: a number, an instant, credits, money, its kind, or yes or no."""

ORDERED_BY: Final[dict[BurnOrder, tuple[OrderCriterion, ...]]] = {
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
"""The properties that each order compares, the most significant first.

The order itself is ``domain.credits.lots.order_key``.
"""


class ReasonView(TypedDict):
    """One reason for a lot's place in the burn order."""

    by: OrderCriterion
    """The property that the order compares."""
    value: OrderValue
    """The lot's value of that property."""


class ExplainedLotView(LotView):
    """A lot with something left, and why it comes where it does."""

    place: Ordinal
    """Its place in the burn order."""
    why: list[ReasonView]
    """The reasons for that place, the most significant first."""
    entries: list[EntryId]
    """The entries that made its number."""


class ExplainedEntryView(TypedDict):
    """An entry, in short."""

    entry_id: EntryId
    """Its id within the wallet."""
    seq: Ordinal
    """Its place in the wallet."""
    kind: EntryKind
    """What happened."""
    amount: SignedCredits
    """Signed change of the total."""
    balance_after: SignedCredits
    """The total after it."""
    at: At
    """When."""
    booked: bool
    """False: time has done it, and it is not in the ledger yet."""


class ProofView(TypedDict):
    """The balance, computed again from the ledger."""

    entries: Count
    """How many entries were read."""
    sum_of_amounts: SignedCredits
    """Of all entries."""
    sum_of_lots_less_owed: SignedCredits
    """Of what the lots have left, less what is owed."""
    head: Hash | None
    """Hash of the last entry; null where there is none."""
    agrees: bool
    """Whether all of it agrees with what is stored."""
    findings: list[str]
    """What does not agree, for people."""


class ExplanationView(TypedDict):
    """Why a balance is what it is."""

    balance: BalanceAfterView
    """What is explained."""
    order: BurnOrder
    """The wallet's burn order."""
    lots: list[ExplainedLotView]
    """The lots with something left, in burn order."""
    entries: list[ExplainedEntryView]
    """The entries that made the number, in their order."""
    proof: ProofView
    """The balance, computed again from the ledger, and whether it agrees."""


def explanation_view(found: Explained, unit: Unit) -> ExplanationView:
    """Shows each lot with its place in the order and why, the entries that made the number, and the proof."""
    precision = unit.precision
    ids = {entry.seq: entry.id for entry in found.entries}
    version = len(found.entries) - found.unbooked
    totals = totals_view(found.account, found.as_of, found.totals, found.status, version, unit)
    return {
        "balance": totals,
        "order": found.order,
        "lots": [
            {
                **lot_view(
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


def order_reasons(lot: Lot, order: BurnOrder, unit: Unit) -> list[ReasonView]:
    """Tells what a lot's place in the order follows from, the weightiest first."""
    known: dict[OrderCriterion, OrderValue] = {
        "priority": lot.priority,
        "expires_at": None if lot.expires_at is None else format_instant(lot.expires_at),
        "has_cost_basis": lot.cost is not None,
        "cost_basis": money_view(lot.cost) if lot.cost else None,
        "granted": format_amount(lot.granted, unit.precision),
        "kind": lot.kind,
        "effective_at": format_instant(lot.effective_at),
        "grant_sequence": lot.seq,
    }
    return [{"by": name, "value": known[name]} for name in ORDERED_BY[order]]
