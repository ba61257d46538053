"""Turns wallets, pages, due items, blocks, sidecars and entries into DynamoDB items, and back.

It owns the names of their attributes. It reads and writes no table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from scrip.domain.credits.entries import Entry, Totals, chain, read_entry
from scrip.domain.credits.lot_codec import pack, unpack
from scrip.domain.credits.lots import Lot
from scrip.domain.wallets.funds_codec import pack_funds, unpack_funds
from scrip.domain.wallets.wallet import Due, Page, Wallet
from scrip.store import keys
from scrip.store.tables import Item

if TYPE_CHECKING:
    from scrip.domain.credits.records import Records

LAG: Final = "r"
"""By how many milliseconds the last entry was recorded after its instant; left out where there are none. As short as
the next name, for the same reason."""
BASE: Final = "b"
SHOWS_BASE: Final = "w"
"""The wallet's base, and that its entries show it. As short for the same reason."""
PACE: Final = "p"
"""What it has spent of late; where its unit has a breaker. As short for the same reason."""
RECORDS: Final = "records"
"""The single uses that an entry books together, deflated."""
LISTED: Final = "l"
"""Says that lists have the wallet. The name is short: every burn writes it, and the item stays under 1 KB."""
NOTICED: Final = 2
OWN_NOTICES: Final = 4
BUDGETED: Final = 8
OWN_RATES: Final = 16
"""What is added there of a wallet with lots of whose ends somebody is to be told, of one whose account has notices or
rate cards of its own, and of one with budgets: so that costs a byte at most."""


def s(text: str) -> dict[str, Any]:
    """Returns a text as an attribute value."""
    return {"S": text}


def n(number: int) -> dict[str, Any]:
    """Returns a whole number as an attribute value."""
    return {"N": str(number)}


def b(data: bytes) -> dict[str, Any]:
    """Returns bytes as an attribute value."""
    return {"B": data}


def key(pk: str, sk: str) -> Item:
    """Returns the key of an item as attribute values."""
    return {"pk": s(pk), "sk": s(sk)}


def integer(item: Item, name: str) -> int:
    """Returns the number in an attribute. Raises ``KeyError`` where it is missing."""
    return int(item[name]["N"])


def optional_integer(item: Item, name: str) -> int | None:
    """Returns the number in an attribute; None where it is missing."""
    return int(item[name]["N"]) if name in item else None


def wallet_item(wallet: Wallet) -> Item:
    """Returns the wallet item. It has a ``shard``, and so a place in the index ``due``, only with a ``sweep_at``."""
    pk = keys.wallet(wallet.account, wallet.unit)
    item = {
        **key(pk, keys.WALLET),
        "version": n(wallet.version),
        "at": n(wallet.at),
        "head": b(wallet.head),
        "status": s(wallet.status),
        "order": s(wallet.order),
        "paged": n(wallet.paged),
        "window": b(pack(wallet.window)),
        **{name: n(number) for name, number in wallet.totals._asdict().items()},
    }
    if wallet.funds is not None:
        item["funds"] = b(pack_funds(wallet.funds))
    if wallet.recorded_at > wallet.at:
        item[LAG] = n(wallet.recorded_at - wallet.at)
    if wallet.base is not None:
        item[BASE] = n(wallet.base)
    if wallet.shows_base:
        item[SHOWS_BASE] = s("1")
    if wallet.pace:
        item[PACE] = b(wallet.pace)
    if wallet.listed:
        flags = NOTICED * wallet.noticed + OWN_NOTICES * wallet.own_notices + BUDGETED * wallet.budgeted
        item[LISTED] = s(str(1 + flags + OWN_RATES * wallet.own_rates))
    if wallet.due_at is not None:
        item["due_at"] = n(wallet.due_at)
    if wallet.sweep_at is not None:
        item["shard"] = s(keys.shard(pk))
        item["sweep_at"] = n(wallet.sweep_at)
    return item


