"""Reads path and query parameters, instants and cursors: the texts that a caller sends.

A text that is not right is refused by an error that names the parameter.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from scrip.domain.credits import ids
from scrip.domain.credits.calendar import format_instant as format_instant
from scrip.domain.credits.currencies import DECIMALS, NO_CURRENCY
from scrip.domain.credits.errors import InvalidRequest, NotFound
from scrip.domain.credits.limits import MAX_INSTANT, MIN_INSTANT
from scrip.domain.credits.units import DEFAULT_UNIT

ID_PATTERN: Final = r"^[A-Za-z0-9._:@|-]{1,128}$"
ID_FORM: Final = "must be 1 to 128 letters, digits or ._:@|-"
INSTANT_PATTERN: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?"
    r"(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$"
)
DATE_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
KEY_PATTERN: Final = r"^[!-~]([ -~]{0,253}[!-~])?$"
KEY_FORM: Final = "must be 1 to 255 printable ASCII characters, with no space at its ends"
"""An idempotency key."""
EXAMPLES: Final[Mapping[ids.Kind, str]] = {
    "entry": ids.key_entry_id("acme", DEFAULT_UNIT, "order-4711"),
    "lot": ids.lot_id("acme", DEFAULT_UNIT, 1),
    "hold": ids.hold_id("acme", DEFAULT_UNIT, 2),
}
"""An id of each kind, as answers show them."""
LIST_LIMIT, LIST_DEFAULT = 1000, 100
INSTANT_FORM: Final = (
    "must be an RFC 3339 instant such as 2026-11-23T10:00:00.000Z, with up to three decimals"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ID = re.compile(ID_PATTERN.strip("^$"))
_INSTANT = re.compile(INSTANT_PATTERN.strip("^$"))
_DATE = re.compile(DATE_PATTERN.strip("^$"))
_ANY_ID = re.compile(r"[A-Za-z0-9._~:@-]{1,200}")
UNBOUND: Final = ("cursor", "limit")
"""Parameters that may be others on the next page."""
NO_CURSOR: Final = "must be next_cursor as this list gave it, with the same filters"
PART: Final = re.compile(r"[A-Za-z0-9._:@-]{1,200}")
"""A provider's or a payment's name, as a cursor brings it back."""
CURSOR_BYTES: Final = 1000
LABEL: Final = 200
"""Characters of a reference's type, and of its id."""
NO_REFERENCE: Final = "must be a reference's type, a colon and its id, such as job:j_4711"
ERRORS_TOLD: Final = 20
"""Mistakes that one answer tells: 256 KiB hold so many that telling all of them would be too long an answer."""
TWICE: Final = "comes twice: send it once"
"""What is wrong with a member of a body, or a parameter, of which there are two."""
FIELD_SHOWN: Final = 200
"""Characters of a field's name that an answer gives back: a caller can make it as long as a body."""
ANSWER_BYTES: Final = 2_500_000
"""Where a page of a list ends early: Lambda passes on 6 MB, and writes each quote and backslash as two bytes."""


def identifier(parameters: Mapping[str, str], name: str) -> str:
    """Reads an id of the caller's own (account, unit, pack) from the path. Raises ``InvalidRequest``."""
    return check_identifier(unquote(parameters.get(name, "")), name)


def check_identifier(text: str, name: str) -> str:
    """Returns the text if it has the form of a caller's id. Raises ``InvalidRequest``."""
    if not _ID.fullmatch(text):
        raise InvalidRequest([(name, ID_FORM)])
    return text


def shown(name: str) -> str:
    """Shortens a field's name for an answer."""
    return name if len(name) <= FIELD_SHOWN else f"{name[:FIELD_SHOWN]}..."


def opaque(parameters: Mapping[str, str], name: str) -> str:
    """Reads an id that Scrip made, from the path; ``-``, which names nothing, for one that Scrip cannot have made."""
    text = unquote(parameters.get(name, ""))
    return text if _ANY_ID.fullmatch(text) else "-"


def given(parameters: Mapping[str, str], kind: ids.Kind) -> ids.GivenId:
    """Reads the id of an entry, a lot or a hold from the path.

    Raises:
        NotFound: the text is no such id; it says what one looks like.
    """
    name = f"{kind}_id"
    text = unquote(parameters.get(name, ""))
    found = ids.read_id(kind, text)
    if found is None:
        what = f"an {kind}" if kind == "entry" else f"a {kind}"
        said = f"{shown(text)} is not the id of {what}: send {name} as an answer gave it, such as {EXAMPLES[kind]}"
        raise NotFound(said, **{name: shown(text)})
    return found


