"""The bus in memory, as the client object that Scrip calls: what it takes of a call, and what it refuses.

Some entries of a call may be refused alone, as EventBridge does where it is too busy, and a whole call may fail after
some or all of it was taken. Each of them is a detail that a subscriber gets, in the order in which they were taken.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from simulation.dynamodb import error

MOST: Final = 10
LARGEST: Final = 256 * 1024
LONGEST_TYPE: Final = 128


class Bus:
    """A bus, and all that it took.

    Args:
        refuses: says of each entry whether the bus is too busy for it.
        heard: is told each CloudEvent that the bus takes.
    """

    def __init__(
        self,
        refuses: Callable[[], bool] = lambda: False,
        heard: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> None:
        self._refuses, self._heard = refuses, heard
        self.taken: list[dict[str, Any]] = []
        """The CloudEvents that it took, in order."""
        self.calls = 0

    def put_events(self, *, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
        self.calls += 1
        if not 1 <= len(Entries) <= MOST:
            raise error("ValidationException", f"{len(Entries)} entries", "PutEvents")
        if sum(map(size, Entries)) > LARGEST:
            raise error(
                "ValidationException",
                "Total size of the entries in the request is over the limit",
                "PutEvents",
            )
        results: list[dict[str, str]] = []
        for number, entry in enumerate(Entries):
            if self._refuses():
                results.append({"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"})
                continue
            self._take(entry)
            results.append({"EventId": f"{self.calls}-{number}"})
        return {"FailedEntryCount": sum("ErrorCode" in one for one in results), "Entries": results}

    def _take(self, entry: dict[str, Any]) -> None:
        detail = json.loads(entry["Detail"])
        assert isinstance(detail, dict)
        assert entry["Source"] == "scrip"
        assert entry["EventBusName"]
        assert entry["DetailType"] == detail["type"]
        assert len(entry["DetailType"]) <= LONGEST_TYPE
        self._heard(detail)
        self.taken.append(detail)


def size(entry: dict[str, Any]) -> int:
    """The bytes of an entry, as they count: of its time 14, which it does not name, none."""
    texts = [entry.get(name, "") for name in ("Source", "DetailType", "Detail")]
    return sum(len(text.encode()) for text in [*texts, *entry.get("Resources", [])])
