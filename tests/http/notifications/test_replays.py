"""What was, sent again: a span of time, one event, in pieces, with the ids of before."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.events.event import event_id
from scrip.services.events import history
from tests.aws import Context, Deployment, function
from tests.http.contract import invalid, refused
from tests.http.notifications.conftest import Hook
from tests.http.notifications.test_dispatches import AT, later
from tests.http.search.streaming import index

SPAN = {"from": AT, "to": later(AT, 3600)}


def replay(hook: Hook, body: Any, **request: Any) -> Any:
    answer = hook.scrip.post(f"{hook.path}/replays", body, **request)
    assert answer.status == 202, answer.text
    return answer.body


def done(hook: Hook) -> list[Any]:
    """What is received until the replay is at its end."""
    before = len(hook.receiver.received)
    for _ in range(50):
        waits = hook.scrip.sqs.get_queue_attributes(
            QueueUrl=hook.scrip.replays_url, AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        if waits["ApproximateNumberOfMessages"] == "0":
            break
        assert hook.scrip.go_on() == []
    assert hook.scrip.call() == []
    return hook.receiver.received[before:]


def test_a_span_is_sent_again_to_an_endpoint_that_was_not_there_with_the_ids_of_before(
    hook: Hook, account: str
) -> None:
    """Three entries within the hour and one at its end, which is not in it; burns are not asked for."""
    for seconds in (0, 10, 3600):
        hook.scrip.grant(account, "10", clock=later(AT, seconds))
        if seconds == 10:
            hook.scrip.burn(account, "1", clock=later(AT, 20))
    index(account)
    told = hook.scrip.told("scrip.entry.grant")
    hook.put("scrip.entry.grant")
    replay(hook, SPAN, clock=later(AT, 7200))
    received = done(hook)
    assert sorted(one.event["id"] for one in received) == sorted(one["id"] for one in told[:2])
    assert {one.event["id"]: one.event for one in received} == {one["id"]: one for one in told[:2]}
    assert all(one.verified(hook.secret) for one in received)
    assert [one["attempts"][0]["at"] for one in hook.sent()] == [later(AT, 7200)] * 2


def test_what_credits_crossed_is_sent_again_as_it_was_judged_then(hook: Hook, account: str) -> None:
    """Also after the threshold has changed, and where the outbox has read none of it: of 100, 40 are left, then 60."""
    unit = {"precision": 0, "policy": {"low_balance": ["50"]}}
    hook.scrip.put(f"/v1/units/{account}", unit, clock=AT)
    hook.scrip.grant(account, "100", unit=account, clock=AT)
    hook.scrip.burn(account, "60", unit=account, clock=later(AT, 20))
    hook.scrip.grant(account, "20", unit=account, clock=later(AT, 30))
    unit = {"precision": 0, "policy": {"low_balance": ["80"]}}
    hook.scrip.put(f"/v1/units/{account}", unit, clock=later(AT, 3600))
    hook.put("scrip.balance.*")
    replay(hook, SPAN, clock=later(AT, 7200))
    received = done(hook)
    index(account, unit=account)
    told = hook.scrip.told("scrip.balance.")
    assert [(one["type"], one["data"]["threshold"], one["data"]["available"]) for one in told] == [
        ("scrip.balance.low", "50", "40"),
        ("scrip.balance.recovered", "50", "60"),
    ]
    assert {one.event["id"]: one.event for one in received} == {one["id"]: one for one in told}


def test_what_was_delivered_is_sent_once_more_and_its_attempts_stay(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant")
    hook.scrip.grant(account, "10", clock=AT)
    index(account)
    hook.run()
    replay(hook, SPAN, clock=later(AT, 7200))
    (again,) = done(hook)
    assert again.body == hook.receiver.received[0].body
    (sent,) = hook.sent()
    assert [one["at"] for one in sent["attempts"]] == [AT, later(AT, 7200)]


def test_one_event_is_sent_again_by_its_id(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant")
    hook.receiver.answers = [410]
    hook.scrip.grant(account, "10", clock=AT)
    hook.scrip.grant(account, "10", clock=AT)
    index(account)
    hook.run()
    hook.put("scrip.entry.grant")
    first = hook.receiver.received[0].event["id"]
    replay(hook, {"event_id": first}, clock=later(AT, 60))
    assert [one.event["id"] for one in done(hook)] == [first]
    assert {one["event_id"]: one["status"] for one in hook.sent()}[first] == "delivered"


def test_one_event_that_nobody_had_wanted_is_found_in_the_ledger(hook: Hook, account: str) -> None:
    hook.scrip.grant(account, "10", clock=AT)
    hook.scrip.burn(account, "1", clock=AT)
    index(account)
    (burn,) = hook.scrip.told("scrip.entry.burn")
    hook.put()
    replay(hook, {"event_id": burn["id"]}, clock=later(AT, 60))
    assert [one.event for one in done(hook)] == [burn]


def test_an_event_that_the_endpoint_does_not_hear_of_is_not_found(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant")
    hook.scrip.grant(account, "10", clock=AT)
    index(account)
    hook.run()
    (one,) = hook.receiver.received
    hook.put("scrip.entry.burn")
    answer = hook.scrip.post(f"{hook.path}/replays", {"event_id": one.event["id"]})
    refused(answer, 404, "not_found", event_id=one.event["id"])


def test_a_replay_goes_on_piece_by_piece_and_a_piece_that_dies_is_done_once_more(
    hook: Hook, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve entries, five in a piece, and no time for two of them; then what was kept, which is nothing."""
    monkeypatch.setattr(history, "PIECE", 5)
    hook.put("scrip.entry.grant")
    for second in range(12):
        hook.scrip.grant(account, "1", clock=later(AT, second))
    replay(hook, SPAN, clock=later(AT, 7200))
    (message,) = hook.scrip._taken(hook.scrip.replays_url, hook.scrip.replays_arn)
    with hook.scrip.broken("PutItem", lambda: (_ for _ in ()).throw(OSError("died")), times=1):
        failed = function("notifications").handler({"Records": [message]}, Context())
    assert len(failed["batchItemFailures"]) == 1
    pieces = 0
    records = [message]
    while records:
        pieces += 1
        context = Context(10_000)
        assert function("notifications").handler({"Records": records}, context) == {"batchItemFailures": []}
        records = hook.scrip._taken(hook.scrip.replays_url, hook.scrip.replays_arn)
    assert pieces == 4
    assert hook.scrip.call() == []
    assert sorted(one.event["data"]["seq"] for one in hook.receiver.received) == list(range(1, 13))


