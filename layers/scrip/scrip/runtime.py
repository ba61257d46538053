"""What a function has around it: settings, clients, clock, logger, secrets, queues.

Everything is made on first use and never at import. It owns no rule of the domain.
"""

from __future__ import annotations

import base64
import gc
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from scrip import invocation
from scrip.domain.credits.errors import Unavailable

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

    from scrip.domain.notifications.outgoing import OutgoingEvent
    from scrip.domain.payments.delivery import Delivery
    from scrip.providers.clients import Client
    from scrip.services.catalogue.jwts import JwtIssuer
    from scrip.services.catalogue.rate_limits import RateLimits
    from scrip.services.engine.executor import Executor
    from scrip.services.events.bus import Bus
    from scrip.services.finance.statement_keys import StatementSigner
    from scrip.services.notifications.dispatches import DispatchTask
    from scrip.services.payments.auto_topup_wakes import KnownAutoTopups
    from scrip.store.api_keys import ApiKeys
    from scrip.store.archive import Archive
    from scrip.store.deliveries import Deliveries
    from scrip.store.letters import SentLetters
    from scrip.store.notifications import Notifications
    from scrip.store.shards import LedgerStream
    from scrip.store.tables import Tables

SECRET_SECONDS: Final = 300
"""How long a secret is remembered. One that is taken away is dead everywhere after it; a new one is found sooner, by
the first signature that it is missing for."""
ASKED_AGAIN_MS: Final = 60_000
"""How often a secret may be asked for out of turn: whoever sends bad signatures must not send us to ask each time."""
REDRIVEN: Final = 1000
"""Messages that one redrive moves at most: some minutes of work; the next one goes on."""


MESSAGES: Final = 10
MESSAGES_BYTES: Final = 256 * 1024
"""Messages that one call to a queue takes, and bytes of all of them: every region takes so many."""
MESSAGE_TRIES: Final = 3
"""How often a queue is asked again that has refused some messages of a call."""

UNSEALED: Final = 200
"""Secrets of endpoints that are remembered: two of each of as many as there may be."""

_SIGNING_KEY: Final = "SCRIP_SIGNING_KEY_SECRET_ID"
USER_AGENT: Final = "scrip"
"""Said to AWS. Without one botocore describes the machine anew with every call, twice: about a tenth of its time."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the template sets for a function. A name that is missing is an error when it is asked for."""

    environment: str
    test_clock: bool
    commit: str | None = None

    @staticmethod
    def value(name: str) -> str:
        """Returns the environment variable ``name``.

        Raises:
            KeyError: the template does not set it.
        """
        return os.environ[name]


GARBAGE: Final = (20_000, 20, 20)
"""Objects that are made until garbage is looked for, and how often until older ones are looked at. A request makes few
cycles; one that follows ten thousand due items makes a hundred thousand objects, and keeps them until it answers."""


@cache
def settings() -> Settings:
    """Reads the settings that every function may have."""
    return Settings(
        environment=os.environ.get("SCRIP_ENVIRONMENT", "dev"),
        test_clock=os.environ.get("SCRIP_TEST_CLOCK", "disabled") == "enabled",
        commit=os.environ.get("SCRIP_COMMIT") or None,
    )


def now() -> int:
    """Returns this machine's clock, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


@cache
def client(service: str) -> Any:
    """Makes the client that ``boto3.client`` would make, by botocore itself.

    Importing boto3 takes in S3 transfers and resources that nothing here uses: a tenth of a cold start (decision
    0024). The client gives up within a function's own time: its caller waits, and may try again under the same key.
    """
    from botocore.config import Config
    from botocore.session import get_session

    config = Config(
        connect_timeout=invocation.CONNECT_SECONDS,
        read_timeout=invocation.READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": invocation.ATTEMPTS},
        max_pool_connections=16,
        parameter_validation=False,
        tcp_keepalive=True,
        user_agent=USER_AGENT,
        # A link to an object that is encrypted with a key of KMS must be signed so.
        signature_version="s3v4" if service == "s3" else None,
    )
    session = get_session()
    if service == "dynamodb":
        from scrip.store.parser import ItemParsers

        session.register_component("response_parser_factory", ItemParsers())
    made = session.create_client(service, config=config)
    made.meta.events.register_first("before-send", invocation.no_late_retry)
    started()
    return made


def started() -> None:
    """Exempts what the cold start made from garbage collection, and turns collection on for what comes after it."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    gc.set_threshold(*GARBAGE)


