"""Keys, sessions, and what anybody may ask."""

from __future__ import annotations

from typing import Any

from tests.aws import Context, Key, function
from tests.http.stories.story import Json, Story


def keys(story: Story) -> None:
    """Keys, sessions, and what anybody may ask."""
    tell = story.tell

    def key(body: Json) -> Any:
        made = tell("POST", "/v1/keys", body)
        story.call(made["key_id"], f"key {len(story.names) // 2 + 1}")
        story.call(made["key"], f"secret {len(story.names) // 2 + 1}")
        return made

    one = key({"scopes": ["read", "top_up"], "account": "acme", "name": "The portal", "rate_limit": 40})
    function("authorizer").handler({"headers": {"authorization": f"Bearer {one['key']}"}}, Context())
    key({"scope": "admin", "expires_at": "2039-01-01T00:00:00Z"})
    tell("GET", "/v1/keys")
    tell("GET", "/v1/keys", query={"limit": "1"})
    new = tell("POST", f"/v1/keys/{one['key_id']}/rotation", {})
    story.call(new["key"], "another secret")
    tell("DELETE", f"/v1/keys/{one['key_id']}")
    tell("DELETE", f"/v1/keys/{one['key_id']}")
    session = {
        "account": "acme",
        "may": ["read", "top_up"],
        "return_url": "https://shop.example.test/",
        "expires_in": "PT20M",
    }
    made = tell("POST", "/v1/portal-sessions", session)
    for name in ("token", "key", "session_token", "url"):
        if name in made:
            story.call(str(made[name]), name)
    tell("GET", "/v1/health")
    tell("GET", "/v1/version", caller=None)
    tell("GET", "/v1/units/credits", caller=Key("burn"))
