"""What was sold and paid, and which entries came of what: ``search``, ``payments``, ``topup``."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from command_line.mistakes import Mistake
from command_line.output import Column, columns
from command_line.parameters import (
    LIMIT,
    All,
    From,
    IdempotencyKey,
    Limit,
    ReferenceOption,
    To,
    Unit,
    given,
    invocation,
    page_limit,
    show_list,
)

Of = Annotated[str | None, typer.Option("--account", help="of this account")]

_FOUND: Final = [
    Column("account"),
    Column("unit"),
    Column("at"),
    Column("kind"),
    Column("entry_id"),
]
_PAYMENTS: Final = [
    Column("provider"),
    Column("payment_id"),
    Column("status"),
    Column("account"),
    Column("topup_id"),
    Column("paid.amount", "paid", number=True),
    Column("paid.currency", "currency"),
    Column("heard_at"),
]
_TOPUPS: Final = [
    Column("topup_id"),
    Column("status"),
    Column("account"),
    Column("pack"),
    Column("quantity", number=True),
    Column("credits", number=True),
    Column("price"),
    Column("provider"),
    Column("payment_id"),
]


def search(
    context: typer.Context,
    reference: ReferenceOption = None,
    payment: Annotated[str | None, typer.Option(metavar="PROVIDER:ID")] = None,
    topup: Annotated[str | None, typer.Option(metavar="TOPUP_ID")] = None,
    key: Annotated[str | None, typer.Option(help="an Idempotency-Key; with --account")] = None,
    lot: Annotated[str | None, typer.Option(metavar="LOT_ID")] = None,
    account: Of = None,
    unit: Unit = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Finds entries of all accounts: by reference, payment, order, key or lot."""
    with invocation(context).client() as scrip:
        found = scrip.search(
            reference=reference,
            payment=payment,
            topup=topup,
            key=key,
            lot=lot,
            account=account,
            unit=unit,
            limit=page_limit(limit, everything),
        )
        show_list(context, found, _FOUND, limit, everything)


def list_payments(
    context: typer.Context,
    status: Annotated[str | None, typer.Option(help="such as parked or paid")] = None,
    account: Of = None,
    topup: Annotated[str | None, typer.Option(metavar="TOPUP_ID")] = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists payments: parked ones where nothing else is said."""
    which: Any = status
    with invocation(context).client() as scrip:
        found = scrip.list_payments(
            status=which, account=account, topup=topup, limit=page_limit(limit, everything)
        )
        show_list(context, found, _PAYMENTS, limit, everything)


def show_payment(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help="such as stripe; or PROVIDER:ID")],
    payment_id: Annotated[str | None, typer.Argument()] = None,
) -> None:
    """Shows a payment: what was said of it, and what it became."""
    asked = invocation(context)
    if payment_id is None:
        provider, _, payment_id = provider.partition(":")
    if not payment_id:
        raise Mistake("which payment? scrip payments show stripe pi_1, or stripe:pi_1")
    whose: Any = provider
    with asked.client() as scrip:
        found = scrip.get_payment(whose, payment_id)
    asked.output.document(found.to_dict())


def create_topup(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="who gets the credits")],
    pack: Annotated[str, typer.Argument(help="such as demo-10k")],
    return_url: Annotated[str, typer.Option(help="where the buyer comes back to")],
    accept_terms: Annotated[
        bool, typer.Option("--accept-terms", help="the buyer has seen the pack's terms and agrees")
    ] = False,
    quantity: Annotated[int | None, typer.Option(help="how many of the pack")] = None,
    provider: Annotated[str | None, typer.Option(help="who is paid, such as stripe")] = None,
    currency: Annotated[str | None, typer.Option(help="in which it is paid, such as EUR")] = None,
    idempotency_key: IdempotencyKey = None,
) -> None:
    """Orders a pack for an account; its checkout is at checkout_url."""
    if not accept_terms:
        raise Mistake("a buyer agrees to the pack's terms: --accept-terms says that they did")
    asked = invocation(context)
    members: dict[str, Any] = given(quantity=quantity, provider=provider, currency=currency)
    with asked.client() as scrip:
        made = scrip.order(
            account=account,
            pack=pack,
            return_url=return_url,
            accept_terms=True,
            idempotency_key=idempotency_key,
            **members,
        )
    shown = columns(
        "topup_id",
        "status",
        "pack",
        "quantity",
        "credits",
        "price",
        "provider",
        "checkout_url",
        "expires_at",
    )
    asked.output.document(made.to_dict(), shown)


def list_topups(
    context: typer.Context,
    account: Of = None,
    status: Annotated[str | None, typer.Option(help="such as pending or paid")] = None,
    from_: From = None,
    to: To = None,
    limit: Limit = LIMIT,
    everything: All = False,
) -> None:
    """Lists orders, newest first."""
    which: Any = status
    with invocation(context).client() as scrip:
        found = scrip.list_topups(
            account=account, status=which, from_=from_, to=to, limit=page_limit(limit, everything)
        )
        show_list(context, found, _TOPUPS, limit, everything)


TopupId = Annotated[str, typer.Argument(metavar="TOPUP_ID")]


def show_topup(context: typer.Context, topup_id: TopupId) -> None:
    """Shows an order, and whether it is paid."""
    asked = invocation(context)
    with asked.client() as scrip:
        found = scrip.get_order(topup_id)
    asked.output.document(found.to_dict())


def cancel_topup(context: typer.Context, topup_id: TopupId) -> None:
    """Cancels an order that nobody has paid."""
    asked = invocation(context)
    with asked.client() as scrip:
        found = scrip.cancel_order(topup_id)
    asked.output.document(found.to_dict(), columns("topup_id", "status"))
