"""Lots of wallets: the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.ids import lot_id
from scrip.domain.credits.lots import Lot, Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.funds import Funds
from scrip.domain.wallets.lot_lists import BEGINNING, PARTS, LotPlace, Part
from scrip.http.edge import parameters
from scrip.http.edge.answers import CounterpartView, MoneyView, SourceView, TypedDict, money_view, source_view
from scrip.http.edge.parameters import Query, format_instant
from scrip.http.wallets.balances import FundsView, funds_view
from scrip.services.wallets.lots import ListedLot

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.domain.credits.lots import Kind as LotKind
    from scrip.domain.payments.pack import TaxPoint
    from scrip.http.edge.forms import At, Credits, LotId, LotPriority, Name


LotStatus = Literal["pending", "open", "depleted", "expired", "voided"]
"""What has become of a lot; `pending`: it has not begun."""


class LotView(TypedDict):
    """What a grant added, and what is left of it."""

    lot_id: LotId
    """Its id; no other lot has it."""
    kind: LotKind
    """How it came."""
    granted: Credits
    """What it began with."""
    remaining: Credits
    """What of it can be spent (once it has begun)."""
    held: Credits
    """What of it is set aside by open holds."""
    frozen: Credits
    """What of it is under open dispute or pending refund."""
    priority: LotPriority
    """Lower is taken first."""
    effective_at: At
    """From when on it can be spent."""
    expires_at: At | None
    """Until when; null: for ever."""
    cost_basis: MoneyView | None
    """Money paid for the whole lot."""
    scope: list[Name]
    """The meters it may pay for; none: everything."""
    status: LotStatus
    """What has become of it."""
    source: SourceView | None
    """What it came from."""
    metadata: dict[str, str]
    """As the grant gave it. A key of one account is not shown members that begin with `internal.`."""
    counterpart: NotRequired[CounterpartView]
    """The sender and its entry; of a lot that a transfer made."""


class LotSaleView(TypedDict):
    """What was agreed when a lot was bought."""

    terms: NotRequired[str]
    """The terms that the buyer accepted; of a lot that was bought."""
    terms_version: NotRequired[str]
    """What tells one text of terms from another; of a lot that was bought."""
    accepted_at: NotRequired[At]
    """When the buyer accepted; of a lot that was bought."""
    pack_version: NotRequired[int]
    """The pack as it was then; of a lot that was bought."""
    tax: NotRequired[MoneyView]
    """Tax paid on top, without that of credits which are another lot's by now; of a lot that was bought."""
    tax_point: NotRequired[TaxPoint]
    """When the tax is due; of a lot that was bought."""
    topup_id: NotRequired[str]
    """The order; of a lot that was bought."""


class ListedLotView(LotView, LotSaleView):
    """A lot, with what became of its money, and what was agreed when it was bought."""

    money: FundsView | None
    """What became of its money; `moved` is another lot's by now. Null for a lot that cost nothing, or whose money was
    not counted from its wallet's beginning."""


