"""Checks that the books which follow from a wallet's entries have what its lots have deferred (law 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.credits.lots import Lot
from scrip.domain.finance import accounts
from scrip.domain.finance.postings import deferred, postings
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.verification.replay import ReplayedLot, follow
from scrip.domain.wallets.funds import Funds
from scrip.domain.wallets.wallet import Wallet


class Booked:
    """What the entries of one wallet come to in the books: debits less credits, by account and currency.

    Attributes:
        deferred: of the wallet's own lots alone, by account and currency: what they have deferred.
    """

    def __init__(self) -> None:
        self.sums = Counter[tuple[str, str]]()
        self.deferred = Counter[tuple[str, str]]()

    def add(self, entry: Entry) -> None:
        """Books one more entry. Raises one of ``UNREADABLE``, or ``AssertionError``, where it cannot be booked."""
        made = postings(entry)
        for posting in made:
            for line in posting.lines:
                self.sums[line.account, posting.currency] += line.amount
        for account in (accounts.DEFERRED, accounts.TAX_DEFERRED):
            for currency, money in deferred(made, account).items():
                self.deferred[account, currency] += money

    def wrong(self, funds: Mapping[str, Funds]) -> Iterator[str]:
        """Yields in what the books differ from the sums of the wallet's money, by currency, in words."""
        currencies = {currency for _, currency in self.sums}
        for currency in sorted(funds.keys() | currencies):
            told = funds.get(currency, Funds(currency))
            earned = [accounts.REVENUE, accounts.REFUNDS, accounts.BAD_DEBT]
            for what, booked, there in (
                ("deferred", self.deferred[accounts.DEFERRED, currency], told.deferred),
                ("ended unspent", -self.sums[accounts.BREAKAGE, currency], told.breakage),
                (
                    "earned",
                    -sum(self.sums[account, currency] for account in earned),
                    told.recognised - told.bad_debt,
                ),
            ):
                if booked != there:
                    yield f"by the books {booked} of {currency} is {what}, by the wallet's sums {there}"


def check_postings(wallet: Wallet, entries: Sequence[Entry], lots: Iterable[Lot]) -> Iterator[Discrepancy]:
    """Checks that each entry's postings add up to nothing, and all of them to the money and tax that lots defer.

    That holds after every entry: by how much its postings change what is deferred is by how much it changes its lots.

    A wallet whose money was not counted from its beginning is not checked: its first entries say too little.

    Args:
        entries: in their order, from the wallet's first on.
        lots: all of the wallet, as they are stored.
    """
    if wallet.funds is None:
        return
    booked, told = Booked(), dict[int, ReplayedLot]()
    for entry in entries:
        try:
            wrong = [*_booked(booked, told, entry)]
        except KeyError as error:
            if error.args == ("currency",):
                # Of before entries said it: nothing is known of this wallet's books.
                return
            yield Discrepancy(f"entry {entry.seq} cannot be booked: KeyError", entry.seq, entry.id)
            return
        except (*UNREADABLE, AssertionError) as error:
            yield Discrepancy(
                f"entry {entry.seq} cannot be booked: {type(error).__name__}", entry.seq, entry.id
            )
            return
        yield from (Discrepancy(what, entry.seq, entry.id) for what in wrong)
    for what in booked.wrong({one.currency: one for one in wallet.funds}):
        yield Discrepancy(what)
    there = Counter[tuple[str, str]]()
    for lot in lots:
        if lot.cost:
            there[accounts.DEFERRED, lot.cost.currency] += lot.deferred
            if lot.tax_at_redemption:
                there[accounts.TAX_DEFERRED, lot.cost.currency] += lot.deferred_tax
    for name in sorted(booked.deferred.keys() | there.keys()):
        if booked.deferred[name] != there[name]:
            account, currency = name
            yield Discrepancy(
                f"the lots have {there[name]} of {currency} as {account}, the books {booked.deferred[name]}"
            )


def _booked(booked: Booked, lots: dict[int, ReplayedLot], entry: Entry) -> Iterator[str]:
    """Books one more entry, and yields in what its postings change what is deferred otherwise than its lots, in words.

    Where entries do not tell of their lots nothing is compared, from the first one on that does not: that is found by
    whoever compares lots.

    Raises:
        One of ``UNREADABLE``, or ``AssertionError``: it cannot be booked.
    """
    said = entry.extra.get("lot")
    touched: set[int] = {draw.lot for draw in entry.draws} | {
        said["seq"] if isinstance(said, dict) else said or 0
    }
    before, changes = booked.deferred.copy(), Counter[tuple[str, str]]()
    booked.add(entry)
    try:
        changes.subtract(_deferred(lots, touched))
        follow(lots, entry)
        changes.update(_deferred(lots, touched))
    except UNREADABLE:
        lots.clear()
    if not lots:
        return
    for name in sorted(changes.keys() | booked.deferred.keys()):
        there = booked.deferred[name] - before[name]
        if there != changes[name]:
            account, currency = name
            yield (
                f"entry {entry.seq} changes what is {account} by {there} of {currency} in the books, "
                f"and by {changes[name]} in its lots"
            )


def _deferred(lots: Mapping[int, ReplayedLot], touched: Iterable[int]) -> Counter[tuple[str, str]]:
    """Returns what some lots defer, as their entries tell of them, by account and currency."""
    found = Counter[tuple[str, str]]()
    for seq in touched:
        lot = lots.get(seq)
        if lot is None or "cost" not in lot.facts:
            continue
        cost, currency = lot.facts["cost"]
        found[accounts.DEFERRED, currency] += cost - lot.accounted_for
        if lot.tax_at_redemption:
            gone = lot.tax_due + lot.tax_refunded + lot.tax_moved
            found[accounts.TAX_DEFERRED, currency] += lot.tax - gone
    return found
