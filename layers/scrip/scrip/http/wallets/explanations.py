"""The answer that explains a balance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from scrip.domain.credits.ids import lot_id
from scrip.domain.credits.limits import LAST_SEQ, MAX_INSTANT
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import BY, BurnOrder, LotOrder, Unit
from scrip.http.edge import parameters
from scrip.http.edge.answers import MoneyView, TypedDict, money_view
from scrip.http.edge.parameters import Query, format_instant
from scrip.http.wallets.balances import BalanceAfterView, totals_view
from scrip.http.wallets.lots import LotView, lot_status, lot_view
from scrip.services.wallets.explanations import Explained, Told

if TYPE_CHECKING:
    from scrip.domain.credits.entries import EntryKind
    from scrip.http.edge.forms import At, Count, EntryId, Hash, LotId, Ordinal, SignedCredits

OrderCriterion = Literal[
    "priority",
    "expires_at",
    "has_cost_basis",
    "cost_basis",
    "granted",
    "kind",
    "effective_at",
    "grant_sequence",
    "has_scope",
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


class LotChangeView(TypedDict):
    """What the entries of a page changed of one lot."""

    lot_id: LotId
    """Its id within the wallet."""
    change: SignedCredits
    """How much more, or less, is left of it; what holds have set aside counts as left."""
    held_change: SignedCredits
    """How much more, or less, of it is set aside by holds."""
    entries: list[EntryId]
    """The entries of the page that did it."""


class ExplainedEntryView(TypedDict):
    """An entry, in short."""

    entry_id: EntryId
    """Its id; no other entry has it."""
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
    """The balance, computed again from the ledger. Sums go on over pages: the last page's are of all entries."""

    entries: Count
    """How many entries there are so far, from the wallet's first to the last of this page."""
    sum_of_amounts: SignedCredits
    """Of all these entries."""
    sum_of_lots_less_owed: SignedCredits
    """Of what they leave in the lots, less what is owed."""
    head: Hash | None
    """Hash of the last of them; null where there is none."""
    agrees: bool
    """Whether what was read for this page agrees with itself, and on the last page with what is stored."""
    findings: list[str]
    """What does not agree, for people."""


class ExplanationView(TypedDict):
    """Why a balance is what it is."""

    balance: BalanceAfterView
    """What is explained."""
    order: BurnOrder
    """The wallet's burn order."""
    lots: list[ExplainedLotView]
    """The lots with something left, in burn order. Empty where the entries take several pages: add up `changes` of all
    of them, or list the lots."""
    changes: list[LotChangeView]
    """What the entries of this page changed, by lot. Over all pages they add up to what is left of each lot."""
    entries: list[ExplainedEntryView]
    """The entries that made the number, in their order."""
    proof: ProofView
    """The balance, computed again from the ledger, and whether it agrees."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


_STEPS: Final = re.compile(r"-?[0-9]{1,40}")


def told_before(query: Query) -> Told | None:
    """Reads what the pages before have told; None where there are none. Raises ``InvalidRequest``."""
    instants, seqs = range(MAX_INSTANT + 1), range(1, LAST_SEQ + 1)
    parts = query.cursor(instants, instants, seqs, _STEPS, _STEPS)
    return Told(parts[0], parts[1], parts[2], int(parts[3]), int(parts[4])) if parts else None


def explanation_view(found: Explained, unit: Unit) -> ExplanationView:
    """Shows each lot with its place in the order and why, the entries that made the number, and the proof."""
    precision, told = unit.precision, found.told
    ids = {entry.seq: entry.id for entry in found.entries}
    booked = len(found.entries) - found.unbooked
    totals = totals_view(found.account, told.as_of, found.totals, found.status, found.version, unit)
    cursor = parameters.make_cursor(told.as_of, told.at, told.seq, str(told.summed), str(told.in_lots))
    return {
        "balance": totals,
        "order": BY[found.order],
        "lots": [
            {
                **lot_view(
                    lot,
                    found.account,
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
        "changes": [
            {
                "lot_id": lot_id(found.account, unit.unit, seq),
                "change": format_amount(change.left, precision),
                "held_change": format_amount(change.held, precision),
                "entries": [ids[number] for number in change.entries],
            }
            for seq, change in found.changes.items()
        ],
        "entries": [
            {
                "entry_id": entry.id,
                "seq": entry.seq,
                "kind": entry.kind,
                "amount": format_amount(entry.amount, precision),
                "balance_after": format_amount(entry.after.total, precision),
                "at": format_instant(entry.at),
                "booked": number <= booked,
            }
            for number, entry in enumerate(found.entries, 1)
        ],
        "proof": {
            "entries": told.seq,
            "sum_of_amounts": format_amount(told.summed, precision),
            "sum_of_lots_less_owed": format_amount(told.in_lots, precision),
            "head": found.entries[booked - 1].hash().hex() if booked else None,
            "agrees": not found.findings,
            "findings": list(found.findings),
        },
        "next_cursor": cursor if found.more else None,
    }


def order_reasons(lot: Lot, order: LotOrder, unit: Unit) -> list[ReasonView]:
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
        "has_scope": lot.scoped,
    }
    return [{"by": name, "value": known[name]} for name in _compared(order)]


def _compared(order: LotOrder) -> tuple[OrderCriterion, ...]:
    """Returns what an order compares, the weightiest first."""
    first, *others = ORDERED_BY[BY[order]]
    return (first, *others) if BY[order] == order else (first, "has_scope", *others)
