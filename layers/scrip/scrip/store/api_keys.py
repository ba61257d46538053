"""Stores API keys and portal sessions, in a table of their own, so that whoever writes wallets can write no key.

The layout is in ``keys``. A key's document has a ``rev`` and is replaced only where that is the one that was read; what
else says that there is such a key is written in the same transaction. It knows no member of a document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.exceptions import ClientError

from scrip.store import documents, items, keys, lists
from scrip.store.documents import NEW
from scrip.store.tables import Item, Tables, refusals

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HANDED_SECONDS: Final = 3600
"""How long it is stored what a limited key was handed: a second counts."""


class KeyDocument(NamedTuple):
    """A stored key. ``used_at``: when it was used last, but for a day, in epoch milliseconds; None: not yet."""

    rev: int
    body: Mapping[str, Any]
    used_at: int | None


class KeyRequest(NamedTuple):
    """What was made under an Idempotency-Key, by the hash of that."""

    hashed: str
    body: Mapping[str, Any]


class Handed(NamedTuple):
    """What a limited key was handed lately: pairs of an instant (epoch milliseconds) and a number of requests."""

    rev: int
    taken: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """The keys table, through one client."""

    client: DynamoDBClient
    table: str

    def get(self, key_id: str) -> KeyDocument | None:
        """Returns a key, read consistently; None where there is none."""
        return self.get_many([key_id]).get(key_id)

    def get_many(self, key_ids: Sequence[str]) -> dict[str, KeyDocument]:
        """Returns the keys that exist, by their ids, read consistently: one call for each fifty."""
        wanted = [(name, keys.HEAD) for one in key_ids for name in (keys.api_key(one), keys.used_key(one))]
        found = self._tables.get_many(self.table, wanted)
        documents: dict[str, KeyDocument] = {}
        for one in key_ids:
            item = found.get((keys.api_key(one), keys.HEAD))
            if item:
                used = found.get((keys.used_key(one), keys.HEAD), {})
                body = json.loads(item["body"]["S"])
                documents[one] = KeyDocument(
                    items.integer(item, "rev"), body, items.optional_integer(used, "used_at")
                )
        return documents

    def request(self, hashed: str) -> Mapping[str, Any] | None:
        """Returns what was made under an Idempotency-Key, read consistently; None where nothing was."""
        return documents.get(self._tables, keys.key_request(hashed)).body or None

    def create(
        self,
        key_id: str,
        body: Mapping[str, Any],
        *,
        created_at: int | None,
        ends: int | None,
        request: KeyRequest | None,
        beside: Sequence[Item] = (),
    ) -> bool:
        """Puts a new key; returns False where it, or its request, is there, or is being written.

        Args:
            created_at: its place in the list of all keys, epoch milliseconds; None: it is not listed.
            ends: the second after which it is deleted; None: never.
            beside: transact items that are written with it.
        """
        writes = [self._put(keys.api_key(key_id), NEW, body, ends), *beside]
        if created_at is not None:
            writes.append(lists.add(self._tables, keys.API_KEYS, keys.at_instant(created_at, key_id)))
        return self._written(writes, request)

    def replace(
        self,
        key_id: str,
        rev: int,
        body: Mapping[str, Any],
        request: KeyRequest | None,
        beside: Sequence[Item] = (),
    ) -> bool:
        """Puts a key's next revision; returns False where ``rev`` is not the present one, or the request is there."""
        return self._written([self._put(keys.api_key(key_id), rev, body), *beside], request)

    def delete(self, key_id: str, rev: int, created_at: int, beside: Sequence[Item] = ()) -> bool:
        """Removes a key, and what else says that there is one; returns False where ``rev`` is not the present one."""
        return self._written(
            [
                {
                    "Delete": {
                        "TableName": self.table,
                        "Key": items.key(keys.api_key(key_id), keys.HEAD),
                        "ConditionExpression": "rev = :rev",
                        "ExpressionAttributeValues": {":rev": items.n(rev)},
                    }
                },
                lists.remove(self._tables, keys.API_KEYS, keys.at_instant(created_at, key_id)),
                lists.remove(self._tables, keys.used_key(key_id), keys.HEAD),
                *beside,
            ],
            None,
        )

    def listed(self, limit: int, before: str | None) -> lists.ListPage:
        """Returns a page of the names of keys, newest first, from behind the place ``before``; None: from the first."""
        return lists.page(self._tables, keys.API_KEYS, limit, after=before, backwards=True)

    def note_use(self, key_id: str, at: int, before: int) -> None:
        """Notes that a key is used at ``at``, where it was not since ``before`` (both epoch milliseconds)."""
        try:
            with refusals():
                self.client.update_item(
                    TableName=self.table,
                    Key=items.key(keys.used_key(key_id), keys.HEAD),
                    UpdateExpression="SET used_at = :at",
                    ConditionExpression="attribute_not_exists(used_at) OR used_at <= :before",
                    ExpressionAttributeValues={":at": items.n(at), ":before": items.n(before)},
                )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def hand(self, key_id: str, seen: Handed, at: int) -> Handed | None:
        """Puts what a limited key has been handed by ``at``, epoch milliseconds, as the revision after ``seen``'s.

        Returns None; or else, where another environment was faster, what that has put.
        """
        request: dict[str, Any] = {
            "TableName": self.table,
            "Key": items.key(keys.tokens(key_id), keys.HEAD),
            "UpdateExpression": "SET rev = :next, taken = :taken, ends = :ends",
            "ConditionExpression": "rev = :rev" if seen.rev else "attribute_not_exists(pk)",
            "ExpressionAttributeValues": {
                ":next": items.n(seen.rev + 1),
                ":taken": items.s(json.dumps(seen.taken)),
                ":ends": items.n(at // 1000 + HANDED_SECONDS),
            },
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if seen.rev:
            request["ExpressionAttributeValues"][":rev"] = items.n(seen.rev)
        try:
            with refusals():
                self.client.update_item(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            item: Any = error.response.get("Item")
            if not item:
                return Handed(NEW, [])
            pairs = [(at, count) for at, count in json.loads(item["taken"]["S"])]
            return Handed(items.integer(item, "rev"), pairs)
        return None

    @property
    def _tables(self) -> Tables:
        """Returns the keys table in the place of the wallets table: documents and lists are alike in any one."""
        return Tables(self.client, self.table, self.table)

    def _put(self, pk: str, rev: int, body: Mapping[str, Any], ends: int | None = None) -> Item:
        """Returns the transact item of a document's next revision; ``ends``: the second after which it is deleted."""
        write = documents.write(self._tables, pk, rev, body)
        if ends is not None:
            write["Put"]["Item"]["ends"] = items.n(ends)
        return write

    def _written(self, writes: list[Item], request: KeyRequest | None) -> bool:
        """Writes all or none; returns False where a condition did not hold, or another transaction was at work."""
        if request is not None:
            writes.append(self._put(keys.key_request(request.hashed), NEW, request.body))
        return documents.put_all(self._tables, writes)
