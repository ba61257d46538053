"""What is sent, and what becomes of an answer."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from scrip_client import (
    OMITTED,
    AsyncScrip,
    GatewayRefused,
    InExport,
    InsufficientCredits,
    InvalidRequest,
    NotReached,
    NotUnderstood,
    Refused,
    Retries,
    Scrip,
    ScripError,
    Unsendable,
    models,
)
from tests.clients.python.answering import Answered, Server, problem
from tests.clients.python.conftest import Call

ONCE = Retries(attempts=1)
HELD: dict[str, Any] = {"hold_id": "h", "status": "open", "news": {"of": "Scrip"}}
VERSION: dict[str, Any] = {"version": "9.0", "commit": "c0ffee", "test_clock": True}


def test_a_request_is_what_was_said_and_no_more(call: Call, server: Server) -> None:
    """What is left out is not sent, and None is null: an expiry of null is *never*, left out it is the policy's."""
    server.will(problem("not_found", 404))
    with pytest.raises(Refused):
        call(
            "grant",
            "a|b/c",
            amount="1",
            expires_at=None,
            reference={"type": "job", "id": "é"},
            idempotency_key="k 1",
        )
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1/accounts/a%7Cb%2Fc/grants")
    assert asked.body == {"amount": "1", "expires_at": None, "reference": {"type": "job", "id": "é"}}
    assert asked.headers["authorization"] == "Bearer key-1"
    assert asked.headers["idempotency-key"] == "k 1"
    assert asked.headers["content-type"] == asked.headers["accept"] == "application/json"
    assert "scrip-test-clock" not in asked.headers


def test_a_model_and_its_dictionary_are_sent_alike(call: Call, server: Server) -> None:
    server.will(problem("not_found", 404))
    for cost in (models.MoneyBody(amount=5, currency="USD"), {"amount": 5, "currency": "USD"}):
        with pytest.raises(Refused):
            call("grant", "acme", amount="1", kind="paid", cost_basis=cost)
    assert server.asked[0].body == server.asked[1].body


def test_names_that_python_keeps_for_itself_are_sent_as_they_are(call: Call, server: Server) -> None:
    """``for``, ``as`` and ``from`` have an underscore here."""
    server.will(problem("not_found", 404))
    for name, given, named in (
        ("quote", ["acme"], {"for_": "capture", "hold_id": "h"}),
        ("refund_payment", ["dodo", "pay_1"], {"as_": "credit"}),
        (
            "list_entries",
            ["acme"],
            {"from_": "2030-01-01T00:00:00Z", "metadata": {"job": "4711"}, "limit": 5},
        ),
    ):
        with pytest.raises(Refused):
            call(name, *given, **named)
    assert server.asked[0].body == {"for": "capture", "hold_id": "h"}
    assert server.asked[1].body == {"as": "credit"}
    assert server.asked[2].query == {"from": "2030-01-01T00:00:00Z", "metadata.job": "4711", "limit": "5"}


def test_instants_may_be_of_any_zone_and_are_sent_to_the_millisecond(call: Call, server: Server) -> None:
    """2030-01-01 01:00:00.123999 at +01:00 is 2030-01-01T00:00:00.123Z; the call's clock is before the client's."""
    server.will(problem("not_found", 404))
    at = datetime(2030, 1, 1, 1, 0, 0, 123999, tzinfo=timezone(timedelta(hours=1)))
    for own, wanted in ((None, "2031-01-01T00:00:00.000Z"), (at, "2030-01-01T00:00:00.123Z")):
        with pytest.raises(Refused):
            call(
                "grant",
                "acme",
                amount="1",
                expires_at=at,
                test_clock=own,
                clock=datetime(2031, 1, 1, tzinfo=UTC),
            )
        assert server.asked[-1].headers["scrip-test-clock"] == wanted
        assert server.asked[-1].body["expires_at"] == "2030-01-01T00:00:00.123Z"


def test_an_operation_without_a_test_clock_is_not_sent_one(call: Call, server: Server) -> None:
    server.will(Answered(200, VERSION))
    assert call("get_version", clock="2030-01-01T00:00:00Z").version == "9.0"
    assert "scrip-test-clock" not in server.asked[0].headers


