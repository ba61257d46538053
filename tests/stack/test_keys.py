"""Keys against the local AWS, with everything at once: what moto and a simulator of one thread cannot show."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from scrip.domain.credits.errors import Throttled
from scrip.services.audit.changes import Author, ChangeQuery, list_changes
from scrip.services.catalogue.keys import KeyAsker, MadeKey, NewKey, create_key, list_keys
from scrip.services.catalogue.rate_limits import RateLimits
from scrip.store.api_keys import ApiKeys
from scrip.store.tables import Tables
from tests.stack.conftest import CORS_ORIGIN, App


@pytest.fixture
def store(stack: App) -> ApiKeys:
    return ApiKeys(stack.stack.client("dynamodb"), stack.stack.outputs["KeysTable"])


@pytest.fixture
def tables(stack: App) -> Tables:
    outputs = stack.stack.outputs
    return Tables(stack.stack.client("dynamodb"), outputs["WalletsTable"], outputs["LedgerTable"])


@pytest.fixture
def caller(stack: App) -> Iterator[Any]:
    """Makes clients that call with another key."""
    made: list[httpx.Client] = []

    def call(key: str, **headers: str) -> httpx.Client:
        everything = {"authorization": f"Bearer {key}", **headers}
        made.append(httpx.Client(base_url=stack.url, headers=everything, timeout=60, trust_env=False))
        return made[-1]

    yield call
    for client in made:
        client.close()


def test_sixteen_requests_at_once_under_one_key_make_one_api_key_and_all_are_shown_it(
    store: ApiKeys, tables: Tables
) -> None:
    """Sixteen environments that begin at the same moment."""
    name, together = uuid.uuid4().hex, threading.Barrier(16)

    def make(_: int) -> MadeKey:
        wanted = NewKey(("read", "top_up"), "acme", name)
        together.wait()
        asker = KeyAsker(Author("key:k1", int(time.time() * 1000)), name, "mine")
        return create_key(store, tables, wanted, asker)

    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(make, range(16)))
    assert len({(one.key.key_id, one.text) for one in made}) == 1
    assert [one.replayed for one in made].count(False) == 1
    listed = [key for _, key in list_keys(store, 1000, None).items]
    assert [key.key_id for key in listed if key.wanted.name == name] == [made[0].key.key_id]
    query = ChangeQuery(None, "key.create", ("key", made[0].key.key_id), 0, 2**44)
    assert len(list_changes(tables, query, 10, None).items) == 1


def test_requests_at_once_over_http_under_one_key_make_one_api_key(stack: App, caller: Any) -> None:
    name = uuid.uuid4().hex
    body = {"scopes": ["read", "top_up"], "account": "acme", "name": name}
    stack.get("/v1/units/credits")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: stack.post("/v1/keys", body, key=name), range(16)))
    assert [answer.status_code for answer in answers] == [201] * 16, [answer.text for answer in answers]
    assert len({answer.text for answer in answers}) == 1
    assert [answer.headers.get("idempotent-replay") for answer in answers].count("true") == 15
    assert caller(answers[0].json()["key"]).get("/v1/accounts/acme/balance").status_code == 200


def test_sixteen_rotations_at_once_under_one_key_are_one_and_leave_the_old_secret_open(
    stack: App, caller: Any
) -> None:
    made = stack.post("/v1/keys", {"scope": "read"}).json()
    path, name = f"/v1/keys/{made['key_id']}/rotation", uuid.uuid4().hex
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: stack.post(path, {}, key=name), range(16)))
    assert len({answer.text for answer in answers}) == 1, [answer.text for answer in answers]
    for key in (made["key"], answers[0].json()["key"]):
        assert caller(key).get("/v1/accounts/acme/balance").status_code == 200


@pytest.mark.parametrize(("limit", "block"), [(10, 1), (60, 6)])
def test_two_environments_come_together_to_the_limit_and_a_block_each(
    store: ApiKeys, limit: int, block: int
) -> None:
    """Each as fast as it can, for three seconds, by the machine's own clock. In no second are there more."""
    key_id, ends, lock = uuid.uuid4().hex[:16], time.monotonic() + 3, threading.Lock()
    let_in: list[float] = []

    def environment() -> None:
        limits = RateLimits(store, lambda: time.time_ns() // 1_000_000)
        while time.monotonic() < ends:
            try:
                limits.take(key_id, limit)
            except Throttled:
                time.sleep(0.002)
            else:
                with lock:
                    let_in.append(time.time())

    threads = [threading.Thread(target=environment) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    let_in.sort()
    most = max(sum(1 for other in let_in[first:] if other < at + 0.95) for first, at in enumerate(let_in))
    assert most <= limit + 2 * block
    assert len(let_in) >= 2 * limit


def test_a_limited_key_is_refused_over_http_with_the_seconds_to_wait(stack: App, caller: Any) -> None:
    """Whatever functions and environments answer: sixteen requests at once of a key of two a second."""
    made = stack.post("/v1/keys", {"scope": "read", "rate_limit": 2}).json()
    client = caller(made["key"])
    client.get("/v1/accounts/acme/balance")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.get("/v1/accounts/acme/balance"), range(16)))
    refused = [answer for answer in answers if answer.status_code != 200]
    assert refused, "sixteen requests took longer than eight seconds"
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
        assert int(answer.headers["retry-after"]) >= 1


