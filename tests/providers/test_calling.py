"""How a provider's API is called: in time, once more where that can help, and with an error of one of two kinds."""

from __future__ import annotations

import time
from typing import Any

import httpcore
import httpx
import pytest

from scrip.providers import calling
from scrip.providers.calling import Deadline, Hiccup, attempt, lost, member, reason, refused_now, rows
from scrip.providers.clients import ProviderUnavailable
from tests.providers.answering import serving


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would be made; none is."""
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


class Calls:
    """A call that comes to one outcome after the other, and counts."""

    def __init__(self, *outcomes: Any) -> None:
        self.left, self.made = list(outcomes), 0

    def __call__(self) -> Any:
        self.made += 1
        outcome = self.left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def test_after_a_hiccup_it_is_tried_once_more(pauses: list[float]) -> None:
    call = Calls(Hiccup("answered 502"), "fine")
    assert attempt(Deadline(10), call) == "fine"
    assert (call.made, pauses) == (2, [0.2])


def test_a_second_hiccup_is_the_answer() -> None:
    call = Calls(Hiccup("answered 502"), Hiccup("answered 503"), "never")
    with pytest.raises(Hiccup, match="answered 503"):
        attempt(Deadline(10), call)
    assert call.made == 2


def test_what_is_no_hiccup_is_not_tried_again() -> None:
    call = Calls(ProviderUnavailable("answered 429"), "never")
    with pytest.raises(ProviderUnavailable, match="answered 429"):
        attempt(Deadline(10), call)
    assert call.made == 1


@pytest.mark.parametrize(("seconds", "made"), [(1.1, 1), (1.3, 2)])
def test_it_is_not_tried_again_with_less_than_a_second_left_after_the_pause(
    seconds: float, made: int
) -> None:
    call = Calls(Hiccup("no connection"), Hiccup("no connection"))
    with pytest.raises(Hiccup):
        attempt(Deadline(seconds), call)
    assert call.made == made


def test_it_is_tried_again_with_a_whole_second_left_after_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """1.25 s less a pause of 0.25 s."""
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    monkeypatch.setattr(calling, "RETRY_PAUSE_SECONDS", 0.25)
    call = Calls(Hiccup("no connection"), "fine")
    assert attempt(Deadline(1.25), call) == "fine"


def test_a_wait_is_bounded_by_what_is_left() -> None:
    deadline = Deadline(5)
    assert deadline.bound(2) == 2
    assert 4 < deadline.bound(60) <= 5
    assert 4 < deadline.bound(None) <= 5


def test_after_the_deadline_nobody_waits() -> None:
    assert Deadline(-1).left < 0
    with pytest.raises(httpcore.ReadTimeout, match="the deadline has passed"):
        Deadline(-1).bound(2)


class Stream:
    """A connection that answers as many bytes as are asked for, and notes each wait."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.calls: list[Any] = []

    def read(self, max_bytes: int, timeout: float) -> bytes:
        self.waits.append(timeout)
        return b"x" * max_bytes

    def write(self, buffer: bytes, timeout: float) -> None:
        self.waits.append(timeout)
        self.calls.append(buffer)

    def start_tls(self, context: Any, name: str | None, timeout: float) -> Stream:
        self.waits.append(timeout)
        self.calls.append((context, name))
        return self

    def close(self) -> None:
        self.calls.append("closed")

    def get_extra_info(self, info: str) -> str:
        return f"{info} of it"

    def connect_tcp(self, host: str, port: int, timeout: float, local: Any, options: Any) -> Stream:
        self.waits.append(timeout)
        self.calls.append((host, port, local, options))
        return self

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def network(stream: Stream, seconds: float) -> Any:
    """The network of a client with a deadline, with this stream in the place of a real one."""
    found: Any = calling.http(Deadline(seconds))._transport
    found._pool._network_backend._network = stream
    return found._pool._network_backend


