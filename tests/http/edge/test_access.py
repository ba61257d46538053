"""Who calls, as the authorizer says it: what a scope includes, when a key is over, how often it may ask."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.http.edge.access import INCLUDED, Access
from tests.aws import Deployment, Key
from tests.http.contract import refused


def said(**context: Any) -> Access | None:
    return Access.of(
        {"requestContext": {"authorizer": {"lambda": context}}}, {"authorization": "Bearer t0ken"}
    )


def test_each_scope_is_wider_than_the_one_before_and_the_others_are_in_grant() -> None:
    read, burn, grant, admin = (INCLUDED[scope] for scope in ("read", "burn", "grant", "admin"))
    assert read < burn < grant < admin == set(INCLUDED)
    assert {"top_up", "auto_top_up"} <= grant
    for one in ("top_up", "auto_top_up"):
        assert INCLUDED[one] == {one}, "not even what it orders may be read"


def test_what_the_authorizer_says_is_read() -> None:
    whole = said(
        key_id="k", scopes="read top_up", account="acme", name="Shop", rate_limit="5", ends_at="1700000000000"
    )
    assert whole == Access("k", frozenset({"read", "top_up"}), "acme", "Shop", 5, 1_700_000_000_000, "t0ken")
    bare = said(key_id="k", scopes="burn", account="", name="", rate_limit="", ends_at="")
    assert bare == Access("k", frozenset({"read", "burn"}), token="t0ken")


@pytest.mark.parametrize(
    "context", [{}, {"scopes": ""}, {"scopes": None}, {"key_id": "k"}, {"scope": "admin"}]
)
def test_who_has_no_scope_is_nobody(context: dict[str, Any]) -> None:
    assert said(**context) is None


@pytest.mark.parametrize("scopes", ["root", "Admin", " ", "admin,read", "read\tadmin"])
def test_a_scope_that_there_is_not_includes_nothing(scopes: str) -> None:
    access = said(scopes=scopes)
    assert access
    assert access.scopes == frozenset()


def test_a_limited_key_is_refused_past_its_limit_with_the_seconds_to_wait(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three a second, at one moment: three, and then none until a second later."""
    clock = [runtime.now()]
    monkeypatch.setattr(runtime, "now", lambda: clock[0])
    limited, path = Key("read", key_id="limited", more={"rate_limit": "3"}), f"/v1/accounts/{account}/balance"
    for _ in range(3):
        assert scrip.get(path, caller=limited).status == 200
    answer = scrip.get(path, caller=limited)
    refused(answer, 429, "throttled", rate_limit=3)
    assert answer.headers["retry-after"] == "1"
    assert scrip.get(path, caller=Key("read", key_id="other")).status == 200
    clock[0] += 1000
    assert scrip.get(path, caller=limited).status == 200


def test_every_function_counts_the_requests_of_a_limited_key(scrip: Deployment) -> None:
    """Whatever the route: the second request of a key of one a second is refused before anything of it is read."""
    paths = {
        "burns": ("POST", "/v1/accounts/a/burns"),
        "grants": ("POST", "/v1/accounts/a/grants"),
        "corrections": ("POST", "/v1/accounts/a/freeze"),
        "redemptions": ("POST", "/v1/accounts/a/redemptions"),
        "allowances": ("GET", "/v1/accounts/a/allowances/x"),
        "wallets": ("GET", "/v1/accounts/a/balance"),
        "catalogue": ("GET", "/v1/units/credits"),
        "topups": ("GET", "/v1/topups/x"),
        "refunds": ("POST", "/v1/payments/dodo/x/refunds"),
    }
    for name, (method, path) in paths.items():
        limited = Key("admin", key_id=f"of-{name}", more={"rate_limit": "1"})
        answers = [scrip.send(method, path, caller=limited) for _ in range(2)]
        assert answers[0].status != 429
        refused(answers[1], 429, "throttled", rate_limit=1)


def test_a_key_without_a_limit_costs_no_call_and_a_limited_one_a_call_for_each_block(
    scrip: Deployment, account: str
) -> None:
    """A burn of a key of 100 a second: one call more for every ten burns."""
    scrip.grant(account, "100")
    scrip.burn(account, "1")
    with scrip.calls() as made:
        scrip.burn(account, "1")
    assert [call.name for call in made] == ["TransactWriteItems"]
    limited = Key("burn", key_id="fast", more={"rate_limit": "100"})
    with scrip.calls() as made:
        for _ in range(10):
            assert scrip.burn(account, "1", caller=limited).status == 201
    assert [call.name for call in made].count("UpdateItem") == 1
    assert len(made) == 11


def test_a_key_says_its_id_in_the_line_of_each_request(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    scrip.get(f"/v1/accounts/{account}/balance", caller=Key("read", key_id="0123456789abcdef"))
    scrip.get(f"/v1/accounts/{account}/balance", caller=None)
    known, nobody = capsys.readouterr().out.splitlines()
    assert '"key_id":"0123456789abcdef"' in known
    assert "key_id" not in nobody
