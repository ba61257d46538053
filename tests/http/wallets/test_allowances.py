"""Allowances at their doors: put, read, deleted, and what they grant over the months (laws 3, 5 and 10)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.aws import NEW_YEAR, Answer, Deployment, Key
from tests.http.contract import invalid, refused
from tests.http.search.streaming import index

pytestmark = pytest.mark.usefixtures("in_memory")

Json = dict[str, Any]
MONTHLY: Json = {"amount": "100", "every": "P1M"}
VIEW = {
    "allowance_id",
    "unit",
    "amount",
    "every",
    "anchor",
    "time_zone",
    "expires",
    "rollover",
    "starts_at",
    "ends_at",
    "paused",
    "priority",
    "catch_up",
    "overage",
    "next_at",
    "version",
}


def path(account: str, name: str = "plan") -> str:
    return f"/v1/accounts/{account}/allowances/{name}"


def at(day: str) -> str:
    """Midnight of a day of 2030: ``02-01``."""
    return f"2030-{day}T00:00:00.000Z"


def put(scrip: Deployment, account: str, name: str = "plan", clock: str = NEW_YEAR, **body: Any) -> Answer:
    request = {member: body.pop(member) for member in ("caller", "key") if member in body}
    return scrip.put(path(account, name), {**MONTHLY, **body}, clock=clock, **request)


def available(scrip: Deployment, account: str, clock: str, unit: str = "credits") -> str:
    return str(scrip.balance(account, query={"unit": unit}, clock=clock)["available"])


def test_an_allowance_is_put_with_its_defaults_and_grants_at_once(scrip: Deployment, account: str) -> None:
    answer = put(scrip, account)
    assert (answer.status, set(answer.body)) == (201, VIEW)
    assert answer.body == {
        "allowance_id": "plan",
        "unit": "credits",
        "amount": "100",
        "every": "P1M",
        "anchor": NEW_YEAR,
        "time_zone": "UTC",
        "expires": "period_end",
        "rollover": None,
        "starts_at": NEW_YEAR,
        "ends_at": None,
        "paused": False,
        "priority": 50,
        "catch_up": False,
        "overage": None,
        "next_at": at("02-01"),
        "version": 1,
    }
    (lot,) = scrip.lots(account)
    assert (lot["kind"], lot["granted"], lot["expires_at"]) == ("allowance", "100", at("02-01"))
    assert lot["source"] == {"type": "allowance", "id": "plan"}
    (entry,) = scrip.entries(account)
    assert (entry["kind"], entry["actor"], entry["reference"]) == (
        "grant",
        "key:k1",
        {"type": "allowance", "id": "plan"},
    )
    scrip.sound(account)


def test_everything_that_was_said_of_it_is_read_again(scrip: Deployment, account: str) -> None:
    said: Json = {
        "amount": "12.5",
        "every": "P3M",
        "anchor": "2029-11-30T00:00:00.000Z",
        "time_zone": "Europe/Berlin",
        "expires": "P40D",
        "rollover": {
            "fraction": "0.5",
            "min": "1",
            "max": "5.5",
            "max_of": "living",
            "max_times": None,
            "expires_in": "P1W",
            "never_expires": False,
        },
        "starts_at": NEW_YEAR,
        "ends_at": "2031-01-01T00:00:00.000Z",
        "paused": True,
        "priority": 7,
        "catch_up": True,
        "overage": "carry",
    }
    rollover = {name: value for name, value in said["rollover"].items() if name != "never_expires"}
    put(scrip, account, **{**said, "rollover": rollover})
    scrip.cold()
    found = scrip.get(path(account), clock=NEW_YEAR).body
    assert {name: found[name] for name in said} == said
    assert (found["next_at"], found["version"]) == (None, 1)


def test_a_rollovers_defaults_are_told(scrip: Deployment, account: str) -> None:
    answer = put(scrip, account, rollover={})
    assert answer.body["rollover"] == {
        "fraction": "1",
        "min": "0",
        "max": None,
        "max_of": "carried",
        "max_times": 1,
        "expires_in": None,
        "never_expires": False,
    }
    answer = put(scrip, account, expires="P40D", rollover={"max": "7"})
    assert (answer.body["expires"], answer.body["rollover"]["expires_in"]) == ("P40D", None)


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_the_same_again_is_200_and_changes_nothing(scrip: Deployment, account: str, cold: bool) -> None:
    first = put(scrip, account, rollover={"max": "50"})
    if cold:
        scrip.cold()
    before = scrip.wallet(account)
    with scrip.unwritten():
        again = put(scrip, account, clock=at("01-20"), rollover={"max": "50.0"}, amount="100.0")
    assert (again.status, again.body) == (200, first.body)
    assert scrip.wallet(account) == before


def test_a_change_is_a_new_version(scrip: Deployment, account: str) -> None:
    put(scrip, account)
    answer = put(scrip, account, clock=at("01-16"), amount="131")
    assert (answer.status, answer.body["version"], answer.body["anchor"]) == (200, 2, NEW_YEAR)
    assert available(scrip, account, at("01-16")) == "116", "16 of 31 days are left: 16 of 31 more"
    assert put(scrip, account, clock=at("01-16")).body["version"] == 3
    assert available(scrip, account, at("01-16")) == "116", "nothing is taken back"
    assert available(scrip, account, at("02-01")) == "100"
    assert [entry["kind"] for entry in scrip.entries(account)] == ["grant", "grant", "status"]
    scrip.sound(account)


def test_a_year_of_months_keeps_its_day_and_grants_each_once(scrip: Deployment, account: str) -> None:
    put(scrip, account, clock="2030-01-31T09:00:00.000Z")
    scrip.sweep("2030-07-01T00:00:00.000Z")
    grants = [entry for entry in scrip.entries(account) if entry["kind"] == "grant"]
    assert [entry["at"][:16] for entry in grants] == [
        "2030-01-31T09:00",
        "2030-02-28T09:00",
        "2030-03-31T09:00",
        "2030-04-30T09:00",
        "2030-05-31T09:00",
        "2030-06-30T09:00",
    ]
    assert [entry["actor"] for entry in grants] == ["key:k1", *["time"] * 5]
    assert [entry["amount"] for entry in scrip.entries(account)] == ["100", *["-100", "100"] * 5]
    assert scrip.sweep("2030-07-01T00:00:00.000Z")["entries"] == 0
    assert scrip.get(path(account), clock=at("07-01")).body["next_at"] == "2030-07-31T09:00:00.000Z"
    scrip.sound(account)


def test_midnight_in_berlin_stays_midnight_through_the_change_of_clocks(
    scrip: Deployment, account: str
) -> None:
    """31 March 2030 has 23 hours there."""
    start = "2030-03-29T23:00:00.000Z"
    put(scrip, account, clock=start, every="P1D", time_zone="Europe/Berlin")
    scrip.sweep("2030-04-01T12:00:00.000Z")
    grants = [entry["at"] for entry in scrip.entries(account) if entry["kind"] == "grant"]
    assert [one[5:16] for one in grants] == ["03-29T23:00", "03-30T23:00", "03-31T22:00"]
    assert scrip.lots(account)[0]["expires_at"] == "2030-04-01T22:00:00.000Z"


def test_what_is_left_rolls_over_as_it_says(scrip: Deployment, account: str) -> None:
    put(scrip, account, rollover={"fraction": "0.5", "max": "30"})
    scrip.burn(account, "20", clock=NEW_YEAR)
    assert available(scrip, account, at("02-01")) == "130"
    scrip.burn(account, "1", clock=at("02-01"))
    assert [(entry["kind"], entry["amount"]) for entry in scrip.entries(account)[2:]] == [
        ("rollover", "0"),
        ("expiry", "-50"),
        ("grant", "100"),
        ("burn", "-1"),
    ]
    rolled = next(lot for lot in scrip.lots(account) if lot["kind"] == "rollover")
    assert (rolled["granted"], rolled["remaining"], rolled["expires_at"]) == ("30", "29", at("03-01"))
    assert available(scrip, account, at("03-01")) == "130"
    scrip.sound(account)


def test_a_read_shows_what_a_period_grants_though_nobody_has_booked_it(
    scrip: Deployment, account: str
) -> None:
    """Law 5; and the allowance itself is read as it is then."""
    put(scrip, account)
    before = scrip.wallet(account)
    with scrip.unwritten():
        assert available(scrip, account, at("05-15")) == "100"
        (lot,) = scrip.get(f"/v1/accounts/{account}/lots", clock=at("05-15")).body["items"]
        found = scrip.get(path(account), clock=at("05-15")).body
    assert (lot["effective_at"], lot["expires_at"], found["next_at"]) == (
        at("05-01"),
        at("06-01"),
        at("06-01"),
    )
    assert scrip.wallet(account) == before


def test_a_pause_and_a_resume(scrip: Deployment, account: str) -> None:
    put(scrip, account)
    assert put(scrip, account, clock=at("01-10"), paused=True).body["next_at"] is None
    assert available(scrip, account, at("03-15")) == "0"
    answer = put(scrip, account, clock=at("04-16"))
    assert (answer.body["next_at"], available(scrip, account, at("04-16"))) == (at("05-01"), "50")
    assert available(scrip, account, at("05-01")) == "100"
    scrip.sound(account)


def test_deleted_it_is_gone_and_what_it_granted_stays(scrip: Deployment, account: str) -> None:
    put(scrip, account)
    answer = scrip.send("DELETE", path(account), clock=at("01-10"))
    assert (answer.status, answer.text) == (204, "")
    refused(scrip.get(path(account), clock=at("01-10")), 404, "not_found", allowance="plan")
    refused(scrip.send("DELETE", path(account), clock=at("01-10")), 404, "not_found", allowance="plan")
    assert (available(scrip, account, at("01-10")), available(scrip, account, at("02-01"))) == ("100", "0")
    again = put(scrip, account, clock=at("01-20"), anchor=NEW_YEAR)
    assert (again.status, again.body["version"]) == (201, 3)
    assert available(scrip, account, at("01-20")) == "100", "its credits of January are out already"
    assert available(scrip, account, at("02-01")) == "100"
    scrip.sound(account)


def test_each_unit_has_allowances_of_its_own(scrip: Deployment, account: str) -> None:
    unit = f"images-{account}"
    scrip.put(f"/v1/units/{unit}", {"precision": 0})
    put(scrip, account)
    assert put(scrip, account, unit=unit, amount="7").status == 201
    query = {"unit": unit}
    assert scrip.get(path(account), query=query, clock=NEW_YEAR).body["amount"] == "7"
    assert scrip.send("DELETE", path(account), query=query, clock=NEW_YEAR).status == 204
    assert scrip.get(path(account), clock=NEW_YEAR).body["amount"] == "100"
    for nowhere in ("nowhere", "a-unit-there-is-not"):
        refused(scrip.get(path(account), query={"unit": nowhere}), 404, "not_found", unit=nowhere)
        refused(scrip.send("DELETE", path(account), query={"unit": nowhere}), 404, "not_found", unit=nowhere)
        refused(put(scrip, account, unit=nowhere), 404, "not_found", unit=nowhere)
    invalid(scrip.get(path(account), query={"unit": "a b"}), "unit")
    invalid(scrip.get(path(account), query={"at": NEW_YEAR}), "at")


BAD: list[tuple[str, Json, list[str]]] = [
    ("no amount", {"amount": None}, ["amount"]),
    ("an amount of zero", {"amount": "0"}, ["amount"]),
    ("a number", {"amount": 5}, ["amount"]),
    ("no period", {"every": None}, ["every"]),
    *[
        (f"every {every!r}", {"every": every}, ["every"])
        for every in ("", "1M", "P0D", "P1M1D", "PT1H", "P-1D", "p1m", "P1", "P10000D", "monthly", 1)
    ],
    *[
        (f"zone {zone!r}", {"time_zone": zone}, ["time_zone"])
        for zone in (
            "",
            "Berlin",
            "Europe/Nowhere",
            "../etc/passwd",
            "/etc/localtime",
            "UTC\x00",
            "x" * 65,
            1,
        )
    ],
    *[
        (f"expires {expires!r}", {"expires": expires}, ["expires"])
        for expires in ("", "later", "P0D", "1D", None)
    ],
    ("an anchor that is none", {"anchor": "2030-01-01"}, ["anchor"]),
    ("an end before its start", {"starts_at": at("02-01"), "ends_at": at("01-15")}, ["ends_at"]),
    ("an end at its start", {"starts_at": at("02-01"), "ends_at": at("02-01")}, ["ends_at"]),
    ("an end before now", {"ends_at": "2029-12-31T00:00:00Z"}, ["ends_at"]),
    ("paused by a text", {"paused": "yes"}, ["paused"]),
    ("something unknown", {"kind": "paid"}, ["kind"]),
    ("rollover of what never expires", {"expires": "never", "rollover": {}}, ["rollover"]),
    *[
        (f"rollover {name} {value!r}", {"rollover": {name: value}}, [f"rollover.{name}"])
        for name, value in (
            ("fraction", "1.1"),
            ("fraction", "-0.1"),
            ("fraction", ".5"),
            ("fraction", 0.5),
            ("fraction", "2"),
            ("min", "-1"),
            ("min", 1),
            ("max", "x"),
            ("max_times", 0),
            ("max_times", 1001),
            ("max_times", "1"),
            ("expires_in", "P0D"),
            ("every", "P1M"),
        )
    ],
    ("rollover max below min", {"rollover": {"min": "5", "max": "4"}}, ["rollover.max"]),
    ("many things", {"amount": "x", "every": "x", "time_zone": "x"}, ["amount", "every", "time_zone"]),
]


@pytest.mark.parametrize(("_", "change", "fields"), BAD, ids=[row[0] for row in BAD])
def test_there_is_no_allowance_with(
    scrip: Deployment, account: str, _: str, change: Json, fields: list[str]
) -> None:
    body = {**MONTHLY, **change}
    body = {name: value for name, value in body.items() if value is not None or name not in MONTHLY}
    invalid(scrip.put(path(account), body, clock=NEW_YEAR), *fields)
    assert scrip.wallet(account) == []


PRECISE: list[tuple[str, Json, str]] = [
    ("the amount", {"amount": "1.0000001"}, "amount"),
    ("the least", {"rollover": {"min": "0.0000001"}}, "rollover.min"),
    ("the most", {"rollover": {"max": "5.0000001"}}, "rollover.max"),
]


@pytest.mark.parametrize(("_", "change", "field"), PRECISE, ids=[row[0] for row in PRECISE])
def test_too_many_decimals_in(scrip: Deployment, account: str, _: str, change: Json, field: str) -> None:
    refused(put(scrip, account, **change), 422, "precision_exceeded", field=field, precision=6)


@pytest.mark.parametrize("name", ["a b", "ä", "x" * 129, "%00", "a#b"])
def test_a_name_is_an_id(scrip: Deployment, account: str, name: str) -> None:
    invalid(scrip.put(path(account, quote(name)), MONTHLY), "allowance_id")


def test_a_closed_wallet_has_none_put(scrip: Deployment, account: str) -> None:
    scrip.post(f"/v1/accounts/{account}/close", {}, key="x", clock=NEW_YEAR)
    refused(put(scrip, account), 409, "wallet_closed")


def test_a_full_wallet_has_none_put(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "1" + "0" * 21, clock=NEW_YEAR)
    refused(put(scrip, account), 422, "amount_out_of_range", largest="1" + "0" * 21, unit="credits")


def test_the_test_clock_runs_forward(scrip: Deployment, account: str) -> None:
    put(scrip, account)
    refused(put(scrip, account, clock="2029-01-01T00:00:00Z", amount="7"), 422, "clock_backwards")


def test_another_writer_meanwhile_leaves_one_grant(scrip: Deployment, account: str) -> None:
    with scrip.meanwhile(lambda: put(scrip, account)):
        assert put(scrip, account).status == 200
    assert [entry["amount"] for entry in scrip.entries(account)] == ["100"]


@pytest.mark.parametrize("scope", ["read", "burn", "grant"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_allowances_are_for_administrators(scrip: Deployment, account: str, method: str, scope: str) -> None:
    body = MONTHLY if method == "PUT" else None
    answer = scrip.send(method, path(account), body=body, caller=Key(scope))
    refused(answer, 403, "forbidden", scope="admin")


def test_a_null_that_is_said_lets_what_is_carried_live_for_ever(scrip: Deployment, account: str) -> None:
    answer = put(scrip, account, expires="P40D", rollover={"expires_in": None})
    assert (answer.body["rollover"]["expires_in"], answer.body["rollover"]["never_expires"]) == (None, True)
    assert available(scrip, account, at("02-15")) == "200", "100 of January for ever, and 100 of February"
    assert available(scrip, account, at("12-15")) != "0"


def test_months_that_become_years_take_over_with_the_next_month(scrip: Deployment, account: str) -> None:
    """100 a month; in mid-month 1 200 a year: nothing at once, and on 1 February 334 of 365 days' worth."""
    put(scrip, account)
    answer = put(scrip, account, clock="2030-01-16T12:00:00.000Z", amount="1200", every="P1Y")
    assert (answer.body["amount"], answer.body["next_at"]) == ("1200", at("02-01"))
    assert available(scrip, account, "2030-01-16T12:00:00.000Z") == "100"
    assert available(scrip, account, at("02-01")) == "1098.082191"
    granted = [entry["amount"] for entry in scrip.entries(account) if entry["kind"] == "grant"]
    assert granted == ["100"]
    scrip.sweep("2031-01-01T00:00:00.000Z")
    granted = [entry["amount"] for entry in scrip.entries(account) if entry["kind"] == "grant"]
    assert granted == ["100", "1098.082191", "1200"]
    scrip.sound(account)


