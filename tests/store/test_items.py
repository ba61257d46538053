"""The attributes of each kind of item in both tables, and that each is written as it is read.

A table outlives the code that writes it. What is taken away here, or gets another name, is unreadable from then on.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any, Final

import pytest

from scrip.domain.credits.entries import GENESIS, chain
from scrip.domain.credits.lot_codec import pack, unpack
from scrip.domain.wallets.funds_codec import pack_funds
from scrip.domain.wallets.wallet import Due, Page, Wallet
from scrip.store import items, keys
from tests.domain.builders import lots
from tests.store.recording import from_json
from tests.store.test_rows_of_before import LEFT, ROWS

KEY: Final = {"pk": "S", "sk": "S"}
DOCUMENT: Final = {**KEY, "rev": "N", "body": "S"}
SIDECAR: Final = {**KEY, "body": "S"}
LISTED: Final = {"shard": "S", "sweep_at": "N"}

LAYOUT: Final[dict[str, tuple[dict[str, str], dict[str, str]]]] = {
    "wallets w#*#* wallet": (
        {
            **KEY,
            **dict.fromkeys(("version", "at", "paged"), "N"),
            **dict.fromkeys(("available", "held", "frozen", "pending", "owed", "paid", "scoped"), "N"),
            **dict.fromkeys(("status", "order"), "S"),
            **dict.fromkeys(("head", "window"), "B"),
        },
        {"due_at": "N", **LISTED},
    ),
    "wallets w#*#* page#*": ({**KEY, "lots": "B"}, {"due_at": "N"}),
    "wallets w#*#* due#*#*": (KEY, {"lot": "B"}),
    "wallets w#*#* rest#*": (KEY, {"lot<seq>": "B"}),
    "wallets w#*#* note#*": (SIDECAR, {}),
    "wallets w#*#* terms#*": (SIDECAR, {}),
    "wallets w#*#* hold#*": (SIDECAR, {}),
    "wallets w#*#* allowance#*": (SIDECAR, {}),
    "wallets w#*#* reversed#*": (SIDECAR, {}),
    "wallets w#*#* carry#*": (SIDECAR, {}),
    "wallets unit#* head": (DOCUMENT, {}),
    "wallets pack#* head": (DOCUMENT, {}),
    "wallets rate#* head": (DOCUMENT, {}),
    "wallets key#* head": (DOCUMENT, {}),
    "wallets promo#* head": (DOCUMENT, {}),
    "wallets promo#* count": ({**KEY, "redeemed": "N", "granted": "N"}, {}),
    "wallets promo#* claim#*#*": (KEY, {}),
    "wallets topup#* head": (DOCUMENT, {}),
    "wallets session#*#* head": (DOCUMENT, {}),
    "wallets subscription#*#* head": (DOCUMENT, {}),
    "wallets payment#*#* head": ({**DOCUMENT, **LISTED}, {}),
    "wallets refund#* head": (DOCUMENT, {}),
    "wallets source#*#* head": (DOCUMENT, {}),
    "wallets reconciliation#* head": (DOCUMENT, {}),
    "wallets reconciliation#*#* head": (DOCUMENT, {}),
    "wallets verification#* head": (DOCUMENT, {}),
    "ledger w#*#* *": ({**KEY, "tl": "S", "kind": "S", "body": "S", "prev": "B", "hash": "B"}, {}),
}
"""For each kind of item, the types of the attributes that it has, and of those that it may have."""


def kind(table: str, row: dict[str, Any]) -> str:
    """Returns a row's kind: its table, and its key with a star for each part that is somebody's own."""
    pk, sk = (row[name]["S"].split("#") for name in ("pk", "sk"))
    own = ["*"] if table == "ledger" else [sk[0], *["*"] * len(sk[1:])]
    return f"{table} {'#'.join([pk[0], *['*'] * len(pk[1:])])} {'#'.join(own)}"


def attributes(row: dict[str, Any]) -> dict[str, str]:
    """Returns the types of a row's attributes. A block has one attribute for each of its lots."""
    return {
        "lot<seq>" if name.startswith("lot") and name[3:].isdecimal() else name: next(iter(value))
        for name, value in row.items()
    }


