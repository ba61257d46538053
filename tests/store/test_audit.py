"""Who changed what, as it is stored: by instants, newest first, each put once."""

from __future__ import annotations

import pytest

from scrip.store import audit, documents
from scrip.store.tables import Tables
from tests.store.stored import requests

FIRST = 1_893_456_000_000


@pytest.fixture
def filled(tables: Tables) -> Tables:
    """25 changes, a second apart."""
    for number in range(25):
        assert documents.put_all(tables, [audit.write(tables, FIRST + 1000 * number, {"number": number})])
    return tables


def walked(tables: Tables, since: int, until: int, limit: int) -> list[list[int]]:
    """The numbers on each page, from the first to the last."""
    pages, after = [], None
    while True:
        rows, after = audit.page(tables, since, until, limit, after)
        pages.append([row.body["number"] for row in rows])
        if after is None:
            return pages


def test_the_newest_come_first_and_each_once(filled: Tables) -> None:
    pages = walked(filled, 0, FIRST * 2, 10)
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [number for page in pages for number in page] == list(range(24, -1, -1))


def test_changes_of_one_millisecond_stand_in_the_order_in_which_they_were_made(tables: Tables) -> None:
    for number in range(20):
        assert documents.put_all(tables, [audit.write(tables, FIRST, {"number": number})])
    assert walked(tables, FIRST, FIRST, 100) == [list(range(19, -1, -1))]


def test_both_bounds_are_included(filled: Tables) -> None:
    assert walked(filled, FIRST + 3000, FIRST + 5000, 10) == [[5, 4, 3]]
    assert walked(filled, FIRST + 3001, FIRST + 4999, 10) == [[4]]


def test_a_range_that_is_none_has_nothing(filled: Tables) -> None:
    assert walked(filled, FIRST + 5000, FIRST + 3000, 10) == [[]]


def test_a_place_outside_the_bounds_has_nothing_after_it(filled: Tables) -> None:
    rows, _ = audit.page(filled, 0, FIRST * 2, 1, None)
    assert audit.page(filled, 0, FIRST, 10, rows[0].place) == ([], None)


def test_a_row_says_when(filled: Tables) -> None:
    rows, _ = audit.page(filled, 0, FIRST * 2, 1, None)
    assert (rows[0].at, rows[0].body) == (FIRST + 24_000, {"number": 24})


def test_two_changes_of_one_instant_are_two(filled: Tables) -> None:
    assert documents.put_all(filled, [audit.write(filled, FIRST, {"number": 25})])
    assert sorted(walked(filled, 0, FIRST, 10)[0]) == [0, 25]


def test_what_was_told_is_not_told_otherwise(tables: Tables) -> None:
    item = audit.write(tables, FIRST, {"number": 1})
    assert documents.put_all(tables, [item])
    assert not documents.put_all(tables, [item])


def test_a_page_is_one_call_wherever_it_begins(filled: Tables) -> None:
    _, after = audit.page(filled, 0, FIRST * 2, 10, None)
    for place in (None, after):
        with requests(filled, "Query") as seen:
            audit.page(filled, 0, FIRST * 2, 10, place)
        assert len(seen) == 1
