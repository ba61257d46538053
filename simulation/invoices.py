"""Invoices as the entries tell what credits paid of them, held against what each says (laws 1, 2 and 3).

It adds up what each entry paid of each line, and compares that with the document that is written in the same commit.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

from scrip.domain.credits.entries import Entry
from scrip.domain.finance.invoices import InvoiceLine, TaxMode
from simulation.expressions import Item

PREFIX: Final = "invoice#"
ENTRIES: Final = 50
"""Entries of a wallet after which its invoice is another."""


@dataclass(slots=True)
class _Paid:
    """What entries paid of one invoice.

    Attributes:
        lines: minor units, by line. entries: by id, the steps that are not given back.
    """

    lines: Counter[str] = field(default_factory=Counter)
    entries: dict[str, int] = field(default_factory=dict)
    void: bool = False


class Invoices:
    """All invoices of a run."""

    def __init__(self) -> None:
        self._paid: dict[str, _Paid] = {}
        self._changed: set[str] = set()

    def follow(self, entry: Entry) -> str:
        """What is wrong with an entry by itself; nothing where nothing is."""
        if entry.made_for is None:
            return ""
        invoice = self._paid.setdefault(entry.made_for[1], _Paid())
        if entry.kind == "reversal":
            of = entry.extra["of"]
            invoice.entries[of] -= entry.amount
            return "gives an application back in part" if invoice.entries[of] else ""
        if invoice.void:
            return "is applied to a void invoice"
        self._changed.add(entry.made_for[1])
        said = entry.extra["invoice"]
        (amount, per), steps = said["value"], -entry.amount
        paid = sum(applied for _, applied in said["lines"])
        if paid != steps * amount // int(per) or paid == (steps - 1) * amount // int(per):
            return f"pays {paid} with {steps} steps"
        invoice.lines.update(dict(said["lines"]))
        invoice.entries[entry.id] = steps
        return ""

    def wrong(self, written: Mapping[str, Item]) -> str:
        """What is wrong with invoices after a commit. ``written``: those that it wrote, by partition key."""
        changed, self._changed = self._changed, set()
        for pk, item in written.items():
            body = json.loads(item["body"]["S"])
            changed.discard(body["invoice_id"])
            if wrong := self._wrong(body):
                return f"{pk} {wrong}"
        return f"the invoice {min(changed)} does not say what was applied to it" if changed else ""

    def _wrong(self, body: Mapping[str, Any]) -> str:
        invoice = self._paid.setdefault(body["invoice_id"], _Paid())
        invoice.void = "voided_at" in body
        if list(invoice.entries) != body["applications"]:
            return "names other applications than were made"
        if invoice.void and any(invoice.entries.values()):
            return "is void, and an application was not given back"
        for line_id, _, amount, tax, applied in body["lines"]:
            paid, most = invoice.lines[line_id], amount + (tax if body["tax"] == "after" else 0)
            if paid > most:
                return f"was paid {paid} of line {line_id}, which is {most}"
            if applied != (0 if invoice.void else paid):
                return f"says {applied} of line {line_id}, of which {paid} were paid"
        return ""


def invoice_of(account: str, version: int) -> str:
    """The invoice that a wallet with so many entries has."""
    return f"{account}-{version // ENTRIES}"


def lines_of(invoice_id: str) -> tuple[tuple[InvoiceLine, ...], TaxMode]:
    """What the lines of an invoice say, always the same of the same."""
    number = crc32(invoice_id.encode())
    lines = InvoiceLine("a", None, number % 50, number % 7), InvoiceLine("b", "more", number % 31, 3)
    return lines, ("before", "after")[number % 2]
