"""The chart of accounts: what a company calls the accounts of the books.

Each account has a name without anybody saying one. Does not own which accounts there are (``accounts``), nor what a
name becomes in a format (``formats``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from scrip.domain.finance import accounts

Kind = Literal["asset", "liability", "income", "expense", "equity"]
"""Where an account stands in a balance sheet or a statement of income."""
MAX_NAME: Final = 100
"""Characters of a name, as QuickBooks Online has them at most."""
PARTS: Final = ":"
"""Stands between the parts of a name: an account and one under it."""


@dataclass(frozen=True, slots=True)
class BookAccount:
    """An account of the books.

    Attributes:
        key: by which the chart has it.
        name: what it is called where nobody says otherwise; None: nothing is booked to it then.
        meaning: what it has, in a sentence.
    """

    key: str
    kind: Kind
    name: str | None
    meaning: str


ACCOUNTS: Final[Mapping[str, BookAccount]] = {
    one.key: one
    for one in (
        BookAccount(
            accounts.DEFERRED,
            "liability",
            "Deferred Revenue",
            "The money, without tax, of credits that are still there.",
        ),
        BookAccount(
            accounts.TAX_DEFERRED,
            "liability",
            "Deferred Tax",
            "The tax of such credits, where it is due as they are spent.",
        ),
        BookAccount(accounts.TAX_PAYABLE, "liability", "Tax Payable", "The tax that is due."),
        BookAccount(accounts.REVENUE, "income", "Revenue", "The money of credits that were spent."),
        BookAccount(accounts.BREAKAGE, "income", "Breakage", "The money of credits that nobody spent."),
        BookAccount(
            accounts.BREAKAGE_TAX,
            "income",
            "Breakage Tax",
            "The tax of such credits that was due as they were spent, and so never was. What becomes of it depends "
            "on the country.",
        ),
        BookAccount(
            accounts.REFUNDS, "income", "Refunds", "What was paid back of money that had been earned."
        ),
        BookAccount(accounts.BAD_DEBT, "expense", "Bad Debt", "The same of a dispute that was lost."),
        BookAccount(
            accounts.MANUAL,
            "asset",
            "Funding:Manual",
            "What was paid elsewhere for credits that were granted by hand.",
        ),
        BookAccount(
            accounts.CREDIT,
            "asset",
            "Funding:Credit",
            "What was paid elsewhere and became credits in the place of a refund.",
        ),
        BookAccount(accounts.BANK, "asset", "Bank", "What providers paid out."),
        BookAccount(accounts.FEES, "expense", "Provider Fees", "What providers kept for their work."),
        BookAccount(
            accounts.CONVERSION,
            "equity",
            "Conversions",
            "What providers exchanged into another currency, and out of one.",
        ),
        BookAccount(
            accounts.ADJUSTMENTS,
            "asset",
            "Clearing:Unexplained",
            "What providers moved and nobody has explained yet: to be booked on to where it belongs.",
        ),
        BookAccount(accounts.RECEIVABLE, "asset", "Receivables", "What customers owe on invoices."),
        BookAccount(
            accounts.PROMOTIONAL_EXPENSE,
            "expense",
            None,
            "What credits that were given away stand for, as a memo. Without a name nothing is booked to it.",
        ),
    )
}
"""Every account by its key, without those of providers: these are ``cash_account``'s."""


TAX_RATE: Final = "xero.tax_rate"


class ProgramRate(NamedTuple):
    """A rate of tax that an accounting program asks for: what most companies call it, and what it is, in a sentence."""

    name: str
    meaning: str


RATES: Final[Mapping[str, ProgramRate]] = {
    TAX_RATE: ProgramRate(
        "Tax Exempt", "What Xero calls the rate of lines that have no tax: all of them here."
    ),
}
"""Rates by their keys in the chart. Tax has an account of its own, so no line has any."""


def cash_account(provider: str) -> BookAccount:
    """Returns the account of a payment provider."""
    name = f"Clearing{PARTS}{provider[:1].upper()}{provider[1:]}"
    said = f"What {provider} took in and has not paid out yet."
    return BookAccount(accounts.cash(provider), "asset", name, said)


def book_account(key: str) -> BookAccount:
    """Returns the account that has a key.

    Raises:
        LookupError: there is none.
    """
    if key.startswith(accounts.CASH) and key != accounts.CASH:
        return cash_account(key.removeprefix(accounts.CASH))
    if key not in ACCOUNTS:
        raise LookupError(f"there is no account {key}")
    return ACCOUNTS[key]


@dataclass(frozen=True, slots=True)
class Chart:
    """What a company calls the accounts.

    Attributes:
        names: those that it named, by key. Two keys may have the same name: they are one account of its books.
        version: counts changes; 0: nobody named any.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    version: int = 0

    def name(self, key: str) -> str | None:
        """Returns what an account is called; None: nothing is booked to it.

        Raises:
            LookupError: there is no such account.
        """
        return self.names.get(key, book_account(key).name)

    def called(self, key: str) -> str:
        """Returns what an account is called where something is booked to it: its key, if it has lost its name since.

        Raises:
            LookupError: there is no such account.
        """
        return self.name(key) or key

    def rate(self, key: str) -> str:
        """Returns what a rate is called in the company's accounting program."""
        return self.names.get(key, RATES[key].name)

    def all_names(self, providers: Iterable[str]) -> dict[str, str | None]:
        """Returns what every account and rate is called, by key.

        Accounts of these providers, and of those that are named, come after the others, and rates last.
        """
        cash = {accounts.cash(provider) for provider in providers}
        cash |= {key for key in self.names if key.startswith(accounts.CASH)}
        named = {key: self.name(key) for key in (*ACCOUNTS, *sorted(cash))}
        return named | {key: self.rate(key) for key in RATES}

    def to_json(self) -> dict[str, Any]:
        """Returns it as it is stored."""
        return {"names": dict(sorted(self.names.items())), "version": self.version}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Chart:
        """Reads it as it is stored; of nothing, the chart where nobody named an account."""
        return cls(body.get("names", {}), body.get("version", 0))