@pytest.mark.parametrize(
    ("name", "given", "named", "said"),
    [
        ("burn", ["acme"], {"amount": 1}, "amount"),
        (
            "grant",
            ["acme"],
            {"amount": "1", "cost_basis": {"amount": 5, "currency": "USD", "tax": 1}},
            "cost_basis.tax",
        ),
        ("grant", ["acme"], {"amount": "1", "cost_basis": {"amount": 5}}, "cost_basis.currency"),
        ("grant", ["acme"], {"amount": "1", "expires_at": datetime(2030, 1, 1)}, "expires_at"),  # noqa: DTZ001
        ("grant", ["acme"], {"amount": "1", "kind": "free"}, "kind"),
        ("burn", ["acme"], {"amount": "1", "idempotency_key": "ü"}, "idempotency-key"),
        ("burn", ["acme"], {"amount": "1", "idempotency_key": ""}, "idempotency-key"),
        ("burn", ["acme"], {"amount": "1", "test_clock": datetime(2030, 1, 1)}, "zone"),  # noqa: DTZ001
        ("burn", [""], {"amount": "1"}, "account"),
        ("delete_allowance", ["acme", ".."], {}, "allowance_id"),
        ("get_hold", [".", "hold_1"], {}, "account"),
    ],
)
def test_what_is_no_request_is_not_sent(
    call: Call, server: Server, name: str, given: list[str], named: dict[str, Any], said: str
) -> None:
    """It says what is wrong with which argument."""
    with pytest.raises(Unsendable, match=said):
        call(name, *given, **named)
    assert server.asked == []


def test_an_argument_that_there_is_not_is_pythons_own_error(server: Server) -> None:
    with Scrip(server.url) as scrip, pytest.raises(TypeError, match="amuont"):
        scrip.burn("acme", amuont="1")  # type: ignore[call-arg]


def test_a_report_that_is_too_big_names_the_export_that_has_it(call: Call, server: Server) -> None:
    """As a table as well: nothing but its status and its id says that it is none."""
    told = {"export_id": "exp_1", "status": "done"}
    for name in ("get_report", "get_report_csv"):
        server.will(Answered(202, told))
        with pytest.raises(InExport, match="the export exp_1 has it") as failed:
            call(name, "revenue", period="2030-01")
        assert failed.value.export_id == "exp_1"


def test_an_answer_keeps_what_this_client_does_not_know(call: Call, server: Server) -> None:
    """A member, and a word: nothing of Scrip's next version breaks this one. ``to_dict`` is what came."""
    item = {"lot_id": "l", "kind": "brand_new", "news": [1], "effective_at": "2030-01-01T00:00:00.000Z"}
    shown = {"items": [item], "next_cursor": None}
    server.will(Answered(200, shown))
    with Scrip(server.url) as scrip:
        with pytest.raises(NotUnderstood):  # but what it must have, it must have
            scrip.list_lots("acme").page()
        full = dict.fromkeys(models.ListedLot.model_fields) | item
        full |= {"granted": "1", "remaining": "1", "held": "0", "frozen": "0", "priority": 5, "scope": []}
        full |= {"status": "gone_fishing", "metadata": {}, "warnings": []}
        server.will(Answered(200, {"items": [full], "next_cursor": None, "more": 1}))
        page = scrip.list_lots("acme").page()
    assert (page.items[0].kind, page.items[0].status) == ("brand_new", "gone_fishing")
    assert page.items[0].effective_at == datetime(2030, 1, 1, tzinfo=UTC)
    assert page.to_dict() == {"items": [full], "next_cursor": None, "more": 1}


def test_an_answer_says_what_it_came_with(call: Call, server: Server) -> None:
    server.will(Answered(200, VERSION, {"Request-Id": "req-7", "Idempotent-Replay": "true"}))
    http = call("get_version").http
    assert (http.status, http.request_id, http.replayed, http.attempts) == (200, "req-7", True, 1)
    assert http.idempotency_key is None
    with pytest.raises(LookupError):
        _ = models.Money(amount=1, currency="USD").http


def test_nothing_is_answered_by_a_deletion(call: Call, server: Server) -> None:
    server.will(Answered(204))
    assert call("delete_key", "key-2") is None


def test_a_refusal_is_of_its_codes_class_and_has_its_facts(call: Call, server: Server) -> None:
    server.will(
        problem("insufficient_credits", 402, required="71", available="70", unit="credits", later="x")
    )
    with pytest.raises(InsufficientCredits) as caught:
        call("burn", "acme", amount="71", idempotency_key="job-1")
    refused = caught.value
    assert (refused.code, refused.status, refused.available, refused.withheld) == (
        "insufficient_credits",
        402,
        "70",
        None,
    )
    assert (refused.request_id, refused.idempotency_key, refused.attempts) == ("req-1", "job-1", 1)
    assert refused.problem.to_dict()["later"] == "x"
    server.will(problem("invalid_request", 400, errors=[{"field": "amount", "message": "no"}]))
    with pytest.raises(InvalidRequest) as invalid:
        call("burn", "acme", amount="-1")
    assert [(one.field, one.message) for one in invalid.value.errors] == [("amount", "no")]


