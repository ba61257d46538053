"""Checks the invoices that a wallet's credits were applied to: each says what the wallet's entries do.

Each is written in the transaction of the entries that change it, so both are of one version of the wallet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.finance.invoices import KIND, Invoice
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.verification.invoice_checks import check_invoice
from scrip.store import documents, keys
from scrip.store.tables import Tables


def check_invoices(tables: Tables, entries: Iterable[Entry]) -> Iterator[Discrepancy]:
    """Yields what is wrong with the invoices that a wallet's entries, in their order, were made for."""
    made: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.made_for and entry.made_for[0] == KIND:
            made.setdefault(entry.made_for[1], []).append(entry)
    stored = documents.get_many(tables, map(keys.invoice, made)) if made else {}
    for invoice_id, of_it in made.items():
        pk, first = keys.invoice(invoice_id), of_it[0]
        if pk not in stored:
            what = f"entry {first.seq} was applied to the invoice {invoice_id}, and that is not there"
            yield Discrepancy(what, first.seq, first.id)
            continue
        try:
            yield from check_invoice(Invoice.from_json(stored[pk].body), of_it)
        except UNREADABLE:
            yield Discrepancy(f"the invoice {invoice_id} cannot be read", first.seq, first.id)
