"""What a run of a job writes of how far it is, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scrip import runtime
from scrip.store import documents
from tests.aws import listening


@contextmanager
def steps(pk: str) -> Iterator[list[dict[str, Any]]]:
    """Lists the bodies that the job's document has meanwhile, each once."""
    found: list[dict[str, Any]] = []

    def note(**_: Any) -> None:
        body = dict(documents.get(runtime.tables(), pk).body)
        if body and (not found or found[-1] != body):
            found.append(body)

    with (
        listening("after-call.dynamodb.PutItem", note),
        listening("after-call.dynamodb.TransactWriteItems", note),
    ):
        yield found
