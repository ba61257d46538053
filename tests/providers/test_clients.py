"""Every provider's client against a server that does what providers do on a bad day: a call ends in time, is tried
again once where that can help and is harmless, and ends in one of two errors."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scrip.domain.payments.delivery import Inquiry
from scrip.providers import calling, clients, webhooks
from scrip.providers.clients import (
    Client,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    Sale,
    WantedRefund,
)
from tests.providers.answering import Server, serving

SALE = Sale(
    topup_id="top_1",
    request_id="top_1.1",
    account="acme",
    pack="ten-thousand",
    product="prod_1",
    name="10000 credits",
    quantity=2,
    amount=100000,
    currency="USD",
    return_url="https://shop.example.test/done",
)
GOOD = {
    "dodo": {"session_id": "cks_1", "checkout_url": "https://checkout.example.test/cks_1"},
    "stripe": {"object": "checkout.session", "id": "cs_1", "url": "https://checkout.example.test/cs_1"},
}
REFUSAL = {
    "dodo": {"code": "PRODUCT_NOT_FOUND", "message": "no prod_1"},
    "stripe": {
        "error": {"type": "invalid_request_error", "code": "PRODUCT_NOT_FOUND", "message": "no prod_1"}
    },
}
ID = {"dodo": "session_id", "stripe": "id"}
URL = {"dodo": "checkout_url", "stripe": "url"}
CALLS: dict[str, Callable[[Client], Any]] = {
    "open_session": lambda client: client.open_session(SALE),
    "refund": lambda client: client.refund(WantedRefund("pay_1", "req_1", 3000, "USD", False, "asked for")),
    "read": lambda client: client.read(Inquiry("x", "pay_1", "cs_1")),
    "listed": lambda client: client.listed(0, 1000, None),
}
providers = pytest.mark.parametrize("provider", sorted(clients.names()))
calls = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second attempt comes at once."""
    monkeypatch.setattr(calling, "RETRY_PAUSE_SECONDS", 0.0)


def client(provider: str, url: str, timeout: float = 4.0, key: str = "key_1") -> Client:
    return clients.client(provider, key, url, timeout)


def test_a_provider_with_a_client_has_webhooks_too() -> None:
    """Its deliveries are read by it. At providers without a client an app opens its own checkout."""
    assert clients.names() == {"dodo", "stripe"}
    assert clients.names() < webhooks.names()


def test_stripe_keeps_the_key_of_a_charge_and_dodo_takes_none() -> None:
    """Stripe keeps it for 24 hours at the least: the last four are not relied on. 20 h are 72 000 000 ms."""
    kept = {name: client(name, "https://provider.example.test").key_ms for name in clients.names()}
    assert kept == {"dodo": 0, "stripe": 72_000_000}


def test_where_a_product_decides_and_where_one_is_needed_to_keep_a_method() -> None:
    """At Dodo a product is a subscription or none, and on demand or not."""
    found = {
        name: (clients.sells_periods_once(name), clients.needs_product(name)) for name in webhooks.names()
    }
    assert found == {
        "dodo": (False, True),
        "paddle": (True, False),
        "standard": (True, False),
        "stripe": (True, False),
    }


@providers
@pytest.mark.parametrize("status", [500, 502, 503, 408])
def test_one_hiccup_is_overcome(server: Server, impatient: None, provider: str, status: int) -> None:
    server.answers = [(status, {}), (200, GOOD[provider])]
    assert client(provider, server.url).open_session(SALE).id == GOOD[provider][ID[provider]]
    assert len(server.asked) == 2


@providers
def test_a_dropped_connection_is_overcome(server: Server, impatient: None, provider: str) -> None:
    server.answers = [None, (200, GOOD[provider])]
    assert client(provider, server.url).open_session(SALE).url == GOOD[provider][URL[provider]]
    assert len(server.asked) == 2


@providers
@calls
@pytest.mark.parametrize(("status", "attempts"), [(500, 2), (503, 2), (429, 1)])
def test_a_provider_that_stays_down_is_unavailable_soon_whatever_it_says_about_waiting(
    server: Server, impatient: None, provider: str, call: Callable[[Client], Any], status: int, attempts: int
) -> None:
    """Retry-After says 30 s, and each SDK would wait."""
    server.answers = [(status, {})]
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable, match=f"answered {status}"):
        call(client(provider, server.url))
    assert len(server.asked) == attempts
    assert time.monotonic() - began < 20


@providers
@calls
@pytest.mark.parametrize("status", [400, 401, 403, 422])
def test_a_refusal_is_not_tried_again_and_says_why(
    server: Server, provider: str, call: Callable[[Client], Any], status: int
) -> None:
    server.answers = [(status, REFUSAL[provider])]
    with pytest.raises(ProviderRefused) as caught:
        call(client(provider, server.url))
    assert (caught.value.status, caught.value.reason) == (status, "PRODUCT_NOT_FOUND: no prod_1")
    assert len(server.asked) == 1