def test_the_last_period_in_part_grants_its_part(scrip: Deployment, account: str) -> None:
    put(scrip, account, ends_at=at("02-15"))
    assert (available(scrip, account, at("01-01")), available(scrip, account, at("02-01"))) == ("100", "50")
    scrip.sweep(at("04-01"))
    assert scrip.get(path(account), clock=at("04-01")).body["next_at"] is None
    scrip.sound(account)


def test_two_allowances_are_burned_in_the_order_of_their_priorities(scrip: Deployment, account: str) -> None:
    put(scrip, account, name="later", priority=60)
    put(scrip, account, name="sooner", priority=40)
    drawn = scrip.burn(account, "150", clock=NEW_YEAR).body["entry"]["draws"]
    assert [(draw["lot_id"][-2:], draw["amount"]) for draw in drawn] == [("_2", "100"), ("_1", "50")]


def test_one_that_starts_two_months_back_may_catch_up(scrip: Deployment, account: str) -> None:
    """Each period that was missed is granted with its own end: of what lives for 90 days, three months' is there."""
    clock = "2030-03-16T12:00:00.000Z"
    answer = put(scrip, account, clock=clock, starts_at=NEW_YEAR, expires="P90D", catch_up=True)
    assert (answer.status, answer.body["catch_up"], answer.body["next_at"]) == (201, True, at("04-01"))
    assert [(lot["granted"], lot["expires_at"][:10]) for lot in scrip.lots(account)] == [
        ("100", "2030-04-01"),
        ("100", "2030-05-02"),
        ("100", "2030-05-30"),
    ]
    again = put(scrip, account, clock=clock, starts_at=NEW_YEAR, expires="P90D", catch_up=True)
    assert (again.status, again.body["version"]) == (200, 1)
    assert available(scrip, account, clock) == "300"
    scrip.sound(account)


