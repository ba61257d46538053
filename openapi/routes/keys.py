"""API keys and portal sessions."""

from typing import Final

from openapi.declare import Operation
from scrip.http.catalogue.keys import ApiKeyView, KeyPageView
from scrip.http.catalogue.portal_sessions import PortalSessionView

OPERATIONS: Final = (
    Operation(
        route="POST /v1/keys",
        id="create_key",
        tag="Keys",
        summary="Make an API key",
        description="The key itself is stored nowhere. Under an `Idempotency-Key` there is one key, however often it "
        "is asked for, and whoever asked is shown it each time.",
        body="KeyBody",
        answers={201: ApiKeyView},
        optional_key=True,
        clock=True,
        example={"scopes": ["read", "top_up"], "account": "acme", "name": "The portal of acme"},
    ),
    Operation(
        route="GET /v1/keys",
        id="list_keys",
        table=True,
        tag="Keys",
        summary="API keys",
        description="Newest first. The keys themselves are shown by nobody.",
        query=("limit", "cursor"),
        answers={200: KeyPageView},
    ),
    Operation(
        route="POST /v1/keys/{key_id}/rotation",
        id="rotate_key",
        tag="Keys",
        summary="Give an API key a new secret",
        description="The `key_id` stays. The key of before works for another 24 h; where that was rotated within them, "
        "the one before it ends at once.",
        body="RotationBody",
        answers={201: ApiKeyView},
        optional_key=True,
        clock=True,
        refusals=("not_found", "policy_violation"),
    ),
    Operation(
        route="DELETE /v1/keys/{key_id}",
        id="delete_key",
        tag="Keys",
        summary="Delete an API key",
        clock=True,
        answers={204: (None, "It opens nothing any more, everywhere within a minute.")},
        refusals=("not_found", "contended"),
    ),
    Operation(
        route="POST /v1/portal-sessions",
        id="create_portal_session",
        tag="Keys",
        summary="Let a customer in for a while",
        description="The token is a key of one account, for a browser. It lives for a day at most, and is in no list.",
        body="PortalSessionBody",
        answers={201: PortalSessionView},
        optional_key=True,
        clock=True,
        example={
            "account": "acme",
            "may": ["read", "top_up"],
            "return_url": "https://shop.example.test/account",
        },
    ),
)
