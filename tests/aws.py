"""Scrip in this process: the template's tables, queue and secrets on moto, and its functions called as the gateway
would call them. moto proves nothing about concurrency; tests/stack does that."""

from __future__ import annotations

import base64
import importlib.util
import json
import logging
import os
import re
import shutil
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial, wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.hooks import HierarchicalEmitter
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs import models as sqs_models

from local.standins.dodo import Provider
from openapi.document import PAGES
from scrip import runtime
from scrip.domain.credits import ids
from scrip.http.edge.parameters import Query, make_cursor
from scrip.services.engine.executor import Executor
from scrip.services.notifications import calls
from scrip.services.verification import wallets
from scrip.store import keys
from simulation.bus import Bus
from simulation.dynamodb import Dynamo
from simulation.stream import ARN
from simulation.wire import CALLS, OPERATION
from simulation.world import TABLES
from tests import kms, moto_calls, reads, rights
from tests.described import Described, DescribedEvents
from tests.signing import SIGN

ROOT: Final = Path(__file__).parents[1]
REGION: Final = "eu-west-1"
WEBHOOK_SECRET: Final = "whsec_" + base64.b64encode(b"tests sign with this, 32 bytes!!").decode()
"""Of every provider: each scheme can make a key of it."""
PROVIDER_KEY: Final = "test_key"
STATEMENTS_SEED: Final = b"statements are signed with this."
"""The private half of the key of statements."""
NOBODY: Final = "http://127.0.0.1:9"
"""Where no provider listens."""
BUCKET: Final = "archive"
"""Of the archive."""
WIPE_AFTER: Final = 150
"""Transactions after which the tables are made anew: moto copies a whole table for each item it writes."""

NEW_YEAR: Final = "2030-01-01T00:00:00.000Z"
NEXT_DAY: Final = "2030-01-02T00:00:00.000Z"

Json = dict[str, Any]
MAX_ANSWER: Final = 6 * 1024 * 1024
"""Bytes of the largest answer that Lambda passes on; a larger one is a 500 of the gateway."""


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's tags, ``!Ref x`` as ``{"Ref": "x"}``."""


def _tagged(loader: yaml.CSafeLoader, tag: str, node: yaml.Node) -> Json:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {tag: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tagged)


def table_on_demand(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What ``CreateTable`` is asked for, of a table of the template: its keys and indexes, without what the template's
    parameters say of its capacity."""
    indexes = [
        {part: index[part] for part in ("IndexName", "KeySchema", "Projection")}
        for index in properties.get("GlobalSecondaryIndexes", [])
    ]
    return {
        "AttributeDefinitions": properties["AttributeDefinitions"],
        "KeySchema": properties["KeySchema"],
        "BillingMode": "PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    }


@cache
def template() -> Json:
    """template.yaml as plain values. Nobody changes them."""
    text = (ROOT / "template.yaml").read_text()
    document: Json = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, with tags
    return document


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the API: its key, a pattern of its paths, the folder of the function that answers."""

    key: str
    method: str
    pattern: re.Pattern[str]
    function: str
    open: bool


@cache
def routes() -> Sequence[Route]:
    """Every route of the template."""
    resources, found = template()["Resources"], []
    for resource in resources.values():
        if resource["Type"] != "AWS::ApiGatewayV2::Route":
            continue
        key = resource["Properties"]["RouteKey"]
        if key == "$default":  # what no route takes
            continue
        integration = resource["Properties"]["Target"]["Sub"].removeprefix("integrations/${").rstrip("}")
        uri = resources[integration]["Properties"]["IntegrationUri"]["GetAtt"]
        code = resources[uri.partition(".")[0]]["Properties"]["CodeUri"]
        method, _, path = key.partition(" ")
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]*)", path))
        open_ = resource["Properties"]["AuthorizationType"] == "NONE"
        found.append(Route(key, method, pattern, Path(code).name, open_))
    return found


_HANDLERS: dict[str, Any] = {}


def function(name: str) -> Any:
    """The module functions/<name>/app.py, under a name of its own: on Lambda all of them are called ``app``."""
    if name not in _HANDLERS:
        spec = importlib.util.spec_from_file_location(
            f"functions.{name}.app", ROOT / "functions" / name / "app.py"
        )
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        vars(module)["handler"] = _held(name, module.handler)
        _HANDLERS[name] = module
    return _HANDLERS[name]