def test_one_that_would_catch_up_with_too_much_is_refused(scrip: Deployment, account: str) -> None:
    answer = put(scrip, account, every="P1D", starts_at="2020-01-01T00:00:00.000Z", catch_up=True)
    invalid(answer, "starts_at")
    assert scrip.wallet(account) == []


@pytest.mark.parametrize(
    ("zone", "first", "every", "second"),
    [
        ("Europe/Berlin", "2030-10-27T01:30:00.000Z", "P1D", "2030-10-28T01:30:00.000Z"),
        ("Australia/Lord_Howe", "2030-04-06T15:10:00.000Z", "P1D", "2030-04-07T15:10:00.000Z"),
        ("America/Havana", "2030-11-03T05:30:00.000Z", "P1W", "2030-11-10T05:30:00.000Z"),
    ],
)
def test_one_that_begins_in_an_hour_that_comes_again_grants_whole_periods(
    scrip: Deployment, account: str, zone: str, first: str, every: str, second: str
) -> None:
    """Also where the clocks go back by half an hour, or at midnight: the second 02:30, 01:40 and 00:30."""
    answer = put(scrip, account, clock=first, every=every, time_zone=zone)
    assert (available(scrip, account, first), answer.body["next_at"]) == ("100", second)


# In which unit


def delete(scrip: Deployment, of: str, **more: Any) -> Answer:
    return scrip.send("DELETE", of, **more)


