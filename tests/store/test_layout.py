"""The layout of both tables: the shape of each kind of key, and the attributes of each kind of item.

A table outlives the code that writes it. What is taken away here, or gets another name, is unreadable from then on.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from scrip.store import keys
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
ONE_OF_EACH: Final[dict[str, str]] = {
    keys.wallet("acme", "credits"): "w#acme#credits",
    keys.page("7f"): "page#7f",
    keys.due(1, "hold.2"): "due#000000000000001#hold.2",
    keys.exhausted(3): "rest#000000000003",
    keys.sidecar("note", "1"): "note#1",
    keys.timeline(1, 2): "000000000000001.000000000002",
    keys.unit("u"): "unit#u",
    keys.pack("p"): "pack#p",
    keys.rate("m"): "rate#m",
    keys.promotion("C"): "promo#C",
    keys.claim("account", "acme"): "claim#account#acme",
    keys.api_key("k"): "key#k",
    keys.topup("t"): "topup#t",
    keys.session("dodo", "s"): "session#dodo#s",
    keys.subscription("dodo", "s"): "subscription#dodo#s",
    keys.payment("dodo", "p"): "payment#dodo#p",
    keys.refund("r"): "refund#r",
    keys.source("invoice", "i"): "source#invoice#i",
    keys.reconciliation("dodo"): "reconciliation#dodo",
    keys.report("dodo", 4): "reconciliation#dodo#4",
    keys.verification(5): "verification#5",
    keys.paid("dodo"): "paid#dodo",
    keys.shard_name(6): "06",
    keys.shard(keys.wallet("acme", "credits")): "57",
}
CONSTANTS: Final = {
    "WALLET": "wallet",
    "HEAD": "head",
    "COUNT": "count",
    "PARKED": "parked",
    "PARKED_SWEEP": "sweep#parked",
    "SHARDS": 64,
}


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


def test_keys_have_the_shapes_they_had() -> None:
    assert list(ONE_OF_EACH) == list(ONE_OF_EACH.values())
    assert {name: getattr(keys, name) for name in CONSTANTS} == CONSTANTS


def test_every_function_of_a_key_is_looked_at() -> None:
    """Those that take a key apart are not of interest here."""
    named = {name for name, one in vars(keys).items() if callable(one) and one.__module__ == keys.__name__}
    assert len(named - {"wallet_parts", "payment_parts", "sidecar_name"}) == len(ONE_OF_EACH)
