"""The drift between a ledger and a wallet that are each sound, but as of different instants.

No commit leaves them so. Two restored tables do: each is as it was at some instant, but not at the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scrip.domain.credits.entries import Entry
from scrip.domain.wallets.wallet import Wallet

Kind = Literal["ledger_ahead", "ledger_behind"]


@dataclass(frozen=True, slots=True)
class Drift:
    """The entries that only one of the two has.

    Attributes:
        kind: ``ledger_ahead`` where only the ledger has them, ``ledger_behind`` where only the wallet counted them.
        first, last: sequences of the first and the last of them.
        since: the instant of the last entry that both have; 0 where there is none.
    """

    kind: Kind
    first: int
    last: int
    since: int

    @property
    def entries(self) -> int:
        """Returns how many entries it is."""
        return self.last - self.first + 1


def drift(wallet: Wallet, entries: Mapping[int, Entry]) -> Drift | None:
    """Returns how far they are apart; None where they are not, or where their sequence is broken in another way.

    Args:
        entries: by sequence, all that are stored.
    """
    last = len(entries)
    if set(entries) != set(range(1, last + 1)) or last == wallet.version:
        return None
    both = min(last, wallet.version)
    since = entries[both].at if both else 0
    if last > wallet.version:
        follows = entries[wallet.version + 1].previous_hash == wallet.head
        return Drift("ledger_ahead", wallet.version + 1, last, since) if follows else None
    return Drift("ledger_behind", last + 1, wallet.version, since)
