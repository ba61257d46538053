"""The DynamoDB client with the wallets table and the ledger table, and DynamoDB's errors as refusals.

It knows no item: the layout is in ``keys``, the attributes are in ``items``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from scrip.domain.credits.errors import Contended, Throttled, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
"""An item in DynamoDB's own JSON: ``{"pk": {"S": "..."}}``. Built by hand: the burn path has no time for a
serializer that asks every value for its type."""

THROTTLING: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
    }
)
PASSING: Final = frozenset({"InternalServerError", "ServiceUnavailable", "TransactionInProgressException"})
CONFLICT: Final = "TransactionConflictException"
"""A write by itself met a transaction on its item; one that a transaction met is among that one's reasons."""

BATCH_GET: Final = 100
"""Most keys of one BatchGetItem."""

BATCH_TRIES: Final = 5
"""How often keys that a BatchGetItem left unprocessed are asked for again."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The wallets table and the ledger table, through one client."""

    client: DynamoDBClient
    wallets: str
    ledger: str

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        """Returns one item, read consistently; None where there is none."""
        with refusals():
            answer = self.client.get_item(
                TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
            )
        return answer.get("Item")

    def get_many(self, table: str, keys: list[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        """Returns the items of these keys that exist, read consistently, by their keys.

        Raises:
            Throttled: the table keeps leaving keys unprocessed.
        """
        found: dict[tuple[str, str], Item] = {}
        for start in range(0, len(keys), BATCH_GET):
            wanted: Any = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys[start : start + BATCH_GET]]
            for _ in range(BATCH_TRIES):
                with refusals():
                    answer: Any = self.client.batch_get_item(
                        RequestItems={table: {"Keys": wanted, "ConsistentRead": True}}
                    )
                for item in answer["Responses"].get(table, []):
                    found[item["pk"]["S"], item["sk"]["S"]] = item
                wanted = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
                if not wanted:
                    break
            else:
                raise Throttled("the table is busy")
        return found

    def query(self, limit: int = 0, **request: Any) -> list[Item]:
        """Returns the items of a query: the first ``limit`` of them, or all where it is 0."""
        items: list[Item] = []
        if limit and "FilterExpression" not in request:
            # With a filter it would count what is read, not what is found: a call for each item passed over.
            request["Limit"] = limit
        for page in self.pages(**request):
            items += page
            if limit and len(items) >= limit:
                return items[:limit]
        return items

    def pages(self, **request: Any) -> Iterator[list[Item]]:
        """Yields the items of a query page by page, up to a megabyte each."""
        while True:
            with refusals():
                answer = self.client.query(**request)
            yield answer["Items"]
            last = answer.get("LastEvaluatedKey")
            if not last:
                return
            request["ExclusiveStartKey"] = last

    def query_wallet(self, pk: str, prefix: str, limit: int = 0) -> list[Item]:
        """Returns a wallet's items whose sort key begins with ``prefix``, in order, read consistently.

        It returns the first ``limit`` of them, or all where it is 0.
        """
        return self.query(
            limit,
            TableName=self.wallets,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
            ConsistentRead=True,
        )


@contextmanager
def refusals() -> Iterator[None]:
    """Turns errors of a busy or broken table into refusals, after which a caller may try again.

    Any other error of DynamoDB, such as a condition that failed, passes through unchanged.

    Raises:
        Throttled, Unavailable, Contended: as DynamoDB's error code says.
    """
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in THROTTLING:
            raise Throttled("the table is busy") from error
        if code in PASSING:
            raise Unavailable("the table does not answer") from error
        if code == CONFLICT:
            raise Contended("somebody else is writing it at this moment") from error
        raise
    except BotoCoreError as error:
        raise Unavailable("the table does not answer") from error
