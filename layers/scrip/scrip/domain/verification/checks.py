"""Checks that a wallet, its lots and its entries agree (laws 1, 2, 4 and 8).

The functions are pure. Instants are checked in ``due_checks``; payments and transfers, which need other records, in
``services.verification``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scrip.domain.credits.debts import MEMBERS, Debts, follow
from scrip.domain.credits.entries import GENESIS, UNREADABLE, Entry, Totals
from scrip.domain.credits.lots import Lot
from scrip.domain.verification.budget_checks import check_budgets
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.verification.pace_checks import check_pace
from scrip.domain.verification.posting_checks import check_postings
from scrip.domain.verification.price_checks import check_counters, check_own_rates
from scrip.domain.verification.record_checks import (
    check_leases,
    check_records,
    check_reversals,
    check_streams,
)
from scrip.domain.verification.replay import ReplayedLot, funds_of, replay
from scrip.domain.wallets.carries import KIND as CARRY
from scrip.domain.wallets.carries import changes_of
from scrip.domain.wallets.funds import Funds
from scrip.domain.wallets.repayments import ALL, KIND
from scrip.domain.wallets.status import SHOWS_BASE
from scrip.domain.wallets.wallet import Name, Sidecar, Wallet


@dataclass(frozen=True, slots=True)
class StoredLots:
    """Every lot of a wallet as it is stored: open, pending (not yet effective) or exhausted (nothing to spend)."""

    open: Sequence[Lot] = ()
    pending: Sequence[Lot] = ()
    exhausted: Sequence[Lot] = ()


def check_wallet(
    wallet: Wallet,
    entries: Mapping[int, Entry],
    stored_lots: StoredLots,
    sidecars: Mapping[Name, Sidecar],
) -> Iterator[Discrepancy]:
    """Yields every discrepancy of a wallet, the first broken entry first.

    Args:
        entries: by sequence, those up to the wallet's version, with their records.
        sidecars: those of what is owed, of what meters carry and counted, of own rate cards, of streams, of holds,
            of reversals and of budgets, at least.
    """
    yield from check_chain(wallet, entries)
    yield from check_totals(wallet, stored_lots)
    ordered = [entries[seq] for seq in sorted(entries)]
    for entry in ordered:
        yield from check_records(entry)
    yield from check_entries(wallet, ordered, stored_lots, sidecars)


def check_entries(
    wallet: Wallet, entries: Sequence[Entry], stored_lots: StoredLots, sidecars: Mapping[Name, Sidecar]
) -> Iterator[Discrepancy]:
    """Checks that all that is kept of a wallet, but for its chain and its totals, is what its entries say.

    Args:
        entries: those that the wallet has counted, in their order.
        sidecars: as for ``check_wallet``.
    """
    yield from check_lots(wallet, entries, stored_lots)
    everything = (*stored_lots.open, *stored_lots.pending, *stored_lots.exhausted)
    yield from check_postings(wallet, entries, everything)
    yield from check_debts(entries, stored_lots, sidecars)
    yield from check_carries(entries, sidecars)
    yield from check_streams(wallet, entries, sidecars)
    yield from check_leases(entries, sidecars)
    yield from check_reversals(entries, sidecars)
    yield from check_counters(entries, sidecars)
    yield from check_own_rates(wallet, entries, sidecars)
    yield from check_budgets(wallet, entries, sidecars)
    yield from check_pace(wallet, entries)
    yield from check_base(wallet, entries)


def check_chain(wallet: Wallet, entries: Mapping[int, Entry]) -> Iterator[Discrepancy]:
    """Checks that the entries are a chain without a gap from the genesis hash to the wallet's head.

    Each entry must also begin with the totals that the entry before it left.
    """
    head, totals = yield from check_links(entries, 1, wallet.version)
    last = entries.get(wallet.version)
    if last and wallet.recorded_at != (last.at if last.recorded_at is None else last.recorded_at):
        yield Discrepancy("the wallet was not recorded when its last entry was", wallet.version)
    if wallet.head != head:
        yield Discrepancy("the wallet's head is not the hash of its last entry", wallet.version)
    if wallet.totals != totals:
        yield Discrepancy("the wallet's totals are not those of its last entry", wallet.version)


def check_links(
    entries: Mapping[int, Entry], first: int, last: int, before: Entry | None = None, *, begins: bool = True
) -> Generator[Discrepancy, None, tuple[bytes, Totals]]:
    """Checks that the entries from ``first`` to ``last`` are a chain without a gap.

    Returns the hash and the totals that an entry after the last one begins with.

    Args:
        entries: by sequence.
        before: the entry that the first one follows.
        begins: whether the first one is the wallet's first, which follows the genesis hash.
    """
    head, totals = GENESIS, Totals()
    known = begins
    if before:
        head, totals, known = before.hash(), before.after, True
    for seq in range(first, last + 1):
        entry = entries.get(seq)
        if entry and not known:
            head, totals, known = entry.previous_hash, entry.before, True
        if entry is None:
            yield Discrepancy(f"entry {seq} is missing", seq)
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
        wrong += _times(before, entry)
        if min(entry.after) < 0:
            wrong.append("leaves something below zero")
        for what in wrong:
            yield Discrepancy(f"entry {seq} {what}", seq, entry.id)
        head, totals, before = entry.hash(), entry.after, entry
    return head, totals


def _times(before: Entry | None, entry: Entry) -> Iterator[str]:
    """Yields what is wrong with the instants of an entry that follows another (None: none), in words.

    Under the test clock an instant may be any, and what is recorded is that instant: so much holds of every entry.
    """
    if before and entry.at < before.at:
        yield "is earlier than the entry before it"
    if entry.recorded_at is None:
        if before and before.recorded_at is not None:
            yield "does not say when it was recorded, as the entry before it does"
    elif entry.recorded_at < entry.at:
        yield "was recorded before it happened"
    elif before and entry.recorded_at < (before.recorded_at or before.at):
        yield "was recorded before the entry before it"


def check_base(wallet: Wallet, entries: Iterable[Entry]) -> Iterator[Discrepancy]:
    """Checks that the wallet's base, and that which each entry shows, is what was available after the last renewal.

    A wallet of before bases were kept has none until an entry renews it.
    """
    base, shown = 0, False
    for entry in entries:
        if entry.base is not None and entry.base != base:
            yield Discrepancy(
                f"entry {entry.seq} shows the base {entry.base}, and it is {base}", entry.seq, entry.id
            )
        if entry.renews:
            base = entry.after.available
        shown = entry.extra.get(SHOWS_BASE, shown) if entry.kind == "status" else shown
    if wallet.base is not None and wallet.base != base:
        yield Discrepancy(f"the wallet's base is {wallet.base}, by its entries {base}", wallet.version)
    if wallet.shows_base != shown:
        yield Discrepancy("the wallet's entries show its base, or not, other than they say", wallet.version)


def check_totals(wallet: Wallet, stored_lots: StoredLots) -> Iterator[Discrepancy]:
    """Checks that the lots add up to the wallet's totals.

    No lot may be below zero, stored twice, or among the exhausted lots with something to spend.
    """
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
        yield Discrepancy(f"the lots add up to {found}, the wallet says {wallet.totals}")
    for seq, count in Counter(lot.seq for lot in everything).items():
        if count > 1:
            yield Discrepancy(f"lot {seq} is stored {count} times", seq)
    for lot in everything:
        # More than was granted may be left: a refund that failed after all gives back what was burned and then repaid
        # from other lots, and the burn may be reversed besides.
        if min(lot.remaining, lot.held, lot.frozen, lot.spendable) < 0:
            yield Discrepancy(f"lot {lot.seq} is out of bounds", lot.seq)
    for lot in stored_lots.exhausted:
        if lot.spendable:
            yield Discrepancy(f"lot {lot.seq} is among the exhausted lots with something to spend", lot.seq)


def check_lots(wallet: Wallet, entries: Iterable[Entry], stored_lots: StoredLots) -> Iterator[Discrepancy]:
    """Checks that each stored lot is what its entries leave of it, and that its money adds up to what was paid.

    The wallet's sums of that money are checked with them.
    """
    counted = wallet.funds is not None
    try:
        lots = replay(entries)
    except UNREADABLE as error:
        yield Discrepancy(f"an entry names a lot that no entry before it granted: {error}")
        return
    stored = {lot.seq: lot for lot in (*stored_lots.open, *stored_lots.pending, *stored_lots.exhausted)}
    for seq in sorted(lots.keys() | stored.keys()):
        found, replayed = stored.get(seq), lots.get(seq) or ReplayedLot({}, 0)
        if found is None:
            yield Discrepancy(f"lot {seq} is not stored", seq)
            continue
        numbers = (
            ("left", found.remaining + found.held, replayed.left),
            ("held", found.held, replayed.held),
            ("frozen", found.frozen, replayed.frozen),
        )
        ends = replayed.facts.get("expires_at")
        if found.expires_at != ends:
            yield Discrepancy(f"lot {seq} ends at {found.expires_at}, its entries say {ends}", seq)
        if (found.waits, found.notices) != (replayed.waits, replayed.facts.get("notices", 0)):
            said = "nobody was told of its end" if replayed.waits else "it may end"
            yield Discrepancy(
                f"lot {seq} has other terms of notice than its entries say, by which {said}", seq
            )
        if replayed.unannounced is not None:
            yield Discrepancy(f"lot {seq} ended, and nobody had been told in time", replayed.unannounced)
        wrong = [(name, there, expected) for name, there, expected in numbers if there != expected]
        for name, there, expected in wrong:
            yield Discrepancy(f"lot {seq} has {there} {name}, its entries say {expected}", seq)
        if not wrong and found.cost:
            yield from (Discrepancy(what, seq) for what in _money_of(found, replayed, counted))
    yield from check_funds(wallet, lots.values(), stored.values())


def _money_of(lot: Lot, replayed: ReplayedLot, counted: bool) -> list[str]:
    """Returns what is wrong with a lot's money; that too where its entries say nothing that can be read."""
    try:
        return list(check_money(lot, replayed, counted=counted))
    except UNREADABLE:
        return [f"what the entries say of the money of lot {lot.seq} cannot be read"]


