"""Events of usage that were rejected after they had been accepted: the list, and what is brought back of it, or
dismissed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, model_validator

from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.usage import written
from scrip.domain.credits.usage_events import RejectedPlace, UsageEvent
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import UNIQUE, Body, Identifier, distinct
from scrip.http.edge.mistakes import matching
from scrip.http.edge.parameters import Query, format_instant
from scrip.services.engine.paging import Found
from scrip.services.usage.rejections import RejectedUsage, WantedRejections

if TYPE_CHECKING:
    from typing import NotRequired

    from scrip.http.edge.forms import At, Count, Credits, Name
    from scrip.http.edge.forms import Quantity as CountedQuantity

MOST_IDS: Final = 100
ID_PATTERN: Final = r"^[0-9]{1,15}\.evt_[A-Za-z0-9_-]{22}$"
ID_FORM: Final = "must be a rejected_id as the list gives it"
REASON: Final = re.compile(r"[a-z_]{1,60}")
REASON_FORM: Final = "must be a reason as the list gives it"
RejectedId = Annotated[str, matching(ID_PATTERN, ID_FORM)]


class UsageDataView(TypedDict):
    """What was used."""

    quantity: CountedQuantity
    """How much of the meter."""
    dimensions: NotRequired[dict[str, str]]
    """What chooses among its prices; where there are some."""
    unit: NotRequired[Name]
    """The unit; where the event said it."""
    member: NotRequired[Name]
    """Who used it; where that was said."""
    tags: NotRequired[dict[str, str]]
    """What it was used for; where that was said."""


class UsageEventView(TypedDict):
    """An event of usage: a CloudEvent that can be sent again as it is."""

    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    id: str
    """Which of its source's events it is."""
    source: str
    """Who saw it used."""
    type: Name
    """The meter."""
    subject: Name
    """The account."""
    time: At
    """When it was used; where its sender did not say, when it came."""
    data: UsageDataView
    """What was used."""


class RejectionFactsView(TypedDict):
    """What a refusal says in numbers and names, as its problem document would."""

    budget_id: NotRequired[Name]
    """The budget that had not so much left."""
    member: NotRequired[Name]
    """Whose budget it is; of a member's."""
    limit: NotRequired[Credits]
    """What may be spent of it in a period."""
    spent: NotRequired[Credits]
    """What was spent, or was held, in that period."""
    resets_at: NotRequired[At]
    """When the next period begins."""
    required: NotRequired[Credits]
    """The credits that were needed."""
    available: NotRequired[Credits]
    """The credits that could have been taken for this."""
    out_of_scope: NotRequired[Credits]
    """Credits that were there besides, but may not pay for this meter."""
    withheld: NotRequired[Credits]
    """Promotional credits that were there besides, over the share that the unit's policy allows."""
    unit: NotRequired[Name]
    """The unit that the amounts are in."""


class RejectedUsageView(TypedDict):
    """An event of usage that was accepted, and could not be burned."""

    rejected_id: str
    """Names it here."""
    event: UsageEventView
    """As it came; it can be sent again as it is."""
    received_at: At
    """When it came."""
    reason: str
    """The code of the refusal, as in docs/errors.md."""
    policy: str | None
    """Of a `policy_violation`, which policy."""
    detail: str
    """What it is this time, for people."""
    facts: NotRequired[RejectionFactsView]
    """The numbers of it; of a budget, and of credits that were too few."""


