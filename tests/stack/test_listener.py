"""The demo of ``make run``: a low balance is printed by the endpoint that it was sent to."""

from __future__ import annotations

import json

from local import listener
from local.listener import ENDPOINT, Listener
from tests.stack.conftest import App


def test_the_demo_prints_a_low_balance_and_nothing_that_was_not_signed_for_it(stack: App) -> None:
    """A hundred credits, sixty burned: 40 are under 50."""
    said: list[str] = []
    made = Listener(said.append)
    try:
        listener.show(stack.stack, made)
        (low,) = [one for one in said if "scrip.balance.low" in one]
        assert low.split()[:3] == ["event", "scrip.balance.low", listener.ACCOUNT]
        data = json.loads(low.partition(listener.ACCOUNT)[2])
        assert (data["threshold"], data["available"]) == ("50", "40")
        before = len(said)
        assert not made.hear(b'{"type": "scrip.balance.low"}', {"webhook-id": "x"})
        assert len(said) == before
    finally:
        made.stop()
        stack.client.delete(f"/v1/webhook-endpoints/{ENDPOINT}")
