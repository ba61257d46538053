"""Changes: what is kept of one, which of them a query finds, and that a page looks at no more than its bound."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scrip import runtime
from scrip.services.audit.changes import (
    OPERATOR,
    Action,
    Author,
    AuthoredChange,
    Change,
    ChangeQuery,
    list_changes,
    record,
)
from scrip.services.engine.paging import LOOKED
from scrip.store import documents
from tests.aws import Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

FIRST = 1_893_456_000_000
ANN, SHELL = "key:ann", OPERATOR
EVERYTHING = ChangeQuery(None, None, None, 0, FIRST * 2)


def make(at: int, actor: str, action: Action, target: str) -> AuthoredChange:
    made = AuthoredChange(Change(action, target, {"n": 1}, {"n": 2}), Author(actor, at, "Ann", "r1"))
    assert documents.put_all(runtime.tables(), [record(runtime.tables(), made.author, made.change)])
    return made


def found(query: ChangeQuery, limit: int = 100) -> Iterator[AuthoredChange]:
    after = None
    while True:
        page = list_changes(runtime.tables(), query, limit, after)
        yield from (one for _, one in page.items)
        after = page.following
        if after is None:
            return


def test_a_change_is_read_as_it_was_made(scrip: Deployment) -> None:
    made = make(FIRST, ANN, "unit.put", "credits")
    assert list(found(EVERYTHING)) == [made]
    assert made.change.target_type == "unit"


def test_what_there_was_not_and_what_is_not_said_is_none(scrip: Deployment) -> None:
    author, change = Author(SHELL, FIRST), Change("key.delete", "k1", {"scopes": ["read"]}, None)
    documents.put_all(runtime.tables(), [record(runtime.tables(), author, change)])
    assert list(found(EVERYTHING)) == [AuthoredChange(change, author)]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (EVERYTHING, [3, 2, 1, 0]),
        (ChangeQuery(ANN, None, None, 0, FIRST * 2), [2, 0]),
        (ChangeQuery(None, "pack.put", None, 0, FIRST * 2), [3, 2]),
        (ChangeQuery(None, None, ("unit", "credits"), 0, FIRST * 2), [1, 0]),
        (ChangeQuery(None, None, ("pack", "credits"), 0, FIRST * 2), [3]),
        (ChangeQuery(ANN, "pack.put", ("pack", "big"), 0, FIRST * 2), [2]),
        (ChangeQuery(None, None, None, FIRST + 1, FIRST + 2), [2, 1]),
        (ChangeQuery("key:bob", None, None, 0, FIRST * 2), []),
    ],
)
def test_a_query_finds_those_that_it_asks_for(
    scrip: Deployment, query: ChangeQuery, numbers: list[int]
) -> None:
    made = [
        make(FIRST, ANN, "unit.put", "credits"),
        make(FIRST + 1, SHELL, "unit.put", "credits"),
        make(FIRST + 2, ANN, "pack.put", "big"),
        make(FIRST + 3, SHELL, "pack.put", "credits"),
    ]
    assert list(found(query)) == [made[number] for number in numbers]


@pytest.mark.long
def test_a_page_looks_at_a_thousand_and_the_next_goes_on(scrip: Deployment) -> None:
    """1 200 changes, of which the oldest alone fits: the first page is empty, the second has it."""
    for number in range(LOOKED + 200):
        make(FIRST + number, ANN if number == 0 else SHELL, "unit.put", "credits")
    query = ChangeQuery(ANN, None, None, 0, FIRST * 2)
    first = list_changes(runtime.tables(), query, 10, None)
    assert (list(first.items), first.following is not None) == ([], True)
    second = list_changes(runtime.tables(), query, 10, first.following)
    assert ([one.author.at for _, one in second.items], second.following) == ([FIRST], None)
