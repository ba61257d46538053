"""Reads of a table are of all that was written before: who decides by what is read would else decide by what was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from scrip.store import keys
from tests import rights

MAY_LAG: Final = (keys.AUDIT,)
"""Partitions that are shown alone: the next look has what was written a moment ago."""


def held(params: Any, model: Any, **_: Any) -> None:
    """Asserts of a call of a function to DynamoDB, as botocore tells of it, that it reads consistently.

    An index cannot be read so; and a scan of a whole table, which takes its time, is of no one moment anyway.
    """
    if not rights.is_acting():
        return
    for read in _reads(model.name, params):
        if "IndexName" not in read and _partition(read) not in MAY_LAG:
            assert read.get("ConsistentRead"), f"{model.name} may read what was: ConsistentRead is missing"


def _reads(operation: str, params: Any) -> Iterator[Any]:
    if operation in ("GetItem", "Query"):
        yield params
    if operation == "BatchGetItem":
        yield from params["RequestItems"].values()


def _partition(read: Any) -> str | None:
    """Returns the partition that a query reads; None of other reads."""
    named: str | None = read.get("ExpressionAttributeValues", {}).get(":pk", {}).get("S")
    return named
