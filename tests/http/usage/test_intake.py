"""Events of usage as requests bring them: in every mode of CloudEvents, written by the official SDK; and what is no
request of events."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings import http
from cloudevents.core.v1.event import CloudEvent

from scrip import runtime
from tests.aws import Deployment, Key
from tests.http.contract import invalid, refused
from tests.http.usage.reported import AT, accepted, used

BATCH = "application/cloudevents-batch+json"
ONE = "application/cloudevents+json"


def sdk(id_: str, subject: str, data: Any, **more: Any) -> CloudEvent:
    """An event as the SDK makes it; its times have six decimals."""
    attributes = {
        "id": id_,
        "source": "/sdk",
        "type": "calls",
        "subject": subject,
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "time": datetime(2030, 1, 1, 0, 0, 0, 123456, UTC),
        **more,
    }
    return CloudEvent(attributes, data)


def sent(scrip: Deployment, message: Any, **request: Any) -> Any:
    """Sends what the SDK wrote, headers and body."""
    headers = {name.lower(): value for name, value in message.headers.items()}
    kind = headers.pop("content-type")
    body = message.body.decode() if isinstance(message.body, bytes) else message.body
    request = {"clock": AT, **request}
    return scrip.send("POST", "/v1/usage", raw=body, content_type=kind, headers=headers, **request)


@pytest.mark.usefixtures("calls")
def test_the_official_sdk_sends_in_each_of_its_modes(scrip: Deployment, account: str) -> None:
    """One event in binary mode with a letter beyond ASCII in its source, one structured; the second is sent twice."""
    first = sdk("a", account, {"quantity": "1"}, source="/ünits/1")
    second = sdk("b", account, {"quantity": 2})
    accepted(sent(scrip, http.to_binary_event(first)), 1)
    accepted(sent(scrip, http.to_structured_event(second)), 1)
    accepted(sent(scrip, http.to_binary_event(second)), 1)
    batch = json.dumps([json.loads(http.to_structured_event(one).body) for one in (first, second)])
    accepted(scrip.send("POST", "/v1/usage", raw=batch, content_type=BATCH, clock=AT), 2)
    assert scrip.book_usage() == []
    found = {one["event"]["source"]: one["amount"] for one in scrip.entries(account)}
    assert found == {"/ünits/1": "-2", "/sdk": "-4"}
    assert scrip.told("scrip.usage") == []


@pytest.mark.usefixtures("calls")
def test_all_ways_name_the_same_event(scrip: Deployment, account: str) -> None:
    event = used("a", account)
    ways: list[tuple[Any, str]] = [
        (event, ONE),
        ([event], BATCH),
        (event, "application/json"),
        ([event], "application/json; charset=utf-8"),
        ({"events": [event]}, "application/json"),
    ]
    for body, kind in ways:
        answer = scrip.send("POST", "/v1/usage", raw=json.dumps(body), content_type=kind, clock=AT)
        accepted(answer, 1)
    binary = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    accepted(scrip.send("POST", "/v1/usage", raw=json.dumps(event["data"]), headers=binary, clock=AT), 1)
    assert scrip.book_usage() == []
    assert len(scrip.entries(account)) == 1
    assert scrip.told("scrip.usage") == []


@pytest.mark.usefixtures("calls")
def test_openmeters_requests_are_taken_as_they_are(scrip: Deployment, account: str) -> None:
    """Its data has members of the app's own: the request says which is the quantity."""
    event = used("om", account, data={"tokens": "12", "model": "gpt", "route": "/chat"})
    del event["data"]["quantity"]
    accepted(
        scrip.report(event, clock=AT), 0, {0: ["data.quantity", "data.tokens", "data.model", "data.route"]}
    )
    accepted(scrip.report(event, clock=AT, query={"quantity": "$.tokens", "dimensions": "model"}), 1)
    assert scrip.book_usage() == []
    (one,) = scrip.entries(account)
    assert (one["usage"]["quantity"], one["usage"]["dimensions"]) == ("12", {"model": "gpt"})


