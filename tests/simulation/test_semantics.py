"""What the model does that one client alone cannot have the local AWS do: conflicts, lag, and a loud refusal of
whatever it does not know."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulation.dynamodb import Dynamo
from simulation.expressions import Unmodelled
from simulation.stream import ARN, Stream
from simulation.world import TABLES


def item(sk: str = "wallet", **more: Any) -> dict[str, Any]:
    return {"pk": {"S": "w#a#u"}, "sk": {"S": sk}, **more}


def put(made: dict[str, Any]) -> dict[str, Any]:
    return {"Put": {"TableName": "wallets", "Item": made}}


def codes(error: pytest.ExceptionInfo[ClientError]) -> list[str]:
    reasons: Any = error.value.response["CancellationReasons"]
    return [reason["Code"] for reason in reasons]


def test_what_a_transaction_is_writing_another_cannot_write_nor_can_a_write_alone() -> None:
    """The second transaction is cancelled, the lone write refused, a read sees what was; then the first is done."""
    model = Dynamo(TABLES)
    model.put_item(TableName="wallets", Item=item(version={"N": "1"}))
    seen = []

    def others() -> None:
        model.midway = None
        with pytest.raises(ClientError) as cancelled:
            model.transact_write_items(TransactItems=[put(item("page#1")), put(item(version={"N": "3"}))])
        with pytest.raises(ClientError) as refused:
            model.put_item(TableName="wallets", Item=item(version={"N": "3"}))
        with pytest.raises(ClientError) as repeated:
            model.transact_write_items(TransactItems=[put(item("page#2"))], ClientRequestToken="first")
        there = model.get_item(TableName="wallets", Key=item())["Item"]["version"]
        seen.extend([codes(cancelled), refused.value.response["Error"]["Code"], there])
        seen.append(repeated.value.response["Error"]["Code"])

    model.midway = others
    model.transact_write_items(TransactItems=[put(item(version={"N": "2"}))], ClientRequestToken="first")
    assert seen == [
        ["None", "TransactionConflict"],
        "TransactionConflictException",
        {"N": "1"},
        "TransactionInProgressException",
    ]
    assert model.get_item(TableName="wallets", Key=item())["Item"]["version"] == {"N": "2"}
    assert model.get_item(TableName="wallets", Key=item("page#1")) == {}


@pytest.mark.parametrize(
    ("items", "size", "says"),
    [
        (1, 400 * 1024, None),
        (1, 400 * 1024 + 1, "Item size has exceeded"),
        (10, 399 * 1024, None),
        (11, 399 * 1024, "exceeds 4 MB"),
        (100, 1, None),
        (101, 1, "less than or equal to 100"),
    ],
)
def test_an_item_has_400_kb_a_transaction_4_mb_and_100_items(items: int, size: int, says: str | None) -> None:
    """The local AWS takes whatever comes."""
    model = Dynamo(TABLES)
    taken = sum(map(len, ("pk", "w#a#u", "sk", "page#000", "x")))
    wanted = [put(item(f"page#{at:03d}", x={"B": bytes(max(1, size - taken))})) for at in range(items)]
    if says is None:
        model.transact_write_items(TransactItems=wanted)
        assert len(model.tables["wallets"].partitions["w#a#u"].items) == items
        return
    with pytest.raises(ClientError, match=says):
        model.transact_write_items(TransactItems=wanted)
    assert not model.tables["wallets"].partitions


def test_an_answer_of_the_stream_has_1_mb_of_large_rows_at_most() -> None:
    """Seven rows of 300 KB come in three answers, whoever reads them."""
    stream = Stream(lambda: 0)
    for at in range(7):
        row = item(f"p.{at}", records={"B": bytes(300 * 1024)})
        stream.wrote([("ledger", ("w#a#u", f"p.{at}"), None, row)])
    (shard,) = stream.shards
    asked = {"StreamArn": ARN, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    place, counts = stream.get_shard_iterator(**asked)["ShardIterator"], []
    while True:
        answer = stream.get_records(ShardIterator=place)
        if not answer["Records"]:
            break
        counts.append(len(answer["Records"]))
        place = answer["NextShardIterator"]
    assert counts == [3, 3, 1]


def test_an_index_learns_of_changes_later_and_in_their_order() -> None:
    now, lags = [1000], [500, 0]
    model = Dynamo(TABLES, now=lambda: now[0], lag=lambda: lags.pop(0))

    def due() -> list[str]:
        found = model.query(
            TableName="wallets",
            IndexName="due",
            KeyConditionExpression="#shard = :shard AND sweep_at <= :now",
            ExpressionAttributeNames={"#shard": "shard"},
            ExpressionAttributeValues={":shard": {"S": "07"}, ":now": {"N": "90"}},
        )
        return [row["sk"]["S"] for row in found["Items"]]

    for sk, at in (("one", "80"), ("two", "9")):
        model.put_item(TableName="wallets", Item=item(sk, shard={"S": "07"}, sweep_at={"N": at}))
    assert due() == []
    now[0] = 1500
    assert due() == ["two", "one"], "9 before 80: numbers, not text"


@pytest.mark.parametrize(
    ("request_", "loud"),
    [
        ({"Key": item(), "AttributesToGet": ["pk"]}, TypeError),
        ({"Key": {"pk": {"S": "x"}}}, ClientError),
    ],
    ids=["an unknown parameter", "half a key"],
)
def test_a_read_that_is_not_modelled_is_refused(request_: dict[str, Any], loud: type[Exception]) -> None:
    with pytest.raises(loud):
        Dynamo(TABLES).get_item(TableName="wallets", **request_)


@pytest.mark.parametrize(
    "update",
    ["SET body.part = :x", "DELETE names :x", "SET body = list_append(body, :x)"],
)
def test_an_update_that_is_not_modelled_stops_the_run(update: str) -> None:
    """Not an ``Exception``: nothing in between can take it for an answer."""
    with pytest.raises(Unmodelled):
        Dynamo(TABLES).update_item(
            TableName="wallets",
            Key=item(),
            UpdateExpression=update,
            ExpressionAttributeValues={":x": {"S": "x"}},
        )


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([put(item(f"page#{number}")) for number in range(101)], "ValidationException"),
        ([put(item()), put(item())], "ValidationException"),
        ([put(item(body={"S": "x" * 409_600}))], "ValidationException"),
        ([put(item(shard={"S": "07"}, sweep_at={"S": "9"}))], "ValidationException"),
        ([{"Put": {"TableName": "other", "Item": item()}}], "ResourceNotFoundException"),
    ],
    ids=["101 items", "one item twice", "400 KB and its names", "a key of another type", "no such table"],
)
def test_a_transaction_that_is_none_is_refused(items: list[Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        Dynamo(TABLES).transact_write_items(TransactItems=items)
    assert refused.value.response["Error"]["Code"] == code