def _held(name: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler, what it writes held to the rights of its function."""

    @wraps(handler)
    def call(event: Any, context: Any) -> Any:
        with rights.acting(f"{name.title().replace('_', '')}Function"):
            return handler(event, context)

    return call


@dataclass(frozen=True, slots=True)
class Key:
    """Who calls, as the authorizer says it. ``scope``: one scope, or several with spaces between them."""

    scope: str = "admin"
    account: str = ""
    key_id: str = "k1"
    more: Mapping[str, str] = field(default_factory=dict)


ADMIN = Key()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller is answered."""

    status: int
    body: Any
    headers: Mapping[str, str]
    text: str = ""

    @property
    def replayed(self) -> bool:
        return self.headers.get("idempotent-replay") == "true"

    @property
    def code(self) -> str:
        """The problem's code; empty where there is no problem."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    @property
    def fields(self) -> list[str]:
        """The fields that an ``invalid_request`` names."""
        return [error["field"] for error in self.body.get("errors", [])]

    @property
    def balance(self) -> Any:
        return self.body["balance"]


class Context:
    """As much of Lambda's context as handlers ask for: the time that is left, call by call."""

    function_name = "tests"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:tests"
    aws_request_id = "r1"

    def __init__(self, *left: int) -> None:
        self._left = list(left)

    def get_remaining_time_in_millis(self) -> int:
        return self._left.pop(0) if self._left else 300_000


def lot_of(account: str, number: int, unit: str = "credits") -> str:
    """The id of the lot that the wallet's entry of this number made."""
    return ids.lot_id(account, unit, number)


def hold_of(account: str, number: int, unit: str = "credits") -> str:
    """The id of the hold that the wallet's entry of this number placed."""
    return ids.hold_id(account, unit, number)


def spelled(path: str, unit: str = "credits") -> str:
    """A path under an account in which "lot_1", "hold_2", "s.3" and "k.key" stand for that lot, hold and entry.

    They are those of the account's wallet in the unit.
    """
    start, account = re.match(r"/v1/accounts/([^/]*)|", path).group(0, 1)  # type: ignore[union-attr]
    if not account:
        return path

    def whole(found: re.Match[str]) -> str:
        kind, name = found.groups()
        if kind == "k.":
            return ids.key_entry_id(account, unit, name)
        if not re.fullmatch("[1-9][0-9]*", name):
            return found[0]
        made = {"lot_": ids.lot_id, "hold_": ids.hold_id, "s.": ids.time_entry_id}[kind]
        return made(account, unit, int(name))

    return start + re.sub(r"(?<=/)(lot_|hold_|s[.]|k[.])([A-Za-z0-9-]+)(?=/|$)", whole, path[len(start) :])


def short(id_: str) -> str:
    """``lot_1`` of a lot's id, whatever its wallet; a hold's the same."""
    match = re.fullmatch(r"(lot|hold)_.{12}_([0-9]+)", id_)
    assert match, id_
    return f"{match[1]}_{match[2]}"


def event(
    method: str,
    path: str,
    *,
    body: Any = None,
    raw: str | None = None,
    base64_encoded: bool = False,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    caller: Key | None = ADMIN,
    content_type: str | None = "application/json",
) -> Json:
    """An event of an HTTP API, payload format 2.0. ``body`` is sent as JSON, ``raw`` as it is."""
    route, parameters = find_route(method, path)
    text = json.dumps(body, ensure_ascii=False) if body is not None else raw
    sent = {"host": "api.example.test", "user-agent": "tests", **(headers or {})}
    if text is not None and content_type is not None:
        sent["content-type"] = content_type
    made: Json = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": sent,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1",
            "domainName": "api.example.test",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "tests",
            },
            "requestId": "r1",
            "routeKey": route.key,
            "stage": "$default",
            "time": "23/Nov/2026:10:00:00 +0000",
            "timeEpoch": 1795428000000,
        },
        "isBase64Encoded": base64_encoded,
    }
    if query:
        made["queryStringParameters"] = dict(query)
    if parameters:
        made["pathParameters"] = parameters
    if text is not None:
        made["body"] = text
    if caller is not None and not route.open:
        made["requestContext"]["authorizer"] = {
            "lambda": {
                "key_id": caller.key_id,
                "scopes": caller.scope,
                "account": caller.account,
                **caller.more,
            }
        }
    return made


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route that the gateway takes, and the path's parameters as it passes them: decoded."""
    for route in routes():
        match = route.pattern.fullmatch(path)
        if route.method == method and match:
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    raise LookupError(f"{method} {path} has no route")


def cursor_in(path: str, query: Mapping[str, str], *place: Any) -> str:
    """The cursor of a place in a list, as the list with these filters gives it."""
    route, given = find_route("GET", path)
    asked = Query(urlencode(query), query, tuple(query), json.dumps([route.key, given]))
    return str(asked.bind(make_cursor(*place)))


@dataclass(slots=True)
class Call:
    """One call to AWS: the operation's name and its parameters."""

    name: str
    params: Json = field(default_factory=dict)

    @property
    def items(self) -> list[str]:
        """A transaction's items: what is done, in which table, at which sort key."""
        found = []
        for item in self.params["TransactItems"]:
            ((verb, what),) = item.items()
            place = what.get("Item") or what["Key"]
            kind = re.sub(r"^([ks])\..*", r"\1", place["sk"]["S"]).partition("#")[0]
            found.append(f"{verb} {what['TableName']} {kind}")
        return found


WRITES: Final = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"})


def _events(told: Any) -> bool:
    """Whether a body is one of CloudEvents, as the contract has it."""
    events = told.get("events", []) if isinstance(told, dict) else []
    return bool(events) and all("specversion" in one for one in events)