@pytest.mark.usefixtures("calls")
def test_a_float_of_another_system_is_the_decimal_that_was_written(scrip: Deployment, account: str) -> None:
    raw = json.dumps(used("a", account)).replace('{"quantity": "1"}', '{"value": 0.1}')
    accepted(scrip.send("POST", "/v1/usage", raw=raw, content_type=ONE, clock=AT), 1)
    assert scrip.book_usage() == []
    assert scrip.entries(account)[0]["usage"]["quantity"] == "0.1"


@pytest.mark.usefixtures("calls")
def test_what_is_right_goes_on_and_what_is_wrong_is_named_by_its_place(
    scrip: Deployment, account: str
) -> None:
    events: list[Any] = [
        used("a", account),
        used("b", account, "0"),
        {"id": "c"},
        used("d", account, type="none"),
        used("e", account, data={"unit": "other"}),
        used("f", account),
        1,
    ]
    missing = ["specversion", "source", "type", "subject", "data"]
    wrong = {1: ["data.quantity"], 2: missing, 3: ["type"], 4: ["data.unit"], 6: ["event"]}
    accepted(scrip.report(*events, clock=AT), 2, wrong)
    assert scrip.book_usage() == []
    assert [one["event"]["id"] for one in scrip.entries(account)] == ["a", "f"]


@pytest.mark.usefixtures("calls")
def test_a_member_that_comes_twice_says_two_things_at_once(scrip: Deployment, account: str) -> None:
    event = json.dumps(used("a", account))
    twice = event.replace('"quantity": "1"', '"quantity": "1", "quantity": "2"')
    for raw, kind in (
        (f"[{event}, {twice}]", BATCH),
        (f'{{"events": [{event}, {twice}]}}', "application/json"),
    ):
        answer = scrip.send("POST", "/v1/usage", raw=raw, content_type=kind, clock=AT)
        accepted(answer, 1, {1: ["data.quantity"]})
    accepted(
        scrip.send("POST", "/v1/usage", raw=twice, content_type=ONE, clock=AT), 0, {0: ["data.quantity"]}
    )


NO_EVENTS: list[tuple[str, str, str]] = [
    ("[]", BATCH, "events"),
    ("{}", BATCH, "body"),
    ("[]", ONE, "body"),
    ("1", "application/json", "events"),
    ("null", "application/json", "events"),
    ('{"events": {}}', "application/json", "events"),
    ('{"events": [], "more": 1}', "application/json", "more"),
    ('{"events": [], "events": []}', "application/json", "events"),
    ("{", ONE, "body"),
    ("", ONE, "body"),
    ('[{"data": NaN}]', BATCH, "body"),
    ("[" * 100_000, BATCH, "body"),
    (json.dumps([{}] * 1001), BATCH, "events"),
]


@pytest.mark.parametrize(("raw", "kind", "field"), NO_EVENTS, ids=lambda value: value[:40])
def test_what_is_no_request_of_events_is_refused_as_a_whole(
    scrip: Deployment, raw: str, kind: str, field: str
) -> None:
    invalid(scrip.send("POST", "/v1/usage", raw=raw, content_type=kind), field)


def test_a_request_has_one_megabyte(scrip: Deployment) -> None:
    answer = scrip.send("POST", "/v1/usage", raw=" " * (1024 * 1024 + 1), content_type=BATCH)
    refused(answer, 413, "body_too_large", limit=1024 * 1024)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", None])
def test_other_media_types_are_refused(scrip: Deployment, kind: str | None) -> None:
    refused(scrip.send("POST", "/v1/usage", raw="{}", content_type=kind), 415, "unsupported_media_type")
    binary = {"ce-specversion": "1.0"}
    answer = scrip.send("POST", "/v1/usage", raw="{}", content_type=kind, headers=binary)
    refused(answer, 415, "unsupported_media_type")


def test_an_event_in_binary_mode_is_told_only_what_it_lacks(scrip: Deployment, account: str) -> None:
    headers = {"ce-id": "a", "ce-source": "/api", "ce-type": "calls", "ce-subject": account}
    answer = scrip.send("POST", "/v1/usage", body={"quantity": "1"}, headers=headers, clock=AT)
    accepted(answer, 0, {0: ["specversion"]})
    answer = scrip.send("POST", "/v1/usage", body={"quantity": "1"}, headers={"ce-id": "a"}, clock=AT)
    accepted(answer, 0, {0: ["specversion", "source", "type", "subject"]})


