"""What a command prints: answers on the standard output, tables for people or JSON for programs; all else on the
standard error. There are no colours without a terminal, or with NO_COLOR."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

DECIMALS: Final = {
    currency: decimals
    for decimals, currencies in (
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    )
    for currency in currencies.split()
}
"""Of the currencies that have not two, by ISO 4217; the layers, which have the whole list, are not where this runs."""
WIDE: Final = 10_000
"""Columns where nobody looks: nothing is folded in a file or a pipe."""


def print_json(document: Any) -> int:
    """Prints the document, indented; returns 0, the exit status of a command that did what it was asked."""
    print(json.dumps(document, indent=2))
    return 0


def say(sentence: str) -> None:
    """Prints a sentence to whoever runs the command, after all that was printed before it."""
    # What is piped is kept back until it is much, and would stand after this. Nobody may read it any more.
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    print(f"scrip: {printable(sentence)}", file=sys.stderr)


def printable(text: str) -> str:
    """Returns a text with nothing in it that would move a terminal's cursor, or be taken for a colour."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def coloured() -> bool:
    """Returns whether colours are wanted and seen."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the member of each item that it shows, such as "reference.id".

    ``name`` is its heading; None: the member's own name. ``tell`` makes its text of the whole item, where no
    member alone is what people ask for. A column that is ``sparse`` is left out where no item has it.
    """

    member: str
    name: str | None = None
    number: bool = False
    tell: Callable[[Mapping[str, Any]], str] | None = None
    sparse: bool = False

    @property
    def heading(self) -> str:
        """What stands above it."""
        return (self.name or self.member.rpartition(".")[2]).replace("_", " ")

    def text(self, item: Mapping[str, Any], texts: Mapping[str, str]) -> str:
        """Returns what it shows of an item, all of whose members ``texts`` has."""
        return printable(self.tell(item)) if self.tell else texts.get(self.member, "")


def columns(*members: str) -> list[Column]:
    """Returns columns of these members, each under its own name."""
    return [Column(member) for member in members]


@dataclass(frozen=True, slots=True)
class Output:
    """How answers are printed."""

    as_json: bool = False

    def document(self, document: Mapping[str, Any], people: Sequence[Column] | None = None) -> None:
        """Prints one answer. For people: its members, one to a line, or those that are named; none that is empty."""
        if self.as_json:
            print_json(document)
            return
        texts = dict(flat(document))
        rows = [(name.replace("_", " "), value) for name, value in texts.items()]
        if people is not None:
            rows = [(column.heading, texts.get(column.member, "")) for column in people]
        table = _table()
        table.add_column(style="bold" if coloured() else "")
        table.add_column(overflow="fold")
        for heading, value in rows:
            if value:
                table.add_row(heading, Text(value))
        _show(table)

    def items(self, items: Sequence[Mapping[str, Any]], columns: Sequence[Column], **members: Any) -> None:
        """Prints a list: a row for each item, with these columns. ``members`` are what JSON has beside the items."""
        if self.as_json:
            print_json({"items": list(items), **members})
            return
        if not items:
            print("nothing", file=sys.stderr)
            return
        table = _table(heads=True)
        rows = [(item, dict(flat(item))) for item in items]
        shown = [(column, [column.text(*row) for row in rows]) for column in columns]
        shown = [(column, cells) for column, cells in shown if not column.sparse or any(cells)]
        for column, _ in shown:
            justify: Any = "right" if column.number else "left"
            table.add_column(column.heading, justify=justify, overflow="fold")
        for cells in zip(*(cells for _, cells in shown), strict=True):
            table.add_row(*map(Text, cells))
        _show(table)


def flat(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yields every member as a text, by its name from the top: "cost_basis.currency".

    Money is in minor units in JSON. People read it in major ones, with all decimals: an amount beside its currency, and
    whatever number stands beside one.
    """
    currency = document.get("currency")
    for name, value in document.items():
        if isinstance(value, Mapping):
            if set(value) == {"amount", "currency"}:
                yield f"{prefix}{name}", " ".join(text for _, text in flat(value))
            elif set(value) == {"type", "id"}:
                yield f"{prefix}{name}", printable(f"{value['type']}:{value['id']}")
            else:
                yield from flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield f"{prefix}{name}", ", ".join(_item(one) for one in value)
        elif isinstance(currency, str) and isinstance(value, int) and not isinstance(value, bool):
            yield f"{prefix}{name}", major_units(value, currency)
        else:
            yield f"{prefix}{name}", _text(value)


def major_units(minor: int, currency: str) -> str:
    """Returns an amount of minor units as people write it: 1000 of USD is 10.00, of JPY 1000, of KWD 1.000."""
    decimals = DECIMALS.get(currency, 2)
    whole, part = divmod(abs(minor), 10**decimals)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{part:0{decimals}}" if decimals else f"{sign}{whole}"


def _item(value: Any) -> str:
    """Returns an item of a list within a document, in a few words."""
    if isinstance(value, Mapping):
        return " ".join(f"{name}={text}" for name, text in flat(value) if text)
    return _text(value)


def _text(value: Any) -> str:
    """Returns a value as people read it; null is nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(str(value))


def _table(heads: bool = False) -> Table:
    return Table(box=None, pad_edge=False, show_header=heads, header_style="bold" if coloured() else "")


def _show(table: Table) -> None:
    """Prints a table without blanks at the ends of its lines."""
    seen = sys.stdout.isatty()
    paper = StringIO()
    console = Console(
        file=paper,
        width=None if seen else WIDE,
        force_terminal=coloured(),
        highlight=False,
        legacy_windows=False,
    )
    console.print(table)
    for line in paper.getvalue().splitlines():
        print(line.rstrip())


@contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """Gives something to be told how many are done, which a terminal shows while it lasts."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    with Console(stderr=True).status(f"{what} …") as status:
        yield lambda done: status.update(f"{done} {what} …")
