"""Invoices that credits pay for: the bodies and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import DEFAULT_UNIT, Unit
from scrip.domain.finance.invoices import (
    KIND,
    LINES,
    Application,
    InvoiceLine,
    TaxMode,
    read_application,
)
from scrip.http.edge import parameters
from scrip.http.edge.answers import MoneyView, TypedDict
from scrip.http.edge.bodies import (
    MAX_MONEY,
    Amount,
    Body,
    Currency,
    Identifier,
    Label,
    Metadata,
    Reason,
)
from scrip.http.edge.parameters import format_instant
from scrip.http.edge.request import HttpRequest
from scrip.http.wallets.entries import DrawView, EntryView, draw_view, entry_view
from scrip.http.wallets.movements import MovedView, moved_view
from scrip.services.engine.requests import WalletRequest
from scrip.services.finance.invoices import ApplyToInvoice, ShownInvoice

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Count, Credits, EntryId, Name, Ordinal
    from scrip.http.edge.forms import Currency as CurrencyForm

InvoiceStatus = Literal["open", "void"]
"""Whether credits are applied to an invoice, or all of them were given back."""
MinorUnits = Annotated[int, Field(ge=0, le=MAX_MONEY)]
"""Money in minor units of a currency that is said elsewhere."""


class InvoiceLineBody(Body):
    """One line of an invoice."""

    line_id: Identifier
    """Names the line within the invoice."""
    description: Label | None = None
    """What is billed, for people; shown with the invoice. It must name nobody."""
    amount: MinorUnits
    """What is billed without tax, in minor units. Of a discount, a smaller amount of the line that it belongs to."""
    tax: MinorUnits = 0
    """The tax of that, before any credits, in minor units."""

    def line(self) -> InvoiceLine:
        """Returns it as the domain has it."""
        return InvoiceLine(self.line_id, self.description, self.amount, self.tax)


class InvoiceEntryBody(Body):
    """What is said of a change of an invoice."""

    reason: Reason | None = None
    """Why, for people; in the entry for ever."""
    metadata: Metadata = Field(default_factory=dict)
    """Anything else to keep with the entry."""

    def request(self, request: HttpRequest, invoice_id: str, account: str, unit: str) -> WalletRequest:
        """Returns the request to change the wallet that pays. Raises as ``HttpRequest.caller``."""
        caller = request.caller()
        return WalletRequest(
            account,
            unit,
            caller.key,
            caller.actor,
            caller.moment,
            (KIND, invoice_id),
            self.reason,
            self.metadata,
            caller.actor_name,
        )


class ApplicationBody(InvoiceEntryBody):
    """Lines of an invoice that credits are to pay, as far as there are any."""

    account: Identifier
    """Whose credits pay. All applications to one invoice are of one account and unit."""
    unit: Identifier = DEFAULT_UNIT
    """Which credits pay: its policy's `value` says what they are worth."""
    currency: Currency
    """The currency of the lines: that of the unit's `value`."""
    lines: Annotated[list[InvoiceLineBody], Field(min_length=1, max_length=LINES)]
    """The lines, paid in this order, each up to what it has left. A line that was said before says the same again."""
    max: Amount | None = None
    """Most credits to take. Null or left out: as many as pay the lines."""
    tax: TaxMode
    """`before`: credits are taken off the lines' amounts, and you compute the tax of what is left. `after`: they pay
    amount and tax."""

    @model_validator(mode="after")
    def _each_line_once(self) -> ApplicationBody:
        names = [line.line_id for line in self.lines]
        if len(set(names)) < len(names):
            raise ValueError("lines: name each line once")
        return self

    def command(self, invoice_id: str) -> ApplyToInvoice:
        """Returns what is to be paid of the invoice with this id."""
        lines = tuple(line.line() for line in self.lines)
        return ApplyToInvoice(invoice_id, self.currency, self.tax, lines, self.max)


class InvoiceVoidBody(InvoiceEntryBody):
    """Why an invoice is voided."""

    may_be_missing: ClassVar[bool] = True


class PaidPartsView(TypedDict):
    """Money that credits paid: so much in all, and by which credits."""

    applied: MoneyView
    """What credits paid."""
    paid_part: MoneyView
    """The part that credits with cost basis paid: customers' own money, paid before."""
    free_part: MoneyView
    """The part that credits without cost basis paid: a discount. Both parts together are what was applied."""


class AppliedLineView(PaidPartsView):
    """What one application paid of a line, and with which credits."""

    line_id: Name
    """The line that was paid, by its name within the invoice."""
    draws: list[DrawView]
    """The credits that paid for it, by lot. A credit that pays for two lines stands with the first of them."""


class AppliedView(PaidPartsView, MovedView):
    """Credits applied to an invoice: the money that they paid, the burn's entry, and the balance right after it."""

    invoice_id: Name
    """Whose lines were paid. The entry has it as its reference, of type `invoice`."""
    credits: Credits
    """How many credits that took."""
    lines: list[AppliedLineView]
    """What each line got, in the request's order."""


