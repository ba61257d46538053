"""Ends that are moved after an outage: each lot once for an incident, of some accounts or of all; laws 3, 5, 10."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from scrip import runtime
from scrip.http.edge.parameters import instant
from scrip.services.engine.executor import Moment
from scrip.services.wallets import extensions
from tests.aws import Answer, Context, Deployment, Key, function
from tests.http.contract import invalid, refused
from tests.metrics import logged

pytestmark = pytest.mark.usefixtures("in_memory")

DAY_1, DAY_2, DAY_3, DAY_5 = (f"2030-01-0{day}T00:00:00.000Z" for day in (1, 2, 3, 5))
MEMBERS = {"incident", "unit", "by", "status", "moved", "accounts", "seen", "failed"}


def extend(scrip: Deployment, incident: str, **body: Any) -> Answer:
    request = {name: body.pop(name) for name in ("clock", "caller") if name in body}
    request.setdefault("clock", DAY_1)
    return scrip.post("/v1/extensions", {"incident": incident, "by": "P3D", **body}, **request)


def given(scrip: Deployment, account: str, *ends: str | None, **more: Any) -> None:
    for number, end in enumerate(ends):
        key = f"g{number} {end} {more.get('effective_at')}"
        assert scrip.grant(account, "10", key, expires_at=end, clock=DAY_1, **more).status == 201


def ends(scrip: Deployment, account: str, clock: str = DAY_1) -> list[str | None]:
    items = scrip.get(f"/v1/accounts/{account}/lots", clock=clock).body["items"]
    return sorted((lot["expires_at"] for lot in items), key=str)


def test_the_lots_of_some_accounts_end_later_each_once(scrip: Deployment, account: str) -> None:
    second = f"{account}|2"
    given(scrip, account, DAY_2, DAY_3, None)
    given(scrip, second, DAY_2, effective_at="2030-01-01T12:00:00Z")
    answer = extend(scrip, account, accounts=[account, {"account": second}], reason="outage")
    assert (answer.status, set(answer.body)) == (200, MEMBERS | {"items"})
    assert answer.body["items"] == [
        {"account": account, "status": 201, "moved": 2},
        {"account": second, "status": 201, "moved": 1},
    ]
    assert (answer.body["status"], answer.body["moved"], answer.body["accounts"]) == ("done", 3, 2)
    assert ends(scrip, account) == [DAY_5, "2030-01-06T00:00:00.000Z", None]
    assert ends(scrip, second) == [DAY_5]
    assert extend(scrip, account, accounts=[account, second]).body == answer.body
    assert ends(scrip, account) == [DAY_5, "2030-01-06T00:00:00.000Z", None]
    entry = next(one for one in scrip.entries(account) if one["kind"] == "expiry_change")
    assert (entry["kind"], entry["amount"], entry["incident"]) == ("expiry_change", "0", account)
    assert entry["reason"] == "outage"
    for one in (account, second):
        scrip.sound(one)


def test_a_lot_that_was_granted_since_is_moved_by_the_same_request(scrip: Deployment, account: str) -> None:
    given(scrip, account, DAY_2)
    extend(scrip, account, accounts=[account])
    assert scrip.grant(account, "1", "later", expires_at=DAY_3, clock=DAY_1).status == 201
    again = extend(scrip, account, accounts=[account])
    assert again.body["items"] == [{"account": account, "status": 201, "moved": 2}]
    assert ends(scrip, account) == [DAY_5, "2030-01-06T00:00:00.000Z"]
    other = extend(scrip, f"{account}-b", accounts=[account])
    assert other.body["moved"] == 2, "another incident moves them again"


def test_what_has_ended_stays_so_and_an_account_without_lots_has_none_moved(
    scrip: Deployment, account: str
) -> None:
    given(scrip, account, DAY_2)
    answer = extend(scrip, account, accounts=[account, f"{account}-new"], clock=DAY_2)
    assert [(one["status"], one["moved"]) for one in answer.body["items"]] == [(201, 0), (201, 0)]
    assert scrip.balance(account, clock=DAY_2)["available"] == "0"


def test_an_account_that_is_refused_does_not_keep_the_others(scrip: Deployment, account: str) -> None:
    """One has an entry after the instant of the request."""
    late, soon = f"{account}-late", f"{account}-soon"
    assert scrip.grant(late, "1", "g", clock=DAY_3).status == 201
    given(scrip, soon, DAY_2)
    answer = extend(scrip, account, accounts=[late, soon])
    first, second = answer.body["items"]
    assert (first["status"], first["problem"]["code"], second["moved"]) == (422, "clock_backwards", 1)
    assert (answer.body["status"], answer.body["failed"]) == ("running", 1)


def test_an_incident_moves_ends_by_one_span(scrip: Deployment, account: str) -> None:
    given(scrip, account, DAY_2)
    extend(scrip, account, accounts=[account])
    refused(extend(scrip, account, accounts=[account], by="P4D"), 422, "idempotency_key_reused")
    refused(extend(scrip, account, all=True, by="P4D"), 422, "idempotency_key_reused")
    assert ends(scrip, account) == [DAY_5]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"accounts": ["a"], "all": True},
        {"all": False},
        {"all": None},
        {"accounts": []},
        {"accounts": ["a", "a"]},
        {"accounts": ["a b"]},
        {"accounts": [{"account": "a", "amount": "1"}]},
        {"accounts": ["a"], "by": "P0D"},
        {"accounts": ["a"], "by": "3 days"},
        {"accounts": ["a"], "incident": ""},
        {"accounts": ["a"], "until": DAY_2},
    ],
)
def test_what_is_not_valid_is_refused(scrip: Deployment, body: dict[str, Any]) -> None:
    answer = extend(scrip, body.pop("incident", "i"), **body)
    assert (answer.status, answer.code) == (400, "invalid_request"), answer.text


def test_it_needs_admin_and_a_unit_that_there_is(scrip: Deployment) -> None:
    body = {"incident": "i", "by": "P3D", "all": True}
    assert scrip.post("/v1/extensions", body, caller=Key("grant")).code == "forbidden"
    refused(extend(scrip, "i", all=True, unit="nothing"), 404, "not_found", unit="nothing")
    invalid(extend(scrip, "i", all=True, unit="a b"), "unit")


@pytest.fixture
def unit(scrip: Deployment, account: str) -> str:
    """A unit of the test's own: all accounts is everybody that other tests made."""
    name = f"unit-{account}"
    assert scrip.put(f"/v1/units/{name}", {"precision": 0}).status == 201
    return name


