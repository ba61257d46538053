"""Stores webhook endpoints, and what is on its way to them, in a table of their own.

Notifications table: partition ``pk``, sort ``sk``; what has ``ends``, a second, is deleted after it
    endpoints             <id>                       that there is such an endpoint
    endpoint#<id>         head                       the endpoint
                          failing                    since when nothing was delivered
                          slot#<number>              that a call of it is being made, and until when at most
    deliveries#<id>#<made>
                          <instant>#<event id>       an event on its way to it, or arrived; ``made`` tells an endpoint
                                                     from one that had its id before
    event#<event id>      head                       the bytes of an event that somebody wanted, or that is kept
    events#<day>          <instant>#<event id>       an event that follows from no entry (``kept_events``)
    replay#<id>           head                       a replay
    request#<hash>        head                       what was asked for under an Idempotency-Key
    index ``waiting``: waits = <id>#<made>, next_attempt_at
                                                     what waits for its next attempt, by its instant

Owns the names of their attributes. Does not own when something is tried.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

from botocore.exceptions import ClientError

from scrip.domain.notifications.dispatch import Dispatch, DispatchAttempt, DispatchStatus
from scrip.domain.notifications.endpoint import WebhookEndpoint
from scrip.domain.notifications.outgoing import OutgoingEvent
from scrip.store import documents, items, keys, lists
from scrip.store.tables import Item, Tables, refusals

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENDPOINTS: Final = "endpoints"
FAILING: Final = "failing"
SLOT: Final = "slot#"
KEPT_SECONDS: Final = 35 * 86_400
"""How long it is stored what was sent: as long as it may be replayed, and some days more."""
STATUSES: Final[tuple[DispatchStatus, ...]] = get_args(DispatchStatus)
FAILED_CONDITION: Final = "ConditionalCheckFailedException"


def endpoint(endpoint_id: str) -> str:
    """Returns the partition key of an endpoint."""
    return f"endpoint#{endpoint_id}"


def dispatches(owner: str) -> str:
    """Returns the partition key of what is sent to an endpoint; ``owner`` is its id and ``made``, see ``owner_of``."""
    return f"deliveries#{owner}"


def owner_of(one: WebhookEndpoint) -> str:
    """Returns the name of an endpoint that no other ever has, of whatever id."""
    return f"{one.endpoint_id}#{one.made}"


def event(event_id: str) -> str:
    """Returns the partition key of an event's bytes."""
    return f"event#{event_id}"


def replay(replay_id: str) -> str:
    """Returns the partition key of a replay."""
    return f"replay#{replay_id}"


def request(hashed: str) -> str:
    """Returns the partition key of what was asked for under an Idempotency-Key, by the hash of that."""
    return f"request#{hashed}"


class EndpointState(NamedTuple):
    """An endpoint as it stands: its revision, since when nothing was delivered, and until when each slot is taken.

    Instants are epoch milliseconds, those of slots by the machine's clock.
    """

    rev: int
    endpoint: WebhookEndpoint
    failing_since: int | None
    slots: Mapping[int, int]


class StoredDispatch(NamedTuple):
    """A dispatch, its place in the list of its endpoint, its revision, and until when somebody is at it."""

    place: str
    rev: int
    dispatch: Dispatch
    claimed: int


