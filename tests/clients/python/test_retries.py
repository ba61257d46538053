"""Whether, and when, a call is sent again."""

from __future__ import annotations

from typing import Final

import pytest

from scrip_client import (
    Contended,
    GatewayRefused,
    NotReached,
    Retries,
    Scrip,
    ScripError,
    Throttled,
    Unavailable,
    models,
)
from scrip_client.calls import Call
from tests.clients.python.answering import Answered, Server, problem
from tests.clients.python.conftest import Call as Called
from tests.clients.python.conftest import Waits

VERSION = Answered(200, {"version": "9.0", "commit": "c0ffee", "test_clock": True})
BROKEN = Answered(None)
TWICE: Final = Call("POST", "/v1/twice", models.Version, repeatable=False)
"""What has no key, and is not the same when it is carried out twice. No operation is such a one now."""


def send_twice(server: Server, waits: Waits) -> None:
    with Scrip(server.url, "key-1") as scrip:
        scrip._sleep, scrip._now = waits.sleep, lambda: waits.now
        scrip._send(TWICE)


@pytest.mark.parametrize(
    "passing",
    [
        BROKEN,
        problem("contended", 409),
        problem("throttled", 429),
        problem("unavailable", 503),
        Answered(429, {"message": "Too Many Requests"}),
        Answered(500, {"message": "Internal Server Error"}),
        Answered(503, {"message": "Service Unavailable"}),
        Answered(502, "<html>Bad Gateway</html>"),
    ],
)
def test_what_passes_is_tried_again(call: Called, server: Server, waits: Waits, passing: Answered) -> None:
    """The first wait is 0.25 s and up to half of it more, the second twice as long."""
    server.will(passing, passing, VERSION)
    assert call("get_version").http.attempts == 3
    first, second = waits.made
    assert 0.25 <= first <= 0.375
    assert 0.5 <= second <= 0.75


def test_one_key_is_made_for_a_call_and_kept(call: Called, server: Server) -> None:
    """Every attempt is the same request. The next call has another key."""
    server.will(problem("contended", 409, after="1"), BROKEN, problem("insufficient_credits", 402))
    for _ in range(2):
        with pytest.raises(ScripError):
            call("burn", "acme", amount="1")
    first, second, third, fourth = server.asked
    assert (
        first.headers["idempotency-key"]
        == second.headers["idempotency-key"]
        == third.headers["idempotency-key"]
    )
    assert first.raw == second.raw == third.raw == b'{"amount":"1"}'
    assert fourth.headers["idempotency-key"] != first.headers["idempotency-key"]


def test_a_key_of_ones_own_is_kept_too(call: Called, server: Server) -> None:
    server.will(BROKEN, problem("insufficient_credits", 402))
    with pytest.raises(ScripError):
        call("burn", "acme", amount="1", idempotency_key="job-1")
    assert [asked.headers["idempotency-key"] for asked in server.asked] == ["job-1", "job-1"]


def test_scrip_says_how_long_to_wait(call: Called, server: Server, waits: Waits) -> None:
    server.will(problem("throttled", 429, after="3"), VERSION)
    call("get_version")
    (wait,) = waits.made
    assert 3 <= wait <= 4.5


def test_the_last_refusal_is_the_answer(call: Called, server: Server) -> None:
    """Five times at the most. What it was, and after how many attempts, can be read."""
    server.will(problem("unavailable", 503, after="1"))
    with pytest.raises(Unavailable) as caught:
        call("get_version")
    assert (len(server.asked), caught.value.attempts, caught.value.retry_after) == (5, 5, 1.0)


def test_all_of_it_ends_in_time(call: Called, server: Server, waits: Waits) -> None:
    """In 30 s: a wait that would end later is not made. So it is where Scrip asks for a longer one."""
    server.will(problem("throttled", 429, after="9"))
    with pytest.raises(Throttled):
        call("get_version", retries=Retries(attempts=100))
    assert 2 <= len(waits.made) <= 3
    assert waits.now < 30
    server.will(problem("throttled", 429, after="3600"))
    with pytest.raises(Throttled) as caught:
        call("get_version")
    assert (caught.value.attempts, caught.value.retry_after) == (1, 3600.0)


@pytest.mark.parametrize("after", ["soon", "nan", "inf", "-5", "Mon, 01 Jan 2035 00:00:00 GMT"])
def test_a_wait_that_is_none_is_not_made(call: Called, server: Server, waits: Waits, after: str) -> None:
    server.will(problem("throttled", 429, after=after), VERSION)
    call("get_version")
    assert waits.made[0] <= 0.375


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("invalid_request", 400),
        ("unauthenticated", 401),
        ("insufficient_credits", 402),
        ("wallet_frozen", 409),
    ],
)
def test_what_stays_so_is_not_tried_again(call: Called, server: Server, code: str, status: int) -> None:
    server.will(problem(code, status))
    with pytest.raises(ScripError):
        call("burn", "acme", amount="1")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (BROKEN, NotReached),
        (problem("unavailable", 503), Unavailable),
        (Answered(500, {"message": "x"}), GatewayRefused),
    ],
)
def test_what_may_have_been_carried_out_is_not_repeated_where_once_more_is_twice(
    server: Server, waits: Waits, answer: Answered, kind: type[ScripError]
) -> None:
    server.will(answer)
    with pytest.raises(kind):
        send_twice(server, waits)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer", [problem("contended", 409), Answered(429, {"message": "Too Many Requests"})]
)
def test_what_was_not_carried_out_is_repeated_anyway(server: Server, waits: Waits, answer: Answered) -> None:
    server.will(answer)
    with pytest.raises((Contended, GatewayRefused)):
        send_twice(server, waits)
    assert len(server.asked) == 5


def test_who_wants_no_other_attempt_has_none(call: Called, server: Server, waits: Waits) -> None:
    server.will(BROKEN)
    with pytest.raises(NotReached):
        call("get_version", retries=Retries(attempts=1))
    assert (len(server.asked), waits.made) == (1, [])
