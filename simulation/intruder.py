"""Somebody who changes or deletes rows of the ledger past Scrip, the stream that tells of it, and a person who puts
them right (law 4)."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping
from typing import Any, Final

from scrip.domain.credits.errors import Unavailable
from scrip.services.verification import integrity, wallets
from scrip.store import keys
from scrip.store.tables import Tables
from simulation.books import LawBroken, WalletBook
from simulation.expressions import Item
from simulation.tables import ItemKey, Table

BATCH: Final = 10
"""Records that the function is given at once."""
REMEMBERED: Final = 20
"""Records that may come again long after they were kept."""
DELIVERIES: Final = 200
"""Tries after which it shows that a record never will be kept."""


class Stream:
    """Records in their order. A batch comes until the function is through with it and that is known: so again and again
    where it dies, cannot leave its evidence, or was not heard.

    ``evidence``: what was left, in order.
    """

    def __init__(self) -> None:
        self.evidence: list[str] = []
        self._waiting: list[Item] = []
        self._told: list[Item] = []

    def tell(self, record: Item) -> None:
        self._waiting.append(record)
        self._told = [*self._told, record][-REMEMBERED:]

    def again(self, dice: random.Random) -> None:
        """Up to where it was read is forgotten: some of what came comes once more."""
        came = len(self._told) - len(self._waiting)
        self._waiting = self._told[dice.randrange(came + 1) :]

    def deliver(self, dice: random.Random) -> None:
        """One batch to one process of the function."""

        def leave(text: str) -> None:
            heard = dice.random()
            if heard < 0.95:
                self.evidence.append(text)
            if heard > 0.9:
                raise Unavailable("the queue does not answer")

        batch = self._waiting[:BATCH]
        for record in batch:
            if dice.random() < 0.1:
                return
            try:
                touched = integrity.keep_evidence(record, leave)
            except Unavailable:
                return
            said = (keys.wallet(touched.account, touched.unit), touched.entry_id)
            if said != _key_of(record) or touched.what not in ("changed", "deleted"):
                raise LawBroken(4, f"a record of {_key_of(record)} was told as {touched}")
        if dice.random() < 0.9:
            del self._waiting[: len(batch)]


class Intruder:
    """With rights to the ledger, and to nothing else."""

    def __init__(self, ledger: Table) -> None:
        self._ledger = ledger
        self._stream = Stream()
        self._events = 0

    def comes(self, tables: Tables, draft: WalletBook, now: int, dice: random.Random) -> str:
        """Writes to a row of a wallet; it is found, told, and put back as it was. Raises ``LawBroken``."""
        row = draft.rows[dice.choice(list(draft.rows))]
        key = (keys.wallet(draft.account, draft.unit), row.entry.id)
        was = self._ledger.get(key)
        assert was is not None
        event = self._write(key, None if dice.random() < 0.5 else _changed(was, dice), now)
        found = wallets.check_wallet(tables, draft.account, draft.unit).discrepancies
        if all(finding.seq != row.entry.seq for finding in found):
            raise LawBroken(4, f"entry {row.entry.seq} of {key[0]} was tampered with, and is not found")
        if dice.random() < 0.3:
            self._stream.again(dice)
        self._write(key, self._kept(event, dice), now)
        if self._ledger.get(key) != was:
            raise LawBroken(4, f"what was kept of entry {row.entry.seq} of {key[0]} is not what it was")
        if found := wallets.check_wallet(tables, draft.account, draft.unit).discrepancies:
            raise LawBroken(4, f"{key[0]} was put right, and is not sound: {found[0].what}")
        return "done"

    def _write(self, key: ItemKey, after: Item | None, now: int) -> str:
        """Past Scrip, and past everybody who looks at its writes; the stream's name for it."""
        before = self._ledger.get(key)
        self._ledger.set(key, after, now)
        self._events += 1
        event = f"e{self._events}"
        if before is not None:
            told = {"Keys": {"pk": {"S": key[0]}, "sk": {"S": key[1]}}, "OldImage": _json(before)}
            more = {"NewImage": _json(after)} if after else {}
            name = "MODIFY" if after else "REMOVE"
            self._stream.tell({"eventID": event, "eventName": name, "dynamodb": {**told, **more}})
        return event

    def _kept(self, event: str, dice: random.Random) -> Item:
        """What the row was, by the evidence."""
        for _ in range(DELIVERIES):
            for record in map(json.loads, reversed(self._stream.evidence)):
                if record["eventID"] == event:
                    del self._stream.evidence[:-REMEMBERED]
                    return as_written(record["dynamodb"]["OldImage"])
            self._stream.deliver(dice)
        raise LawBroken(4, f"nothing was kept of the row of {event}")


def _changed(was: Item, dice: random.Random) -> Item:
    """A row with something else in it."""
    name = dice.choice(("body", "hash", "prev", "kind", "tl"))
    if "records" in was and dice.random() < 0.5:
        name = "records"
    if "B" in was[name]:
        return {**was, name: {"B": bytes(reversed(was[name]["B"])) + b"!"}}
    return {**was, name: {"S": was[name]["S"].replace("0", "1", 1) + dice.choice((" ", "x"))}}


def _key_of(record: Mapping[str, Any]) -> ItemKey:
    key = record["dynamodb"]["Keys"]
    return key["pk"]["S"], key["sk"]["S"]


def _json(item: Item) -> Item:
    """As a function is given it: bytes as base64."""
    return {
        name: {"B": base64.b64encode(value["B"]).decode()} if "B" in value else value
        for name, value in item.items()
    }


def as_written(image: Mapping[str, Any]) -> Item:
    """The row that a record of the stream has an image of, in which bytes are base64."""
    return {
        name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in image.items()
    }
