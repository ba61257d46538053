"""How many decimals a currency has (ISO 4217): two, except for those listed here."""

from __future__ import annotations

from typing import Final

from scrip.domain.credits.steps import format_amount

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
DECIMALS: Final = {
    **dict.fromkeys(_NONE.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}
"""The decimals of each currency whose number of decimals is not two. Source: ISO 4217, list one, of 2024."""


def major(amount: int, currency: str) -> str:
    """Converts minor units into a decimal of major units: 1250 of USD is ``12.5``, of JPY ``1250``, of KWD ``1.25``."""
    return format_amount(amount, DECIMALS.get(currency, 2))
