"""Writes credit steps as decimal texts. The way back is ``amounts.parse_amount``."""

from __future__ import annotations


def format_amount(steps: int, precision: int) -> str:
    """Returns the canonical decimal string: ``10``, never ``10.000000``; ``-0.5``; never ``-0``."""
    if not precision:
        return str(steps)
    sign = "-" if steps < 0 else ""
    whole, decimals = divmod(abs(steps), 10**precision)
    text = f"{decimals:0{precision}d}".rstrip("0")
    return f"{sign}{whole}.{text}" if text else f"{sign}{whole}"
