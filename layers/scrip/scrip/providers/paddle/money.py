"""How Paddle's API counts money (developer.paddle.com, currencies): as ISO 4217 does.

Amounts are texts of the lowest denomination: 100 is 100 yen, and one dollar. An app opens Paddle's checkout by itself,
so a currency that Paddle does not charge in is Paddle's to refuse.
"""

from __future__ import annotations

from typing import Final

from scrip.domain.credits.currencies import DECIMALS
from scrip.providers.minor_units import MinorUnits

MINOR_UNITS: Final = MinorUnits("paddle", DECIMALS)
