"""Somebody with rights of their own writes to the ledger past Scrip: it is known in seconds, and can be put right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.stack import StackError
from scrip.store import keys
from simulation.intruder import as_written
from tests.stack.conftest import App


def evidence(stack: App, account: str) -> list[dict[str, Any]]:
    """What was kept of an account's rows so far."""
    url = stack.stack.outputs["EvidenceQueueUrl"]
    answer = stack.stack.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, WaitTimeSeconds=1
    )
    records = [json.loads(message["Body"]) for message in answer.get("Messages", [])]
    pk = keys.wallet(account, "credits")
    return [record for record in records if record["dynamodb"]["Keys"]["pk"]["S"] == pk]


def test_law_4_a_deleted_and_a_changed_entry_are_known_and_can_be_put_back(stack: App, account: str) -> None:
    """Ten credits, of which one burn takes 4 and another 3; the second burn is deleted, the first turned into 1."""
    stack.grant(account, "10")
    burned, deleted = (stack.burn(account, amount).json()["entry"]["entry_id"] for amount in ("4", "3"))
    client, table = stack.stack.client("dynamodb"), stack.stack.outputs["LedgerTable"]
    place = {"pk": {"S": keys.wallet(account, "credits")}}
    row = client.get_item(TableName=table, Key={**place, "sk": {"S": burned}})["Item"]
    forged = {**row, "body": {"S": row["body"]["S"].replace('"4000000"', '"1000000"')}}
    client.put_item(TableName=table, Item=forged)
    client.delete_item(TableName=table, Key={**place, "sk": {"S": deleted}})
    with pytest.raises(StackError, match="findings"):
        stack.verify(account)

    def known() -> list[dict[str, Any]]:
        found = evidence(stack, account)
        return found if {record["eventName"] for record in found} == {"MODIFY", "REMOVE"} else []

    for record in stack.eventually(known):
        was = as_written(record["dynamodb"]["OldImage"])
        client.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": was}}])
    assert stack.verify(account)["findings"] == []
    assert [entry["amount"] for entry in stack.entries(account)] == ["-3", "-4", "10"]


def test_what_is_added_to_the_ledger_wakes_nobody(stack: App, account: str) -> None:
    stack.grant(account, "10")
    assert stack.burn(account, "1").status_code == 201
    assert evidence(stack, account) == []
