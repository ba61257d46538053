"""Stores the raw bodies of webhooks, in a table of their own.

Bodies hold names, addresses and the last digits of cards. So they are encrypted under a KMS key and deleted after
some days, and nothing that counts is ever read from them.

Deliveries table: partition ``pk``, sort ``sk``
    <provider>#<SHA-256 of the delivery's id>   <SHA-256 of the body>   a body
    payment#<provider>#<payment id>             <pk of a delivery>      that it is of this payment
                                                payment#<provider>#<id>  that this is a part of the payment

A delivery that comes again with the same body is the same item. If it comes with another body, that is a second item
beside the first. So nothing that a provider sent is overwritten, and nothing is stored twice.

A body may be erased. What is left of its item says that it came, and when: so the same body is not stored again.

A body waits until somebody has applied what it says. Only while it waits it has ``unapplied``, the partition key of the
sparse index of that name (sort: ``received_at``), and it is not deleted: instead of ``expires_at`` it has
``keep_until``, which takes its place once the body waits no more.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from botocore.exceptions import ClientError

from scrip.domain.credits.errors import Unavailable
from scrip.store import items
from scrip.store.tables import Item, refusals

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


FILED: Final = "payment#"
"""How the partition keys begin under which deliveries are filed. No provider is called ``payment``."""
UNAPPLIED: Final = "unapplied"
"""The attribute that bodies have while they wait, and the index of those."""
SHARDS: Final = ("0", "1", "2", "3")
"""Partitions of the index. A delivery writes there twice and a partition takes 1 000 writes a second: so it holds up no
webhook under 2 000 deliveries a second."""
State = Literal["waiting", "applied", "parked", "refused"]
"""How a body stands: it waits; what it says is in its payment; it is, and the payment waits for a person; it means
nothing, or could not be read, and nobody applies it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One body of one delivery: the bytes as they were signed, and what was read in them.

    ``received_at`` is the instant at which this body first came, in epoch milliseconds; by the test clock, where one is
    enabled and was said. ``reasons`` say what could
    not be read. ``erased_at`` is when the body was erased; there are no bytes of it any more.
    ``state`` is how it stands, None of what was kept before that was; ``causes`` say why it is parked or refused.
    ``digest`` is the SHA-256 of what is stored, erased or not; empty of what is not stored yet.
    """

    provider: str
    delivery_id: str
    type: str
    payment_id: str | None
    received_at: int
    body: bytes
    reasons: tuple[str, ...] = ()
    erased_at: int | None = None
    state: State | None = None
    causes: tuple[str, ...] = ()
    digest: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A body that waits to be applied, as the index has it; ``received_at`` is as in ``Kept``."""

    provider: str
    delivery_id: str
    received_at: int


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The deliveries table, through one client."""

    client: DynamoDBClient
    table: str

    def keep(self, kept: Kept, until: int) -> bool:
        """Puts a body, to be deleted at the second ``until``; returns False where this very body is stored already.

        One that is to wait is not deleted while it does. One that is stored already stands as it stood.

        Raises:
            Unavailable: the table answers anything else, or does not answer. The provider still has the delivery.
        """
        try:
            with refusals():
                self.client.put_item(
                    TableName=self.table,
                    Item=_item(kept, until),
                    ConditionExpression="attribute_not_exists(pk)",
                )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise Unavailable("the delivery cannot be kept") from error
        return True

    def mark(
        self, provider: str, delivery_id: str, digest: str, state: State, causes: tuple[str, ...] = ()
    ) -> None:
        """Says how a body stands that waits no more; nothing is done where there is no such body.

        Args:
            digest: the SHA-256 of the body, in hexadecimal digits.
            causes: why it is parked or refused.

        Raises:
            Throttled, Unavailable: the table does not take it now.
        """
        try:
            with refusals():
                self.client.update_item(
                    TableName=self.table,
                    Key=items.key(_partition(provider, delivery_id), digest),
                    UpdateExpression=(
                        "SET #state = :state, causes = :causes, expires_at = if_not_exists(expires_at, keep_until) "
                        "REMOVE unapplied, keep_until"
                    ),
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues={":state": items.s(state), ":causes": _texts(causes)},
                )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def waiting_before(self, at: int, limit: int) -> list[Waiting]:
        """Returns what came before ``at`` (epoch milliseconds) and waits still, oldest first, at most ``limit``.

        The index follows the table within a second, as a rule: what came that shortly before may be missing.

        Raises:
            Throttled, Unavailable: the table does not answer.
        """
        found: list[Waiting] = []
        for shard in SHARDS:
            request: Item = {
                "TableName": self.table,
                "IndexName": UNAPPLIED,
                "KeyConditionExpression": "unapplied = :shard AND received_at < :at",
                "ExpressionAttributeValues": {":shard": items.s(shard), ":at": items.n(at)},
                "Limit": limit,
            }
            with refusals():
                answer = self.client.query(**request)
            found += [
                Waiting(item["provider"]["S"], item["delivery_id"]["S"], items.integer(item, "received_at"))
                for item in answer["Items"]
            ]
        return sorted(found, key=lambda one: (one.received_at, one.provider, one.delivery_id))[:limit]

    def of(self, provider: str, delivery_id: str) -> list[Kept]:
        """Returns every body of a delivery, in the order in which they came.

        A provider tries a delivery a few times, so there are only a few bodies.
        """
        found = map(_read, self._all(_partition(provider, delivery_id)))
        return sorted(found, key=lambda kept: kept.received_at)

    def file(self, provider: str, payment_id: str, delivery_id: str, until: int) -> None:
        """Notes which payment a delivery is of, until the second ``until``; it may be noted already.

        Raises:
            Throttled, Unavailable: the table does not take it now.
        """
        self._note(_of_payment(provider, payment_id), _partition(provider, delivery_id), until)

    def file_part(self, provider: str, payment_id: str, part_id: str, until: int) -> None:
        """Notes that what is filed under another payment is of this one too, as ``file`` does."""
        self._note(_of_payment(provider, payment_id), _of_payment(provider, part_id), until)

    def erase_of(self, provider: str, payment_id: str, at: int) -> None:
        """Erases every body of every delivery that was filed under a payment or a part of it.

        Args:
            at: now, epoch milliseconds.

        Raises:
            Throttled, Unavailable: the table does not answer; what is erased stays so.
        """
        for filed in self._all(_of_payment(provider, payment_id), keys_alone=True):
            place = filed["sk"]["S"]
            parts = self._all(place, keys_alone=True) if place.startswith(FILED) else [filed]
            for delivery in parts:
                self._erase(delivery["sk"]["S"], at)

    def _note(self, pk: str, sk: str, until: int) -> None:
        with refusals():
            self.client.put_item(
                TableName=self.table, Item={**items.key(pk, sk), "expires_at": items.n(until)}
            )

    def _erase(self, pk: str, at: int) -> None:
        for item in self._all(pk, keys_alone=True):
            try:
                with refusals():
                    self.client.update_item(
                        TableName=self.table,
                        Key={"pk": item["pk"], "sk": item["sk"]},
                        UpdateExpression="SET erased_at = if_not_exists(erased_at, :at) REMOVE body",
                        ConditionExpression="attribute_exists(pk)",
                        ExpressionAttributeValues={":at": items.n(at)},
                    )
            except ClientError as error:
                # It was deleted in between: its days are over.
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise

    def _all(self, pk: str, *, keys_alone: bool = False) -> list[Item]:
        """Returns the items of a partition, read consistently."""
        found: list[Item] = []
        request: Item = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": items.s(pk)},
            "ConsistentRead": True,
        }
        if keys_alone:
            request["ProjectionExpression"] = "pk, sk"
        while True:
            with refusals():
                answer = self.client.query(**request)
            found += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return found
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def since(self, at: int) -> list[Kept]:
        """Returns what was received at ``at`` (epoch milliseconds) or later, in the order it came, without the bodies.

        This is a scan: the table holds some weeks, and only an operator asks. A list by time would be one partition
        that every webhook is written to.
        """
        found: list[Kept] = []
        request: Item = {
            "TableName": self.table,
            "FilterExpression": "received_at >= :at",
            "ExpressionAttributeValues": {":at": items.n(at)},
            "ProjectionExpression": "provider, delivery_id, #type, payment_id, received_at, reasons, erased_at, #state",
            "ExpressionAttributeNames": {"#type": "type", "#state": "state"},
        }
        while True:
            with refusals():
                answer = self.client.scan(**request)
            found += map(_read, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return sorted(found, key=lambda kept: kept.received_at)
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _item(kept: Kept, until: int) -> Item:
    """Returns the item of a body, with its compressed bytes and the second at which DynamoDB deletes it.

    While it waits, that second is kept where DynamoDB does not look.
    """
    pk, waits = _partition(kept.provider, kept.delivery_id), kept.state == "waiting"
    item = {
        **items.key(pk, sha256(kept.body).hexdigest()),
        "provider": items.s(kept.provider),
        "delivery_id": items.s(kept.delivery_id),
        "type": items.s(kept.type),
        "received_at": items.n(kept.received_at),
        # Seconds, as DynamoDB wants it.
        "keep_until" if waits else "expires_at": items.n(until),
        "body": items.b(zlib.compress(kept.body)),
    }
    if kept.payment_id is not None:
        item["payment_id"] = items.s(kept.payment_id)
    if kept.reasons:
        item["reasons"] = _texts(kept.reasons)
    if kept.state is not None:
        item["state"] = items.s(kept.state)
    if kept.causes:
        item["causes"] = _texts(kept.causes)
    if waits:
        item[UNAPPLIED] = items.s(_shard(pk))
    return item


def _texts(texts: tuple[str, ...]) -> dict[str, Any]:
    """Returns texts as an attribute value."""
    return {"L": [items.s(text) for text in texts]}


def _shard(pk: str) -> str:
    """Returns the partition of the index in which the bodies of a delivery wait."""
    return SHARDS[int(pk[-1], 16) % len(SHARDS)]


def _partition(provider: str, delivery_id: str) -> str:
    """Returns the partition key of a delivery.

    The id is hashed, because it may be of any length and hold any character that a header can.
    """
    return f"{provider}#{sha256(delivery_id.encode()).hexdigest()}"


def _of_payment(provider: str, payment_id: str) -> str:
    """Returns the partition key of the deliveries of a payment."""
    return f"{FILED}{provider}#{payment_id}"


def _read(item: Item) -> Kept:
    """Returns the body that an item holds; empty bytes where the item was read without it, or it is erased."""
    return Kept(
        provider=item["provider"]["S"],
        delivery_id=item["delivery_id"]["S"],
        type=item["type"]["S"],
        payment_id=item["payment_id"]["S"] if "payment_id" in item else None,
        received_at=items.integer(item, "received_at"),
        body=zlib.decompress(bytes(item["body"]["B"])) if "body" in item else b"",
        reasons=tuple(reason["S"] for reason in item.get("reasons", {}).get("L", [])),
        erased_at=items.integer(item, "erased_at") if "erased_at" in item else None,
        state=cast(State, item["state"]["S"]) if "state" in item else None,
        causes=tuple(cause["S"] for cause in item.get("causes", {}).get("L", [])),
        digest=item["sk"]["S"] if "sk" in item else "",
    )
