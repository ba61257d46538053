"""moto, with less to do for each call: most of what the tests in this process cost was its detours.

What it answers is unchanged: its own tables, conditions and transactions answer. Left out are signatures that nobody
looks at, an HTTP request that is made and taken apart again, copies of whole tables, and names that are worked out anew
each time. tests/test_moto_calls.py asks both ways the same.
"""

from __future__ import annotations

import base64
import copy
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from itertools import count
from typing import Any, Final

import pytest
from botocore import useragent
from botocore.awsrequest import AWSPreparedRequest
from botocore.loaders import JSONFileLoader, Loader
from botocore.signers import RequestSigner
from moto.core import responses
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult, BaseResponse
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import dynamo_json_dump
from moto.dynamodb.responses import DynamoHandler
from moto.kms import models as kms_models
from moto.sqs import models as sqs_models
from moto.sqs.responses import SQSResponse
from moto.utilities import aws_headers
from werkzeug.exceptions import HTTPException

DIRECT: Final[Mapping[str, tuple[type[BaseResponse], Mapping[str, str]]]] = {
    "DynamoDB_20120810": (
        DynamoHandler,
        {
            "GetItem": "get_item",
            "PutItem": "put_item",
            "UpdateItem": "update_item",
            "DeleteItem": "delete_item",
            "Query": "query",
            "Scan": "scan",
            "BatchGetItem": "batch_get_item",
            "BatchWriteItem": "batch_write_item",
            "TransactGetItems": "transact_get_items",
            "TransactWriteItems": "transact_write_items",
        },
    ),
    "AmazonSQS": (
        SQSResponse,
        {
            "SendMessage": "send_message",
            "SendMessageBatch": "send_message_batch",
            "ReceiveMessage": "receive_message",
            "DeleteMessage": "delete_message",
        },
    ),
}
"""Calls that read and write items and messages, by how their targets begin: moto's handler, and its names for them."""


SIMPLE: Final = ("S", "N", "B", "BOOL", "NULL")
"""Types of attributes that hold nothing."""


def lighten(patch: pytest.MonkeyPatch) -> None:
    """Leaves out moto's detours, for as long as what ``patch`` changes is changed."""
    patch.setattr(Table, "__deepcopy__", _light_copy, raising=False)
    patch.setattr(ResponseSerializer, "get_value", _by_its_name(ResponseSerializer.get_value))
    for module, name in REMEMBERED:
        patch.setattr(module, name, _remembered(getattr(module, name)))
    patch.setattr(JSONFileLoader, "_load_file", staticmethod(_read))
    patch.setattr(Loader, "list_available_services", _listed_once(Loader.list_available_services))
    patch.setattr(aws_headers, "gen_amzn_requestid_long", _numbered)
    patch.setattr(Item, "__deepcopy__", lambda item, _memo: _light_item(item), raising=False)
    patch.setattr(RequestSigner, "handler", _claimed(RequestSigner.handler))
    patch.setattr(BotocoreStubber, "process_request", _direct(BotocoreStubber.process_request))
    patch.setattr(BotocoreStubber, "__call__", _one_at_a_time(BotocoreStubber.__call__))