@pytest.mark.parametrize("rows", [ROWS, LEFT], ids=["rows", "left"])
def test_each_item_is_laid_out_as_it_was(rows: dict[str, list[dict[str, Any]]]) -> None:
    """``test_rows_of_before`` shows that these rows are what the code of today writes."""
    for table, found in rows.items():
        for row in found:
            has, may_have = LAYOUT[kind(table, row)]
            assert attributes(row).items() >= has.items()
            assert attributes(row).items() <= (has | may_have).items()


def test_every_kind_of_item_is_looked_at() -> None:
    seen = {kind(table, row) for rows in (ROWS, LEFT) for table, found in rows.items() for row in found}
    assert seen == set(LAYOUT)


def test_ledger_rows_are_their_entries_byte_for_byte() -> None:
    """Law 4: the canonical text and the hash over it."""
    assert len(LEFT["ledger"]) > 20
    for row in LEFT["ledger"]:
        item = from_json(row)
        entry = items.read_entry_item(item)
        # Rows of before have all of the text: what is written of them now is less by what the keys say.
        assert entry.canonical().decode() == row["body"]["S"]
        assert chain(item["prev"]["B"], row["body"]["S"].encode()) == item["hash"]["B"]
        now = items.entry_item(entry)
        assert items.read_entry_item(now) == entry
        assert now == item | {"body": {"S": entry.kept()}}


PACKED: Final = [
    (f"{row['pk']['S']} {row['sk']['S']} {name}", value["B"])
    for row in ROWS["wallets"] + LEFT["wallets"]
    for name, value in row.items()
    if "B" in value and name != "head" and row["pk"]["S"].startswith(keys.WALLETS)
]


def test_packed_lots_have_the_same_bytes_again() -> None:
    assert len(PACKED) > 100
    for place, packed in PACKED:
        data = base64.b64decode(packed)
        assert pack(unpack(data)) == data, place


READERS: Final[dict[str, Any]] = {
    "wallet": lambda _, item: items.wallet_item(items.read_wallet(item)),
    "page": lambda pk, item: items.page_item(pk, items.read_page(item)),
    "due": lambda pk, item: items.due_item(pk, items.read_due(item)),
}


@pytest.mark.parametrize("kind", READERS)
def test_a_wallets_items_are_written_as_they_are_read(kind: str) -> None:
    rows = [row for row in ROWS["wallets"] + LEFT["wallets"] if row["sk"]["S"].partition("#")[0] == kind]
    assert rows
    for row in rows:
        item = from_json(row)
        if "sweep_at" not in item:
            item.pop("shard", None)  # an update leaves it: without the other it is in no index
        assert READERS[kind](row["pk"]["S"], item) == item


def test_sidecars_are_written_as_they_are_read() -> None:
    kinds = {"note", "terms", "hold", "allowance", "reversed", "carry"}
    rows = [row for row in ROWS["wallets"] if row["sk"]["S"].partition("#")[0] in kinds]
    assert {row["sk"]["S"].partition("#")[0] for row in rows} == kinds
    for row in rows:
        name = keys.sidecar_name(row["sk"]["S"])
        assert items.sidecar_item(row["pk"]["S"], name, items.read_sidecar(from_json(row))) == row


