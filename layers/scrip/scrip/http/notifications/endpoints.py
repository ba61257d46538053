"""Webhook endpoints: the bodies and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, Field, StringConstraints

from scrip.domain.notifications.endpoint import WebhookEndpoint, check_pattern
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import UNIQUE, Body, Identifier, distinct
from scrip.http.edge.parameters import format_instant
from scrip.http.events.catalogue import TYPES
from scrip.services.engine.paging import Found
from scrip.services.notifications.endpoints import EndpointState, RotatedEndpoint, WantedEndpoint

if TYPE_CHECKING:
    from scrip.domain.notifications.endpoint import StopReason
    from scrip.http.edge.forms import At, Name

MOST_TYPES: Final = 50
MOST_ACCOUNTS: Final = 100
"""Accounts that one endpoint names: all of them are read with each event."""
TYPE_PATTERN: Final = r"^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$"
COMING: Final = (
    *(f"scrip.balance.{name}" for name in ("low", "recovered", "depleted", "run_out_soon")),
    "scrip.lot.expiring",
    *(f"scrip.topup.{name}" for name in ("paid", "failed", "refunded", "disputed", "prompt")),
    *(f"scrip.auto_topup.{name}" for name in ("started", "succeeded", "failed", "needs_action", "suspended")),
    *("scrip.budget.reached", "scrip.budget.warning", "scrip.wallet.runaway", "scrip.usage.rejected"),
    *("scrip.payment.parked", "scrip.wallet.drift", "scrip.period.closed", "scrip.export.done"),
)
"""Types that are named in the contract: whoever wants to hear of them may say so before there is the first event."""
KNOWN: Final = frozenset({*TYPES, *COMING})


def _pattern(text: str) -> str:
    return check_pattern(text, KNOWN)


EventPattern = Annotated[
    str,
    StringConstraints(max_length=100),
    AfterValidator(_pattern),
    Field(json_schema_extra={"pattern": TYPE_PATTERN}),
]


class WebhookEndpointBody(Body):
    """Where events are sent, and which."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2048)]
    """Where they are sent: https, without user info or fragment, its host on the public internet. In dev this machine,
    too, such as `http://localhost:3000/hooks`."""
    types: Annotated[
        list[EventPattern],
        Field(min_length=1, max_length=MOST_TYPES, json_schema_extra=UNIQUE),
        AfterValidator(distinct),
    ]
    """Types of events, such as `scrip.balance.low`; `*` stands for whole segments at the end: `scrip.balance.*`."""
    accounts: (
        Annotated[
            list[Identifier],
            Field(min_length=1, max_length=MOST_ACCOUNTS, json_schema_extra=UNIQUE),
            AfterValidator(distinct),
        ]
        | None
    ) = None
    """The accounts whose events are sent. Null: all, and what is about no account."""
    enabled: bool = True
    """Whether anything is sent."""

    def wanted(self, endpoint_id: str) -> WantedEndpoint:
        """Returns what is asked for."""
        accounts = None if self.accounts is None else tuple(self.accounts)
        return WantedEndpoint(endpoint_id, self.url, tuple(self.types), accounts, self.enabled)


class EndpointRotationBody(Body):
    """Nothing is said: the path names the endpoint."""

    may_be_missing: ClassVar[bool] = True


class EndpointTestBody(Body):
    """Nothing is said: the path names the endpoint."""

    may_be_missing: ClassVar[bool] = True


class EndpointStopView(TypedDict):
    """Why an endpoint was disabled, though nobody asked for it."""

    reason: StopReason
    """`gone`: it answered 410. `failing`: it was tried for five days and nothing was delivered."""
    at: At
    """When."""
    last_status_code: int | None
    """What it answered last; null: nothing."""


class WebhookEndpointView(TypedDict):
    """Where events are sent, and which."""

    endpoint_id: Name
    """What you call it."""
    url: str
    """Where they are sent."""
    types: list[str]
    """Types of events, and patterns of them."""
    accounts: list[Name] | None
    """The accounts whose events are sent; null: all, and what is about no account."""
    enabled: bool
    """Whether anything is sent."""
    created_at: At
    """When it was made."""
    disabled: EndpointStopView | None
    """Why it was disabled, though nobody asked for it; null: it was not. `PUT` with `enabled` starts it anew."""
    failing_since: At | None
    """Since when nothing was delivered, though it was tried; null: the last try succeeded, or there was none."""
    previous_secret_ends_at: At | None
    """Until when the secret before the last rotation signs too; null: there is only one."""


class NewWebhookEndpointView(WebhookEndpointView):
    """A new endpoint, with its secret."""

    secret: str
    """What events are signed with (Standard Webhooks). It is shown this once."""


class RotatedWebhookEndpointView(WebhookEndpointView):
    """An endpoint with a new secret."""

    secret: str | None
    """What events are signed with from now on. It is shown this once. Null where this is a replay, and another key
    asked the first time."""


class WebhookEndpointPageView(TypedDict):
    """Webhook endpoints, by id."""

    items: list[WebhookEndpointView]
    """The endpoints."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


class EndpointTestView(TypedDict):
    """A test that is on its way."""

    event_id: str
    """The id of its event: the deliveries say what becomes of it."""


def endpoint_view(one: WebhookEndpoint, failing_since: int | None = None) -> WebhookEndpointView:
    """Shows an endpoint."""
    stopped, ends = one.stopped, one.secrets[1].ends_at if len(one.secrets) > 1 else None
    stop: EndpointStopView | None = None
    if stopped:
        stop = {
            "reason": stopped.reason,
            "at": format_instant(stopped.at),
            "last_status_code": stopped.status_code,
        }
    return {
        "endpoint_id": one.endpoint_id,
        "url": one.url,
        "types": list(one.types),
        "accounts": None if one.accounts is None else list(one.accounts),
        "enabled": one.enabled,
        "created_at": format_instant(one.created_at),
        "disabled": stop,
        "failing_since": None if failing_since is None else format_instant(failing_since),
        "previous_secret_ends_at": None if ends is None else format_instant(ends),
    }


def state_view(state: EndpointState) -> WebhookEndpointView:
    """Shows an endpoint as it stands."""
    return endpoint_view(state.endpoint, state.failing_since)


def new_endpoint_view(state: EndpointState, secret: str) -> NewWebhookEndpointView:
    """Shows a new endpoint with its secret."""
    return {**state_view(state), "secret": secret}


def rotated_view(rotated: RotatedEndpoint) -> RotatedWebhookEndpointView:
    """Shows an endpoint with its new secret."""
    return {**state_view(rotated.state), "secret": rotated.secret}


def endpoint_page_view(found: Found[str, EndpointState]) -> WebhookEndpointPageView:
    """Shows a page of endpoints."""
    items, cursor = pages.shown(found, state_view)
    return {"items": items, "next_cursor": cursor}


def kept_endpoint_view(endpoint_id: str, state: Mapping[str, Any]) -> WebhookEndpointView:
    """Shows an endpoint as the audit keeps it."""
    return endpoint_view(WebhookEndpoint.from_json(endpoint_id, state))
