"""Attempts at one change of a wallet: how many there are, and how long they pause in between."""

from __future__ import annotations

import random

import pytest

from scrip.services.engine.attempts import ATTEMPTS, PATIENCE, Attempts


def failed(attempts: Attempts, times: int) -> None:
    """Has so many attempts fail, with a pause after each."""
    for _ in range(times):
        attempts.failed += 1
        attempts.pause()


def test_the_range_of_a_pause_doubles_up_to_400_ms_and_all_of_them_last_two_and_a_half_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The longest pauses that there can be. 620 ms after five, and four of 400 ms leave 280 of the 2 500."""
    monkeypatch.setattr(random, "uniform", lambda _shortest, longest: longest)
    paused: list[float] = []
    failed(Attempts(paused.append), ATTEMPTS)
    milliseconds = [round(1000 * seconds) for seconds in paused]
    assert milliseconds == [20, 40, 80, 160, 320, 400, 400, 400, 400, 280, 0, 0, 0, 0]


def test_pauses_are_drawn_anew_so_that_writers_do_not_meet_again() -> None:
    first: list[float] = []
    second: list[float] = []
    failed(Attempts(first.append), 8)
    failed(Attempts(second.append), 8)
    assert first != second
    assert all(0 <= seconds <= 0.4 for seconds in first + second)
    assert max(sum(first), sum(second)) <= PATIENCE


def test_after_14_failed_attempts_there_are_no_more() -> None:
    attempts = Attempts(lambda _seconds: None)
    failed(attempts, 13)
    assert not attempts.exhausted
    failed(attempts, 1)
    assert attempts.exhausted
