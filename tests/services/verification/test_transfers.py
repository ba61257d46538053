"""Law 7: a transfer is in both wallets, and where one of them knows nothing of it, that is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.services.verification.transfers import check_transfers
from scrip.store import items
from scrip.store.tables import Tables
from tests.aws import Deployment, InMemory
from tests.domain.giving import movable
from tests.domain.memory import Vault
from tests.services.verification.damage import Tables as Past
from tests.services.verification.damage import delete_items
from tests.services.verification.surveys import Verify

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


@pytest.mark.parametrize(
    "changes", [{"amount": 5}, {"extra": {"from": "acme", "of": "k.another"}}], ids=["amount", "of"]
)
def test_a_transfer_that_arrived_as_something_else_is_found_from_either_side(changes: dict[str, Any]) -> None:
    """4 of 10 credits were sent. What arrived is 5, or of another transfer."""
    sender = Vault(movable())
    receiver = Vault(sender.policy, "beta")
    sender.grant("10")
    sender.transfer(receiver, 4)
    tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
    for entry in (*sender.entries, *receiver.entries):
        tables.client.put_item(TableName="ledger", Item=items.entry_item(entry))
    assert [*check_transfers(tables, sender.entries), *check_transfers(tables, receiver.entries)] == []
    (arrived,) = receiver.entries
    forged = replace(arrived, **changes)
    tables.client.put_item(TableName="ledger", Item=items.entry_item(forged))
    told = [one.what for one in check_transfers(tables, sender.entries)]
    assert told == ["entry 2 was sent to beta, where there is no such transfer"]
    told = [one.what for one in check_transfers(tables, [forged])]
    assert told == ["entry 1 came from acme, where there is no such transfer"]