@dataclass(frozen=True, slots=True)
class Notifications:
    """The notifications table, through one client."""

    client: DynamoDBClient
    table: str

    @property
    def tables(self) -> Tables:
        """Returns the table in the place of the wallets table: documents and lists are alike in any one."""
        return Tables(self.client, self.table, self.table)

    # Endpoints

    def state(self, endpoint_id: str) -> EndpointState | None:
        """Returns an endpoint as it stands, read consistently: one call; None where there is none."""
        found = self.tables.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": items.s(endpoint(endpoint_id))},
            ConsistentRead=True,
        )
        by_key = {item["sk"]["S"]: item for item in found}
        if keys.HEAD not in by_key:
            return None
        head, failing = by_key[keys.HEAD], by_key.get(FAILING)
        slots = {
            int(name.removeprefix(SLOT)): items.integer(item, "taken_until")
            for name, item in by_key.items()
            if name.startswith(SLOT)
        }
        return EndpointState(
            items.integer(head, "rev"),
            _endpoint(endpoint_id, head),
            items.integer(failing, "failing_since") if failing else None,
            slots,
        )

    def all_endpoints(self) -> list[WebhookEndpoint]:
        """Returns every endpoint, by id, read consistently: two calls."""
        ids = [item["sk"]["S"] for item in self._listed()]
        found = documents.get_many(self.tables, map(endpoint, ids))
        return [
            WebhookEndpoint.from_json(id_, found[endpoint(id_)].body) for id_ in ids if endpoint(id_) in found
        ]

    def all_states(self) -> list[EndpointState]:
        """Returns every endpoint as it stands but for its slots, by id, read consistently: two calls."""
        ids = [item["sk"]["S"] for item in self._listed()]
        wanted = [(endpoint(id_), sk) for id_ in ids for sk in (keys.HEAD, FAILING)]
        found = self.tables.get_many(self.table, wanted)
        states = []
        for id_ in ids:
            head, failing = found.get((endpoint(id_), keys.HEAD)), found.get((endpoint(id_), FAILING))
            if head:
                since = items.integer(failing, "failing_since") if failing else None
                states.append(EndpointState(items.integer(head, "rev"), _endpoint(id_, head), since, {}))
        return states

    def put_endpoint(self, rev: int, one: WebhookEndpoint, beside: Sequence[Item]) -> bool:
        """Puts an endpoint's next revision; returns False where ``rev`` is not the present one.

        Args:
            beside: transact items that are written with it, and have no condition.
        """
        listed = [lists.add(self.tables, ENDPOINTS, one.endpoint_id)] if rev == documents.NEW else []
        put = documents.put_with(
            self.tables, endpoint(one.endpoint_id), rev, one.to_json(), [*listed, *beside]
        )
        return put is not None

    def delete_endpoint(self, rev: int, endpoint_id: str, beside: Sequence[Item]) -> bool:
        """Removes an endpoint; returns False where ``rev`` is not the present one.

        What was sent to it is forgotten in its time.
        """
        pk = endpoint(endpoint_id)
        head = {
            "Delete": {
                "TableName": self.table,
                "Key": items.key(pk, keys.HEAD),
                "ConditionExpression": "rev = :rev",
                "ExpressionAttributeValues": {":rev": items.n(rev)},
            }
        }
        gone = [lists.remove(self.tables, ENDPOINTS, endpoint_id), lists.remove(self.tables, pk, FAILING)]
        return documents.put_all(self.tables, [head, *gone, *beside])

    def fail(self, endpoint_id: str, at: int) -> int:
        """Notes that nothing was delivered at ``at``; returns since when nothing was, epoch milliseconds."""
        with refusals():
            answer = self.client.update_item(
                TableName=self.table,
                Key=items.key(endpoint(endpoint_id), FAILING),
                UpdateExpression="SET failing_since = if_not_exists(failing_since, :at)",
                ExpressionAttributeValues={":at": items.n(at)},
                ReturnValues="ALL_NEW",
            )
        return items.integer(answer["Attributes"], "failing_since")

    def recover(self, endpoint_id: str) -> None:
        """Notes that something was delivered."""
        with refusals():
            self.client.delete_item(TableName=self.table, Key=items.key(endpoint(endpoint_id), FAILING))

    def take_slot(self, endpoint_id: str, number: int, until: int, now: int, owner: str) -> bool:
        """Takes one of an endpoint's slots, or keeps it, until an instant by the machine's clock (epoch milliseconds).

        Returns False where somebody else has it.
        """
        return self._conditional(
            "update_item",
            Key=items.key(endpoint(endpoint_id), f"{SLOT}{number}"),
            UpdateExpression="SET taken_until = :until, taken_by = :owner",
            ConditionExpression="attribute_not_exists(pk) OR taken_until < :now OR taken_by = :owner",
            ExpressionAttributeValues={
                ":until": items.n(until),
                ":owner": items.s(owner),
                ":now": items.n(now),
            },
        )

    def free_slot(self, endpoint_id: str, number: int, owner: str) -> None:
        """Gives a slot back, unless somebody else has it by now."""
        self._conditional(
            "delete_item",
            Key=items.key(endpoint(endpoint_id), f"{SLOT}{number}"),
            ConditionExpression="taken_by = :owner",
            ExpressionAttributeValues={":owner": items.s(owner)},
        )

    # Events

    def keep_event(self, one: OutgoingEvent, ends: int) -> None:
        """Keeps an event's bytes until the second ``ends``; those that are there stay."""
        about = {"account": items.s(one.account)} if one.account is not None else {}
        item = {
            **items.key(event(one.event_id), keys.HEAD),
            **about,
            "type": items.s(one.type),
            "at": items.n(one.at),
            "body": items.b(zlib.compress(one.body)),
            "ends": items.n(ends),
        }
        self._conditional("put_item", Item=item, ConditionExpression="attribute_not_exists(pk)")

    def kept_event(self, event_id: str) -> OutgoingEvent | None:
        """Returns an event that is kept, read consistently; None where it is not."""
        item = self.tables.get(self.table, event(event_id), keys.HEAD)
        if item is None:
            return None
        account = item["account"]["S"] if "account" in item else None
        body = zlib.decompress(bytes(item["body"]["B"]))
        return OutgoingEvent(event_id, item["type"]["S"], account, items.integer(item, "at"), body)

    # Dispatches

    def add(self, owner: str, dispatch: Dispatch, ends: int) -> str | None:
        """Puts an event on its way to an endpoint; returns its place, or None where it is on its way already.

        Args:
            ends: the second after which it is forgotten.
        """
        place = keys.at_instant(dispatch.at, dispatch.event_id)
        item = {**_item(owner, place, dispatch), "rev": items.n(1), "ends": items.n(ends)}
        put = self._conditional("put_item", Item=item, ConditionExpression="attribute_not_exists(pk)")
        return place if put else None

    def dispatch(self, owner: str, place: str) -> StoredDispatch | None:
        """Returns what lies at a place, read consistently; None where there is nothing."""
        item = self.tables.get(self.table, dispatches(owner), place)
        return _stored(item) if item else None

    def claim(self, owner: str, stored: StoredDispatch, until: int, now: int) -> bool:
        """Claims a dispatch until an instant by the machine's clock, epoch milliseconds.

        Returns False where somebody else is at it, or it has changed.
        """
        return self._conditional(
            "update_item",
            Key=items.key(dispatches(owner), stored.place),
            UpdateExpression="SET claimed = :until",
            ConditionExpression="rev = :rev AND (attribute_not_exists(claimed) OR claimed < :now)",
            ExpressionAttributeValues={
                ":until": items.n(until),
                ":now": items.n(now),
                ":rev": items.n(stored.rev),
            },
        )

    def settle(self, owner: str, stored: StoredDispatch, dispatch: Dispatch, ends: int) -> bool:
        """Puts what became of a dispatch; returns False where it has changed since it was read."""
        item = {
            **_item(owner, stored.place, dispatch),
            "rev": items.n(stored.rev + 1),
            "ends": items.n(ends),
        }
        return self._conditional(
            "put_item",
            Item=item,
            ConditionExpression="rev = :rev",
            ExpressionAttributeValues={":rev": items.n(stored.rev)},
        )

    def waiting(self, owner: str, until: int, limit: int) -> list[str]:
        """Returns places of up to ``limit`` dispatches that are due at ``until`` or before, the longest due first.

        Those that were put within a moment may be missing.
        """
        found = self.tables.query(
            limit,
            TableName=self.table,
            IndexName="waiting",
            KeyConditionExpression="waits = :owner AND next_attempt_at <= :until",
            ExpressionAttributeValues={":owner": items.s(owner), ":until": items.n(until)},
        )
        return [item["sk"]["S"] for item in found]

    def page(self, owner: str, limit: int, after: str | None) -> tuple[list[StoredDispatch], str | None]:
        """Returns up to ``limit`` dispatches of an endpoint, newest events first, and the place to go on after.

        Args:
            after: the place that the page goes on after; None for the newest.
        """
        found, following = lists.rows(
            self.tables, dispatches(owner), limit, after=after, backwards=True, consistent=True
        )
        return [_stored(item) for item in found], following

    def _listed(self) -> list[Item]:
        return self.tables.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": items.s(ENDPOINTS)},
            ConsistentRead=True,
        )

    def _conditional(self, operation: str, **request_: Any) -> bool:
        """Makes one write; returns False where its condition does not hold."""
        try:
            with refusals():
                getattr(self.client, operation)(TableName=self.table, **request_)
        except ClientError as error:
            if error.response["Error"]["Code"] != FAILED_CONDITION:
                raise
            return False
        return True