class ApplicationView(PaidPartsView):
    """One application, as its entry says it."""

    entry_id: EntryId
    """The burn: `/v1/accounts/{account}/entries/{entry_id}`."""
    seq: Ordinal
    """Its place in the wallet."""
    at: At
    """When it was made."""
    credits: Credits
    """How many credits it took."""
    lines: list[AppliedLineView]
    """What each line got."""


class InvoiceLineView(TypedDict):
    """One line, and what credits have paid of it so far."""

    line_id: Name
    """Names it within the invoice."""
    description: str | None
    """What is billed."""
    amount: Count
    """What is billed without tax, in minor units of the invoice's currency."""
    tax: Count
    """The tax of that, before any credits."""
    applied: Count
    """What credits have paid of it."""
    left: Count
    """What credits may still pay of it."""


class InvoiceView(TypedDict):
    """An invoice: what its lines say, and which credits paid which line."""

    invoice_id: Name
    """The invoice. Its entries have it as their reference, of type `invoice`."""
    account: Name
    """Whose credits pay."""
    unit: Name
    """Which credits."""
    currency: CurrencyForm
    """The currency of its lines, ISO 4217."""
    tax: TaxMode
    """Whether credits are taken off before the tax is computed, or pay amount and tax."""
    status: InvoiceStatus
    """Whether credits are applied to it, or all of them were given back."""
    applied: MoneyView
    """What credits have paid of all lines; nothing once it is void."""
    lines: list[InvoiceLineView]
    """Its lines, in the order in which they were first said."""
    applications: list[ApplicationView]
    """Each application, the first first; of a void invoice too."""
    voided_at: At | None
    """When it became void; null: it is not."""
    reversal_entry_ids: list[EntryId]
    """The entries that gave the credits back, one for each application."""


class VoidedInvoiceView(MovedView):
    """A void invoice: what was given back, the last entry that did, and the balance right after it."""

    invoice_id: Name
    """What is void now, and for ever."""
    voided: MoneyView
    """The money that credits had paid of it, and pay no more."""
    credits: Credits
    """How many credits went back to their lots. What has ended ended at once."""
    entries: list[EntryView]
    """The entries that gave back, one for each application, the last one too."""


def invoice_id_of(request: HttpRequest) -> str:
    """Returns the id of the invoice that the path names. Raises ``InvalidRequest`` where it is none."""
    return parameters.identifier(request.path, "invoice_id")


def applied_view(entry: Entry, unit: Unit) -> AppliedView:
    """Shows credits that were applied to an invoice."""
    made = read_application(entry)
    return {
        "invoice_id": made.invoice_id,
        **_parts(made.applied, made.paid, made.currency),
        "credits": format_amount(made.steps, unit.precision),
        "lines": _lines(made, entry, unit),
        **moved_view(entry, unit),
    }


def invoice_view(found: ShownInvoice) -> InvoiceView:
    """Shows an invoice."""
    invoice, unit = found.invoice, found.unit
    voided_at = invoice.voided_at
    return {
        "invoice_id": invoice.invoice_id,
        "account": invoice.account,
        "unit": invoice.unit,
        "currency": invoice.currency,
        "tax": invoice.tax,
        "status": "open" if voided_at is None else "void",
        "applied": {"amount": sum(line.applied for line in invoice.lines), "currency": invoice.currency},
        "lines": [
            {
                "line_id": line.line_id,
                "description": line.description,
                "amount": line.amount,
                "tax": line.tax,
                "applied": line.applied,
                "left": line.left(invoice.tax),
            }
            for line in invoice.lines
        ],
        "applications": [
            {
                "entry_id": entry.id,
                "seq": entry.seq,
                "at": format_instant(entry.at),
                **_parts(made.applied, made.paid, made.currency),
                "credits": format_amount(made.steps, unit.precision),
                "lines": _lines(made, entry, unit),
            }
            for entry, made in found.applications
        ],
        "voided_at": None if voided_at is None else format_instant(voided_at),
        "reversal_entry_ids": list(invoice.void),
    }


def voided_invoice_view(found: ShownInvoice, last: Entry) -> VoidedInvoiceView:
    """Shows what the void of an invoice gave back; ``last`` is the entry that has the request's key."""
    unit = found.unit
    money = sum(made.applied for _, made in found.applications)
    steps = sum(made.steps for _, made in found.applications)
    return {
        "invoice_id": found.invoice.invoice_id,
        "voided": {"amount": money, "currency": found.invoice.currency},
        "credits": format_amount(steps, unit.precision),
        "entries": [entry_view(entry, unit) for entry in found.reversals],
        **moved_view(last, unit),
    }


def _parts(applied: int, paid: int, currency: str) -> PaidPartsView:
    """Shows money that credits paid."""
    return {
        "applied": {"amount": applied, "currency": currency},
        "paid_part": {"amount": paid, "currency": currency},
        "free_part": {"amount": applied - paid, "currency": currency},
    }


def _lines(made: Application, entry: Entry, unit: Unit) -> list[AppliedLineView]:
    """Shows what each line got, and by which credits."""
    return [
        {
            "line_id": line.line_id,
            **_parts(line.applied, line.paid, made.currency),
            "draws": [draw_view(one, entry.account, unit) for one in line.draws],
        }
        for line in made.lines
    ]
