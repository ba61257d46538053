"""Reads all items of a wallet's partition, for verification.

It assumes nothing about them: an item that cannot be read is reported, and raises no error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from scrip.domain.credits.entries import UNREADABLE
from scrip.domain.credits.lots import Lot
from scrip.domain.wallets.wallet import Due, Name, Page, Sidecar, Wallet
from scrip.store import items, keys
from scrip.store.tables import Item, Tables

T = TypeVar("T")


@dataclass(slots=True)
class StoredPartition:
    """A wallet item and the other items of its partition.

    Attributes:
        there: whether there is a wallet item; ``wallet`` is None also where that item cannot be read.
        shard: the partition of the index ``due`` that lists it; None: no one does.
        sidecars: those of the kinds that were asked for.
        beside: how many other items there are.
        unreadable: sort keys of items that cannot be read.
    """

    there: bool = False
    version: int = 0
    wallet: Wallet | None = None
    shard: str | None = None
    pages: list[Page] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    exhausted: list[Lot] = field(default_factory=list)
    sidecars: dict[Name, Sidecar] = field(default_factory=dict)
    beside: int = 0
    unreadable: list[str] = field(default_factory=list)

    @property
    def pending(self) -> list[Lot]:
        """Returns the lots that are not yet effective."""
        return [due.lot for due in self.dues if due.lot]

    @property
    def open(self) -> list[Lot]:
        """Returns the lots that can be burned, of the window and the pages."""
        assert self.wallet
        return [*self.wallet.window, *(lot for page in self.pages for lot in page.lots)]


def version(tables: Tables, account: str, unit: str) -> int:
    """Returns the wallet's present version; 0 where there is no wallet, or its item has no version."""
    item = tables.get(tables.wallets, keys.wallet(account, unit), keys.WALLET)
    return _version(item) if item else 0


def read(tables: Tables, account: str, unit: str, kinds: Sequence[str]) -> StoredPartition:
    """Reads the partition in one consistent query, with the sidecars of these kinds.

    The wallet item is the last of its partition. Where it still has the version that was read before the query, nothing
    was written in between, and all items belong to that version.
    """
    found = StoredPartition()
    request: dict[str, Any] = {
        "TableName": tables.wallets,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": items.s(keys.wallet(account, unit))},
        "ConsistentRead": True,
    }
    for page in tables.pages(**request):
        for item in page:
            _take(found, item, kinds)
    return found


def _take(found: StoredPartition, item: Item, kinds: Sequence[str]) -> None:
    """Adds an item to what was found, by the form of its sort key."""
    sk = item["sk"]["S"]

    def parsed(parse: Callable[[Item], T]) -> T | None:
        try:
            return parse(item)
        except UNREADABLE:
            found.unreadable.append(sk)
            return None

    if sk == keys.WALLET:
        found.there, found.version = True, _version(item)
        found.wallet = parsed(items.read_wallet)
        found.shard = item["shard"]["S"] if "sweep_at" in item and "shard" in item else None
        return
    found.beside += 1
    if sk.startswith(keys.PAGE):
        found.pages += [page] if (page := parsed(items.read_page)) else []
    elif sk.startswith(keys.DUE):
        found.dues += [due] if (due := parsed(items.read_due)) else []
    elif sk.startswith(keys.EXHAUSTED):
        found.exhausted += (parsed(items.read_block) or {}).values()
    elif (name := keys.sidecar_name(sk))[0] in kinds:
        sidecar: Mapping[str, Any] | None = parsed(items.read_sidecar)
        if sidecar is not None:
            found.sidecars[name] = sidecar


def _version(item: Item) -> int:
    """Returns the version in a wallet item; 0 where it has none."""
    return int(item.get("version", {}).get("N", 0))
