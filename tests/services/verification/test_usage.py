"""What is kept of a wallet's usage is held against its entries, and made anew where it is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.entries import Entry
from scrip.domain.usage.rollups import pack, unpack
from scrip.services.usage import rollups
from scrip.services.verification import wallets
from scrip.services.verification.usage import check_usage
from scrip.store import items, keys, rows
from scrip.store.tables import Tables
from tests.aws import NEW_YEAR, Deployment, listening

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


def kept_up_to(account: str, seq: int) -> None:
    """Says that the usage is kept up to another entry."""
    body = json.loads(json.dumps(rollups.load(runtime.tables(), account, "credits").document.body))
    body["spending"]["seq"] = seq
    changed(account, keys.HEAD, body=items.s(json.dumps(body)))


def test_usage_of_pages_of_records_is_held_against_the_records(scrip: Deployment, account: str) -> None:
    """Of an event's page, one record is undone: what each used is in the records alone."""
    scrip.grant(account, "100", clock=NEW_YEAR)
    assert scrip.put(f"/v1/rates/m-{account}", {"price": {"model": "per_unit", "credits": "2"}}).status == 201
    records = [["2", "a"], [f"m-{account}", "3", "b", {}], None]
    body = {"stream": "s", "first": 0, "records": records, "member": "ann"}
    answer = scrip.post(f"/v1/accounts/{account}/burns/pages", body, clock=NEW_YEAR)
    assert answer.status == 200, answer.text
    path = f"burns/{answer.body['entry']['entry_id']}/reversal"
    assert scrip.move(account, path, offset=1, clock="2030-01-05T05:00:00Z").status == 201
    rollups.catch_up(runtime.tables(), account, "credits", 3, lambda: True, kept=1)
    assert rollups.load(runtime.tables(), account, "credits").spending.seq == 3
    assert found(account) == []


def test_what_is_kept_since_the_entries_were_read_is_no_finding(scrip: Deployment, account: str) -> None:
    """Five entries are kept, and four were read before: nothing can be told of the fifth. A sixth there is not yet."""
    history(scrip, account)
    tables = runtime.tables()
    entries = {entry.seq: entry for entry in stored_entries(tables, account)}
    read = {seq: entries[seq] for seq in range(1, 5)}
    assert [*check_usage(tables, account, "credits", read)] == []
    assert [*check_usage(tables, account, "credits", {**read, 6: entries[5]})] == []
    kept_up_to(account, 6)
    told = [one.what for one in check_usage(tables, account, "credits", entries)]
    assert told == ["its usage is kept up to entry 6, which there is not: `scrip rollup` makes it anew"]
    scrip.burn(account, "1")
    assert [*check_usage(tables, account, "credits", entries)] == []


def stored_entries(tables: Tables, account: str) -> list[Entry]:
    return [row.entry() for row in rows.stored(tables, account, "credits")]


def test_usage_before_1970_and_after_2400_is_looked_for_too(scrip: Deployment, account: str) -> None:
    """Entries of those hours there are none: what is kept of them is found."""
    history(scrip, account)
    tables, pk = runtime.tables(), keys.rollup(account, "credits")
    item = tables.get("wallets", pk, hours(account))
    assert item
    (rolled,) = unpack(bytes(item["hours"]["B"])).values()
    for hour in (-19_000_000, 4_000_000):
        forged = {"sk": items.s(keys.rollup_hour(0, hour)), "hours": items.b(pack({hour: rolled}))}
        tables.client.put_item(TableName="wallets", Item={**item, **forged})
    assert found(account) == [
        "its usage is not kept as its entries say, of 2 hours: `scrip rollup` makes it anew"
    ]


@pytest.mark.parametrize(("times", "told"), [(2, 1), (3, 0)])
def test_usage_that_is_written_while_it_is_read_is_read_again_twice(
    scrip: Deployment, account: str, times: int, told: int
) -> None:
    """It says of a forecast what is wrong. After the third time nothing can be told."""
    history(scrip, account)
    document = rollups.load(runtime.tables(), account, "credits").document
    body = json.loads(json.dumps(document.body))
    body["spending"]["available"] = "1"
    changed(account, keys.HEAD, body=items.s(json.dumps(body)))
    left = iter(range(times))

    def writes(**_: Any) -> None:
        if next(left, None) is not None:
            now = runtime.tables().get("wallets", keys.rollup(account, "credits"), keys.HEAD)
            assert now
            rev = str(int(now["rev"]["N"]) + 1)
            runtime.tables().client.put_item(TableName="wallets", Item={**now, "rev": {"N": rev}})

    entries = {entry.seq: entry for entry in stored_entries(runtime.tables(), account)}
    with listening("after-call.dynamodb.Query", writes):
        assert len([*check_usage(runtime.tables(), account, "credits", entries)]) == told
