"""The demo of ``make run``: a low balance and an automatic top-up are printed by the endpoint they were sent to."""

from __future__ import annotations

import json
import re

from local import listener
from local.listener import ENDPOINT, Listener
from tests.stack.conftest import App


def test_the_demo_prints_a_low_balance_a_top_up_and_nothing_that_was_not_signed_for_it(stack: App) -> None:
    """A hundred credits, sixty burned: 40 are under 50. A hundred bought, ninety burned: 10 are under 20, and another
    hundred is bought with what was kept, once."""
    said: list[str] = []
    made = Listener(said.append)
    try:
        listener.prepare(stack.stack)
        listener.show(stack.stack, made)
        (low,) = [one for one in said if "scrip.balance.low" in one]
        assert low.split()[:3] == ["event", "scrip.balance.low", listener.ACCOUNT]
        data = json.loads(low.partition(listener.ACCOUNT)[2])
        assert (data["threshold"], data["available"]) == ("50", "40")
        automatic = [
            one.split()[1:3] for one in said if re.search(r"scrip\.auto_topup\.(?!needs_action)", one)
        ]
        assert sorted(automatic) == [
            ["scrip.auto_topup.started", listener.TOPPED_UP],
            ["scrip.auto_topup.succeeded", listener.TOPPED_UP],
        ]
        account = f"/v1/accounts/{listener.TOPPED_UP}"
        assert stack.client.get(f"{account}/balance").json()["available"] == "110"
        state = stack.client.get(f"{account}/auto-topup").json()
        assert (state["state"], state["spent"]["count"]) == ("ready", 1)
        before = len(said)
        assert not made.hear(b'{"type": "scrip.balance.low"}', {"webhook-id": "x"})
        assert len(said) == before
    finally:
        made.stop()
        stack.client.delete(f"/v1/webhook-endpoints/{ENDPOINT}")
