"""Texts of people are stored as they are, in no other letters: a row has as many bytes as they have.

An item may be as large as 400 KB and costs a write unit for each of them. Of letters that are spelled out, one of two
bytes has six.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from scrip.domain.credits.usage_events import RejectedPlace
from scrip.store import audit, crossings, documents, items, notices, rejections, statements
from scrip.store.crossings import CrossingRow
from scrip.store.notifications import Notifications
from scrip.store.tables import Item, Tables

SAID: Final = {"name": "Zoë 🂡"}
STORED: Final = '{"name": "Zoë 🂡"}'
WALLET: Final = ("acme", "credits")


def rejected(tables: Tables) -> None:
    store = Notifications(tables.client, tables.wallets)
    rejections.put(store, [(RejectedPlace(5, "evt_1"), SAID)], 9)


WRITES: Final[dict[str, Callable[[Tables], Any]]] = {
    "a document": lambda tables: documents.put(tables, "pack#a", 0, SAID),
    "what lies beside a document": lambda tables: documents.put_all(
        tables, [documents.beside(tables, "pack#a", "b", SAID)]
    ),
    "a change that was made": lambda tables: documents.put_all(tables, [audit.write(tables, 5, SAID)]),
    "a notice": lambda tables: notices.put(tables, *WALLET, "notice_1", SAID),
    "a crossing": lambda tables: crossings.put(tables, *WALLET, "20%", CrossingRow(5, SAID)),
    "a statement": lambda tables: statements.put_once(tables, *WALLET, "2030-01", SAID),
    "how far a statement is counted": lambda tables: statements.put_counted(tables, *WALLET, "2030-01", SAID),
    "a rejected event": rejected,
    "a sidecar": lambda tables: tables.client.put_item(
        TableName="wallets", Item=items.sidecar_item("w#acme#credits", ("note", "1"), SAID)
    ),
}


def stored(tables: Tables) -> Iterator[Item]:
    yield from tables.client.scan(TableName="wallets")["Items"]


@pytest.mark.parametrize("name", WRITES)
def test_what_people_say_is_stored_in_their_letters(tables: Tables, name: str) -> None:
    WRITES[name](tables)
    assert [item["body"]["S"] for item in stored(tables)] == [STORED]