def check_funds(wallet: Wallet, lots: Iterable[ReplayedLot], stored: Iterable[Lot]) -> Iterator[Discrepancy]:
    """Checks that the sums of a wallet's money are those of its entries, and that its lots have what is deferred.

    A wallet whose money was not counted from its beginning has no sums.

    Args:
        lots: as the entries tell of them.
        stored: as they are stored.
    """
    if wallet.funds is None:
        return
    try:
        found = funds_of(lots)
    except UNREADABLE:
        return
    sums = {one.currency: one for one in wallet.funds}
    for currency in sorted(sums.keys() | found.keys()):
        there, expected = sums.get(currency, Funds(currency)), found.get(currency, Funds(currency))
        if there != expected:
            yield Discrepancy(
                f"the wallet's sums of {currency} are {there[1:]}, its entries say {expected[1:]}"
            )
    deferred: Counter[str] = Counter()
    for one in stored:
        if one.cost:
            deferred[one.cost.currency] += one.deferred
    for currency, money in sorted(deferred.items()):
        left = sums.get(currency, Funds(currency)).deferred
        if money != left:
            yield Discrepancy(f"the lots have {money} of {currency} deferred, the wallet's sums leave {left}")


def check_debts(
    entries: Iterable[Entry], stored_lots: StoredLots, sidecars: Mapping[Name, Sidecar]
) -> Iterator[Discrepancy]:
    """Checks that what is owed for each purpose is what the entries say, and that no other lots than may repaid it.

    A lot whose clawback found credits burned has nothing to spend until these are paid for.

    Args:
        sidecars: those of what is owed, at least.
    """
    debts: Debts = Debts()
    scopes: dict[int, Sequence[str]] = {}
    for entry in entries:
        made = entry.extra.get("lot")
        if isinstance(made, dict) and made.get("seq") == entry.seq:
            scopes[entry.seq] = made.get("scope", ())
        if not MEMBERS & entry.extra.keys():
            continue
        try:
            repaid = list(follow(debts, entry))
        except UNREADABLE as error:
            yield Discrepancy(f"entry {entry.seq} speaks of a debt that there was not: {error}", entry.seq)
            return
        for draw, purpose in repaid:
            if purpose.lot != draw.lot and not purpose.within(scopes.get(draw.lot, ())):
                what = f"in entry {entry.seq} lot {draw.lot} repays what was not owed for its meters"
                yield Discrepancy(what, entry.seq)
        if debts.owed != entry.after.owed:
            what = f"the debts after entry {entry.seq} add up to {debts.owed}, it says {entry.after.owed}"
            yield Discrepancy(what, entry.seq)
    if debts.to_json() != sidecars.get((KIND, ALL)):
        yield Discrepancy("what is stored of the wallet's debts is not what its entries say")
    for lot in (*stored_lots.open, *stored_lots.pending):
        if debts.lacking(lot.seq):
            yield Discrepancy(f"lot {lot.seq} has credits, and its clawback still lacks some", lot.seq)