def test_a_browser_calls_with_a_portal_session_from_an_origin_that_is_allowed_alone(
    stack: App, caller: Any, account: str
) -> None:
    """Preflight, and then the request itself; a page of another origin is let do neither."""
    stack.grant(account, "5")
    made = stack.post("/v1/portal-sessions", {"account": account, "may": ["read"]})
    assert made.status_code == 201, made.text
    path = f"/v1/accounts/{account}/balance"
    page = caller(made.json()["token"], origin=CORS_ORIGIN)
    asked = {"access-control-request-method": "GET", "access-control-request-headers": "authorization"}
    preflight = httpx.options(
        f"{stack.url}{path}", headers={"origin": CORS_ORIGIN, **asked}, trust_env=False, timeout=60
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == CORS_ORIGIN
    assert "GET" in preflight.headers["access-control-allow-methods"]
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    answer = page.get(path)
    assert (answer.status_code, answer.json()["available"]) == (200, "5")
    assert answer.headers["access-control-allow-origin"] == CORS_ORIGIN
    assert "request-id" in answer.headers["access-control-expose-headers"]
    refused = page.get("/v1/accounts/somebody/balance")
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (403, CORS_ORIGIN)
    stranger = caller(made.json()["token"], origin="https://evil.example.test").get(path)
    assert "access-control-allow-origin" not in stranger.headers


@pytest.mark.parametrize(
    "authorization",
    [
        f"Bearer scrip_0123456789abcdef_{'A' * 43}",
        f"Bearer scrip_session_0123456789abcdef_{'A' * 43}",
        "Bearer e30.e30.e30",
        "Bearer nonsense",
        "Basic YTpi",
    ],
)
def test_whoever_shows_what_opens_nothing_is_told_so_in_a_problem_document(
    stack: App, authorization: str
) -> None:
    answer = httpx.get(
        f"{stack.url}/v1/accounts/acme/balance",
        headers={"authorization": authorization},
        trust_env=False,
        timeout=60,
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["request-id"]


def test_a_key_is_used_and_says_so(stack: App, caller: Any) -> None:
    made = stack.post("/v1/keys", {"scope": "read", "name": uuid.uuid4().hex}).json()
    assert made["last_used_at"] is None
    assert caller(made["key"]).get("/v1/units/credits").status_code == 200
    (listed,) = [key for key in stack.get("/v1/keys", limit=1000)["items"] if key["key_id"] == made["key_id"]]
    assert listed["last_used_at"] is not None
