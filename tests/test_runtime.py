"""What a function has around it: settings, clients, secrets, queues, and the lines that it writes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Unavailable
from tests.aws import PROVIDER_KEY, Deployment, Fault

QUEUE, DEAD = "SCRIP_PAYMENTS_QUEUE_URL", "SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL"
API_KEY = "SCRIP_DODO_API_KEY_SECRET_ID"


def line(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one line that was written."""
    (text,) = capsys.readouterr().out.splitlines()
    return json.loads(text)


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


# Settings and clients


@pytest.mark.parametrize(("value", "enabled"), [("enabled", True), ("disabled", False), ("Enabled", False)])
def test_the_test_clock_is_there_where_the_template_says_so_and_nowhere_else(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch, value: str, enabled: bool
) -> None:
    monkeypatch.setenv("SCRIP_TEST_CLOCK", value)
    scrip.cold()
    assert runtime.settings().test_clock is enabled


def test_a_setting_that_the_template_lacks_is_an_error(scrip: Deployment) -> None:
    with pytest.raises(KeyError, match="SCRIP_NOTHING"):
        runtime.Settings.value("SCRIP_NOTHING")


def test_a_client_gives_up_before_its_function_does(scrip: Deployment) -> None:
    """Two attempts of a second to connect and three to read: eight of the ten seconds that a function has."""
    config = runtime.client("dynamodb").meta.config
    attempts = config.retries["total_max_attempts"]
    assert (attempts, config.connect_timeout, config.read_timeout) == (2, 1, 3)
    assert attempts * (config.connect_timeout + config.read_timeout) < 10


# Secrets


def test_a_secret_is_asked_for_once_and_out_of_turn_once_a_minute(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = runtime.now()
    monkeypatch.setattr(runtime, "now", lambda: now)
    with scrip.calls("secretsmanager") as made:
        assert runtime.secret(API_KEY) == runtime.secret(API_KEY) == {"api_key": PROVIDER_KEY}
        assert len(made) == 1
        assert runtime.secret_again(API_KEY) == {"api_key": PROVIDER_KEY}
        assert runtime.secret_again(API_KEY) is None
        now += 59_999
        assert runtime.secret_again(API_KEY) is None
        assert len(made) == 2
        now += 1
        assert runtime.secret_again(API_KEY) == {"api_key": PROVIDER_KEY}
        assert len(made) == 3


def test_a_secret_that_cannot_be_read_is_unavailable(scrip: Deployment) -> None:
    fault = Fault.error("InternalServiceError", 500)
    with scrip.broken("GetSecretValue", fault, service="secretsmanager"), pytest.raises(Unavailable):
        runtime.secret(API_KEY)
    assert runtime.secret(API_KEY) == {"api_key": PROVIDER_KEY}


def test_a_provider_without_a_key_has_no_client(scrip: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    assert runtime.provider("dodo", 1.0)
    monkeypatch.setenv(API_KEY, scrip.secret("no-key", {"api_key": ""}))
    assert runtime.provider("dodo", 1.0) is None


# Queues


def test_an_equal_message_is_dropped_and_one_that_says_more_is_not(scrip: Deployment) -> None:
    for message in ({"paid": 1}, {"paid": 1}, {"paid": 1, "refunded": 1}):
        runtime.enqueue(QUEUE, message, group="dodo:pay_1")
    records = scrip.queued()
    assert [json.loads(record["body"]) for record in records] == [{"paid": 1}, {"paid": 1, "refunded": 1}]
    assert len({record["attributes"]["MessageGroupId"] for record in records}) == 1


def test_a_queue_that_does_not_take_a_message_is_unavailable(scrip: Deployment) -> None:
    fault = Fault.error("ServiceUnavailable", 503)
    with scrip.broken("SendMessage", fault, service="sqs"), pytest.raises(Unavailable):
        runtime.enqueue(QUEUE, {"paid": 1}, group="dodo:pay_1")
    assert scrip.queued() == []


def test_a_text_is_left_in_a_queue_as_it_is(scrip: Deployment) -> None:
    runtime.leave("SCRIP_EVIDENCE_QUEUE_URL", '{"row": 1}')
    assert scrip.evidence() == [{"row": 1}]


def test_dead_letters_are_moved_back_each_with_its_body_and_its_group(scrip: Deployment) -> None:
    """An equal message waits there already: what is moved is not dropped for it."""
    runtime.enqueue(QUEUE, {"paid": 1}, group="dodo:pay_1")
    for number in (1, 2, 3):
        runtime.enqueue(DEAD, {"paid": number}, group=f"dodo:pay_{number}")
    assert runtime.redrive(DEAD, QUEUE) == (3, True)
    moved = scrip.queued()
    assert sorted(json.loads(record["body"])["paid"] for record in moved) == [1, 1, 2, 3]
    assert len({record["attributes"]["MessageGroupId"] for record in moved}) == 3
    assert runtime.redrive(DEAD, QUEUE) == (0, True)


# Lines


def test_a_count_is_one_line_in_cloudwatchs_format_with_what_it_is_about(
    scrip: Deployment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "now", lambda: 1_000)
    capsys.readouterr()
    runtime.count("WebhookRefused", provider="dodo")
    directive = {
        "Namespace": "Scrip",
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "WebhookRefused", "Unit": "Count"}],
    }
    assert line(capsys) == {
        "_aws": {"Timestamp": 1_000, "CloudWatchMetrics": [directive]},
        "service": "tests",
        "provider": "dodo",
        "WebhookRefused": 1,
    }


def test_none_is_measured_too_and_a_time_is_told_to_a_tenth_of_a_millisecond(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    runtime.measure("Parked", 0)
    assert line(capsys)["Parked"] == 0
    runtime.took("Latency", 12.3456, {"status": 201})
    told = line(capsys)
    assert (told["Latency"], told["status"]) == (12.3, 201)


def test_a_message_that_fails_is_told_with_its_reason_and_fails_all_the_same(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    with pytest.raises(ValueError, match="amount is no text"), runtime.telling("m1"):
        raise ValueError("amount is no text")
    told = line(capsys)
    assert (told["MessageFailed"], told["message_id"], told["error"]) == (
        1,
        "m1",
        "ValueError: amount is no text",
    )
    with runtime.telling("m2"):
        pass
    assert capsys.readouterr().out == ""
