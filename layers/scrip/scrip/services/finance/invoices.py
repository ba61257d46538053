"""Invoices that credits pay for: applications to one, and the void of all of them.

An invoice's document is written in the transaction of each entry that changes it, so that two applications at once
never pay more of a line than it says. All of them are burns of one wallet, so that a void gives all of them back at
once.

Owns the commands, their fingerprints and the stored invoice. Does not own what is paid of which line
(``domain.finance.invoices``), nor which lots pay (``domain.wallets.burns``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from scrip.domain.credits import limits
from scrip.domain.credits.amounts import parse_optional
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import (
    Crowded,
    InsufficientCredits,
    InvoiceVoid,
    NotFound,
    PolicyViolation,
)
from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.domain.credits.units import CreditValue, Unit
from scrip.domain.finance.invoices import (
    KIND,
    Application,
    Invoice,
    InvoiceLine,
    TaxMode,
    most_steps,
    read_application,
    told_of,
)
from scrip.domain.wallets import burns, corrections
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.record_reversals import KIND as REVERSED
from scrip.domain.wallets.wallet import NeedSidecars
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import Attempt, Command, WalletRequest, execute
from scrip.store import documents, keys, ledger
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables


@dataclass(frozen=True, slots=True)
class ShownInvoice:
    """An invoice with the entries that paid for it, the first first, and those that gave back."""

    invoice: Invoice
    unit: Unit
    applications: Sequence[tuple[Entry, Application]]
    reversals: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class ApplyToInvoice(Command):
    """Pays lines of an invoice with credits, as far as there are any.

    Attributes:
        currency: of the lines; that of the unit's ``value``.
        most: credits that are taken at most; None: as many as pay the lines.
    """

    operation: ClassVar[str] = "invoice_application"
    invoice_id: str
    currency: str
    tax: TaxMode
    lines: Sequence[InvoiceLine]
    most: str | None = None

    def to_json(self, unit: Unit) -> Mapping[str, Any]:
        """Returns the invoice, its lines, and the most credits in steps."""
        most = self._most(unit)
        return {
            "invoice": self.invoice_id,
            "currency": self.currency,
            "tax": self.tax,
            "lines": [list(line) for line in self.lines],
            "max": None if most is None else str(most),
        }

    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        """Returns the decision, and the invoice's document as it is then.

        The decision raises:
            PolicyViolation: the unit says no value, or one of another currency; the invoice is said to be otherwise
                than before; nothing of the lines is left, or not so much as a step is worth.
            InvoiceVoid: it is void.
            InsufficientCredits: what is there is not worth a minor unit.
            WalletFrozen, WalletClosed, Crowded: as ``domain.wallets.burns.burn``.
        """
        wallet, tables = context.snapshot.wallet, executor.tables
        stored = documents.get(tables, keys.invoice(self.invoice_id))
        said = Invoice(
            self.invoice_id, wallet.account, wallet.unit, self.currency, self.tax, tuple(self.lines)
        )
        made: list[Invoice] = []

        def decide(draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
            value = _value_of(context.unit, self.currency)
            known = Invoice.from_json(stored.body) if stored.body else replace(said, lines=())
            invoice = known.with_lines(said)
            entry = self._apply(draft, context.unit, value, invoice, now, cause)
            made[:] = [invoice.with_application(entry)]
            return entry

        return Attempt(decide, lambda: [_write(tables, stored, one) for one in made])

    def _apply(
        self, draft: Draft, unit: Unit, value: CreditValue, invoice: Invoice, now: int, cause: Cause
    ) -> Entry:
        """Burns what pays the lines, or as much of it as there is, without debt. Raises as ``attempt`` says."""
        left = invoice.left([line.line_id for line in self.lines])
        wanted = most_steps(value, sum(money for _, money in left), self._most(unit))
        if not wanted:
            raise PolicyViolation(
                "nothing can be applied: the lines have nothing left, or less than a credit's smallest part is worth",
                policy="invoice_left",
                field="lines",
            )
        policy = replace(unit.policy, up_to="available")
        before = draft.savepoint()
        taken = -burns.burn(draft, burns.Burn(wanted, policy, "up_to"), now, cause).amount
        steps = most_steps(value, value.of(taken))
        draft.rollback(before)
        if not steps:
            raise InsufficientCredits(required=wanted, available=taken)
        extra = told_of(self.invoice_id, value, left, value.of(steps))
        return burns.burn(draft, burns.Burn(steps, policy, "up_to", extra=extra), now, cause)

    def _most(self, unit: Unit) -> int | None:
        """Returns the most credits in steps. Raises ``PrecisionExceeded`` or ``AmountOutOfRange``."""
        return parse_optional(self.most, unit.precision, "max")


@dataclass(frozen=True, slots=True)
class VoidInvoice(Command):
    """Gives back all credits that were applied to an invoice, to the lots that they came from."""

    operation: ClassVar[str] = "invoice_void"
    invoice_id: str

    def to_json(self, unit: Unit) -> Mapping[str, Any]:
        """Returns the invoice."""
        return {"invoice": self.invoice_id}

    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        """Returns the decision, and the invoice's document as it is then.

        Where all of it does not fit into one commit, what does is committed first, and the invoice is void with the
        last of it: nothing that comes meanwhile is left out.

        The decision raises:
            InvoiceVoid: it is void already.
            WalletClosed, AmountOutOfRange: as ``domain.wallets.corrections.reverse``.
        """
        stored = documents.get(executor.tables, keys.invoice(self.invoice_id))
        invoice = Invoice.from_json(stored.body)
        applied = _entries(executor.tables, invoice, invoice.applications)
        made: list[Invoice] = []

        def decide(draft: Draft, _context: WalletContext, now: int, cause: Cause) -> Entry | None:
            if invoice.voided_at is not None:
                raise InvoiceVoid("it is void already", voided_at=invoice.voided_at)
            ids = [_reversal_id(invoice, one) for one in invoice.applications[:-1]]
            wanted = tuple((REVERSED, one) for one in invoice.applications)
            if not all(draft.knows(name) for name in wanted):
                # Asked for at once: else each would take a read.
                raise NeedSidecars(wanted)
            for entry, entry_id in zip(applied[:-1], ids, strict=True):
                # An attempt that did not come to its end may have given it back.
                if not draft.sidecar(REVERSED, entry.id):
                    back = _give_back(draft, invoice, entry, now, replace(cause, entry_id=entry_id))
                    if not back or not apply_due(draft, now, room=limits.BOOKING_ITEMS):
                        return None
            last = _give_back(draft, invoice, applied[-1], now, cause)
            made[:] = [invoice.voided([*ids, last.id], last.at)] if last else []
            return last

        return Attempt(decide, lambda: [_write(executor.tables, stored, one) for one in made])


def void(executor: Executor, invoice_id: str, request: WalletRequest) -> tuple[ShownInvoice, Entry, bool]:
    """Voids an invoice once for ever. Returns it, the entry that has the request's key, and whether it was void before.

    Args:
        request: of any wallet; it is made one of the invoice's.

    Raises:
        NotFound: no credits were applied to such an invoice.
        InvoiceVoid: it was voided under another key.
        Refusal: as ``execute`` and ``VoidInvoice.attempt``.
    """
    invoice = find(executor.tables, invoice_id)
    asked = replace(request, account=invoice.account, unit=invoice.unit)
    result, _ = execute(executor, VoidInvoice(invoice_id), asked)
    return shown(executor, invoice_id), result.entry, result.replayed


def find(tables: Tables, invoice_id: str) -> Invoice:
    """Returns an invoice as it is stored. Raises ``NotFound`` where no credits were applied to it."""
    body = documents.get(tables, keys.invoice(invoice_id)).body
    if not body:
        raise NotFound(f"no credits were applied to an invoice {invoice_id}", invoice_id=invoice_id)
    return Invoice.from_json(body)


def shown(executor: Executor, invoice_id: str) -> ShownInvoice:
    """Returns an invoice with its entries. Raises ``NotFound`` where no credits were applied to it."""
    tables = executor.tables
    invoice = find(tables, invoice_id)
    found = _entries(tables, invoice, [*invoice.applications, *invoice.void])
    count = len(invoice.applications)
    applications = [(entry, read_application(entry)) for entry in found[:count]]
    return ShownInvoice(invoice, executor.unit(invoice.unit), applications, found[count:])


def _value_of(unit: Unit, currency: str) -> CreditValue:
    """Returns what credits are worth. Raises ``PolicyViolation`` where the unit says nothing, or another currency."""
    value = unit.policy.value
    if value is None:
        raise PolicyViolation(
            f"nobody said what credits of {unit.unit} are worth: put the unit with a `value` in its policy",
            policy="value",
            field="unit",
        )
    if value.currency != currency:
        raise PolicyViolation(
            f"credits of {unit.unit} are worth {value.currency}: they pay no lines in {currency}",
            policy="value",
            field="currency",
        )
    return value


def _give_back(draft: Draft, invoice: Invoice, entry: Entry, now: int, cause: Cause) -> Entry | None:
    """Gives the credits of one application back. Returns None where it does not fit beside what else is recorded.

    Raises:
        PolicyViolation: it does not fit at all.
    """
    before = draft.savepoint()
    command = corrections.Reverse(entry, made_for=(KIND, invoice.invoice_id))
    try:
        return corrections.reverse(draft, command, now, cause)
    except Crowded:
        draft.rollback(before)
        return None


def _reversal_id(invoice: Invoice, application: str) -> str:
    """Returns the id of the entry that gives an application back which is not the invoice's last."""
    key = business_key(KIND, invoice.invoice_id, "void", application)
    return key_entry_id(invoice.account, invoice.unit, key)


def _entries(tables: Tables, invoice: Invoice, entry_ids: Sequence[str]) -> list[Entry]:
    """Returns these entries of the invoice's wallet, in this order."""
    found = ledger.find_many(tables, invoice.account, invoice.unit, entry_ids)
    return [found[entry_id] for entry_id in entry_ids]


def _write(tables: Tables, stored: Document, invoice: Invoice) -> Item:
    """Returns the transact item that puts the invoice's next revision."""
    return documents.write(tables, stored.pk, stored.rev, invoice.to_json())
