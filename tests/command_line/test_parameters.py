"""What many commands take."""

from __future__ import annotations

import pytest

from command_line import parameters
from command_line.mistakes import Mistake


def test_what_is_not_given_is_left_out() -> None:
    assert parameters.given(a=None, b="", c=0, d=False) == {"b": "", "c": 0, "d": False}


def test_a_reference_ends_its_type_at_the_first_colon() -> None:
    assert parameters.reference("job:a:b") == {"type": "job", "id": "a:b"}
    assert parameters.reference(None) is None


def test_pairs_end_their_name_at_the_first_sign() -> None:
    assert parameters.pairs(["a=b=c", "d="]) == {"a": "b=c", "d": ""}
    assert parameters.pairs([]) is None
    with pytest.raises(Mistake, match="--dimension is like job=17"):
        parameters.pairs(["a"], "--dimension")


@pytest.mark.parametrize("text", ["", "10", ":USD", "10:", "1.5:USD", "-1:USD", "²:USD"])
def test_what_is_no_money_is_refused(text: str) -> None:
    with pytest.raises(Mistake, match="like 1000:USD"):
        parameters.money(text, "--cost-basis")


@pytest.mark.parametrize(
    ("limit", "everything", "asked"), [(1, False, 2), (50, False, 51), (100, False, 100), (1, True, 100)]
)
def test_a_page_has_one_more_than_is_shown_so_that_more_is_noticed(
    limit: int, everything: bool, asked: int
) -> None:
    assert parameters.page_limit(limit, everything) == asked
