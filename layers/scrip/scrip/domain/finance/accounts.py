"""The accounts of the books, by the keys of the chart of accounts. What a company calls them is the chart's to say."""

from __future__ import annotations

from typing import Final

DEFERRED: Final = "deferred_revenue"
"""The money of credits that are still there, without tax: what all lots have deferred, at every instant."""
TAX_DEFERRED: Final = "tax_deferred"
"""The tax of such credits that is due as they are spent."""
TAX_PAYABLE: Final = "tax_payable"
"""The tax that is due."""
REVENUE: Final = "revenue"
"""The money of credits that were spent."""
BREAKAGE: Final = "breakage"
"""The money of credits that nobody spent."""
BREAKAGE_TAX: Final = "breakage_tax"
"""The tax that came with such credits and was due as they were spent: it never was."""
REFUNDS: Final = "refunds"
"""What was paid back of money that had been earned: it comes off revenue."""
BAD_DEBT: Final = "bad_debt"
"""The same of a dispute that was lost: what was delivered was never paid."""
MANUAL: Final = "funding.manual"
"""What was paid elsewhere for credits that were granted by hand."""
CREDIT: Final = "funding.credit"
"""What was paid elsewhere, and became credits in the place of a refund."""
BANK: Final = "bank"
"""What providers paid out."""
FEES: Final = "fees"
"""What providers kept for their work."""
CONVERSION: Final = "conversion"
"""What was exchanged into another currency, and out of one: its sums by currency are what a provider converted."""
RECEIVABLE: Final = "receivable"
"""What customers owe on invoices."""
PROMOTIONAL_EXPENSE: Final = "promotional_expense"
"""What credits that were given away stand for, as a memo."""
CASH: Final = "cash."
"""How the accounts of providers begin."""


def cash(provider: str) -> str:
    """Returns the account of what a payment provider took in and has not paid out yet."""
    return f"{CASH}{provider}"
