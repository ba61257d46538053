"""What a function has around it: settings, clients, secrets, queues, and the lines that it writes."""

from __future__ import annotations

import gc
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parameters import base
from botocore.exceptions import ClientError

from scrip import runtime
from scrip.domain.credits.errors import Unavailable
from tests.aws import PROVIDER_KEY, Deployment, Fault, listening

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


def test_a_client_says_who_it_is_keeps_its_connections_and_tries_as_the_standard_says(
    scrip: Deployment,
) -> None:
    config = runtime.client("dynamodb").meta.config
    assert config.retries["mode"] == "standard"
    assert (config.max_pool_connections, config.tcp_keepalive) == (16, True)
    assert config.user_agent.split()[0] == "scrip"


@pytest.mark.parametrize(("service", "signed"), [("s3", "s3v4"), ("sqs", "v4"), ("dynamodb", "v4")])
def test_every_client_gives_up_in_time_and_one_of_s3_signs_as_a_key_of_kms_asks(
    scrip: Deployment, service: str, signed: str
) -> None:
    config = runtime.client.__wrapped__(service).meta.config
    assert config.signature_version == signed
    assert (config.connect_timeout, config.read_timeout) == (1, 3)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}
    assert (config.max_pool_connections, config.tcp_keepalive) == (16, True)
    assert config.user_agent.split()[0] == "scrip"


def test_a_client_does_not_examine_what_it_is_given(scrip: Deployment) -> None:
    """That takes time, and AWS examines it itself: no secret has an empty name."""
    with pytest.raises(ClientError):
        runtime.client.__wrapped__("secretsmanager").get_secret_value(SecretId="")


@pytest.mark.usefixtures("own_garbage")
def test_what_a_cold_start_made_is_no_garbage_and_what_comes_after_is_looked_at_seldom() -> None:
    gc.enable()
    runtime.started()
    assert gc.get_freeze_count() == 0, "it was on: nothing is known of what a cold start made"
    gc.disable()
    runtime.started()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == (20_000, 20, 20)


@pytest.fixture
def own_garbage() -> Iterator[None]:
    """Garbage is looked for as it was before, after the test."""
    before = gc.get_threshold()
    gc.unfreeze()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    gc.enable()


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("SCRIP_SHARED_PROVIDERS", "", frozenset()),
        ("SCRIP_SHARED_PROVIDERS", None, frozenset()),
        ("SCRIP_SHARED_PROVIDERS", "stripe", {"stripe"}),
        ("SCRIP_SHARED_PROVIDERS", "dodo,stripe", {"dodo", "stripe"}),
    ],
)
def test_providers_are_shared_that_the_template_names(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, found: frozenset[str]
) -> None:
    monkeypatch.delenv(name, raising=False)
    if value is not None:
        monkeypatch.setenv(name, value)
    assert runtime.shared_providers() == found


@pytest.mark.parametrize(("value", "events"), [(None, True), ("enabled", True), ("disabled", False)])
def test_each_burn_is_an_event_unless_it_is_said_that_none_is(
    monkeypatch: pytest.MonkeyPatch, value: str | None, events: bool
) -> None:
    monkeypatch.delenv("SCRIP_BURN_EVENTS", raising=False)
    if value is not None:
        monkeypatch.setenv("SCRIP_BURN_EVENTS", value)
    assert runtime.burns_have_events() is events


