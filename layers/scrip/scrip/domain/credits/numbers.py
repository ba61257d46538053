"""Packs whole numbers as bytes: unsigned LEB128, seven bits to a byte, the lowest first."""

from __future__ import annotations


def put_number(number: int, out: bytearray) -> None:
    """Appends a number as unsigned LEB128. Raises ``ValueError`` for one below zero."""
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)


def get_number(data: bytes, at: int) -> tuple[int, int]:
    """Reads an unsigned LEB128 number at byte ``at``; returns it and the byte after it."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7
