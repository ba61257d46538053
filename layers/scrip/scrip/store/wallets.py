"""Reads a wallet, and whatever else of its partition a decision needs. It writes nothing (see ``commit``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import LotOrder, Unit
from scrip.domain.wallets.notices import SPANS
from scrip.domain.wallets.wallet import (
    Due,
    KeyRun,
    Name,
    Need,
    NeedBlock,
    NeedBlocks,
    NeedDue,
    NeedFront,
    NeedPage,
    NeedRun,
    NeedSidecars,
    Page,
    Sidecar,
    Snapshot,
    Wallet,
)
from scrip.store import documents, items, keys
from scrip.store.tables import Item, Tables

DUE_PAGE: Final = 1000
"""Due items asked for at a time, where all that are due are read: more are rarely due at once."""


def load(tables: Tables, account: str, unit: str, order: LotOrder) -> Wallet:
    """Returns the wallet as it is now, read consistently.

    A wallet that has no item yet is empty, at version 0, and takes its lots in ``order``.
    """
    item = tables.get(tables.wallets, keys.wallet(account, unit), keys.WALLET)
    return items.read_wallet(item) if item else Wallet(account, unit, order)


@dataclass(frozen=True, slots=True)
class WithCatalogue:
    """A wallet, and the part of the catalogue by which it is decided.

    Attributes:
        item: the wallet item; None where there is none yet.
        unit: the unit and its rev; None where there is no such unit.
        rates: the versions of the rate cards that exist, by meter.
    """

    account: str
    item: Item | None
    unit: tuple[Unit, int] | None
    rates: Mapping[str, Sequence[RateVersion]]

    def wallet(self, unit: Unit) -> Wallet:
        """Returns the wallet; an empty one with the unit's order where there is no item yet."""
        return (
            items.read_wallet(self.item)
            if self.item
            else Wallet(self.account, unit.unit, unit.policy.lot_order)
        )


def load_with_catalogue(
    tables: Tables, account: str, unit_id: str, meters: Sequence[str] = ()
) -> WithCatalogue:
    """Reads the wallet, its unit and the rate cards of these meters in one consistent batch."""
    unit_key, wallet_key = (keys.unit(unit_id), keys.HEAD), (keys.wallet(account, unit_id), keys.WALLET)
    rate_keys = {meter: (keys.rate(meter), keys.HEAD) for meter in meters}
    found = tables.get_many(tables.wallets, [unit_key, wallet_key, *rate_keys.values()])
    rates = {
        meter: documents.read_rates(meter, found[key]) for meter, key in rate_keys.items() if key in found
    }
    return WithCatalogue(
        account, found.get(wallet_key), documents.read_unit(unit_id, found.get(unit_key)), rates
    )


def load_many(tables: Tables, wallets: Iterable[tuple[str, str]]) -> list[Wallet]:
    """Returns those of these wallets (account, unit) that exist, in no particular order."""
    wanted = [(keys.wallet(account, unit), keys.WALLET) for account, unit in wallets]
    return [items.read_wallet(item) for item in tables.get_many(tables.wallets, wanted).values()]


def missing(tables: Tables, account: str, unit: str) -> bool:
    """Tells whether there is no such wallet, read consistently."""
    return tables.get(tables.wallets, keys.wallet(account, unit), keys.WALLET) is None


