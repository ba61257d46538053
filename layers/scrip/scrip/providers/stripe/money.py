"""Which currencies Stripe charges in, and how its API counts them (docs.stripe.com/currencies).

Where that is not as in ISO 4217:

* ISK and UGX have no decimals in the world and two in the API, as before they lost them: both have to be 0.
* MGA has fifths (two decimals in ISO 4217) in the world and none in the API.
* Currencies of three decimals have to end in 0.
* HUF and TWD have two decimals, and whole ones only when they are paid out to the merchant, which is none of ours.
* An amount has up to eight digits, in IDR up to twelve. The least that is charged depends on the currency in which the
  merchant is paid out; below are those of charges that are paid out in their own.
"""

from __future__ import annotations

from typing import Final

from scrip.providers.minor_units import MinorUnits, NotChargeable, iso
from scrip.providers.reading import Json, Unreadable, money

_CHARGED: Final = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP "
    "CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
    "MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD "
    "SCR SEK SGD SHP SLE SOS SRD SVC SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF "
    "XCD XCG XOF XPF YER ZAR ZMW"
)
MINOR_UNITS: Final = MinorUnits(
    "stripe",
    {**iso(_CHARGED), "ISK": 2, "UGX": 2, "MGA": 0},
    dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10),
    {
        **dict.fromkeys(("AUD", "BRL", "CAD", "CHF", "EUR", "INR", "JPY", "NZD", "SGD", "USD"), 50),
        "AED": 200,
        "CZK": 1500,
        "DKK": 250,
        "GBP": 30,
        "HKD": 400,
        "HUF": 17500,
        "MXN": 1000,
        "MYR": 200,
        "NOK": 300,
        "PLN": 200,
        "RON": 200,
        "SEK": 300,
    },
    {"": 8, "IDR": 12},
)


def counted(amount: int, field: str, currency: str) -> int:
    """Converts an amount that Stripe has said into minor units of ISO 4217. Raises ``Unreadable``."""
    try:
        return MINOR_UNITS.ours(amount, currency)
    except NotChargeable as error:
        raise Unreadable(f"{field}: {error}") from error


def charged(data: Json, field: str, currency: str) -> int:
    """Returns the amount in ``field``, in minor units of ISO 4217. Raises ``Unreadable``."""
    return counted(money(data, field), field, currency)


def optional_charged(data: Json, field: str, currency: str) -> int | None:
    """Returns the amount as ``charged`` does; None where the field is null or missing."""
    return None if data.get(field) is None else charged(data, field, currency)