def check_carries(entries: Iterable[Entry], sidecars: Mapping[Name, Sidecar]) -> Iterator[Discrepancy]:
    """Checks that the fraction of a step that each meter carries is the sum of what its entries changed it by (law 7).

    Args:
        sidecars: those of what meters carry, at least.
    """
    told: dict[str, Fraction] = {}
    for entry in entries:
        try:
            for meter, change in changes_of(entry).items():
                told[meter] = told.get(meter, Fraction(0)) + Fraction(change)
        except UNREADABLE:
            what = f"entry {entry.seq} carries on what cannot be read"
            yield Discrepancy(what, entry.seq, entry.id)
    stored = {name: Fraction(sidecar["carry"]) for (kind, name), sidecar in sidecars.items() if kind == CARRY}
    for meter, carry in sorted({**dict.fromkeys(told, Fraction(0)), **stored}.items()):
        # Entries of before do not say it: of a meter with nothing but such, nothing is known.
        if meter in told and carry != told[meter]:
            yield Discrepancy(f"the wallet carries {carry} of {meter}, its entries say {told[meter]}")


def check_money(lot: Lot, replayed: ReplayedLot, *, counted: bool) -> Iterator[str]:
    """Yields what is wrong with the money and the tax of a lot with cost basis, in words (laws 7 and 8).

    Args:
        counted: whether the wallet's money was counted from its beginning, in its lots too.
    """
    assert lot.cost
    money, tax = lot.deferred + replayed.accounted_for, replayed.tax_moved + replayed.tax_refunded
    if money != lot.cost.amount:
        yield f"the money of lot {lot.seq} adds up to {money} of {lot.cost.amount}"
    whole = lot.deferred_tax + replayed.tax_due + tax
    if replayed.tax_at_redemption and whole != replayed.tax:
        yield f"the tax of lot {lot.seq} adds up to {whole} of {replayed.tax}"
    if (lot.moved_money, lot.moved_tax) != (replayed.moved_since, replayed.tax_moved):
        yield (
            f"lot {lot.seq} says that {lot.moved_money} and {lot.moved_tax} of tax are another lot's, "
            f"its entries say {replayed.moved_since} and {replayed.tax_moved}"
        )
    if counted:
        for name, there, expected in (
            ("ended unspent", lot.breakage, replayed.breakage),
            ("went back", lot.returned, replayed.refunded),
            ("was lost", lot.lost, replayed.lost),
            ("was never paid", lot.unpaid, replayed.unpaid),
        ):
            if there != expected:
                yield f"lot {lot.seq} says that {there} of its money {name}, its entries say {expected}"
    # Fewer than its entries say: those of before were not counted.
    if not 0 <= lot.unused <= replayed.unused:
        yield f"lot {lot.seq} counts {lot.unused} that ended unspent, its entries say {replayed.unused}"
