"""What a warm function remembers: the wallets it wrote, for as long as nobody else writes them, and for a while the
units and rate cards it read. A wallet is never believed without the commit's condition."""

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


class Memory:
    """See the module. Safe for threads. ``clock``: seconds from any beginning (None: this machine's)."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or _monotonic
        self._wallets: OrderedDict[tuple[str, str], Wallet] = OrderedDict()
        self._contended: dict[tuple[str, str], float] = {}
        self._units: dict[str, tuple[Unit, int, float]] = {}
        self._rates: dict[str, tuple[Sequence[RateVersion], float]] = {}
        self._lock = threading.Lock()

    def wallet(self, account: str, unit: str) -> Wallet | None:
        """The wallet as it was written last by this process, as far as that is worth guessing from."""
        return self._wallets.get((account, unit))

    def wrote(self, wallet: Wallet) -> None:
        """The wallet is now this one, unless somebody else writes it too."""
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
        """The wallet is to be read before it is decided on; ``contended``: for a while."""
        name = (account, unit)
        with self._lock:
            self._wallets.pop(name, None)
            if contended:
                if len(self._contended) >= REMEMBERED:
                    self._contended.clear()
                self._contended[name] = self._clock() + CONTENDED_FOR

    def unit(self, unit_id: str) -> tuple[Unit, int] | None:
        """The unit and its revision."""
        known = self._units.get(unit_id)
        return known[:2] if known and known[2] > self._clock() else None

    def read_unit(self, unit: Unit, rev: int) -> None:
        """The unit was read, at this revision."""
        self._units[unit.unit] = (unit, rev, self._clock() + CATALOGUE_FOR)

    def forget_unit(self, unit_id: str) -> None:
        self._units.pop(unit_id, None)

    def rates(self, meter: str) -> Sequence[RateVersion] | None:
        """The versions of a meter's rate card."""
        known = self._rates.get(meter)
        return known[0] if known and known[1] > self._clock() else None

    def read_rates(self, meter: str, versions: Sequence[RateVersion]) -> None:
        """The meter's rate card was read."""
        if len(self._rates) >= REMEMBERED:
            self._rates.clear()
        self._rates[meter] = (versions, self._clock() + CATALOGUE_FOR)


def _monotonic() -> float:
    """Asked of the module each time, where a test may have set it."""
    return time.monotonic()
