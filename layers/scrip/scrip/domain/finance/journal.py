"""The journal's entries: what one entry of a ledger posts in one currency, as the books show it.

Others make them, of ``postings`` and of the month that is open; formats write them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class JournalLine(NamedTuple):
    """One line of the journal.

    Attributes:
        account: a key of the chart of accounts.
        amount: minor units; positive is debited, negative credited.
    """

    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What an entry of the ledger, or a movement at a provider, says to the books. Its lines add up to nothing.

    Attributes:
        entry_id: the entry of the ledger; or what moved at a payment provider, as ``stripe:txn_1``.
        account: whose wallet it is of; None: it is of no wallet, since it moved at a provider.
        seq: its number in the wallet.
        at: when it holds, epoch milliseconds.
        recorded_at: when it was committed, epoch milliseconds.
        period: the month in whose books it stands, ``2026-11``.
        late_for: the month that it is of, where that was closed without it: then it is dated the first day of
            ``period``. None: it is of ``period``.
    """

    entry_id: str
    account: str | None
    unit: str | None
    seq: int | None
    kind: str
    at: int
    recorded_at: int
    currency: str
    period: str
    late_for: str | None
    lines: Sequence[JournalLine]

    @property
    def settlement(self) -> str | None:
        """Returns what moved at a provider, as ``stripe:txn_1``; None of an entry of the ledger."""
        return self.entry_id if self.account is None else None

    def __post_init__(self) -> None:
        """Refuses lines that do not add up.

        Raises:
            ValueError: they do not.
        """
        if sum(line.amount for line in self.lines):
            raise ValueError(f"the lines of entry {self.entry_id} do not add up")
