"""Law 7: a transfer is in both wallets, and where one of them knows nothing of it, that is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.lots import Money
from scrip.services.verification.transfers import check_transfers
from scrip.store import items
from scrip.store.tables import Tables
from tests.aws import Deployment, InMemory
from tests.domain.giving import movable
from tests.domain.memory import Vault
from tests.services.verification.damage import Tables as Past
from tests.services.verification.damage import delete_items
from tests.services.verification.surveys import Verify

Json = dict[str, Any]
pytestmark = pytest.mark.usefixtures("small_in_memory")


SIDES = [
    ("sender", "entry 1 came from {other}, where there is no such transfer"),
    ("receiver", "entry 2 was sent to {other}, where there is no such transfer"),
]


@pytest.mark.parametrize(("lost", "what"), SIDES, ids=["nobody sent it", "it never arrived"])
def test_a_transfer_that_the_other_wallet_knows_nothing_of_is_found(
    scrip: Deployment, account: str, verify: Verify, lost: str, what: str
) -> None:
    """Each wallet is sound by itself: 4 of 10 credits left the one, and came to the other."""
    sender, receiver = f"{account}-from", f"{account}-to"
    scrip.put("/v1/units/moving", {"precision": 0, "policy": {"transferable": True}})
    scrip.grant(sender, "10", unit="moving")
    said = {"amount": "4", "unit": "moving", "to_account": receiver}
    assert scrip.post(f"/v1/accounts/{sender}/transfers", said, key="t").status == 201
    assert verify()["findings"]["count"] == 0
    gone, left = (sender, receiver) if lost == "sender" else (receiver, sender)
    tables = Past(scrip, gone, "moving")
    delete_items("")(tables)
    for row in tables.of("ledger"):
        tables.delete("ledger", row)
    (finding,) = verify()["findings"]["items"]
    assert (finding["account"], finding["what"]) == (left, what.format(other=gone))


def moved() -> tuple[Tables, Vault, Vault]:
    """6 credits of 60 USD and 12 of tax, and 2 free ones, from acme to beta: entry 3 there, entries 1 and 2 here."""
    sender = Vault(movable())
    receiver = Vault(sender.policy, "beta")
    sender.grant("6 cost=60USD tax=12 prio=1; 10")
    sender.transfer(receiver, 8)
    tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
    write(tables, *sender.entries, *receiver.entries)
    return tables, sender, receiver


def write(tables: Tables, *entries: Entry) -> None:
    for entry in entries:
        tables.client.put_item(TableName="ledger", Item=items.entry_item(entry))


def told(tables: Tables, *entries: Entry) -> list[str]:
    return [one.what for one in check_transfers(tables, entries)]


def lot(entry: Entry, **changes: Any) -> Json:
    """What an arrival says, of another lot."""
    return {**entry.extra, "lot": {**entry.extra["lot"], **changes}}


SENT = "entry 3 was sent to beta, where there is no such transfer"
ARRIVALS: list[tuple[str, int, Callable[[Entry], Json]]] = [
    ("more credits", 0, lambda _: {"amount": 7}),
    ("fewer of the second", 1, lambda _: {"amount": 1}),
    ("another transfer", 0, lambda one: {"extra": {**one.extra, "of": "k.another"}}),
    ("no transfer", 0, lambda one: {"extra": {name: one.extra[name] for name in ("lot", "from")}}),
    ("no transfer of that kind", 1, lambda _: {"kind": "grant"}),
    ("other money", 0, lambda one: {"extra": lot(one, cost=[61, "USD"])}),
    ("another currency", 0, lambda one: {"extra": lot(one, cost=[60, "EUR"])}),
    ("free credits", 0, lambda one: {"extra": lot(one, cost=None)}),
    ("paid ones", 1, lambda one: {"extra": lot(one, cost=[2, "USD"])}),
    ("other tax", 0, lambda one: {"extra": lot(one, tax=[11, "purchase"])}),
    ("tax of free ones", 1, lambda one: {"extra": lot(one, tax=[1, "purchase"])}),
    ("tax that is none", 0, lambda one: {"extra": lot(one, tax=7)}),
    ("no tax", 1, lambda one: {"extra": lot(one, tax=[])}),
    ("a lot that is none", 0, lambda one: {"extra": {**one.extra, "lot": [6]}}),
    ("no lot", 1, lambda one: {"extra": {name: one.extra[name] for name in ("from", "of")}}),
]


@pytest.mark.parametrize(("name", "place", "changes"), ARRIVALS, ids=[row[0] for row in ARRIVALS])
def test_a_transfer_that_arrived_as_something_else_is_found_from_either_side(
    name: str, place: int, changes: Callable[[Entry], Json]
) -> None:
    tables, sender, receiver = moved()
    assert told(tables, *sender.entries) == told(tables, *receiver.entries) == []
    forged = replace(receiver.entries[place], **changes(receiver.entries[place]))
    write(tables, forged)
    assert told(tables, *sender.entries) == [SENT]
    if forged.kind == "transfer_in":
        what = f"entry {place + 1} came from acme, where there is no such transfer"
        assert told(tables, *receiver.entries[1 - place :][:1], forged) == [what]


def test_what_came_from_somebody_else_is_found_from_either_side() -> None:
    tables, sender, receiver = moved()
    arrived = receiver.entries[0]
    for account in ("gamma", ""):
        forged = replace(arrived, extra={**arrived.extra, "from": account})
        write(tables, forged)
        assert told(tables, *sender.entries) == [SENT]
        assert told(tables, forged) == [f"entry 1 came from {account}, where there is no such transfer"]


LEFT: list[tuple[str, Json]] = [
    ("to somebody else", {"extra": {"to": "gamma"}}),
    ("to nobody", {"extra": {}}),
    ("as something else", {"kind": "burn"}),
    ("of other credits", {"draws": (Draw(1, 5, Money(60, "USD"), 12), Draw(2, 2))}),
    ("with other money", {"draws": (Draw(1, 6, Money(50, "USD"), 12), Draw(2, 2))}),
    ("with other tax", {"draws": (Draw(1, 6, Money(60, "USD")), Draw(2, 2))}),
]


@pytest.mark.parametrize(("name", "changes"), LEFT, ids=[row[0] for row in LEFT])
def test_a_transfer_that_left_as_something_else_is_found_from_either_side(name: str, changes: Json) -> None:
    """Law 4: whatever the row says, verification ends in findings and never in an error."""
    tables, sender, receiver = moved()
    forged = replace(sender.entries[-1], **changes)
    write(tables, forged)
    lost = ["entry 1 came from acme, where there is no such transfer"]
    second = ["entry 2 came from acme, where there is no such transfer"]
    assert told(tables, *receiver.entries) == [*lost, *(() if "draws" in changes else second)]
    to = forged.extra.get("to", "")
    expected = [f"entry 3 was sent to {to}, where there is no such transfer"]
    assert told(tables, forged) == (expected if forged.kind == "transfer_out" else [])


def test_a_transfer_of_which_one_lot_never_arrived_is_found() -> None:
    """And one whose arrival cannot be read. Of the lot that came nothing is found."""
    tables, sender, receiver = moved()
    row = items.entry_item(receiver.entries[1])
    tables.client.delete_item(TableName="ledger", Key={name: row[name] for name in ("pk", "sk")})
    assert told(tables, *sender.entries) == [SENT]
    assert told(tables, receiver.entries[0]) == []
    tables.client.put_item(TableName="ledger", Item={**row, "body": {"S": "{"}})
    assert told(tables, *sender.entries) == [SENT]


def test_a_wallets_other_entries_and_other_transfers_are_none_of_it() -> None:
    """Beside the transfer to beta is one to gamma, which is gone there."""
    tables, sender, _ = moved()
    third = Vault(sender.policy, "gamma")
    sender.transfer(third, 1)
    write(tables, *sender.entries)
    assert told(tables, *sender.entries) == ["entry 4 was sent to gamma, where there is no such transfer"]
    write(tables, *third.entries)
    assert told(tables, *sender.entries) == []
