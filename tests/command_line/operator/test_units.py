"""``scrip units``: a unit that was put before ids named their wallet is found by them (law 3)."""

from __future__ import annotations

import json

import pytest

import command_line
from scrip import runtime
from scrip.store import documents, items, keys
from tests.aws import Deployment, listening
from tests.http.contract import refused


def test_units_of_before_are_found_by_ids_once_they_are_listed(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Units of before have no name among those of all units; their credits have ids all the same. The table is read
    ten rows at a time."""
    old, other = [f"old-{letter}-{account}" for letter in "abcd"], f"new-{account}"
    for unit in (*old, other):
        assert scrip.put(f"/v1/units/{unit}", {"precision": 0}).status == 201
    entry = scrip.grant(account, "5", unit=old[0]).body["entry"]["entry_id"]
    for unit in old:
        scrip.dynamodb.delete_item(TableName="wallets", Key=items.key(keys.UNITS, unit))
    scrip.cold()
    path = f"/v1/accounts/{account}/entries/{entry}"
    refused(scrip.get(path), 404, "not_found")
    assert scrip.get(path, query={"unit": old[0]}).status == 200
    capsys.readouterr()
    with listening("before-parameter-build.dynamodb.Scan", lambda params, **_: params.update(Limit=10)):
        assert command_line.main(["units"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["added"], told["units"]) == (old, sorted(told["units"]))
    assert {*old, other} <= set(told["units"])
    scrip.cold()
    assert scrip.get(path).status == 200
    capsys.readouterr()
    assert command_line.main(["units"]) == 0
    assert json.loads(capsys.readouterr().out)["added"] == []
    assert {*old, other} <= set(documents.listed_units(runtime.tables()))
