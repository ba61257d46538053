"""``statement fetch`` and ``statement verify``: a month of a wallet as a file, and what the file proves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from command_line.output import progress, say
from command_line.parameters import Account, Unit, invocation

Month = Annotated[str, typer.Argument(metavar="MONTH", help="in UTC, such as 2026-11")]
Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="statements of one wallet, of months that follow each other"),
]


def fetch(
    context: typer.Context,
    account: Account,
    month: Month,
    unit: Unit = None,
    file: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="where it goes; else it is printed")
    ] = None,
) -> None:
    """Fetches a month's statement with all of its entries, as one document."""
    entries: list[Any] = []
    with invocation(context).client() as scrip, progress("entries") as tell:
        for page in scrip.get_statement(account, month, unit=unit).pages():
            last, told = page, page.to_dict()
            entries += told.pop("entries")
            tell(len(entries))
    text = json.dumps({**told, "entries": entries}, ensure_ascii=False, indent=1)
    if file is None:
        print(text)
        return
    file.write_text(f"{text}\n", encoding="utf-8")
    say(f"{month} of {account}, {len(entries)} entries, {last.status}, is in {file}")


def verify(
    files: Files,
    keys: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|URL", help="public keys that you trust, as GET /v1/statement-keys gives them"
        ),
    ] = None,
) -> int:
    """Verifies statements offline: signatures, chains, sums, and that each goes on where the one before ended.

    Without --keys nothing proves who signed. 1: something is wrong, or is not proven.
    """
    from command_line.operator import statements

    return statements.verify(files, keys)