class RejectedUsagePageView(TypedDict):
    """Events of usage that were rejected, those that came last first. A page with a filter may be short, or empty, and
    yet have a `next_cursor`."""

    items: list[RejectedUsageView]
    """The events."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class RedrivenView(TypedDict):
    """How many events are on their way again."""

    redriven: Count
    """How many there are."""
    more: bool
    """Whether there may be more of them: then send the same request again."""


class DismissedView(TypedDict):
    """How many events are in the list no more."""

    dismissed: Count
    """How many there were."""
    more: bool
    """Whether there may be more of them: then send the same request again."""


class RedriveBody(Body):
    """Which rejected events are meant: by their ids, or all of them."""

    ids: (
        Annotated[
            list[RejectedId],
            Field(min_length=1, max_length=MOST_IDS, json_schema_extra=UNIQUE),
        ]
        | None
    ) = None
    """`rejected_id` of each, 1 to 100. This, or `all`."""
    all: bool = False
    """All of them, or all that `account` and `reason` say."""
    account: Identifier | None = None
    """With `all`: only those of this account."""
    reason: Annotated[str, matching(f"^{REASON.pattern}$", REASON_FORM)] | None = None
    """With `all`: only those that were rejected for this reason."""

    @model_validator(mode="after")
    def _these_or_all(self) -> RedriveBody:
        if (self.ids is None) == (not self.all):
            raise ValueError("ids: send either this, or all")
        if self.ids is not None:
            try:
                distinct(self.ids)
            except ValueError as error:
                raise ValueError(f"ids: {error}") from error
            for name in ("account", "reason"):
                if getattr(self, name) is not None:
                    raise ValueError(f"{name}: send it with all")
        return self

    @property
    def places(self) -> list[RejectedPlace]:
        """Returns where those lie that are named."""
        return [place_of(one) for one in self.ids or ()]

    def wanted(self, bound: str | None) -> WantedRejections:
        """Returns which are wanted; ``bound``: the one account that the caller sees."""
        return WantedRejections(self.account if bound is None else bound, self.reason)


def wanted_by(query: Query, bound: str | None) -> WantedRejections:
    """Returns which are to be listed; ``bound``: the one account that the caller sees. Raises ``InvalidRequest``."""
    account, reason = query.said_identifier("account"), query.text("reason")
    if reason is not None and not REASON.fullmatch(reason):
        raise InvalidRequest([("reason", REASON_FORM)])
    return WantedRejections(account if bound is None else bound, reason)


def place_of(rejected_id: str) -> RejectedPlace:
    """Reads an id of the list."""
    came, _, event_id = rejected_id.partition(".")
    return RejectedPlace(min(int(came), MAX_INSTANT), event_id)


def event_view(event: UsageEvent) -> UsageEventView:
    """Shows an event of usage."""
    data: UsageDataView = {"quantity": written(event.quantity)}
    if event.dimensions:
        data["dimensions"] = dict(sorted(event.dimensions.items()))
    if event.unit is not None:
        data["unit"] = event.unit
    if event.member is not None:
        data["member"] = event.member
    if event.tags:
        data["tags"] = dict(sorted(event.tags.items()))
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.meter,
        "subject": event.account,
        "time": format_instant(event.time),
        "data": data,
    }


def facts_view(one: RejectedUsage) -> RejectionFactsView:
    """Shows the numbers of a rejection."""
    told: RejectionFactsView = {}
    for name, fact in one.facts.items():
        told |= {name: format_instant(fact) if name.endswith("_at") else fact}  # type: ignore[misc]
    return told


def rejected_view(one: RejectedUsage) -> RejectedUsageView:
    """Shows an event that was rejected."""
    view: RejectedUsageView = {
        "rejected_id": f"{one.received.came}.{one.event_id}",
        "event": event_view(one.received.event),
        "received_at": format_instant(one.received.came),
        "reason": one.reason,
        "policy": one.policy,
        "detail": one.detail,
    }
    if one.facts:
        view["facts"] = facts_view(one)
    return view


def rejected_page_view(found: Found[str, RejectedUsage]) -> RejectedUsagePageView:
    """Shows a page of rejected events."""
    items, cursor = pages.shown(found, rejected_view)
    return {"items": items, "next_cursor": cursor}


def redriven_view(redriven: int, *, more: bool) -> RedrivenView:
    """Shows how many events are on their way again."""
    return {"redriven": redriven, "more": more}


def dismissed_view(dismissed: int, *, more: bool) -> DismissedView:
    """Shows how many events are in the list no more."""
    return {"dismissed": dismissed, "more": more}