def _endpoint(endpoint_id: str, head: Item) -> WebhookEndpoint:
    """Reads an endpoint."""
    return WebhookEndpoint.from_json(endpoint_id, json.loads(head["body"]["S"]))


def _item(owner: str, place: str, dispatch: Dispatch) -> Item:
    """Returns the item of a dispatch, which is in the index while it waits for an attempt."""
    item = {
        **items.key(dispatches(owner), place),
        "event_id": items.s(dispatch.event_id),
        "type": items.s(dispatch.type),
        "at": items.n(dispatch.at),
        "status": items.s(dispatch.status),
        "tries": items.n(dispatch.tries),
        "attempts": items.s(json.dumps(dispatch.attempts, separators=(",", ":"))),
    }
    if dispatch.next_attempt_at is not None:
        item |= {"waits": items.s(owner), "next_attempt_at": items.n(dispatch.next_attempt_at)}
    return item


def _stored(item: Item) -> StoredDispatch:
    """Reads a dispatch as it is stored."""
    status: DispatchStatus = STATUSES[STATUSES.index(item["status"]["S"])]
    dispatch = Dispatch(
        event_id=item["event_id"]["S"],
        type=item["type"]["S"],
        at=items.integer(item, "at"),
        status=status,
        next_attempt_at=items.optional_integer(item, "next_attempt_at"),
        attempts=tuple(DispatchAttempt(*one) for one in json.loads(item["attempts"]["S"])),
        tries=items.integer(item, "tries"),
    )
    claimed = items.optional_integer(item, "claimed") or 0
    return StoredDispatch(item["sk"]["S"], items.integer(item, "rev"), dispatch, claimed)