def test_every_wait_on_the_network_is_bounded_and_all_else_is_passed_on() -> None:
    """5 s are left: of 60 s at most 5 are waited, of 2 s all."""
    stream: Any = Stream()
    opened = network(stream, 5)
    opened.sleep(60)
    connection = opened.connect_tcp("api.example.test", 443, 60, "127.0.0.1", [(1, 2, 3)])
    connection.write(b"GET", 60)
    assert connection.read(3, 60) == b"xxx"
    encrypted = connection.start_tls("a context", "api.example.test", 60)
    assert encrypted.read(2, 60) == b"xx"
    assert len(stream.waits) == 6
    assert all(4 < wait <= 5 for wait in stream.waits)
    connection.read(1, 2)
    encrypted.write(b"POST", 2)
    connection.start_tls("a context", None, 2)
    opened.connect_tcp("a", 1, 2)
    opened.sleep(2)
    assert stream.waits[6:] == [2] * 5
    assert encrypted.get_extra_info("socket") == "socket of it"
    encrypted.close()
    assert stream.calls == [
        ("api.example.test", 443, "127.0.0.1", [(1, 2, 3)]),
        b"GET",
        ("a context", "api.example.test"),
        b"POST",
        ("a context", None),
        ("a", 1, None, None),
        "closed",
    ]


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_connection_answers_16_mib_and_not_a_byte_more(encrypted: bool) -> None:
    connection = network(Stream(), 5).connect_tcp("a", 1)
    if encrypted:
        connection = connection.start_tls(None)
    assert len(connection.read(10 * 1024 * 1024)) + len(connection.read(6 * 1024 * 1024)) == 16_777_216
    with pytest.raises(httpcore.ReadTimeout, match="an answer without end"):
        connection.read(1)


def test_a_connection_is_waited_for_2_seconds_and_an_answer_for_all_that_is_left_but_1_at_the_least() -> None:
    waits = calling.http(Deadline(60)).timeout
    assert waits.connect == 2.0
    for wait in (waits.read, waits.write, waits.pool):
        assert wait is not None
        assert 59 < wait <= 60
    assert calling.http(Deadline(0.1)).timeout.read == 1.0


def test_a_request_goes_only_where_it_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """It carries a key: no proxy of the environment gets it, and no redirect is followed."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving() as server:
        server.answers = [(302, {})]
        assert calling.http(Deadline(5)).get(server.url).status_code == 302
        assert len(server.asked) == 1


def test_a_request_after_the_deadline_is_not_sent() -> None:
    with serving() as server:
        server.answers = [(200, {})]
        with pytest.raises(httpx.ReadTimeout):
            calling.http(Deadline(-1)).get(server.url)
        assert server.asked == []


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (httpx.ReadTimeout("x"), ProviderUnavailable, "no answer in time"),
        (httpx.ConnectTimeout("x"), ProviderUnavailable, "no answer in time"),
        (httpx.ConnectError("x"), Hiccup, "no connection"),
        (httpx.RemoteProtocolError("x"), Hiccup, "no connection"),
        (ValueError("x"), type(None), "None"),
    ],
)
def test_a_lost_connection_may_be_tried_again_and_a_late_answer_not(
    error: Exception, kind: type, text: str
) -> None:
    found = lost(error)
    assert (type(found), str(found)) == (kind, text)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, type(None)),
        (400, type(None)),
        (404, type(None)),
        (408, Hiccup),
        (409, type(None)),
        (429, ProviderUnavailable),
        (500, Hiccup),
        (503, Hiccup),
    ],
)
def test_a_status_that_may_change_later_is_not_a_refusal(status: int, kind: type) -> None:
    assert type(refused_now(status)) is kind


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"code": "NO_PRODUCT", "message": "no prod_1"}, "NO_PRODUCT: no prod_1"),
        ({"message": "no prod_1"}, "no prod_1"),
        ({"code": "", "message": None, "more": "x"}, "refused"),
        ({"code": 7}, "7"),
        ({"code": "x" * 500}, "x" * 200),
        ("no prod_1", "refused"),
        (None, "refused"),
    ],
)
def test_a_reason_is_the_providers_code_and_message_and_short(said: Any, text: str) -> None:
    assert reason(said, "code", "message") == text


@pytest.mark.parametrize(
    "answer", [None, [], "id", {}, {"id": None}, {"id": 7}, {"id": "a/b"}, {"id": "a\n"}]
)
def test_an_answer_without_what_was_asked_for_is_no_answer(answer: Any) -> None:
    assert member({"id": "a"}, "id", r"\w+") == "a"
    with pytest.raises(ProviderUnavailable, match="answered without id"):
        member(answer, "id", r"\w+")


@pytest.mark.parametrize("answer", [None, [], {}, {"items": None}, {"items": {}}, {"items": [{}, 1]}])
def test_an_answer_without_a_list_of_objects_is_no_answer(answer: Any) -> None:
    assert rows({"items": [{"id": "a"}, {}]}, "items") == [{"id": "a"}, {}]
    assert rows({"items": []}, "items") == []
    with pytest.raises(ProviderUnavailable, match="answered without items"):
        rows(answer, "items")
