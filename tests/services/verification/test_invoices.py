"""An invoice that is gone, cannot be read, or says something else than its wallet's entries is found (laws 1 and 3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrip import runtime
from scrip.services.verification import wallets
from scrip.store import documents, items, keys
from tests.aws import Deployment

Json = dict[str, Any]
pytestmark = pytest.mark.usefixtures("in_memory")


def billed(scrip: Deployment, account: str) -> None:
    """An invoice of 60.00 of which credits paid 25.00."""
    policy = {"value": {"amount": 100, "currency": "USD"}}
    scrip.put(f"/v1/units/{account}", {"precision": 2, "policy": policy})
    scrip.grant(account, "25", unit=account)
    applied(scrip, account)


def applied(scrip: Deployment, account: str, key: str = "a1") -> None:
    """Applies what there is to the invoice of 60.00."""
    line = {"line_id": "seats", "amount": 5000, "tax": 1000}
    said = {"account": account, "unit": account, "currency": "USD", "tax": "after", "lines": [line]}
    assert scrip.post(f"/v1/invoices/{account}/applications", said, key=key).status == 201


def findings(account: str) -> list[str]:
    return [one.what for one in wallets.verify(runtime.executor(), account, account)[1]]


def rewrite(account: str, text: str | None) -> None:
    """Puts another document in the invoice's place; None: none."""
    tables, key = runtime.tables(), items.key(keys.invoice(account), keys.HEAD)
    if text is None:
        tables.client.delete_item(TableName="wallets", Key=key)
        return
    tables.client.put_item(TableName="wallets", Item={**key, "rev": {"N": "1"}, "body": {"S": text}})


def test_an_invoice_as_it_was_written_is_sound(scrip: Deployment, account: str) -> None:
    billed(scrip, account)
    assert findings(account) == []


def test_an_invoice_that_is_gone_is_found(scrip: Deployment, account: str) -> None:
    billed(scrip, account)
    rewrite(account, None)
    assert findings(account) == [f"entry 2 was applied to the invoice {account}, and that is not there"]


def test_an_invoice_that_says_something_else_is_found(scrip: Deployment, account: str) -> None:
    billed(scrip, account)
    body = dict(documents.get(runtime.tables(), keys.invoice(account)).body)
    line = body["lines"][0]
    rewrite(account, json.dumps({**body, "lines": [[*line[:4], 2400]]}))
    assert findings(account) == [f"line seats of the invoice {account} says 2400, its entries paid 2500"]


def test_an_invoice_that_cannot_be_read_is_found(scrip: Deployment, account: str) -> None:
    billed(scrip, account)
    rewrite(account, '{"lines": 5}')
    assert findings(account) == [f"the invoice {account} cannot be read"]


def test_the_entries_of_an_invoice_are_taken_in_their_order(scrip: Deployment, account: str) -> None:
    """The ids of the second and the third are in the order of the ledger's rows, which is another one."""
    billed(scrip, account)
    for number in range(20):
        scrip.grant(account, "1", f"g{number}", unit=account)
        applied(scrip, account, f"a{number + 2}")
        ids = [one["entry_id"] for one in scrip.entries(account, unit=account) if one["kind"] == "burn"]
        if ids[-1] < ids[0]:
            break
    assert min(ids) != ids[0]
    assert findings(account) == []
    rewrite(account, None)
    assert findings(account) == [f"entry 2 was applied to the invoice {account}, and that is not there"]
