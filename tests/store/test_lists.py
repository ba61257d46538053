"""Lists: what is put into one is found in its order, page by page, and each page costs the same."""

from __future__ import annotations

from itertools import chain

import pytest

from scrip.store import documents, lists
from scrip.store.tables import Tables
from tests.store.stored import requests

NAMES = [f"acme-{number:03d}" for number in range(25)]


@pytest.fixture
def filled(tables: Tables) -> Tables:
    for name in NAMES:
        made = documents.put_with(tables, f"pack#{name}", 0, {}, [lists.add(tables, "packs", name)])
        assert made == documents.Document(f"pack#{name}", 1, {})
    return tables


def walked(tables: Tables, limit: int, **options: object) -> list[list[str]]:
    """The pages of a list, from the first to the last."""
    pages, after = [], None
    while True:
        found, after = lists.page(tables, "packs", limit, after=after, **options)  # type: ignore[arg-type]
        pages.append(found)
        if after is None:
            return pages


def joined(pages: list[list[str]]) -> list[str]:
    return list(chain.from_iterable(pages))


def test_a_list_has_each_once_in_its_order(filled: Tables) -> None:
    """25 in pages of 10: 10, 10 and 5; of 5: five full ones, and no empty one after them."""
    assert [len(page) for page in walked(filled, 10)] == [10, 10, 5]
    assert [len(page) for page in walked(filled, 5)] == [5, 5, 5, 5, 5]
    assert joined(walked(filled, 10)) == NAMES
    assert joined(walked(filled, 7, backwards=True)) == NAMES[::-1]


def test_bounds_are_included_and_a_page_begins_within_them(filled: Tables) -> None:
    some = {"first": "acme-003", "last": "acme-008"}
    assert joined(walked(filled, 4, **some)) == NAMES[3:9]
    assert joined(walked(filled, 4, **some, backwards=True)) == NAMES[8:2:-1]
    assert lists.page(filled, "packs", 4, after="acme-099", last="acme-008") == ([], None)


@pytest.mark.parametrize(
    ("first", "last", "after", "found"),
    [
        ("acme-003", "acme-003", None, ["acme-003"]),
        ("acme-003", "acme-002", None, []),
        ("acme-003", "acme-005", "acme-003", ["acme-004", "acme-005"]),
        ("acme-003", "acme-005", "acme-005", []),
        ("acme-003", "acme-005", "acme-002", []),
        ("acme-003", "acme-005", "acme-006", []),
        ("acme-003", "acme-003", "acme-003", []),
    ],
)
def test_bounds_may_be_one_and_nothing_is_found_from_outside_of_them(
    filled: Tables, first: str, last: str, after: str | None, found: list[str]
) -> None:
    """Bounds the wrong way round, and a beginning outside of them, are refused by DynamoDB: it is not asked."""
    assert lists.page(filled, "packs", 9, first=first, last=last, after=after) == (found, None)


def test_what_is_taken_out_is_gone_and_its_cursor_goes_on_behind_it(filled: Tables) -> None:
    _, after = lists.page(filled, "packs", 10)
    assert after == "acme-009"
    for name in ("acme-009", "acme-010"):
        assert documents.put_with(filled, f"pack#{name}", 1, {}, [lists.remove(filled, "packs", name)])
    assert lists.page(filled, "packs", 2, after=after).found == ["acme-011", "acme-012"]


def test_a_thing_that_is_not_written_is_not_listed(filled: Tables) -> None:
    """Its revision has moved: neither the document is written nor the item beside it."""
    assert documents.put_with(filled, "pack#acme-000", 7, {}, [lists.add(filled, "packs", "ghost")]) is None
    assert not lists.has(filled, "packs", "ghost")
    assert lists.has(filled, "packs", "acme-000")


def test_a_page_is_one_query_that_reads_one_more_than_it_has(filled: Tables) -> None:
    for after in (None, "acme-020"):
        with requests(filled, "Query") as made:
            lists.page(filled, "packs", 3, after=after)
        (request,) = made
        assert (request["Limit"], request["ConsistentRead"]) == (4, True)
