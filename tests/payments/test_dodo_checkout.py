"""Asking Dodo for a checkout session, through its own SDK, against a stand-in: what is asked, and what can
go wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from scrip.payments.clients import dodo as checkout
from scrip.payments.clients.dodo import ProviderRefused, ProviderUnavailable, Session, create_session


class Dodo:
    """Answers with what it is told to, one answer after the other, the last one for ever; remembers what
    was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.delay = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked.append(
                    {
                        "path": self.path,
                        "authorization": self.headers["authorization"],
                        "body": json.loads(self.rfile.read(int(self.headers["content-length"]))),
                    }
                )
                time.sleep(outer.delay)
                status, answer = outer.answers[0]
                if len(outer.answers) > 1:
                    outer.answers.pop(0)
                raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(raw)))
                self.send_header("retry-after", "30")
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def dodo() -> Iterator[Dodo]:
    server = Dodo()
    yield server
    server.stop()


GOOD = (200, {"session_id": "cks_1", "checkout_url": "https://checkout.example.test/cks_1"})


def ask(base_url: str, **changed: Any) -> Session:
    order: dict[str, Any] = {
        "api_key": "key_1",
        "product_id": "pdt_credits",
        "quantity": 2,
        "amount": 100000,
        "currency": "USD",
        "topup_id": "top_1",
        "account": "acme",
        "return_url": "https://shop.example.test/done",
        "timeout": 4.0,
    }
    return create_session(base_url=base_url, **{**order, **changed})


def test_two_packs_of_1000_usd_are_asked_for_at_our_own_price_without_discounts_or_other_currencies(
    dodo: Dodo,
) -> None:
    dodo.answers = [GOOD]

    assert ask(dodo.url) == Session("cks_1", "https://checkout.example.test/cks_1")
    assert dodo.asked == [
        {
            "path": "/checkouts",
            "authorization": "Bearer key_1",
            "body": {
                "product_cart": [{"product_id": "pdt_credits", "quantity": 2, "amount": 100000}],
                "billing_currency": "USD",
                "feature_flags": {"allow_discount_code": False, "allow_currency_selection": False},
                "metadata": {"topup_id": "top_1", "account": "acme"},
                "return_url": "https://shop.example.test/done",
            },
        }
    ]


def test_without_a_return_url_none_is_sent(dodo: Dodo) -> None:
    dodo.answers = [GOOD]

    ask(dodo.url, return_url=None)

    assert "return_url" not in dodo.asked[0]["body"]


@pytest.mark.parametrize("status", [500, 502, 503, 408])
def test_one_hiccup_is_overcome(dodo: Dodo, status: int) -> None:
    dodo.answers = [(status, {}), GOOD]

    assert ask(dodo.url).id == "cks_1"
    assert len(dodo.asked) == 2


@pytest.mark.parametrize(("status", "attempts"), [(500, 2), (503, 2), (429, 1)])
def test_a_provider_that_stays_down_is_unavailable_soon_whatever_it_says_about_waiting(
    dodo: Dodo, status: int, attempts: int
) -> None:
    dodo.answers = [(status, {})]
    began = time.monotonic()

    with pytest.raises(ProviderUnavailable, match=f"answered {status}"):
        ask(dodo.url)
    assert len(dodo.asked) == attempts
    assert time.monotonic() - began < 4  # Retry-After said 30 s


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_not_tried_again_and_says_why(dodo: Dodo, status: int) -> None:
    dodo.answers = [(status, {"code": "PRODUCT_NOT_FOUND", "message": "no pdt_credits"})]

    with pytest.raises(ProviderRefused) as caught:
        ask(dodo.url)
    assert (caught.value.status, caught.value.reason) == (status, "PRODUCT_NOT_FOUND: no pdt_credits")
    assert len(dodo.asked) == 1


@pytest.mark.parametrize("said", [b"<html>", [], {"message": "x" * 10_000}], ids=["HTML", "a list", "10 kB"])
def test_a_refusal_may_say_anything(dodo: Dodo, said: Any) -> None:
    dodo.answers = [(400, said)]

    with pytest.raises(ProviderRefused) as caught:
        ask(dodo.url)
    assert 0 < len(caught.value.reason) <= 200


def test_a_slow_provider_is_given_up_in_time_and_not_asked_twice(dodo: Dodo) -> None:
    dodo.answers, dodo.delay = [GOOD], 5.0
    began = time.monotonic()

    with pytest.raises(ProviderUnavailable, match="no answer in time"):
        ask(dodo.url, timeout=1.0)
    assert time.monotonic() - began < 4
    assert len(dodo.asked) == 1


def test_nobody_there_is_unavailable(dodo: Dodo) -> None:
    dodo.stop()

    with pytest.raises(ProviderUnavailable, match="no connection"):
        ask(dodo.url)


@pytest.mark.parametrize(
    "answer",
    [
        b"not JSON",
        b"",
        [],
        "cks_1",
        {},
        {"session_id": "cks_1"},
        {"session_id": "cks_1", "checkout_url": None},
        {"session_id": "cks_1", "checkout_url": "javascript:alert(1)"},
        {"session_id": 7, "checkout_url": "https://checkout.example.test/7"},
        {"session_id": "a/b", "checkout_url": "https://checkout.example.test/7"},
    ],
    ids=lambda answer: str(answer)[:40],
)
def test_an_answer_that_is_no_session_is_as_good_as_none(dodo: Dodo, answer: Any) -> None:
    dodo.answers = [(200, answer)]

    with pytest.raises(ProviderUnavailable):
        ask(dodo.url)


@pytest.mark.parametrize("key", ["", "key\n", "kéy"], ids=["empty", "a newline", "no ASCII"])
def test_a_key_that_cannot_be_a_header_is_one_of_the_two_errors(dodo: Dodo, key: str) -> None:
    dodo.answers = [(401, {})]

    with pytest.raises((ProviderUnavailable, ProviderRefused)):
        ask(dodo.url, api_key=key)


def test_importing_the_module_does_not_import_the_sdk() -> None:
    # 35 MiB and a quarter of a second: only who sells pays for it.
    code = f"import sys; import {checkout.__name__}; sys.exit('dodopayments' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
