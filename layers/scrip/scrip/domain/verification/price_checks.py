"""The checks of what prices go by: what was used in each period (laws 7 and 10). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.wallets.counters import KIND, CountedPeriod, counts_of, read_counts
from scrip.domain.wallets.wallet import Name, Sidecar


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
