"""The loop of all work that a schedule wakes: each item has its turn, and none keeps the others from theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from scrip.domain.credits.errors import Contended, Throttled
from scrip.services.engine.sweeps import Ended, sweep


class Swept:
    """A sweep of texts: those it acted on, and those that failed with their errors' texts."""

    def __init__(
        self,
        listed: Iterable[str],
        errors: dict[str, Exception],
        time_left: Callable[[], bool] = lambda: True,
    ) -> None:
        self.acted: list[str] = []
        self.failed: list[tuple[str, str]] = []
        self._errors = errors
        self.ended = sweep(listed, self._act, time_left, self._failed, (Contended,))

    def _act(self, one: str) -> None:
        self.acted.append(one)
        if one in self._errors:
            raise self._errors[one]

    def _failed(self, one: str, error: Exception) -> None:
        self.failed.append((one, str(error)))


def test_each_item_has_its_turn_in_order() -> None:
    swept = Swept("abc", {})
    assert (swept.acted, swept.ended) == (["a", "b", "c"], Ended(0, done=True))


def test_with_nothing_listed_it_is_done_whatever_time_is_left() -> None:
    assert Swept("", {}, lambda: False).ended == Ended(0, done=True)


@pytest.mark.parametrize(
    "error", [ValueError("torn"), KeyError("torn"), AssertionError("torn"), Throttled("torn")], ids=repr
)
def test_an_item_that_fails_is_told_and_the_others_have_their_turn(error: Exception) -> None:
    swept = Swept("abc", {"b": error})
    assert (swept.acted, swept.ended) == (["a", "b", "c"], Ended(1, done=True))
    assert swept.failed == [("b", str(error))]


def test_a_refusal_that_passes_is_no_failure() -> None:
    swept = Swept("abc", {"a": Contended("busy"), "c": Throttled("busy")})
    assert (swept.failed, swept.ended) == ([("c", "busy")], Ended(1, done=True))


def test_when_the_time_is_up_the_rest_is_left_and_said_so() -> None:
    left = iter([True, True, False])
    swept = Swept("abcd", {"a": ValueError("torn")}, lambda: next(left))
    assert (swept.acted, swept.ended) == (["a", "b"], Ended(1, done=False))


def test_what_nobody_foresaw_ends_the_sweep() -> None:
    with pytest.raises(OSError, match="no more memory"):
        Swept("abc", {"b": OSError("no more memory")})
