"""A ledger and a wallet that are each sound, of two instants: what one has and the other has not.

No commit leaves them so. Two tables that were restored do: each is as it was at some moment, and not at the same.
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
    """``ledger_ahead``: the ledger has entries ``first`` to ``last``, which the wallet has not seen.
    ``ledger_behind``: the wallet has, and the ledger does not.

    Attributes:
        since: the instant of the last entry that both have; 0 where there is none.
    """

    kind: Kind
    first: int
    last: int
    since: int

    @property
    def entries(self) -> int:
        return self.last - self.first + 1


def drift(wallet: Wallet, entries: Mapping[int, Entry]) -> Drift | None:
    """How far apart they are; None where they are not, or where something else is wrong with their sequence.

    Args:
        entries: by sequence, all there are.
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