@cache
def tables() -> Tables:
    """Makes the wallets table and the ledger table of the deployment."""
    from scrip.store.tables import Tables

    return Tables(
        client("dynamodb"), Settings.value("SCRIP_WALLETS_TABLE"), Settings.value("SCRIP_LEDGER_TABLE")
    )


@cache
def deliveries() -> Deliveries:
    """Makes the deliveries table of the deployment."""
    from scrip.store.deliveries import Deliveries

    return Deliveries(client("dynamodb"), Settings.value("SCRIP_DELIVERIES_TABLE"))


@cache
def notifications() -> Notifications:
    """Makes the notifications table of the deployment."""
    from scrip.store.notifications import Notifications

    return Notifications(client("dynamodb"), Settings.value("SCRIP_NOTIFICATIONS_TABLE"))


@cache
def sent_letters() -> SentLetters:
    """Makes the letters that were sent, as the notifications table of the deployment knows them."""
    from scrip.store.letters import SentLetters

    return SentLetters(client("dynamodb"), Settings.value("SCRIP_NOTIFICATIONS_TABLE"))


@cache
def stream() -> LedgerStream:
    """Makes the ledger's stream of the deployment."""
    from scrip.store.shards import LedgerStream

    return LedgerStream(client("dynamodbstreams"), Settings.value("SCRIP_LEDGER_STREAM_ARN"))


@cache
def archive() -> Archive:
    """Makes the archive of the deployment."""
    from scrip.store.archive import Archive

    return Archive(client("s3"), Settings.value("SCRIP_ARCHIVE_BUCKET"))


@cache
def bus() -> Bus:
    """Makes the bus of the deployment."""
    from scrip.services.events.bus import Bus

    source = f"/scrip/{Settings.value('SCRIP_STACK')}"
    return Bus(client("events"), Settings.value("SCRIP_EVENT_BUS"), source)


def burns_have_events() -> bool:
    """Returns whether each burn is an event on the bus: unless the template's parameter says that none is."""
    return os.environ.get("SCRIP_BURN_EVENTS") != "disabled"


@cache
def known_auto_topups() -> KnownAutoTopups:
    """Makes what is remembered of which wallets have an automatic top-up."""
    from scrip.services.payments.auto_topup_wakes import KnownAutoTopups

    return KnownAutoTopups(lambda: now())


@cache
def api_keys() -> ApiKeys:
    """Makes the keys table of the deployment."""
    from scrip.store.api_keys import ApiKeys

    return ApiKeys(client("dynamodb"), Settings.value("SCRIP_KEYS_TABLE"))


@cache
def jwt_issuer() -> JwtIssuer | None:
    """Makes the issuer of JSON Web Tokens; returns None where the deployment has none."""
    issuer = Settings.value("SCRIP_JWT_ISSUER")
    if not issuer:
        return None
    from scrip.services.catalogue.jwts import JwtIssuer

    return JwtIssuer(issuer, Settings.value("SCRIP_JWT_AUDIENCE"))


@cache
def rate_limits() -> RateLimits:
    """Makes the limits of requests, as this environment has taken them."""
    from scrip.services.catalogue.rate_limits import RateLimits

    return RateLimits(api_keys(), now)


@cache
def executor() -> Executor:
    """Makes the executor over the wallets table and the ledger table."""
    from scrip.services.engine.executor import Executor

    return Executor(
        tables(), in_time=invocation.in_time, skewed=skewed, shared=shared_providers(), now=lambda: now()
    )


def shared_providers() -> frozenset[str]:
    """Returns the payment providers whose account others use too; none where the template does not say."""
    return frozenset(os.environ.get("SCRIP_SHARED_PROVIDERS", "").split(",")) - {""}


def skewed(milliseconds: int) -> None:
    """Counts a wallet that is ahead of this machine's clock by so much that a clock must be broken.

    Where the test clock is enabled it may set wallets ahead, and nothing is wrong.
    """
    if not settings().test_clock:
        count("ClockSkew", detail=f"a wallet is {milliseconds} ms ahead of this machine's clock")


@cache
def logger() -> Logger:
    """Makes the logger. It is for what an operator should know of; a request's own line is its metric."""
    from aws_lambda_powertools import Logger

    return Logger()


