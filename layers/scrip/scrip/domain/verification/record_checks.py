"""The checks of records: those of one entry against what it says of them, offsets of streams, leases, and reversals.

An entry is under its hash, and says the hash of its records: so whoever changes, loses or swaps records is found. What
they add up to is checked all the same, since whoever writes an entry anew writes its hash anew too (laws 3,
4 and 6). Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from scrip.domain.credits.debts import read_owes
from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.credits.ids import hold_id, page_entry_id
from scrip.domain.credits.records import PageFacts, Record, facts_of
from scrip.domain.credits.usage import written
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.wallets import holds, streams
from scrip.domain.wallets.carries import changes_of
from scrip.domain.wallets.counters import CountedPeriod, CountsOfRecords, counts_of
from scrip.domain.wallets.holds import Hold
from scrip.domain.wallets.record_reversals import KIND as REVERSED
from scrip.domain.wallets.wallet import Name, Sidecar, Wallet


def check_records(entry: Entry) -> Iterator[Discrepancy]:
    """Checks the records of one entry, which are read with it, against what the entry says."""
    try:
        wrong = list(_wrong(entry))
    except UNREADABLE:
        wrong = ["has records that cannot be read"]
    for what in wrong:
        yield Discrepancy(f"entry {entry.seq} {what}", entry.seq, entry.id)


def check_streams(
    wallet: Wallet, entries: Iterable[Entry], sidecars: Mapping[Name, Sidecar]
) -> Iterator[Discrepancy]:
    """Checks that the offsets of each stream run from 0 without a gap, each once, up to the one that is kept as next.

    Args:
        entries: in their order.
        sidecars: those of streams and of holds, at least: a lease keeps the next offset itself.
    """
    told: dict[str, tuple[int, int]] = {}
    for entry in entries:
        try:
            facts = _facts(entry)
            if facts is None:
                continue
            there, _ = told.get(facts.stream, (0, 0))
            if facts.begins > there:
                what = f"offsets {there} to {facts.begins - 1} of stream {facts.stream} are in no entry"
                yield Discrepancy(f"{what} before entry {entry.seq}", entry.seq, entry.id)
            elif facts.begins < there:
                what = f"entry {entry.seq} books offset {facts.begins} of stream {facts.stream} again"
                yield Discrepancy(what, entry.seq, entry.id)
            told[facts.stream] = max(there, facts.next), entry.seq
        except UNREADABLE:
            what = f"entry {entry.seq} says nothing of its records that can be read"
            yield Discrepancy(what, entry.seq, entry.id)
    kept = dict(_kept(wallet, sidecars))
    for stream in sorted(told.keys() | kept.keys()):
        goes_on, (expected, seq) = kept.get(stream, 0), told.get(stream, (0, 0))
        if goes_on != expected:
            what = f"stream {stream} goes on with offset {goes_on}, by its entries with {expected}"
            yield Discrepancy(what, seq or None)


def check_leases(entries: Iterable[Entry], sidecars: Mapping[Name, Sidecar]) -> Iterator[Discrepancy]:
    """Checks that each lease is as its last entry says, and that its numbers are those of its entries (law 6).

    Args:
        sidecars: those of holds, at least.
    """
    leases = dict(_leases(sidecars))
    told: dict[int, Any] = {}
    set_aside, captured = Counter[int](), Counter[int]()
    for entry in entries:
        said = entry.extra.get("hold")
        if not isinstance(said, Mapping) or not isinstance(said.get("lease"), Mapping):
            continue
        seq = said.get("seq")
        if not isinstance(seq, int):
            continue
        told[seq] = said
        steps = sum(one.amount for one in entry.draws)
        if entry.kind in ("hold", "capture"):
            (set_aside if entry.kind == "hold" else captured)[seq] += steps
    for seq in sorted(told.keys() - leases.keys()):
        yield Discrepancy(f"lease {seq} is not stored", seq)
    for seq, hold in sorted(leases.items()):
        for what in _wrong_lease(hold, told.get(seq), set_aside[seq], captured[seq]):
            yield Discrepancy(f"lease {seq} {what}", seq)


def check_reversals(entries: Iterable[Entry], sidecars: Mapping[Name, Sidecar]) -> Iterator[Discrepancy]:
    """Checks that what is kept of reversals is what the entries say: else something could be reversed twice (law 3).

    Args:
        sidecars: those of reversals, at least.
    """
    told: dict[str, tuple[int, Any]] = {}
    for entry in entries:
        of = entry.extra.get("of")
        if entry.kind == "reversal" and isinstance(of, str):
            told[of] = entry.seq, entry.extra.get("reversed")
    kept = {name: sidecar for (kind, name), sidecar in sidecars.items() if kind == REVERSED}
    for of in sorted(told.keys() | kept.keys()):
        seq, expected = told.get(of, (None, "nothing"))
        there = kept[of].get("steps") if of in kept else "nothing"
        # Entries of before do not say it.
        if expected is not None and there != expected:
            what = f"{there} of entry {of} is kept as reversed, its reversals say {expected}"
            yield Discrepancy(what, seq)
        try:
            parts = kept[of].get("records") if of in kept else None
            if parts is not None and sum(map(int, parts.values())) != int(kept[of]["steps"]):
                yield Discrepancy(
                    f"what is kept as reversed of the records of entry {of} does not add up", seq
                )
        except UNREADABLE:
            yield Discrepancy(f"what is kept as reversed of entry {of} cannot be read", seq)


def _wrong_lease(hold: Hold, told: Any, set_aside: int, captured: int) -> Iterator[str]:
    """Yields what is wrong with a lease, in words."""
    assert hold.lease
    try:
        last = Hold.from_json(told) if told else None
    except UNREADABLE:
        last = None
    if hold != last:
        yield "is not as its last entry says"
    for what, there, expected in (
        ("were set aside", hold.amount, set_aside),
        ("were captured", hold.captured, captured),
    ):
        if there != expected:
            yield f"says that {there} {what}, its entries say {expected}"
    trimmed = int(hold.lease["trimmed"])
    if trimmed != hold.captured:
        yield f"has dropped {trimmed} of its draws, and {hold.captured} were captured"
    in_draws = sum(steps for _, steps in hold.draws)
    if in_draws != hold.held:
        yield f"has {in_draws} in its draws, and {hold.held} are held"
    if hold.held < 0 or (hold.held and hold.status != "open"):
        yield f"is {hold.status} and holds {hold.held}"


def _leases(sidecars: Mapping[Name, Sidecar]) -> Iterator[tuple[int, Hold]]:
    """Yields the leases among what is kept, by sequence; one that cannot be read is reported with the due items."""
    for (kind, _), sidecar in sidecars.items():
        if kind != holds.KIND or not sidecar.get("lease"):
            continue
        try:
            hold = Hold.from_json(sidecar)
            assert hold.lease
            int(hold.lease["trimmed"])
            int(hold.lease["next"])
        except UNREADABLE:
            continue
        yield hold.seq, hold


def _kept(wallet: Wallet, sidecars: Mapping[Name, Sidecar]) -> Iterator[tuple[str, int]]:
    """Yields the streams and the offset that each goes on with, as it is kept."""
    for seq, hold in _leases(sidecars):
        assert hold.lease
        yield hold_id(wallet.account, wallet.unit, seq), int(hold.lease["next"])
    for (kind, name), sidecar in sidecars.items():
        if kind == streams.KIND:
            there: Any = sidecar.get("next")
            yield name, there if isinstance(there, int) else 0


def _facts(entry: Entry) -> PageFacts | None:
    """Returns what an entry says of its records; None where it says nothing. Raises one of ``UNREADABLE``."""
    facts = facts_of(entry)
    if facts is None:
        return None
    stream: Any = facts.stream
    numbers = (facts.first, facts.next, facts.begins, facts.refused)
    if not isinstance(stream, str) or not all(type(one) is int for one in numbers):
        raise TypeError("a stream is a text, and offsets are whole numbers")
    return facts


def _wrong(entry: Entry) -> Iterator[str]:
    """Yields what is wrong with the records of an entry, in words. Raises one of ``UNREADABLE``."""
    facts = _facts(entry)
    if facts is None:
        if entry.records is not None:
            yield "has records, and does not say so"
        return
    if entry.records is None:
        yield "has lost its records"
        return
    try:
        intact = entry.records.digest == facts.digest
    except ValueError:
        intact = False
    if not intact:
        yield "has records that do not match their hash"
        return
    listed = entry.records.listed
    if len(listed) != facts.next - facts.first or not 0 <= facts.begins <= facts.first:
        yield f"has {len(listed)} records, and says offsets {facts.begins} to {facts.next - 1}"
    if facts.since is not None and facts.since == facts.first:
        yield "gives up offsets, and names none"
    refused = sum(one is not None and not one.paid for one in listed)
    if refused != facts.refused:
        yield f"has {refused} refused records, and says {facts.refused}"
    if entry.id != page_entry_id(entry.account, entry.unit, facts.stream, facts.first):
        yield "does not have the id of its stream and its first offset"
    yield from _wrong_kind(entry, facts)
    yield from _wrong_sums(entry, [one for one in listed if one is not None and one.paid])


def _wrong_kind(entry: Entry, facts: PageFacts) -> Iterator[str]:
    """Yields where the entry is of a kind that has no records, or a capture of another hold than its stream."""
    if entry.kind == "capture":
        if facts.stream != hold_id(entry.account, entry.unit, entry.extra["hold"]["seq"]):
            yield "has the records of another hold"
    elif entry.kind != "burn":
        yield f"is of kind {entry.kind} and has records"


def _wrong_sums(entry: Entry, paid: Sequence[Record]) -> Iterator[str]:
    """Yields where records do not add up to the entry: to its amount, its meters, its draws, and what it carries on."""
    sums: dict[str | None, tuple[Fraction, int]] = {}
    rests: dict[str, Fraction] = {}
    for one in paid:
        quantity, steps = sums.get(one.meter, (Fraction(0), 0))
        counted = Fraction(one.quantity) if one.meter is not None else Fraction(0)
        sums[one.meter] = quantity + counted, steps + one.steps
        if one.rest and one.meter is not None:
            rests[one.meter] = rests.get(one.meter, Fraction(0)) + one.rest
    total = sum(steps for _, steps in sums.values())
    if total != -entry.amount:
        yield f"has records of {total}, and an amount of {entry.amount}"
    usage = entry.extra.get("usage", [])
    said = [(one["meter"], one["quantity"], one["steps"]) for one in usage]
    expected = [
        (meter, written(quantity), str(steps))
        for meter, (quantity, steps) in sums.items()
        if meter is not None
    ]
    if said != expected:
        yield "says other sums by meter than its records add up to"
    if not _counts_right(entry, paid):
        yield "counts in periods what its records do not add up to"
    if changes_of(entry) != {meter: str(rest) for meter, rest in rests.items()}:
        yield "carries on other fractions than its records have"
    yield from _wrong_draws(entry, [meter for meter, _, _ in expected], sums)


def _counts_right(entry: Entry, paid: Sequence[Record]) -> bool:
    """Tells whether what an entry counted in periods is what its records were."""
    told, counting = dict(counts_of(entry)), CountsOfRecords(entry)
    found: dict[CountedPeriod, Fraction] = {}
    for one in paid if told else ():
        if counter := counting.of(one.meter, one.dimensions):
            found[counter] = found.get(counter, Fraction(0)) + Fraction(one.quantity)
    return told == found


def _wrong_draws(
    entry: Entry, meters: Sequence[str], sums: Mapping[str | None, tuple[Fraction, int]]
) -> Iterator[str]:
    """Yields where the draws of a meter, and what is owed for it, are not what its records cost."""
    named: list[str | None] = [*meters, None]
    places = entry.extra.get("items", []) if meters else [0] * len(entry.draws)
    if len(places) != len(entry.draws):
        yield "does not say which meter each of its draws is for"
        return
    given: Counter[str | None] = Counter()
    for draw, item in zip(entry.draws, places, strict=True):
        given[named[item]] += draw.amount
    for one in read_owes(entry.extra.get("owes")):
        given[next(iter(one.purpose.meters), None)] += one.steps
    for meter in sorted(given.keys() | sums.keys(), key=str):
        steps = sums[meter][1] if meter in sums else 0
        if given[meter] != steps:
            about = f"meter {meter}" if meter is not None else "no meter"
            yield f"burned {given[meter]} for {about}, and its records {steps}"
