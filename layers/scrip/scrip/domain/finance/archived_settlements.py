"""What the archive keeps of one movement of a provider's balance: the fact as it was recorded, with what it posts.

Its form is a flat JSON object, which any engine reads. Does not own the rules of its postings
(``settlement_postings``), nor what the archive keeps of entries (``archive``).
"""

from __future__ import annotations

from typing import Any, Final

from scrip.domain.finance.settlement import ProviderSettlement
from scrip.domain.finance.settlement_postings import settlement_postings

Json = dict[str, Any]

MEMBERS: Final = {
    "provider": "VARCHAR",
    "id": "VARCHAR",
    "type": "VARCHAR",
    "kind": "VARCHAR",
    "amount": "BIGINT",
    "currency": "VARCHAR",
    "held_at": "BIGINT",
    "recorded_at": "BIGINT",
    "subject": "VARCHAR",
    "payment_id": "VARCHAR",
    "paid": "BIGINT",
    "paid_currency": "VARCHAR",
    "postings": (
        "STRUCT(number BIGINT, cause VARCHAR, currency VARCHAR, lines STRUCT(name VARCHAR, amount BIGINT)[])[]"
    ),
}
"""The members of the object and their types in SQL. Instants are epoch milliseconds; ``paid`` is what the customer paid
in another currency."""


def archived_settlement(provider: str, settlement: ProviderSettlement, recorded_at: int) -> Json:
    """Returns what the archive keeps of a settlement.

    Args:
        recorded_at: when it was recorded here, epoch milliseconds.
    """
    paid, paid_currency = settlement.charged or (None, None)
    return {
        "provider": provider,
        "id": settlement.id,
        "type": settlement.type,
        "kind": settlement.kind,
        "amount": settlement.amount,
        "currency": settlement.currency,
        "held_at": settlement.at,
        "recorded_at": recorded_at,
        "subject": settlement.of,
        "payment_id": settlement.payment_id,
        "paid": paid,
        "paid_currency": paid_currency,
        "postings": [
            {
                "number": number,
                "cause": one.cause,
                "currency": one.currency,
                "lines": [{"name": line.account, "amount": line.amount} for line in one.lines],
            }
            for number, one in enumerate(settlement_postings(provider, settlement))
        ],
    }