def test_the_same_request_under_its_key_is_one_replay(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant")
    hook.scrip.grant(account, "1", clock=AT)
    ids = {replay(hook, SPAN, key="again", clock=later(AT, 7200))["replay_id"] for _ in range(3)}
    assert len(ids) == 1
    assert len(done(hook)) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "from"),
        ({"from": AT}, "to"),
        ({"to": AT}, "from"),
        ({"from": AT, "to": AT}, "to"),
        ({"from": AT, "to": later(AT, 31 * 86_400 + 0.001)}, "to"),
        ({"from": AT, "to": later(AT, 60), "event_id": "evt_1"}, "from"),
        ({"event_id": ""}, "event_id"),
        ({"from_": AT, "to": later(AT, 60)}, "from_"),
        ({"from": "yesterday", "to": AT}, "from"),
        ({"from": AT, "to": later(AT, 60), "types": ["*"]}, "types"),
    ],
)
def test_what_is_no_span_and_no_event_is_refused(hook: Hook, body: dict[str, Any], field: str) -> None:
    hook.put()
    invalid(hook.scrip.post(f"{hook.path}/replays", body), field)


def test_31_days_may_be_sent_again(hook: Hook) -> None:
    hook.put()
    replay(hook, {"from": AT, "to": later(AT, 31 * 86_400)})
    refused(hook.scrip.post("/v1/webhook-endpoints/no/replays", SPAN), 404, "not_found", endpoint_id="no")


def test_a_deleted_endpoint_ends_its_replay(hook: Hook, scrip: Deployment, account: str) -> None:
    hook.put()
    scrip.grant(account, "1", clock=AT)
    replay(hook, SPAN, clock=later(AT, 7200))
    scrip.send("DELETE", hook.path)
    assert done(hook) == []


def test_what_follows_from_no_entry_is_kept_and_sent_again_too(hook: Hook, account: str) -> None:
    """A payment that waits for a person, told on the bus within the hour; the ledger knows nothing of it."""
    parked = {
        "specversion": "1.0",
        "id": event_id("scrip.payment.parked", account),
        "source": "/scrip/tests",
        "type": "scrip.payment.parked",
        "time": later(AT, 60),
        "datacontenttype": "application/json",
        "data": {"payment": "dodo:pay_1", "topup_id": None, "unit": None, "reasons": ["-"]},
    }
    hook.scrip.bus.taken.append(parked)
    hook.scrip.grant(account, "10", clock=AT)
    index(account)
    hook.run()
    assert hook.receiver.received == []
    hook.put("*")
    replay(hook, SPAN, clock=later(AT, 7200))
    received = [one.event for one in done(hook)]
    assert parked in received
    assert sorted(one["type"] for one in received if one in (parked,) or one.get("subject") == account) == [
        "scrip.entry.grant",
        "scrip.payment.parked",
    ]
    replay(hook, {"event_id": parked["id"]}, clock=later(AT, 7300))
    assert [one.event for one in done(hook)] == [parked]


def test_to_a_disabled_endpoint_nothing_is_sent_again_until_it_is_enabled(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant")
    hook.scrip.grant(account, "10", clock=AT)
    index(account)
    hook.run()
    hook.put("scrip.entry.grant", enabled=False)
    one = {"event_id": hook.receiver.received[0].event["id"]}
    replay(hook, one, clock=later(AT, 60))
    assert done(hook) == []
    assert hook.sent()[0]["attempts"][-1]["error"] == "disabled"
    hook.put("scrip.entry.grant")
    replay(hook, one, clock=later(AT, 120))
    assert len(done(hook)) == 1
