"""Letters that were sent: each known by its name, of its account, until it is forgotten."""

from __future__ import annotations

import pytest

from scrip import runtime
from tests.aws import Deployment


@pytest.mark.usefixtures("scrip")
def test_a_letter_is_known_by_its_name_and_its_account(scrip: Deployment, account: str) -> None:
    letters = runtime.sent_letters()
    assert not letters.has(account, "evt_1")
    letters.note(account, "evt_1", 1_900_000_000)
    letters.note(account, "evt_1", 1_900_000_001)
    assert letters.has(account, "evt_1")
    assert not letters.has(account, "evt_2")
    assert not letters.has(f"{account}x", "evt_1")
    item = scrip.dynamodb.get_item(
        TableName="notifications", Key={"pk": {"S": f"letters#{account}"}, "sk": {"S": "evt_1"}}
    )["Item"]
    assert item["ends"] == {"N": "1900000001"}, "the second after which the table deletes it"
