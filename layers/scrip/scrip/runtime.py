"""What a function has around it: settings, clients, clock, logger. Everything is made on first use, never at import."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from scrip.domain.credits.errors import Unavailable

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

    from scrip.domain.payments.facts import Delivery
    from scrip.providers.clients import Client
    from scrip.services.engine.executor import Executor
    from scrip.store.deliveries import Deliveries
    from scrip.store.tables import Tables

SECRET_SECONDS: Final = 300
"""How long a secret is remembered. One that is taken away is dead everywhere after it; a new one is found sooner, by
the first signature that it is missing for."""
ASKED_AGAIN_MS: Final = 60_000
"""How often a secret may be asked for out of turn: whoever sends bad signatures must not send us to ask each time."""
REDRIVEN: Final = 1000
"""Messages that one redrive moves at most: some minutes of work; the next one goes on."""


USER_AGENT: Final = "scrip"
"""Said to AWS. Without one botocore describes the machine anew with every call, twice: about a tenth of its time."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the template tells a function. A name that is not there is an error when it is asked for, by name."""

    environment: str
    test_clock: bool

    @staticmethod
    def value(name: str) -> str:
        """The environment variable ``name``; ``KeyError`` where the template does not set it."""
        return os.environ[name]


@cache
def settings() -> Settings:
    return Settings(
        environment=os.environ.get("SCRIP_ENVIRONMENT", "dev"),
        test_clock=os.environ.get("SCRIP_TEST_CLOCK", "disabled") == "enabled",
    )


def now() -> int:
    """Returns this machine's clock, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


@cache
def client(service: str) -> Any:
    """The client that ``boto3.client`` makes, made as boto3 makes it, by botocore: importing boto3 itself takes in
    S3 transfers and resources that nothing here uses, a tenth of a cold start (decision 0024).

    It gives up early, within a function's own ten seconds: a caller waits behind it, and may try again under the same
    key.
    """
    from botocore.config import Config
    from botocore.session import get_session

    config = Config(
        connect_timeout=1,
        read_timeout=3,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=16,
        parameter_validation=False,
        tcp_keepalive=True,
        user_agent=USER_AGENT,
    )
    made = get_session().create_client(service, config=config)
    started()
    return made


def started() -> None:
    """What a cold start made stays, and is never looked through for garbage; what comes after it is."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


@cache
def tables() -> Tables:
    from scrip.store.tables import Tables

    return Tables(
        client("dynamodb"), Settings.value("SCRIP_WALLETS_TABLE"), Settings.value("SCRIP_LEDGER_TABLE")
    )


@cache
def deliveries() -> Deliveries:
    from scrip.store.deliveries import Deliveries

    return Deliveries(client("dynamodb"), Settings.value("SCRIP_DELIVERIES_TABLE"))


@cache
def executor() -> Executor:
    from scrip.services.engine.executor import Executor

    return Executor(tables())


@cache
def logger() -> Logger:
    """One structured line for what somebody should know of; a request's own line is its metric (see ``door``)."""
    from aws_lambda_powertools import Logger

    return Logger()


def count(metric: str, **about: str) -> None:
    """Counts one of ``metric`` (an alarm may wait for it), with what it is about beside it."""
    measure(metric, 1, **about)


@contextmanager
def telling(message_id: str) -> Iterator[None]:
    """Counts a queue's message that fails, and says why: where others of its batch did not, nobody else would. Errors
    tell members by their names, not what is in them."""
    try:
        yield
    except Exception as error:
        count("MessageFailed", message_id=message_id, error=f"{type(error).__name__}: {error}")
        raise


def measure(metric: str, number: int, **about: str) -> None:
    """Says how many of ``metric`` there are, none included, with what it is about beside it."""
    _emit(metric, "Count", number, about)


def took(metric: str, milliseconds: float, about: Mapping[str, Any]) -> None:
    """Says how long something took, with what it is about beside it."""
    _emit(metric, "Milliseconds", round(milliseconds, 1), about)


