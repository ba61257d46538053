"""How far every wallet has come: each that has entries, once, with the hash of its last one."""

from __future__ import annotations

import pytest

from scrip import runtime
from scrip.store import heads, keys, ledger
from tests.aws import Deployment, listening


@pytest.fixture
def empty(deployment: Deployment) -> Deployment:
    deployment.fresh()
    deployment.make_tables()
    return deployment


def test_every_wallet_says_how_far_it_has_come_whatever_its_name(empty: Deployment) -> None:
    """a: two entries; b: one in each of two units; an account with odd letters. What is no wallet is none."""
    empty.grant("a", "10")
    empty.burn("a", "4")
    empty.grant("b", "1")
    assert empty.put("/v1/units/tokens", {"precision": 0}).status in (200, 201)
    empty.grant("b", "1", unit="tokens")
    odd = "o.d:d_A-9@x"
    empty.grant(odd, "3")
    empty.put("/v1/units/other", {"precision": 2})
    found = sorted(heads.every(runtime.tables()))
    assert [(head.account, head.unit, head.seq) for head in found] == [
        ("a", "credits", 2),
        ("b", "credits", 1),
        ("b", "tokens", 1),
        (odd, "credits", 1),
    ]
    (_, last) = ledger.following(runtime.tables(), "a", "credits", (0, 1), 10)
    assert found[0].hash == last.hash()


def test_wallets_of_all_pages_are_told_once(empty: Deployment) -> None:
    """A page of DynamoDB ends after a megabyte; here after two items."""
    names = [f"a{number}" for number in range(12)]
    for name in names:
        empty.grant(name, "1")
    with listening("provide-client-params.dynamodb.Scan", lambda params, **_: {**params, "Limit": 2}):
        found = [head.account for head in heads.every(runtime.tables())]
    assert sorted(found) == sorted(names)


def test_a_wallet_that_has_no_entry_yet_is_left_out(empty: Deployment) -> None:
    empty.dynamodb.put_item(
        TableName="wallets",
        Item={"pk": {"S": keys.wallet("c", "credits")}, "sk": {"S": keys.WALLET}, "version": {"N": "0"}},
    )
    assert [*heads.every(runtime.tables())] == []
