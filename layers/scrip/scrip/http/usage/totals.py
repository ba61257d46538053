"""What a wallet used, period by period: the query and the answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, get_args

from scrip import runtime
from scrip.domain.credits import calendar
from scrip.domain.credits.errors import Forbidden, InvalidRequest
from scrip.domain.credits.limits import MAX_INSTANT, MIN_INSTANT
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.credits.usage import written
from scrip.domain.usage.rollups import By
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.customers import INTERNAL
from scrip.http.edge.parameters import format_instant
from scrip.http.edge.request import HttpRequest
from scrip.services.usage.totals import Every, UsagePage, UsagePlace, UsageQuery, UsedRow, period_of

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.http.edge.forms import At, Count, Currency, Quantity, SignedCredits

BY: Final = "must be meter, member, tag:<name> or dimension:<name>"
NAME: Final = 100
"""Characters of the name of a tag or a dimension."""
_INSTANTS: Final = range(MIN_INSTANT, MAX_INSTANT + 2)
_RANKS: Final = range(10**9)
_DIGEST: Final = re.compile(r"[0-9a-f]{16}|-|")


class UsedMoneyView(TypedDict):
    """The money of credits that were used."""

    amount: int
    """Minor units (cents). Below zero only where a step came back that fractions of other events had completed."""
    currency: Currency
    """ISO 4217."""


# A member that is a keyword of Python can be declared in no other way.
UsedFromView = TypedDict("UsedFromView", {"from": "At"})
"""When the period begins."""


class UsedView(UsedFromView):
    """What was used in a period. What was undone is given back in the period in which it was used."""

    to: At
    """When the period ends; that instant is not in it."""
    by: str | None
    """Which meter, member, or value of the tag or dimension; `(other)`: of the hours that have more different ones than
    are told apart. Null of what says none, and of all where the request has no `by`."""
    quantity: Quantity | None
    """How much was counted. Null where nothing was, and where quantities of several meters come together: ask by meter,
    or for one `meter`."""
    credits: SignedCredits
    """What was burned and captured for it."""
    value: UsedMoneyView | None
    """The money of these credits. Null of free ones, and where there are several currencies: then `values` has them."""
    values: NotRequired[list[UsedMoneyView]]
    """The money, by currency; where there are several."""


class UsedPageView(TypedDict):
    """What was used, the oldest period first, and in each the values in their order. Periods in which nothing was used
    are left out."""

    items: list[UsedView]
    """What was used."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""
    through_seq: Count
    """All entries of the wallet up to this one are counted: its last one when the request came, but where more was new
    than can be read in time. Then the next request goes on from there."""


def usage_query(request: HttpRequest) -> UsageQuery:
    """Reads what is asked for.

    Raises:
        InvalidRequest: a parameter is none.
        Forbidden: a key of one account asks by a tag that it is not shown.
    """
    query = request.query
    by = _by(query.text("by"))
    if request.bound and by and by.axis == "tag" and by.name.startswith(INTERNAL):
        raise Forbidden("this key does not see what is internal")
    every: Every = query.choice("every", get_args(Every)) or "P1D"  # type: ignore[assignment]  # one of them
    zone = query.text("time_zone")
    if zone is not None:
        if every == "PT1H":
            raise InvalidRequest([("time_zone", "leave it out: hours are the same in every zone")])
        try:
            calendar.check_zone(zone)
        except ValueError as error:
            raise InvalidRequest([("time_zone", str(error))]) from None
    since, until = query.instant("from"), query.instant("to")
    if since is not None and until is not None and until <= since:
        raise InvalidRequest([("to", "must be after from")])
    place = query.cursor(_INSTANTS, _RANKS, _DIGEST)
    after = UsagePlace(*place) if place else None
    meter = query.said_identifier("meter")
    wanted = UsageQuery(since, until, every, zone or "UTC", by, meter, after, query.limit())
    # Whatever was used: so that who asks for such a zone hears of it at once.
    period_of(wanted, runtime.now())
    return wanted


def _by(text: str | None) -> By | None:
    """Reads what is told apart. Raises ``InvalidRequest``."""
    if text is None:
        return None
    if text in ("meter", "member"):
        return By("meter" if text == "meter" else "member")
    axis, _, name = text.partition(":")
    if axis in ("tag", "dimension") and 0 < len(name) <= NAME:
        return By("tag" if axis == "tag" else "dimension", name)
    raise InvalidRequest([("by", BY)])


def usage_page_view(page: UsagePage) -> UsedPageView:
    """Shows what was used."""
    items, cursor = pages.shown(page.found, lambda row: used_view(row, page.unit))
    return {"items": items, "next_cursor": cursor, "through_seq": page.through}


def used_view(row: UsedRow, unit: Unit) -> UsedView:
    """Shows what was used in a period."""
    money: list[UsedMoneyView] = [
        {"amount": amount, "currency": currency} for currency, amount in row.money.items()
    ]
    view: UsedView = {
        "from": format_instant(row.since),
        "to": format_instant(row.until),
        "by": row.by,
        "quantity": None if row.quantity is None else written(row.quantity),
        "credits": format_amount(row.steps, unit.precision),
        "value": money[0] if len(money) == 1 else None,
    }
    if len(money) > 1:
        view["values"] = money
    return view