def _emit(metric: str, unit: str, value: float, about: Mapping[str, Any]) -> None:
    """A line in CloudWatch's embedded metric format, by service. Written here because it is one dict: Powertools'
    ``single_metric`` takes 0.06 ms for it instead of 0.02, and has to be imported in every cold start.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Scrip"),
        "Dimensions": [["service"]],
        "Metrics": [{"Name": metric, "Unit": unit}],
    }
    line = {
        "_aws": {"Timestamp": now(), "CloudWatchMetrics": [directive]},
        "service": os.environ.get("POWERTOOLS_SERVICE_NAME", "scrip"),
        **about,
        metric: value,
    }
    print(json.dumps(line, separators=(",", ":")))  # noqa: T201 - Lambda's log is the standard output
    started()  # every request comes by here, also one that asks nothing of AWS


def secret(name: str) -> Mapping[str, Any]:
    """The JSON secret whose id the environment variable ``name`` holds, remembered for five minutes.

    Raises ``Unavailable`` where it cannot be read.
    """
    return _secret(name)


def secret_again(name: str) -> Mapping[str, Any] | None:
    """The same as it is by now, for it may have been changed; None where that was asked less than a minute ago."""
    last = _asked_again().get(name)
    if last is not None and 0 <= now() - last < ASKED_AGAIN_MS:
        return None
    _asked_again()[name] = now()
    return _secret(name, force_fetch=True)


def _secret(name: str, **options: Any) -> Mapping[str, Any]:
    id_ = Settings.value(name)
    with _answering("the secret"):
        return dict(_secrets().get(id_, max_age=SECRET_SECONDS, transform="json", **options))


@cache
def _asked_again() -> dict[str, int]:
    """When each secret was last asked for out of turn."""
    return {}


@cache
def _secrets() -> Any:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    return SecretsProvider(boto3_client=client("secretsmanager"))


def identity_key() -> bytes:
    """The key of identities' hashes. It is made at deploy and never changed: another key would forget every claim."""
    key: str = _secrets().get(Settings.value("SCRIP_IDENTITY_KEY_SECRET_ID"), max_age=SECRET_SECONDS)
    return key.encode()


def enqueue(name: str, message: Mapping[str, Any], *, group: str) -> None:
    """Puts a message into the FIFO queue whose URL the environment variable ``name`` holds.

    Messages of one ``group`` come in order. An equal one within five minutes is dropped, which only saves work; one
    that says more under the same delivery id is not: a provider that tries again sends what it knows by then.

    Raises ``Unavailable`` where the queue does not take it.
    """
    body = json.dumps(message)
    _send(Settings.value(name), body, _hex(group), _hex(body))


def leave(name: str, text: str) -> None:
    """Puts a text into the queue whose URL the environment variable ``name`` holds, where order does not matter.

    Raises ``Unavailable`` where the queue does not take it.
    """
    with _answering("the queue"):
        client("sqs").send_message(QueueUrl=Settings.value(name), MessageBody=text)


def pass_on(delivery: Delivery, delivery_id: str) -> None:
    """Puts what a provider says into the queue of payments, in the order of its payment."""
    from scrip.services.payments import deliveries as intake

    message, group = intake.message(delivery, delivery_id)
    enqueue("SCRIP_PAYMENTS_QUEUE_URL", message, group=group)


def provider(name: str, timeout: float) -> Client | None:
    """A provider's API, each call of it within ``timeout`` seconds; None where no key for it was put into its secret.

    Raises:
        ProviderUnavailable: no client can be made with that key and URL.
    """
    from scrip.providers import clients

    key = secret(f"SCRIP_{name.upper()}_API_KEY_SECRET_ID")["api_key"]
    return (
        clients.client(name, key, Settings.value(f"SCRIP_{name.upper()}_BASE_URL"), timeout) if key else None
    )


def redrive(dead: str, queue: str) -> tuple[int, bool]:
    """Moves messages from a dead-letter queue back into the queue they fell out of, each with its group and body.
    Both are named by the environment variables that hold their URLs.

    A message is deleted there once it is here: it is moved at least once, whatever fails in between.

    Returns: how many were moved, and whether none was left.
    """
    source, target = Settings.value(dead), Settings.value(queue)
    moved = 0
    while moved < REDRIVEN:
        with _answering("the queue"):
            # A second's wait, since an answer at once may come from servers that hold none.
            answer = client("sqs").receive_message(
                QueueUrl=source,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["MessageGroupId"],
            )
        if not answer.get("Messages"):
            return moved, True
        for message in answer["Messages"]:
            group, body = message["Attributes"]["MessageGroupId"], message["Body"]
            # Not the body's own: an equal one may have come within five minutes, and this one would be dropped.
            _send(target, body, group, _hex(message["MessageId"] + body))
            with _answering("the queue"):
                client("sqs").delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved, False


def _send(url: str, body: str, group: str, name: str) -> None:
    with _answering("the queue"):
        client("sqs").send_message(
            QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=name
        )


def _hex(text: str) -> str:
    """Queues take names of 128 letters, and not all of them."""
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _answering(what: str) -> Iterator[None]:
    """Whatever a service of AWS answers but what was asked for is a refusal: later, perhaps."""
    try:
        yield
    except Exception as error:
        raise Unavailable(f"{what} does not answer") from error