def _claimed(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Says where a request is for, as a signature does, and signs nothing: nobody looks at it. Of S3's the signature
    says how the body is sent."""

    def claim(signer: Any, operation_name: str | None = None, request: Any = None, **named: Any) -> Any:
        if signer.signing_name == "s3":
            return handler(signer, operation_name, request, **named)
        scope = f"20300101/{signer.region_name}/{signer.signing_name}/aws4_request"
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential=testing/{scope}, SignedHeaders=, Signature="
        )
        return None

    return claim


def _direct(process: Callable[..., Any]) -> Callable[..., Any]:
    """Has items and messages read and written by moto's handlers, and everything else by the way through ``process``.

    What is refused goes the long way too, once more: nothing was changed by it.
    """

    def processed(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
        target: Any = request.headers.get("X-Amz-Target", "")
        target = target.decode() if isinstance(target, bytes) else target
        version, _, operation = target.partition(".")
        made, names = DIRECT.get(version, (BaseResponse, {}))
        if operation not in names:
            return process(stubber, request)
        handler = _handler(made, request)
        with _writing(handler.params.get("TransactItems", []) if operation == "TransactWriteItems" else []):
            try:
                answer = getattr(handler, names[operation])()
            except (ServiceException, HTTPException):
                return process(stubber, request)
        if not isinstance(answer, ActionResult):
            return process(stubber, request)
        headers: dict[str, Any] = {"content-type": "application/x-amz-json-1.0"}
        _numbered(headers)
        return 200, headers, dynamo_json_dump(answer.result)

    return processed


def _handler(made: type[BaseResponse], request: AWSPreparedRequest) -> Any:
    """What moto makes of a request: a handler that has its parameters."""
    handler: Any = made()
    handler.headers = request.headers
    body: Any = request.body
    handler.body = handler.params = json.loads(body, object_hook=_bytes)
    handler.uri_match = {}
    handler.current_account = DEFAULT_ACCOUNT_ID
    region = BaseResponse.region_regex.search(request.url)
    assert region
    handler.region = region["region"]
    return handler


def _bytes(value: dict[str, Any]) -> dict[str, Any]:
    content = value.get("B")
    return {"B": base64.b64decode(content)} if isinstance(content, str) and len(value) == 1 else value


_written: list[tuple[str, dict[str, Any]]] = []
"""Table and item, or key, of each write of the transaction that is carried out."""


@contextmanager
def _writing(items: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    """Knows of these writes for as long as the context lasts. Calls come one at a time."""
    _written[:] = [
        (one["TableName"], one.get("Item") or one["Key"]) for item in items for one in item.values()
    ]
    try:
        yield
    finally:
        _written.clear()


def _light_copy(table: Any, _memo: Any) -> Table:
    """A copy of a moto table for its rollback: what a transaction changes is the items that it writes. moto copies
    whole tables, for each item of a transaction, and spends nearly all its time with that."""
    made: Any = copy.copy(table)
    made.items = defaultdict(dict, table.items)
    for name, row in _written:
        partition = DynamoType(row[table.hash_key_attr])
        place = DynamoType(row[table.range_key_attr]) if table.range_key_attr else None
        if name == table.name and partition in made.items:
            rows = made.items[partition] = {**made.items[partition]}
            if place in rows:
                rows[place] = _light_item(rows[place])
    return made  # type: ignore[no-any-return]


def _light_item(item: Any) -> Any:
    """A copy of an item: its attributes are put in each other's places, only what they hold is changed where it is."""
    made = copy.copy(item)
    made.attrs = type(item.attrs)()
    attributes = {
        name: value if value.type in SIMPLE else copy.deepcopy(value) for name, value in item.attrs.items()
    }
    dict.update(made.attrs, attributes)  # past the measuring of each attribute
    return made


def _by_its_name(get_value: Callable[..., Any]) -> Callable[..., Any]:
    """For each of the ten members that a value of DynamoDB's may have, moto looks under every name it might have in
    any service, and spends half of its time so. Here they have their own names."""

    def get(serializer: Any, value: Any, key: str, shape: Any) -> Any:
        if type(value) is dict and shape.parent.name == "AttributeValue":
            return value.get(key)
        return get_value(serializer, value, key, shape)

    return get


REMEMBERED: Final = (
    (responses, "camelcase_to_underscores"),
    (responses, "method_names_from_class"),
    (sqs_models, "camelcase_to_underscores"),
    (useragent, "sanitize_user_agent_string_component"),
    (kms_models, "generate_private_key"),
)
"""What moto and botocore work out anew for each request, though it is the same: names, the user agent; and a private
key, which nobody here asks for."""
_remembered: Final = cache(cache)
"""The same function, which remembers what it said, from one deployment to the next."""
_read: Final = cache(partial(getattr(JSONFileLoader, "_load_file"), None))  # noqa: B009 - its stubs lack it
"""What is in a file of botocore's own, which each session reads anew."""
_services: Final[dict[str, Any]] = {}
_REQUESTS: Final = count(1)


def _listed_once(listed: Callable[..., Any]) -> Callable[..., Any]:
    """Lists the services that botocore knows, for which it looks into 400 directories with each client that is made."""

    def services(loader: Any, type_name: str) -> Any:
        if type_name not in _services:
            _services[type_name] = listed(loader, type_name)
        return _services[type_name]

    return services


def _numbered(headers: dict[str, Any] | None = None) -> str:
    """A request's id, as long as moto's, which throws dice for each letter."""
    name = f"{next(_REQUESTS):052}"
    if headers is not None:
        headers["x-amzn-requestid"] = name
    return name


def _one_at_a_time(call: Callable[..., Any]) -> Callable[..., Any]:
    """moto's tables are plain dicts, and a transaction that fails puts back the tables that it copied: what another
    thread wrote meanwhile would be lost. DynamoDB takes calls of many threads; here they wait for each other."""
    lock = threading.RLock()

    def locked(*args: Any, **named: Any) -> Any:
        with lock:
            return call(*args, **named)

    return locked