def all_granted(scrip: Deployment, account: str, unit: str, count: int) -> list[str]:
    names = [f"{account}-{number}" for number in range(count)]
    for name in names:
        assert scrip.grant(name, "10", "g", unit=unit, expires_at=DAY_2, clock=DAY_1).status == 201
    return names


def ends_in(scrip: Deployment, account: str, unit: str) -> Any:
    query = {"unit": unit}
    return scrip.get(f"/v1/accounts/{account}/lots", query=query, clock=DAY_1).body["items"][0]["expires_at"]


def test_the_lots_of_all_accounts_end_later(scrip: Deployment, account: str, unit: str) -> None:
    names = all_granted(scrip, account, unit, 3)
    answer = extend(scrip, account, all=True, unit=unit)
    assert (answer.status, set(answer.body)) == (202, MEMBERS)
    assert (answer.body["status"], answer.body["moved"], answer.body["accounts"]) == ("done", 3, 3)
    assert {ends_in(scrip, name, unit) for name in names} == {DAY_5}
    again = extend(scrip, account, all=True, unit=unit)
    assert (again.status, again.body) == (202, answer.body)


def test_all_accounts_are_those_with_a_later_entry_too(scrip: Deployment, account: str, unit: str) -> None:
    """Another machine's clock is ahead: what is written there is no reason to leave an account out."""
    (name,) = all_granted(scrip, account, unit, 1)
    later = {"unit": unit, "clock": "2030-01-01T08:00:00Z"}
    assert scrip.grant(name, "1", "later", **later).status == 201
    told = extend(scrip, account, all=True, unit=unit).body
    assert (told["status"], told["moved"], told["failed"]) == ("done", 1, 0)


