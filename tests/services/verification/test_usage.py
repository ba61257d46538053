"""What is kept of a wallet's usage is held against its entries, and made anew where it is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.usage.rollups import pack, unpack
from scrip.services.usage import rollups
from scrip.services.verification import wallets
from scrip.store import items, keys
from tests.aws import NEW_YEAR, Deployment

pytestmark = pytest.mark.usefixtures("in_memory")


def history(scrip: Deployment, account: str) -> None:
    """Burns of two people on two days, one of them undone, and all of it kept."""
    scrip.grant(account, "100", kind="paid", cost_basis={"amount": 1000, "currency": "EUR"}, clock=NEW_YEAR)
    for day, member in ((1, "ann"), (1, "bob"), (2, "ann")):
        answer = scrip.move(account, "burns", amount="7", member=member, clock=f"2030-01-0{day}T05:00:00Z")
        assert answer.status == 201, answer.text
    entry_id = answer.body["entry"]["entry_id"]
    scrip.move(account, f"burns/{entry_id}/reversal", amount="2", clock="2030-01-05T05:00:00Z")
    rollups.catch_up(runtime.tables(), account, "credits", 5, lambda: True, kept=1)


def found(account: str) -> list[str]:
    return [one.what for one in wallets.check_wallet(runtime.tables(), account, "credits").discrepancies]


def changed(account: str, sk: str, **members: Any) -> None:
    """Changes an item of the rollup."""
    tables, pk = runtime.tables(), keys.rollup(account, "credits")
    item = tables.get("wallets", pk, sk)
    assert item
    tables.client.put_item(TableName="wallets", Item={**item, **members})


def hours(account: str) -> str:
    """The sort key of the first hours that are kept."""
    there = runtime.tables().query_wallet(keys.rollup(account, "credits"), "000000#")
    return str(there[0]["sk"]["S"])


def test_what_is_kept_as_the_entries_say_is_sound(scrip: Deployment, account: str) -> None:
    history(scrip, account)
    assert found(account) == []
    scrip.burn(account, "1")
    assert found(account) == [], "what is not kept yet is not missing"


def test_sums_that_are_others_are_found_and_made_anew(scrip: Deployment, account: str) -> None:
    history(scrip, account)
    tables, sk = runtime.tables(), hours(account)
    item = tables.get("wallets", keys.rollup(account, "credits"), sk)
    assert item
    there = unpack(bytes(item["hours"]["B"]))
    for rolled in there.values():
        rolled.names["member", ""]["ann"][""].steps += 1
    changed(account, sk, hours=items.b(pack(there)))
    said = ["its usage is not kept as its entries say, of 1 hours: `scrip rollup` makes it anew"]
    assert found(account) == said
    rollups.rebuild(tables, account, "credits", 5)
    assert found(account) == []


def test_hours_that_are_gone_or_cannot_be_read_are_found(scrip: Deployment, account: str) -> None:
    history(scrip, account)
    sk = hours(account)
    changed(account, sk, hours=items.b(b"nothing"))
    assert found(account)[0].startswith("what is kept of its usage cannot be read")
    runtime.tables().client.delete_item(
        TableName="wallets", Key=items.key(keys.rollup(account, "credits"), sk)
    )
    assert found(account) == [
        "its usage is not kept as its entries say, of 1 hours: `scrip rollup` makes it anew"
    ]


def test_what_a_forecast_goes_by_is_held_against_the_entries(scrip: Deployment, account: str) -> None:
    history(scrip, account)
    document = rollups.load(runtime.tables(), account, "credits").document
    body = json.loads(json.dumps(document.body))
    body["spending"]["available"] = "1"
    changed(account, keys.HEAD, body=items.s(json.dumps(body)))
    assert found(account) == [
        "what its forecast goes by is not as its entries say: `scrip rollup` makes it anew"
    ]


def test_usage_of_entries_that_are_not_there_is_found(scrip: Deployment, account: str) -> None:
    """As where the tables were taken back to another time."""
    history(scrip, account)
    document = rollups.load(runtime.tables(), account, "credits").document
    body = json.loads(json.dumps(document.body))
    body["spending"]["seq"] = 9
    changed(account, keys.HEAD, body=items.s(json.dumps(body)))
    assert found(account) == [
        "its usage is kept up to entry 9, which there is not: `scrip rollup` makes it anew"
    ]
