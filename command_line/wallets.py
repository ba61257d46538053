"""What an account has and what became of it; and what is put in and taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from command_line.mistakes import Mistake
from command_line.output import Column, columns
from command_line.parameters import (
    LIMIT,
    Account,
    All,
    Amount,
    ExpiresAt,
    From,
    IdempotencyKey,
    Limit,
    MaybeAmount,
    Member,
    Metadata,
    Quote,
    Reason,
    ReferenceOption,
    Tags,
    To,
    Unit,
    common,
    given,
    instant,
    invocation,
    money,
    page_limit,
    pairs,
    show_list,
    used,
)

At = Annotated[str | None, typer.Option(metavar="INSTANT", help="as it was then")]


def about(entry: Mapping[str, Any]) -> str:
    """Returns what an entry is about beside its reference: the other account, what was used, and what led to it."""
    other = entry.get("counterpart")
    told = [f"{'from' if entry['kind'] == 'transfer_in' else 'to'} {other['account']}"] if other else []
    used = entry.get("usage") or []
    for one in [used] if isinstance(used, Mapping) else used:
        dimensions = ", ".join(f"{name}={value}" for name, value in (one.get("dimensions") or {}).items())
        told.append(f"{one['quantity']} {one['meter']}" + (f" ({dimensions})" if dimensions else ""))
    told += [
        f"{name} {entry[name]}" for name in ("incident", "promotion", "offset") if entry.get(name) is not None
    ]
    if entry.get("records"):
        told.append(f"{entry['records']} records of {entry['stream']} from {entry['first']} on")
    told += [entry["hold_id"]] if entry.get("hold_id") else []
    return ", ".join(told)


_LOTS: Final = [
    Column("lot_id"),
    Column("kind"),
    Column("remaining", number=True),
    Column("granted", number=True),
    Column("held", number=True),
    Column("status"),
    Column("expires_at"),
    Column("cost_basis"),
]
_ENTRIES: Final = [
    Column("at"),
    Column("kind"),
    Column("amount", number=True),
    Column("balance_after", number=True),
    Column("about", tell=about, sparse=True),
    Column("reference"),
    Column("reason"),
    Column("entry_id"),
]
_RECORDS: Final = [
    Column("offset", number=True),
    Column("status"),
    Column("amount", number=True),
    Column("reference"),
    Column("meter"),
    Column("quantity", number=True),
    Column("reversed", number=True, sparse=True),
]
_EXPLAINED: Final = [
    Column("at"),
    Column("kind"),
    Column("amount", number=True),
    Column("balance_after", number=True),
    Column("about", tell=about, sparse=True),
    Column("entry_id"),
]
_ACCOUNTS: Final = [Column("account")]
_BALANCE: Final = [
    *columns("account", "unit", "available", "total", "held", "frozen", "pending", "owed", "spendable"),
    *columns("overdraft_left", "status"),
    Column("next_expiry.at", "next expiry"),
    Column("next_expiry.amount", "expiring then"),
    Column("money"),
    Column("as_of"),
]


def balance(context: typer.Context, account: Account, unit: Unit = None, at: At = None) -> None:
    """Shows what an account has, and how much of it can be burned now."""
    asked = invocation(context)
    with asked.client() as scrip:
        found = scrip.get_balance(account, unit=unit, at=at)
    asked.output.document(found.to_dict(), _BALANCE)


def accounts(
    context: typer.Context,
    prefix: Annotated[str | None, typer.Option(help="how their names begin")] = None,
    email: Annotated[
        str | None,
        typer.Option(help="whose profile has this mailbox, however it is spelled"),
    ] = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists the accounts that there are."""
    with invocation(context).client() as scrip:
        found = scrip.list_accounts(prefix=prefix, email=email, limit=page_limit(limit, everything))
        show_list(context, found, _ACCOUNTS, limit, everything)


