"""What many commands take, and what a command is: it takes ``--json`` wherever it stands."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperOption

from command_line.connections import Invocation
from command_line.mistakes import Mistake, Unread
from command_line.output import Column, progress, say

LIMIT: Final = 50
"""Items that a list shows where nothing else is said."""
PAGE: Final = 100
"""Items that are asked for at a time."""

Account = Annotated[str, typer.Argument(help="the account, as your own system calls it")]
Unit = Annotated[str | None, typer.Option(help="the unit; 'credits' where none is named")]
Amount = Annotated[str, typer.Argument(help="how many credits, such as 12.5")]
MaybeAmount = Annotated[str | None, typer.Argument(help="how many credits, such as 12.5")]
ReferenceOption = Annotated[str | None, typer.Option("--reference", metavar="TYPE:ID", help="what it is for")]
Reason = Annotated[str | None, typer.Option(help="why, for people")]
Metadata = Annotated[
    list[str] | None, typer.Option("--metadata", metavar="NAME=VALUE", help="more than once for several")
]
Member = Annotated[str | None, typer.Option(help="who of the account uses the credits")]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="NAME=VALUE", help="what they are used for; more than once for several"),
]
Quote = Annotated[str | None, typer.Option(help="the token of a quote, whose price holds for a while")]
IdempotencyKey = Annotated[
    str | None,
    typer.Option(help="done once under this key, however often; one is made where none is given"),
]
Limit = Annotated[int, typer.Option(min=1, help="how many at the most")]
All = Annotated[bool, typer.Option("--all", help="all there are")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="INSTANT", help="not before, such as 2030-01-31T00:00:00Z"),
]
To = Annotated[str | None, typer.Option("--to", metavar="INSTANT", help="before")]
ExpiresAt = Annotated[str | None, typer.Option(metavar="INSTANT", help="such as 2030-01-31T00:00:00Z")]


def invocation(context: typer.Context) -> Invocation:
    """Returns what was typed before the command."""
    found = context.find_root().obj
    assert isinstance(found, Invocation)
    return found


def _as_json(context: typer.Context, _option: Any, value: bool) -> None:
    if value:
        invocation(context).as_json = True


class Command(TyperCommand):
    """A command: it takes ``--json``, and says where nobody reads what it prints."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(
            TyperOption(
                param_decls=["--json"],
                is_flag=True,
                expose_value=False,
                callback=_as_json,
                help="print JSON",
            )
        )

    def invoke(self, context: Any) -> Any:
        """Runs the command, and everything that it printed goes out. Raises ``Unread``."""
        try:
            status = super().invoke(context)
            sys.stdout.flush()
        except BrokenPipeError:
            raise Unread from None
        return status


def given(**members: Any) -> dict[str, Any]:
    """Returns the members that were given: what is None is left out, which is something else than null."""
    return {name: value for name, value in members.items() if value is not None}


def reference(text: str | None) -> dict[str, str] | None:
    """Parses ``TYPE:ID``. Raises ``Mistake`` where there is no colon."""
    if text is None:
        return None
    kind, colon, name = text.partition(":")
    if not colon:
        raise Mistake(f"--reference is like job:17, and not {text}")
    return {"type": kind, "id": name}


def pairs(texts: list[str] | None, option: str = "--metadata") -> dict[str, str] | None:
    """Parses ``NAME=VALUE`` of each. Raises ``Mistake`` where one has no such sign."""
    if not texts:
        return None
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise Mistake(f"{option} is like job=17, and not {text}")
        found[name] = value
    return found


def instant(text: str | None, option: str) -> str | None:
    """Returns an instant as it was given. Raises ``Mistake`` where it is none, or in no zone."""
    try:
        if text is None or datetime.fromisoformat(text).tzinfo:
            return text
    except ValueError:
        pass
    raise Mistake(f"{option} is like 2030-01-31T00:00:00Z, an instant with its zone, and not {text}")


def money(text: str | None, option: str) -> dict[str, Any] | None:
    """Parses ``1000:USD``, an amount in minor units and its currency. Raises ``Mistake`` for anything else."""
    if text is None:
        return None
    amount, _, currency = text.partition(":")
    if not (amount.isascii() and amount.isdecimal() and currency):
        raise Mistake(f"{option} is like 1000:USD, ten dollars in cents, and not {text}")
    return {"amount": int(amount), "currency": currency}


def common(
    unit: str | None, reference_text: str | None, reason: str | None, metadata: list[str] | None
) -> dict[str, Any]:
    """Returns the members that every change of a wallet may have. Raises ``Mistake``."""
    return given(unit=unit, reference=reference(reference_text), reason=reason, metadata=pairs(metadata))


def used(member: str | None, tags: list[str] | None, quote: str | None) -> dict[str, Any]:
    """Returns the members that say who uses credits, for what, and at which price. Raises ``Mistake``."""
    return given(member=member, tags=pairs(tags, "--tag"), quote=quote)


def page_limit(limit: int, everything: bool) -> int:
    """Returns how many items are asked for at a time."""
    return PAGE if everything else min(limit + 1, PAGE)


def show_list(
    context: typer.Context,
    items: Iterable[Any],
    columns: list[Column],
    limit: int,
    everything: bool,
    **members: Any,
) -> None:
    """Prints the items of a list, and says where there are more than it prints."""
    found: list[dict[str, Any]] = []
    with progress("read") as tell:
        for item in items if everything else islice(items, limit + 1):
            found.append(item.to_dict())
            tell(len(found))
    more = not everything and len(found) > limit
    if more:
        found = found[:limit]
    invocation(context).output.items(found, columns, more=more, **members)
    if more and not invocation(context).as_json:
        say(f"there are more than {limit}: --limit or --all")
