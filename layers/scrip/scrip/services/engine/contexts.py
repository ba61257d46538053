"""What a request is decided on: a wallet, its unit, and rate cards. Remembered where they are, else read.

Owns reading them, and reading on where a decision needs more of the wallet. Does not own the decisions, nor what is
remembered for how long (``cache``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from scrip.domain.credits.errors import CatchingUp, InvalidRequest, NotFound
from scrip.domain.credits.ids import wallet_hash
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.layout import always
from scrip.domain.wallets.wallet import Name, Need, Sidecar, Snapshot, Wallet
from scrip.services.engine.cache import Cache
from scrip.store import documents, keys, wallets
from scrip.store.tables import Tables

T = TypeVar("T")
TORN: Final = (ValueError, LookupError, AssertionError)
"""What may come of a wallet of one version with pages of a later one: read while somebody else wrote."""


@dataclass(frozen=True, slots=True)
class WalletContext:
    """A wallet and its unit, as read for one request; and the rate cards of the meters it is about."""

    unit: Unit
    unit_rev: int
    snapshot: Snapshot
    rates: Mapping[str, Sequence[RateVersion]] = field(default_factory=dict)


class Contexts:
    """Gives the contexts of requests.

    Args:
        clock: of what is remembered, see ``Cache``.
        in_time: tells whether the time that is left suffices for another call, and the answer.
    """

    def __init__(
        self,
        tables: Tables,
        clock: Callable[[], float] | None = None,
        in_time: Callable[[], bool] | None = None,
    ) -> None:
        self.tables = tables
        self.in_time = in_time or always
        self._cache = Cache(clock)

    def unit(self, unit_id: str) -> Unit:
        """Returns a unit, remembered for a while.

        Raises:
            NotFound: there is no such unit.
        """
        known = self._cache.unit(unit_id) or self._load_unit(unit_id)
        return known[0]

    def unit_of(self, account: str, wallet: str) -> str | None:
        """Returns the unit of that wallet of the account whose hash ``wallet`` is; None where it is no wallet of it.

        The names of the units are remembered. They are read where none of those fits.
        """
        known = self._cache.unit_names()
        found = _with_hash(account, wallet, known)
        if found is None:
            listed = documents.listed_units(self.tables)
            self._cache.read_unit_names(listed)
            found = _with_hash(account, wallet, set(listed) - known)
        return found

    def units(self) -> list[str]:
        """Returns the names of all units, as they are now."""
        self._cache.read_unit_names(documents.listed_units(self.tables))
        return sorted(self._cache.unit_names())

    def context(
        self,
        account: str,
        unit_id: str,
        meters: Sequence[str] = (),
        *,
        fresh: bool = False,
        fresh_rates: bool = False,
    ) -> WalletContext:
        """Returns the wallet, its unit and the rate cards of these meters.

        What is remembered is not read (a ``fresh`` wallet is always read), and the rest is one read.

        Args:
            fresh_rates: the rate cards are read too: the test clock may be past a version that is not a minute old.

        Raises:
            NotFound: there is no such unit, or meter.
            InvalidRequest: a meter is priced in another unit.
        """
        context = self._context(account, unit_id, meters, fresh, fresh_rates)
        for meter, versions in context.rates.items():
            if versions[0].unit != unit_id:
                said = f"the meter {meter} is priced in {versions[0].unit}, not in {unit_id}"
                raise InvalidRequest([("unit", said)])
        return context

    def rates(self, meter: str, *, fresh: bool = False) -> Sequence[RateVersion]:
        """Returns the versions of a meter's rate card, remembered for a while unless a ``fresh`` card is asked for.

        Raises:
            NotFound: there is no such meter.
        """
        known = None if fresh else self._cache.rates(meter)
        if known is None:
            found = documents.rates_of(documents.get(self.tables, keys.rate(meter)))
            known = self._remember_rates(meter, found)
        return known

    def cards(self, meters: Iterable[str], *, fresh: bool = False) -> dict[str, Sequence[RateVersion]]:
        """Returns the rate cards of these meters that there are, remembered or (always, if ``fresh``) read together."""
        wanted = dict.fromkeys(meters)
        found = {meter: None if fresh else self._cache.rates(meter) for meter in wanted}
        missing = [meter for meter, known in found.items() if known is None]
        read = documents.get_many(self.tables, map(keys.rate, missing)) if missing else {}
        for meter in missing:
            if document := read.get(keys.rate(meter)):
                found[meter] = self._remember_rates(meter, documents.rates_of(document))
        return {meter: known for meter, known in found.items() if known}

    def written_since(self, snapshot: Snapshot, unit: Unit) -> Snapshot | None:
        """Returns the wallet as it is now, where somebody has written it since the snapshot; None where nobody has."""
        present = self._read(snapshot.wallet.account, unit)
        return present if present.wallet.version != snapshot.wallet.version else None

    def sidecar(self, account: str, unit_id: str, name: Name) -> Sidecar | None:
        """Returns a sidecar that never changes once it is there, remembered or read; None where it is not there."""
        remembered = self._cache.wallet(account, unit_id)
        if remembered and remembered.sidecars.get(name):
            return remembered.sidecars[name]
        wallet = Wallet(account, unit_id, self.unit(unit_id).policy.lot_order)
        return wallets.sidecars(self.tables, wallet, [name]).get(name)

    def forget(self, account: str, unit_id: str) -> None:
        """Forgets a wallet that was written beside another: it is read before it is decided on next."""
        self._cache.forget(account, unit_id)

    def complete(self, snapshot: Snapshot, look: Callable[[], T]) -> T:
        """Returns what ``look`` returns, and reads into the snapshot whatever it needs for that.

        Raises:
            CatchingUp: there is no time for it.
        """
        while True:
            try:
                return look()
            except Need as need:
                self.hurry()
                wallets.provide(self.tables, snapshot, need)

    def hurry(self) -> None:
        """Raises ``CatchingUp`` where the time that is left does not suffice for another call, and the answer."""
        if not self.in_time():
            raise CatchingUp(
                "much has become due in this wallet: send the same request again, it goes on where this one ended"
            )

    def _context(
        self, account: str, unit_id: str, meters: Sequence[str], fresh: bool, fresh_rates: bool
    ) -> WalletContext:
        """Returns the wallet, its unit and rate cards, remembered or read."""
        known = self._cache.unit(unit_id)
        remembered_rates = () if fresh_rates else meters
        rates = {
            meter: found for meter in remembered_rates if (found := self._cache.rates(meter)) is not None
        }
        missing = [meter for meter in meters if meter not in rates]
        if not known or missing:
            read = wallets.load_with_catalogue(self.tables, account, unit_id, missing)
            known = self._remember_unit(unit_id, read.unit)
            for meter in missing:
                rates[meter] = self._remember_rates(meter, read.rates.get(meter))
            return WalletContext(*known, Snapshot(read.wallet(known[0])), rates)
        remembered = None if fresh else self._cache.wallet(account, unit_id)
        snapshot = remembered or self._read(account, known[0])
        return WalletContext(*known, snapshot, rates)

    def _read(self, account: str, unit: Unit) -> Snapshot:
        """Returns the wallet as it is stored now."""
        return Snapshot(wallets.load(self.tables, account, unit.unit, unit.policy.lot_order))

    def _load_unit(self, unit_id: str) -> tuple[Unit, int]:
        """Reads a unit and its revision. Raises ``NotFound`` where there is none."""
        item = self.tables.get(self.tables.wallets, keys.unit(unit_id), keys.HEAD)
        return self._remember_unit(unit_id, documents.read_unit(unit_id, item))

    def _remember_unit(self, unit_id: str, found: tuple[Unit, int] | None) -> tuple[Unit, int]:
        """Remembers a unit that was read. Raises ``NotFound`` where there is none."""
        if not found:
            raise NotFound(f"there is no unit {unit_id}", unit=unit_id)
        self._cache.read_unit(*found)
        return found

    def _remember_rates(self, meter: str, found: Sequence[RateVersion] | None) -> Sequence[RateVersion]:
        """Remembers a rate card that was read. Raises ``NotFound`` where there is none."""
        if not found:
            raise NotFound(f"there is no meter {meter}", meter=meter)
        self._cache.read_rates(meter, found)
        return found


def _with_hash(account: str, wallet: str, units: Iterable[str]) -> str | None:
    """Returns the unit in which the account's wallet has this hash; None where in none of ``units``."""
    return next((unit for unit in units if wallet_hash(account, unit) == wallet), None)