def is_missing(tables: Tables, account: str, unit: str) -> Item:
    """Returns the transact item that holds only where there is no such wallet."""
    return {
        "ConditionCheck": {
            "TableName": tables.wallets,
            "Key": items.key(keys.wallet(account, unit), keys.WALLET),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }


def provide(tables: Tables, snapshot: Snapshot, need: Need) -> None:
    """Reads into the snapshot what a decision needs.

    It is read consistently and after the wallet, so it belongs to the wallet's version or to a later one. If it is a
    later one, the commit's condition on the version fails, and nothing that was decided on it is ever written.
    """
    pk = keys.wallet(snapshot.wallet.account, snapshot.wallet.unit)
    match need:
        case NeedFront(count=count):
            pages = [items.read_page(item) for item in tables.query_wallet(pk, keys.PAGE, count)]
            _add(snapshot, pages)
            snapshot.front = len(pages)
            snapshot.complete = not count or len(pages) < count
        case NeedPage(key=key, spanning=spanning):
            page = _covering(tables, pk, key)
            _add(snapshot, [page])
            snapshot.covering[key] = page.key
            if spanning:
                snapshot.spans.append((min(key, page.key), page.key, _following(tables, pk, page.key)))
        case NeedDue():
            dues, snapshot.due_limit = _dues(tables, pk, need)
            snapshot.dues = tuple(dues)
            missing = {due.page for due in dues if due.page} - set(snapshot.pages)
            found = tables.get_many(tables.wallets, [(pk, keys.page(key)) for key in sorted(missing)])
            _add(snapshot, [items.read_page(item) for item in found.values()])
        case NeedBlock(number=None):
            for item in tables.query_wallet(pk, keys.EXHAUSTED):
                snapshot.blocks[_block_number(item["sk"]["S"])] = items.read_block(item)
            snapshot.all_blocks = True
        case NeedBlock(number=int(number)):
            block = tables.get(tables.wallets, pk, keys.exhausted(number))
            snapshot.blocks[number] = items.read_block(block) if block else {}
        case NeedRun():
            _read_on(tables, pk, snapshot, need)
        case NeedBlocks(numbers=numbers):
            found = tables.get_many(tables.wallets, [(pk, keys.exhausted(number)) for number in numbers])
            for number in numbers:
                block = found.get((pk, keys.exhausted(number)))
                snapshot.blocks[number] = items.read_block(block) if block else {}
        case NeedSidecars(names=names):
            known = sidecars(tables, snapshot.wallet, names)
            snapshot.sidecars.update((name, known.get(name)) for name in names)
        case _:
            raise need


def _dues(tables: Tables, pk: str, need: NeedDue) -> tuple[list[Due], int]:
    """Returns the due items that are needed, and how many were asked for: more where there are no others."""
    if need.until is None:
        return need.cut([items.read_due(item) for item in tables.query_wallet(pk, keys.DUE, need.limit)])
    dues: list[Due] = []
    for page in tables.pages(
        TableName=tables.wallets,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues={":pk": items.s(pk), ":prefix": items.s(keys.DUE)},
        ConsistentRead=True,
        Limit=DUE_PAGE,
    ):
        dues += map(items.read_due, page)
        if dues and dues[-1].at > need.until:
            return dues, len(dues)
    return dues, len(dues) + 1


def sidecars(tables: Tables, wallet: Wallet, names: Iterable[Name]) -> dict[Name, Sidecar]:
    """Returns those of these sidecars of a wallet that exist, by their names. Spans of notices are its unit's."""
    pk, of_unit = keys.wallet(wallet.account, wallet.unit), keys.spans(wallet.unit)
    wanted = [(of_unit if name[0] == SPANS else pk, keys.sidecar(*name)) for name in names]
    found = tables.get_many(tables.wallets, wanted)
    return {keys.sidecar_name(sk): items.read_sidecar(item) for (_, sk), item in found.items()}


def units_with(tables: Tables, account: str, units: Sequence[str], name: Name) -> dict[str, Sidecar]:
    """Returns this sidecar of each of the account's wallets that has one, by the wallet's unit."""
    at = {(keys.wallet(account, unit), keys.sidecar(*name)): unit for unit in units}
    found = tables.get_many(tables.wallets, list(at))
    return {at[key]: items.read_sidecar(item) for key, item in found.items()}


def _add(snapshot: Snapshot, pages: Iterable[Page]) -> None:
    """Adds pages to the snapshot, by their keys."""
    snapshot.pages.update((page.key, page) for page in pages)


def _read_on(tables: Tables, pk: str, snapshot: Snapshot, need: NeedRun) -> None:
    """Reads the next items of a run into the snapshot."""
    # Pages, due items and blocks have keys that begin with their kind, as those of sidecars do.
    prefix = keys.sidecar(need.kind, "")
    known = snapshot.runs.get((need.kind, need.after), KeyRun())
    first = need.after
    if need.kind == "page" and first and not known.keys:
        page = _covering(tables, pk, first)
        _add(snapshot, [page])
        known = KeyRun((page.key,))
    if known.keys or (need.kind not in ("page", "rest") and first):
        # A run of blocks begins with the one that is named, what goes on begins behind it. No key has a space in it.
        first = (known.keys[-1] if known.keys else first) + " "
    found = tables.query(
        need.count,
        TableName=tables.wallets,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":pk": {"S": pk},
            ":first": {"S": prefix + first},
            ":last": {"S": prefix + "~"},
        },
        ConsistentRead=True,
    )
    dues: list[Due] = []
    match need.kind:
        case "page":
            _add(snapshot, map(items.read_page, found))
        case "due":
            dues = [items.read_due(item) for item in found]
        case "hold" | "allowance":
            snapshot.sidecars.update(
                (keys.sidecar_name(item["sk"]["S"]), items.read_sidecar(item)) for item in found
            )
        case "rest":
            snapshot.blocks.update((_block_number(item["sk"]["S"]), items.read_block(item)) for item in found)
    ended = len(found) < need.count
    snapshot.all_blocks |= need.kind == "rest" and not need.after and ended
    read = tuple(item["sk"]["S"].removeprefix(prefix) for item in found)
    snapshot.runs[need.kind, need.after] = KeyRun((*known.keys, *read), ended, (*known.dues, *dues))


def _block_number(sk: str) -> int:
    return int(sk.removeprefix(keys.EXHAUSTED))


def _following(tables: Tables, pk: str, key: str) -> str | None:
    """Returns the key of the page after the page ``key``; None where that is the last."""
    # The character after the key: keys are hexadecimal, and no key begins with another.
    found = tables.query(
        1,
        TableName=tables.wallets,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":pk": {"S": pk},
            ":first": {"S": keys.page(key) + "!"},
            ":last": {"S": keys.page("~")},
        },
        ConsistentRead=True,
    )
    return items.read_page(found[0]).key if found else None


def _covering(tables: Tables, pk: str, key: str) -> Page:
    """Returns the last page whose key is not after ``key``; the first page where all of them are."""
    found = tables.query(
        1,
        TableName=tables.wallets,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :key",
        ExpressionAttributeValues={
            ":pk": {"S": pk},
            ":first": {"S": keys.PAGE},
            ":key": {"S": keys.page(key)},
        },
        ScanIndexForward=False,
        ConsistentRead=True,
    )
    return items.read_page((found or tables.query_wallet(pk, keys.PAGE, 1))[0])
