"""Lists and reports as CSV (RFC 4180), for whoever accepts ``text/csv``: one place for all of them.

A column is a member of the view of a row, in the view's order; of a nested object with members of its own there is a
column for each of them (of a reference its type and its id), and a list or a free object is JSON. A text that a
spreadsheet would take for a formula begins with an apostrophe; what a view says is a number does not.

Owns the form. Does not own what a list has, nor what of it a customer's key is shown.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote, urlencode

from scrip.http.edge.answers import Answer, Table

CSV: Final = "text/csv"
NUMBERS: Final = ("SignedCredits", "Credits", "UnroundedCredits", "Quantity", "int", "Count", "Ordinal")
"""Types of members whose texts are numbers: the first of them may begin with a minus."""
FORMULAS: Final = ("=", "+", "-", "@")
DEEPEST: Final = 3
"""How deep objects are made columns; what lies deeper is JSON."""


class Column(NamedTuple):
    """A column: the members that lead to it, and whether its texts are numbers."""

    path: tuple[str, ...]
    number: bool

    @property
    def name(self) -> str:
        return ".".join(self.path)


def wanted(accept: str) -> bool:
    """Tells whether a header ``Accept`` asks for CSV: it names it, and names JSON for nothing better.

    Any other ``Accept`` is answered with JSON, as if there were none.
    """
    named = qualities(accept)
    return named.get(CSV, 0.0) > 0 and named[CSV] >= named.get("application/json", 0.0)


def qualities(accept: str) -> dict[str, float]:
    """Returns the media types that a header ``Accept`` names, each with how much it is wanted, from 0 to 1."""
    found = {}
    for part in accept.split(","):
        kind, *options = (text.strip().lower() for text in part.split(";"))
        given = next((option[2:] for option in options if option.startswith("q=")), "1")
        with suppress(ValueError):
            found[kind] = float(given)
    return found


def as_table(
    reply: Answer, table: Table, route: str, path: Mapping[str, str], query: Mapping[str, str]
) -> Answer:
    """Makes CSV of an answer with a list or a report. The next page is a header ``Link``.

    Args:
        route: the route's key, with ``path`` and ``query`` the request that was answered.
    """
    document = json.loads(reply["body"])
    headers = {**reply["headers"], "content-type": f"{CSV}; charset=utf-8"}
    if cursor := document.get("next_cursor"):
        target = route.partition(" ")[2]
        for name, text in path.items():
            target = target.replace(f"{{{name}}}", quote(unquote(text), safe=":@-._~"))
        following = urlencode({**query, "cursor": cursor}, quote_via=quote)
        headers["link"] = f'<{target}?{following}>; rel="next"'
    return {**reply, "headers": headers, "body": written(_columns(table), table.rows(document))}


def written(names: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> str:
    """Writes a header and the rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in names])
    writer.writerows([[_cell(_value(row, column.path), column.number) for column in names] for row in rows])
    return text.getvalue()


def _columns(table: Table) -> list[Column]:
    """Returns the columns that rows have beside their view, then those of the view."""
    return [*(Column((name,), False) for name in table.more), *columns(table.row)]


def columns(view: type, depth: int = 1) -> list[Column]:
    """Returns the columns of a view: its members, those of the views that it extends first."""
    found: list[Column] = []
    for name, (form, module) in _members(view).items():
        inner = getattr(sys.modules[module], form, None)
        if depth < DEEPEST and isinstance(inner, type) and _members(inner):
            found += [Column((name, *column.path), column.number) for column in columns(inner, depth + 1)]
        else:
            found.append(Column((name,), form in NUMBERS))
    return found


def _members(view: type) -> dict[str, tuple[str, str]]:
    """Returns the members of a view, each with its type as it is written and the module in which it is.

    What a member may be besides (null, or not there) is left out. Deployed, a view is a plain dictionary whose types
    are texts: nothing is compiled for this.
    """
    found: dict[str, tuple[str, str]] = {}
    for one in reversed(view.__mro__):
        for name, form in vars(one).get("__annotations__", {}).items():
            # Of a view with a member that is a keyword of Python, the text lies in what the library makes of it.
            said = str(getattr(form, "__forward_arg__", form))
            _, _, optional = said.partition("NotRequired[")
            text = optional.removesuffix("]") or said
            found[name] = (text.removesuffix(" | None"), one.__module__)
    return found


def _value(row: Any, path: Sequence[str]) -> Any:
    """Returns what a row has at the end of a path; None where it has nothing there."""
    for name in path:
        if not isinstance(row, Mapping):
            return None
        row = row.get(name)
    return row


def _cell(value: Any, number: bool) -> str:
    """Returns a value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if number or not _misread(value) else f"'{value}"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def _misread(text: str) -> bool:
    """Tells whether a spreadsheet may take a text for a formula."""
    first = text[:1]
    return bool(first) and (first in FORMULAS or unicodedata.category(first) == "Cc")
