"""Changes of what is no wallet: the filters and the answer.

What there was before and after is shown as the thing itself is: by the view of its own module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, get_args

from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.limits import MAX_INSTANT
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import Unit
from scrip.domain.finance.charts import Chart
from scrip.domain.payments.pack import Pack
from scrip.domain.payments.payment import Resolution
from scrip.domain.payments.promotion import Promotion
from scrip.http.catalogue.keys import key_view
from scrip.http.catalogue.packs import pack_view
from scrip.http.catalogue.promotions import promotion_view
from scrip.http.catalogue.rates import rate_version_view
from scrip.http.catalogue.units import unit_view
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import Query, format_instant
from scrip.http.finance.charts import chart_view
from scrip.http.notifications.endpoints import kept_endpoint_view
from scrip.http.payments.auto_topups import auto_topup_terms_view
from scrip.http.payments.payments import resolution_view
from scrip.http.usage.budgets import budget_terms_view
from scrip.services.audit.changes import Action as Action
from scrip.services.audit.changes import AuthoredChange, Change, ChangeQuery, State, TargetType
from scrip.services.catalogue.keys import ApiKey
from scrip.services.catalogue.promotions import CountedPromotion
from scrip.services.engine.paging import Found
from scrip.services.payments.auto_topups import shown_terms
from scrip.services.usage import budgets

if TYPE_CHECKING:
    from scrip.http.edge.forms import At
    from scrip.services.audit.changes import Action as AuditAction
    from scrip.services.audit.changes import TargetType as AuditTargetType


class AuditTargetView(TypedDict):
    """What was changed."""

    type: AuditTargetType
    """Its kind: each is changed by routes of its own."""
    id: str
    """Its id, as its own route has it; of a payment, `<provider>:<id>`."""


class AuditedChangeView(TypedDict):
    """A change, who made it, and when."""

    at: At
    """When."""
    actor: str
    """Who: `key:<id>`, or `operator` for what was done from a shell."""
    actor_name: str | None
    """The name of that key at the time."""
    action: AuditAction
    """What was done."""
    target: AuditTargetView
    """What was changed."""
    before: dict[str, Any] | None
    """What there was, as its own route shows it; of a rate card the version before, of a profile the names of its
    members alone. Null where there was nothing."""
    after: dict[str, Any] | None
    """What there is since; of a payment the decision. Null where it was deleted."""
    request_id: str | None
    """`Request-Id` of the answer to the change, which is in the logs too."""


class AuditPageView(TypedDict):
    """Changes, newest first. A page with a filter may be short, or empty, and yet have a `next_cursor`."""

    items: list[AuditedChangeView]
    """The changes."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def change_query(query: Query) -> ChangeQuery:
    """Reads which changes are asked for. Raises ``InvalidRequest``."""
    until, target = query.instant("to"), query.text("target")
    named: tuple[str, str] | None = None
    if target is not None:
        kind, _, id_ = target.partition(":")
        if kind not in get_args(TargetType) or not id_:
            raise InvalidRequest(
                [("target", f"must be {', '.join(get_args(TargetType))}, a colon and its id")]
            )
        named = kind, id_
    return ChangeQuery(
        actor=query.text("actor"),
        action=query.choice("action", get_args(Action)),
        target=named,
        since=max(0, query.instant("from") or 0),
        until=MAX_INSTANT if until is None else until,
    )


def audit_page_view(found: Found[str, AuthoredChange]) -> AuditPageView:
    """Shows changes."""
    items, cursor = pages.shown(found, change_view)
    return {"items": items, "next_cursor": cursor}


def change_view(one: AuthoredChange) -> AuditedChangeView:
    """Shows a change, and who made it."""
    change, author = one.change, one.author
    return {
        "at": format_instant(author.at),
        "actor": author.actor,
        "actor_name": author.name,
        "action": change.action,
        "target": {"type": change.target_type, "id": change.target},
        "before": _shown(change, change.before),
        "after": _shown(change, change.after),
        "request_id": author.request_id,
    }


def _shown(change: Change, state: State | None) -> dict[str, object] | None:
    """Shows what there was of a change's target: as its own route would, or as it was kept."""
    if state is None:
        return None
    show = _VIEWS.get(change.target_type)
    return dict(show(change.target, state) if show else state)


def _promotion(code: str, state: State) -> Mapping[str, Any]:
    """Shows a promotion without what was redeemed of it."""
    view = promotion_view(CountedPromotion(Promotion.from_json(code, state), 0, "0"))
    return {name: value for name, value in view.items() if name not in ("redeemed", "granted")}


def _key(key_id: str, state: State) -> Mapping[str, Any]:
    """Shows an API key or a portal session."""
    return key_view(ApiKey.from_json(key_id, state))


_VIEWS: Final[Mapping[str, Callable[[str, State], Mapping[str, Any]]]] = {
    "unit": lambda _, state: unit_view(Unit.from_json(state)),
    "pack": lambda pack, state: pack_view(Pack.from_json(pack, state)),
    "rate": lambda _, state: rate_version_view(RateVersion(**state)),
    "promotion": _promotion,
    "key": _key,
    "portal_session": _key,
    "payment": lambda _, state: resolution_view(Resolution(**state)),
    "webhook_endpoint": kept_endpoint_view,
    "auto_topup": lambda _, state: auto_topup_terms_view(*shown_terms(state)),
    "budget": lambda _, state: budget_terms_view(*budgets.of_state(state)),
    "chart_of_accounts": lambda _, state: chart_view(Chart.from_json(state)),
}