def test_settings_that_the_template_leaves_out_have_their_defaults(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SCRIP_ENVIRONMENT", "SCRIP_TEST_CLOCK", "SCRIP_COMMIT"):
        monkeypatch.delenv(name, raising=False)
    runtime.settings.cache_clear()
    assert runtime.settings() == runtime.Settings("dev", test_clock=False, commit=None)
    monkeypatch.setenv("SCRIP_ENVIRONMENT", "prod")
    monkeypatch.setenv("SCRIP_COMMIT", "abc")
    runtime.settings.cache_clear()
    assert runtime.settings() == runtime.Settings("prod", test_clock=False, commit="abc")
    runtime.settings.cache_clear()


def test_a_wallet_ahead_of_the_clock_is_counted_where_no_test_clock_may_set_it_so(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for clock, told in (("enabled", 0), ("disabled", 1)):
        monkeypatch.setenv("SCRIP_TEST_CLOCK", clock)
        runtime.settings.cache_clear()
        capsys.readouterr()
        runtime.skewed(61_000)
        assert capsys.readouterr().out.count("a wallet is 61000 ms ahead of this machine's clock") == told
    runtime.settings.cache_clear()


def test_a_clock_tells_milliseconds_since_1970(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_793_611_000_123_999_999)
    assert runtime.now() == 1_793_611_000_123


def test_the_ledgers_stream_is_asked_of_its_own_service(scrip: Deployment) -> None:
    stream = runtime.stream()
    assert stream.client.meta.service_model.service_name == "dynamodbstreams"
    assert stream.arn == runtime.Settings.value("SCRIP_LEDGER_STREAM_ARN")


def test_so_much_is_taken_by_one_call_and_remembered() -> None:
    """Values of the documentation of SQS; and of decrypted secrets two of each of 100 endpoints."""
    assert (runtime.MESSAGES, runtime.MESSAGES_BYTES) == (10, 262_144)
    assert (runtime.REDRIVEN, runtime.unseal.cache_info().maxsize) == (1000, 200)


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


@pytest.mark.parametrize(
    ("read", "variable"),
    [
        (lambda: runtime.secret(API_KEY), API_KEY),
        (runtime.identity_key, "SCRIP_IDENTITY_KEY_SECRET_ID"),
        (runtime.signing_key, "SCRIP_SIGNING_KEY_SECRET_ID"),
    ],
    ids=["secret", "identity_key", "signing_key"],
)
def test_a_secret_is_remembered_for_five_minutes_and_not_longer(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], variable: str
) -> None:
    at = datetime(2026, 11, 2)  # noqa: DTZ001 - as Powertools counts

    class PowertoolsClock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return at

    monkeypatch.setattr(base, "datetime", PowertoolsClock)
    scrip.cold()
    with scrip.calls("secretsmanager") as made:
        first = read()
        at += timedelta(seconds=300)
        assert read() == first
        assert [call.params for call in made] == [{"SecretId": runtime.Settings.value(variable)}]
        at += timedelta(microseconds=1)
        assert read() == first
        assert len(made) == 2


def test_a_secret_that_cannot_be_read_is_unavailable(scrip: Deployment) -> None:
    fault = Fault.error("InternalServiceError", 500)
    with scrip.broken("GetSecretValue", fault, service="secretsmanager"), pytest.raises(Unavailable):
        runtime.secret(API_KEY)
    assert runtime.secret(API_KEY) == {"api_key": PROVIDER_KEY}


def test_what_is_signed_is_believed_under_the_key_now_and_the_one_before(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked for the first key, where it is known; the others are read once a minute at the most."""
    now = runtime.now()
    monkeypatch.setattr(runtime, "now", lambda: now)
    name = "SCRIP_SIGNING_KEY_SECRET_ID"
    secrets = runtime.client("secretsmanager")
    made = secrets.create_secret(Name="a key that is changed", SecretString="one")["ARN"]
    monkeypatch.setenv(name, made)
    scrip.cold()
    monkeypatch.setattr(runtime, "now", lambda: now)
    assert [*runtime.signing_keys()] == [b"one", b"one"], "it was put but once"
    now += 60_000
    secrets = runtime.client("secretsmanager")
    secrets.put_secret_value(SecretId=made, SecretString="two")
    with scrip.calls("secretsmanager") as calls:
        keys = runtime.signing_keys()
        assert next(keys) == b"one"
        assert calls == [], "as it is remembered"
        assert [*keys] == [b"two", b"one"]
        assert len(calls) == 2
        now += 59_999
        assert [*runtime.signing_keys()] == [b"two", b"one"]
        assert len(calls) == 2
        now += 1
        assert [*runtime.signing_keys()] == [b"two", b"two", b"one"]
        assert len(calls) == 4


def test_a_secret_of_an_endpoint_is_sealed_for_it_alone(scrip: Deployment) -> None:
    with scrip.calls("kms") as made:
        sealed = runtime.seal("whsec_1", "we_1")
        assert runtime.unseal(sealed, "we_1") == runtime.unseal(sealed, "we_1") == "whsec_1"
    asked = [(call.name, call.params.get("KeyId"), call.params["EncryptionContext"]) for call in made]
    key = runtime.Settings.value("SCRIP_ENDPOINTS_KEY_ID")
    assert asked == [("Encrypt", key, {"endpoint": "we_1"}), ("Decrypt", None, {"endpoint": "we_1"})]
    with pytest.raises(Unavailable, match="the key of secrets does not answer"):
        runtime.unseal(sealed, "we_2")


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


def test_a_text_is_left_with_what_it_is_about_where_that_is_said(scrip: Deployment) -> None:
    with scrip.calls("sqs") as made:
        runtime.leave("SCRIP_EVIDENCE_QUEUE_URL", '{"row": 2}', kind="row", of="")
    (call,) = made
    assert call.params["MessageAttributes"] == {"kind": {"DataType": "String", "StringValue": "row"}}
    assert scrip.evidence() == [{"row": 2}]


def test_messages_may_come_after_some_time(scrip: Deployment) -> None:
    with scrip.calls("sqs") as made:
        runtime.leave_all("SCRIP_EVIDENCE_QUEUE_URL", [{"row": 1}, {"row": 2}], 30)
        runtime.leave_all("SCRIP_EVIDENCE_QUEUE_URL", [{"row": 3}])
    asked = [(json.loads(call.params["MessageBody"]), call.params["DelaySeconds"]) for call in made]
    assert asked == [({"row": 1}, 30), ({"row": 2}, 30), ({"row": 3}, 0)]
    scrip.evidence()


@pytest.mark.parametrize(
    ("texts", "together"),
    [
        ([], []),
        (["a"] * 10, [10]),
        (["a"] * 11, [10, 1]),
        # 256 KiB are 262 144 bytes; an ä is two of them.
        (["a" * 131_072, "b" * 131_072], [2]),
        (["a" * 131_072, "b" * 131_073], [1, 1]),
        (["ä" * 65_536, "b" * 131_072], [2]),
        (["ä" * 65_537, "b" * 131_072], [1, 1]),
        (["a" * 262_144, "b"], [1, 1]),
    ],
    ids=lambda value: str([len(one) for one in value])[:60] if value and isinstance(value[0], str) else None,
)
def test_texts_are_left_together_as_many_as_a_call_takes(
    scrip: Deployment, texts: list[str], together: list[int]
) -> None:
    with scrip.calls("sqs") as made:
        runtime.leave_together("SCRIP_EVIDENCE_QUEUE_URL", texts)
    assert [len(call.params["Entries"]) for call in made] == together
    left = [entry["MessageBody"] for call in made for entry in call.params["Entries"]]
    assert left == texts
    assert len(scrip._taken(scrip.evidence_url, scrip.evidence_arn)) == len(texts)


@pytest.mark.parametrize(("refusals", "calls"), [(0, 1), (1, 2), (3, 4), (4, None)])
def test_what_a_queue_refuses_is_asked_of_it_three_times_more(
    scrip: Deployment, refusals: int, calls: int | None
) -> None:
    """Of three texts it refuses the second each time; the others are left once."""
    left, made = [refusals], []

    def answer(params: Any, **_: Any) -> Any:
        made.append([entry["MessageBody"] for entry in json.loads(params["body"])["Entries"]])
        if not left[0]:
            return None
        left[0] -= 1
        failed = str(made[-1].index("two"))
        http = type("Response", (), {"status_code": 200, "headers": {}})()
        return http, {"Failed": [{"Id": failed}], "ResponseMetadata": {}}

    with listening("before-call.sqs.SendMessageBatch", answer, "sqs"):
        if calls is None:
            with pytest.raises(Unavailable, match="the queue does not take all of it"):
                runtime.leave_together("SCRIP_EVIDENCE_QUEUE_URL", ["one", "two", "three"])
            calls = 4
        else:
            runtime.leave_together("SCRIP_EVIDENCE_QUEUE_URL", ["one", "two", "three"])
    assert made == [["one", "two", "three"], *([["two"]] * (calls - 1))]
    scrip._taken(scrip.evidence_url, scrip.evidence_arn)


def test_messages_of_one_group_have_a_name_that_a_queue_takes(scrip: Deployment) -> None:
    """SHA-256 of ``dodo:pay_1`` and of the body, in hexadecimal."""
    with scrip.calls("sqs") as made:
        runtime.enqueue(QUEUE, {"paid": 1}, group="dodo:pay_1")
    (call,) = made
    assert call.params["MessageGroupId"] == hashlib.sha256(b"dodo:pay_1").hexdigest()
    assert call.params["MessageDeduplicationId"] == hashlib.sha256(b'{"paid": 1}').hexdigest()


def test_one_redrive_moves_so_many_at_the_most_and_the_next_goes_on(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "REDRIVEN", 10)
    for number in range(11):
        runtime.enqueue(DEAD, {"paid": number}, group=f"dodo:pay_{number}")
    assert runtime.redrive(DEAD, QUEUE) == (10, False)
    assert runtime.redrive(DEAD, QUEUE) == (1, True)
    moved = scrip.queued()
    assert sorted(json.loads(record["body"])["paid"] for record in moved) == [*range(11)]


def test_dead_letters_are_moved_back_each_with_its_body_and_its_group(scrip: Deployment) -> None:
    """An equal message waits there already: what is moved is not dropped for it."""
    runtime.enqueue(QUEUE, {"paid": 1}, group="dodo:pay_1")
    for number in (1, 2, 3):
        runtime.enqueue(DEAD, {"paid": number}, group=f"dodo:pay_{number}")
    assert runtime.redrive(DEAD, QUEUE) == (3, True)
    moved = scrip.queued()
    assert sorted(json.loads(record["body"])["paid"] for record in moved) == [1, 1, 2, 3]
    assert len({record["attributes"]["MessageGroupId"] for record in moved}) == 3
    with scrip.calls("sqs") as made:
        assert runtime.redrive(DEAD, QUEUE) == (0, True)
    (asked,) = made
    assert (asked.name, asked.params) == (
        "ReceiveMessage",
        {
            "QueueUrl": runtime.Settings.value(DEAD),
            "MaxNumberOfMessages": 10,
            "WaitTimeSeconds": 1,
            "MessageSystemAttributeNames": ["MessageGroupId"],
        },
    )


@pytest.mark.parametrize(
    ("service", "call", "asked"),
    [
        (
            "sqs",
            lambda: runtime.bring_again("SCRIP_REPORTS_QUEUE_URL", "receipt-1", 17),
            {
                "ChangeMessageVisibility": {
                    "QueueUrl": "SCRIP_REPORTS_QUEUE_URL",
                    "ReceiptHandle": "receipt-1",
                    "VisibilityTimeout": 17,
                }
            },
        ),
        (
            "sqs",
            lambda: runtime.waiting_in(DEAD),
            {
                "GetQueueAttributes": {
                    "QueueUrl": DEAD,
                    "AttributeNames": [
                        "ApproximateNumberOfMessages",
                        "ApproximateNumberOfMessagesNotVisible",
                    ],
                }
            },
        ),
        (
            "sqs",
            lambda: runtime.queue_usage(["one"]),
            {
                "SendMessageBatch": {
                    "QueueUrl": "SCRIP_USAGE_QUEUE_URL",
                    "Entries": [{"Id": "0", "MessageBody": "one"}],
                }
            },
        ),
        (
            "kms",
            lambda: runtime.statement_signer().sign(b"a line"),
            {
                "GetPublicKey": {"KeyId": "SCRIP_STATEMENTS_KEY_ID"},
                "Sign": {
                    "KeyId": "SCRIP_STATEMENTS_KEY_ID",
                    "Message": b"a line",
                    "MessageType": "RAW",
                    "SigningAlgorithm": "ED25519_SHA_512",
                },
            },
        ),
    ],
    ids=["bring_again", "waiting_in", "queue_usage", "statement_signer"],
)
def test_aws_is_asked_for_exactly_this(
    scrip: Deployment, service: str, call: Callable[[], Any], asked: dict[str, Any]
) -> None:
    """A name of a variable stands for what it holds."""
    with scrip.calls(service) as made:
        call()
    told = {one.name: {name: _held(value) for name, value in one.params.items()} for one in made}
    assert told == {
        name: {member: _held(value) for member, value in said.items()} for name, said in asked.items()
    }


def _held(value: Any) -> Any:
    return runtime.Settings.value(value) if isinstance(value, str) and value.startswith("SCRIP_") else value


def test_a_queue_tells_what_waits_and_what_is_being_worked_on(scrip: Deployment) -> None:
    """Three messages wait; two of them are taken out, and not done."""
    for number in range(3):
        runtime.leave("SCRIP_USAGE_DEAD_LETTER_QUEUE_URL", f"{number}")
    queue = {"QueueUrl": runtime.Settings.value("SCRIP_USAGE_DEAD_LETTER_QUEUE_URL")}
    sqs = runtime.client("sqs")
    sqs.receive_message(**queue, MaxNumberOfMessages=2)
    assert runtime.waiting_in("SCRIP_USAGE_DEAD_LETTER_QUEUE_URL") == 3
    sqs.purge_queue(**queue)


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
