"""Pages: no more items than fit into one answer, and a cursor that goes on behind the last of them."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import InvalidRequest
from scrip.http.edge import pages, parameters
from scrip.http.edge.parameters import Query
from scrip.services.engine.paging import Found


def place_of(cursor: str | None) -> str | None:
    return pages.after(Query("", {"cursor": cursor} if cursor else {}, ("cursor",)))


def test_a_page_shows_its_items_and_the_place_after_them() -> None:
    found = Found([("a", 1), ("b", 2)], "b")
    items, cursor = pages.shown(found, str)
    assert (items, place_of(cursor)) == (["1", "2"], "b")
    assert pages.shown(Found([("a", 1)], None), str) == (["1"], None)
    assert pages.shown(Found([], None), str) == ([], None)


def test_an_empty_page_may_go_on() -> None:
    items, cursor = pages.shown(Found([], "m"), str)
    assert (items, place_of(cursor)) == ([], "m")


def test_what_does_not_fit_into_one_answer_is_left_to_the_next_page() -> None:
    """Three items of a million characters; 2 500 000 bytes are the most."""
    found = Found([(name, name * 1_000_000) for name in "abc"], None)
    items, cursor = pages.shown(found, str)
    assert ([len(item) for item in items], place_of(cursor)) == ([1_000_000] * 2, "b")


def test_a_place_of_several_parts_is_a_cursor_of_several_parts() -> None:
    _, cursor = pages.shown(Found([], (7, "dodo", "pay_1")), str)
    query = Query("", {"cursor": cursor or ""}, ("cursor",))
    assert query.cursor(range(10), parameters.PART, parameters.PART) == [7, "dodo", "pay_1"]


@pytest.mark.parametrize("place", ["", "a b", "é", "x" * 301])
def test_what_is_no_place_is_refused(place: str) -> None:
    with pytest.raises(InvalidRequest):
        place_of(parameters.make_cursor(place))
