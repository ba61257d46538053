"""Events on their way to endpoints: who hears of what, the schedule of tries, the list of what was sent."""

from __future__ import annotations

import json

import pytest

from scrip.http.edge.parameters import format_instant, instant
from tests.aws import Fault
from tests.http.contract import invalid, refused
from tests.http.notifications.conftest import Hook
from tests.http.search.streaming import index
from tests.metrics import counted

AT = "2030-01-01T00:00:00.000Z"
THROTTLED = Fault.error("ThrottlingException")
SCHEDULE = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 86_400]
"""Seconds after each try that failed, by the contract."""


def later(at: str, seconds: float) -> str:
    return format_instant(instant(at, "at") + round(seconds * 1000))


def test_a_burn_is_sent_signed_in_the_bytes_of_the_bus_and_is_delivered(hook: Hook, account: str) -> None:
    """A grant of 10 and a burn of 4: two events, the second of which is asked for."""
    hook.put("scrip.entry.burn")
    hook.scrip.grant(account, "10", clock=AT)
    hook.scrip.burn(account, "4", clock=AT)
    index(account)
    on_bus = [one for one in hook.scrip.bus.taken if one["type"] == "scrip.entry.burn"]
    hook.run()
    (one,) = hook.receiver.received
    assert one.verified(hook.secret) == on_bus[0]
    assert one.body == json.dumps(on_bus[0], separators=(",", ":"), ensure_ascii=False).encode()
    assert (one.event["data"]["amount"], one.event["subject"]) == ("-4", account)
    assert one.headers["content-type"] == "application/cloudevents+json"
    assert one.headers["webhook-id"] == one.event["id"]
    assert one.path == "/hooks"
    (sent,) = hook.sent()
    (attempt,) = sent["attempts"]
    assert sent == {
        "event_id": one.event["id"],
        "type": "scrip.entry.burn",
        "status": "delivered",
        "attempts": [attempt],
        "next_attempt_at": None,
    }
    assert (attempt["at"], attempt["status_code"], attempt["error"]) == (AT, 204, None)
    assert 0 <= attempt["duration_ms"] < 5000


