"""A webhook endpoint: put, tested, rotated, failing, sent to again, gone."""

from __future__ import annotations

from tests.http.stories.story import Story
from tests.receiver import receiver


def webhooks(story: Story) -> None:
    """A webhook endpoint: put, tested, rotated, failing, sent to again, gone."""
    tell, path = story.tell, "/v1/webhook-endpoints/crm"
    story.by_chance = True
    with receiver() as target:
        story.call(target.url, "endpoint")
        body = {"url": target.url, "types": ["scrip.entry.*"], "accounts": ["eve"]}
        story.call(tell("PUT", path, body)["secret"], "secret 1")
        test = tell("POST", f"{path}/test", {})["event_id"]
        assert story.scrip.call() == []
        tell("GET", f"{path}/deliveries")
        story.call(tell("POST", f"{path}/rotation", {})["secret"], "secret 2")
        tell("GET", "/v1/webhook-endpoints", query={"limit": "1"})
        target.answers = [503]
        story.call(tell("POST", f"{path}/replays", {"event_id": test})["replay_id"], "replay")
        assert story.scrip.call() == []
        tell("GET", f"{path}/deliveries", query={"status": "pending", "limit": "1"})
        tell("GET", path)
    tell("POST", f"{path}/test", {})
    assert story.scrip.call() == []
    tell("GET", f"{path}/deliveries", query={"limit": "1"})
    with receiver() as target:
        story.call(target.url, "another endpoint")
        target.status = 410
        tell("PUT", path, {"url": target.url, "types": ["*"]})
        tell("POST", f"{path}/test", {})
        assert story.scrip.call() == []
        tell("GET", path)
    tell("DELETE", path)
    tell("GET", path)
