"""Months of a wallet as statements, and the keys that they are signed with."""

from __future__ import annotations

from tests.http.stories.story import Story


def statements(story: Story) -> None:
    """A month that runs, the same when it is over, one of which nothing is known, and one that is none."""
    tell, a = story.tell, "/v1/accounts/stated"
    cost = {"amount": 999, "currency": "USD"}
    tell("GET", "/v1/statement-keys", caller=None)
    tell("POST", f"{a}/grants", {"amount": "3", "kind": "paid", "cost_basis": cost, "expires_in": "P30D"})
    tell("POST", f"{a}/burns", {"amount": "1", "reference": {"type": "job", "id": "j-1"}})
    tell("GET", f"{a}/statements/2030-01", query={"limit": "1"})
    printed = {"accept": "text/html"}
    tell("GET", f"{a}/statements/2030-01", query={"limit": "1"}, headers=printed)
    tell("GET", f"{a}/statements/2030-02")
    story.later(40)
    tell("GET", f"{a}/statements/2030-01")
    tell("GET", f"{a}/statements/2030-01", headers=printed)
    tell("GET", f"{a}/statements/2030-02")
    tell("GET", f"{a}/statements/2029-12")
    tell("GET", f"{a}/statements/2030-13")
