"""Reads entries of Dodo's balance ledger (docs.dodopayments.com/api-reference/balance-ledger/list-ledger-entries).

Dodo keeps a wallet for each currency that it pays out in. An entry moves one of them by ``amount``, up where it
``is_credit`` and else down; fees, taxes and refunds are entries of their own. What a customer paid in another currency
it does not say. Dodo sells in its own name, and pays the tax itself. Does not own how entries are listed (``client``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scrip.domain.finance.settlement import ProviderSettlement, SettlementType
from scrip.providers.clients import ProviderUnavailable
from scrip.providers.dodo.money import MINOR_UNITS
from scrip.providers.minor_units import NotChargeable
from scrip.providers.reading import Json, Unreadable, currency, flag, identity, instant, is_id, word

_EVENTS: Final[Mapping[str, SettlementType]] = {
    "payment": "payment",
    "refund": "refund",
    "refund_reversal": "refund_failed",
    "dispute": "dispute",
    "dispute_reversal": "dispute_reversed",
    "tax": "tax",
    "tax_reversal": "tax",
    "payout": "payout",
    "payout_reversal": "payout_failed",
    "currency_conversion": "conversion",
    "reserve_hold": "reserve",
    "reserve_release": "reserve",
}
"""What each ``event_type`` is; one that names a fee is a fee, and any other an adjustment."""
_FEE: Final = ("_fee", "_fees", "_fee_reversal", "_fees_reversal")
_KINDS: Final = ("payment", "refund", "dispute", "payout")


def subject(row: Json) -> tuple[str, str] | None:
    """Returns the kind and id of the payment, refund or dispute that an entry is of; None: it is of none."""
    name, kind = row.get("reference_object_id"), _kind(str(row.get("event_type")))
    if not isinstance(name, str) or kind in (None, "payout"):
        return None
    return str(kind), name


def settlement(row: Json, payment_id: str | None) -> ProviderSettlement | None:
    """Reads one entry, of this payment; None where it moved nothing.

    Raises:
        ProviderUnavailable: it cannot be read. It is not passed over, since the balance would not add up.
    """
    try:
        event, coin = str(row.get("event_type")), currency(row, "currency")
        moved = abs(MINOR_UNITS.ours(_amount(row), coin))
        amount = moved if flag(row, "is_credit") else -moved
        id_, at = identity(row, "id"), instant("created_at", row.get("created_at"))
    except (Unreadable, NotChargeable) as error:
        raise ProviderUnavailable(f"ledger entry {row.get('id')}: {error}") from error
    if not amount:
        return None
    type_ = _type(event)
    kind = word(event) if type_ == "adjustment" else None
    return ProviderSettlement(id_, type_, amount, coin, at, _of(row, event), payment_id, kind=kind)


def _amount(row: Json) -> int:
    amount = row.get("amount")
    if type(amount) is not int:
        raise Unreadable("amount is no whole number")
    return amount


def _type(event: str) -> SettlementType:
    if event in _EVENTS:
        return _EVENTS[event]
    return "fee" if event.endswith(_FEE) else "adjustment"


def _kind(event: str) -> str | None:
    """Returns what kind of object an event is about, by its name: a fee for a refund names a refund."""
    if event in ("tax", "tax_reversal"):
        return "payment"
    return next((kind for kind in _KINDS if event.startswith(kind)), None)


def _of(row: Json, event: str) -> str | None:
    """Names what an entry is of."""
    named: Any = row.get("payout_id") if event.startswith("payout") else None
    name = named or row.get("reference_object_id")
    if not is_id(name):
        return None
    kind = _kind(event)
    return f"{kind}:{name}" if kind else name