def read_wallet(item: Item) -> Wallet:
    """Reads a wallet item; raises one of ``UNREADABLE`` where it is not as ``wallet_item`` writes it."""
    account, unit = keys.wallet_parts(item["pk"]["S"])
    at = integer(item, "at")
    flags = int(item[LISTED]["S"]) if LISTED in item else 0
    return Wallet(
        account=account,
        unit=unit,
        order=item["order"]["S"],
        version=integer(item, "version"),
        at=at,
        head=bytes(item["head"]["B"]),
        status=item["status"]["S"],
        totals=Totals(*(integer(item, name) for name in Totals._fields)),
        window=tuple(unpack(bytes(item["window"]["B"]))),
        paged=integer(item, "paged"),
        due_at=optional_integer(item, "due_at"),
        sweep_at=optional_integer(item, "sweep_at"),
        funds=unpack_funds(bytes(item["funds"]["B"])) if "funds" in item else None,
        listed=LISTED in item,
        recorded_at=at + (optional_integer(item, LAG) or 0),
        base=optional_integer(item, BASE),
        shows_base=SHOWS_BASE in item,
        noticed=bool(flags & NOTICED),
        own_notices=bool(flags & OWN_NOTICES),
        own_rates=bool(flags & OWN_RATES),
        pace=bytes(item[PACE]["B"]) if PACE in item else b"",
        budgeted=bool(flags & BUDGETED),
    )


def page_item(pk: str, page: Page) -> Item:
    """Returns the item of a page, its lots packed."""
    item = {**key(pk, keys.page(page.key)), "lots": b(pack(page.lots))}
    if page.due_at is not None:
        item["due_at"] = n(page.due_at)
    return item


def read_page(item: Item) -> Page:
    """Reads the item of a page. Its key is in the item's sort key."""
    return Page(
        key=item["sk"]["S"].removeprefix(keys.PAGE),
        lots=tuple(unpack(bytes(item["lots"]["B"]))),
        due_at=optional_integer(item, "due_at"),
    )


def due_item(pk: str, due: Due) -> Item:
    """Returns a due item, with its packed lot if it is that of a pending lot."""
    item = key(pk, keys.due(due.at, due.what))
    if due.lot:
        item["lot"] = b(pack((due.lot,)))
    return item


def read_due(item: Item) -> Due:
    """Reads a due item. Its instant and its subject are in the item's sort key."""
    _, at, what = item["sk"]["S"].split("#")
    return Due(int(at), what, unpack(bytes(item["lot"]["B"]))[0] if "lot" in item else None)


def sidecar_item(pk: str, name: tuple[str, str], sidecar: Mapping[str, Any]) -> Item:
    """Returns the item of a sidecar, its members as one JSON text."""
    return {**key(pk, keys.sidecar(*name)), "body": s(json.dumps(sidecar, ensure_ascii=False))}


def read_sidecar(item: Item) -> Mapping[str, Any]:
    """Parses the JSON text of a sidecar's item."""
    sidecar: Mapping[str, Any] = json.loads(item["body"]["S"])
    return sidecar


def read_block(item: Item) -> dict[int, Lot]:
    """Returns the exhausted lots of a block, by sequence."""
    lots = [unpack(bytes(value["B"]))[0] for name, value in item.items() if name.startswith("lot")]
    return {lot.seq: lot for lot in lots}


def entry_item(entry: Entry) -> Item:
    """Returns the ledger row of an entry: its canonical JSON but for what its keys say, and both hashes.

    Kind and position are keys of the timeline.
    """
    canonical = entry.canonical()
    beside = {RECORDS: b(entry.records.packed)} if entry.records else {}
    return {
        **key(keys.wallet(entry.account, entry.unit), entry.id),
        "tl": s(keys.timeline(entry.at, entry.seq)),
        "kind": s(entry.kind),
        "body": s(entry.kept()),
        "prev": b(entry.previous_hash),
        "hash": b(chain(entry.previous_hash, canonical)),
        **beside,
    }


def read_entry_item(item: Item, *, records: bool = True) -> Entry:
    """Reads a ledger row as an entry, with or without its records, without checking its hash.

    Raises:
        One of ``UNREADABLE``: it is none.
    """
    named = named_by(item["pk"]["S"], item["sk"]["S"], item["tl"]["S"], item["kind"]["S"])
    found = read_records(item) if records else None
    return read_entry(item["body"]["S"], bytes(item["prev"]["B"]), found, named)


def named_by(pk: str, sk: str, timeline: str, kind: str) -> dict[str, Any]:
    """Returns what the keys of a ledger row say of its entry. Raises one of ``UNREADABLE`` where they are none."""
    account, unit = keys.wallet_parts(pk)
    return {"account": account, "at": int(timeline.partition(".")[0]), "id": sk, "kind": kind, "unit": unit}


def read_records(item: Item) -> Records | None:
    """Returns the records that a ledger row has; None where it has none."""
    if RECORDS not in item:
        return None
    # Imported where a row has them: no other request pays for it.
    from scrip.domain.credits.records import Records

    return Records(bytes(item[RECORDS]["B"]))
