"""Reads Stripe's balance transactions (docs.stripe.com/api/balance_transactions): what moved, and Stripe's fee for it.

A transaction is in the currency of the balance that it moved, ``amount`` before its ``fee``. What it is of is its
``source``, in whose own currency a customer paid. By ``reporting_category`` Stripe says what it is for accounting; its
``type`` calls disputes, their reversals and failed refunds alike. Does not own how they are listed (``client``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scrip.domain.finance.settlement import CUSTOMERS, ProviderSettlement, SettlementType
from scrip.providers.clients import ProviderUnavailable
from scrip.providers.minor_units import NotChargeable
from scrip.providers.reading import (
    Json,
    Unreadable,
    currency,
    identity,
    instant,
    is_id,
    optional_reference,
    word,
)
from scrip.providers.stripe.money import MINOR_UNITS

_CATEGORIES: Final[Mapping[str, SettlementType]] = {
    "charge": "payment",
    "charge_failure": "payment",
    "partial_capture_reversal": "payment",
    "refund": "refund",
    "refund_failure": "refund_failed",
    "dispute": "dispute",
    "dispute_reversal": "dispute_reversed",
    "fee": "fee",
    "network_cost": "fee",
    "payout": "payout",
    "payout_reversal": "payout_failed",
    "topup": "topup",
    "topup_reversal": "topup",
    "payout_minimum_balance_hold": "reserve",
    "payout_minimum_balance_release": "reserve",
    "risk_reserved_funds": "reserve",
    "connect_reserved_funds": "reserve",
}
"""What each ``reporting_category`` is (docs.stripe.com/reports/reporting-categories); any other is an adjustment."""
_BALANCES: Final = ("payments", None)
"""Values of ``balance_type`` of the balance that is paid out. What moves another is set aside."""
_KINDS: Final = {"charge": "payment", "refund": "refund", "dispute": "dispute", "payout": "payout"}


def settlements(row: Json) -> list[ProviderSettlement]:
    """Reads one balance transaction: what moved, and the fee beside it; what moved nothing is left out.

    Raises:
        ProviderUnavailable: it cannot be read. It is not passed over, since the balance would not add up.
    """
    try:
        return _settlements(row)
    except (Unreadable, NotChargeable) as error:
        raise ProviderUnavailable(f"balance transaction {row.get('id')}: {error}") from error


def _settlements(row: Json) -> list[ProviderSettlement]:
    id_, coin, at = identity(row, "id"), currency(row, "currency"), instant("created", row.get("created"))
    category = word(row.get("reporting_category"))
    type_: SettlementType = _CATEGORIES.get(category, "adjustment")
    if row.get("balance_type") not in _BALANCES:
        type_ = "reserve"
    source = row.get("source")
    about: Json = source if isinstance(source, Mapping) else {}
    of, payment_id = _of(source, about), _payment_id(about)
    amount, fee = _ours(row, "amount", coin), _ours(row, "fee", coin)
    found = []
    if amount:
        charged = _charged(about, amount, coin) if type_ in CUSTOMERS else None
        kind = category if type_ == "adjustment" else None
        found.append(ProviderSettlement(id_, type_, amount, coin, at, of, payment_id, charged, kind))
    if fee:
        found.append(ProviderSettlement(f"{id_}.fee", "fee", -fee, coin, at, of, payment_id))
    return found


def _ours(row: Json, field: str, coin: str) -> int:
    """Reads an amount, which may be negative, in minor units of ISO 4217."""
    amount = row.get(field)
    if type(amount) is not int:
        raise Unreadable(f"{field} is no whole number")
    return MINOR_UNITS.ours(amount, coin)


def _charged(about: Json, amount: int, coin: str) -> tuple[int, str] | None:
    """Returns what a payment, refund or dispute is in its own currency, with the sign of what it moved."""
    if not about or about.get("currency") is None:
        return None
    own = currency(about, "currency")
    if own == coin:
        return None
    paid = _ours(about, "amount", own)
    return (paid if amount > 0 else -paid), own


def _of(source: Any, about: Json) -> str | None:
    """Names what a transaction is of."""
    name = about.get("id") if about else source
    if not is_id(name):
        return None
    kind = _KINDS.get(str(about.get("object")))
    return f"{kind}:{_payment_id(about) if kind == 'payment' else name}" if kind else name


def _payment_id(about: Json) -> str | None:
    """Returns the intent that a charge, a refund or a dispute is of; or its charge, where that has no intent."""
    if about.get("object") == "charge":
        return optional_reference(about, "payment_intent") or identity(about, "id")
    if about.get("object") in ("refund", "dispute"):
        return optional_reference(about, "payment_intent") or optional_reference(about, "charge")
    return None