def lots(
    context: typer.Context,
    account: Account,
    unit: Unit = None,
    status: Annotated[
        str | None,
        typer.Option(metavar="open|all", help="all: also those with nothing left"),
    ] = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists the lots of an account: the next to be burned first."""
    which: Any = status
    with invocation(context).client() as scrip:
        found = scrip.list_lots(account, unit=unit, status=which, limit=page_limit(limit, everything))
        show_list(context, found, _LOTS, limit, everything)


def entries(
    context: typer.Context,
    account: Account,
    unit: Unit = None,
    kind: Annotated[str | None, typer.Option(help="such as burn")] = None,
    from_: From = None,
    to: To = None,
    meter: Annotated[str | None, typer.Option(help="that used this meter")] = None,
    reference: ReferenceOption = None,
    lot: Annotated[str | None, typer.Option(help="that drew on this lot")] = None,
    actor: Annotated[str | None, typer.Option(help="such as key:ID")] = None,
    metadata: Metadata = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists the entries of an account's ledger, newest first."""
    which: Any = kind
    with invocation(context).client() as scrip:
        found = scrip.list_entries(
            account,
            unit=unit,
            kind=which,
            from_=from_,
            to=to,
            meter=meter,
            reference=reference,
            lot=lot,
            actor=actor,
            metadata=pairs(metadata),
            limit=page_limit(limit, everything),
        )
        show_list(context, found, _ENTRIES, limit, everything)


def records(
    context: typer.Context,
    account: Account,
    entry_id: Annotated[str, typer.Argument(help="of a page of burns, or of a lease's settlement")],
    unit: Unit = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists the records that an entry booked together, in the order of their offsets."""
    with invocation(context).client() as scrip:
        found = scrip.list_records(account, entry_id, unit=unit, limit=page_limit(limit, everything))
        show_list(context, found, _RECORDS, limit, everything)


def explain(
    context: typer.Context, account: Account, unit: Unit = None, at: At = None, limit: Limit = LIMIT
) -> None:
    """Explains a balance by the entries that it is made of, with their proof."""
    asked = invocation(context)
    with asked.client() as scrip:
        page = scrip.explain(account, unit=unit, at=at, limit=min(limit, 100)).page()
    said = page.to_dict()
    if asked.as_json:
        asked.output.document(said)
        return
    asked.output.document({"balance": said["balance"], "proof": said["proof"]})
    for name, shown in (("lots", _LOTS), ("entries", _EXPLAINED)):
        if said[name]:
            print()
            asked.output.items(said[name], shown)


def grant(
    context: typer.Context,
    account: Account,
    amount: Amount,
    kind: Annotated[str | None, typer.Option(help="such as promotional or paid")] = None,
    cost_basis: Annotated[
        str | None,
        typer.Option(
            metavar="MINOR:CURRENCY",
            help="what was paid, in minor units: 1000:USD is 10.00 USD",
        ),
    ] = None,
    expires_at: ExpiresAt = None,
    expires_in: Annotated[str | None, typer.Option(help="such as P30D or P1Y")] = None,
    priority: Annotated[int | None, typer.Option(help="the lowest is burned first")] = None,
    unit: Unit = None,
    reference: ReferenceOption = None,
    reason: Reason = None,
    metadata: Metadata = None,
    idempotency_key: IdempotencyKey = None,
) -> None:
    """Grants credits to an account."""
    asked = invocation(context)
    members: dict[str, Any] = common(unit, reference, reason, metadata)
    members |= given(
        kind=kind, expires_at=instant(expires_at, "--expires-at"), expires_in=expires_in, priority=priority
    )
    members |= given(cost_basis=money(cost_basis, "--cost-basis"))
    with asked.client() as scrip:
        made = scrip.grant(account, amount=amount, idempotency_key=idempotency_key, **members)
    shown = columns(
        "lot.lot_id", "lot.granted", "lot.kind", "lot.expires_at", "balance.available", "entry.entry_id"
    )
    asked.output.document(made.to_dict(), shown)


def burn(
    context: typer.Context,
    account: Account,
    amount: MaybeAmount = None,
    meter: Annotated[str | None, typer.Option(help="what was used, by its rate")] = None,
    quantity: Annotated[str | None, typer.Option(help="how much of it")] = None,
    dimension: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="of the meter; more than once for several")
    ] = None,
    mode: Annotated[str | None, typer.Option(help="exact, all or nothing; or up_to, what is there")] = None,
    member: Member = None,
    tags: Tags = None,
    quote: Quote = None,
    unit: Unit = None,
    reference: ReferenceOption = None,
    reason: Reason = None,
    metadata: Metadata = None,
    idempotency_key: IdempotencyKey = None,
) -> None:
    """Burns credits of an account: an amount, or so much of a meter."""
    if (amount is None) is (meter is None):
        raise Mistake("give an amount, or --meter and --quantity, and not both")
    asked = invocation(context)
    members: dict[str, Any] = common(unit, reference, reason, metadata)
    members |= given(amount=amount, meter=meter, quantity=quantity, mode=mode)
    members |= given(dimensions=pairs(dimension, "--dimension")) | used(member, tags, quote)
    with asked.client() as scrip:
        made = scrip.burn(account, idempotency_key=idempotency_key, **members)
    asked.output.document(made.to_dict(), columns("burned", "missing", "balance.available", "entry.entry_id"))
