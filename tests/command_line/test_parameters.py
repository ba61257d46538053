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


def test_money_is_an_amount_in_minor_units_and_its_currency() -> None:
    assert parameters.money("1000:USD", "--cost-basis") == {"amount": 1000, "currency": "USD"}
    assert parameters.money("0:JPY", "--cost-basis") == {"amount": 0, "currency": "JPY"}
    assert parameters.money(None, "--cost-basis") is None
    with pytest.raises(Mistake, match="--paid is like 1000:USD, ten dollars in cents, and not 10"):
        parameters.money("10", "--paid")


def test_a_reference_without_a_colon_is_refused() -> None:
    with pytest.raises(Mistake, match="--reference is like job:17, and not job"):
        parameters.reference("job")


@pytest.mark.parametrize("text", ["2030-01-31T00:00:00Z", "2030-01-31T00:00:00+02:00", None])
def test_an_instant_with_its_zone_is_passed_on_as_it_was_given(text: str | None) -> None:
    assert parameters.instant(text, "--at") == text


@pytest.mark.parametrize("text", ["2030-01-31", "2030-01-31T00:00:00", "tomorrow", ""])
def test_what_is_no_instant_with_its_zone_is_refused(text: str) -> None:
    with pytest.raises(Mistake, match=f"--at is like 2030-01-31T00:00:00Z, an instant .* not {text}$"):
        parameters.instant(text, "--at")


def test_what_every_change_may_have_is_said_where_it_was_given() -> None:
    assert parameters.common("images", "job:17", "because", ["a=1", "b=2"]) == {
        "unit": "images",
        "reference": {"type": "job", "id": "17"},
        "reason": "because",
        "metadata": {"a": "1", "b": "2"},
    }
    assert parameters.common(None, None, None, None) == {}
    assert parameters.used("ada", ["team=x"], "q.1") == {
        "member": "ada",
        "tags": {"team": "x"},
        "quote": "q.1",
    }
    assert parameters.used(None, None, None) == {}
    with pytest.raises(Mistake, match="--metadata is like"):
        parameters.common(None, None, None, ["a"])
    with pytest.raises(Mistake, match="--tag is like"):
        parameters.used(None, ["a"], None)
