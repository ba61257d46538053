"""``scrip audit``: who changed what, when, and what there was before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from command_line.output import Column, flat
from command_line.parameters import LIMIT, All, From, Limit, To, invocation, page_limit, show_list

LONG: Final = 40
"""Characters of a value that a change shows; JSON has all of it."""


def changed(change: Mapping[str, Any]) -> str:
    """Returns which members a change made different, with what they were and are; or that it was made or deleted."""
    before, after = change.get("before"), change.get("after")
    if before is None or after is None:
        return "made" if before is None else "deleted"
    was, is_ = dict(flat(before)), dict(flat(after))
    names = [name for name in {**was, **is_} if name != "version" and was.get(name) != is_.get(name)]
    return "; ".join(f"{name}: {_short(was.get(name))} → {_short(is_.get(name))}" for name in names)


def _short(value: str | None) -> str:
    if not value:
        return "nothing"
    return value if len(value) <= LONG else f"{value[:LONG]}…"


_CHANGES: Final = [
    Column("at"),
    Column("actor"),
    Column("actor_name"),
    Column("action"),
    Column("target", "target"),
    Column("changed", tell=changed),
]


def audit(
    context: typer.Context,
    actor: Annotated[str | None, typer.Option(help="such as key:ID or operator")] = None,
    action: Annotated[str | None, typer.Option(help="such as unit.put")] = None,
    target: Annotated[str | None, typer.Option(help="such as unit:credits")] = None,
    from_: From = None,
    to: To = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists who changed what of units, packs, rates, promotions and keys, or decided about a payment; newest first."""
    which: Any = action
    with invocation(context).client() as scrip:
        found = scrip.list_changes(
            actor=actor, action=which, target=target, from_=from_, to=to, limit=page_limit(limit, everything)
        )
        show_list(context, found, _CHANGES, limit, everything)