def in_units(scrip: Deployment, account: str, *units: str) -> list[str]:
    """An allowance in each of these units: their names."""
    names = [unit if unit == "credits" else f"{unit}-{account}" for unit in units]
    for name in names:
        if name != "credits":
            assert scrip.put(f"/v1/units/{name}", {"precision": 0}).status == 201
        assert put(scrip, account, unit=name).status == 201
    return names


def test_an_allowance_is_found_in_the_unit_that_it_is_in(scrip: Deployment, account: str) -> None:
    """Law 3: a path without `unit` names the one that there is, in whatever unit."""
    (images,) = in_units(scrip, account, "images")
    scrip.cold()
    found = scrip.get(path(account), clock=NEW_YEAR)
    assert (found.status, found.body["unit"]) == (200, images)
    refused(scrip.get(path(account), query={"unit": "credits"}, clock=NEW_YEAR), 404, "not_found")
    assert delete(scrip, path(account), clock=NEW_YEAR).status == 204
    for answer in (scrip.get(path(account), clock=NEW_YEAR), delete(scrip, path(account), clock=NEW_YEAR)):
        refused(answer, 404, "not_found")


def test_one_that_is_in_two_units_is_to_be_said(scrip: Deployment, account: str) -> None:
    credits, images = in_units(scrip, account, "credits", "images")
    for answer in (scrip.get(path(account), clock=NEW_YEAR), delete(scrip, path(account), clock=NEW_YEAR)):
        told = f"say it: {account} has an allowance plan in {credits}, {images}"
        assert (answer.status, answer.body["errors"]) == (400, [{"field": "unit", "message": told}])
    assert delete(scrip, path(account), query={"unit": images}, clock=NEW_YEAR).status == 204
    assert scrip.get(path(account), clock=NEW_YEAR).body["unit"] == "credits"


