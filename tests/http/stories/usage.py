"""Events of usage: reported, rejected at the door and later, and brought back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.http.stories.story import Story


def usage(story: Story) -> None:
    """Tells what becomes of events of usage."""
    tell, a = story.tell, "/v1/accounts/ann"

    def used(id_: str, quantity: str = "2", **more: Any) -> dict[str, Any]:
        data = {"quantity": quantity, "unit": "credits", "member": "bob", "tags": {"team": "search"}}
        return {
            "specversion": "1.0",
            "id": id_,
            "source": "/api",
            "type": "calls",
            "subject": "ann",
            "time": "2030-01-01T00:30:00Z",
            "data": {**data, "dimensions": {"model": "x"}},
            **more,
        }

    tell("PUT", "/v1/rates/calls", {"price": {"model": "per_unit", "credits": "3"}}, clocked=False)
    tell("PUT", "/v1/rates/images", {"price": {"model": "table", "by": ["size"], "prices": {
        "small": {"model": "per_unit", "credits": "1"}}}}, clocked=False)  # fmt: skip
    tell("POST", f"{a}/grants", {"amount": "100"})
    tell("POST", "/v1/usage", {"events": [used("a"), used("b", "0.5"), used("c", type="images")]})
    tell("POST", "/v1/usage", {"events": [used("a"), used("a", "3"), used("d", type="none"), {"id": "e"}]})
    assert story.scrip.book_usage() == []
    newest, *_ = tell("GET", f"{a}/entries")["items"]
    tell("GET", f"{a}/entries/{newest['entry_id']}")
    tell("POST", f"{a}/freeze", {"reason": "a chargeback"})
    tell("POST", "/v1/usage", {"events": [used("f", data={"quantity": 1})]})
    assert story.scrip.book_usage() == []
    tell("GET", "/v1/usage/rejected")
    tell("GET", "/v1/usage/rejected", query={"reason": "wallet_frozen"})
    tell("GET", "/v1/usage/rejected", query={"limit": "1"})
    tell("POST", f"{a}/unfreeze", {"reason": "it was won"})
    tell("POST", "/v1/usage/rejected/redrive", {"all": True, "account": "ann"})
    tell("POST", "/v1/usage/rejected/dismissals", {"all": True, "account": "ann"})
    assert story.scrip.book_usage() == []
    tell("GET", f"{a}/entries")
    tell("GET", f"{a}/explain")
    tell("GET", "/v1/usage/rejected", headers={"accept": "text/csv"})
    tell("GET", "/v1/usage/rejected", query={"account": "nobody"})
    _short(story, used)


def _short(story: Story, used: Callable[..., dict[str, Any]]) -> None:
    """Tells what an event is rejected with that a budget has not left, and one that credits do not pay for."""
    tell, a = story.tell, "/v1/accounts/eve"
    policy = {"unpaid_usage": "reject", "promotional_share_max": "0.5"}
    tell("PUT", "/v1/units/strict", {"precision": 2, "policy": policy}, clocked=False)
    for meter in ("strict", "other"):
        body = {"unit": "strict", "price": {"model": "per_unit", "credits": "3"}}
        tell("PUT", f"/v1/rates/{meter}", body, clocked=False)
    tell("POST", f"{a}/grants", {"unit": "strict", "amount": "10"})
    tell("POST", f"{a}/grants", {"unit": "strict", "amount": "10", "kind": "promotional"})
    tell("POST", f"{a}/grants", {"unit": "strict", "amount": "7", "scope": ["other"]})
    tell("PUT", f"{a}/budgets/day", {"unit": "strict", "limit": "5", "every": "P1D", "member": "*"})
    data = {"quantity": "9", "unit": "strict"}
    events = [
        used("g", type="strict", subject="eve", data=data),
        used("h", type="strict", subject="eve", data={**data, "quantity": 2, "member": "bob"}),
    ]
    tell("POST", "/v1/usage", {"events": events})
    assert story.scrip.book_usage() == []
    tell("GET", "/v1/usage/rejected", query={"account": "eve"})
    tell("POST", "/v1/usage/rejected/dismissals", {"all": True, "account": "eve"})
