"""The client with its two tables: reads of any number of items, and DynamoDB's errors as refusals."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError

from scrip.domain.credits.errors import Contended, Throttled, Unavailable
from scrip.store import items
from scrip.store.tables import BATCH_TRIES, Tables, refusals
from tests.store.stored import hearing, requests

PK = "w#acme#credits"


def put(tables: Tables, count: int, prefix: str = "note#", body: str = "{}") -> list[tuple[str, str]]:
    """Puts so many items into the wallets' table; their keys, in order."""
    placed = [(PK, f"{prefix}{number:03d}") for number in range(count)]
    for pk, sk in placed:
        tables.client.put_item(TableName="wallets", Item={**items.key(pk, sk), "body": items.s(body)})
    return placed


def sks(found: list[Any]) -> list[str]:
    return [item["sk"]["S"] for item in found]


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "GetItem")


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (refused("ProvisionedThroughputExceededException"), Throttled),
        (refused("ThrottlingException"), Throttled),
        (refused("RequestLimitExceeded"), Throttled),
        (refused("InternalServerError"), Unavailable),
        (refused("ServiceUnavailable"), Unavailable),
        (refused("TransactionInProgressException"), Unavailable),
        (refused("TransactionConflictException"), Contended),
        (ReadTimeoutError(endpoint_url="https://dynamodb.example.test"), Unavailable),
        (ConnectTimeoutError(endpoint_url="https://dynamodb.example.test"), Unavailable),
        (NoCredentialsError(), Unavailable),
    ],
    ids=str,
)
def test_an_error_that_passes_is_a_refusal_after_which_one_tries_again(
    error: Exception, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal) as told, refusals():
        raise error
    assert told.value.__cause__ is error


@pytest.mark.parametrize(
    "code", ["ConditionalCheckFailedException", "ValidationException", "AccessDeniedException"]
)
def test_any_other_error_stays_what_it_is(code: str) -> None:
    with pytest.raises(ClientError) as told, refusals():
        raise refused(code)
    assert told.value.response["Error"]["Code"] == code


def test_one_item_is_read_or_there_is_none(tables: Tables) -> None:
    (place,) = put(tables, 1)
    with requests(tables, "GetItem") as sent:
        assert (tables.get("wallets", *place) or {})["body"] == {"S": "{}"}
        assert tables.get("wallets", PK, "none") is None
        assert tables.get("ledger", *place) is None
    assert [request["ConsistentRead"] for request in sent] == [True] * 3


def test_any_number_of_items_is_read_a_hundred_at_a_time(tables: Tables) -> None:
    """250 keys, of which 40 have no item."""
    wanted = [*put(tables, 210), *((PK, f"none#{number}") for number in range(40))]
    with requests(tables, "BatchGetItem") as sent:
        found = tables.get_many("wallets", wanted)
    assert list(found) == wanted[:210]
    asked = [request["RequestItems"]["wallets"] for request in sent]
    assert [len(one["Keys"]) for one in asked] == [100, 100, 50]
    assert all(one["ConsistentRead"] for one in asked)


def test_no_key_costs_no_call(tables: Tables) -> None:
    with requests(tables, "BatchGetItem") as sent:
        assert tables.get_many("wallets", []) == {}
    assert sent == []


def unprocessed(times: int) -> Any:
    """Has DynamoDB leave the last key of a batch unprocessed, so often."""
    left = [times]

    def leave(parsed: Any, params: Any, **_: Any) -> None:
        if left[0] > 0:
            left[0] -= 1
            last = params["RequestItems"]["wallets"]["Keys"][-1]
            kept = parsed["Responses"]["wallets"]
            parsed["Responses"]["wallets"] = [item for item in kept if item["sk"] != last["sk"]]
            parsed["UnprocessedKeys"] = {"wallets": {"Keys": [last]}}

    return leave


def test_keys_that_a_batch_left_unread_are_asked_for_again(tables: Tables) -> None:
    wanted = put(tables, 3)
    with (
        hearing(tables, "after-call.dynamodb.BatchGetItem", unprocessed(2)),
        requests(tables, "BatchGetItem") as sent,
    ):
        assert sorted(tables.get_many("wallets", wanted)) == wanted
    assert [len(request["RequestItems"]["wallets"]["Keys"]) for request in sent] == [3, 1, 1]


def test_a_table_that_goes_on_leaving_keys_unread_is_busy(tables: Tables) -> None:
    wanted = put(tables, 3)
    with (
        hearing(tables, "after-call.dynamodb.BatchGetItem", unprocessed(99)),
        requests(tables, "BatchGetItem") as sent,
        pytest.raises(Throttled),
    ):
        tables.get_many("wallets", wanted)
    assert len(sent) == BATCH_TRIES


def query(tables: Tables, limit: int = 0, **more: Any) -> list[Any]:
    values = {":pk": items.s(PK), **more.pop("values", {})}
    return tables.query(
        limit,
        TableName="wallets",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues=values,
        **more,
    )


def test_a_query_reads_every_page(tables: Tables) -> None:
    """Thirty items of 100 KB are three pages of a megabyte."""
    placed = put(tables, 30, body="x" * 100_000)
    with requests(tables, "Query") as sent:
        assert sks(query(tables)) == [sk for _, sk in placed]
    assert len(sent) >= 3


def test_a_query_for_so_many_asks_for_no_more(tables: Tables) -> None:
    put(tables, 9)
    with requests(tables, "Query") as sent:
        assert sks(query(tables, 2)) == ["note#000", "note#001"]
    assert [request["Limit"] for request in sent] == [2]


def test_with_a_filter_the_number_is_of_what_is_found(tables: Tables) -> None:
    """A limit would be of what is read: here of four items that are not wanted."""
    put(tables, 4, "a#", "x")
    put(tables, 4, "b#")
    with requests(tables, "Query") as sent:
        found = query(tables, 2, FilterExpression="body = :body", values={":body": items.s("{}")})
    assert (sks(found), "Limit" in sent[0]) == (["b#000", "b#001"], False)


def test_items_of_a_wallet_are_read_by_the_beginning_of_their_key(tables: Tables) -> None:
    put(tables, 3, "a#")
    put(tables, 3, "b#")
    with requests(tables, "Query") as sent:
        assert sks(tables.query_wallet(PK, "b#")) == ["b#000", "b#001", "b#002"]
        assert sks(tables.query_wallet(PK, "a#", 1)) == ["a#000"]
    assert [request["ConsistentRead"] for request in sent] == [True] * 2
