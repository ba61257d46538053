"""Whoever listens on the bus: keeps the ids that it has seen, and so has each event once, those of a wallet by ``seq``.

What must never be: an event of an entry that nobody committed, or that says something else than the entry; one entry
under two ids, or one id for two; the same event in other words the next time; and, once all is read, an entry without.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from scrip.domain.credits.entries import Entry
from scrip.store import items, keys
from simulation.books import LawBroken
from simulation.bus import Bus
from simulation.crossings import Crossings
from simulation.dynamodb import Change
from simulation.requests import UNITS

Json = dict[str, Any]
Place = tuple[str, str, int]
"""Account, unit, and the entry's ``seq``."""
SEEN: list[Callable[[Json], None]] = []
"""Who else is shown each event: tests hold it against its schema."""


class Listener:
    """The bus, what it took, and what it must have taken by now.

    Args:
        refuses: says of each event whether the bus is too busy for it.
        burns: whether burns have events; None: nothing has.
    """

    def __init__(self, refuses: Callable[[], bool], burns: bool | None) -> None:
        self.bus = Bus(refuses, self._heard)
        self.crossings = Crossings({unit.unit: unit.precision for unit in UNITS})
        self.burns = burns
        self._hashes: dict[Place, str] = {}
        """Of each entry that was committed, and of which an event is to come or has come."""
        self.untold: dict[Place, str] = {}
        """Places of entries that have none yet, each with the entry's id."""
        self._untold_rows: set[tuple[str, str]] = set()
        self._ids: dict[str, Place] = {}
        self._texts: dict[str, int] = {}
        self._told: dict[Place, str] = {}

    def wrote(self, changes: Sequence[Change]) -> None:
        """Takes entries that were committed at once."""
        if self.burns is None:
            return
        for table, row, before, after in changes:
            # A unit's, of which the partition's key has one part; an account's own has two.
            kind, *of = row[0].split("#")
            if table == "wallets" and after and (kind, row[1], len(of)) == ("alerts", keys.HEAD, 1):
                self.crossings.put(of[0], after["body"]["S"])
            if table == "ledger" and before is None and after is not None:
                entry = items.read_entry_item(after)
                self.crossings.wrote(entry)
                if self.burns or entry.kind != "burn":
                    place = place_of(entry)
                    self._hashes[place] = entry.hash().hex()
                    self.untold[place] = entry.id
                    self._untold_rows.add(row)

    def is_read(self, records: Sequence[Any]) -> None:
        """The reader goes on behind these records: what follows from them is told, and never asked for again."""
        for record in records:
            pk, sk = record["dynamodb"]["Keys"]["pk"]["S"], record["dynamodb"]["Keys"]["sk"]["S"]
            if (pk, sk) in self._untold_rows:
                raise LawBroken(4, f"entry {sk} of {pk} is read, and never told")

    def closes(self, account: str, unit: str) -> None:
        """A wallet is no more: all of it has been told, and its entries have their numbers."""
        self.crossings.end(account, unit)
        here = [place for place in self.untold if place[:2] == (account, unit)]
        if here:
            raise LawBroken(4, f"{len(here)} entries of {account} are never told")
        seqs = sorted(seq for *wallet, seq in self._told if wallet == [account, unit])
        if self.burns and seqs != list(range(1, len(seqs) + 1)):
            raise LawBroken(4, f"the events of {account} are not one for each entry")

    def end(self) -> None:
        """All has been read: each entry was told."""
        if self.untold:
            raise LawBroken(4, f"{len(self.untold)} entries are never told")
        self.crossings.end()

    def _heard(self, event: Json) -> None:
        for shown in SEEN:
            shown(event)
        if event["type"].startswith("scrip.balance."):
            self.crossings.heard(event)
        if not event["type"].startswith("scrip.entry."):
            return
        data, id_ = event["data"], event["id"]
        place = (data["account"], data["unit"], data["seq"])
        if place not in self._hashes:
            raise LawBroken(
                4, f"{event['type']} of {place} is told, which nobody committed, or nobody wanted told"
            )
        if data["hash"] != self._hashes[place] or event["type"] != f"scrip.entry.{data['kind']}":
            raise LawBroken(4, f"the event of {place} does not say what the entry says")
        if self._ids.setdefault(id_, place) != place:
            raise LawBroken(4, f"the event of {place} has the id of {self._ids[id_]}")
        if self._told.setdefault(place, id_) != id_:
            raise LawBroken(4, f"the event of {place} has two ids")
        text = hash(json.dumps(event))
        if self._texts.setdefault(id_, text) != text:
            raise LawBroken(4, f"the event of {place} is told again in other words")
        if place in self.untold:
            self._untold_rows.discard((keys.wallet(*place[:2]), self.untold.pop(place)))


def place_of(entry: Entry) -> Place:
    return entry.account, entry.unit, entry.seq
