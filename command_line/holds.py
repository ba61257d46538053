"""``scrip hold``: credits set aside for something that is not finished yet."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from command_line.output import Column, columns
from command_line.parameters import (
    LIMIT,
    Account,
    All,
    Amount,
    IdempotencyKey,
    Limit,
    MaybeAmount,
    Member,
    Metadata,
    Quote,
    Reason,
    ReferenceOption,
    Tags,
    Unit,
    common,
    given,
    invocation,
    page_limit,
    show_list,
    used,
)

HoldId = Annotated[str, typer.Argument(metavar="HOLD_ID")]
ExpiresIn = Annotated[str | None, typer.Option(help="how long it lasts, such as PT1H")]

_HOLDS: Final = [
    Column("hold_id"),
    Column("status"),
    Column("amount", number=True),
    Column("captured", number=True),
    Column("released", number=True),
    Column("expires_at"),
]
_SHOWN: Final = columns(
    "hold.hold_id",
    "hold.status",
    "hold.amount",
    "hold.captured",
    "hold.released",
    "hold.expires_at",
    "balance.available",
    "entry.entry_id",
)


def place(
    context: typer.Context,
    account: Account,
    amount: Amount,
    expires_in: ExpiresIn = None,
    member: Member = None,
    tags: Tags = None,
    quote: Quote = None,
    unit: Unit = None,
    reference: ReferenceOption = None,
    reason: Reason = None,
    metadata: Metadata = None,
    idempotency_key: IdempotencyKey = None,
) -> None:
    """Sets credits aside."""
    asked = invocation(context)
    members: dict[str, Any] = common(unit, reference, reason, metadata) | given(expires_in=expires_in)
    members |= used(member, tags, quote)
    with asked.client() as scrip:
        made = scrip.hold(account, amount=amount, idempotency_key=idempotency_key, **members)
    asked.output.document(made.to_dict(), _SHOWN)


def capture(
    context: typer.Context,
    account: Account,
    hold_id: HoldId,
    amount: MaybeAmount = None,
    final: Annotated[
        bool | None,
        typer.Option("--final/--not-final", help="whether the rest is released"),
    ] = None,
    unit: Unit = None,
    reference: ReferenceOption = None,
    reason: Reason = None,
    metadata: Metadata = None,
    idempotency_key: IdempotencyKey = None,
) -> None:
    """Burns what was held: an amount of it, or all that is left."""
    asked = invocation(context)
    members: dict[str, Any] = common(unit, reference, reason, metadata) | given(amount=amount, final=final)
    with asked.client() as scrip:
        made = scrip.capture(account, hold_id, idempotency_key=idempotency_key, **members)
    asked.output.document(made.to_dict(), _SHOWN)


def release(
    context: typer.Context,
    account: Account,
    hold_id: HoldId,
    unit: Unit = None,
    reference: ReferenceOption = None,
    reason: Reason = None,
    metadata: Metadata = None,
    idempotency_key: IdempotencyKey = None,
) -> None:
    """Gives back what is left of a hold."""
    asked = invocation(context)
    members: dict[str, Any] = common(unit, reference, reason, metadata)
    with asked.client() as scrip:
        made = scrip.release(account, hold_id, idempotency_key=idempotency_key, **members)
    asked.output.document(made.to_dict(), _SHOWN)


def list_holds(
    context: typer.Context,
    account: Account,
    unit: Unit = None,
    status: Annotated[str | None, typer.Option(help="such as open")] = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists what is held, or was, of an account."""
    which: Any = status
    with invocation(context).client() as scrip:
        found = scrip.list_holds(account, unit=unit, status=which, limit=page_limit(limit, everything))
        show_list(context, found, _HOLDS, limit, everything)


def show(context: typer.Context, account: Account, hold_id: HoldId, unit: Unit = None) -> None:
    """Shows what is left of a hold, and until when."""
    asked = invocation(context)
    with asked.client() as scrip:
        found = scrip.get_hold(account, hold_id, unit=unit)
    asked.output.document(found.to_dict())
