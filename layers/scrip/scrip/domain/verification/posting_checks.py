"""Checks that the books which follow from a wallet's entries have what its lots have deferred (law 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.credits.lots import Lot
from scrip.domain.finance import accounts
from scrip.domain.finance.postings import deferred, postings
from scrip.domain.verification.discrepancies import Discrepancy
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

    A wallet whose money was not counted from its beginning is not checked: its first entries say too little.

    Args:
        entries: in their order, from the wallet's first on.
        lots: all of the wallet, as they are stored.
    """
    if wallet.funds is None:
        return
    booked = Booked()
    for entry in entries:
        try:
            booked.add(entry)
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