class Deployment:
    """A deployed Scrip. Its answers come straight from the functions' handlers."""

    def __init__(self, provider_url: str = NOBODY, stripe_url: str = NOBODY) -> None:
        self.definitions = template()["Resources"]
        self.dynamodb = boto3.client("dynamodb")
        self.sqs = boto3.client("sqs")
        self.secrets = boto3.client("secretsmanager")
        self.s3 = boto3.client("s3")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self._written = 0
        self.make_tables()
        self.dead_url, dead_arn = self._queue("PaymentsDeadLetterQueue", {})
        redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 5})
        self.queue_url, self.queue_arn = self._queue("PaymentsQueue", {"RedrivePolicy": redrive})
        self.evidence_url, self.evidence_arn = self._queue("EvidenceQueue", {})
        self.inquiries_url, self.inquiries_arn = self._queue("InquiriesQueue", {})
        self.events_url, self.events_arn = self._queue("EventsQueue", {})
        self.replays_url, self.replays_arn = self._queue("ReplaysQueue", {})
        self.notices_url, self.notices_arn = self._queue("NoticesQueue", {})
        self.out_url, self.out_arn = self._queue("WebhooksOutQueue", {})
        self.usage_dead_url, usage_dead = self._queue("UsageDeadLetterQueue", {})
        redrive = json.dumps({"deadLetterTargetArn": usage_dead, "maxReceiveCount": 5})
        self.usage_url, self.usage_arn = self._queue("UsageQueue", {"RedrivePolicy": redrive})
        self.auto_topups_url, self.auto_topups_arn = self._queue("AutoTopupsQueue", {})
        self.reports_url, self.reports_arn = self._queue("ReportsQueue", {})
        self.archive_dead_url, _ = self._queue("ArchiveDeadLetterQueue", {})
        self.bus = Bus(heard=DescribedEvents.committed().check)
        """Takes what is published, in the place of moto's."""
        self._put_secrets: set[str] = set()
        self.webhook_secret_ids = {
            name: self.secret(f"{name}-webhooks", {"webhook_secrets": [WEBHOOK_SECRET]}) for name in SIGN
        }
        key_id = self.secret("api-key", {"api_key": PROVIDER_KEY})
        self.environment = {
            "SCRIP_WALLETS_TABLE": "wallets",
            "SCRIP_LEDGER_TABLE": "ledger",
            "SCRIP_LEDGER_STREAM_ARN": ARN,
            "SCRIP_KEYS_TABLE": "keys",
            "SCRIP_JWT_ISSUER": "",
            "SCRIP_JWT_AUDIENCE": "",
            "SCRIP_ENVIRONMENT": "dev",
            "SCRIP_TEST_CLOCK": "enabled",
            "SCRIP_PAYMENTS_QUEUE_URL": self.queue_url,
            "SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL": self.dead_url,
            "SCRIP_INQUIRIES_QUEUE_URL": self.inquiries_url,
            "SCRIP_EVIDENCE_QUEUE_URL": self.evidence_url,
            "SCRIP_AUTO_TOPUPS_QUEUE_URL": self.auto_topups_url,
            "SCRIP_USAGE_QUEUE_URL": self.usage_url,
            "SCRIP_USAGE_DEAD_LETTER_QUEUE_URL": self.usage_dead_url,
            "SCRIP_REPORTS_QUEUE_URL": self.reports_url,
            "SCRIP_ARCHIVE_DEAD_LETTER_QUEUE_URL": self.archive_dead_url,
            "SCRIP_EVENT_BUS": "bus",
            "SCRIP_ARCHIVE_BUCKET": BUCKET,
            "SCRIP_STACK": "tests",
            "SCRIP_BURN_EVENTS": "enabled",
            "SCRIP_RECONCILIATION_DAYS": "1",
            "SCRIP_NOTIFICATIONS_TABLE": "notifications",
            "SCRIP_REPLAYS_QUEUE_URL": self.replays_url,
            "SCRIP_WEBHOOKS_OUT_QUEUE_URL": self.out_url,
            "SCRIP_NOTICES_QUEUE_URL": self.notices_url,
            "SCRIP_ENDPOINTS_KEY_ID": boto3.client("kms").create_key()["KeyMetadata"]["KeyId"],
            "SCRIP_STATEMENTS_KEY_ID": kms.make_key(STATEMENTS_SEED, REGION),
            "SCRIP_DELIVERIES_TABLE": "deliveries",
            "SCRIP_DELIVERY_RETENTION_DAYS": "30",
            **{
                f"SCRIP_{name.upper()}_WEBHOOK_SECRET_ID": id_
                for name, id_ in self.webhook_secret_ids.items()
            },
            **{f"SCRIP_{name.upper()}_OURS": "" for name in SIGN},
            "SCRIP_IDENTITY_KEY_SECRET_ID": self.secret("identity", "k" * 64),
            "SCRIP_SIGNING_KEY_SECRET_ID": self.secret("mail", "m" * 64),
            "SCRIP_EMAIL_FROM": "",
            "SCRIP_PUBLIC_URL": "https://scrip.example.com",
            "SCRIP_DODO_API_KEY_SECRET_ID": key_id,
            "SCRIP_DODO_BASE_URL": provider_url,
            "SCRIP_STRIPE_API_KEY_SECRET_ID": key_id,
            "SCRIP_STRIPE_BASE_URL": stripe_url,
            "POWERTOOLS_METRICS_NAMESPACE": "Scrip",
            "POWERTOOLS_SERVICE_NAME": "tests",
        }

    # Tables, queue, secrets, as the template defines them

    def make_tables(self) -> None:
        """Every table, empty."""
        self._written = 0
        made = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
        for name in ("Wallets", "Ledger", "Keys", "Deliveries", "Notifications"):
            if name.lower() in made:
                made[name.lower()].items = defaultdict(dict)
            else:
                wanted: Any = table_on_demand(self.definitions[f"{name}Table"]["Properties"])
                self.dynamodb.create_table(TableName=name.lower(), **wanted)
        self.empty_archive()

    def _queue(self, name: str, more: Mapping[str, str]) -> tuple[str, str]:
        wanted = {
            option: str(value).lower() if isinstance(value, bool) else str(value)
            for option, value in self.definitions[name]["Properties"].items()
            if option != "RedrivePolicy"
        }
        suffix = ".fifo" if "FifoQueue" in wanted else ""
        url = self.sqs.create_queue(QueueName=f"{name}{suffix}", Attributes={**wanted, **more})["QueueUrl"]  # type: ignore[dict-item]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    def secret(self, name: str, value: Any) -> str:
        text = value if isinstance(value, str) else json.dumps(value)
        return self.secrets.create_secret(Name=name, SecretString=text)["ARN"]

    def put_secrets(self, provider: str, secrets: Any) -> None:
        """What the provider's webhooks may be signed with from now on; a warm function may not know it yet."""
        self.put_secret_text(provider, json.dumps({"webhook_secrets": secrets}))

    def put_secret_text(self, provider: str, text: str) -> None:
        """The text of the secret that has them, whatever that is."""
        self._put_secrets.add(provider)
        self.secrets.put_secret_value(SecretId=self.webhook_secret_ids[provider], SecretString=text)

    def put_back_secrets(self) -> None:
        """Has all webhooks signed with what they are signed with at first."""
        for provider in [*self._put_secrets]:
            self.put_secrets(provider, [WEBHOOK_SECRET])
        self._put_secrets.clear()

    # Requests

    def send(self, method: str, path: str, **request: Any) -> Answer:
        """One request; see ``event``. ``key`` is its Idempotency-Key, ``clock`` the test clock.

        The path is ``spelled``.
        """
        said = request.get("query") or request.get("body") or {}
        unit = said.get("unit") if isinstance(said, dict) else None
        path = spelled(path, unit if isinstance(unit, str) else "credits")
        headers = dict(request.pop("headers", {}))
        if (key := request.pop("key", None)) is not None:
            headers["idempotency-key"] = key
        if (clock := request.pop("clock", None)) is not None:
            headers["scrip-test-clock"] = clock
        context = request.pop("context", None)
        return self.invoke(event(method, path, headers=headers, **request), context)

    def invoke(self, sent: Json, context: Context | None = None) -> Answer:
        """The answer to an event of the gateway."""
        method, _, _ = sent["routeKey"].partition(" ")
        name = next(route.function for route in routes() if route.key == sent["routeKey"])
        sent = json.loads(json.dumps(sent))
        reply = json.loads(json.dumps(function(name).handler(sent, context or Context())))
        text = reply.get("body", "")
        assert len(json.dumps(reply, ensure_ascii=False).encode("utf-8")) < MAX_ANSWER
        if method != "GET":
            self._written += 1
        headers = {name.lower(): value for name, value in reply.get("headers", {}).items()}
        body = (
            text
            if headers.get("content-type", "").startswith("text/")
            else json.loads(text)
            if text
            else None
        )
        answer = Answer(reply["statusCode"], body, headers, text)
        self._described(sent, answer)
        return answer

    @staticmethod
    def _described(sent: Json, answer: Answer) -> None:
        """Asserts that docs/openapi.json describes this answer, and the body that was taken; pages are not in it."""
        document, route = Described.committed(), sent["routeKey"]
        if route in PAGES:
            return
        document.answer(route, answer.status, answer.headers, answer.body)
        kind = sent["headers"].get("content-type", "")
        if answer.status < 300 and sent.get("body") and kind == "application/json":
            raw = base64.b64decode(sent["body"]) if sent["isBase64Encoded"] else sent["body"]
            told = json.loads(raw)
            # Of usage what is right is taken of what is not; and events in forms that are other systems'.
            if route != "POST /v1/usage" or (answer.body["rejected"] == [] and _events(told)):
                document.request(route, told)

    def get(self, path: str, **request: Any) -> Answer:
        return self.send("GET", path, **request)

    def put(self, path: str, body: Any, **request: Any) -> Answer:
        return self.send("PUT", path, body=body, **request)

    def post(self, path: str, body: Any, **request: Any) -> Answer:
        return self.send("POST", path, body=body, **request)

    def grant(self, account: str, amount: str, key: str | None = None, **rest: Any) -> Answer:
        """A grant that succeeds; members of the body and of the request may be given together."""
        request = {name: rest.pop(name) for name in ("clock", "caller") if name in rest}
        path, body = f"/v1/accounts/{account}/grants", {"amount": amount, **rest}
        answer = self.post(path, body, key=key or f"g-{time.perf_counter_ns()}", **request)
        assert answer.status == 201, answer.text
        return answer

    def burn(self, account: str, amount: str, key: str | None = None, **rest: Any) -> Answer:
        """A burn, whatever its answer."""
        request = {name: rest.pop(name) for name in ("clock", "caller") if name in rest}
        path, body = f"/v1/accounts/{account}/burns", {"amount": amount, **rest}
        return self.post(path, body, key=key or f"b-{time.perf_counter_ns()}", **request)

    def move(self, account: str, what: str, key: str | None = None, **rest: Any) -> Answer:
        """A movement of any kind, whatever its answer. ``what`` is its path under the account."""
        request = {name: rest.pop(name) for name in ("clock", "caller") if name in rest}
        return self.post(
            f"/v1/accounts/{account}/{what}", rest, key=key or f"m-{time.perf_counter_ns()}", **request
        )

    def balance(self, account: str, **request: Any) -> Any:
        answer = self.get(f"/v1/accounts/{account}/balance", **request)
        assert answer.status == 200, answer.text
        return answer.body

    def entries(self, account: str, **query: str) -> list[Json]:
        """A wallet's entries, oldest first."""
        answer = self.get(f"/v1/accounts/{account}/entries", query={"limit": "1000", **query})
        assert answer.status == 200, answer.text
        found: list[Json] = answer.body["items"]
        return found[::-1]

    def lots(self, account: str, **query: str) -> list[Json]:
        answer = self.get(f"/v1/accounts/{account}/lots", query={"limit": "1000", **query})
        assert answer.status == 200, answer.text
        found: list[Json] = answer.body["items"]
        return found

    # Webhooks and what becomes of them

    def webhook(
        self, body: Any, delivery: str | None = None, provider: str = "dodo", **request: Any
    ) -> Answer:
        """A webhook, signed as the provider signs; ``delivery`` is its id, the same in every retry of it, where that
        is in a header."""
        raw = body if isinstance(body, str) else json.dumps(body)
        sign = SIGN.get(provider, SIGN["standard"])
        headers = sign(WEBHOOK_SECRET, delivery or f"msg_{time.perf_counter_ns()}", raw.encode())
        headers |= request.pop("headers", {})
        return self.send("POST", f"/v1/webhooks/{provider}", raw=raw, headers=headers, **request)

    def queued(self) -> list[Json]:
        """What waits in the queue of payments, as the records of an SQS event; it is taken out of it."""
        return self._taken(self.queue_url, self.queue_arn)

    def _taken(self, url: str, arn: str) -> list[Json]:
        records: list[Json] = []
        queue = sqs_models.sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[url.rpartition("/")[2]]
        while queue._messages:  # most are empty, and each call takes its time
            found: Any = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]
            )
            if not found.get("Messages"):
                break
            for message in found["Messages"]:
                queue.delete_message(message["ReceiptHandle"])
                records.append({**self._record(message), "eventSourceARN": arn})
        return records

    def evidence(self) -> list[Json]:
        """What was kept of rows of the ledger that were tampered with; it is taken out of its queue."""
        return [json.loads(record["body"]) for record in self._taken(self.evidence_url, self.evidence_arn)]

    def asked(self) -> list[Json]:
        """What waits in the queue of inquiries, in the same way."""
        return self._taken(self.inquiries_url, self.inquiries_arn)

    def archived(self, key: str) -> bytes:
        """An object of the archive."""
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def empty_archive(self) -> None:
        """Forgets all that was archived."""
        shutil.rmtree(Path(tempfile.gettempdir()) / "objects", ignore_errors=True)
        objects = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[BUCKET].keys
        for key in [*objects]:
            objects.pop(key)
        self.dynamodb.delete_item(
            TableName="wallets", Key={"pk": {"S": keys.ARCHIVE}, "sk": {"S": keys.HEAD}}
        )

    @staticmethod
    def added(row: Json, number: int) -> Json:
        """The record of the ledger's stream that a row was added."""
        told = {
            "SequenceNumber": str(10**20 + number),
            "ApproximateCreationDateTime": number,
            "NewImage": row,
        }
        return {"eventName": "INSERT", "dynamodb": told}

    def read_archive(self) -> int:
        """Gives every row of the ledger to the archive, as the stream does. Returns how many there are."""
        rows = self.dynamodb.scan(TableName="ledger")["Items"]
        records = [self.added(row, number) for number, row in enumerate(rows, 1)]
        function("archive").handler({"Records": records}, Context())
        return len(rows)

    def make_days(self, at: str) -> Json:
        """What the schedule says that it made of the archive at an instant."""
        answer: Json = function("reports").handler({"time": at}, Context())
        return answer

    def read_stream(self, account: str, unit: str = "credits", after: int = 0) -> int:
        """Gives a wallet's entries to the reader of the ledger's stream, but for so many first ones, which it has had.

        Returns how many the wallet has.
        """
        rows = [item for item in self.wallet(account, unit) if "tl" in item]
        ordered = sorted(rows, key=lambda row: row["tl"]["S"])
        records = [self.added(row, number) for number, row in enumerate(ordered, 1)]
        if records[after:]:
            batch = {"Records": records[after:], "shardId": "shardId-1"}
            assert function("outbox").handler(batch, Context())["batchItemFailures"] == []
        return len(records)

    def look(self) -> list[Json]:
        """Gives what waits in the queue of automatic top-ups to the function that looks; what the messages said."""
        records = self._taken(self.auto_topups_url, self.auto_topups_arn)
        for record in records:
            answer = function("auto_topups").handler({"Records": [record]}, Context())
            assert answer["batchItemFailures"] == [], record
        return [json.loads(record["body"]) for record in records]

    def look_at(self, at: str) -> Json:
        """What the schedule of automatic top-ups did at an instant."""
        answer: Json = function("auto_topups").handler({"time": at}, Context())
        return answer

    def inquire(self, records: Sequence[Json]) -> list[str]:
        """Gives inquiries to the function that asks; the ids of those that failed."""
        if not records:
            return []
        answer = function("reconciliation").handler({"Records": list(records)}, Context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def reconcile(self, at: str, context: Context | None = None) -> list[Json]:
        """What one run of the reconciliation says it came to, for each provider that has a key."""
        answer: list[Json] = function("reconciliation").handler({"time": at}, context or Context())
        return answer

    def try_parked(self, at: str, context: Context | None = None) -> Json:
        """What the sweep of parked payments says it did."""
        answer: Json = function("payments").handler({"time": at}, context or Context())
        return answer

    def kept(self, delivery: str | None = None) -> list[Json]:
        """What lies in the deliveries table, or of one delivery, in the order it came, with bodies as text."""
        found: list[Json] = []
        for item in self.dynamodb.scan(TableName="deliveries")["Items"]:
            plain: Json = {name: next(iter(value.values())) for name, value in item.items()}
            if plain["pk"].startswith("payment#"):  # that a delivery is of this payment
                continue
            whole = zlib.decompress(bytes(plain["body"])) if "body" in plain else b""
            plain["body"] = whole.decode("utf-8", "surrogateescape")
            found += [plain] if delivery in (None, plain["delivery_id"]) else []
        return sorted(found, key=lambda item: int(item["received_at"]))

    # Webhooks out

    def notify(self) -> list[str]:
        """Has what was published held against the endpoints; the ids of messages that failed."""
        records = [
            self._message(number, {"detail-type": one["type"], "source": "scrip", "detail": one})
            for number, one in enumerate(self.told())
        ]
        return self._failed("notifications", records)

    def go_on(self) -> list[str]:
        """Does a piece of each replay; the ids of messages that failed."""
        return self._failed("notifications", self._taken(self.replays_url, self.replays_arn))

    def noticed(self) -> list[str]:
        """Keeps that notices have arrived; the ids of messages that failed."""
        return self._failed("notifications", self._taken(self.notices_url, self.notices_arn))

    def wake(self, at: str) -> int:
        """Has what is due at an instant queued; says how much that is."""
        queued: int = function("notifications").handler({"time": at}, Context())["queued"]
        return queued

    def call(self, context: Context | None = None) -> list[str]:
        """Makes the calls that are queued; the ids of messages that failed."""
        return self._failed("sender", self._taken(self.out_url, self.out_arn), context)

    # Events of usage

    def bring_reports(self, body: str, *left: int) -> None:
        """Gives the reports a message of their queue, with so much time left at each look."""
        record = {
            "messageId": "m",
            "receiptHandle": "r",
            "body": body,
            "attributes": {},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": self.reports_arn,
        }
        assert function("reports").handler({"Records": [record]}, Context(*left)) == {"batchItemFailures": []}

    def work_reports(self) -> None:
        """Does what the queue has for the reports."""
        while found := self.sqs.receive_message(QueueUrl=self.reports_url).get("Messages"):
            for message in found:
                self.bring_reports(message["Body"])
                self.sqs.delete_message(QueueUrl=self.reports_url, ReceiptHandle=message["ReceiptHandle"])

    def report(self, *events: Json, **request: Any) -> Answer:
        """Sends events of usage as a batch; ``event`` makes one."""
        kind = "application/cloudevents-batch+json"
        raw = json.dumps(list(events), ensure_ascii=False)
        return self.send("POST", "/v1/usage", raw=raw, content_type=kind, **request)

    def used(self) -> list[Json]:
        """The messages of usage that are queued; they are taken out of the queue."""
        return self._taken(self.usage_url, self.usage_arn)

    def book_usage(self, records: Sequence[Json] | None = None, context: Context | None = None) -> list[str]:
        """Has the messages that are queued (or these) booked; the ids of those that failed."""
        records = self.used() if records is None else list(records)
        self._written += len(records)
        return self._failed("usage_events", records, context)

    def unread_usage(self) -> list[tuple[str, str]]:
        """What went to the dead-letter queue of usage: the reason, and the message; it is taken out of it."""
        found: list[tuple[str, str]] = []
        while True:
            answer: Any = self.sqs.receive_message(
                QueueUrl=self.usage_dead_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            if not answer.get("Messages"):
                return found
            for one in answer["Messages"]:
                said = one.get("MessageAttributes", {}).get("reason", {}).get("StringValue", "")
                found.append((said, one["Body"]))
                self.sqs.delete_message(QueueUrl=self.usage_dead_url, ReceiptHandle=one["ReceiptHandle"])

    def tasks(self) -> list[Json]:
        """What is queued to be called; it is taken out of the queue."""
        return [json.loads(record["body"]) for record in self._taken(self.out_url, self.out_arn)]

    def _failed(self, name: str, records: list[Json], context: Context | None = None) -> list[str]:
        if not records:
            return []
        answer = function(name).handler({"Records": records}, context or Context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    @staticmethod
    def _message(number: int, body: Json) -> Json:
        return {"messageId": f"m{number}", "body": json.dumps(body)}

    def _record(self, message: Any) -> Json:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue_arn,
            "awsRegion": REGION,
        }

    def apply(self, records: Sequence[Json]) -> list[str]:
        """Gives records to the payments function; the ids of those that failed."""
        self._written += len(records)
        if not records:
            return []
        answer = function("payments").handler({"Records": list(records)}, Context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def deliver(self, *bodies: Any, provider: str = "dodo") -> None:
        """Webhooks, each accepted, queued and applied."""
        for body in bodies:
            assert self.webhook(body, provider=provider).status == 200
            assert self.apply(self.queued()) == []

    def dun(self, at: str, context: Context | None = None) -> Json:
        """What the function of dunning says it did at an instant; then what it asked for was granted."""
        answer: Json = function("dunning").handler({"time": at}, context or Context())
        assert self.apply(self.queued()) == []
        return answer

    def sweep(self, at: str | None = None, **rest: Any) -> Json:
        """What the expiry function says it did."""
        sent = {"time": at, **rest} if at else rest
        answer: Json = function("expiry").handler(sent, Context())
        return answer

    def sound(self, account: str, unit: str = "credits") -> None:
        """Asserts that the ledger's chain holds and everything adds up (laws 1, 4 and 8)."""
        _, findings = wallets.verify(runtime.executor(), account, unit)
        assert findings == []

    # What is published

    def take(self, params: Json, **_: Any) -> Any:
        """Answers a call of PutEvents, as botocore has it sent."""
        if rights._acting:
            thing = f"{rights._acting[-1]} has no leave to publish: see its policies in template.yaml"
            assert rights.may(rights._acting[-1], "events:PutEvents", "EventBus", ""), thing
        answer = self.bus.put_events(**json.loads(params["body"]))
        return SimpleNamespace(status_code=200, headers={}), answer

    def told(self, type_: str = "") -> list[Json]:
        """The events that were published since it was asked last, of types that begin so."""
        taken, self.bus.taken = self.bus.taken, []
        return [one for one in taken if one["type"].startswith(type_)]

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Has the bus be too busy for anything."""
        mine, self.bus = self.bus, Bus(lambda: True)
        try:
            yield
        finally:
            self.bus = mine

    # What lies in the tables

    def wallet(self, account: str, unit: str = "credits") -> list[Any]:
        """Every item of a wallet in both tables, as it is."""
        found: list[Any] = []
        for table in ("wallets", "ledger"):
            answer = runtime.tables().client.query(
                TableName=table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": keys.wallet(account, unit)}},
            )
            found += answer["Items"]
        return found

    def set_status(self, account: str, status: str) -> None:
        """By nobody's command, so that there is no entry of it."""
        runtime.tables().client.update_item(
            TableName="wallets",
            Key={"pk": {"S": keys.wallet(account, "credits")}, "sk": {"S": "wallet"}},
            UpdateExpression="SET #status = :status",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":status": {"S": status}},
        )
        self.cold()

    def everything(self) -> list[Any]:
        """Every item of the tables of wallets and of the ledger, and of that of API keys."""
        client = runtime.tables().client
        found = [item for table in ("wallets", "ledger") for item in client.scan(TableName=table)["Items"]]
        return found + runtime.api_keys().client.scan(TableName="keys")["Items"]

    def payment(self, payment_id: str) -> Any:
        """A payment's document."""
        tables = runtime.tables()
        found = tables.get(tables.wallets, keys.payment("dodo", payment_id), keys.HEAD)
        return json.loads(found["body"]["S"]) if found else None

    # Calls to AWS: counted, broken

    @contextmanager
    def calls(self, *services: str) -> Iterator[list[Call]]:
        """The calls that the functions make meanwhile to these services, or to DynamoDB."""
        made: list[Call] = []

        def note(params: Json, model: Any, **_: Any) -> None:
            made.append(Call(model.name, params))

        with ExitStack() as heard:
            for service in services or ("dynamodb",):
                heard.enter_context(listening("before-parameter-build", note, service))
            yield made

    @contextmanager
    def unwritten(self) -> Iterator[None]:
        """Asserts that nothing is written meanwhile, not even the same again."""
        with self.calls() as made:
            yield
        assert [call.name for call in made if call.name in WRITES] == []

    @contextmanager
    def broken(
        self,
        operation: str,
        fault: Callable[[], Any],
        *,
        times: int = 1,
        lost: bool = False,
        service: str = "dynamodb",
    ) -> Iterator[None]:
        """Has an operation fail: it is not carried out, or (``lost``) it is and the answer is not heard."""
        left = [times]

        def fail(**_: Any) -> Any:
            if left[0] <= 0:
                return None
            left[0] -= 1
            return fault()

        hyphened = {"secretsmanager": "secrets-manager"}.get(service, service)
        name = f"{'after' if lost else 'before'}-call.{hyphened}.{operation}"
        with listening(name, fail, service):
            yield

    @contextmanager
    def meanwhile(self, act: Callable[[], Any], times: int = 1) -> Iterator[None]:
        """Has ``act`` happen, by other hands, just before a transaction: after what it was decided on was read."""
        left, inside = [times], [False]

        def before(**_: Any) -> None:
            if left[0] <= 0 or inside[0]:
                return
            left[0] -= 1
            inside[0] = True
            mine = runtime.executor
            try:
                other = Executor(runtime.tables())
                runtime.executor = lambda: other  # type: ignore[assignment]
                act()
            finally:
                runtime.executor = mine
                inside[0] = False

        with listening("before-call.dynamodb.TransactWriteItems", before):
            yield

    def cold(self) -> None:
        """A new environment: nothing is remembered."""
        for name in (
            *("settings", "tables", "executor", "deliveries", "api_keys", "rate_limits", "jwt_issuer", "bus"),
            *("notifications", "unseal", "statement_signer"),
            *("known_auto_topups", "archive"),
            *("_secrets", "_asked_again", "logger"),
        ):
            getattr(runtime, name).cache_clear()
        # Python keeps a logger by its name, and with it the standard output there was when it was made.
        logging.Logger.manager.loggerDict.pop(os.environ["POWERTOOLS_SERVICE_NAME"], None)
        function("authorizer")._known.clear()
        function("authorizer")._unknown.clear()
        function("outbox")._notes.cache_clear()

    def fresh(self) -> None:
        """A cold start, with tables that are not too large for moto."""
        self.cold()
        if self._written > WIPE_AFTER:
            self.make_tables()


def _hold(events: Any) -> None:
    """Holds the calls that a client of DynamoDB tells of to the rights of its function, and to reading consistently."""
    for held in (rights.held, reads.held):
        events.register("before-parameter-build.dynamodb", held)


class InMemory:
    """The simulator's DynamoDB as a client, with its tables empty. It tells of its calls, and lets a test answer them,
    by botocore's own events."""

    def __init__(self) -> None:
        self.meta = SimpleNamespace(events=HierarchicalEmitter())
        _hold(self.meta.events)
        self._dynamo = Dynamo(TABLES)
        for name in CALLS:
            setattr(self, name, partial(self._call, name))

    def _call(self, name: str, **request: Any) -> Any:
        operation, events = "Scan" if name == "scan" else OPERATION[name], self.meta.events
        about = {"model": SimpleNamespace(name=operation), "params": request}
        events.emit(f"before-parameter-build.dynamodb.{operation}", **about)
        _, answered = events.emit_until_response(f"before-call.dynamodb.{operation}", **about)
        if answered:
            raise ClientError(answered[1], operation)
        parsed = getattr(self._dynamo, name)(**request)
        events.emit(f"after-call.dynamodb.{operation}", parsed=parsed, **about)
        return parsed

    def scan(self, **request: Any) -> Json:
        """A segment as it is asked for; all of a table for tests that look."""
        if request.keys() & {"Segment", "FilterExpression"}:
            scanned: Json = self._call("scan", **request)
            return scanned
        partitions = self._dynamo.tables[request["TableName"]].partitions.values()
        return {"Items": [dict(item) for partition in partitions for item in partition.items.values()]}


class Fault:
    """What DynamoDB may answer instead."""

    @staticmethod
    def timeout() -> Any:
        raise ReadTimeoutError(endpoint_url="https://dynamodb.eu-west-1.amazonaws.com")

    @staticmethod
    def error(code: str, status: int = 400, **more: Any) -> Callable[[], Any]:
        def fail() -> Any:
            http = type("Response", (), {"status_code": status, "headers": {}})()
            return http, {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {}, **more}

        return fail

    @staticmethod
    def cancelled(*codes: str) -> Callable[[], Any]:
        """A cancelled transaction with a reason for each of its items."""
        return Fault.error(
            "TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes]
        )


@contextmanager
def listening(event: str, hears: Callable[..., Any], service: str = "dynamodb") -> Iterator[None]:
    """Has the functions' client tell of one of botocore's events."""
    client = runtime.tables().client if service == "dynamodb" else runtime.client(service)
    events = client.meta.events
    events.register(event, hears)
    try:
        yield
    finally:
        events.unregister(event, hears)


def resolved(host: str, port: int) -> list[str]:
    """Resolves this machine alone: tests ask no server of names."""
    if host != "localhost":
        raise OSError(f"{host} is not known here")
    return ["127.0.0.1"]


@contextmanager
def deployed(provider_url: str = NOBODY, stripe_url: str = NOBODY) -> Iterator[Deployment]:
    """A deployment, for as long as the context lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        moto_calls.lighten(patch)
        # Objects that are brought stay for the next request, and each process makes other ones under the same keys.
        folder = tempfile.mkdtemp(prefix="scrip-tests-")
        patch.setattr(tempfile, "tempdir", folder)
        with mock_aws():
            runtime.client.cache_clear()
            _hold(runtime.client("dynamodb").meta.events)
            deployment = Deployment(provider_url, stripe_url)
            runtime.client("events").meta.events.register(
                "before-call.eventbridge.PutEvents", deployment.take
            )
            for name, value in deployment.environment.items():
                patch.setenv(name, value)
            patch.setattr(calls, "resolved", resolved)
            deployment.cold()
            find_route("GET", "/v1/units/credits")
            yield deployment
        shutil.rmtree(folder, ignore_errors=True)
        deployment.cold()
        runtime.client.cache_clear()


def patient_executor(pauses: list[float]) -> Executor:
    """A executor that notes its pauses instead of making them."""
    return Executor(runtime.tables(), pause=pauses.append)


def encoded(account: str) -> str:
    """An account's name as it stands in a path."""
    return quote(account, safe="")


# What a provider's webhooks say


def provider_event(kind: str, data: Json) -> Json:
    """A webhook's body: ``data`` as the provider has it, in its envelope."""
    payload = kind.partition(".")[0].capitalize()
    return {
        "business_id": "bus_standin",
        "type": kind,
        "timestamp": "2026-11-23T10:00:00.000000Z",
        "data": {"payload_type": payload, **data},
    }


class Buyer:
    """Somebody who orders a pack at a stand-in provider, pays, and gets money back. No webhook is sent by itself:
    each is given back, to be delivered when a test wants it."""

    def __init__(
        self, scrip: Deployment, provider: Provider, account: str, unit: str = "credits", **pack: Any
    ) -> None:
        self.scrip, self.provider, self.account, self.unit = scrip, provider, account, unit
        terms = {"credits": "10000", "price": {"amount": 100000, "currency": "USD"}, **pack}
        body = {"unit": unit, "provider_refs": {"dodo": "pdt_1"}, **terms}
        answer = scrip.put(f"/v1/packs/{account}", body)
        assert answer.status == 201, answer.text
        self.topup: Json = {}

    def wants(self, **more: Any) -> Json:
        return {
            "account": self.account,
            "pack": self.account,
            "provider": "dodo",
            "return_url": "https://shop.example.test/done",
            "accept_terms": True,
            **more,
        }

    def order(self, key: str = "order-1", **more: Any) -> Answer:
        answer = self.scrip.post("/v1/topups", self.wants(**more), key=key)
        if answer.status == 201:
            self.topup = answer.body
        return answer

    @property
    def session(self) -> str:
        return str(self.topup["checkout_session_id"])

    def pays(self, **options: Any) -> Json:
        """The webhook of the payment (again: as the payment is by then)."""
        paid = self.provider.pay(self.session, {"webhook": False, **options})
        return provider_event("payment.succeeded", self.provider.payment(paid["payment_id"]))

    def gets_back(self, amount: int, status: str = "succeeded") -> Json:
        """The webhook of a refund."""
        self.provider.refund(self.session, {"webhook": False, "amount": amount, "status": status})
        return provider_event(f"refund.{status}", self.provider.checkout(self.session).refunds[-1])

    @property
    def status(self) -> str:
        answer = self.scrip.get(f"/v1/topups/{self.topup['topup_id']}")
        assert answer.status == 200
        return str(answer.body["status"])

    @property
    def balance(self) -> Any:
        return self.scrip.balance(self.account, query={"unit": self.unit})

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Kind and amount of each entry, oldest first."""
        return [
            (entry["kind"], entry["amount"]) for entry in self.scrip.entries(self.account, unit=self.unit)
        ]

    @property
    def lot(self) -> Any:
        """The lot that the payment made."""
        (lot,) = [
            one for one in self.scrip.lots(self.account, unit=self.unit, status="all") if one["cost_basis"]
        ]
        return lot

    @property
    def money(self) -> Json:
        """What the entries say became of the money: recognised, refunded, breakage, in minor units."""
        told = {"recognised": 0, "refunded": 0, "breakage": 0}
        for entry in self.scrip.entries(self.account, unit=self.unit):
            reason = {"burn": "recognised", "expiry": "breakage"}.get(entry["kind"])
            for draw in entry["draws"]:
                if reason and "value" in draw:
                    told[reason] += draw["value"]["amount"]
            for reason in ("recognised", "refunded"):
                told[reason] += entry.get("money", {}).get(reason, 0)
        return told
