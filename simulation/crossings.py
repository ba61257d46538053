"""What becomes of available credits, worked out from the entries as they are committed, and held against what is told.

What must never be: a crossing that is told and was none, by the alerts in force when its entry was committed; one that
is told under two ids, or in other words the next time; and, once all is read, one that was not told. Alerts are known
from the versions that were written, bases from the kinds of entries.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile
from typing import Any, Final

from scrip.domain.credits.entries import Entry
from simulation.books import LawBroken

Json = dict[str, Any]
Place = tuple[str, str]
"""Account and unit."""
Told = tuple[str, int, str | None]
"""What happened, the entry's ``seq``, the threshold."""
RENEWING: Final = ("grant", "activation", "transfer_in", "rollover", "reinstatement")


@dataclass(frozen=True, slots=True)
class _Moved:
    """An entry, as far as its crossings go: available credits, and what percentages are of, before it and after it."""

    seq: int
    id: str
    recorded: int
    before: int
    after: int
    base: int
    base_after: int

    def crossed(self, thresholds: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        """Yields which thresholds it fell to, and which it rose above."""
        for threshold in thresholds:
            was_low, is_low = (
                _low(self.before, threshold, self.base),
                _low(self.after, threshold, self.base_after),
            )
            if self.after < self.before and is_low and not was_low:
                yield "low", threshold
            elif self.after > self.before and was_low and not is_low:
                yield "recovered", threshold


@dataclass(slots=True)
class _Wallet:
    """What is to be told of a wallet.

    Attributes:
        fell: the thresholds that it fell to and did not rise above since.
        unsure: those of which that depends on the version that was read.
        expected: the entries' ids of what must be told.
        allowed: those of what may be told.
    """

    base: int = 0
    moved: list[_Moved] = field(default_factory=list)
    fell: set[Any] = field(default_factory=set)
    unsure: set[Any] = field(default_factory=set)
    expected: dict[Told, str] = field(default_factory=dict)
    allowed: dict[Told, str] = field(default_factory=dict)
    told: set[Told] = field(default_factory=set)


class Crossings:
    """Every crossing that there was, and which of them were told.

    Args:
        precisions: of each unit.
    """

    def __init__(self, precisions: dict[str, int]) -> None:
        self._precisions = precisions
        self._versions: dict[str, list[tuple[int, list[Any]]]] = {}
        self._wallets: defaultdict[Place, _Wallet] = defaultdict(_Wallet)
        self._ids: dict[str, tuple[Place, Told]] = {}
        self._texts: dict[str, int] = {}

    def put(self, unit: str, body: str) -> None:
        """Takes a unit's alerts as they are written: the last version is new."""
        since, said = json.loads(body)["versions"][-1]
        now = said.get("low_balance", [])
        for (_, of), wallet in self._wallets.items():
            # The last ones alone: no entry is recorded before the one before it.
            for moved in (
                takewhile(lambda one: one.recorded >= since, reversed(wallet.moved)) if of == unit else ()
            ):
                self._leave_open(unit, wallet, moved, now)
        before = [version for version in self._versions.get(unit, []) if version[0] < since]
        self._versions[unit] = [*before, (since, now)]

    def _leave_open(self, unit: str, wallet: _Wallet, moved: _Moved, now: Sequence[Any]) -> None:
        """Lets an entry be told of by either of two versions."""
        differing = {*moved.crossed(self._alerts(unit, moved.recorded))} ^ {*moved.crossed(now)}
        for what, threshold in differing:
            told = (what, moved.seq, self._shown(unit, threshold))
            wallet.expected.pop(told, None)
            wallet.allowed[told] = moved.id
            wallet.unsure.add(threshold)

    def _alerts(self, unit: str, recorded: int) -> list[Any]:
        """Returns the thresholds that count for what is committed at a time."""
        return next((said for since, said in reversed(self._versions.get(unit, [])) if since <= recorded), [])

    def wrote(self, entry: Entry) -> None:
        """Takes an entry that was committed, after those of its wallet before it."""
        wallet = self._wallets[entry.account, entry.unit]
        before, after, base = entry.before.available, entry.after.available, wallet.base
        pending = entry.after.pending > entry.before.pending
        wallet.base = after if entry.kind in RENEWING and not pending else base
        if entry.seq == 1 or before == after:
            return
        recorded = entry.at if entry.recorded_at is None else entry.recorded_at
        moved = _Moved(entry.seq, entry.id, recorded, before, after, base, wallet.base)
        wallet.moved.append(moved)
        for what, threshold in moved.crossed(self._alerts(entry.unit, recorded)):
            told = (what, entry.seq, self._shown(entry.unit, threshold))
            if what == "low" or threshold in wallet.fell - wallet.unsure:
                wallet.expected[told] = entry.id
            elif threshold in wallet.unsure:
                wallet.allowed[told] = entry.id
            wallet.unsure.discard(threshold)
            (wallet.fell.add if what == "low" else wallet.fell.discard)(threshold)
        if after == 0:
            wallet.expected["depleted", entry.seq, None] = entry.id

    def heard(self, event: Json) -> None:
        """Takes an event that was told."""
        data, place = event["data"], (event["subject"], event["data"]["unit"])
        told = (event["type"].rpartition(".")[2], data["seq"], data["threshold"])
        wallet = self._wallets[place]
        if (wallet.expected | wallet.allowed).get(told) != data["entry_id"]:
            raise LawBroken(
                4, f"{event['type']} {data['threshold']} of {place} {data['seq']} is told, and was none"
            )
        if self._ids.setdefault(event["id"], (place, told)) != (place, told):
            raise LawBroken(4, f"{told} of {place} has the id of {self._ids[event['id']]}")
        text = hash(json.dumps(event))
        if self._texts.setdefault(event["id"], text) != text:
            raise LawBroken(4, f"{told} of {place} is told again in other words")
        if told in wallet.told and sum(one == (place, told) for one in self._ids.values()) > 1:
            raise LawBroken(4, f"{told} of {place} has two ids")
        wallet.told.add(told)

    def untold(self, account: str, unit: str) -> set[str]:
        """Returns the ids of a wallet's entries of which a crossing was not told yet."""
        wallet = self._wallets[account, unit]
        return {entry_id for one, entry_id in wallet.expected.items() if one not in wallet.told}

    def end(self, account: str | None = None, unit: str = "") -> None:
        """Everything was read, or all of one wallet: each crossing was told."""
        for place in [*self._wallets] if account is None else [(account, unit)]:
            left = self.untold(*place)
            if left:
                raise LawBroken(4, f"{len(left)} crossings of {place} are never told")

    def _shown(self, unit: str, threshold: Any) -> str:
        if isinstance(threshold, str):
            return threshold
        return f"{Decimal(threshold).scaleb(-self._precisions[unit]).normalize():f}"


def _low(available: int, threshold: Any, base: int) -> bool:
    """Tells whether available credits are at a threshold or below it."""
    if isinstance(threshold, str):
        return available <= Decimal(threshold.rstrip("%")) / 100 * base
    return available <= int(threshold)
