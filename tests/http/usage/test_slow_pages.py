"""Lists whose time is up after each look: their pages are shorter, or empty, and together they are the whole list."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any, Final

import pytest

from scrip.services.engine import paging
from tests.aws import NEW_YEAR, Deployment

pytestmark = pytest.mark.usefixtures("in_memory")
Json = dict[str, Any]


def used(scrip: Deployment, account: str) -> None:
    """Burns of three days, of two people on each; none on the third and the fourth of January."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    for day in (1, 2, 5):
        for member in ("ann", "bob"):
            clock = f"2030-01-0{day}T10:30:00Z"
            assert scrip.move(account, "burns", amount="1", member=member, clock=clock).status == 201


LISTS: Final[list[tuple[str, str, dict[str, str], int]]] = [
    ("usage by day", "usage", {}, 3),
    ("usage by hour", "usage", {"every": "PT1H"}, 3),
    ("usage by member", "usage", {"by": "member"}, 6),
    ("usage by member, one a page", "usage", {"by": "member", "limit": "1"}, 6),
    ("usage of some days", "usage", {"from": "2030-01-02T00:00:00Z", "to": "2030-01-06T00:00:00Z"}, 2),
    ("entries", "entries", {}, 7),
    ("entries of a member", "entries", {"member": "bob"}, 3),
    ("entries of nobody", "entries", {"member": "eve"}, 0),
]


@pytest.mark.parametrize(("name", "path", "query", "rows"), LISTS, ids=[row[0] for row in LISTS])
def test_pages_whose_time_is_up_are_together_the_whole_list(
    scrip: Deployment,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    path: str,
    query: Json,
    rows: int,
) -> None:
    used(scrip, account)
    whole = pages(scrip, account, path, query)
    assert sum(map(len, whole)) == rows
    ticks = count(0, 100)
    monkeypatch.setattr(paging, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    slow = pages(scrip, account, path, query)
    assert [row for page in slow for row in page] == [row for page in whole for row in page]
    if path == "usage" and "limit" not in query:
        assert [len({row["from"] for row in page}) for page in slow] == [1] * (len(slow) - 1) + [0]


def pages(scrip: Deployment, account: str, path: str, query: Json) -> list[list[Json]]:
    """The rows of each page, until none follows."""
    found: list[list[Json]] = []
    asked = dict(query)
    while True:
        answer = scrip.get(f"/v1/accounts/{account}/{path}", query=asked)
        assert answer.status == 200, answer.text
        found.append(answer.body["items"])
        if answer.body["next_cursor"] is None:
            return found
        assert len(found) < 30
        asked["cursor"] = answer.body["next_cursor"]
