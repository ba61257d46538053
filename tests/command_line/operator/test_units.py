"""``scrip units``: a unit that was put before ids named their wallet is found by them (law 3)."""

from __future__ import annotations

import json

import pytest

import command_line
from scrip import runtime
from scrip.store import documents, items, keys
from tests.aws import Deployment
from tests.http.contract import refused


def test_a_unit_of_before_is_found_by_ids_once_it_is_listed(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The unit of before has no name among those of all units; its credits have ids all the same."""
    name, other = f"old-{account}", f"new-{account}"
    for unit in (name, other):
        assert scrip.put(f"/v1/units/{unit}", {"precision": 0}).status == 201
    entry = scrip.grant(account, "5", unit=name).body["entry"]["entry_id"]
    scrip.dynamodb.delete_item(TableName="wallets", Key=items.key(keys.UNITS, name))
    scrip.cold()
    path = f"/v1/accounts/{account}/entries/{entry}"
    refused(scrip.get(path), 404, "not_found")
    assert scrip.get(path, query={"unit": name}).status == 200
    capsys.readouterr()
    assert command_line.main(["units"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["added"] == [name]
    assert {name, other} <= set(told["units"])
    scrip.cold()
    assert scrip.get(path).status == 200
    capsys.readouterr()
    assert command_line.main(["units"]) == 0
    assert json.loads(capsys.readouterr().out)["added"] == []
    assert {name, other} <= set(documents.listed_units(runtime.tables()))
