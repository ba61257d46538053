"""One event on its way to one endpoint: nine tries in 55 hours and a half."""

from __future__ import annotations

from itertools import pairwise

from scrip.domain.notifications.dispatch import ATTEMPTS_KEPT, Dispatch, DispatchAttempt

NEW = Dispatch("evt_1", "scrip.entry.burn", 1000, "pending", 1000)
HOUR = 3_600_000


def failed(at: int, status: int | None = 500) -> DispatchAttempt:
    return DispatchAttempt(at, status, None if status else "timeout", 3)


def test_each_failure_waits_longer_and_the_ninth_is_the_last() -> None:
    one, instants = NEW, []
    while one.status == "pending":
        assert one.next_attempt_at is not None
        instants.append(one.next_attempt_at)
        one = one.after(failed(one.next_attempt_at))
    waits = [after - before for before, after in pairwise(instants)]
    assert waits == [
        5_000, 300_000, 1_800_000, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 24 * HOUR,
    ]  # fmt: skip
    assert (one.status, one.next_attempt_at, len(one.attempts)) == ("failed", None, 9)
    assert instants[-1] - instants[0] == 55 * HOUR + 35 * 60_000 + 5_000


def test_a_2xx_is_delivered_and_nothing_else_is() -> None:
    for status in (200, 204, 299):
        assert NEW.after(failed(1000, status)).status == "delivered"
    for status in (199, 300, 302, 400, 404, 500):
        assert NEW.after(failed(1000, status)).status == "pending"
    assert NEW.after(failed(1000, None)).next_attempt_at == 6000


def test_410_is_given_up_at_once() -> None:
    assert NEW.after(failed(1000, 410)).status == "failed"


def test_what_is_sent_again_has_all_its_tries_before_it_and_keeps_what_was() -> None:
    one = NEW.after(failed(1000)).after(failed(6000)).again(50_000)
    assert (one.status, one.tries, one.next_attempt_at, len(one.attempts)) == ("pending", 0, 50_000, 2)
    assert one.after(failed(50_000)).next_attempt_at == 55_000


def test_of_many_attempts_the_last_are_kept() -> None:
    one = NEW
    for at in range(100):
        one = one.again(at).after(failed(at))
    assert [attempt.at for attempt in one.attempts] == list(range(100 - ATTEMPTS_KEPT, 100))
    assert one.given_up(DispatchAttempt(100, None, "disabled", 0)).attempts[-1].error == "disabled"
