"""What the books say: ``report``, ``journal``, ``chart get`` and ``chart put``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from command_line.mistakes import Mistake
from command_line.output import Column, Output, columns, major_units, say
from command_line.parameters import (
    LIMIT,
    All,
    Limit,
    Unit,
    given,
    invocation,
    page_limit,
    pairs,
    show_list,
)

Period = Annotated[str | None, typer.Option(metavar="MONTH", help="in UTC, such as 2026-11")]
Currency = Annotated[str | None, typer.Option(help="only this one, such as USD")]
ToFile = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="where it goes; else it is printed")
]
Csv = Annotated[bool, typer.Option("--csv", help="as CSV, with all decimals of the currency")]

_JOURNAL: Final = [
    Column("at"),
    Column("account"),
    Column("kind"),
    Column("lines", tell=lambda item: _lines(item)),
    Column("late_for", sparse=True),
    Column("entry_id"),
]
_AMOUNTS: Final = ("opening", "movement", "taxable", "amount")


def report(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="such as trial-balance; another one lists all")],
    period: Period = None,
    by: Annotated[
        str | None, typer.Option(help="of revenue day, meter, pack or account; of liability account")
    ] = None,
    method: Annotated[str | None, typer.Option(help="of breakage: proportional, or at_expiry")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="of liability, in the place of the month's end")
    ] = None,
    unit: Unit = None,
    currency: Currency = None,
    csv: Csv = False,
    file: ToFile = None,
) -> None:
    """Shows a report of the books: trial-balance, roll-forward, revenue, breakage, liability, cash, tax."""
    asked = invocation(context)
    wanted: dict[str, Any] = given(period=period, by=by, method=method, at=at, unit=unit, currency=currency)
    report_name: Any = name
    with asked.client() as scrip:
        if csv or file:
            _write(scrip.get_report_csv(report_name, **wanted), file)
            return
        found = scrip.get_report(report_name, **wanted).to_dict()
    if asked.as_json or "currencies" not in found:
        asked.output.document(found)
        return
    rows = [{"currency": one["currency"], **row} for one in found["currencies"] for row in one["rows"]]
    asked.output.items(rows, _columns(rows))
    beside = [{"currency": one["currency"], **row} for one in found["currencies"] for row in one["beside"]]
    if beside:
        print()
        asked.output.items(beside, _columns(beside))
    through = found["complete_through"]
    proved = (
        f"every entry that was recorded before {through} is in it"
        if through
        else "nothing of it is proved yet"
    )
    say(f"as of {found['as_of']}; {proved}")


def journal(
    context: typer.Context,
    period: Annotated[str, typer.Option(metavar="MONTH", help="in UTC, such as 2026-11")],
    layout: Annotated[
        str | None, typer.Option(help="a file that quickbooks, xero, netsuite or beancount imports")
    ] = None,
    group: Annotated[str | None, typer.Option(help="of a file: one journal a day, or an entry")] = None,
    unit: Unit = None,
    currency: Currency = None,
    csv: Csv = False,
    file: ToFile = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists what each entry of a month posts, or makes a file of it that an accounting program imports.

    A program that takes so many lines a file gets several: with --output journal.csv also journal-2.csv and so on.
    """
    wanted: dict[str, Any] = given(unit=unit, currency=currency, group=group)
    with invocation(context).client() as scrip:
        if layout is None and not (csv or file):
            found = scrip.get_journal(period=period, limit=page_limit(limit, everything), **wanted)
            show_list(context, found, _JOURNAL, limit, everything)
            return
        if layout is None:
            _write("".join(scrip.get_journal(period=period, format="csv", **wanted).csv()), file)
            return
        kind: Any = {"format": "beancount"} if layout == "beancount" else {"format": "csv", "layout": layout}
        number = 1
        while True:
            part: Any = {"part": number} if number > 1 else {}
            table = scrip.get_journal(period=period, **kind, **part, **wanted).table()
            _write(table, file if number == 1 or file is None else _numbered(file, number))
            if table.link is None:
                return
            if file is None:
                raise Mistake(
                    "there are more lines than a file may have: name one by --output, and all are written"
                )
            number += 1


def get_chart(context: typer.Context) -> None:
    """Shows what your company calls the accounts of the books."""
    asked = invocation(context)
    with asked.client() as scrip:
        found = scrip.get_chart_of_accounts().to_dict()
    _show_chart(asked.output, found)


def put_chart(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(metavar="ACCOUNT=NAME...", help="such as revenue=4000; without a name its own again"),
    ],
) -> None:
    """Says what some accounts of the books are called. Those that are not named stay as they are."""
    asked = invocation(context)
    said = pairs(names, "an account") or {}
    with asked.client() as scrip:
        known = scrip.get_chart_of_accounts().to_dict()
        own = _own(known)
        unknown = sorted(said.keys() - own.keys())
        if unknown:
            raise Mistake(f"there is no account {unknown[0]}: there are {', '.join(sorted(own))}")
        wanted: dict[str, Any] = {
            own[name]: value or None for name, value in {**known, **said}.items() if name in own
        }
        done = scrip.put_chart_of_accounts(**wanted).to_dict()
    _show_chart(asked.output, done)


def _show_chart(output: Output, chart: Mapping[str, Any]) -> None:
    """Prints what each account is called, under the name by which it is said."""
    if output.as_json:
        output.document(chart)
        return
    rows = [{"account": name, "name": chart[name]} for name in _own(chart)]
    output.items(rows, columns("account", "name"))


def _own(chart: Mapping[str, Any]) -> dict[str, str]:
    """Returns the names that the client has for the accounts of a chart."""
    return {name: name.replace(".", "_") for name in chart if name != "version"}


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Returns a column for each member of a report's rows."""
    members = dict.fromkeys(name for row in rows for name in row)
    return [Column(name, number=name in _AMOUNTS) for name in members]


def _lines(item: Mapping[str, Any]) -> str:
    """Returns what an entry posts, in a few words."""
    told = (f"{line['account']} {major_units(line['amount'], item['currency'])}" for line in item["lines"])
    return f"{item['currency']}: {', '.join(told)}"


def _numbered(file: Path, number: int) -> Path:
    return file.with_name(f"{file.stem}-{number}{file.suffix}")


def _write(text: str, file: Path | None) -> None:
    """Writes a text into a file as it is; where none is named it is printed."""
    if file is None:
        print(text, end="" if text.endswith("\n") else "\n")
        return
    with file.open("w", encoding="utf-8", newline="") as to:
        to.write(text)
    say(f"it is in {file}")
