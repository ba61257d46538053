"""Wallets whose ledger does not add up, as events tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from scrip.domain.events.event import Event, event_id
from scrip.http.edge.answers import TypedDict

if TYPE_CHECKING:
    from scrip.http.edge.forms import Count, EntryId, Name, Ordinal

DRIFT: Final = "scrip.wallet.drift"


class WalletDriftEventView(TypedDict):
    """What the daily verification found of a wallet."""

    unit: Name
    """The wallet's unit."""
    what: str
    """The first of it, in a sentence."""
    seq: Ordinal | None
    """The entry that is about; null: none in particular."""
    entry_id: EntryId | None
    """Its id; null where it is not known."""
    findings: Count
    """How many there are."""


def drift_event(finding: Mapping[str, Any], begun_at: int, at: int) -> Event:
    """Makes the event of a wallet's finding: one for each wallet and pass of the verification.

    Args:
        begun_at: when the pass began, epoch milliseconds.
        at: the instant of the schedule that woke it.
    """
    data: WalletDriftEventView = {
        "unit": finding["unit"],
        "what": finding["what"],
        "seq": finding["seq"],
        "entry_id": finding["entry_id"],
        "findings": finding["findings"],
    }
    account = finding["account"]
    return Event(event_id(DRIFT, account, finding["unit"], begun_at), DRIFT, account, at, data)
