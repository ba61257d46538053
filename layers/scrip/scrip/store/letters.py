"""Letters that were sent: that they were, for some weeks, in the table of notifications.

Table of notifications: partition ``pk``, sort ``sk``; what has ``ends``, a second, is deleted after it
    letters#<account>     <name>                      that the account was sent the letter of this name
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scrip.store import items
from scrip.store.tables import refusals

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LETTERS: Final = "letters#"


@dataclass(frozen=True, slots=True)
class SentLetters:
    """The part of the table of notifications that letters have, through one client."""

    client: DynamoDBClient
    table: str

    def has(self, account: str, name: str) -> bool:
        """Tells whether the letter was sent, read consistently.

        Raises:
            Throttled, Unavailable: the table does not answer.
        """
        with refusals():
            found = self.client.get_item(
                TableName=self.table, Key=items.key(LETTERS + account, name), ConsistentRead=True
            )
        return "Item" in found

    def note(self, account: str, name: str, until: int) -> None:
        """Notes that the letter was sent; it is known until the second ``until``.

        Raises:
            Throttled, Unavailable: the table does not answer.
        """
        with refusals():
            self.client.put_item(
                TableName=self.table,
                Item={**items.key(LETTERS + account, name), "ends": items.n(until)},
            )
