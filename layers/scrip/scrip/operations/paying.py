"""What a payment's facts become: the one place where money that moved turns into credits (law 9).

A payment keeps its facts and what was posted for them in one document. Each delivery merges into the facts; the
target follows from them; the difference is posted to the lot the payment made, in the same transaction as the
document. Whatever cannot be applied is parked with its reasons: nothing is granted on a guess, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from scrip.domain import position as positions
from scrip.domain.book import Book
from scrip.domain.decide import Grant
from scrip.domain.entries import Cause, Entry, EntryKind, business_key, fingerprint, key_entry_id
from scrip.domain.errors import AmountOutOfRange, Contended, InvalidRequest, WalletClosed
from scrip.domain.lots import Money
from scrip.domain.position import Position, Target
from scrip.operations import buying
from scrip.operations.moving import LotTerms, expiry
from scrip.operations.teller import Desk, Idle, Moment, StaleDocument, Teller
from scrip.payments.facts import Delivery, PaymentFacts
from scrip.payments.position import mismatch, target, unusable_refunds
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Item

TRIES: Final = 8
"""How often a payment is read again where another delivery of it was faster."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a delivery came to: ``parked`` are the reasons for which a person has to look."""

    payment: str
    entries: int
    parked: Sequence[str]


def apply(teller: Teller, delivery: Delivery, delivery_id: str, moment: Moment) -> Applied:
    """Merges a delivery into its payment and posts the difference.

    Raises:
        Contended, Throttled, Unavailable: not now; the queue brings it again.
    """
    payment_id = delivery.payment_id or f"delivery:{delivery_id}"
    for _ in range(TRIES):
        stored = documents.get(teller.tables, keys.payment(delivery.provider, payment_id))
        payment = _Payment(teller, delivery, payment_id, stored)
        try:
            return payment.settle(moment)
        except StaleDocument:
            continue
    raise Contended("several deliveries of one payment at once")


class _Payment:
    """One attempt at one payment."""

    def __init__(self, teller: Teller, delivery: Delivery, payment_id: str, stored: Document) -> None:
        self.teller, self.tables = teller, teller.tables
        self.provider, self.id, self.stored = delivery.provider, payment_id, stored
        self.facts = PaymentFacts.from_dict(stored.body.get("facts", {})).merge_all(delivery.facts)
        self.posted = Position(**stored.body.get("posted", {}))
        told = stored.body.get("unusable", [])
        self.unusable = [*told, *(reason for reason in delivery.parked if reason not in told)]

    def settle(self, moment: Moment) -> Applied:
        paid = self.facts.paid
        if paid is None:
            return self._park(["the payment itself is not known yet"] if self.facts.refunds else [])
        session = paid.checkout_session_id
        order = buying.by_session(self.tables, self.provider, session) if session else None
        if order is None:
            return self._park([f"no order has the checkout session {session}"])
        price = order.body["price"]
        wrong = mismatch(paid, price["amount"], price["currency"])
        if wrong and not self.posted.lot:
            return self._park([wrong])
        if order.body["payment_id"] not in (None, self.id):
            return self._park([f"its order was paid by {order.body['payment_id']} already"])
        try:
            return self._post(order, moment)
        except (WalletClosed, AmountOutOfRange, InvalidRequest) as refusal:
            return self._park([refusal.detail])

    def _post(self, order: Document, moment: Moment) -> Applied:
        face, basis = int(order.body["credits"]), order.body["price"]["amount"]
        wanted = target(self.facts, face, basis)
        parked = list(unusable_refunds(self.facts))
        desk = self.teller.desk(order.body["account"], order.body["unit"])
        made: list[Entry] = []
        posted = [self.posted]

        def act(book: Book, now: int) -> Entry | None:
            before = len(book.entries)
            goal = Target(wanted.clawed, wanted.frozen, wanted.refunded)
            grant = self._grant(order, desk, now)
            # Refund terms are those of the purchase (law 10), whatever the unit's policy says by now.
            policy = replace(desk.unit.policy, refund_shortfall=order.body["refund_shortfall"])
            posted[0] = positions.post(
                book, grant, policy, self.posted, goal, now, lambda kind: self._cause(kind, order)
            )
            made[:] = book.entries[before:]
            return made[-1] if made else None

        def beside() -> list[Item]:
            status = _status(wanted.clawed, face)
            paid_order = {**order.body, "payment_id": self.id, "status": status}
            return [
                documents.write(
                    self.tables, self.stored.pk, self.stored.rev, self._body(posted[0], parked, order)
                ),
                documents.write(self.tables, order.pk, order.rev, paid_order),
            ]

        if isinstance(self.teller.carry_out(desk, moment, act, beside=beside), Idle):
            return self._park(parked, order)
        return Applied(self.id, len(made), [*self.unusable, *parked])

    def _grant(self, order: Document, desk: Desk, now: int) -> Grant:
        """The lot this payment makes: face, terms and cost basis of our own order, tax from the payment."""
        agreed = order.body
        assert self.facts.paid
        note = {
            "source": ["payment", f"{self.provider}:{self.id}"],
            "terms": agreed["terms"],
            "topup_id": agreed["topup_id"],
            "tax_point": agreed["tax_point"],
            "tax": {"amount": self.facts.paid.tax or 0, "currency": self.facts.paid.currency},
        }
        return Grant(
            amount=int(agreed["credits"]),
            kind="paid",
            priority=agreed["priority"],
            expires_at=expiry(LotTerms(expires_in=agreed["expires_in"]), desk.unit.policy, now),
            cost=Money(agreed["price"]["amount"], agreed["price"]["currency"]),
            note=note,
        )

    def _cause(self, kind: EntryKind, order: Document) -> Cause:
        """A grant has the payment's own key; what follows it has one for each revision of the payment."""
        step = () if kind == "grant" else (str(self.stored.rev), kind)
        key = business_key(self.provider, "payment", self.id, *step)
        return Cause(
            entry_id=key_entry_id(key),
            fingerprint=fingerprint("payment", {"key": key}),
            actor=f"webhook:{self.provider}",
            reference=("payment", f"{self.provider}:{self.id}"),
            metadata={"topup_id": order.body["topup_id"]},
        )

    def _body(self, posted: Position, parked: Sequence[str], order: Document | None) -> dict[str, Any]:
        return {
            "provider": self.provider,
            "payment_id": self.id,
            "topup_id": order.body["topup_id"] if order else None,
            "facts": self.facts.to_dict(),
            "posted": asdict(posted),
            "unusable": self.unusable,
            "parked": list(parked),
        }

    def _park(self, reasons: Sequence[str], order: Document | None = None) -> Applied:
        """Keeps what is known without moving a credit."""
        body: Mapping[str, Any] = self._body(self.posted, reasons, order)
        if body != self.stored.body and not documents.put(self.tables, self.stored.pk, self.stored.rev, body):
            raise StaleDocument
        return Applied(self.id, 0, [*self.unusable, *reasons])


def _status(clawed: int, face: int) -> str:
    if not clawed:
        return "paid"
    return "refunded" if clawed == face else "partially_refunded"
