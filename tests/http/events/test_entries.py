"""Each entry as an event: what the API shows of it, once, with an id that is the same for ever."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import default_unit
from scrip.domain.events.event import Event
from scrip.http.events.entries import entry_event
from scrip.services.events.bus import LARGEST, size
from tests.aws import Deployment
from tests.domain.memory import vault
from tests.http.search.streaming import index

Json = dict[str, Any]


def an_entry(**other: Any) -> Entry:
    (entry,) = vault("10").entries
    return replace(entry, **other)


def read(scrip: Deployment, *accounts: str, unit: str = "credits") -> list[Json]:
    """What is published as the stream brings all that these accounts' ledgers have."""
    scrip.told()
    index(*accounts, unit=unit)
    return scrip.told()


def test_each_entry_is_told_as_the_api_shows_it_with_its_wallet(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100", reference={"type": "job", "id": "j"}, metadata={"internal.note": "x"})
    scrip.burn(account, "30", reason="a report")
    told = read(scrip, account)
    shown = scrip.entries(account)
    assert [event["data"] for event in told] == [
        {"account": account, "unit": "credits", **entry} for entry in shown
    ]
    assert [event["type"] for event in told] == ["scrip.entry.grant", "scrip.entry.burn"]
    assert {(event["source"], event["subject"]) for event in told} == {("/scrip/tests", account)}
    assert [event["time"] for event in told] == [entry["at"] for entry in shown]
    assert told[1]["data"]["amount"] == "-30"


def test_what_comes_again_is_told_again_under_the_same_id(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "100")
    scrip.grant(f"{account}-2", "100")
    scrip.burn(account, "1")
    first = read(scrip, account, f"{account}-2")
    assert read(scrip, account, f"{account}-2") == first
    assert len({event["id"] for event in first}) == 3


def test_the_wallet_and_the_place_in_it_make_the_id_and_nothing_else() -> None:
    """So ids of entries of before, which did not carry their wallet, are told apart too."""
    entry = an_entry()
    same = entry_event(replace(entry, id="k.former", at=entry.at + 1), default_unit())
    other = [replace(entry, seq=2), replace(entry, account="beta"), replace(entry, unit="tokens")]
    mine = entry_event(entry, default_unit()).id
    assert same.id == mine
    assert len({mine, *(entry_event(one, default_unit()).id for one in other)}) == 4


def drawn(number: int) -> Event:
    draws = [Draw(each, 10**20, Money(10**9, "EUR")) for each in range(1, number + 1)]
    return entry_event(an_entry(kind="burn", draws=draws), default_unit())


def test_an_entry_that_is_too_large_for_the_bus_is_told_without_its_draws() -> None:
    """A draw is some 110 bytes: of 1 000 of them all are told, of 3 000 none. The event says so; the entry has them."""
    small, large = drawn(1_000), drawn(3_000)
    assert len(small.data["draws"]) == 1_000
    assert "draws_left_out" not in small.data
    assert (large.data["draws"], large.data["draws_left_out"]) == ([], True)
    assert {**large.data, "draws": 0, "draws_left_out": 0, "hash": 0} == {
        **small.data,
        "draws": 0,
        "draws_left_out": 0,
        "hash": 0,
    }


def test_whatever_the_number_of_its_draws_an_event_fits_onto_the_bus_and_into_a_queue() -> None:
    """A queue has 256 KB for the event and for what EventBridge writes around it, which is under 2 KB."""
    for number in range(1_500, 2_500, 7):
        assert size(drawn(number), "/scrip/" + "s" * 128) < LARGEST - 2_048


def test_the_largest_entry_without_draws_fits_as_well(scrip: Deployment, account: str) -> None:
    """All that a caller may say of an entry, at its longest, in letters of four bytes where that is allowed."""
    metadata = {f"{number:02}" + "k" * 38: "𝄞" * 500 for number in range(20)}
    answer = scrip.post(
        f"/v1/accounts/{account}/grants",
        {"amount": "1", "reason": "𝄞" * 500, "metadata": metadata},
        key="k",
    )
    assert answer.status == 201, answer.text
    (event,) = read(scrip, account)
    assert len(json.dumps(event, ensure_ascii=False).encode()) < 60_000
    assert event["data"]["metadata"] == metadata
