"""Which entries are told, and what of their units is read for it."""

from __future__ import annotations

from dataclasses import replace

from scrip import runtime
from scrip.domain.credits.entries import Entry
from scrip.http.events.entries import entry_event
from scrip.services.events import entries
from scrip.store import stream
from tests.aws import Deployment
from tests.http.search.streaming import records


def rows(account: str, unit: str = "credits") -> list[Entry]:
    found = [stream.inserted(one).entry for one in records(account, unit)]
    return [entry for entry in found if entry]


def test_each_entry_is_told_in_its_order_and_without_burns_all_others(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10")
    scrip.burn(account, "1")
    scrip.grant(account, "5")
    told = [
        [
            event.data["seq"]
            for event in entries.events_of(entry_event, burns, runtime.tables(), rows(account))
        ]
        for burns in (True, False)
    ]
    assert told == [[1, 2, 3], [1, 3]]


def test_units_are_read_by_one_call_whatever_the_number_of_entries(scrip: Deployment, account: str) -> None:
    """And none, where nothing is told: of burns, if they are not."""
    scrip.put("/v1/units/tokens", {"precision": 0})
    scrip.grant(account, "10")
    scrip.burn(account, "1")
    scrip.grant(account, "7", unit="tokens")
    both = rows(account) + rows(account, "tokens")
    with scrip.calls() as made:
        told = entries.events_of(entry_event, True, runtime.tables(), both)
    assert [call.name for call in made] == ["BatchGetItem"]
    assert [(event.data["unit"], event.data["amount"]) for event in told] == [
        ("credits", "10"),
        ("credits", "-1"),
        ("tokens", "7"),
    ]
    with scrip.calls() as made:
        assert entries.events_of(entry_event, False, runtime.tables(), both[1:2]) == []
    assert made == []


def test_an_entry_of_a_unit_that_there_is_not_is_passed_over(scrip: Deployment, account: str) -> None:
    """Nobody but an intruder puts such a row, and it must not hold up what comes after it."""
    scrip.grant(account, "10")
    (entry,) = rows(account)
    forged = replace(entry, unit="forged")
    told = entries.events_of(entry_event, True, runtime.tables(), [forged, entry])
    assert [event.data["unit"] for event in told] == ["credits"]