def test_only_events_of_its_types_and_accounts_are_sent(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant", accounts=[account])
    both = (account, f"{account}-other")
    for one in both:
        hook.scrip.grant(one, "10")
        hook.scrip.burn(one, "1")
    index(*both)
    hook.run()
    assert [(one.event["type"], one.event["subject"]) for one in hook.receiver.received] == [
        ("scrip.entry.grant", account)
    ]


def test_what_comes_twice_is_sent_once(hook: Hook, account: str) -> None:
    """The bus and its queue deliver at least once: the same event has the same id."""
    hook.put()
    hook.scrip.grant(account, "10")
    index(account)
    again = list(hook.scrip.bus.taken)
    hook.run()
    hook.scrip.bus.taken += [*again, *again]
    hook.run()
    assert len(hook.receiver.received) == 1


def test_a_failed_event_is_tried_by_the_schedule_with_the_same_bytes_and_then_given_up(
    hook: Hook, account: str
) -> None:
    """5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h and 24 h after the try before: nine in all."""
    hook.put("scrip.entry.grant")
    hook.receiver.status = 500
    hook.scrip.grant(account, "10", clock=AT)
    index(account)
    hook.run()
    at = AT
    for wait in SCHEDULE:
        (sent,) = hook.sent(status="pending")
        assert sent["next_attempt_at"] == later(at, wait)
        assert hook.wake(later(at, wait - 0.001)) == 0, "not yet"
        at = later(at, wait)
        assert hook.wake(at) == 1
    (sent,) = hook.sent(status="failed")
    assert [one["status_code"] for one in sent["attempts"]] == [500] * 9
    assert [one["at"] for one in sent["attempts"]][-1] == later(AT, sum(SCHEDULE))
    assert sent["next_attempt_at"] is None
    assert hook.wake(later(at, 10 * 86_400)) == 0
    assert len({one.body for one in hook.receiver.received}) == 1
    assert hook.view()["enabled"] is True
    assert hook.view()["failing_since"] == AT


def test_a_try_that_succeeds_in_between_is_the_last(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant")
    hook.receiver.answers = [503, 302]
    hook.scrip.grant(account, "10", clock=AT)
    index(account)
    hook.run()
    hook.wake(later(AT, 5))
    hook.wake(later(AT, 305))
    (sent,) = hook.sent(status="delivered")
    assert [one["status_code"] for one in sent["attempts"]] == [503, 302, 204]
    assert hook.view()["failing_since"] is None
    assert hook.wake(later(AT, 86_400)) == 0


def test_410_disables_an_endpoint_and_all_others_hear_of_it_once(
    hook: Hook, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hook.put("scrip.entry.grant")
    other = Hook(hook.scrip, f"{hook.id}-b", hook.receiver)
    other.put("scrip.webhook_endpoint.*")
    hook.receiver.answers = [410]
    hook.scrip.grant(account, "10", clock=AT)
    index(account)
    hook.run()
    view = hook.view()
    assert (view["enabled"], view["disabled"]) == (
        False,
        {"reason": "gone", "at": AT, "last_status_code": 410},
    )
    assert [one["status"] for one in hook.sent()] == ["failed"]
    about = {"endpoint_id": hook.id}
    assert counted(capsys, "WebhookCalls", "WebhookEndpointDisabled") == [
        {"WebhookEndpointDisabled": 1, **about, "reason": "gone"},
        {"WebhookCalls": 1, **about},
    ]
    hook.run()
    (told,) = hook.receiver.of("scrip.webhook_endpoint.disabled")
    assert told.verified(other.secret)["data"] == {
        "endpoint_id": hook.id,
        "reason": "gone",
        "last_status_code": 410,
    }
    hook.scrip.grant(account, "10")
    index(account)
    hook.run()
    assert len(hook.sent()) == 1, "what happens meanwhile is not sent"
    assert hook.put("scrip.entry.grant")["disabled"] is None
    assert hook.view()["failing_since"] is None


def test_five_days_of_failure_disable_an_endpoint(hook: Hook, account: str) -> None:
    """Something new each day fails; what fails five days after the first disables it, a millisecond before it does
    not."""
    hook.put("scrip.entry.grant")
    hook.receiver.status = 500
    for seconds in (0, 86_400, 5 * 86_400 - 0.001):
        hook.scrip.grant(account, "1", clock=later(AT, seconds))
        index(account)
        hook.run()
        hook.scrip.tasks()
        assert hook.view()["enabled"] is True
    hook.scrip.grant(account, "1", clock=later(AT, 5 * 86_400))
    index(account)
    hook.run()
    assert hook.view()["disabled"] == {
        "reason": "failing",
        "at": later(AT, 5 * 86_400),
        "last_status_code": 500,
    }
    (told,) = hook.scrip.told("scrip.webhook_endpoint.disabled")
    assert told["data"]["reason"] == "failing"
    hook.wake(later(AT, 6 * 86_400))
    assert {one["status"] for one in hook.sent()} == {"failed"}


def test_a_success_in_between_starts_the_five_days_anew(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant")
    for day, status in ((0, 500), (4, 204), (5, 500), (9, 500)):
        hook.receiver.status = status
        hook.scrip.grant(account, "1", clock=later(AT, day * 86_400))
        index(account)
        hook.run()
        hook.scrip.tasks()
    assert hook.view()["enabled"] is True
    assert hook.view()["failing_since"] == later(AT, 5 * 86_400)


def test_a_deleted_endpoint_is_called_no_more_nor_is_one_of_its_name(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant")
    hook.receiver.status = 500
    hook.scrip.grant(account, "1", clock=AT)
    index(account)
    hook.run()
    hook.scrip.send("DELETE", hook.path)
    hook.put("scrip.entry.grant")
    assert hook.wake(later(AT, 86_400)) == 0
    assert (len(hook.receiver.received), hook.sent()) == (1, [])


def test_what_was_sent_is_listed_newest_first_in_pages_and_by_status(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant")
    hook.receiver.answers = [204, 500, 204]
    for second in range(3):
        hook.scrip.grant(account, "1", clock=later(AT, second))
        index(account)
        hook.run()
    every = hook.sent()
    assert [one["status"] for one in every] == ["delivered", "pending", "delivered"]
    assert [one["attempts"][0]["at"] for one in every] == [later(AT, 2), later(AT, 1), AT]
    assert hook.sent(status="pending") == [every[1]]
    first = hook.scrip.get(f"{hook.path}/deliveries", query={"limit": "2"}).body
    second_ = hook.scrip.get(
        f"{hook.path}/deliveries", query={"limit": "2", "cursor": first["next_cursor"]}
    ).body
    assert [*first["items"], *second_["items"]] == every
    invalid(hook.scrip.get(f"{hook.path}/deliveries", query={"status": "lost"}), "status")
    refused(hook.scrip.get("/v1/webhook-endpoints/no/deliveries"), 404, "not_found", endpoint_id="no")


def test_a_task_that_is_lost_is_found_by_the_schedule(hook: Hook, account: str) -> None:
    hook.put("scrip.entry.grant")
    hook.scrip.grant(account, "1", clock=AT)
    index(account)
    assert hook.scrip.notify() == []
    assert len(hook.scrip.tasks()) == 1
    assert hook.wake(AT) == 1
    assert len(hook.receiver.received) == 1


def test_a_table_that_is_busy_loses_nothing(hook: Hook, account: str) -> None:
    """Whatever write of the fan-out fails: the message comes again, and each endpoint hears of it once."""
    hook.put("scrip.entry.grant")
    hook.scrip.grant(account, "1", clock=AT)
    index(account)
    event = list(hook.scrip.bus.taken)
    with hook.scrip.broken("PutItem", THROTTLED, times=1):
        assert len(hook.scrip.notify()) == 1
    hook.scrip.bus.taken += event
    hook.run()
    assert len(hook.receiver.received) == 1


@pytest.mark.parametrize("lost", [False, True])
def test_a_try_whose_outcome_is_not_written_is_made_again(hook: Hook, account: str, lost: bool) -> None:
    """Once or more: nobody knows whether it had arrived. Its claim is over after half a minute."""
    hook.put("scrip.entry.grant")
    hook.scrip.grant(account, "1", clock=AT)
    index(account)
    assert hook.scrip.notify() == []
    with hook.scrip.broken("PutItem", Fault.timeout, times=1, lost=lost):
        assert len(hook.scrip.call()) == 1
    (sent,) = hook.sent()
    assert sent["status"] == ("delivered" if lost else "pending")


def test_the_fan_out_costs_two_reads_of_the_endpoints_for_ten_events_and_two_writes_for_each(
    hook: Hook, account: str
) -> None:
    hook.put("scrip.entry.grant")
    for _ in range(10):
        hook.scrip.grant(account, "1")
    index(account)
    with hook.scrip.calls("dynamodb", "sqs") as made:
        assert hook.scrip.notify() == []
    names = [call.name for call in made]
    assert {name: names.count(name) for name in set(names)} == {
        "Query": 1,
        "BatchGetItem": 1,
        "PutItem": 20,
        "SendMessage": 10,
    }


def test_a_delivery_costs_three_reads_and_four_writes(hook: Hook, account: str) -> None:
    """The endpoint with its slots, the dispatch, the event's bytes; a slot taken and given back, a claim, the outcome.
    Then it is looked whether something else is due."""
    hook.put("scrip.entry.grant")
    hook.scrip.grant(account, "1")
    index(account)
    assert hook.scrip.notify() == []
    with hook.scrip.calls("dynamodb") as made:
        assert hook.scrip.call() == []
    names = [call.name for call in made]
    assert {name: names.count(name) for name in set(names)} == {
        "Query": 2,
        "GetItem": 3,
        "UpdateItem": 2,
        "PutItem": 1,
        "DeleteItem": 1,
    }
