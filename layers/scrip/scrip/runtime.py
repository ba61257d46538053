"""What a function has around it: settings, clients, clock, logger. Everything is made on first use, never at import."""

from __future__ import annotations

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
    from scrip.payments.clients import Client
    from scrip.payments.facts import Delivery
    from scrip.store.tables import Tables

SECRET_SECONDS: Final = 60
"""How long a secret is remembered: after a rotation the old one is still valid for much longer."""


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
    """A boto3 client that gives up early, within a function's own ten seconds: a caller waits behind it, and may try
    again under the same key."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=1,
        read_timeout=3,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=16,
        parameter_validation=False,
        tcp_keepalive=True,
    )
    return boto3.client(service, config=config)  # type: ignore[call-overload]


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
    measure(metric, 1, **about)


def measure(metric: str, number: int, **about: str) -> None:
    """Says how many of ``metric`` there are, none included, with what it is about beside it."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    with single_metric(name=metric, unit=MetricUnit.Count, value=number, namespace="Scrip") as line:
        for name, value in about.items():
            line.add_metadata(name, value)


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


def pass_on(delivery: Delivery, delivery_id: str) -> None:
    """Puts what a provider says into the queue of payments, in the order of its payment."""
    message = {"delivery_id": delivery_id, "delivery": delivery.to_dict()}
    group = f"{delivery.provider}:{delivery.payment_id or delivery_id}"
    enqueue("SCRIP_PAYMENTS_QUEUE_URL", message, group=group)


def provider(name: str, timeout: float) -> Client | None:
    """A provider's API, each call of it within ``timeout`` seconds; None where no key for it was put into its secret.

    Raises:
        ProviderUnavailable: no client can be made with that key and URL.
    """
    from scrip.payments import clients

    key = secret(f"SCRIP_{name.upper()}_API_KEY_SECRET_ID")["api_key"]
    return (
        clients.client(name, key, Settings.value(f"SCRIP_{name.upper()}_BASE_URL"), timeout) if key else None
    )
