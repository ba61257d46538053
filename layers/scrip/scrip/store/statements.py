"""What is kept of statements: what a wallet had as a month ended, and the signature of its statement, each put once.

They follow from the ledger, and lie beside wallets, not in them. What is put once is never changed, so that a month
that is over is told alike for ever; how far entries were counted is, until they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from scrip.store import items, keys, lists
from scrip.store.tables import Tables, refusals


def get(tables: Tables, account: str, unit: str, sk: str) -> Mapping[str, Any] | None:
    """Returns what is kept under a sort key, read consistently; None where nothing is."""
    item = tables.get(tables.wallets, keys.statements(account, unit), sk)
    return _body(item) if item else None


def last_before(tables: Tables, account: str, unit: str, month: str) -> tuple[str, Mapping[str, Any]] | None:
    """Returns the last month before this one whose end is kept, and that; None: there is none."""
    return _nearest(tables, account, unit, last=f"{month}!", backwards=True, but=month)


def first_after(tables: Tables, account: str, unit: str, month: str) -> tuple[str, Mapping[str, Any]] | None:
    """Returns the first month after this one whose end is kept, and that; None: there is none."""
    return _nearest(tables, account, unit, first=f"{month}!", backwards=False, but=month)


def put_once(tables: Tables, account: str, unit: str, sk: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Puts something under a sort key where nothing is. Returns what is there then."""
    try:
        with refusals():
            tables.client.put_item(
                **_put(tables, account, unit, sk, body), ConditionExpression="attribute_not_exists(pk)"
            )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return get(tables, account, unit, sk) or body
    return body


def put_counted(tables: Tables, account: str, unit: str, month: str, body: Mapping[str, Any]) -> None:
    """Puts how far the entries up to a month's end were counted, in the place of what was."""
    with refusals():
        tables.client.put_item(**_put(tables, account, unit, keys.counted_statement(month), body))


def _put(tables: Tables, account: str, unit: str, sk: str, body: Mapping[str, Any]) -> dict[str, Any]:
    item = {
        **items.key(keys.statements(account, unit), sk),
        "body": items.s(json.dumps(body, ensure_ascii=False)),
    }
    return {"TableName": tables.wallets, "Item": item}


def _nearest(
    tables: Tables,
    account: str,
    unit: str,
    *,
    first: str = lists.FIRST,
    last: str = lists.LAST,
    backwards: bool,
    but: str,
) -> tuple[str, Mapping[str, Any]] | None:
    """Returns the nearest kept end of a month other than ``but``, from one side."""
    after = None
    while True:
        found, after = lists.rows(
            tables,
            keys.statements(account, unit),
            4,
            first=first,
            last=last,
            after=after,
            backwards=backwards,
        )
        for item in found:
            sk = item["sk"]["S"]
            if "#" not in sk and sk != but:
                return sk, _body(item)
        if after is None:
            return None


def _body(item: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(item["body"]["S"])
    return found