def count(metric: str, **about: str) -> None:
    """Counts one of ``metric``, for which an alarm may wait, with what it is about beside it."""
    measure(metric, 1, **about)


@contextmanager
def telling(message_id: str) -> Iterator[None]:
    """Counts a queue's message that fails, and gives the reason. Otherwise the batch would hide it.

    Errors name members and not their values, so the line holds no personal data.

    Raises:
        Whatever the body raises.
    """
    try:
        yield
    except Exception as error:
        count("MessageFailed", message_id=message_id, error=f"{type(error).__name__}: {error}")
        raise


def measure(metric: str, number: int, **about: str) -> None:
    """Writes how many of ``metric`` there are, zero included, with what it is about beside it."""
    _emit(metric, "Count", number, about)


def took(metric: str, milliseconds: float, about: Mapping[str, Any]) -> None:
    """Writes how many milliseconds something took, with what it is about beside it."""
    _emit(metric, "Milliseconds", round(milliseconds, 1), about)


def _emit(metric: str, unit: str, value: float, about: Mapping[str, Any]) -> None:
    """Prints a line in CloudWatch's embedded metric format, with the service as its dimension.

    It is one dict, so it is made here: Powertools' ``single_metric`` takes 0.06 ms for it instead of 0.02, and has
    to be imported in every cold start.

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
    """Returns the JSON secret whose id the environment variable ``name`` holds, at most five minutes old.

    Raises:
        Unavailable: it cannot be read.
    """
    return _secret(name)


def secret_again(name: str) -> Mapping[str, Any] | None:
    """Reads a secret again before it is five minutes old, since it may have been changed.

    Returns None where it was read so less than a minute ago.

    Raises:
        Unavailable: it cannot be read.
    """
    last = _asked_again().get(name)
    if last is not None and 0 <= now() - last < ASKED_AGAIN_MS:
        return None
    _asked_again()[name] = now()
    return _secret(name, force_fetch=True)


def _secret(name: str, **options: Any) -> Mapping[str, Any]:
    """Reads the secret that the variable names, from memory where it is young enough."""
    id_ = Settings.value(name)
    with _answering("the secret"):
        return dict(_secrets().get(id_, max_age=SECRET_SECONDS, transform="json", **options))


@cache
def _asked_again() -> dict[str, int]:
    """Returns, by variable, when each secret was last read before its time, in epoch milliseconds."""
    return {}


@cache
def _secrets() -> Any:
    """Makes the provider of secrets, with our own client."""
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    return SecretsProvider(boto3_client=client("secretsmanager"))


def identity_key() -> bytes:
    """Returns the key under which identities are hashed.

    It is made at deploy and never changed: under another key no claim would be found again.
    """
    key: str = _secrets().get(Settings.value("SCRIP_IDENTITY_KEY_SECRET_ID"), max_age=SECRET_SECONDS)
    return key.encode()


def signing_key() -> bytes:
    """Returns the key that signs what leaves and comes back: links in letters, and quotes.

    Each begins what it signs with a name of its own. Under another key the links of letters before lead nowhere.
    """
    key: str = _secrets().get(Settings.value(_SIGNING_KEY), max_age=SECRET_SECONDS)
    return key.encode()


def signing_keys() -> Iterator[bytes]:
    """Yields the keys that something may be signed with, the present one first.

    That is as it is remembered, and then as it is now; and the one before it, so that what was signed right before a
    rotation is still believed. Nothing is asked of AWS for what the first one signed, where that is known.

    Raises:
        Unavailable: they cannot be read.
    """
    yield signing_key()
    last = _asked_again().get(_SIGNING_KEY)
    if last is None or not 0 <= now() - last < ASKED_AGAIN_MS:
        _asked_again()[_SIGNING_KEY] = now()
        with _answering("the secret"):
            key: str = _secrets().get(Settings.value(_SIGNING_KEY), max_age=SECRET_SECONDS, force_fetch=True)
            _earlier_keys()[_SIGNING_KEY] = _earlier(Settings.value(_SIGNING_KEY))
        yield key.encode()
    if earlier := _earlier_keys().get(_SIGNING_KEY):
        yield earlier.encode()


def _earlier(secret_id: str) -> str | None:
    """Reads what a secret was before it was put last; None where it was put but once."""
    secrets = client("secretsmanager")
    try:
        found: str = secrets.get_secret_value(SecretId=secret_id, VersionStage="AWSPREVIOUS")["SecretString"]
    except secrets.exceptions.ResourceNotFoundException:
        return None
    return found


@cache
def _earlier_keys() -> dict[str, str | None]:
    """Returns, by variable, what a secret was before, as it was read last."""
    return {}


def enqueue(name: str, message: Mapping[str, Any], *, group: str) -> None:
    """Puts a message into the FIFO queue whose URL the environment variable ``name`` holds.

    Messages of one ``group`` come in order. An equal message within five minutes is dropped, which only saves work.
    A message that says more under the same delivery id is not equal: a provider that tries again sends what it knows
    by then.

    Raises:
        Unavailable: the queue does not take it.
    """
    body = json.dumps(message)
    _send(Settings.value(name), body, _hex(group), _hex(body))


def leave(name: str, text: str, **about: str) -> None:
    """Puts a text into the standard queue whose URL the environment variable ``name`` holds, with what it is about.

    Raises:
        Unavailable: the queue does not take it.
    """
    said = {
        attribute: {"DataType": "String", "StringValue": value} for attribute, value in about.items() if value
    }
    with _answering("the queue"):
        client("sqs").send_message(QueueUrl=Settings.value(name), MessageBody=text, MessageAttributes=said)


def leave_together(name: str, texts: Sequence[str]) -> None:
    """Puts texts into the standard queue whose URL the environment variable ``name`` holds, several by one call.

    Raises:
        Unavailable: the queue does not take all of them.
    """
    url, waiting, tries = Settings.value(name), list(texts), 0
    while waiting:
        call: list[str] = []
        while waiting and len(call) < MESSAGES and (not call or _size([*call, waiting[0]]) <= MESSAGES_BYTES):
            call.append(waiting.pop(0))
        entries = [{"Id": str(number), "MessageBody": text} for number, text in enumerate(call)]
        with _answering("the queue"):
            answer = client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
        refused = [call[int(one["Id"])] for one in answer.get("Failed", ())]
        tries += bool(refused)
        if tries > MESSAGE_TRIES:
            raise Unavailable("the queue does not take all of it")
        waiting += refused


def waiting_in(name: str) -> int:
    """Returns about how many messages wait in the queue whose URL the environment variable ``name`` holds.

    Raises:
        Unavailable: the queue does not answer.
    """
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    with _answering("the queue"):
        answer = client("sqs").get_queue_attributes(QueueUrl=Settings.value(name), AttributeNames=counts)
    return sum(int(answer["Attributes"][one]) for one in counts)


def queue_usage(messages: Sequence[str]) -> None:
    """Puts messages with events of usage into their queue.

    Raises:
        Unavailable: the queue does not take all of them.
    """
    leave_together("SCRIP_USAGE_QUEUE_URL", messages)


def leave_all(name: str, messages: Sequence[Mapping[str, Any]], seconds: int = 0) -> None:
    """Puts messages into the standard queue whose URL the environment variable ``name`` holds, to come after so long.

    Raises:
        Unavailable: the queue does not take one of them; those before it are in it.
    """
    for message in messages:
        with _answering("the queue"):
            client("sqs").send_message(
                QueueUrl=Settings.value(name), MessageBody=json.dumps(message), DelaySeconds=seconds
            )


def bring_again(name: str, receipt: str, seconds: int) -> None:
    """Has a queue bring a message again after so long, and not after the time that its consumer may take.

    A queue that does not answer brings it after that time.
    """
    with suppress(Unavailable), _answering("the queue"):
        client("sqs").change_message_visibility(
            QueueUrl=Settings.value(name), ReceiptHandle=receipt, VisibilityTimeout=seconds
        )


def queue_tries(tasks: Sequence[DispatchTask], seconds: int = 0) -> None:
    """Queues tries of what is on its way to endpoints, to come after so long.

    Raises:
        Unavailable: the queue does not take all of them.
    """
    leave_all("SCRIP_WEBHOOKS_OUT_QUEUE_URL", [task.to_json() for task in tasks], seconds)


def seal(text: str, endpoint_id: str) -> str:
    """Encrypts a secret of an endpoint, under the key of which only the sender may use the other half.

    Raises:
        Unavailable: KMS does not answer.
    """
    with _answering("the key of secrets"):
        answer = client("kms").encrypt(
            KeyId=Settings.value("SCRIP_ENDPOINTS_KEY_ID"),
            Plaintext=text.encode(),
            EncryptionContext={"endpoint": endpoint_id},
        )
    return base64.b64encode(answer["CiphertextBlob"]).decode("ascii")


@lru_cache(maxsize=UNSEALED)
def unseal(sealed: str, endpoint_id: str) -> str:
    """Decrypts a secret of an endpoint; what this environment has decrypted it remembers.

    Raises:
        Unavailable: KMS does not answer, or refuses.
    """
    with _answering("the key of secrets"):
        answer = client("kms").decrypt(
            CiphertextBlob=base64.b64decode(sealed), EncryptionContext={"endpoint": endpoint_id}
        )
    text: bytes = answer["Plaintext"]
    return text.decode()


@cache
def statement_signer() -> StatementSigner:
    """Makes what signs statements: a key of KMS, of which nothing but the public half is known here.

    Raises:
        Unavailable: KMS does not answer, or refuses.
    """
    from scrip.domain.finance.statements import raw_key
    from scrip.services.finance.statement_keys import StatementSigner

    name = Settings.value("SCRIP_STATEMENTS_KEY_ID")

    def sign(line: bytes) -> bytes:
        with _answering("the key of statements"):
            # Ed25519 hashes for itself: KMS takes the message as it is, and no digest of it.
            answer = client("kms").sign(
                KeyId=name, Message=line, MessageType="RAW", SigningAlgorithm="ED25519_SHA_512"
            )
        signature: bytes = answer["Signature"]
        return signature

    with _answering("the key of statements"):
        answer = client("kms").get_public_key(KeyId=name)
    return StatementSigner(raw_key(answer["PublicKey"]), sign)


def pass_on(delivery: Delivery, delivery_id: str, at: int | None = None) -> None:
    """Puts what a provider said into the queue of payments, in the order of its payment.

    ``at`` is the test clock's instant, where it is to be applied as at that.

    Raises:
        Unavailable: the queue does not take it.
    """
    from scrip.services.payments import deliveries as intake

    message, group = intake.message(delivery, delivery_id, at)
    enqueue("SCRIP_PAYMENTS_QUEUE_URL", message, group=group)


def notice_arrived(event: OutgoingEvent, channel: str, to: str, at: int) -> None:
    """Says in the queue of notices that the notice which an event tells has arrived; of any other event, nothing.

    ``at`` is when, epoch milliseconds; ``to`` an endpoint's id, or ``profile``.

    Raises:
        Unavailable: the queue does not take it.
    """
    from scrip.services.notifications import tries

    notice = tries.notice_of(event)
    if notice:
        said = {**notice, "channel": channel, "to": to, "status": "delivered", "at": at}
        leave("SCRIP_NOTICES_QUEUE_URL", json.dumps(said))


def provider(name: str, timeout: float) -> Client | None:
    """Makes the client of a provider's API; returns None where the provider's secret has no key.

    Each call of the client takes at most ``timeout`` seconds.

    Raises:
        ProviderUnavailable: no client can be made with that key and URL.
    """
    from scrip.providers import clients

    key = secret(f"SCRIP_{name.upper()}_API_KEY_SECRET_ID")["api_key"]
    return (
        clients.client(name, key, Settings.value(f"SCRIP_{name.upper()}_BASE_URL"), timeout) if key else None
    )


def redrive(dead: str, queue: str) -> tuple[int, bool]:
    """Moves messages from a dead-letter queue back into the queue they came from, each with its group and body.

    Both arguments are environment variables that hold the queues' URLs. A message is deleted there only after it was
    sent here: it is moved at least once, whatever fails in between.

    Returns how many were moved (at most ``REDRIVEN``), and whether none was left.

    Raises:
        Unavailable: a queue does not answer.
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
    """Sends one message to a FIFO queue; ``name`` is its deduplication id."""
    with _answering("the queue"):
        client("sqs").send_message(
            QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=name
        )


def _size(texts: Sequence[str]) -> int:
    """Returns the bytes of texts."""
    return sum(len(text.encode()) for text in texts)


def _hex(text: str) -> str:
    """Hashes a text into a name that a queue takes: they allow 128 characters, and not all of them."""
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _answering(what: str) -> Iterator[None]:
    """Turns any error of a service of AWS into ``Unavailable``, so that the caller may try again."""
    try:
        yield
    except Exception as error:
        raise Unavailable(f"{what} does not answer") from error
