"""An endpoint for webhooks, on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws import Deployment
from tests.receiver import Receiver, receiver

Json = dict[str, Any]


class Hook:
    """An endpoint of a deployment, and the receiver that it leads to."""

    def __init__(self, scrip: Deployment, endpoint_id: str, receiver: Receiver) -> None:
        self.scrip, self.id, self.receiver = scrip, endpoint_id, receiver
        self.path = f"/v1/webhook-endpoints/{endpoint_id}"
        self.secret = ""

    def put(self, *types: str, **more: Any) -> Json:
        clock = {"clock": more.pop("clock")} if "clock" in more else {}
        body = {"url": self.receiver.url, "types": list(types) or ["*"], **more}
        answer = self.scrip.put(self.path, body, **clock)
        assert answer.status in (200, 201), answer.text
        self.secret = answer.body.get("secret", self.secret)
        found: Json = answer.body
        return found

    def view(self) -> Json:
        found: Json = self.scrip.get(self.path).body
        return found

    def sent(self, **query: str) -> list[Json]:
        answer = self.scrip.get(f"{self.path}/deliveries", query=query)
        assert answer.status == 200, answer.text
        found: list[Json] = answer.body["items"]
        return found

    def run(self) -> None:
        """Has what was published sent."""
        assert self.scrip.notify() == []
        assert self.scrip.call() == []

    def wake(self, at: str) -> int:
        """Has what is due at an instant tried; says how much that is."""
        queued = self.scrip.wake(at)
        assert self.scrip.call() == []
        return queued


@pytest.fixture
def hook(scrip: Deployment, account: str) -> Iterator[Hook]:
    scrip.make_tables()
    scrip.told()
    scrip.tasks()
    with receiver() as made:
        yield Hook(scrip, f"hook-{account}", made)
