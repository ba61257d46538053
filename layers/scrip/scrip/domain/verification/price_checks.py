"""The checks of what prices go by: what was used in each period, and an account's own cards (laws 7 and 10). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.wallets import own_rates
from scrip.domain.wallets.counters import KIND, CountedPeriod, counts_of, read_counts
from scrip.domain.wallets.own_rates import OwnRateVersion, told_of, with_version
from scrip.domain.wallets.wallet import Name, Sidecar, Wallet


def check_own_rates(
    wallet: Wallet, entries: Iterable[Entry], sidecars: Mapping[Name, Sidecar]
) -> Iterator[Discrepancy]:
    """Checks that an account's own rate cards are what its entries say, and that the wallet knows of them.

    Args:
        entries: in their order.
        sidecars: those of such cards, at least.
    """
    told: dict[str, list[OwnRateVersion]] = {}
    for entry in entries:
        try:
            if said := told_of(entry):
                meter, version = said
                told[meter] = with_version(told.get(meter, []), version, meter, entry.at)
        except (*UNREADABLE, PolicyViolation):
            what = f"entry {entry.seq} gives an account's own rate card a version that cannot be read"
            yield Discrepancy(what, entry.seq, entry.id)
    kept = {name: sidecar for (kind, name), sidecar in sidecars.items() if kind == own_rates.KIND}
    for meter in sorted(told.keys() | kept.keys()):
        try:
            there = own_rates.read(kept.get(meter))
        except UNREADABLE:
            yield Discrepancy(f"the account's own rate card for {meter} cannot be read")
            continue
        if there != told.get(meter, []):
            yield Discrepancy(f"the account's own rate card for {meter} is not what its entries say")
    if wallet.own_rates != bool(told):
        yield Discrepancy("the wallet knows otherwise than its entries whether its account has rate cards")


def check_counters(entries: Iterable[Entry], sidecars: Mapping[Name, Sidecar]) -> Iterator[Discrepancy]:
    """Checks that what was used in each period is what the entries counted in it (law 7).

    Args:
        sidecars: those of counters, at least.
    """
    told: dict[CountedPeriod, Fraction] = {}
    for entry in entries:
        try:
            for counter, quantity in counts_of(entry):
                told[counter] = told.get(counter, Fraction(0)) + quantity
        except UNREADABLE:
            what = f"entry {entry.seq} counts in a period what cannot be read"
            yield Discrepancy(what, entry.seq, entry.id)
    kept: dict[CountedPeriod, Fraction] = {}
    for (kind, name), sidecar in sidecars.items():
        if kind == KIND:
            try:
                kept.update(read_counts(name, sidecar))
            except UNREADABLE:
                yield Discrepancy(f"what is kept of the period {name} cannot be read")
    for counter in sorted(told.keys() | kept.keys()):
        there, expected = kept.get(counter, Fraction(0)), told.get(counter, Fraction(0))
        if there != expected:
            period = f"{counter.meter} from {counter.start} to {counter.end} {dict(counter.dimensions)}"
            yield Discrepancy(f"the wallet has counted {there} of {period}, its entries say {expected}")
