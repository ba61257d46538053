"""What becomes of available credits, worked out from the entries as they are committed, and held against what is told.

What must never be: a crossing that is told and was none, by the alerts in force when its entry was committed; one that
is told under two ids, or in other words the next time; and, once all is read, one that was not told. Alerts are known
from the versions that were written, bases from the kinds of entries.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

from scrip.domain.credits.entries import Entry
from simulation.books import LawBroken

Json = dict[str, Any]
Place = tuple[str, str]
"""Account and unit."""
Told = tuple[str, int, str | None]
"""What happened, the entry's ``seq``, the threshold."""
RENEWING: Final = ("grant", "activation", "transfer_in", "rollover", "reinstatement")


class Crossings:
    """Every crossing that there was, and which of them were told.

    Args:
        precisions: of each unit.
    """

    def __init__(self, precisions: dict[str, int]) -> None:
        self._precisions = precisions
        self._versions: dict[str, list[tuple[int, list[Any]]]] = {}
        self._bases: dict[Place, int] = {}
        self._fell: dict[Place, set[Any]] = {}
        self._expected: dict[Place, dict[Told, str]] = {}
        """Of each wallet, the entries' ids."""
        self._told: dict[Place, set[Told]] = {}
        self._ids: dict[str, tuple[Place, Told]] = {}
        self._texts: dict[str, int] = {}

    def put(self, unit: str, body: str) -> None:
        """Takes a unit's alerts as they are written: the last version is new."""
        since, said = json.loads(body)["versions"][-1]
        before = [version for version in self._versions.get(unit, []) if version[0] < since]
        self._versions[unit] = [*before, (since, said.get("low_balance", []))]

    def wrote(self, entry: Entry) -> None:
        """Takes an entry that was committed, after those of its wallet before it."""
        place = (entry.account, entry.unit)
        before, after = entry.before.available, entry.after.available
        base = self._bases.get(place, 0)
        pending = entry.after.pending > entry.before.pending
        base_after = after if entry.kind in RENEWING and not pending else base
        self._bases[place] = base_after
        if entry.seq == 1 or before == after:
            return
        expected, fell = self._expected.setdefault(place, {}), self._fell.setdefault(place, set())
        recorded = entry.at if entry.recorded_at is None else entry.recorded_at
        versions = self._versions.get(entry.unit, [])
        for threshold in next((said for since, said in reversed(versions) if since <= recorded), []):
            was_low, is_low = (
                self._low(available, threshold, of) for available, of in ((before, base), (after, base_after))
            )
            shown = self._shown(entry.unit, threshold)
            if after < before and is_low and not was_low:
                expected["low", entry.seq, shown] = entry.id
                fell.add(threshold)
            elif after > before and was_low and not is_low and threshold in fell:
                expected["recovered", entry.seq, shown] = entry.id
                fell.discard(threshold)
        if after == 0:
            expected["depleted", entry.seq, None] = entry.id

    def heard(self, event: Json) -> None:
        """Takes an event that was told."""
        data, place = event["data"], (event["subject"], event["data"]["unit"])
        told = (event["type"].rpartition(".")[2], data["seq"], data["threshold"])
        if self._expected.get(place, {}).get(told) != data["entry_id"]:
            raise LawBroken(
                4, f"{event['type']} {data['threshold']} of {place} {data['seq']} is told, and was none"
            )
        if self._ids.setdefault(event["id"], (place, told)) != (place, told):
            raise LawBroken(4, f"{told} of {place} has the id of {self._ids[event['id']]}")
        text = hash(json.dumps(event))
        if self._texts.setdefault(event["id"], text) != text:
            raise LawBroken(4, f"{told} of {place} is told again in other words")
        if told in self._told.get(place, ()) and sum(one == (place, told) for one in self._ids.values()) > 1:
            raise LawBroken(4, f"{told} of {place} has two ids")
        self._told.setdefault(place, set()).add(told)

    def untold(self, account: str, unit: str) -> set[str]:
        """Returns the ids of a wallet's entries of which a crossing was not told yet."""
        place = (account, unit)
        told = self._told.get(place, set())
        return {entry_id for one, entry_id in self._expected.get(place, {}).items() if one not in told}

    def end(self, account: str | None = None, unit: str = "") -> None:
        """Everything was read, or all of one wallet: each crossing was told."""
        for place in self._expected if account is None else [(account, unit)]:
            left = self.untold(*place)
            if left:
                raise LawBroken(4, f"{len(left)} crossings of {place} are never told")

    @staticmethod
    def _low(available: int, threshold: Any, base: int) -> bool:
        if isinstance(threshold, str):
            return available <= Decimal(threshold.rstrip("%")) / 100 * base
        return available <= int(threshold)

    def _shown(self, unit: str, threshold: Any) -> str:
        if isinstance(threshold, str):
            return threshold
        return f"{Decimal(threshold).scaleb(-self._precisions[unit]).normalize():f}"
