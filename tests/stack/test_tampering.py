"""Somebody with rights of their own writes to the ledger past Scrip: it is known in seconds, and can be put right."""

from __future__ import annotations

import json
import random
import string
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


@pytest.mark.long
def test_a_row_of_as_many_records_as_fit_is_kept_whole(stack: App, account: str) -> None:
    """270 KB of records that no deflate makes smaller: in a message of the queue they are 360 KB."""
    stack.grant(account, "10")
    meter, dice = f"noise-{account}", random.Random(account)
    card = {"unit": "credits", "price": {"model": "per_unit", "credits": "0.001"}}
    assert stack.client.put(f"/v1/rates/{meter}", json=card).is_success
    noise = ["".join(dice.choices(string.printable[:94], k=100)) for _ in range(3200)]
    records = [
        [meter, "1", f"r-{at}", {name: noise[4 * at + n] for n, name in enumerate("abcd")}]
        for at in range(800)
    ]
    body = {"stream": "s", "first": 0, "records": records}
    answer = stack.client.post(f"/v1/accounts/{account}/burns/pages", json=body)
    assert (answer.status_code, answer.json()["burned"]) == (200, "0.8"), answer.text[:500]
    client, table = stack.stack.client("dynamodb"), stack.stack.outputs["LedgerTable"]
    place = {"pk": {"S": keys.wallet(account, "credits")}, "sk": {"S": answer.json()["entry"]["entry_id"]}}
    row = client.get_item(TableName=table, Key=place)["Item"]
    assert len(row["records"]["B"]) > 250_000
    client.put_item(TableName=table, Item={**row, "records": {"B": row["records"]["B"][::-1]}})
    (record,) = stack.eventually(lambda: evidence(stack, account))
    client.put_item(TableName=table, Item=as_written(record["dynamodb"]["OldImage"]))
    assert stack.verify(account)["findings"] == []


def test_what_is_added_to_the_ledger_wakes_nobody(stack: App, account: str) -> None:
    stack.grant(account, "10")
    assert stack.burn(account, "1").status_code == 201
    assert evidence(stack, account) == []