def test_what_is_put_without_a_unit_is_no_other_units_allowance(scrip: Deployment, account: str) -> None:
    """A change that forgets the unit would give credits beside the images. Where there is none, it is of `credits`."""
    in_units(scrip, account, "images")
    answer = put(scrip, account, amount="200")
    invalid(answer, "unit")
    assert put(scrip, account, "another").status == 201
    assert put(scrip, account, unit="credits").status == 201
    assert put(scrip, account, amount="200").status == 200
    assert available(scrip, account, NEW_YEAR) == "300"


def owing(scrip: Deployment, account: str, **plan: Any) -> None:
    """1 000 each month, 1 300 of them burned in January, of a unit in which a credit is 2 cents."""
    policy = {"overdraft_limit": "500", "value": {"amount": 2, "currency": "USD"}}
    scrip.put(f"/v1/units/{account}", {"precision": 0, "policy": policy})
    put(scrip, account, unit=account, amount="1000", **plan)
    assert scrip.burn(account, "1300", unit=account, clock=at("01-20")).status == 201


@pytest.mark.parametrize(
    ("overage", "kinds", "available_then", "owed"),
    [
        ("forgive", ["write_off", "grant"], "1000", "0"),
        ("invoice", ["write_off", "grant"], "1000", "0"),
        ("carry", ["grant"], "1000", "300"),
        ("carry_auto_repay", ["grant"], "700", "0"),
        (None, ["grant"], "700", "0"),
    ],
)
def test_what_is_owed_as_a_period_ends(
    scrip: Deployment, account: str, overage: str | None, kinds: list[str], available_then: str, owed: str
) -> None:
    """Law 5: to the millisecond, whether or not anybody looked; and a sweep books what was shown."""
    owing(scrip, account, overage=overage)
    last = scrip.balance(account, query={"unit": account}, clock="2030-01-31T23:59:59.999Z")
    assert (last["available"], last["owed"]) == ("0", "300")
    shown = scrip.balance(account, query={"unit": account}, clock=at("02-01"))
    assert (shown["available"], shown["owed"]) == (available_then, owed)
    scrip.sweep(at("02-01"))
    booked = scrip.entries(account, unit=account)[2:]
    assert [entry["kind"] for entry in booked] == kinds
    swept = scrip.balance(account, query={"unit": account}, clock=at("02-01"))
    assert (swept["available"], swept["owed"]) == (available_then, owed)
    scrip.sound(account, unit=account)


