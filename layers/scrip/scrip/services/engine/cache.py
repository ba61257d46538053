"""What a warm function remembers: the wallets it wrote, and for a while the units and rate cards it read.

A remembered wallet is a guess: nothing is committed on it without the commit's condition on its version. Does not own
when something is read (``contexts``).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.wallet import Wallet

REMEMBERED: Final = 512
"""Wallets remembered: about 3 KB each in Python's objects. And rate cards."""
CONTENDED_FOR: Final = 2.0
"""Seconds for which a wallet that somebody else wrote is read first: several environments serve it now, and
guessing its version would fail more often than not."""
CATALOGUE_FOR: Final = 30.0
"""Seconds for which a unit and a rate card are remembered: a changed one is in force everywhere within a minute."""


class Cache:
    """Wallets, units and rate cards of one process. Safe for threads.

    Args:
        clock: seconds from any beginning; None for this machine's.
    """

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or _monotonic
        self._wallets: OrderedDict[tuple[str, str], Wallet] = OrderedDict()
        self._contended: dict[tuple[str, str], float] = {}
        self._units: dict[str, tuple[Unit, int, float]] = {}
        self._rates: dict[str, tuple[Sequence[RateVersion], float]] = {}
        self._lock = threading.Lock()

    def wallet(self, account: str, unit: str) -> Wallet | None:
        """Returns the wallet as this process wrote it last; None where it is to be read."""
        return self._wallets.get((account, unit))

    def wrote(self, wallet: Wallet) -> None:
        """Remembers the wallet, unless somebody else has written it of late."""
        name = (wallet.account, wallet.unit)
        with self._lock:
            if self._contended.get(name, 0.0) > self._clock():
                return
            self._contended.pop(name, None)
            self._wallets[name] = wallet
            self._wallets.move_to_end(name)
            if len(self._wallets) > REMEMBERED:
                self._wallets.popitem(last=False)

    def forget(self, account: str, unit: str, *, contended: bool = False) -> None:
        """Forgets the wallet: it is read before it is decided on next; ``contended``: for ``CONTENDED_FOR`` seconds."""
        name = (account, unit)
        with self._lock:
            self._wallets.pop(name, None)
            if contended:
                if len(self._contended) >= REMEMBERED:
                    self._contended.clear()
                self._contended[name] = self._clock() + CONTENDED_FOR

    def unit(self, unit_id: str) -> tuple[Unit, int] | None:
        """Returns the unit and its revision, while they are remembered."""
        known = self._units.get(unit_id)
        return known[:2] if known and known[2] > self._clock() else None

    def read_unit(self, unit: Unit, rev: int) -> None:
        """Remembers a unit that was read at this revision."""
        self._units[unit.unit] = (unit, rev, self._clock() + CATALOGUE_FOR)

    def forget_unit(self, unit_id: str) -> None:
        """Forgets a unit that was written."""
        self._units.pop(unit_id, None)

    def rates(self, meter: str) -> Sequence[RateVersion] | None:
        """Returns the versions of a meter's rate card, while they are remembered."""
        known = self._rates.get(meter)
        return known[0] if known and known[1] > self._clock() else None

    def read_rates(self, meter: str, versions: Sequence[RateVersion]) -> None:
        """Remembers a meter's rate card that was read."""
        if len(self._rates) >= REMEMBERED:
            self._rates.clear()
        self._rates[meter] = (versions, self._clock() + CATALOGUE_FOR)


def _monotonic() -> float:
    """Asks the module each time: a test may have replaced its clock."""
    return time.monotonic()