def test_what_a_request_does_not_come_to_goes_on_by_itself(
    scrip: Deployment, account: str, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = all_granted(scrip, account, unit, 3)
    monkeypatch.setattr(function("grants"), "SECONDS", 0.0)
    answer = extend(scrip, account, all=True, unit=unit)
    assert (answer.body["status"], answer.body["moved"]) == ("running", 0)
    assert ends_in(scrip, names[0], unit) == DAY_2
    for first in (16, 0):
        function("expiry").handler({"time": DAY_1, "shards": [first, first + 15]}, Context())
        assert ends_in(scrip, names[0], unit) == (DAY_2 if first else DAY_5)
    told = extend(scrip, account, all=True, unit=unit).body
    assert (told["status"], told["moved"], told["accounts"]) == ("done", 3, 3)
    assert {ends_in(scrip, name, unit) for name in names} == {DAY_5}


def broken(monkeypatch: pytest.MonkeyPatch, account: str) -> None:
    """An account's wallet cannot be read."""
    made = extensions._Wallet.extend

    def extend_or_fail(wallet: Any) -> int:
        if wallet.account == account:
            raise LookupError("the wallet is broken")
        return made(wallet)

    monkeypatch.setattr(extensions._Wallet, "extend", extend_or_fail)


def test_it_goes_on_page_by_page_and_an_account_that_cannot_be_seen_to_is_counted(
    scrip: Deployment, account: str, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of five has an entry whose wallet is broken: the others are extended, and the log names it."""
    names = all_granted(scrip, account, unit, 5)
    monkeypatch.setattr(extensions, "PAGE", 2)
    broken(monkeypatch, names[3])
    told = extend(scrip, account, all=True, unit=unit).body
    assert (told["status"], told["moved"], told["accounts"], told["failed"]) == ("done", 4, 4, 1)
    assert [ends_in(scrip, name, unit) for name in names] == [DAY_5, DAY_5, DAY_5, DAY_2, DAY_5]


def test_what_goes_on_by_itself_names_an_account_that_it_could_not_see_to(
    scrip: Deployment,
    account: str,
    unit: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = all_granted(scrip, account, unit, 2)
    monkeypatch.setattr(function("grants"), "SECONDS", 0.0)
    extend(scrip, account, all=True, unit=unit)
    broken(monkeypatch, names[0])
    capsys.readouterr()
    function("expiry").handler({"time": DAY_1, "shards": [0, 15]}, Context())
    said = {"account": names[0], "error": "LookupError: the wallet is broken"}
    assert logged(capsys, "not extended") == [said]
    assert [ends_in(scrip, name, unit) for name in names] == [DAY_2, DAY_5]


def test_an_extension_is_gone_on_with_until_it_is_done(
    scrip: Deployment, account: str, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three accounts, a page of two, and each time time for one look more: what is listed is gone on with."""
    all_granted(scrip, account, unit, 3)
    monkeypatch.setattr(extensions, "PAGE", 2)
    mine, tables = (account, unit), runtime.tables()
    monkeypatch.setattr(function("grants"), "SECONDS", 0.0)
    moment, seen = Moment(instant(DAY_1, "at"), pinned=True), set[tuple[str, int]]()
    for looks in range(10):
        left = iter([True] * looks)
        found = extend(scrip, account, all=True, unit=unit).body
        seen.add((found["status"], found["accounts"]))
        assert (mine in extensions.running(tables)) is (found["status"] == "running"), looks
        extensions.go_on(runtime.executor(), account, unit, moment, partial(next, left, False), _unheard)
    assert seen == {("running", 0), ("running", 2), ("done", 3)}


def _unheard(account: str, error: Exception) -> None:
    raise AssertionError(account) from error
