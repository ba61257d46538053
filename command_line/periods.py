"""``period close``, ``list`` and ``show``: months of the books."""

from __future__ import annotations

import time
from typing import Annotated, Any, Final

import typer

from command_line.output import Column, columns, progress, say
from command_line.parameters import LIMIT, All, Limit, invocation, page_limit, show_list

Month = Annotated[str, typer.Argument(metavar="MONTH", help="in UTC, such as 2026-11")]

PAUSE: Final = 5.0
"""Seconds after which it is asked again how far a close is."""
RUNNING: Final = ("booking", "checking", "archiving", "freezing")

_PERIODS: Final = columns("period", "as_of", "edition", "sha256")
_PERIOD: Final = [
    *columns("period", "status"),
    *map(
        Column,
        ("close.as_of", "close.complete_through", "close.edition", "close.sha256", "close.closed_by_name"),
    ),
    Column("close.parked_count", "payments that wait for a person"),
]
_REPORTS: Final = [*columns("report", "by", "bytes"), Column("sha256"), Column("object")]


def close(
    context: typer.Context,
    month: Month,
    wait: Annotated[bool, typer.Option(help="until it is closed")] = True,
) -> None:
    """Closes a month of the books: what is due is booked, and its reports are frozen for ever.

    Where something is missing it is said, and nothing is closed. Given again it goes on.
    """
    asked = invocation(context)
    with asked.client() as scrip, progress("months frozen") as tell:
        found = scrip.close_period(month).to_dict()
        while wait and found["status"] in RUNNING:
            tell(found["frozen"])
            time.sleep(PAUSE)
            found = scrip.close_period(month).to_dict()
    asked.output.document(found, _PERIOD)
    if found["status"] in RUNNING:
        say(f"it goes on by itself: scrip period show {month}")


def list_periods(context: typer.Context, limit: Limit = LIMIT, everything: All = False) -> None:
    """Lists closed months, the latest first."""
    with invocation(context).client() as scrip:
        found = scrip.list_periods(limit=page_limit(limit, everything))
        show_list(context, found, _PERIODS, limit, everything)


def show(context: typer.Context, month: Month) -> None:
    """Shows the close of a month, and each report that it froze by its hash."""
    asked = invocation(context)
    with asked.client() as scrip:
        found: dict[str, Any] = scrip.get_period(month).to_dict()
    asked.output.document(found, _PERIOD)
    if asked.as_json:
        return
    for reason in found["reasons"]:
        say(f"{reason['detail']}: {', '.join(reason['items'])}" if reason["items"] else reason["detail"])
    if found["close"]:
        print()
        asked.output.items(found["close"]["reports"], _REPORTS)
