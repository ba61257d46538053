"""Webhooks' raw bodies, in a table of their own: they hold names, addresses and card tails, so they are encrypted
under a key of KMS, deleted by a clock, and nothing that counts is ever read from them.

Deliveries table: partition ``pk`` = <provider>#<SHA-256 of the delivery's id>, sort ``sk`` = SHA-256 of the body.

A delivery that comes again with the same body is the same item; one that says more by then is another beside it. So
nothing that a provider ever said is overwritten, and nothing is kept twice.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from scrip.domain.credits.errors import Unavailable
from scrip.store import items
from scrip.store.tables import Item, refusals

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Kept:
    """One body of one delivery: bytes as they were signed, and what they were understood to be about.

    ``received_at`` is the instant this body first came, epoch milliseconds; ``reasons`` say what could not be read.
    """

    provider: str
    delivery_id: str
    type: str
    payment_id: str | None
    received_at: int
    body: bytes
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The table, through one client."""

    client: DynamoDBClient
    table: str

    def keep(self, kept: Kept, days: int) -> bool:
        """Puts a body, to be deleted after so many days; False where this very one is there already.

        Raises ``Unavailable`` for whatever else the table answers, or fails to: the provider has it still.
        """
        try:
            with refusals():
                self.client.put_item(
                    TableName=self.table,
                    Item=_item(kept, days),
                    ConditionExpression="attribute_not_exists(pk)",
                )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise Unavailable("the delivery cannot be kept") from error
        return True

    def of(self, provider: str, delivery_id: str) -> list[Kept]:
        """Every body of a delivery, in the order they came. Not more than its provider tries: a handful."""
        found: list[Kept] = []
        request = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": items.s(_partition(provider, delivery_id))},
            "ConsistentRead": True,
        }
        while True:
            with refusals():
                answer = self.client.query(**request)  # type: ignore[arg-type]
            found += map(_read, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return sorted(found, key=lambda kept: kept.received_at)
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def since(self, at: int) -> list[Kept]:
        """What was received at the instant or later, in the order it came, without the bodies.

        A scan: the table is of some weeks, only an operator asks, and a list by time would be one partition that all
        webhooks are written to.
        """
        found: list[Kept] = []
        request: Item = {
            "TableName": self.table,
            "FilterExpression": "received_at >= :at",
            "ExpressionAttributeValues": {":at": items.n(at)},
            "ProjectionExpression": "provider, delivery_id, #type, payment_id, received_at, reasons",
            "ExpressionAttributeNames": {"#type": "type"},
        }
        while True:
            with refusals():
                answer = self.client.scan(**request)
            found += map(_read, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return sorted(found, key=lambda kept: kept.received_at)
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _item(kept: Kept, days: int) -> Item:
    item = {
        **items.key(_partition(kept.provider, kept.delivery_id), sha256(kept.body).hexdigest()),
        "provider": items.s(kept.provider),
        "delivery_id": items.s(kept.delivery_id),
        "type": items.s(kept.type),
        "received_at": items.n(kept.received_at),
        # Seconds, as DynamoDB wants it.
        "expires_at": items.n(kept.received_at // 1000 + days * DAY_SECONDS),
        "body": items.b(zlib.compress(kept.body)),
    }
    if kept.payment_id is not None:
        item["payment_id"] = items.s(kept.payment_id)
    if kept.reasons:
        item["reasons"] = {"L": [items.s(reason) for reason in kept.reasons]}
    return item


def _partition(provider: str, delivery_id: str) -> str:
    """An id may be of any length and hold any letter that a header can."""
    return f"{provider}#{sha256(delivery_id.encode()).hexdigest()}"


def _read(item: Item) -> Kept:
    return Kept(
        provider=item["provider"]["S"],
        delivery_id=item["delivery_id"]["S"],
        type=item["type"]["S"],
        payment_id=item["payment_id"]["S"] if "payment_id" in item else None,
        received_at=items.integer(item, "received_at"),
        body=zlib.decompress(bytes(item["body"]["B"])) if "body" in item else b"",
        reasons=tuple(reason["S"] for reason in item.get("reasons", {}).get("L", [])),
    )