@providers
@pytest.mark.parametrize(
    "said", [b"<html>", [], {"message": "x" * 10_000}, {"error": {"message": "x" * 10_000}}]
)
def test_a_refusal_may_say_anything(server: Server, provider: str, said: Any) -> None:
    server.answers = [(400, said)]
    with pytest.raises(ProviderRefused) as caught:
        client(provider, server.url).open_session(SALE)
    assert 0 < len(caught.value.reason) <= 200


def test_a_refusal_that_stripes_sdk_cannot_read_is_one_of_the_two_errors(server: Server) -> None:
    """It raises an AttributeError of its own."""
    server.answers = [(400, {"error": "x"})]
    with pytest.raises(ProviderUnavailable, match="unreadable"):
        client("stripe", server.url).open_session(SALE)


@providers
@calls
def test_a_slow_provider_is_given_up_in_time_and_not_asked_twice(
    server: Server, provider: str, call: Callable[[Client], Any]
) -> None:
    server.answers, server.delay = [(200, GOOD[provider])], 30.0
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable, match="no answer in time"):
        call(client(provider, server.url, timeout=0.5))
    assert time.monotonic() - began < 20
    assert len(server.asked) == 1


@providers
def test_a_body_that_drips_is_given_up_in_time(server: Server, provider: str) -> None:
    """A byte each half second is never late by itself: the whole takes more than half a minute."""
    server.answers, server.drip = [(200, GOOD[provider])], 0.5
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable, match="no answer in time"):
        client(provider, server.url, timeout=0.7).open_session(SALE)
    assert 0.6 < time.monotonic() - began < 20


@providers
def test_a_body_without_end_is_given_up(
    server: Server, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "MAX_ANSWER_BYTES", 100_000)
    server.answers = [(200, b'"' + b"x" * 1_000_000 + b'"')]
    with pytest.raises(ProviderUnavailable):
        client(provider, server.url).open_session(SALE)


@providers
@calls
def test_nobody_there_is_unavailable(provider: str, call: Callable[[Client], Any]) -> None:
    with serving() as gone:
        pass
    with pytest.raises(ProviderUnavailable, match="no connection"):
        call(client(provider, gone.url, timeout=1.0))


@providers
@calls
@pytest.mark.parametrize(
    "said", [b"not JSON", b"", b"\xff\xfe", [], "x", 7, None, {}, {"items": 1}, {"data": [1]}], ids=str
)
def test_an_answer_that_is_not_what_was_asked_for_is_as_good_as_none(
    server: Server, provider: str, call: Callable[[Client], Any], said: Any
) -> None:
    server.answers = [(200, said)]
    with pytest.raises(ProviderUnavailable):
        call(client(provider, server.url))


@providers
@pytest.mark.parametrize(
    ("name", "value"),
    [
        (ID, None),
        (ID, 7),
        (ID, "a/b"),
        (ID, "x" * 101),
        (URL, None),
        (URL, "javascript:alert(1)"),
        (URL, "//checkout.example.test/7"),
    ],
)
def test_a_session_needs_an_id_and_a_page(
    server: Server, provider: str, name: dict[str, str], value: Any
) -> None:
    server.answers = [(200, {**GOOD[provider], name[provider]: value})]
    with pytest.raises(ProviderUnavailable, match="answered without"):
        client(provider, server.url).open_session(SALE)


@providers
@pytest.mark.parametrize("key", ["", "key\n", "kéy"], ids=["empty", "a newline", "no ASCII"])
def test_a_key_that_cannot_be_a_header_is_one_of_the_two_errors(
    server: Server, provider: str, key: str
) -> None:
    server.answers = [(401, {})]
    with pytest.raises(ProviderError):
        client(provider, server.url, key=key).open_session(SALE)


@providers
@pytest.mark.parametrize("url", ["http://127.0.0.1:port", "http://127.0.0.1:80 80/", "http://\x7f"])
def test_a_url_that_is_none_is_one_of_the_two_errors(provider: str, url: str) -> None:
    with pytest.raises(ProviderUnavailable):
        client(provider, url).open_session(SALE)


@providers
def test_a_redirect_is_not_followed(server: Server, provider: str) -> None:
    """The request carries a key."""
    server.answers = [(302, {})]
    with pytest.raises(ProviderError):
        client(provider, server.url).open_session(SALE)
    assert len(server.asked) == 1


@providers
def test_importing_a_client_does_not_import_its_sdk(provider: str) -> None:
    """30 MiB and a quarter of a second: only who calls pays for it."""
    sdks = {"dodopayments", "stripe", "httpx", "httpcore"}
    code = f"import sys, scrip.providers.{provider}.client; sys.exit(bool({sdks} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@providers
def test_a_client_sets_no_key_of_its_sdks_own(server: Server, provider: str) -> None:
    """Two clients at once, each with its own key."""
    server.answers = [(200, GOOD[provider])]
    one, other = client(provider, server.url, key="key_1"), client(provider, server.url, key="key_2")
    for each in (one, other, one):
        each.open_session(SALE)
    said = [asked.headers["authorization"] for asked in server.asked]
    assert said == ["Bearer key_1", "Bearer key_2", "Bearer key_1"]
