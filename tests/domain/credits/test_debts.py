"""Lines of debt: places that are owed, and spans that are owed no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.debts import (
    UNDONE,
    WRITTEN_OFF,
    Debts,
    Line,
    Places,
    Purpose,
    Span,
    read_owes,
    write_owes,
)
from tests.domain.builders import steady

PLAIN = Purpose()


def test_a_line_says_which_of_its_places_are_owed() -> None:
    line = Line(60)
    line.settle(Span(20, 30, 7, 300))
    assert (line.owed, list(line.owing())) == (30, [(0, 20), (50, 10)])
    assert list(line.owing(10, 55)) == [(10, 10), (50, 5)]
    assert line.between(10, 30) == [Span(20, 10, 7, 100)]


def test_a_span_that_is_cut_loses_no_minor_unit() -> None:
    """10 minor units over 7 places: 0 to 2 have 2, 2 to 5 have 5, 5 to 7 have 3."""
    line = Line(7)
    line.settle(Span(0, 7, 4, 10))
    line.settle(Span(2, 3, UNDONE))
    assert line.spans == [Span(0, 2, 4, 2), Span(2, 3, UNDONE), Span(5, 2, 4, 3)]
    assert Span(0, 7, 4, 10).part(2, 5).money == 5


def test_neighbours_without_money_are_one_span() -> None:
    line = Line(9)
    for start in (0, 6, 3):
        line.settle(Span(start, 3, WRITTEN_OFF))
    assert line.spans == [Span(0, 9, WRITTEN_OFF)]


@pytest.mark.parametrize(
    ("meters", "scope", "may"),
    [
        ((), (), True),
        (("api",), (), True),
        ((), ("api",), False),
        (("api",), ("api",), True),
        (("api",), ("api", "images"), True),
        (("api", "images"), ("api",), False),
        (("api", "images"), ("images", "api"), True),
        (("gpu",), ("api", "images"), False),
    ],
)
def test_a_scope_repays_what_its_meters_owe(
    meters: tuple[str, ...], scope: tuple[str, ...], may: bool
) -> None:
    assert Purpose(0, meters).within(scope) is may


def test_an_entry_names_one_debt_as_a_row_and_several_as_rows() -> None:
    """What entries of before say is read: one row, and of one purpose perhaps several meters."""
    one, other = Places(5, 20, Purpose(0, ("a",))), Places(0, 3, Purpose(4, ("b", "c")))
    assert write_owes([one]) == ["5", "20", 0, "a"]
    assert write_owes([one, other]) == [["5", "20", 0, "a"], ["0", "3", 4, "b", "c"]]
    for made in ([], [one], [other], [one, other]):
        assert read_owes(write_owes(made) or None) == made


def test_a_line_is_forgotten_once_all_of_it_was_undone() -> None:
    debts = Debts()
    debts.owe(PLAIN, 5, 3)
    debts.settle(PLAIN, Span(0, 2, UNDONE))
    assert debts.to_json() is not None
    assert debts.settle(PLAIN, Span(2, 3, UNDONE)) == 3
    debts.forget()
    assert debts.to_json() is None


def test_a_debt_has_been_there_since_the_first_of_it_that_is_owed_without_a_break() -> None:
    debts = Debts()
    debts.owe(PLAIN, 5, 3)
    debts.owe(PLAIN, 5, 4)
    assert debts.lines[PLAIN].since == 3
    debts.settle(PLAIN, Span(0, 10, 9))
    debts.owe(PLAIN, 1, 12)
    assert debts.lines[PLAIN].since == 12


def test_debt_of_before_is_a_plain_one() -> None:
    debts = Debts()
    debts.include(7)
    debts.include(7)
    assert (debts.owed, debts.lines[PLAIN].owed) == (7, 7)


@pytest.mark.parametrize("span", [Span(0, 0, 1), Span(3, 3, 1), Span(-1, 2, 1)])
def test_nothing_is_settled_that_was_never_owed(span: Span) -> None:
    debts = Debts()
    debts.owe(PLAIN, 5, 1)
    with pytest.raises(ValueError, match="nothing was owed"):
        debts.settle(PLAIN, span)


@steady
@given(
    st.lists(
        st.tuples(st.integers(0, 39), st.integers(1, 20), st.integers(-1, 3), st.integers(0, 99)), max_size=12
    )
)
def test_a_line_is_what_its_places_say_one_by_one(settled: list[tuple[int, int, int, int]]) -> None:
    """An oracle of one cell for each place; and what is stored of it reads back as the same."""
    debts, cells = Debts(), [None] * 60
    debts.owe(PLAIN, 60, 1)
    for start, steps, lot, money in settled:
        debts.settle(PLAIN, Span(start, steps, lot, money if lot > 0 else 0))
        cells[start : start + steps] = [lot] * steps  # type: ignore[list-item]
        if PLAIN not in debts.lines:
            assert set(cells) == {UNDONE}
            return
    line = debts.lines[PLAIN]
    there: list[int | None] = [None] * 60
    for span in line.spans:
        assert there[span.start : span.end] == [None] * span.steps
        there[span.start : span.end] = [span.lot] * span.steps
    assert there == cells
    assert line.owed == cells.count(None) == sum(steps for _, steps in line.owing())
    assert Debts.from_json(debts.to_json()) == debts