def test_what_is_to_be_billed_is_listed_by_the_month_with_its_value(scrip: Deployment, account: str) -> None:
    owing(scrip, account, overage="invoice")
    due = scrip.get(
        f"/v1/accounts/{account}/entries", query={"unit": account, "kind": "write_off"}, clock=at("02-01")
    ).body["items"]
    assert [(one["booked"], one["entry_id"], one["reference"]["id"]) for one in due] == [
        (False, None, "2030-02")
    ]
    scrip.sweep(at("02-01"))
    index(account, unit=account)
    listed = scrip.get("/v1/search", query={"reference": "overage:2030-02"}).body["items"]
    (found,) = [one for one in listed if one["account"] == account]
    entry = scrip.get(f"/v1/accounts/{account}/entries/{found['entry_id']}", query={"unit": account}).body
    assert (entry["kind"], entry["amount"], entry["actor"]) == ("write_off", "300", "time")
    assert entry["overage"] == {
        "allowance_id": "plan",
        "overage": "invoice",
        "value": {"amount": 600, "currency": "USD"},
    }


def test_an_overage_that_is_none_is_refused(scrip: Deployment, account: str) -> None:
    wrong: list[Any] = ["", "keep", "Forgive", 1, True, [], {}]
    for value in wrong:
        invalid(put(scrip, account, overage=value), "overage")
