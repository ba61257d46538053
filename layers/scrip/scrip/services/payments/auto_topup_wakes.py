"""The step of the stream's reader by which wallets with an automatic top-up are looked at.

A wallet without one costs nothing: which have one is remembered for half a minute.

Does not own what a look does (``auto_charges``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from scrip.domain.credits.entries import Entry
from scrip.services.payments import auto_topups
from scrip.store.tables import Tables

REMEMBERED_MS: Final = 30_000
"""For so long it is remembered which wallets have one: less than after a PUT until it is looked at again."""
Wake = Callable[[Mapping[str, Any], str], None]
"""Puts a message into the queue of automatic top-ups, in the order of its group."""


@dataclass(slots=True)
class KnownAutoTopups:
    """Which wallets have an automatic top-up, as it was at most half a minute ago.

    Attributes:
        now: this machine's clock, epoch milliseconds.
    """

    now: Callable[[], int]
    _wallets: frozenset[tuple[str, str]] = frozenset()
    _read_at: int | None = field(default=None)

    def wallets(self, tables: Tables) -> frozenset[tuple[str, str]]:
        """Returns account and unit of each."""
        now = self.now()
        if self._read_at is None or not 0 <= now - self._read_at < REMEMBERED_MS:
            self._wallets, self._read_at = auto_topups.enabled(tables), now
        return self._wallets


def wake(known: KnownAutoTopups, send: Wake, pinned: bool, tables: Tables, entries: Sequence[Entry]) -> None:
    """Has each wallet looked at that has an automatic top-up and less than before, or was topped up by a payment.

    Args:
        pinned: whether instants may be the test clock's: then a look is at the last entry's.

    Raises:
        Throttled, Unavailable: not all of them could be.
    """
    asked: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in entries:
        paid = topped_up_by(entry)
        if not (paid or lessened(entry)) or (entry.account, entry.unit) not in known.wallets(tables):
            continue
        message = asked.setdefault((entry.account, entry.unit), asking(entry.account, entry.unit))
        message["seq"] = entry.seq
        if pinned:
            message["at"] = entry.at
        if paid:
            message["paid"] = {"topup_id": paid, "at": entry.at}
    for message in asked.values():
        send(message, group_of(message))


def asking(account: str, unit: str) -> dict[str, Any]:
    """Returns the message that asks for a look at a wallet."""
    return {"account": account, "unit": unit}


def group_of(message: Mapping[str, Any]) -> str:
    """Returns the group of a message: those of one wallet come one after the other."""
    return f"{message['account']}#{message['unit']}"


def lessened(entry: Entry) -> bool:
    """Tells whether an entry may have brought a wallet under a threshold: by what it takes, or by thawing it."""
    thawed = entry.kind == "status" and entry.status == "active"
    return entry.after.available < entry.before.available or thawed


def topped_up_by(entry: Entry) -> str | None:
    """Returns the order whose payment the entry grants; None where it grants none."""
    reference = entry.cause.reference if entry.cause else None
    if entry.kind != "grant" or entry.cause is None or reference is None or reference[0] != "payment":
        return None
    return entry.cause.metadata.get("topup_id")
