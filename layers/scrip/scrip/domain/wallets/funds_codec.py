"""Packs the sums of a wallet's money, some fifteen bytes for each currency, so that they fit into its item.

Layout, for each currency: its three letters, then each sum as a signed LEB128 integer (zigzag), in the order of
``Funds``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from scrip.domain.credits.numbers import get_number, put_number
from scrip.domain.wallets.funds import Funds

SUMS: Final = Funds._fields[1:]


@lru_cache(256)
def pack_funds(funds: tuple[Funds, ...]) -> bytes:
    """Packs the sums in the order given."""
    out = bytearray()
    for one in funds:
        out += one.currency.encode("ascii")
        for name in SUMS:
            money: int = getattr(one, name)
            put_number(money << 1 if money >= 0 else (-money << 1) - 1, out)
    return bytes(out)


def unpack_funds(data: bytes) -> tuple[Funds, ...]:
    """Reads what ``pack_funds`` wrote. Raises ``IndexError`` or ``ValueError`` for other bytes."""
    found: list[Funds] = []
    at = 0
    while at < len(data):
        currency, at = data[at : at + 3].decode("ascii"), at + 3
        sums: list[int] = []
        for _ in SUMS:
            number, at = get_number(data, at)
            sums.append(-(number + 1 >> 1) if number & 1 else number >> 1)
        found.append(Funds(currency, *sums))
    return tuple(found)
