"""``scrip usage``: what was used, and usage events that could not be burned; ``scrip forecast``."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from command_line.mistakes import Mistake
from command_line.output import Column
from command_line.parameters import (
    LIMIT,
    Account,
    All,
    From,
    Limit,
    To,
    Unit,
    invocation,
    page_limit,
    show_list,
)

_REJECTED: Final = [
    Column("received_at"),
    Column("event.subject"),
    Column("event.type"),
    Column("reason"),
    Column("detail"),
    Column("rejected_id"),
]


_USED: Final = [
    Column("from"),
    Column("by"),
    Column("quantity", number=True),
    Column("credits", number=True),
    Column("value"),
]


def show(
    context: typer.Context,
    account: Account,
    by: Annotated[str | None, typer.Option(help="meter, member, tag:NAME or dimension:NAME")] = None,
    every: Annotated[str | None, typer.Option(help="P1D, a day, or PT1H, an hour")] = None,
    from_: From = None,
    to: To = None,
    unit: Unit = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists what was used, by day or hour."""
    span: Any = every
    with invocation(context).client() as scrip:
        found = scrip.usage(
            account, by=by, every=span, from_=from_, to=to, unit=unit, limit=page_limit(limit, everything)
        )
        show_list(context, found, _USED, limit, everything)


def forecast(context: typer.Context, account: Account, unit: Unit = None) -> None:
    """Shows when credits run out, by the rate at which they were used."""
    asked = invocation(context)
    with asked.client() as scrip:
        found = scrip.forecast(account, unit=unit)
    asked.output.document(found.to_dict())


def rejected(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(help="only this account's")] = None,
    reason: Annotated[str | None, typer.Option(help="such as wallet_frozen")] = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists usage events that were accepted and could not be burned; those that came last first."""
    with invocation(context).client() as scrip:
        found = scrip.list_rejected_usage(account=account, reason=reason, limit=page_limit(limit, everything))
        show_list(context, found, _REJECTED, limit, everything)


def redrive(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="REJECTED_ID...")] = None,
    account: Annotated[str | None, typer.Option(help="all of this account")] = None,
    reason: Annotated[str | None, typer.Option(help="all that were rejected for this reason")] = None,
    everything: Annotated[bool, typer.Option("--all", help="all that there are")] = False,
) -> None:
    """Brings rejected usage events back, once what stood in their way is gone."""
    if bool(ids) == (everything or account is not None or reason is not None):
        raise Mistake("name events by their ids, or say --account, --reason or --all")
    asked = invocation(context)
    with asked.client() as scrip:
        named = {"ids": ids} if ids else {"all": True, "account": account, "reason": reason}
        done = scrip.redrive_usage(**named)
    asked.output.document(done.to_dict())