@pytest.mark.parametrize(
    ("noticed", "own", "budgeted", "rates", "said"),
    [
        (0, 0, 0, 0, "1"),
        (1, 0, 0, 0, "3"),
        (0, 1, 0, 0, "5"),
        (1, 1, 0, 0, "7"),
        (0, 0, 1, 0, "9"),
        (1, 0, 1, 0, "11"),
        (1, 1, 1, 0, "15"),
        (0, 0, 0, 1, "17"),
        (1, 1, 1, 1, "31"),
    ],
)
def test_what_a_wallet_has_of_its_own_is_said_where_it_says_that_lists_have_it(
    noticed: int, own: int, budgeted: int, rates: int, said: str
) -> None:
    """A digit or two: so it costs a byte at most, and none without budgets or rate cards of its own."""
    wallet = Wallet(
        "acme",
        "credits",
        "stripe",
        3,
        listed=True,
        noticed=bool(noticed),
        own_notices=bool(own),
        budgeted=bool(budgeted),
        own_rates=bool(rates),
    )
    item = items.wallet_item(wallet)
    assert item["l"] == {"S": said}
    assert items.read_wallet(item) == wallet


BARE: Final = Wallet("acme", "credits", "stripe", 3, at=1_000, recorded_at=1_000, base=None, funds=None)
"""A wallet of which there is nothing more than every one has."""


def test_a_wallet_of_which_there_is_nothing_more_has_these_attributes() -> None:
    item = items.wallet_item(BARE)
    assert item == {
        "pk": {"S": "w#acme#credits"},
        "sk": {"S": "wallet"},
        "version": {"N": "3"},
        "at": {"N": "1000"},
        "head": {"B": GENESIS},
        "status": {"S": "active"},
        "order": {"S": "stripe"},
        "paged": {"N": "0"},
        "window": {"B": pack(())},
        **{name: {"N": "0"} for name in ("available", "held", "frozen", "pending", "owed", "paid", "scoped")},
    }
    assert items.read_wallet(item) == BARE


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"recorded_at": 1_005}, {"r": {"N": "5"}}),
        ({"recorded_at": 1_001}, {"r": {"N": "1"}}),
        ({"base": 0}, {"b": {"N": "0"}}),
        ({"base": 7}, {"b": {"N": "7"}}),
        ({"shows_base": True}, {"w": {"S": "1"}}),
        ({"pace": b"\x01"}, {"p": {"B": b"\x01"}}),
        ({"listed": True}, {"l": {"S": "1"}}),
        ({"due_at": 5}, {"due_at": {"N": "5"}}),
        ({"due_at": 0}, {"due_at": {"N": "0"}}),
        ({"sweep_at": 9}, {"sweep_at": {"N": "9"}, "shard": {"S": "57"}}),
        ({"sweep_at": 0}, {"sweep_at": {"N": "0"}, "shard": {"S": "57"}}),
        ({"funds": ()}, {"funds": {"B": pack_funds(())}}),
        ({"paged": 4}, {"paged": {"N": "4"}}),
        ({"status": "frozen"}, {"status": {"S": "frozen"}}),
    ],
)
def test_what_more_there_is_of_a_wallet_has_an_attribute_of_its_own(
    more: dict[str, Any], said: dict[str, Any]
) -> None:
    wallet = replace(BARE, **more)
    item = items.wallet_item(wallet)
    assert item == items.wallet_item(BARE) | said
    assert items.read_wallet(item) == wallet


def test_a_due_item_and_a_page_say_no_more_than_they_have() -> None:
    lot = lots("5 exp=+1d")[0]
    pk = {"S": "w#acme#credits"}
    due, page = Due(5, "hold.2"), Page("7f", (lot,))
    bare = {"pk": pk, "sk": {"S": "due#000000000000005#hold.2"}}
    assert (items.due_item("w#acme#credits", due), items.read_due(bare)) == (bare, due)
    pending = items.due_item("w#acme#credits", Due(5, "1", lot))
    assert pending == {"pk": pk, "sk": {"S": "due#000000000000005#1"}, "lot": {"B": pack((lot,))}}
    assert items.read_due(pending) == Due(5, "1", lot)
    item = items.page_item("w#acme#credits", page)
    assert item == {"pk": pk, "sk": {"S": "page#7f"}, "lots": {"B": pack((lot,))}}
    assert items.read_page(item) == page
    later = items.page_item("w#acme#credits", replace(page, due_at=0))
    assert later == item | {"due_at": {"N": "0"}}
    assert items.read_page(later) == replace(page, due_at=0)
