"""Pages that read on: all that fits, each once, within a bound of what is looked at and of time."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from scrip.services.engine.paging import BATCH, LOOKED, Found, read_on


class Numbers:
    """A list of the numbers up to ``most``, of which those that ``each`` divides fit; and what was looked at."""

    def __init__(self, most: int, each: int) -> None:
        self.most, self.each = most, each
        self.looks: list[tuple[int | None, int]] = []

    def look(self, after: int | None, count: int) -> tuple[Sequence[tuple[int, str | None]], int | None]:
        self.looks.append((after, count))
        first = 0 if after is None else after + 1
        some = range(first, min(first + count, self.most + 1))
        found = [(one, str(one) if one % self.each == 0 else None) for one in some]
        return found, some[-1] if some and some[-1] < self.most else None

    def pages(self, limit: int) -> list[Found[int, str]]:
        after: int | None = None
        made: list[Found[int, str]] = []
        while not made or after is not None:
            page = read_on(self.look, after, limit)
            made.append(page)
            after = page.following
        return made


@pytest.mark.parametrize(("most", "each", "limit"), [(0, 1, 1), (250, 1, 100), (250, 3, 7), (999, 7, 1000)])
def test_each_that_fits_comes_once_in_order(most: int, each: int, limit: int) -> None:
    pages = Numbers(most, each).pages(limit)
    assert [place for page in pages for place, _ in page.items] == list(range(0, most + 1, each))
    assert all(len(page.items) <= limit for page in pages)


def test_no_page_looks_at_more_than_a_thousand() -> None:
    """Of 0 to 4 999 only 0 fits: five pages, the last four empty."""
    numbers = Numbers(4_999, 10_000)
    pages = numbers.pages(10)
    assert [len(page.items) for page in pages] == [1, 0, 0, 0, 0]
    assert [page.following for page in pages] == [999, 1999, 2999, 3999, None]
    assert LOOKED == sum(count for _, count in numbers.looks[:10]) == 10 * BATCH


def test_a_page_that_is_full_does_not_look_on() -> None:
    numbers = Numbers(4_999, 1)
    assert read_on(numbers.look, None, 10, 10).following == 9
    assert numbers.looks == [(None, 10)]


def test_when_the_time_is_up_a_page_ends_with_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """0.4 s a look: after three of them more than a second has gone."""
    instants = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: 0.4 * next(instants))
    numbers = Numbers(4_999, 10_000)
    page = read_on(numbers.look, None, 10)
    assert (len(page.items), page.following) == (1, 299)
    assert len(numbers.looks) == 3
