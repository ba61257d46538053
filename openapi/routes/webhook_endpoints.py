"""Webhook endpoints: where events are sent."""

from typing import Final

from openapi.declare import Operation
from scrip.http.notifications.dispatches import ReplayView, WebhookDeliveryPageView
from scrip.http.notifications.endpoints import (
    EndpointTestView,
    NewWebhookEndpointView,
    RotatedWebhookEndpointView,
    WebhookEndpointPageView,
    WebhookEndpointView,
)

OPERATIONS: Final = (
    Operation(
        route="GET /v1/webhook-endpoints",
        id="list_webhook_endpoints",
        table=True,
        tag="Notifications",
        summary="Webhook endpoints",
        description="By id. Their secrets are shown by nobody.",
        query=("limit", "cursor"),
        answers={200: WebhookEndpointPageView},
    ),
    Operation(
        route="PUT /v1/webhook-endpoints/{endpoint_id}",
        id="put_webhook_endpoint",
        tag="Notifications",
        summary="Have events sent to a URL",
        description="All of it is replaced but the secret. A new one has a secret, which is shown this once.",
        body="WebhookEndpointBody",
        answers={
            201: (NewWebhookEndpointView, "It is new."),
            200: (WebhookEndpointView, "It was changed."),
        },
        clock=True,
        refusals=("policy_violation", "contended"),
        example={
            "url": "https://hooks.example.com/scrip",
            "types": ["scrip.balance.*", "scrip.lot.expiring"],
        },
    ),
    Operation(
        route="GET /v1/webhook-endpoints/{endpoint_id}",
        id="get_webhook_endpoint",
        tag="Notifications",
        summary="A webhook endpoint",
        answers={200: WebhookEndpointView},
        refusals=("not_found",),
    ),
    Operation(
        route="DELETE /v1/webhook-endpoints/{endpoint_id}",
        id="delete_webhook_endpoint",
        tag="Notifications",
        summary="Delete a webhook endpoint",
        clock=True,
        answers={204: (None, "Nothing is sent to it any more, not even what was to be tried again.")},
        refusals=("not_found", "contended"),
    ),
    Operation(
        route="POST /v1/webhook-endpoints/{endpoint_id}/rotation",
        id="rotate_webhook_endpoint",
        tag="Notifications",
        summary="Give a webhook endpoint a new secret",
        description="The secret of before signs beside it for another 24 h; where that was rotated within them, the "
        "one before it ends at once.",
        body="EndpointRotationBody",
        answers={201: RotatedWebhookEndpointView},
        optional_key=True,
        clock=True,
        refusals=("not_found",),
    ),
    Operation(
        route="POST /v1/webhook-endpoints/{endpoint_id}/test",
        id="send_test_webhook",
        tag="Notifications",
        summary="Send a test to a webhook endpoint",
        description="An event of type `scrip.webhook.test`, whatever the endpoint's `types` say, and though it be "
        "disabled.",
        body="EndpointTestBody",
        answers={202: EndpointTestView},
        optional_key=True,
        clock=True,
        refusals=("not_found",),
    ),
    Operation(
        route="POST /v1/webhook-endpoints/{endpoint_id}/replays",
        id="replay_webhooks",
        tag="Notifications",
        summary="Send events of before again",
        description="What the endpoint's `types` and `accounts` fit now, also from before it was made; with the ids of "
        "before. What follows from no entry is kept for 31 days.",
        body="ReplayBody",
        answers={202: ReplayView},
        optional_key=True,
        clock=True,
        refusals=("not_found",),
        example={"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"},
    ),
    Operation(
        route="GET /v1/webhook-endpoints/{endpoint_id}/deliveries",
        id="list_webhook_deliveries",
        table=True,
        tag="Notifications",
        summary="What was sent to a webhook endpoint",
        description="Newest events first, of the last 35 days.",
        query=("deliveries.status", "limit", "cursor"),
        answers={200: WebhookDeliveryPageView},
        refusals=("not_found",),
    ),
)
