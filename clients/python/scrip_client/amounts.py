"""Credits as whole numbers: amounts are compared and added up here, and none of that rounds."""

from __future__ import annotations

import re
from typing import Final

from scrip_client.errors import Unsendable

PLACES: Final = 18
"""Decimals that are kept: twice as many as a unit may have."""
_FORM: Final = re.compile(r"(\d{1,40})(?:\.(\d{1,18}))?", re.ASCII)


def parse(amount: object, name: str = "amount") -> int:
    """Returns an amount in its smallest part, ``10 ** -PLACES`` of a credit; ``name`` is the argument's.

    Raises:
        Unsendable: it is no decimal number, or has a sign.
    """
    found = _FORM.fullmatch(amount) if isinstance(amount, str) else None
    if found is None:
        raise Unsendable(f"{name}: {amount!r} is no text such as '2' or '0.25'")
    return int(found[1] + (found[2] or "").ljust(PLACES, "0"))


def parse_more_than_zero(amount: object, name: str = "amount") -> int:
    """Returns an amount that somebody spends, or sets aside to spend; ``name`` is the argument's.

    Raises:
        Unsendable: it is no decimal number, or not more than zero.
    """
    found = parse(amount, name)
    if not found:
        raise Unsendable(f"{name}: must be more than zero")
    return found


def text(parts: int) -> str:
    """Returns an amount as Scrip writes it: no exponent, and no zeros at its end."""
    whole, rest = divmod(parts, 10**PLACES)
    decimals = f"{rest:0{PLACES}d}".rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole)
