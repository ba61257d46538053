"""Overages that are to be billed: the parameters, and the answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scrip import runtime
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import LAST_SEQ, MAX_INSTANT
from scrip.domain.credits.steps import format_amount
from scrip.domain.finance.periods import MONTH_PATTERN
from scrip.domain.wallets.overages import KIND
from scrip.http.edge import parameters
from scrip.http.edge.answers import MoneyView, TypedDict
from scrip.http.edge.parameters import format_instant
from scrip.http.edge.request import HttpRequest
from scrip.http.wallets.entries import overage_value
from scrip.services.search import overages, searches
from scrip.services.search.overages import Overages

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Credits, EntryId, Name, Ordinal

MONTH_FORM: Final = "must be a month such as 2030-02"
_ENTRY_ID: Final = re.compile(r"[A-Za-z0-9._~-]{1,200}")
_INSTANTS, _SEQS = range(MAX_INSTANT + 1), range(LAST_SEQ + 1)


class BilledOverageView(TypedDict):
    """What an account owed as a period of an allowance ended, and is to be billed. The entry itself is at
    `/v1/accounts/{account}/entries/{entry_id}`."""

    account: Name
    """Whom to bill."""
    unit: Name
    """What was owed."""
    allowance_id: Name
    """The allowance whose period ended."""
    amount: Credits
    """How much was owed."""
    value: MoneyView | None
    """What that is worth, rounded down to the minor unit; null: the unit had no `value` when the allowance was put."""
    at: At
    """When the period ended."""
    entry_id: EntryId
    """The entry that wrote it off: bill it once."""
    seq: Ordinal
    """Its place in the wallet."""


class BilledOveragePageView(TypedDict):
    """Overages, newest first. A page may be short, or empty, and yet have a `next_cursor`."""

    items: list[BilledOverageView]
    """The overages."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""
    complete_through: At | None
    """None that was committed before this instant is missing. Null: that is not known yet, so ask again."""


def found(request: HttpRequest) -> Overages:
    """Finds what is to be billed of a month.

    Raises:
        InvalidRequest: no month is said, or what is said is none.
    """
    query = request.query
    month = query.text("month")
    if month is None or not re.fullmatch(MONTH_PATTERN.strip("^$"), month):
        raise InvalidRequest([("month", "is missing" if month is None else MONTH_FORM)])
    place = query.cursor(_INSTANTS, _SEQS, _ENTRY_ID) or searches.NEWEST
    return overages.to_bill(runtime.tables(), month, (place[0], place[1], place[2]), query.limit())


def overage_page_view(page: Overages) -> BilledOveragePageView:
    """Shows what is to be billed."""
    items: list[BilledOverageView] = [
        {
            "account": entry.account,
            "unit": entry.unit,
            "allowance_id": entry.extra[KIND]["allowance"],
            "amount": format_amount(entry.amount, page.units[entry.unit].precision),
            "value": overage_value(entry.extra[KIND]),
            "at": format_instant(entry.at),
            "entry_id": entry.id,
            "seq": entry.seq,
        }
        for entry in page.entries
    ]
    through = page.complete_through
    return {
        "items": items,
        "next_cursor": parameters.make_cursor(*page.following) if page.following else None,
        "complete_through": None if through is None else format_instant(through),
    }
