"""Lots that are to end: one that nobody was told of, and one that somebody was told of in time."""

from __future__ import annotations

from tests.http.stories.story import Story
from tests.noticing import deliver, give


def notices(story: Story) -> None:
    """Lots that are to end: one that nobody was told of, and one that somebody was told of in time."""
    tell, a = story.tell, "/v1/accounts/dan"
    policy = {"expiry_notices": ["P30D", "P7D", "P1D"], "expiry_requires_notice": True}
    tell("PUT", "/v1/units/credits", {"precision": 2, "policy": policy})
    cost = {"amount": 1000, "currency": "USD"}
    tell("POST", f"{a}/grants", {"amount": "100", "kind": "paid", "cost_basis": cost, "expires_in": "P60D"})
    tell("POST", f"{a}/burns", {"amount": "12.5"})
    story.later(53)
    give("dan", story.clock())
    found = tell("GET", f"{a}/notices")["items"]
    tell("GET", f"{a}/notices", query={"unit": "credits", "limit": "1"})
    story.later(8)
    give("dan", story.clock())
    tell("GET", f"{a}/entries", query={"kind": "expiry_change"})
    deliver("dan", found[0]["notice_id"], story.clock())
    newest = tell("GET", f"{a}/notices", query={"unit": "credits"})["items"][0]
    entry = deliver("dan", newest["notice_id"], story.clock())
    assert entry
    tell("GET", f"{a}/entries/{entry.id}")
    tell("GET", f"{a}/notices", query={"unit": "credits", "limit": "1"})
    tell("GET", f"{a}/entries")
    story.later(3)
    tell("GET", f"{a}/balance")
    tell("GET", f"{a}/entries")
    story.scrip.told()
