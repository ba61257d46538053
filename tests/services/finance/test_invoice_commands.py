"""What is asked of an invoice is in the request's fingerprint under names that do not change (law 3)."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits.units import Unit
from scrip.domain.finance.invoices import InvoiceLine
from scrip.services.engine.requests import Command
from scrip.services.finance.invoices import ApplyToInvoice, VoidInvoice

UNIT = Unit("credits", 2)
LINES = (InvoiceLine("seats", "5 seats", 5000, 1000), InvoiceLine("storage", "", 2500, 500))
SAID = {
    "invoice": "in_1",
    "currency": "USD",
    "tax": "after",
    "lines": [["seats", "5 seats", 5000, 1000, 0], ["storage", "", 2500, 500, 0]],
}


@pytest.mark.parametrize(
    ("command", "operation", "said"),
    [
        (ApplyToInvoice("in_1", "USD", "after", LINES), "invoice_application", {**SAID, "max": None}),
        (ApplyToInvoice("in_1", "USD", "after", LINES, "1.5"), "invoice_application", {**SAID, "max": "150"}),
        (VoidInvoice("in_1"), "invoice_void", {"invoice": "in_1"}),
    ],
)
def test_what_is_asked_of_an_invoice_is_in_the_fingerprint(
    command: Command, operation: str, said: dict[str, Any]
) -> None:
    assert command.operation == operation
    assert command.to_json(UNIT) == said
