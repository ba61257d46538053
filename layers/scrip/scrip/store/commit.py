"""One decision, one TransactWriteItems: the wallet where its version is the one seen, each entry where it does not
exist, and whatever else the decision changed. All of it is written, or nothing."""

from __future__ import annotations

import uuid
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.limits import BLOCK_SEQS
from scrip.domain.credits.lot_codec import pack
from scrip.domain.credits.lots import Lot
from scrip.domain.wallets.draft import Decision
from scrip.domain.wallets.wallet import Wallet
from scrip.store import items, keys
from scrip.store.tables import THROTTLING, Item, Tables, refusals


@dataclass(frozen=True, slots=True)
class Committed:
    """It is written."""


@dataclass(frozen=True, slots=True)
class Existing:
    """These of the keys asked for have entries already."""

    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody else wrote first. The wallet is now this one; None if it must be read."""

    wallet: Wallet | None


@dataclass(frozen=True, slots=True)
class Stale:
    """An item beside the wallet is not as it was read: the one at this place in ``beside``."""

    index: int


@dataclass(frozen=True, slots=True)
class Busy:
    """Another transaction was at it, or (``throttled``) the table could not take more just now."""

    throttled: bool


Outcome = Committed | Existing | Moved | Stale | Busy
ALL_OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def commit(
    tables: Tables, decision: Decision, beside: Sequence[Item] = (), asked: Container[str] = ()
) -> Outcome:
    """Writes the decision, and the items ``beside`` it (transact items, each with its own condition).

    Args:
        asked: ids of entries that callers asked for. That one of these exists is an answer; that another does (time
            has made it, for somebody else) only shows that the wallet has moved.

    Raises:
        Throttled, Unavailable: whether it was written is not known; the caller's own retry will meet its entry.
    """
    writes: list[Any] = writes_of(tables, decision)
    first_beside = len(writes)
    writes += beside
    try:
        with refusals():
            tables.client.transact_write_items(TransactItems=writes, ClientRequestToken=str(uuid.uuid4()))
    except ClientError as error:
        if error.response["Error"]["Code"] != "TransactionCanceledException":
            raise
        reasons: Any = error.response.get("CancellationReasons", [])
        return _outcome(reasons, 1 + len(decision.entries), first_beside, asked)
    return Committed()


def writes_of(tables: Tables, decision: Decision) -> list[Item]:
    """The transact items of a decision: the wallet, its entries, what lies beside it."""
    entries = [_entry(tables, entry) for entry in decision.entries]
    return [_wallet(tables, decision), *entries, *_beside_wallet(tables, decision)]


def _outcome(reasons: Sequence[Item], first_other: int, first_beside: int, asked: Container[str]) -> Outcome:
    """What a cancelled transaction says. The entries' own reasons are believed first: they make replays."""
    codes = [reason.get("Code", "None") for reason in reasons]
    known = [
        items.read_entry_item(reason["Item"])
        for reason, code in zip(reasons[1:first_other], codes[1:first_other], strict=True)
        if code == "ConditionalCheckFailed" and reason["Item"]["sk"]["S"] in asked
    ]
    if known:
        return Existing(known)
    if codes[0] == "ConditionalCheckFailed":
        return Moved(items.read_wallet(reasons[0]["Item"]) if "Item" in reasons[0] else None)
    for index, code in enumerate(codes[first_beside:]):
        if code == "ConditionalCheckFailed":
            return Stale(index)
    if "ConditionalCheckFailed" in codes:
        return Moved(None)
    if any(code in THROTTLING for code in codes):
        return Busy(throttled=True)
    if "TransactionConflict" in codes:
        return Busy(throttled=False)
    raise ValueError(f"the transaction was cancelled: {codes}")


def _wallet(tables: Tables, decision: Decision) -> Item:
    put: Item = {"TableName": tables.wallets, "Item": items.wallet_item(decision.wallet), **ALL_OLD}
    if decision.seen:
        put["ConditionExpression"] = "version = :seen"
        put["ExpressionAttributeValues"] = {":seen": items.n(decision.seen)}
    else:
        put["ConditionExpression"] = "attribute_not_exists(pk)"
    return {"Put": put}


def _entry(tables: Tables, entry: Entry) -> Item:
    put = {
        "TableName": tables.ledger,
        "Item": items.entry_item(entry),
        "ConditionExpression": "attribute_not_exists(pk)",
        **ALL_OLD,
    }
    return {"Put": put}


def _beside_wallet(tables: Tables, decision: Decision) -> list[Item]:
    """What lies beside the wallet item in its partition, guarded by the wallet's version."""
    table, pk = tables.wallets, keys.wallet(decision.wallet.account, decision.wallet.unit)

    def put(item: Item) -> Item:
        return {"Put": {"TableName": table, "Item": item}}

    def delete(sk: str) -> Item:
        return {"Delete": {"TableName": table, "Key": items.key(pk, sk)}}

    writes = [
        put(items.page_item(pk, page)) if page else delete(keys.page(key))
        for key, page in decision.pages.items()
    ]
    writes += [
        put(items.due_item(pk, due)) if due else delete(keys.due(at, what))
        for (at, what), due in decision.dues.items()
    ]
    writes += [
        put(items.sidecar_item(pk, name, sidecar)) if sidecar is not None else delete(keys.sidecar(*name))
        for name, sidecar in decision.sidecars.items()
    ]
    blocks: dict[int, dict[int, Lot | None]] = {}
    for seq, lot in decision.exhausted.items():
        blocks.setdefault(seq // BLOCK_SEQS, {})[seq] = lot
    return writes + [
        _block(table, items.key(pk, keys.exhausted(block)), lots) for block, lots in blocks.items()
    ]


def _block(table: str, key: Item, lots: dict[int, Lot | None]) -> Item:
    """Lots come to rest in their block, and leave it, without the block being read."""
    puts = {seq: lot for seq, lot in lots.items() if lot}
    drops = [seq for seq, lot in lots.items() if not lot]
    parts = []
    if puts:
        parts.append("SET " + ", ".join(f"lot{seq} = :{seq}" for seq in puts))
    if drops:
        parts.append("REMOVE " + ", ".join(f"lot{seq}" for seq in drops))
    update: Item = {"TableName": table, "Key": key, "UpdateExpression": " ".join(parts)}
    if puts:
        update["ExpressionAttributeValues"] = {f":{seq}": items.b(pack((lot,))) for seq, lot in puts.items()}
    return {"Update": update}