def instant(text: str, name: str) -> int:
    """Converts an RFC 3339 instant, with any offset and up to three decimals, into epoch milliseconds.

    Raises:
        InvalidRequest: it is none, or not of the years 1 to 9999 in UTC; ``name`` is the field.
    """
    found = _INSTANT.fullmatch(text)
    if found:
        try:
            at = datetime.fromisoformat(f"{text[:19]}{found[2].replace('Z', '+00:00')}") - _EPOCH
        except ValueError:
            pass
        else:
            milliseconds = int(found[1][1:].ljust(3, "0")) if found[1] else 0
            whole = (at.days * 86_400 + at.seconds) * 1000 + milliseconds
            if MIN_INSTANT <= whole <= MAX_INSTANT:
                return whole
    raise InvalidRequest([(name, INSTANT_FORM)])


def canonical(amount: str) -> str:
    """Removes the zeros at the end of an amount: ``10``, never ``10.000``."""
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


class Query:
    """Query parameters. One that the route has not is an error, like an unknown member of a body, and so is one that
    comes twice, or says nothing.

    Args:
        raw: the query as it was sent. The gateway joins parameters that come twice by a comma.
        given: the parameters as the gateway decodes them, for an event that has no ``raw``.
        names: of the route's parameters. One that ends with a point stands for all that begin with it.
        of: the request without its query: cursors are of it, and of every other parameter but ``limit``. Empty: of
            nothing.

    Raises:
        InvalidRequest: with a line for each parameter that is unknown, comes twice or is empty.
    """

    def __init__(self, raw: str, given: Mapping[str, str], names: tuple[str, ...], of: str = "") -> None:
        sent = parse_qsl(raw, keep_blank_values=True) if raw else list(given.items())
        self._parameters, self._of = dict(sent), of
        families = tuple(name for name in names if name.endswith("."))
        unknown = [
            name
            for name in self._parameters
            if name in families or not (name in names or name.startswith(families))
        ]
        wrong = {
            name: f"has a name after a point: {name.rstrip('.')}.<name>=<value>"
            if f"{name.rstrip('.')}." in families
            else "is not a parameter of this request: leave it out"
            for name in sorted(unknown)
        }
        counted = Counter(name for name, _ in sent)
        wrong |= {name: TWICE for name in sorted(counted) if counted[name] > 1 and name not in wrong}
        empty = [name for name, text in self._parameters.items() if not text and name not in wrong]
        wrong |= dict.fromkeys(sorted(empty), "is empty: leave it out, or say what it is to be")
        if wrong:
            told = list(wrong.items())[:ERRORS_TOLD]
            raise InvalidRequest([(shown(name) or "query", message) for name, message in told])

    @property
    def sent(self) -> Mapping[str, str]:
        """Returns all parameters as they were sent."""
        return self._parameters

    def family(self, begins: str) -> dict[str, str]:
        """Returns the parameters whose names begin so, by what follows in their names."""
        found = self._parameters.items()
        return {name.removeprefix(begins): text for name, text in found if name.startswith(begins)}

    def text(self, name: str) -> str | None:
        """Returns the parameter as it was sent; None where it is missing."""
        return self._parameters.get(name)

    def currency(self, name: str) -> str | None:
        """Returns the currency that was sent; None where it is missing. Raises ``InvalidRequest`` where it is none."""
        text = self._parameters.get(name)
        if text is not None and text not in DECIMALS:
            raise InvalidRequest([(name, NO_CURRENCY)])
        return text

    def identifier(self, name: str, default: str) -> str:
        """Reads an id of the caller's own. Raises ``InvalidRequest``."""
        return check_identifier(self._parameters.get(name, default), name)

    def said_identifier(self, name: str) -> str | None:
        """Reads an id of the caller's own; None where it is missing. Raises ``InvalidRequest``."""
        return self.identifier(name, "") if name in self._parameters else None

    def reference(self) -> str | None:
        """Reads a reference, its type, a colon and its id; None where it is missing. Raises ``InvalidRequest``.

        Types and ids may have colons of their own, so the text says no more than both together.
        """
        text = self._parameters.get("reference")
        if text is not None and (":" not in text[1:-1] or len(text) > 2 * LABEL + 1):
            raise InvalidRequest([("reference", NO_REFERENCE)])
        return text

    def unit(self) -> str:
        """Returns the unit that ``unit`` names, or the one that there always is."""
        return self.identifier("unit", DEFAULT_UNIT)

    def said_unit(self) -> str | None:
        """Returns the unit that ``unit`` names; None where it is missing, and an id in the path says it."""
        return self.said_identifier("unit")

    def instant(self, name: str) -> int | None:
        """Reads an instant, in epoch milliseconds; None where it is missing. Raises ``InvalidRequest``.

        The space of an offset was a plus: many send it as it is, and in a query that is a space.
        """
        text = self._parameters.get(name)
        return instant(text.replace(" ", "+"), name) if text is not None else None

    def date(self, name: str, default: str) -> str:
        """Reads a day such as ``2026-11-23``. Raises ``InvalidRequest``."""
        text = self._parameters.get(name, default)
        if _DATE.fullmatch(text):
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError:
                pass
        raise InvalidRequest([(name, "must be a date such as 2026-11-23")])

    def choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        """Reads one of several words; None where it is missing. Raises ``InvalidRequest``."""
        text = self._parameters.get(name)
        if text is not None and text not in choices:
            raise InvalidRequest([(name, f"must be one of {', '.join(choices)}")])
        return text

    def whole(self, name: str, largest: int, least: int = 1) -> int | None:
        """Reads a whole number from ``least``, 0 or 1, to ``largest``. Raises ``InvalidRequest``."""
        text = self._parameters.get(name)
        if text is not None and not (
            re.fullmatch(r"0|[1-9][0-9]{0,18}", text) and least <= int(text) <= largest
        ):
            raise InvalidRequest([(name, f"must be a whole number from {least} to {largest}")])
        return None if text is None else int(text)

    def limit(self, default: int = LIST_DEFAULT) -> int:
        """Reads how many items a page may have; ``default`` where it is missing. Raises ``InvalidRequest``."""
        return self.whole("limit", LIST_LIMIT) or default

    def cursor(self, *parts: range | re.Pattern[str]) -> list[Any] | None:
        """Reads what ``make_cursor`` was given; None where there is no cursor.

        Args:
            parts: what each part must be: a number in a range, or a text of a form.

        Raises:
            InvalidRequest: it is no cursor, or has other parts.
        """
        text = self._parameters.get("cursor")
        if text is None:
            return None
        try:
            if len(text) > CURSOR_BYTES or not text.startswith(self._seal()):
                raise ValueError(text)
            text = text.removeprefix(self._seal())
            padding = b"=" * (-len(text) % 4)
            place = json.loads(base64.b64decode(text.encode("ascii") + padding, b"-_", validate=True))
            if isinstance(place, list) and len(place) == len(parts) and all(map(_is_part, place, parts)):
                return place
        except (ValueError, TypeError, binascii.Error, RecursionError):
            pass
        raise InvalidRequest([("cursor", NO_CURSOR)])

    def bind(self, cursor: str | None) -> str | None:
        """Returns a cursor that is good for this list, with these filters, alone."""
        return None if cursor is None else self._seal() + cursor

    def _seal(self) -> str:
        """Returns what the cursors of this list and these filters begin with."""
        if not self._of:
            return ""
        filters = sorted((name, text) for name, text in self._parameters.items() if name not in UNBOUND)
        said = json.dumps([self._of, filters]).encode()
        return base64.urlsafe_b64encode(hashlib.sha256(said).digest()[:6]).decode("ascii") + "."


def _is_part(value: Any, allowed: range | re.Pattern[str]) -> bool:
    if isinstance(allowed, range):
        return type(value) is int and value in allowed
    return isinstance(value, str) and allowed.fullmatch(value) is not None


def make_cursor(*place: Any) -> str:
    """Makes the text by which a caller asks for the next page of a list."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).rstrip(b"=").decode("ascii")


def fitting(items: Sequence[Any]) -> int:
    """Counts how many of the first of these items fit into one answer: at least one."""
    size = 0
    for count, item in enumerate(items):
        size += len(json.dumps(item, ensure_ascii=False).encode("utf-8"))
        if size > ANSWER_BYTES:
            return max(1, count)
    return len(items)
