"""``invoice show`` and ``void``: credits that pay lines of invoices."""

from __future__ import annotations

from typing import Annotated

import typer

from command_line.parameters import IdempotencyKey, Metadata, Reason, given, invocation, pairs

InvoiceId = Annotated[str, typer.Argument(metavar="INVOICE_ID", help="as your own system calls it")]


def show(context: typer.Context, invoice_id: InvoiceId) -> None:
    """Shows what credits paid of an invoice, line by line, and which credits."""
    asked = invocation(context)
    with asked.client() as scrip:
        found = scrip.get_invoice(invoice_id).to_dict()
    asked.output.document(found)


def void(
    context: typer.Context,
    invoice_id: InvoiceId,
    reason: Reason = None,
    metadata: Metadata = None,
    idempotency_key: IdempotencyKey = None,
) -> None:
    """Gives all credits back that were applied to an invoice, to the lots that they came from."""
    asked = invocation(context)
    with asked.client() as scrip:
        said = given(reason=reason, metadata=pairs(metadata))
        done = scrip.void_invoice(invoice_id, idempotency_key=idempotency_key, **said)
    asked.output.document(done.to_dict())