def test_a_member_that_comes_twice_in_binary_mode_is_named(scrip: Deployment, account: str) -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "a", "ce-source": "/api", "ce-type": "calls"}
    headers["ce-subject"] = account
    answer = scrip.send(
        "POST", "/v1/usage", raw='{"quantity": "1", "quantity": "2"}', headers=headers, clock=AT
    )
    invalid(answer, "data.quantity")


@pytest.mark.usefixtures("calls")
def test_a_key_of_one_account_reports_what_that_one_used(scrip: Deployment, account: str) -> None:
    caller = Key("burn", account)
    events = [used("a", account), used("b", f"{account}-b")]
    answer = scrip.report(*({**one, "time": None} for one in events), caller=caller)
    accepted(answer, 1, {1: ["subject"]})
    (rejected,) = answer.body["rejected"]
    assert rejected["errors"] == [{"field": "subject", "message": "this key sees one account only"}]


@pytest.mark.parametrize("quantity", ["-1", -1, "-0.5", "0", 0])
def test_a_quantity_that_is_not_more_than_zero_is_told_so(
    scrip: Deployment, account: str, quantity: Any
) -> None:
    told = scrip.report(used("a", account, quantity), clock=AT).body["rejected"][0]["errors"]
    assert told == [{"field": "data.quantity", "message": "must be more than zero"}]


def test_a_name_of_a_tag_that_is_too_long_is_told_as_the_tag(scrip: Deployment, account: str) -> None:
    answer = scrip.report(used("a", account, data={"tags": {"x" * 41: "v"}}), clock=AT)
    accepted(answer, 0, {0: [f"data.tags.{'x' * 41}"]})


@pytest.mark.usefixtures("calls")
def test_a_thousand_events_of_as_many_meters_take_a_few_reads(scrip: Deployment, account: str) -> None:
    """A sender with a mistake in its meters costs ten reads of a hundred, not a thousand."""
    events = [used(str(number), account, type=f"none-{number}") for number in range(1000)]
    with scrip.calls() as calls:
        answer = scrip.report(*events, clock=AT)
    assert answer.body["accepted"] == 0
    assert len(answer.body["rejected"]) == 1000
    assert [call.name for call in calls] == ["BatchGetItem"] * 10


@pytest.mark.usefixtures("calls")
def test_messages_are_within_what_a_call_to_a_queue_takes(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten messages, 256 KB: a megabyte of events takes several calls; what one refuses is sent once more."""
    tags = {f"tag-{number}": "x" * 80 for number in range(10)}
    events = [used(str(number), account, data={"tags": tags}) for number in range(900)]
    queue, took = runtime.client("sqs"), []

    class Limited:
        """A queue with the limits of one, which refuses a message of its first call."""

        def send_message_batch(self, *, QueueUrl: str, Entries: Any) -> Any:  # noqa: N803
            assert len(Entries) <= 10
            assert sum(len(one["MessageBody"].encode()) for one in Entries) <= 256 * 1024
            took.append(len(Entries))
            if len(took) == 1:
                queue.send_message_batch(QueueUrl=QueueUrl, Entries=Entries[1:])
                return {"Failed": [{"Id": Entries[0]["Id"]}]}
            return queue.send_message_batch(QueueUrl=QueueUrl, Entries=Entries)

    monkeypatch.setattr(runtime, "client", lambda name: Limited() if name == "sqs" else queue)
    accepted(scrip.report(*events, clock=AT), 900)
    monkeypatch.undo()
    assert sum(took) == 11
    assert len(took) > 3
    queued = [event for one in scrip.used() for event in json.loads(one["body"])["events"]]
    found = [event["id"] for event in queued if event["account"] == account]
    assert sorted(found) == sorted(str(number) for number in range(900))


@pytest.mark.usefixtures("calls")
def test_a_queue_that_takes_nothing_is_unavailable(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def send_message_batch(self, *, QueueUrl: str, Entries: Any) -> Any:  # noqa: N803
            return {"Failed": [{"Id": one["Id"]} for one in Entries]}

    known = runtime.client
    monkeypatch.setattr(runtime, "client", lambda name: Full() if name == "sqs" else known(name))
    refused(scrip.report(used("a", account), clock=AT), 503, "unavailable")
