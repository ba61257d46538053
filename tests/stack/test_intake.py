"""Webhooks on the whole stack, each function held to its own rights: taken, kept, shown, put back, read again."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.signing import SIGN
from tests.stack.conftest import App

NOTHING_KNOWN = {"type": "payment.teleported", "event_type": "payment.teleported", "data": {}}


def send(stack: App, provider: str, delivery_id: str) -> str:
    """A webhook that no provider module knows, signed; the body, which names its event."""
    raw = json.dumps({**NOTHING_KNOWN, "id": delivery_id, "event_id": delivery_id})
    secret = stack.stack.webhook_secrets[provider]
    headers = SIGN[provider](secret, delivery_id, raw.encode())
    answer = stack.client.post(f"/v1/webhooks/{provider}", content=raw.encode(), headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    return raw


@pytest.mark.parametrize("provider", sorted(SIGN))
def test_a_webhook_is_kept_and_an_operator_can_look_at_it(stack: App, provider: str) -> None:
    delivery_id = f"evt_{uuid.uuid4().hex}"
    raw = send(stack, provider, delivery_id)
    (shown,) = json.loads(stack.stack.scrip("deliveries", "show", provider, delivery_id))["bodies"]
    assert shown["body"] == raw
    assert len(shown["reasons"]) == 1


def test_what_could_not_be_applied_is_put_back(stack: App) -> None:
    """From the dead letters into the queue, by whoever may do both: the function may not."""
    sqs, outputs = stack.stack.client("sqs"), stack.stack.outputs
    body = json.dumps({"delivery_id": "msg_1", "delivery": {"provider": "dodo", "type": "payment.succeeded",
                       "payment_id": f"pay_{uuid.uuid4().hex}", "facts": [], "parked": []}})  # fmt: skip
    sqs.send_message(
        QueueUrl=outputs["PaymentsDeadLetterQueueUrl"],
        MessageBody=body,
        MessageGroupId="g",
        MessageDeduplicationId=uuid.uuid4().hex,
    )
    assert json.loads(stack.stack.scrip("redrive")) == {"moved": 1, "done": True}
    found = sqs.receive_message(QueueUrl=outputs["PaymentsDeadLetterQueueUrl"])
    assert not found.get("Messages")


def test_a_body_that_is_not_signed_is_refused(stack: App) -> None:
    for provider in SIGN:
        answer = stack.client.post(f"/v1/webhooks/{provider}", content=b"{}")
        assert answer.status_code == 401
