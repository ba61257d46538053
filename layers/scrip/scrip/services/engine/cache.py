"""What a warm function remembers: the wallets it wrote, and for a while the units and rate cards it read.

With a wallet it remembers what it knows of its sidecars and of its exhausted lots at that version: so a capture of a
hold that was placed here needs no read. A remembered wallet is a guess: nothing is committed on it without the commit's
condition on its version. Does not own when something is read (``contexts``).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence, Sized
from typing import Final, TypeGuard

from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import DEFAULT_UNIT, Unit
from scrip.domain.wallets.wallet import Snapshot

REMEMBERED: Final = 512
"""Wallets remembered: about 3 KB each in Python's objects. And rate cards."""
SIDECARS: Final = 32
"""Sidecars remembered of one wallet: those that were written or read last."""
RESTING: Final = 1000
"""Exhausted lots remembered of one wallet: as many as a hold may lie over."""
STANDING: Final = (("budgets", "all"), ("spent", "all"))
"""Sidecars that each burn of a wallet that has them looks at."""
BESIDE: Final = 50_000
"""Members of all that is remembered beside wallets: about 10 MB in Python's objects. Beyond it, what lies beside the
wallets that were written longest ago is forgotten."""
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
        self._wallets: OrderedDict[tuple[str, str], Snapshot] = OrderedDict()
        self._beside: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._members = 0
        self._contended: dict[tuple[str, str], float] = {}
        self._units: dict[str, tuple[Unit, int, float]] = {}
        self._unit_names: frozenset[str] = frozenset([DEFAULT_UNIT])
        self._rates: dict[str, tuple[Sequence[RateVersion], float]] = {}
        self._lock = threading.Lock()

    def wallet(self, account: str, unit: str) -> Snapshot | None:
        """Returns the wallet as this process wrote it last, and what it knows of it; None where it is to be read."""
        known = self._wallets.get((account, unit))
        if known is None:
            return None
        snapshot = Snapshot(known.wallet, fresh=False)
        if known.sidecars:
            snapshot.sidecars = known.sidecars.copy()
        if known.resting:
            snapshot.resting = known.resting.copy()
        return snapshot

    def wrote(self, known: Snapshot) -> None:
        """Remembers the wallet and what is known of it, unless somebody else has written it of late."""
        name = (known.wallet.account, known.wallet.unit)
        with self._lock:
            if self._contended.get(name, 0.0) > self._clock():
                return
            self._contended.pop(name, None)
            self._wallets[name] = known = _last(known)
            self._wallets.move_to_end(name)
            if known.sidecars or known.resting or name in self._beside:
                self._weigh(name, known)
            if len(self._wallets) > REMEMBERED:
                self._drop(next(iter(self._wallets)))

    def forget(self, account: str, unit: str, *, contended: bool = False) -> None:
        """Forgets the wallet: it is read before it is decided on next; ``contended``: for ``CONTENDED_FOR`` seconds."""
        name = (account, unit)
        with self._lock:
            self._drop(name)
            if contended:
                if len(self._contended) >= REMEMBERED:
                    self._contended.clear()
                self._contended[name] = self._clock() + CONTENDED_FOR

    def _drop(self, name: tuple[str, str]) -> None:
        """Drops a wallet and what lies beside it."""
        self._wallets.pop(name, None)
        self._members -= self._beside.pop(name, 0)

    def _weigh(self, name: tuple[str, str], known: Snapshot) -> None:
        """Counts what lies beside the wallet, and forgets the oldest of all that does where it is too much."""
        sizes = [len(part) for one in known.sidecars.values() if one for part in one.values() if _sized(part)]
        members = len(known.sidecars) + len(known.resting) + sum(sizes)
        self._members += members - self._beside.pop(name, 0)
        self._beside[name] = members
        while self._members > BESIDE:
            oldest, freed = self._beside.popitem(last=False)
            self._members -= freed
            self._wallets[oldest] = Snapshot(self._wallets[oldest].wallet)

    def unit(self, unit_id: str) -> tuple[Unit, int] | None:
        """Returns the unit and its revision, while they are remembered."""
        known = self._units.get(unit_id)
        return known[:2] if known and known[2] > self._clock() else None

    def read_unit(self, unit: Unit, rev: int) -> None:
        """Remembers a unit that was read at this revision."""
        self._units[unit.unit] = (unit, rev, self._clock() + CATALOGUE_FOR)
        self.read_unit_names([unit.unit])

    def unit_names(self) -> frozenset[str]:
        """Returns the names of the units that this process knows of. A unit is never removed, so they stay true."""
        return self._unit_names

    def read_unit_names(self, names: Iterable[str]) -> None:
        """Remembers the names of units that there are."""
        self._unit_names |= frozenset(names)

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


def _last(known: Snapshot) -> Snapshot:
    """Returns the same, with no more beside the wallet than is remembered of one: what came last.

    What each burn of the wallet looks at stays whatever comes.
    """
    if len(known.sidecars) > SIDECARS:
        standing = {name: known.sidecars[name] for name in STANDING if name in known.sidecars}
        known.sidecars = standing | dict(list(known.sidecars.items())[len(standing) - SIDECARS :])
    if len(known.resting) > RESTING:
        known.resting = dict(list(known.resting.items())[-RESTING:])
    return known


def _sized(part: object) -> TypeGuard[Sized]:
    return isinstance(part, str | list | dict)


def _monotonic() -> float:
    """Asks the module each time: a test may have replaced its clock."""
    return time.monotonic()
