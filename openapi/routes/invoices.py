"""Credits applied to invoices, and given back."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT, SPENDS, WRITE
from scrip.http.finance.invoices import AppliedView, InvoiceView, VoidedInvoiceView

OPERATIONS: Final = (
    Operation(
        route="POST /v1/invoices/{invoice_id}/applications",
        id="apply_to_invoice",
        tag="Finance",
        summary="Pay lines of an invoice with credits",
        description="As much of them as credits can pay, up to `max`, at the unit's `value`: less than a minor unit of "
        "credits is lost to rounding, and no debt is made. The credits are burned; the entry's reference is the "
        "invoice. No line is ever paid more than it says, by however many applications.",
        body="ApplicationBody",
        answers={201: AppliedView},
        key=True,
        clock=True,
        refusals=(*WRITE, *AMOUNT, *SPENDS, "invoice_void"),
        example={
            "account": "acme",
            "currency": "USD",
            "lines": [
                {"line_id": "seats", "description": "5 seats", "amount": 5000, "tax": 1000},
                {"line_id": "storage", "description": "1 TB", "amount": 2500, "tax": 500},
            ],
            "max": "10",
            "tax": "after",
        },
    ),
    Operation(
        route="POST /v1/invoices/{invoice_id}/void",
        id="void_invoice",
        tag="Finance",
        summary="Give back all credits that were applied to an invoice",
        description="To the lots that they came from, with their money. What goes back to a lot that has ended ends at "
        "once. Nothing is applied to a void invoice any more.",
        body="InvoiceVoidBody",
        answers={201: VoidedInvoiceView},
        key=True,
        clock=True,
        refusals=(*WRITE, "amount_out_of_range", "invoice_void", "policy_violation"),
        example={"reason": "billed twice"},
    ),
    Operation(
        route="GET /v1/invoices/{invoice_id}",
        id="get_invoice",
        tag="Finance",
        summary="Which credits paid which line of an invoice",
        answers={200: InvoiceView},
        refusals=("not_found",),
    ),
)
