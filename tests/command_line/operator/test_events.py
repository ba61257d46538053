"""``scrip republish``: what the bus has missed is told again from the ledger, under the ids of the first time."""

from __future__ import annotations

import json
from typing import Any

import pytest

import command_line
from command_line.operator import events
from tests.aws import Deployment
from tests.http.search.streaming import index


def republish(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert command_line.main(["republish", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def missed(scrip: Deployment, account: str) -> list[Any]:
    """Two accounts with a grant on the first of January and a burn on the second; their events, as they came."""
    scrip.make_tables()
    for name in (account, f"{account}-2"):
        scrip.grant(name, "10", clock="2030-01-01T12:00:00Z")
        scrip.burn(name, "10", clock="2030-01-02T12:00:00Z")
    scrip.put("/v1/units/credits", {"policy": {"low_balance": ["5"]}}, clock="2030-01-03T00:00:00Z")
    scrip.told()
    index(account, f"{account}-2")
    return scrip.told()


def ids(told: list[Any]) -> list[str]:
    return sorted(event["id"] for event in told)


def test_all_of_a_time_is_told_again_with_the_same_ids_what_is_derived_too(
    scrip: Deployment, missed: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each burn empties its wallet: two entries and a depleted balance of each account."""
    said = republish(
        capsys, "--from", "2030-01-01T00:00:00Z", "--to", "2030-01-03T00:00:00Z", "--workers", "3"
    )
    assert said == {
        "from": "2030-01-01T00:00:00.000Z",
        "to": "2030-01-03T00:00:00.000Z",
        "entries": 4,
        "events": 6,
    }
    again = scrip.told()
    assert ids(again) == ids(missed)
    by_id = {event["id"]: event for event in missed}
    assert all(by_id[event["id"]] == event for event in again)


def test_of_some_accounts_and_of_a_part_of_the_time_it_is_that_alone(
    scrip: Deployment, account: str, missed: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Until now, where no end is said: the year 2030 is not over then, so nothing is."""
    day = ("--from", "2030-01-01T00:00:00Z", "--to", "2030-01-02T00:00:00Z")
    assert republish(capsys, *day, "--account", account)["events"] == 1
    assert [(one["subject"], one["data"]["seq"]) for one in scrip.told()] == [(account, 1)]
    assert republish(capsys, *day, "--account", account, "--account", f"{account}-2")["events"] == 2
    assert republish(capsys, "--from", "2020-01-01T00:00:00Z")["events"] == 0


def test_burns_are_not_told_where_they_have_no_events(
    scrip: Deployment, missed: list[Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is derived of them is."""
    monkeypatch.setenv("SCRIP_BURN_EVENTS", "disabled")
    scrip.told()
    assert republish(capsys, "--from", "2030-01-02T00:00:00Z", "--to", "2030-01-03T00:00:00Z")["events"] == 2
    assert {one["type"] for one in scrip.told()} == {"scrip.balance.depleted"}


def test_it_says_how_far_it_is(
    missed: list[Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "TOLD", 3)
    capsys.readouterr()
    arguments = ["--from", "2030-01-01T00:00:00Z", "--to", "2030-01-03T00:00:00Z", "--workers", "1"]
    assert command_line.main(["republish", *arguments]) == 0
    assert capsys.readouterr().err == "6 events\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2030-01-02T00:00:00Z", "--to", "2030-01-01T00:00:00Z"], "--to lies before --from"),
        (["--from", "yesterday"], "from"),
        (["--from", "2030-01-02T00:00:00Z", "--to", "soon"], "to"),
    ],
)
def test_a_time_that_is_none_is_refused_with_a_sentence_and_nothing_is_told(
    scrip: Deployment, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    scrip.told()
    assert command_line.main(["republish", *arguments]) != 0
    assert said in capsys.readouterr().err
    assert scrip.told() == []


def test_a_bus_that_takes_nothing_is_said_and_it_can_be_done_again(
    scrip: Deployment,
    missed: list[Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from scrip.services.events import bus

    monkeypatch.setattr(bus, "WAIT", 0)
    with scrip.refusing():
        arguments = ["--from", "2030-01-01T00:00:00Z", "--to", "2030-01-03T00:00:00Z"]
        assert command_line.main(["republish", *arguments]) != 0
    assert "the bus did not take" in capsys.readouterr().err
    assert republish(capsys, *arguments)["events"] == 6
