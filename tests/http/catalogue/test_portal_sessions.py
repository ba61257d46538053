"""Portal sessions: a short-lived key of one customer, for a browser, that may what it was said to and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.store import keys
from tests.aws import NEW_YEAR, Answer, Deployment, Key
from tests.http.catalogue.test_keys import NOBODY, authorize
from tests.http.contract import invalid, refused
from tests.http.edge.wrong import Row, rows

PATH = "/v1/portal-sessions"


def session(scrip: Deployment, **body: Any) -> Answer:
    return scrip.post(PATH, {"account": "acme", **body}, caller=Key("grant", key_id="maker"))


def test_a_session_is_a_key_of_one_account_for_an_hour_that_reads(scrip: Deployment) -> None:
    now = runtime.now()
    answer = session(scrip)
    assert answer.status == 201
    assert set(answer.body) == {"token", "url", "expires_at"}
    assert answer.body["url"] is None
    assert answer.body["token"].startswith("scrip_session_")
    context = authorize(f"Bearer {answer.body['token']}")["context"]
    assert (context["scopes"], context["account"]) == ("read", "acme")
    assert now + 3_600_000 <= int(context["ends_at"]) <= runtime.now() + 3_600_000


def test_a_session_may_what_it_was_said_to(scrip: Deployment) -> None:
    made = session(scrip, may=["top_up", "read", "auto_top_up"]).body
    context = authorize(f"Bearer {made['token']}")["context"]
    assert sorted(context["scopes"].split()) == ["auto_top_up", "read", "top_up"]


@pytest.mark.parametrize(
    ("expires_in", "ends"),
    [
        ("PT1M", "2030-01-01T00:01:00.000Z"),
        ("PT24H", "2030-01-02T00:00:00.000Z"),
        ("P1D", "2030-01-02T00:00:00.000Z"),
    ],
)
def test_a_session_lives_for_a_day_at_most(scrip: Deployment, expires_in: str, ends: str) -> None:
    answer = scrip.post(PATH, {"account": "acme", "expires_in": expires_in}, clock=NEW_YEAR)
    assert answer.body["expires_at"] == ends


def test_a_sessions_row_is_deleted_a_second_after_its_end(scrip: Deployment) -> None:
    """1893456000 is 2030-01-01T00:00:00Z."""
    scrip.make_tables()
    scrip.post(PATH, {"account": "acme", "expires_in": "PT1M"}, clock=NEW_YEAR, key="s-1")
    assert {row["ends"]["N"] for row in scrip.everything() if "session" in str(row) and "ends" in row} == {
        "1893456061"
    }


SESSIONS: list[Row] = [
    *rows("account", [None, "", "a b", 1]),
    *rows("expires_in", [None, "", "P2D", "PT24H1S", "P1M", "PT0S", "-PT1H", 60]),
    *rows("may", [None, [], "read", ["read", "read"], 1]),
    *rows("return_url", ["", "http://shop.example.test", "ftp://x", "javascript:alert(1)", 1]),
    *rows("scope", ["admin"]),
    *rows("scopes", [["admin"]]),
]


@pytest.mark.parametrize("row", SESSIONS, ids=lambda row: row.id)
def test_a_session_is_refused_with(scrip: Deployment, row: Row) -> None:
    with scrip.unwritten():
        answer = scrip.post(PATH, {"account": "acme", row.member: row.value})
    invalid(answer, row.field)


@pytest.mark.parametrize("may", [["burn"], ["grant"], ["read", "admin"]])
def test_a_session_may_nothing_that_customers_may_not(scrip: Deployment, may: list[str]) -> None:
    answer = session(scrip, may=may)
    assert (answer.status, answer.fields) == (400, [f"may.{len(may) - 1}"])


def test_a_session_is_in_no_list_is_deleted_by_the_clock_and_its_token_is_stored_nowhere(
    scrip: Deployment,
) -> None:
    scrip.make_tables()
    token = session(scrip).body["token"]
    assert scrip.get("/v1/keys").body["items"] == []
    stored = scrip.everything()
    (item,) = [one for one in stored if one["pk"]["S"].startswith("key#")]
    assert runtime.now() // 1000 + 3590 < int(item["ends"]["N"]) < runtime.now() // 1000 + 3610
    assert token[-43:] not in str(stored)
    key_id = token.split("_")[2]
    refused(scrip.send("DELETE", f"/v1/keys/{key_id}"), 404, "not_found")
    refused(scrip.send("POST", f"/v1/keys/{key_id}/rotation"), 404, "not_found")


def test_a_session_is_over_at_its_end_though_the_table_still_has_it(
    scrip: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, later = session(scrip, expires_in="PT1M").body["token"], runtime.now() + 60_000
    assert authorize(f"Bearer {token}") != NOBODY
    scrip.cold()
    monkeypatch.setattr(runtime, "now", lambda: later)
    assert authorize(f"Bearer {token}") == NOBODY


def test_a_session_is_no_key_under_another_name(scrip: Deployment) -> None:
    """Nor is a key a session."""
    token = session(scrip).body["token"]
    assert authorize(f"Bearer {token.replace('session_', '')}") == NOBODY


def test_that_a_session_is_used_is_not_written(scrip: Deployment) -> None:
    token = session(scrip).body["token"]
    with scrip.calls() as made:
        assert authorize(f"Bearer {token}") != NOBODY
    assert [call.name for call in made] == ["BatchGetItem"]
    assert keys.used_key(token.split("_")[2]) not in str(scrip.everything())


def test_the_same_request_makes_one_session(scrip: Deployment) -> None:
    headers = {"authorization": "Bearer mine"}
    first, again = (
        scrip.post(PATH, {"account": "acme"}, key="s-1", headers=headers, clock=NEW_YEAR) for _ in range(2)
    )
    assert (again.replayed, again.text) == (True, first.text)


@pytest.mark.parametrize(
    "more",
    [
        {"account": "other"},
        {"expires_in": "PT2H"},
        {"may": ["top_up"]},
        {"return_url": "https://shop.example.test"},
    ],
)
def test_another_session_under_the_same_key_is_refused(scrip: Deployment, more: dict[str, Any]) -> None:
    assert scrip.post(PATH, {"account": "acme"}, key=f"k-{more}", clock=NEW_YEAR).status == 201
    answer = scrip.post(PATH, {"account": "acme", **more}, key=f"k-{more}", clock=NEW_YEAR)
    refused(answer, 422, "idempotency_key_reused")


def test_the_same_request_a_moment_later_is_the_same_session(scrip: Deployment) -> None:
    """What was asked for is how long it lives, not until when."""
    answers = [
        scrip.post(PATH, {"account": "acme"}, key="later", clock=f"2030-01-01T00:00:0{second}.000Z")
        for second in range(2)
    ]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[1].body["expires_at"] == answers[0].body["expires_at"]


def test_a_customers_key_opens_no_session_and_neither_does_one_that_only_burns(scrip: Deployment) -> None:
    for caller in (Key("read"), Key("burn"), Key("read top_up", "acme"), Key("grant", "acme")):
        refused(scrip.post(PATH, {"account": "acme"}, caller=caller), 403, "forbidden")
