"""Reads single members of a provider's JSON.

Each function returns a value that can be relied on, or raises ``Unreadable`` with a reason that names the field.
Reasons carry only ids, types and statuses: bodies also hold names, addresses and the last digits of cards, which are
neither read nor logged. Of an address the country is read, for tax: it names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from scrip.domain.accounts.countries import COUNTRIES
from scrip.domain.credits.currencies import DECIMALS
from scrip.domain.payments.facts import shown

MAX_MINOR_UNITS: Final = 10**15
"""Larger than any payment, small enough for every number downstream (38 digits) even after multiplying by credits."""
# Ids become part of keys and of queue group names. Providers' are a prefix, '_' and letters and digits.
_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
# [0-9], since \d also matches other scripts.
_DIGITS = re.compile(r"[0-9]{1,15}")

Json = Mapping[str, Any]
T = TypeVar("T")


class Unreadable(Exception):
    """A field that is needed and cannot be used. Its text becomes the reason for parking."""


def member(data: Any, field: str) -> Json:
    """Returns the object in ``field``; an empty one where there is none."""
    value = data.get(field) if isinstance(data, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def is_id(value: Any) -> bool:
    """Checks for 1 to 100 letters, digits, ``_``, ``.`` and ``-``: ids become part of keys and of queue groups."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def identity(data: Json, field: str) -> str:
    """Returns the id in ``field``. Raises ``Unreadable`` where there is none."""
    value = data.get(field)
    if not is_id(value):
        raise Unreadable(f"{field} is missing or no id")
    return cast(str, value)


def word(value: Any) -> str:
    """Returns a provider's word for something, such as ``other_adjustment``; ``unknown`` where it is none."""
    return cast(str, value) if is_id(value) else "unknown"


def optional_identity(data: Json, field: str) -> str | None:
    """Returns the id in ``field``; None where it is null, missing or not an id."""
    value = data.get(field)
    return cast(str, value) if is_id(value) else None


def country(data: Json, field: str = "country") -> str | None:
    """Returns the country of ISO 3166-1 in ``field``, two capital letters; None where there is none, or no such one."""
    value = data.get(field)
    return value if isinstance(value, str) and value in COUNTRIES else None


def optional_reference(data: Json, field: str) -> str | None:
    """Returns the id in ``field``, or that of the object which the provider put there instead; None otherwise."""
    expanded = member(data, field)
    return optional_identity(expanded, "id") if expanded else optional_identity(data, field)


def reference(data: Json, field: str) -> str:
    """Returns the id as ``optional_reference`` does. Raises ``Unreadable`` where there is none."""
    value = optional_reference(data, field)
    if value is None:
        raise Unreadable(f"{field} is missing or no id")
    return value


def is_money(value: Any) -> bool:
    """Checks for a whole number of minor units, from 0 to ``MAX_MINOR_UNITS``."""
    # A bool is an int in Python and never an amount; a float has lost its exactness before it came here.
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_MINOR_UNITS


def money(data: Json, field: str) -> int:
    """Returns the minor units in ``field``. Raises ``Unreadable`` where it is not a whole, bounded number."""
    value = data.get(field)
    if not is_money(value):
        raise Unreadable(f"{field} is not a whole amount of minor units")
    return cast(int, value)


def spelled_money(data: Json, field: str) -> int:
    """Returns minor units that the provider writes as a text of digits or as an integer.

    Raises:
        Unreadable: it is anything else. A text with a point may be major units, which nobody should guess.
    """
    value = data.get(field)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return money(data, field)


def optional_money(data: Json, field: str) -> int | None:
    """Returns minor units as ``money`` does; None where the field is null or missing."""
    return None if data.get(field) is None else money(data, field)


def is_currency(value: Any) -> bool:
    """Checks for a currency of ISO 4217, in either case."""
    return isinstance(value, str) and _CURRENCY.fullmatch(value) is not None and value.upper() in DECIMALS


def currency(data: Json, field: str) -> str:
    """Returns the currency code in ``field``, in upper case. Raises ``Unreadable`` where there is none."""
    value = data.get(field)
    if not is_currency(value):
        raise Unreadable(f"{field} is not a currency code")
    return str(value).upper()


def optional_currency(data: Json, field: str) -> str | None:
    """Returns the currency code as ``currency`` does; None where the field is null or missing."""
    return None if data.get(field) is None else currency(data, field)


def one_of(data: Json, field: str, known: Mapping[str, T], of: str = "") -> T:
    """Returns what ``known`` has for the value of an enumeration in ``field``.

    Args:
        of: the kind of object, where the reason is to name it.

    Raises:
        Unreadable: the value is none that is known.
    """
    value = data.get(field)
    if not isinstance(value, str) or value not in known:
        raise Unreadable(f"{of} {field} is {shown(value)}".lstrip())
    return known[value]


def flag(data: Json, field: str) -> bool | None:
    """Returns true, false, or None where the field is null or missing. Raises ``Unreadable`` for anything else."""
    value = data.get(field)
    if value is not None and not isinstance(value, bool):
        raise Unreadable(f"{field} is neither true nor false")
    return value


def optional_instant(value: Any) -> int | None:
    """Returns an instant, in epoch milliseconds; None where it is none."""
    try:
        return instant("instant", value)
    except Unreadable:
        return None


def instant(field: str, *values: Any) -> int:
    """Returns the first of ``values`` that is an instant, in epoch milliseconds.

    An instant is an RFC 3339 text, or a whole number of seconds since 1970.

    Raises:
        Unreadable: none of them is; the reason names ``field``.
    """
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**11:
            return value * 1000
        if isinstance(value, str):
            try:
                at = datetime.fromisoformat(value)
                since = (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
            except (ValueError, OverflowError):
                continue
            milliseconds = since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
            if milliseconds >= 0:
                return milliseconds
    raise Unreadable(f"{field} is not an instant")
