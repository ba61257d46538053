"""Which currencies there are, and how many decimals each has: ISO 4217, list one, as published on 2026-01-01.

Every code of the list that has a minor unit is here, funds such as CLF among them: an amount is in minor units. Those
that have none are not (gold and other metals, drawing rights, XTS for tests, XXX for no currency), nor are codes that
the list has given up, such as DEM. A provider may count otherwise: its own package says where.
"""

from __future__ import annotations

from typing import Final

from scrip.domain.credits.steps import format_amount

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR "
    "PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP "
    "TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
)
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
DECIMALS: Final = {
    code: decimals
    for decimals, codes in ((0, _NONE), (2, _TWO), (3, _THREE), (4, _FOUR))
    for code in codes.split()
}
"""The decimals of each currency."""

NO_CURRENCY: Final = (
    "must be an ISO 4217 currency that is in use and has a minor unit, such as USD, in capital letters"
)


def decimals(currency: str) -> int:
    """Returns how many decimals a currency has. One of before, which is not listed any more, has two."""
    return DECIMALS.get(currency, 2)


def exact(amount: int, currency: str) -> str:
    """Writes minor units in major ones with all decimals of the currency, for tables and files.

    1250 of USD is ``12.50``, of JPY ``1250``, of KWD ``1.250``; -5 of USD is ``-0.05``.
    """
    places = decimals(currency)
    if not places:
        return str(amount)
    whole, rest = divmod(abs(amount), 10**places)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:0{places}d}"


def major(amount: int, currency: str) -> str:
    """Converts minor units into a decimal of major units: 1250 of USD is ``12.5``, of JPY ``1250``, of KWD ``1.25``."""
    return format_amount(amount, decimals(currency))
