"""The shards of the ledger's stream: which there are, and whether one has records behind a mark.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from botocore.exceptions import ClientError

from scrip.store import marks
from scrip.store.tables import refusals

TRIMMED: Final = "TrimmedDataAccessException"
ASKED: Final = 4
"""How often a shard is asked before nothing counts as nothing: an answer may be empty though a later one is not."""

Behind = Literal["something", "nothing", "end"]
"""What is behind a mark: records, none yet, or none for ever."""


@dataclass(frozen=True, slots=True)
class StreamShard:
    """A shard of a stream. ``parent`` is the one that it goes on from, where it is told."""

    id: str
    parent: str | None
    closed: bool


@dataclass(frozen=True, slots=True)
class LedgerStream:
    """The ledger's stream, through a client of DynamoDB Streams."""

    client: Any
    arn: str

    def shards(self) -> list[StreamShard]:
        """Returns every shard that the stream has: the open ones, and those that were closed within a day."""
        found: list[StreamShard] = []
        request: dict[str, Any] = {"StreamArn": self.arn}
        while True:
            with refusals():
                told = self.client.describe_stream(**request)["StreamDescription"]
            for shard in told["Shards"]:
                closed = "EndingSequenceNumber" in shard["SequenceNumberRange"]
                found.append(StreamShard(shard["ShardId"], shard.get("ParentShardId"), closed))
            last = told.get("LastEvaluatedShardId")
            if not last:
                return found
            request["ExclusiveStartShardId"] = last

    def behind(self, shard: str, number: str, *, trimmed: bool) -> Behind:
        """Returns what a shard has behind the record with this sequence number (empty: at all).

        Changed and deleted rows count as nothing: the reader is not woken for them.

        Args:
            trimmed: whether it may be that the stream has forgotten that record: then whatever it has is looked at.
        """
        iterator = self._iterator(shard, number, trimmed)
        for _ in range(ASKED):
            with refusals():
                answer = self.client.get_records(ShardIterator=iterator)
            for record in answer["Records"]:
                there = marks.placed(record["dynamodb"]["SequenceNumber"])
                if record["eventName"] == "INSERT" and there > marks.placed(number):
                    return "something"
            iterator = answer.get("NextShardIterator")
            if not iterator:
                return "end"
        return "nothing" if not answer["Records"] else "something"

    def _iterator(self, shard: str, number: str, trimmed: bool) -> str:
        request = {"StreamArn": self.arn, "ShardId": shard}
        after = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": number}
        try:
            with refusals():
                answer = self.client.get_shard_iterator(
                    **request, **(after if number else {"ShardIteratorType": "TRIM_HORIZON"})
                )
        except ClientError as error:
            if not trimmed or error.response["Error"]["Code"] != TRIMMED:
                raise
            with refusals():
                answer = self.client.get_shard_iterator(**request, ShardIteratorType="TRIM_HORIZON")
        return str(answer["ShardIterator"])