class LotPageView(TypedDict):
    """Lots in burn order. Of a wallet with hundreds of lots that are pending, used up or ended, the open ones come
    first, in burn order, then the pending ones by their beginning, then the others by their grant; there a page may be
    short, or empty, and yet have a `next_cursor`."""

    items: list[ListedLotView]
    """The lots."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


_KEYS: Final[Mapping[Part, re.Pattern[str]]] = {
    "all": re.compile(r"[0-9a-f]{0,200}"),
    "open": re.compile(r"[0-9a-f]{0,200}"),
    "pending": re.compile(r"([0-9]{15}#[A-Za-z0-9._:@|-]{1,300})?"),
    "rest": re.compile(r"[0-9]{0,12}"),
}
"""The places within each part of a list, as a cursor brings them back."""


def lot_place(query: Query) -> LotPlace:
    """Reads where the list goes on; its beginning where there is no cursor. Raises ``InvalidRequest``."""
    parts = query.cursor(range(len(PARTS)), re.compile(r".{0,400}"), _KEYS["all"])
    if parts is None:
        return BEGINNING
    place = LotPlace(PARTS[parts[0]], parts[1], parts[2])
    if not _KEYS[place.part].fullmatch(place.key):
        raise InvalidRequest([("cursor", "must be next_cursor as a list gave it")])
    return place


def lot_page_view(
    account: str, listed: Sequence[ListedLot], following: LotPlace | None, unit: Unit
) -> LotPageView:
    """Shows these lots of the account, no more than fit into one answer.

    ``following`` is where the list goes on after all of them.
    """
    items = [listed_lot_view(one, account, unit) for one in listed]
    count = parameters.fitting(items)
    place = listed[count - 1].place if count < len(items) else following
    cursor = parameters.make_cursor(PARTS.index(place.part), place.key, place.floor) if place else None
    return {"items": items[:count], "next_cursor": cursor}


def listed_lot_view(listed: ListedLot, account: str, unit: Unit) -> ListedLotView:
    """Shows a lot of a list, with what was noted of its sale."""
    lot, note = listed.lot, listed.note
    status = lot_status(lot, pending=listed.pending)
    funds = _funds(lot) if lot.cost and listed.counted else None
    return {
        **lot_view(lot, account, unit, status, note, listed.scope),
        **_sale_view(note, lot.moved_tax),
        "money": funds_view(funds) if funds else None,
    }


def _funds(lot: Lot) -> Funds:
    """Returns what became of the money of a lot with cost basis."""
    assert lot.cost
    return Funds(
        lot.cost.currency,
        paid=lot.cost.amount - lot.unpaid,
        recognised=lot.recognised,
        refunded=lot.returned,
        breakage=lot.breakage,
        moved=lot.moved_money,
        bad_debt=lot.lost,
    )


def lot_view(
    lot: Lot, account: str, unit: Unit, status: LotStatus, note: Mapping[str, Any], scope: Sequence[str]
) -> LotView:
    """Shows a lot of the account.

    The instant that an inclusive lot shows as its end is the last one at which it lives.
    """
    expires_at = None if lot.expires_at is None else lot.expires_at - lot.inclusive
    moved_from = note.get("moved_from", {})
    view: LotView = {
        "lot_id": lot_id(account, unit.unit, lot.seq),
        "kind": lot.kind,
        "granted": format_amount(lot.granted, unit.precision),
        "remaining": format_amount(lot.remaining, unit.precision),
        "held": format_amount(lot.held, unit.precision),
        "frozen": format_amount(lot.frozen, unit.precision),
        "priority": lot.priority,
        "effective_at": format_instant(lot.effective_at),
        "expires_at": None if expires_at is None else format_instant(expires_at),
        "cost_basis": money_view(lot.cost) if lot.cost else None,
        "scope": list(scope),
        "status": status,
        "source": source_view(note.get("source")),
        "metadata": dict(sorted(note.get("metadata", {}).items())),
    }
    if "entry" in moved_from:
        view["counterpart"] = {"account": moved_from["account"], "entry_id": moved_from["entry"]}
    return view


def made_lot_view(entry: Entry, unit: Unit) -> LotView | None:
    """Shows the lot that an entry made or changed, as it was right after the entry; None where there is none.

    It is read from the entry, which holds the lot's numbers of that instant.
    """
    if not isinstance(entry.extra.get("lot"), Mapping):
        return None
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
    note: dict[str, Any] = (
        {"source": facts.get("source") or cause.reference, "metadata": cause.metadata}
        if cause and made
        else {}
    )
    status = lot_status(lot, pending=lot.effective_at > entry.at)
    return lot_view(lot, entry.account, unit, status, note, facts.get("scope", ()))


def lot_status(lot: Lot, *, pending: bool) -> LotStatus:
    """Tells what has become of a lot. ``pending``: it has not begun."""
    if lot.fate:
        return lot.fate
    if not (lot.remaining or lot.held):
        return "depleted"
    return "pending" if pending else "open"


_AS_NOTED: Final[
    tuple[Literal["terms", "terms_version", "pack_version", "tax", "tax_point", "topup_id"], ...]
] = ("terms", "terms_version", "pack_version", "tax", "tax_point", "topup_id")
"""Members of a sale that are shown as they are kept."""


def _sale_view(note: Mapping[str, Any], moved_tax: int) -> LotSaleView:
    """Shows what was agreed. Of the tax, that of the credits that went on to another lot (minor units) is left out."""
    view: LotSaleView = {}
    for name in _AS_NOTED:
        if name in note:
            view[name] = note[name]
    if "tax" in view:
        view["tax"] = {**view["tax"], "amount": view["tax"]["amount"] - moved_tax}
    if "accepted_at" in note:
        view["accepted_at"] = format_instant(note["accepted_at"])
    return view
