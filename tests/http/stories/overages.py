"""A wallet that spends more than its allowance, and too fast."""

from __future__ import annotations

from tests.http.search.streaming import index
from tests.http.stories.story import Json, Story


def overages(story: Story) -> None:
    """A wallet that spends more than its allowance and is billed for it, and then runs away."""
    tell, e = story.tell, "/v1/accounts/edy"
    policy: Json = {
        "overdraft_limit": "500",
        "value": {"amount": 2, "currency": "USD", "per": "3"},
        "runaway": {"amount": "100", "within": "PT5H"},
    }
    tell("PUT", "/v1/units/edges", {"precision": 2, "policy": policy})
    tell(
        "PUT", f"{e}/allowances/plan", {"unit": "edges", "amount": "20", "every": "P1D", "overage": "invoice"}
    )
    tell("POST", f"{e}/burns", {"unit": "edges", "amount": "50"})
    tell(
        "PUT",
        "/v1/accounts/eva/allowances/plan",
        {"unit": "edges", "amount": "9", "every": "P1D", "overage": "invoice"},
    )
    tell("POST", "/v1/accounts/eva/burns", {"unit": "edges", "amount": "10"})
    story.hours += 23
    tell("GET", "/v1/accounts/eva/entries", query={"unit": "edges", "limit": "1"})
    tell("POST", "/v1/accounts/eva/grants", {"unit": "edges", "amount": "1"})
    tell("GET", f"{e}/balance", query={"unit": "edges"})
    tell("POST", f"{e}/burns", {"unit": "edges", "amount": "60"})
    tell("POST", f"{e}/burns", {"unit": "edges", "amount": "40.01"})
    tell("POST", f"{e}/burns", {"unit": "edges", "amount": "1"})
    for told in tell("GET", f"{e}/entries", query={"unit": "edges"})["items"]:
        if told["kind"] in ("write_off", "status"):
            tell("GET", f"{e}/entries/{told['entry_id']}")
    tell("GET", f"{e}/explain", query={"unit": "edges"})
    tell("POST", f"{e}/unfreeze", {"unit": "edges", "reason": "looked at"})
    index("edy", "eva", unit="edges")
    month = story.clock()[:7]
    tell("GET", "/v1/overages", query={"month": month})
    tell("GET", "/v1/overages", query={"month": month, "limit": "1"})
    tell("GET", "/v1/overages", query={"month": "2030-12"}, headers={"accept": "text/csv"})
    tell("GET", "/v1/units/edges")
