"""``scrip key``: API keys, over HTTP. ``scrip key bootstrap`` alone makes one with AWS credentials: the first."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from command_line.output import Column, columns, print_json, say
from command_line.parameters import (
    LIMIT,
    All,
    IdempotencyKey,
    Limit,
    given,
    invocation,
    page_limit,
    show_list,
)

KeyId = Annotated[str, typer.Argument(metavar="KEY_ID")]
Name = Annotated[str | None, typer.Option(help="what people call it")]
ExpiresAt = Annotated[str | None, typer.Option(metavar="INSTANT", help="from when on it opens nothing")]

_KEYS: Final = [
    Column("key_id"),
    Column("name"),
    Column("scopes"),
    Column("account"),
    Column("created_by"),
    Column("created_at"),
    Column("expires_at"),
    Column("last_used_at"),
]
_SHOWN: Final = columns(
    "key_id", "key", "name", "scopes", "account", "expires_at", "rate_limit", "previous_ends_at"
)
ONCE: Final = "keep the key: it is shown this once"


def create(
    context: typer.Context,
    scope: Annotated[list[str], typer.Option(help="what it may; more than once for several")],
    account: Annotated[str | None, typer.Option(help="bound to this account")] = None,
    name: Name = None,
    expires_at: ExpiresAt = None,
    rate_limit: Annotated[int | None, typer.Option(help="requests a second")] = None,
    idempotency_key: IdempotencyKey = None,
) -> None:
    """Makes a key. It is shown this once."""
    asked = invocation(context)
    members: dict[str, Any] = given(
        scopes=scope, account=account, name=name, expires_at=expires_at, rate_limit=rate_limit
    )
    with asked.client() as scrip:
        made = scrip.create_key(idempotency_key=idempotency_key, **members)
    asked.output.document(made.to_dict(), _SHOWN)
    say(ONCE)


def list_keys(context: typer.Context, limit: Limit = LIMIT, everything: All = False) -> None:
    """Lists all keys, newest first, without the keys themselves."""
    with invocation(context).client() as scrip:
        show_list(context, scrip.list_keys(limit=page_limit(limit, everything)), _KEYS, limit, everything)


def rotate(context: typer.Context, key_id: KeyId, idempotency_key: IdempotencyKey = None) -> None:
    """Gives a key a new secret; the one before works for another day."""
    asked = invocation(context)
    with asked.client() as scrip:
        made = scrip.rotate_key(key_id, idempotency_key=idempotency_key)
    asked.output.document(made.to_dict(), _SHOWN)
    say(ONCE)


def delete(context: typer.Context, key_id: KeyId) -> None:
    """Deletes a key; within a minute it is refused everywhere."""
    asked = invocation(context)
    with asked.client() as scrip:
        scrip.delete_key(key_id)
    asked.output.document({"key_id": key_id, "deleted": True})


def bootstrap(context: typer.Context, name: Name = None, expires_at: ExpiresAt = None) -> int:
    """Makes an admin key with AWS credentials: the first one, or where no other is left. Prints JSON."""
    invocation(context).enter_stack()
    from command_line.operator import keys

    made = keys.bootstrap(name, expires_at)
    status = print_json(made)
    say(ONCE)
    return status
