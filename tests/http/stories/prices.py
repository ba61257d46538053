"""Prices over a month: a free quantity is used up, by one model after the other, and an event is undone."""

from __future__ import annotations

from tests.http.stories.story import Story


def prices(story: Story) -> None:
    """Prices over a month: a free quantity is used up, by one model after the other, and an event is undone."""
    tell, a = story.tell, "/v1/accounts/eve"
    tell("PUT", "/v1/units/credits", {"precision": 2})
    tiers = [{"up_to": "10.5", "credits": "0"}, {"up_to": None, "credits": "0.25"}]
    monthly = {"model": "graduated", "over": "P1M", "time_zone": "Europe/Berlin", "tiers": tiers}
    table = {
        "model": "table",
        "by": ["model"],
        "prices": {"big": monthly, "small": {**monthly, "model": "volume"}},
    }
    tell("PUT", "/v1/rates/tokens", {"price": table})
    tell("PUT", "/v1/rates/calls", {"price": monthly})
    tell("POST", f"{a}/grants", {"amount": "100"})
    big = {"meter": "tokens", "quantity": "8", "dimensions": {"model": "big"}}
    quote = tell("POST", f"{a}/quotes", {**big, "lock_for": "P1D"})["quote"]
    story.call(quote, "quote")
    entry = tell("POST", f"{a}/burns", big)["entry"]
    tell("POST", f"{a}/burns", big)
    tell("POST", f"{a}/burns", {**big, "dimensions": {"model": "small", "region": "eu"}})
    tell("POST", f"{a}/burns/{entry['entry_id']}/reversal")
    hold = tell("POST", f"{a}/holds", {**big, "expires_in": "P1D"})["hold"]["hold_id"]
    tell("POST", f"{a}/holds/{hold}/capture", {"quantity": "6", "dimensions": {"model": "big"}})
    records = [["tokens", "1", "call-1", {"model": "big"}], ["tokens", "2", "call-2", {"model": "small"}]]
    tell("POST", f"{a}/burns/pages", {"stream": "calls", "first": 0, "records": records})
    tell("GET", f"{a}/entries", query={"kind": "burn"})
    own = {"model": "per_unit", "credits": "0.125"}
    tell("PUT", f"{a}/rates/tokens", {"price": own})
    tell("PUT", f"{a}/rates/calls", {"price": monthly, "minimum": "0.01"})
    tell("POST", f"{a}/burns", big)
    tell("GET", f"{a}/rates", query={"limit": "1"})
    tell("DELETE", f"{a}/rates/calls")
    tell("PUT", f"{a}/rates/calls", {"price": own})
    tell("GET", f"{a}/rates/calls")
    newest = tell("GET", f"{a}/entries", query={"kind": "status"})["items"][0]
    tell("GET", f"{a}/entries/{newest['entry_id']}")
    calls = {"meter": "calls", "quantity": 4}
    locked = tell("POST", f"{a}/quotes", {**calls, "lock_for": "PT90M"})["quote"]
    story.call(locked, "another quote")
    tell("POST", f"{a}/burns", {**calls, "quote": locked})
    tell("POST", f"{a}/burns", {**calls, "quote": locked})
    tell("POST", f"{a}/burns", {**calls, "quote": quote})
    tell("GET", f"{a}/entries", query={"kind": "burn", "limit": "2"})