def test_a_code_that_this_client_does_not_know_is_a_plain_refusal(call: Call, server: Server) -> None:
    server.will(problem("moon_is_full", 409, phase="full"))
    with pytest.raises(Refused) as caught:
        call("burn", "acme", amount="1")
    assert type(caught.value) is Refused
    assert (caught.value.code, caught.value.problem.to_dict()["phase"]) == ("moon_is_full", "full")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"message": "Unauthorized"}, GatewayRefused),
        (413, {"message": "Request Entity Too Large"}, GatewayRefused),
        (502, "<html>Bad Gateway</html>", NotUnderstood),
        (404, {"detail": "Not Found"}, NotUnderstood),
        (302, "", NotUnderstood),
        (200, "<html>Sign in</html>", NotUnderstood),
        (200, [], NotUnderstood),
        (404, {"code": "not_found"}, NotUnderstood),
    ],
)
def test_what_is_not_scrips_is_told_apart(
    call: Call, server: Server, status: int, body: Any, kind: type[ScripError]
) -> None:
    server.will(Answered(status, body))
    with pytest.raises(kind, match=str(status)) as caught:
        call("burn", "acme", amount="1", retries=ONCE)
    assert vars(caught.value)["status"] == status


def test_where_nobody_listens_nothing_was_sent(server: Server) -> None:
    """A connection that breaks is another thing: it may have been carried out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with Scrip(url, retries=ONCE) as scrip, pytest.raises(NotReached, match=url) as caught:
        scrip.burn("acme", amount="1")
    assert caught.value.sent is False
    server.will(Answered(None))
    with Scrip(server.url, retries=ONCE) as scrip, pytest.raises(NotReached) as caught:
        scrip.burn("acme", amount="1")
    assert caught.value.sent is True
    assert caught.value.idempotency_key == server.asked[0].headers["idempotency-key"]


def test_an_answer_that_comes_by_drops_is_not_waited_for(server: Server) -> None:
    """Each byte is in time, and all of them together would take 16 s; an attempt has 0.3 s."""
    server.will(Answered(200, VERSION, slowly=0.2))
    began = time.monotonic()
    with (
        Scrip(server.url, timeout=0.3, retries=ONCE) as scrip,
        pytest.raises(NotReached, match="no whole answer"),
    ):
        scrip.get_version()

    async def awaited() -> None:
        async with AsyncScrip(server.url, timeout=0.3, retries=ONCE) as scrip:
            await scrip.get_version()

    with pytest.raises(NotReached, match="no whole answer"):
        asyncio.run(awaited())
    assert time.monotonic() - began < 15


def test_an_answer_may_be_compressed(call: Call, server: Server) -> None:
    server.will(Answered(200, gzip.compress(json.dumps(VERSION).encode()), {"content-encoding": "gzip"}))
    assert call("get_version").version == "9.0"
    server.will(Answered(200, b"no gzip", {"content-encoding": "gzip"}))
    with pytest.raises(NotReached):
        call("get_version", retries=ONCE)


@pytest.mark.parametrize("url", ["", "localhost:3000", "ftp://x", "https://a b", "http://[::1"])
def test_a_url_that_is_none_is_not_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCRIP_URL", raising=False)
    with pytest.raises((Unsendable, NotReached)), Scrip(url, retries=ONCE) as scrip:
        scrip.get_version()


def test_url_and_key_are_those_of_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIP_URL", server.url + "/")
    monkeypatch.setenv("SCRIP_API_KEY", "from-outside")
    server.will(Answered(200, VERSION))
    with Scrip() as scrip:
        scrip.get_version()
    assert server.asked[0].path == "/v1/version"
    assert server.asked[0].headers["authorization"] == "Bearer from-outside"
    with pytest.raises(Unsendable, match="API key"):
        Scrip(server.url, "two\nlines")


def test_a_client_without_a_key_sends_none(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCRIP_API_KEY", raising=False)
    server.will(Answered(200, VERSION))
    with Scrip(server.url) as scrip:
        scrip.get_version()
    assert "authorization" not in server.asked[0].headers


def test_what_is_left_out_can_be_said_too(call: Call, server: Server) -> None:
    server.will(problem("not_found", 404))
    with pytest.raises(Refused):
        call("burn", "acme", amount="1", reason=OMITTED)
    assert server.asked[0].body == {"amount": "1"}
