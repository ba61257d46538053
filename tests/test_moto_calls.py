"""moto answers by the short way what it answers by its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests import moto_calls

Calls = list[tuple[str, dict[str, Any]]]
NAME = "t"
KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}
ROW: Mapping[str, Any] = {
    **KEY,
    "n": {"N": "12.50"},
    "b": {"B": b"\x00\xff" * 20},
    "m": {"M": {"x": {"L": [{"S": "é"}, {"NULL": True}, {"BOOL": False}]}}},
    "ss": {"SS": ["one", "two"]},
    "B": {"S": "an attribute that is called B"},
}


def _put(sk: str, **more: Any) -> dict[str, Any]:
    return {"TableName": NAME, "Item": {**ROW, "sk": {"S": sk}, **more}}


def _update(expression: str, **values: Any) -> dict[str, Any]:
    named = {f":{name}": value for name, value in values.items()}
    return {
        "TableName": NAME,
        "Key": KEY,
        "UpdateExpression": expression,
        "ExpressionAttributeValues": named,
        "ConditionExpression": "attribute_exists(pk)",
    }


ABSENT = {"ConditionExpression": "attribute_not_exists(pk)"}
OF_A = {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
CALLS: Calls = [
    ("put_item", _put("1") | ABSENT),
    ("put_item", _put("1") | ABSENT),
    ("put_item", _put("1") | ABSENT | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}),
    ("put_item", _put("1") | {"ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "TOTAL"}),
    ("get_item", {"TableName": NAME, "Key": KEY, "ConsistentRead": True}),
    ("get_item", {"TableName": NAME, "Key": {**KEY, "sk": {"S": "none"}}}),
    ("get_item", {"TableName": NAME, "Key": KEY, "ProjectionExpression": "n, m.x[0]"}),
    ("get_item", {"TableName": "no table", "Key": KEY}),
    ("update_item", _update("SET n = n + :one", one={"N": "1"}) | {"ReturnValues": "ALL_NEW"}),
    ("update_item", _update("SET b = :b REMOVE ss", b={"B": b"new"}) | {"ReturnValues": "UPDATED_OLD"}),
    ("update_item", _update("SET m.x[0] = :new", new={"S": "in it"}) | {"ReturnValues": "ALL_OLD"}),
    ("update_item", _update("ADD n :one, ns :more", one={"N": "1"}, more={"NS": ["1", "2"]})),
    ("update_item", _update("ADD ns :more", more={"NS": ["3"]}) | {"ReturnValues": "UPDATED_OLD"}),
    ("update_item", {**_update("SET n = :one", one={"N": "1"}), "Key": {**KEY, "sk": {"S": "none"}}}),
    ("batch_write_item", {"RequestItems": {NAME: [{"PutRequest": {"Item": _put("2")["Item"]}}]}}),
    ("batch_get_item", {"RequestItems": {NAME: {"Keys": [KEY, {**KEY, "sk": {"S": "2"}}]}}}),
    (
        "transact_write_items",
        {
            "TransactItems": [
                {"Put": _put("3") | ABSENT},
                {"Delete": {"TableName": NAME, "Key": {**KEY, "sk": {"S": "2"}}}},
                {"Update": _update("SET n = :none", none={"N": "0"})},
                {"ConditionCheck": {"TableName": NAME, "Key": {**KEY, "sk": {"S": "9"}}, **ABSENT}},
            ]
        },
    ),
    ("transact_write_items", {"TransactItems": [{"Put": _put("4")}, {"Put": _put("3") | ABSENT}]}),
    (
        "transact_write_items",
        {
            "TransactItems": [
                {"Update": _update("SET n = :gone, m.x[0] = :gone", gone={"S": "gone"})},
                {"Delete": {"TableName": NAME, "Key": {**KEY, "sk": {"S": "3"}}}},
                {"Put": _put("5")},
                {"ConditionCheck": {"TableName": NAME, "Key": KEY, **ABSENT}},
            ]
        },
    ),
    ("scan", {"TableName": NAME}),
    ("transact_get_items", {"TransactItems": [{"Get": {"TableName": NAME, "Key": KEY}}]}),
    ("query", {"TableName": NAME, **OF_A}),
    ("query", {"TableName": NAME, **OF_A, "ScanIndexForward": False, "Limit": 1}),
    ("query", {"TableName": NAME, **OF_A, "FilterExpression": "sk = :a"}),
    ("query", {"TableName": NAME, "IndexName": "no_index", **OF_A}),
    ("scan", {"TableName": NAME, "Limit": 1}),
    ("delete_item", {"TableName": NAME, "Key": KEY, "ReturnValues": "ALL_OLD"}),
    ("scan", {"TableName": NAME}),
]


def _answers() -> list[Any]:
    client = boto3.client("dynamodb", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    client.create_table(
        TableName=NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    return _asked(client, CALLS)


def _asked(client: Any, calls: Calls, **more: Any) -> list[Any]:
    """What each call is answered, or refused with."""
    found = []
    for name, request in calls:
        try:
            answer: dict[str, Any] = getattr(client, name)(**request, **more)
        except ClientError as error:
            answer = dict(error.response)
        status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
        found.append((name, status, _without_chance(answer)))
    return found


def test_the_short_way_answers_what_the_long_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        long = _answers()
    moto_calls.lighten(monkeypatch)
    with mock_aws():
        short = _answers()

    assert short == long
    statuses = [status for _, status, _ in long]
    assert (statuses.count(200), statuses.count(400)) == (21, 7)
    assert long[4][2]["Item"] == ROW


QUEUE_CALLS: Calls = [
    ("send_message", {"MessageBody": "é", "MessageGroupId": "a", "MessageDeduplicationId": "1"}),
    ("send_message", {"MessageBody": "é", "MessageGroupId": "a", "MessageDeduplicationId": "1"}),
    ("send_message", {"MessageBody": "no group"}),
    (
        "send_message_batch",
        {
            "Entries": [
                {"Id": one, "MessageBody": one, "MessageGroupId": one, "MessageDeduplicationId": one}
                for one in "bc"
            ]
        },
    ),
    ("receive_message", {"MaxNumberOfMessages": 2, "AttributeNames": ["All"]}),
    ("receive_message", {"MaxNumberOfMessages": 11}),
    ("receive_message", {}),
    ("receive_message", {}),
    ("delete_message", {"ReceiptHandle": "none"}),
]


def _queue_answers() -> list[Any]:
    client = boto3.client("sqs", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    url = client.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    return _asked(client, QUEUE_CALLS, QueueUrl=url)


def _without_chance(node: Any) -> Any:
    """Without what is another in each run."""
    if isinstance(node, list):
        return [_without_chance(one) for one in node]
    if not isinstance(node, dict):
        return node
    chance = ("MessageId", "ReceiptHandle", "SequenceNumber", "SentTimestamp")
    return {
        name: name if name in chance or "Timestamp" in name else _without_chance(one)
        for name, one in node.items()
    }


def test_the_short_way_queues_what_the_long_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        long = _queue_answers()
    moto_calls.lighten(monkeypatch)
    with mock_aws():
        short = _queue_answers()

    assert short == long
    assert [status for _, status, _ in long].count(400) == 3
    assert [one["Body"] for one in long[4][2]["Messages"]] == ["é", "b"]
