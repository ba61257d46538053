"""Commits one decision in one ``TransactWriteItems``.

The transaction puts the wallet where its version is the one that was seen, each entry where it does not exist, and
whatever else the decision changed. DynamoDB writes all of it or nothing. This module does not decide anything, and it
does not try again: the caller reads the outcome.
"""

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
from scrip.store import items, keys, lists
from scrip.store.tables import THROTTLING, Item, Tables, refusals


@dataclass(frozen=True, slots=True)
class Committed:
    """The outcome: everything was written."""


@dataclass(frozen=True, slots=True)
class Existing:
    """The outcome: nothing was written, because these of the entries asked for exist already."""

    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Moved:
    """The outcome: nothing was written, because another writer changed the wallet first.

    ``wallet`` is the wallet as it is now; None where it has to be read.
    """

    wallet: Wallet | None


@dataclass(frozen=True, slots=True)
class Stale:
    """The outcome: nothing was written, because an item beside the wallet is not as it was read.

    ``index`` is the number of that item in ``beside``.
    """

    index: int


@dataclass(frozen=True, slots=True)
class Busy:
    """The outcome: nothing was written, because another transaction was at work on an item.

    ``throttled`` says that the table could not take more at that moment instead.
    """

    throttled: bool


Outcome = Committed | Existing | Moved | Stale | Busy
ALL_OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def commit(
    tables: Tables, decision: Decision, beside: Sequence[Item] = (), asked: Container[str] = ()
) -> Outcome:
    """Writes the decision, and the transact items ``beside`` it, each with its own condition.

    Args:
        asked: ids of entries that callers asked for. If one of these exists, the answer is ``Existing``. If
            another entry exists (time made it, for somebody else), the answer is ``Moved``.

    Raises:
        Throttled, Unavailable: it is not known whether the decision was written. If the caller retries with the
            same key, it finds the entry.
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
    """Returns the transact items of a decision: the wallet, its entries, then the other items of its partition.

    The last of all list the wallet, where no list has it yet.
    """
    entries = [_entry(tables, entry) for entry in decision.entries]
    writes = [_wallet(tables, decision), *entries, *_beside_wallet(tables, decision)]
    if not decision.listed:
        writes += lists.of_wallet(tables, decision.wallet.account, decision.wallet.unit)
    return writes


def _outcome(reasons: Sequence[Item], first_other: int, first_beside: int, asked: Container[str]) -> Outcome:
    """Returns the outcome that a cancelled transaction's reasons stand for.

    Reasons of the entries that were asked for are read first, because they make the request a replay.
    """
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
    """Returns the put of the wallet item, on the condition that its version is the one seen."""
    put: Item = {"TableName": tables.wallets, "Item": items.wallet_item(decision.wallet), **ALL_OLD}
    if decision.seen:
        put["ConditionExpression"] = "version = :seen"
        put["ExpressionAttributeValues"] = {":seen": items.n(decision.seen)}
    else:
        put["ConditionExpression"] = "attribute_not_exists(pk)"
    return {"Put": put}


def _entry(tables: Tables, entry: Entry) -> Item:
    """Returns the put of a ledger row, on the condition that there is none with its id."""
    put = {
        "TableName": tables.ledger,
        "Item": items.entry_item(entry),
        "ConditionExpression": "attribute_not_exists(pk)",
        **ALL_OLD,
    }
    return {"Put": put}


def _beside_wallet(tables: Tables, decision: Decision) -> list[Item]:
    """Returns the writes of pages, due items, sidecars and blocks.

    They have no condition of their own: the condition on the wallet's version guards its whole partition (decision
    0002).
    """
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
    """Returns the update that puts exhausted lots into their block and takes others out, without reading the block."""
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
