"""Whether a wallet, its lots and its entries agree: the laws as a check that anybody can run (laws 1, 2, 4, 8).

Pure: the store brings what there is, the simulator and the tests bring what they made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scrip.domain.credits.entries import GENESIS, UNREADABLE, Entry, Totals
from scrip.domain.credits.lots import Lot
from scrip.domain.verification.replay import ReplayedLots, replay
from scrip.domain.wallets.wallet import Wallet


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be; ``seq`` and ``entry_id`` name the entry, where it is one."""

    what: str
    seq: int | None = None
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredLots:
    """Every lot of a wallet, by place."""

    open: Sequence[Lot] = ()
    pending: Sequence[Lot] = ()
    exhausted: Sequence[Lot] = ()


def audit(wallet: Wallet, entries: Mapping[int, Entry], stored_lots: StoredLots) -> Iterator[Finding]:
    """Everything that does not add up, the first broken entry first.

    Args:
        entries: by sequence, those up to the wallet's version.
    """
    yield from chained(wallet, entries)
    yield from added_up(wallet, stored_lots)
    yield from explained([entries[seq] for seq in sorted(entries)], stored_lots)


def chained(wallet: Wallet, entries: Mapping[int, Entry]) -> Iterator[Finding]:
    """The entries are a gapless chain from nothing to the wallet's head, and each changes the totals it found."""
    head, totals, at = GENESIS, Totals(), 0
    for seq in range(1, wallet.version + 1):
        entry = entries.get(seq)
        if entry is None:
            yield Finding(f"entry {seq} is missing", seq)
            following = entries.get(seq + 1)
            if following:
                head, totals = following.previous_hash, following.before
            continue
        wrong = []
        if entry.previous_hash != head:
            wrong.append("does not follow the hash of the entry before it")
        if entry.before != totals:
            wrong.append("does not begin with the totals of the entry before it")
        if entry.amount != entry.after.total - entry.before.total:
            wrong.append("has an amount that is not the change of the total")
        if entry.at < at:
            wrong.append("is earlier than the entry before it")
        if min(entry.after) < 0:
            wrong.append("leaves something below zero")
        for what in wrong:
            yield Finding(f"entry {seq} {what}", seq, entry.id)
        head, totals, at = entry.hash(), entry.after, entry.at
    if wallet.head != head:
        yield Finding("the wallet's head is not the hash of its last entry", wallet.version)
    if wallet.totals != totals:
        yield Finding("the wallet's totals are not those of its last entry", wallet.version)


def added_up(wallet: Wallet, stored_lots: StoredLots) -> Iterator[Finding]:
    """The lots add up to the totals; none is below zero or where it does not belong."""
    everything = [*stored_lots.open, *stored_lots.pending, *stored_lots.exhausted]
    found = Totals(
        available=sum(lot.spendable for lot in stored_lots.open),
        held=sum(lot.held for lot in everything),
        frozen=sum(lot.frozen for lot in everything),
        pending=sum(lot.spendable for lot in stored_lots.pending),
        owed=wallet.totals.owed,
        paid=sum(lot.spendable for lot in stored_lots.open if lot.cost),
        scoped=sum(lot.spendable for lot in stored_lots.open if lot.scoped),
    )
    if found != wallet.totals:
        yield Finding(f"the lots add up to {found}, the wallet says {wallet.totals}")
    for seq, count in Counter(lot.seq for lot in everything).items():
        if count > 1:
            yield Finding(f"lot {seq} is in {count} places", seq)
    for lot in everything:
        # More than was granted may be left: a refund that failed after all gives back what was burned and then repaid
        # from other lots, and the burn may be reversed besides.
        if min(lot.remaining, lot.held, lot.frozen, lot.spendable) < 0:
            yield Finding(f"lot {lot.seq} is out of bounds", lot.seq)
    for lot in stored_lots.exhausted:
        if lot.spendable:
            yield Finding(f"lot {lot.seq} is at rest with something to spend", lot.seq)


def explained(entries: Iterable[Entry], stored_lots: StoredLots) -> Iterator[Finding]:
    """What the entries leave of each lot is what is there, and its money adds up to what was paid for it."""
    try:
        lots = replay(entries)
    except UNREADABLE as error:
        yield Finding(f"an entry speaks of a lot that no entry before it made: {error}")
        return
    there = {lot.seq: lot for lot in (*stored_lots.open, *stored_lots.pending, *stored_lots.exhausted)}
    for seq in sorted(lots.keys() | there.keys()):
        found, said = there.get(seq), lots.get(seq) or ReplayedLots({}, 0)
        if found is None:
            yield Finding(f"lot {seq} is nowhere", seq)
            continue
        numbers = (
            ("left", found.remaining + found.held, said.left),
            ("held", found.held, said.held),
            ("frozen", found.frozen, said.frozen),
        )
        wrong = [(name, is_there, told) for name, is_there, told in numbers if is_there != told]
        for name, is_there, told in wrong:
            yield Finding(f"lot {seq} has {is_there} {name}, its entries say {told}", seq)
        if not wrong and found.cost and found.deferred + said.told != found.cost.amount:
            what = f"the money of lot {seq} adds up to {found.deferred + said.told} of {found.cost.amount}"
            yield Finding(what, seq)
