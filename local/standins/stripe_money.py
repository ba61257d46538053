"""How Stripe counts money, and what it refuses, as docs.stripe.com/currencies has it.

Written from that page, and from nothing of Scrip's: what both say is compared in tests.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from local.standins.serving import Problem

ZERO_DECIMAL: Final = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()  # noqa: SIM905 - one line to read
)
THREE_DECIMAL: Final = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
WHOLE_ONLY: Final = frozenset({"isk", "ugx"})
"""Without decimals by now, and with two in the API as before: 5 ISK is 500."""
UNKNOWN: Final = frozenset(
    "clf cup ern iqd irr kpw lyd mru sdg ssp stn syp tmt uyi uyw ved ves xad zwg".split()  # noqa: SIM905
)
"""Currencies of ISO 4217 in which nobody is charged."""


def decimals(currency: str) -> int:
    """How many decimals an amount of a currency (small letters) has."""
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def check(amount: int, currency: str) -> None:
    """Refuses an amount that nobody can be charged. Raises ``Problem``."""
    if currency in UNKNOWN:
        raise Problem(HTTPStatus.BAD_REQUEST, "PARAMETER_INVALID", f"Invalid currency: {currency}")
    if currency in WHOLE_ONLY and amount % 100:
        said = f"Currency {currency.upper()} has become effectively zero-decimal: {amount} is not divisible by 100"
        raise Problem(HTTPStatus.BAD_REQUEST, "INVALID_CHARGE_AMOUNT_NO_DECIMAL_COMPATIBLE", said)
    if currency in THREE_DECIMAL and amount % 10:
        said = f"the last digit of {amount} {currency.upper()} has to be 0"
        raise Problem(HTTPStatus.BAD_REQUEST, "INVALID_CHARGE_AMOUNT", said)


def shown(amount: int, currency: str) -> str:
    """An amount for people to read: ``USD 1,000.00``, ``UGX 5,000.00`` for 500000."""
    whole, part = divmod(amount, 10 ** decimals(currency))
    return f"{currency.upper()} {whole:,}" + (f".{part:0{decimals(currency)}d}" if decimals(currency) else "")
