"""``scrip audit``: who changed what, when, and what there was before."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from command_line.output import Column
from command_line.parameters import LIMIT, All, From, Limit, To, invocation, page_limit, show_list

_CHANGES: Final = [
    Column("at"),
    Column("actor"),
    Column("actor_name"),
    Column("action"),
    Column("target", "target"),
    Column("changed"),
]


def audit(
    context: typer.Context,
    actor: Annotated[str | None, typer.Option(help="such as key:ID or operator", show_default=False)] = None,
    action: Annotated[str | None, typer.Option(help="such as unit.put", show_default=False)] = None,
    target: Annotated[str | None, typer.Option(help="such as unit:credits", show_default=False)] = None,
    from_: From = None,
    to: To = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists who changed units, packs, rates, promotions and keys, or decided about a payment; newest first."""
    which: Any = action
    with invocation(context).client() as scrip:
        found = scrip.list_changes(
            actor=actor, action=which, target=target, from_=from_, to=to, limit=page_limit(limit, everything)
        )
        show_list(context, found, _CHANGES, limit, everything)
