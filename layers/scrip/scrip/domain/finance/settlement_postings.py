"""Postings of settlements: what a provider's fees, payouts and exchanges do to the books, each in its currency.

Debit is positive, credit negative; lines of one posting add up to nothing. What customers pay and get back is booked
by the ledger's entries (``postings``). Does not own what a provider lists (``settlement``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scrip.domain.finance import accounts
from scrip.domain.finance.postings import PostingLine
from scrip.domain.finance.settlement import CUSTOMERS, ProviderSettlement, SettlementType

_AGAINST: Final[Mapping[SettlementType, str]] = {
    "fee": accounts.FEES,
    "tax": accounts.TAX_PAYABLE,
    "payout": accounts.BANK,
    "payout_failed": accounts.BANK,
    "topup": accounts.BANK,
    "conversion": accounts.CONVERSION,
    "adjustment": accounts.ADJUSTMENTS,
}
"""The account that stands against the provider's clearing account."""


@dataclass(frozen=True, slots=True)
class SettlementPosting:
    """Lines in one currency that add up to 0; the cause is the settlement's type, or ``conversion``."""

    cause: SettlementType
    currency: str
    lines: Sequence[PostingLine]


def settlement_postings(provider: str, settlement: ProviderSettlement) -> list[SettlementPosting]:
    """Returns the postings of a settlement: none, one, or two in two currencies.

    A payment that was exchanged is booked in the customer's currency by its entry. It leaves the clearing account in
    that and comes back in the balance's, both against ``conversion``. A reserve stays the provider's debt to us. What
    an adjustment is for nobody knows yet: it stands in ``adjustments`` until a person books it on.
    """
    cash, amount = accounts.cash(provider), settlement.amount
    if settlement.type in CUSTOMERS:
        if settlement.charged is None:
            return []
        paid, currency = settlement.charged
        return [
            _posting("conversion", currency, (accounts.CONVERSION, paid), (cash, -paid)),
            _posting("conversion", settlement.currency, (cash, amount), (accounts.CONVERSION, -amount)),
        ]
    against = _AGAINST.get(settlement.type)
    if against is None:
        return []
    return [_posting(settlement.type, settlement.currency, (against, -amount), (cash, amount))]


def _posting(cause: SettlementType, currency: str, *lines: tuple[str, int]) -> SettlementPosting:
    return SettlementPosting(
        cause, currency, tuple(PostingLine(account, amount) for account, amount in lines)
    )
