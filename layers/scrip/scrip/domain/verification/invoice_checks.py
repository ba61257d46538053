"""Checks that an invoice says what its entries do: what they paid of each line, and that a void gave all of it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.finance.invoices import Invoice, is_application, read_application
from scrip.domain.verification.discrepancies import Discrepancy


def check_invoice(invoice: Invoice, entries: Sequence[Entry]) -> Iterator[Discrepancy]:
    """Checks one invoice.

    A void that did not come to its end has given some back, and the invoice does not say so yet.

    Args:
        entries: all that were made for it, in their order.
    """
    named = f"the invoice {invoice.invoice_id}"
    applications = [entry for entry in entries if is_application(entry)]
    paid = Counter[str]()
    for entry in applications:
        try:
            made = read_application(entry)
        except (*UNREADABLE, AssertionError):
            yield Discrepancy(f"what entry {entry.seq} paid of {named} cannot be read", entry.seq, entry.id)
            return
        paid.update({line.line_id: line.applied for line in made.lines})
        worth = made.value.of(made.steps)
        if made.applied != worth:
            what = f"entry {entry.seq} paid {made.applied} of {named}, with credits worth {worth}"
            yield Discrepancy(what, entry.seq, entry.id)
    if tuple(invoice.applications) != tuple(entry.id for entry in applications):
        yield Discrepancy(f"{named} was not paid by the entries that it names")
    for line in invoice.lines:
        told = paid[line.line_id]
        if told > line._replace(applied=0).left(invoice.tax):
            yield Discrepancy(f"line {line.line_id} of {named} was paid {told}, which is more than it says")
        if line.applied != (0 if invoice.voided_at is not None else told):
            yield Discrepancy(f"line {line.line_id} of {named} says {line.applied}, its entries paid {told}")
    if invoice.voided_at is None:
        return
    back = {str(entry.extra.get("of")): entry for entry in entries if entry.kind == "reversal"}
    for entry in applications:
        given = back.get(entry.id)
        if given is None or given.id not in invoice.void or given.extra["reversed"] != str(-entry.amount):
            yield Discrepancy(
                f"{named} is void, and entry {entry.seq} was not given back", entry.seq, entry.id
            )
