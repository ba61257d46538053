"""What a function has around it: settings, clients, clock, logger. Everything is made on first use, never at import."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

    from scrip.operations.teller import Teller
    from scrip.store.tables import Tables

SECRET_SECONDS: Final = 60
"""How long a secret is remembered: after a rotation the old one is still valid for much longer."""


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
    """This machine's clock, epoch milliseconds."""
    return time.time_ns() // 1_000_000


@cache
def client(service: str) -> Any:
    """The client that ``boto3.client`` makes, made as boto3 makes it, by botocore: importing boto3 itself takes in
    S3 transfers and resources that nothing here uses, a tenth of a cold start (decision 0030).

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
def teller() -> Teller:
    from scrip.operations.teller import Teller

    return Teller(tables())


@cache
def logger() -> Logger:
    """One structured line for what somebody should know of; a request's own line is its metric (see ``door``)."""
    from aws_lambda_powertools import Logger

    return Logger()


def count(metric: str, **about: str) -> None:
    """Counts one of ``metric`` (an alarm may wait for it), with what it is about beside it."""
    _emit(metric, "Count", 1, about)


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
    """The JSON secret whose id the environment variable ``name`` holds, remembered for a minute."""
    value = _secrets().get(Settings.value(name), max_age=SECRET_SECONDS, transform="json")
    return dict(value)


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
    """
    body = json.dumps(message)
    client("sqs").send_message(
        QueueUrl=Settings.value(name),
        MessageBody=body,
        MessageGroupId=hashlib.sha256(group.encode()).hexdigest(),
        MessageDeduplicationId=hashlib.sha256(body.encode()).hexdigest(),
    )
