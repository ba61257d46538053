"""Which currencies Dodo Payments charges in, and how its API counts them.

The currencies are those of its SDK that ISO 4217 still has, and amounts are minor units as there: yen for JPY, fils for
KWD. MGA is left out: others count it in whole ariary, and Dodo does not say which it does.
"""

from __future__ import annotations

from typing import Final

from scrip.providers.minor_units import MinorUnits, iso

_CHARGED: Final = (
    "AED ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CHF CLP CNY COP CRC "
    "CUP CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR "
    "IQD JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MKD MMK MNT MOP MRU MUR MVR "
    "MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK "
    "SGD SHP SLE SOS SRD SSP STN SVC SZL THB TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD "
    "XOF XPF YER ZAR ZMW"
)
MINOR_UNITS: Final = MinorUnits("dodo", iso(_CHARGED))
