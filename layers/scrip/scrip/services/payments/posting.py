"""What a payment's facts become: the one place where money that moved turns into credits (law 9).

Everything that is said of a payment, by its provider or by a person, changes one document; the target follows from
it; the difference to what was posted goes to the lot the payment made, in the same transaction as the document.
Whatever cannot be applied is parked with its reasons: nothing is granted on a guess, and nothing is lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from scrip.domain.credits.entries import Cause, Entry, EntryKind, fingerprint
from scrip.domain.credits.errors import (
    AmountOutOfRange,
    Contended,
    InvalidRequest,
    PolicyViolation,
    WalletClosed,
)
from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.domain.credits.lots import Lot
from scrip.domain.credits.terms import Terms
from scrip.domain.credits.units import Policy
from scrip.domain.payments.delivery import Delivery, Inquiry, Names
from scrip.domain.payments.facts import Dispute, OwnPart, Paid, PaymentFacts, Refund
from scrip.domain.payments.order import Order
from scrip.domain.payments.order import Status as OrderStatus
from scrip.domain.payments.payment import Payment
from scrip.domain.payments.quotes import kept_part
from scrip.domain.payments.target import mismatch, tax_share, unanswered, unusable
from scrip.domain.wallets import position as positions
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.grants import Grant
from scrip.domain.wallets.position import OtherPosition, Position, Target
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment, StaleDocument
from scrip.services.payments import accounts, consequences, orders
from scrip.services.payments.consequences import Followed
from scrip.services.payments.known_names import CREDITED, KnownNames
from scrip.services.payments.orders import StoredOrder
from scrip.services.payments.payment import StoredPayment, list_writes, listing_of, load_payment
from scrip.services.wallets.grants import LotTerms, expiry
from scrip.store import documents
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

TRIES: Final = 8
"""How often a payment is read again where another delivery of it was faster."""

Edit = Callable[[Payment], Payment]
"""What is newly known, or decided, of a payment."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a change of a payment came to.

    Attributes:
        stored: the payment as it is now, and its document.
        entries: how many were booked; ``last`` is the last of them.
        inquiry: what the provider has to be asked; None: nothing.
        kept: the account at the provider that is ours from now on, where this delivery was the first; None: it was not.
        followed: what follows from it beside the ledger.
    """

    stored: StoredPayment
    entries: int
    inquiry: Inquiry | None = None
    last: Entry | None = None
    kept: str | None = None
    followed: Followed | None = None

    @property
    def payment(self) -> Payment:
        """Returns the payment as it is now."""
        return self.stored.payment


def _nothing(_payment: Payment, _last: Entry | None) -> list[Item]:
    return []


@dataclass(frozen=True, slots=True)
class OwnChange:
    """A change that a caller or a person starts, and no provider has told of.

    Attributes:
        actor, reason, request_id, actor_name: for the entries that it makes.
        check: is given the order and the payment's lot as they are then, and raises what speaks against the change.
        credit: of money that is kept, returns the terms of the lot that it becomes, given the unit's policy and an
            instant.
        beside: returns documents to be written with it, given the payment as it will be and the last entry made.
    """

    actor: str
    reason: str | None = None
    request_id: str | None = None
    check: Callable[[Order, Lot | None], None] | None = None
    credit: Callable[[Policy, int], Grant] | None = None
    beside: Callable[[Payment, Entry | None], list[Item]] = _nothing
    actor_name: str | None = None


def apply(executor: Executor, delivery: Delivery, delivery_id: str, moment: Moment) -> Applied:
    """Merges a delivery into its payment and posts the difference.

    Raises:
        Contended, Throttled, Unavailable: not now; the queue brings it again.
    """
    delivery, kept = accounts.held_against_ours(executor.tables, delivery, moment.at)
    stored = load_payment(executor.tables, delivery.provider, name_of(delivery, delivery_id))
    applied = change(executor, stored, lambda payment: payment.told(delivery, delivery_id), moment)
    applied = replace(applied, kept=kept)
    whole = applied.payment.facts.part_of
    if whole is None:
        return applied
    # The part keeps what it was told, so that a second attempt passes on the same; the whole has a payment of its own.
    part = applied.payment
    order = _own_order(executor.tables, part)
    told = tuple(fact for fact in part.facts.all if isinstance(fact, Refund | Dispute))
    passed_on = replace(
        delivery,
        payment_id=whole,
        facts=(*told, *_as_part(part, order)),
        parked=(),
        names=Names(charge_id=part.named.charge_id),
    )
    stored = load_payment(executor.tables, delivery.provider, whole)
    of_whole = change(executor, stored, lambda payment: payment.told(passed_on, delivery_id), moment)
    return applied if order else replace(of_whole, kept=kept)


def _own_order(tables: Tables, payment: Payment) -> StoredOrder | None:
    """Returns the order that a payment made a lot for, or is of.

    A payment that has one stays a payment of its own, though it may pay an invoice besides: whichever is told first,
    its credits come of that order and go with its refunds.
    """
    if payment.posted.lot and payment.topup_id:
        return orders.load(tables, payment.topup_id)
    return orders.of_payment(tables, payment.provider, payment.facts, payment.accepted)


def _as_part(part: Payment, order: StoredOrder | None) -> tuple[OwnPart, ...]:
    """Returns what the whole is told of a part that has an order of its own."""
    if order is None:
        return ()
    paid = None if part.facts.failed_late else part.facts.paid
    total, currency = (paid.total, paid.currency) if paid else (None, None)
    return (OwnPart(part.payment_id, order.body.topup_id, total, currency),)


def name_of(delivery: Delivery, delivery_id: str) -> str:
    """Returns the id that a delivery's payment is stored under.

    Where the delivery names no payment, that is made of the delivery's own id, in letters that any path and key can
    hold.
    """
    return delivery.payment_id or "delivery." + hashlib.sha256(delivery_id.encode()).hexdigest()[:32]


def change(
    executor: Executor, stored: StoredPayment, edit: Edit, moment: Moment, own: OwnChange | None = None
) -> Applied:
    """Changes what is known of a payment and posts the difference that makes.

    The payment is read again where somebody has changed it since it was read.

    Raises:
        Contended, Throttled, Unavailable: not now.
        Whatever ``edit`` raises, and the checks of ``own``: then nothing is changed.
    """
    applied = _followed(executor, _changed(executor, stored, edit, moment, own), moment)
    _go_on(executor, applied.payment, moment)
    return applied


def _followed(executor: Executor, applied: Applied, moment: Moment) -> Applied:
    """Does what follows from a change beside the ledger. Raises as ``consequences.of_payment``."""
    booked = applied.entries > 0
    followed = consequences.of_payment(executor.tables, applied.payment, moment.at, booked=booked)
    return replace(applied, followed=followed)


def _changed(
    executor: Executor, stored: StoredPayment, edit: Edit, moment: Moment, own: OwnChange | None = None
) -> Applied:
    """Changes one payment. Raises as ``change``."""
    for _ in range(TRIES):
        try:
            return _Change(executor, edit(stored.payment), stored.document, moment, own).carry_out()
        except (StaleDocument, OtherPosition):
            # Another delivery of the payment was faster: its document, or also its wallet, is not as it was read.
            stored = load_payment(executor.tables, stored.payment.provider, stored.payment.payment_id)
    raise Contended("several changes of one payment at once")


def _go_on(executor: Executor, payment: Payment, moment: Moment) -> None:
    """Tries the payments again that came before anything said whose order their subscription is of.

    They wait for nobody, at a provider whose account others use too. They are listed until all of them were tried, so
    that a delivery which comes again after a failure goes on with them.
    """
    paid = payment.facts.paid
    if payment.provider not in executor.shared or paid is None or not paid.subscription_id:
        return
    early = orders.early(executor.tables, payment.provider, paid.subscription_id)
    for payment_id in early.payments:
        stored = load_payment(executor.tables, payment.provider, payment_id)
        if stored.payment.foreign:
            _followed(executor, _changed(executor, stored, lambda same: same, moment), moment)
    early.forget(executor.tables)


class _Change:
    """One attempt at one change of a payment."""

    def __init__(
        self, executor: Executor, payment: Payment, document: Document, moment: Moment, own: OwnChange | None
    ) -> None:
        self.executor, self.tables, self.moment = executor, executor.tables, moment
        self.payment, self.document, self.own = payment, document, own
        self.payment_before = payment
        self.led: StoredOrder | None = None
        """The order that the payment leads to: the one that it is of, or that something unreadable names."""
        self.written = StoredPayment(payment, document)
        """The payment as the last of ``_writes`` leaves it."""
        self.begun = False
        """Whether the payment begins its order's subscription with a period that costs nothing."""
        self.names = KnownNames(self.tables, payment)

    def carry_out(self) -> Applied:
        """Posts what the payment's facts call for, or keeps it with the reasons why nothing can be posted.

        Raises:
            StaleDocument: somebody has changed one of its documents meanwhile.
        """
        facts = self.payment.facts
        if not self.names.take():
            raise StaleDocument
        order = _own_order(self.tables, self.payment)
        self.led = order or self._named()
        if facts.part_of and order is None:
            return self._keep([])
        if facts.paid is None:
            return self._not_paid(order)
        if self.payment.void:
            return self._void(order)
        if order is None:
            return self._keep(_of_no_order(facts.paid, self.led))
        if not self.payment.posted.lot:
            if self._begins(order):
                return self._begin(order)
            wrong = self._accepted(order) if self.payment.accepted else self._wrong(order)
            if wrong:
                return self._keep([wrong], inquiry=self._inquiry(order), beside=self._tied(order))
            if credited := ([] if self.payment.accepted else self._credited()):
                return self._keep(credited, beside=self._tied(order))
        return self._posted(order)

    def _not_paid(self, order: StoredOrder | None) -> Applied:
        """Keeps what is said of a payment that is not made, or not known: its order shows how the attempt stands.

        Of what gives back its money the payment itself may never be told, since some name a charge alone: so its
        provider is asked.
        """
        facts = self.payment.facts
        known = facts.refunds or facts.disputes
        if order is not None and facts.unpaid:
            attempt = facts.unpaid.status
            told: OrderStatus = "pending" if attempt == "processing" else attempt
            return self._keep([], order, order.body.unpaid(told))
        if (
            not known
            and not self.payment.notes
            and facts.unpaid
            and facts.unpaid.session_id == self.payment.payment_id
        ):
            # Somebody else's checkout that came to nothing: there is no payment, and nothing to keep.
            return Applied(self.written, 0)
        if not known:
            return self._keep([])
        asked = Inquiry(self.payment.provider, self.payment.payment_id)
        return self._keep(["the payment itself is not known yet"], inquiry=asked)

    def _named(self) -> StoredOrder | None:
        """Returns the order that is named only by what could not be read, or by the payment that this is a part of."""
        payment = self.payment
        whole = payment.facts.part_of
        if whole and payment.notes:
            known = load_payment(self.tables, payment.provider, whole).payment
            return orders.load(self.tables, known.topup_id) if known.topup_id else None
        return orders.of_names(self.tables, payment.provider, payment.named)

    def _identified(self, payment: Payment) -> Payment:
        """Returns the payment with its order and whose it is, as far as it leads there; or as nobody's here.

        It is nobody's where it names nothing of ours at a provider whose account others use too.
        """
        if not payment.posted.lot:
            led = self.led.body if self.led else None
            account, unit = (led.account, led.unit) if led else (None, None)
            payment = replace(payment, topup_id=led.topup_id if led else None, account=account, unit=unit)
        ours = self.led or payment.posted.lot or payment.accepted or payment.facts.parts or payment.requests
        return replace(payment, foreign=payment.provider in self.executor.shared and not ours)

    def _void(self, order: StoredOrder | None) -> Applied:
        """Takes back what was granted for a payment that buys nothing by its facts, or keeps it without a grant."""
        facts = self.payment.facts
        if facts.parts:
            reasons, order_told = _not_of_parts(facts, order), None
        else:
            said = " and ".join(facts.paid.amounts) if facts.paid else ""
            doubt = f"it is said to be of {said}: ask the provider what came, then accept the order for that"
            reasons, order_told = ([] if facts.failed_late else [doubt]), order
        if order and self.payment.posted.lot:
            return self._posted(order, reasons)
        status = self.payment.order_status(Target()) if order else None
        paid_by = order.body.payment_id if order else None
        ours = paid_by in (None, self.payment.payment_id)
        return self._keep(reasons, order_told if ours else None, status, self._inquiry(order))

    def _credited(self) -> list[str]:
        """Says what of the payment became credit before it was known: once it waits for that, until it is accepted."""
        told = (*self.payment.parked, *self.payment.dismissed)
        waits = [reason for reason in told if CREDITED in reason]
        return [*waits, *(reason for reason in self.names.reasons if reason not in waits)]

    def _accepted(self, order: StoredOrder) -> str | None:
        """Says why a payment that a person accepted cannot be granted all the same.

        Where it was accepted before anybody knew what was paid, that is agreed now.
        """
        paid, price = self.payment.facts.paid, order.body.price
        assert paid
        if self.payment.agreed is None and paid.currency != price.currency:
            return mismatch(paid, price.amount, price.currency)
        if self.payment.agreed is None:
            self.payment = self.payment.agreeing(order.body)
        return self._paid_by_another(order)

    def _wrong(self, order: StoredOrder) -> str | None:
        """Says why the payment is not that of its order, as far as anybody can tell."""
        paid, price = self.payment.facts.paid, order.body.price
        assert paid
        if paid.session_id and order.body.session_id not in (None, paid.session_id):
            return f"its order has another checkout session than {paid.session_id}"
        if paid.origin and order.body.every:
            which = f" {paid.subscription_id}" if paid.subscription_id else ""
            return (
                f"{paid.origin}: that is no period of the subscription{which} of order {order.body.topup_id}: "
                "accept it for the order that it pays, or dismiss this"
            )
        differs = mismatch(paid, price.amount, price.currency)
        before = orders.agreed_before(self.tables, self.payment.provider, paid, order) if differs else None
        if before:
            self.payment, differs = replace(self.payment, agreed=before), None
        return differs or self._paid_by_another(order)

    def _names(self, order: StoredOrder) -> bool:
        """Tells whether the payment names a subscription's order itself, as one that begins the subscription does."""
        paid = self.payment.facts.paid
        assert paid
        if not order.body.every or not paid.subscription_id or paid.origin:
            return False
        if paid.session_id and order.body.session_id not in (None, paid.session_id):
            return False
        return bool(paid.session_id or paid.topup_id)

    def _begins(self, order: StoredOrder) -> bool:
        """Tells whether the payment is of nothing and begins a subscription: its trial."""
        return (
            self.payment.facts.paid is not None and not self.payment.facts.paid.total and self._names(order)
        )

    def _begin(self, order: StoredOrder) -> Applied:
        """Ties a subscription to its order. Nothing was paid, so nothing is granted, and nobody has to look."""
        self.begun = True
        return self._keep([], beside=self._tied(order))

    def _tied(self, order: StoredOrder) -> list[Item]:
        """Returns the write that ties the payment's subscription to the order that it names.

        So it is, whatever differs in this payment: the periods that follow name the subscription alone.
        """
        return self._pointer(order) if self._names(order) else []

    def _pointer(self, order: StoredOrder, *, granted: bool = False) -> list[Item]:
        """Returns the write that ties the payment's subscription to an order (see ``orders.follow``)."""
        paid = self.payment.facts.paid
        if paid is None or not paid.subscription_id or not order.body.every:
            return []
        return orders.follow(self.tables, self.payment, paid, order, granted)

    def _paid_by_another(self, order: StoredOrder) -> str | None:
        """Says that another payment paid the order, which is no subscription's."""
        other = order.body.payment_id
        if order.body.every or other in (None, self.payment.payment_id, self.payment.facts.part_of):
            return None
        return f"its order was paid by {other} already"

    def _posted(self, order: StoredOrder, doubts: Sequence[str] = ()) -> Applied:
        """Posts as ``_post`` does; where the wallet cannot have it, the payment waits with the reason."""
        try:
            return self._post(order, doubts)
        except (WalletClosed, AmountOutOfRange, InvalidRequest, PolicyViolation) as refusal:
            # What a person asked for is refused to the person; what a provider said waits with the reason.
            if self.own and (self.own.credit or isinstance(refusal, PolicyViolation)):
                raise
            return self._keep([*doubts, refusal.detail])

    def _post(self, order: StoredOrder, doubts: Sequence[str]) -> Applied:
        """Books the difference between what is posted and the target, and what our own change does besides.

        ``doubts`` park the payment, beside what of its facts cannot be used.
        """
        payment = self.payment
        wanted, given = payment.wanted(order.body), payment.given
        found = () if payment.void else (*unusable(payment.facts, payment.stated), *unanswered(payment.facts))
        reasons = [*doubts, *(f"{parked.about}: {parked.reason}" for parked in found)]
        context = self.executor.context(order.body.account, order.body.unit)
        made: list[Entry] = []
        posted = [payment.posted]

        def act(draft: Draft, now: int) -> Entry | None:
            before = len(draft.entries)
            if self.own and self.own.check:
                self.own.check(order.body, draft.find(payment.posted.lot) if payment.posted.lot else None)
            grant = self._grant(order, context, now)
            # Refund terms are those of the purchase (law 10), whatever the unit's policy says by now.
            policy = replace(context.unit.policy, refund_shortfall=order.body.refund_shortfall)
            command = positions.Post(grant, policy, payment.posted, wanted, given)
            posted[0] = positions.post(draft, command, now, lambda kind: self._cause(kind, order))
            if self.own and self.own.credit:
                posted[0] = self._credit(
                    draft, order, context, posted[0], self.own.credit(context.unit.policy, now), now
                )
            made[:] = draft.entries[before:]
            return made[-1] if made else None

        def after() -> Payment:
            known = replace(payment, posted=posted[0], topup_id=order.body.topup_id)
            known = replace(known, account=order.body.account, unit=order.body.unit)
            return self._identified(known).waiting(reasons, self.moment.at)

        # The order of what its parts bring is theirs.
        status = None if payment.facts.parts else payment.order_status(wanted)

        def beside() -> list[Item]:
            return self._writes(after(), order, status, made[-1])

        moved = self.executor.change(context, self.moment, act, beside) is not None
        self.payment = after()
        if not moved:
            return self._keep(reasons, order, status, self._inquiry(order))
        return Applied(self.written, len(made), self._inquiry(order), made[-1])

    def _credit(
        self,
        draft: Draft,
        order: StoredOrder,
        context: WalletContext,
        posted: Position,
        terms: Grant,
        now: int,
    ) -> Position:
        """Books the money that is kept since, by the payment's own count of it."""
        paid, sale = self.payment.facts.paid, self.payment.sale(order.body)
        assert paid
        credited, kept = kept_part(sale.credits, sale.amount, paid.total, self.payment.kept)
        command = positions.Credit(
            policy=context.unit.policy,
            posted=posted,
            credited=credited,
            kept=kept,
            terms=terms,
            tax=tax_share(paid, Fraction(self.payment.kept, paid.total)),
            fact=f"refund:{self.own.request_id}" if self.own else None,
        )
        return positions.credit(draft, command, now, lambda kind: self._cause(kind, order, "credit"))

    def _grant(self, order: StoredOrder, context: WalletContext, now: int) -> Grant:
        """Returns the lot this payment makes: face, terms and cost basis of our own order, tax from the payment."""
        agreed, paid = order.body, self.payment.facts.paid
        price = self.payment.price(agreed)
        assert paid
        note = {
            "source": ["payment", self.payment.name],
            "terms": agreed.terms,
            "terms_version": agreed.terms_version,
            "accepted_at": agreed.accepted_at,
            "pack": agreed.pack,
            "pack_version": agreed.pack_version,
            "topup_id": agreed.topup_id,
            "tax_point": agreed.tax_point,
            "tax": {"amount": paid.tax or 0, "currency": paid.currency},
            **({"country": paid.country} if paid.country else {}),
        }
        return Grant(
            amount=self.payment.sale(agreed).credits,
            kind="paid",
            priority=agreed.priority,
            expires_at=expiry(
                LotTerms(
                    expires_in=agreed.expires_in,
                    time_zone=agreed.time_zone,
                    end_of=agreed.end_of,
                    never_expires=agreed.never_expires,
                ),
                context.unit.policy,
                now,
            ),
            cost=price,
            note=note,
            # Tax in another currency than the price's is noted, and divided by nobody.
            tax=(paid.tax or 0) if paid.currency == price.currency else 0,
            tax_at_redemption=agreed.tax_point == "redemption",
            terms=Terms(rollover=agreed.rollover),
        )

    def _cause(self, kind: EntryKind, order: StoredOrder, what: str = "") -> Cause:
        """Returns the cause of an entry, with a key of its own.

        A grant has the payment's own key. What follows it has one for each revision of the payment, and for ``what`` is
        done besides.
        """
        own = kind == "grant" and not what
        step = () if own else (str(self.document.rev), kind, what) if what else (str(self.document.rev), kind)
        metadata = {"topup_id": order.body.topup_id}
        if self.own and self.own.request_id:
            metadata["request_id"] = self.own.request_id
        key = business_key(self.payment.provider, "payment", self.payment.payment_id, *step)
        return Cause(
            entry_id=key_entry_id(order.body.account, order.body.unit, key),
            fingerprint=fingerprint("payment", {"key": key}),
            actor=self.own.actor if self.own else f"webhook:{self.payment.provider}",
            reference=("payment", self.payment.name),
            reason=self.own.reason if self.own else None,
            metadata=metadata,
            actor_name=self.own.actor_name if self.own else None,
        )

    def _keep(
        self,
        reasons: Sequence[str],
        order: StoredOrder | None = None,
        status: OrderStatus | None = None,
        inquiry: Inquiry | None = None,
        beside: Sequence[Item] = (),
    ) -> Applied:
        """Keeps what is known without moving a credit. ``beside`` is written with it."""
        payment = self._identified(self.payment).waiting(reasons, self.moment.at)
        if payment.foreign:
            beside = self._early(payment)
        writes = [*self._writes(payment, order, status), *beside]
        if writes and not documents.put_all(self.tables, writes):
            raise StaleDocument
        return Applied(self.written, 0, inquiry)

    def _early(self, payment: Payment) -> list[Item]:
        """Returns the write that lists a payment of a subscription of which nothing says yet whose order it is."""
        paid = payment.facts.paid
        if paid is None or not paid.subscription_id:
            return []
        early = orders.early(self.tables, payment.provider, paid.subscription_id)
        return early.with_payment(self.tables, payment.payment_id)

    def _writes(
        self,
        payment: Payment,
        order: StoredOrder | None,
        status: OrderStatus | None,
        last: Entry | None = None,
    ) -> list[Item]:
        """Returns the writes of the documents that are not as they were read.

        These are the payment's, its order's and its subscription's. With an entry (``last``) the payment's is written
        whatever it says: its next entries need a revision of their own.
        """
        writes = self.own.beside(payment, last) if self.own else []
        payment = self.names.known(payment)
        if payment.heard_at is None:
            payment = replace(payment, heard_at=self.moment.at)
        writes += self.names.writes()
        body, document = payment.to_json(), self.document
        if last or body != document.body:
            writes.append(documents.write(self.tables, document.pk, document.rev, body, listing_of(payment)))
            writes += list_writes(self.tables, payment, document.body)
            document = Document(document.pk, document.rev + 1, body)
        self.written = StoredPayment(payment, document)
        writes += self._of_orders(payment, order, status)
        if order is None or payment.facts.parts:
            return writes
        granted = bool(payment.posted.lot) and not self.payment_before.posted.lot
        return [*writes, *self._pointer(order, granted=granted)]

    def _of_orders(
        self, payment: Payment, order: StoredOrder | None, status: OrderStatus | None
    ) -> list[Item]:
        """Returns the writes of the order that the payment leads to, and of the one that it led to before.

        Only of ``order`` it is told what became of it. Both show whether the payment waits.
        """
        writes, before = [], self.document.body.get("topup_id")
        shown = order or self.led
        if before and (shown is None or before != shown.body.topup_id):
            former = orders.load(self.tables, before)
            if former and (left := former.body.with_waiting(payment.payment_id, waits=False)) != former.body:
                writes.append(documents.write(self.tables, former.pk, former.rev, left.to_json()))
        if shown is None:
            return writes
        told, paid = shown.body, payment.facts.paid
        if order and not payment.facts.parts and (paid or told.payment_id is None):
            payment_id = payment.payment_id if paid else None
            told = replace(told, status=status or told.status, payment_id=payment_id)
        if self.begun:
            told = told.beginning()
        told = told.with_waiting(payment.payment_id, waits=bool(payment.parked))
        if told != shown.body:
            writes.append(documents.write(self.tables, shown.pk, shown.rev, told.to_json()))
        return writes

    def _inquiry(self, order: StoredOrder | None) -> Inquiry | None:
        """Returns what only the provider can say; None where nothing is to be asked.

        That is the tax in a payment that is not its order's price without any, and how a dispute with two ends stands.
        """
        payment = self.payment
        paid, disputes = payment.facts.paid, payment.facts.disputes.values()
        untaxed = order and paid and paid.tax is None and not payment.posted.lot and self._wrong(order)
        if not untaxed and not any(dispute.status == "contradicted" for dispute in disputes):
            return None
        return Inquiry(payment.provider, payment.payment_id, order.body.session_id if order else None)


def _of_no_order(paid: Paid, led: StoredOrder | None) -> list[str]:
    """Says why a payment that is of no known order waits. One of nothing does where it names what may be ours."""
    origin = f"{paid.origin}; " if paid.origin else ""
    if led:
        return [f"{origin}only what could not be read names its order {led.body.topup_id}"]
    if paid.session_id and (paid.total or paid.topup_id):
        return [f"{origin}no order has the checkout session {paid.session_id}"]
    if paid.session_id:
        return []
    return [f"{origin}it names no order"]


def _not_of_parts(facts: PaymentFacts, order: StoredOrder | None) -> list[str]:
    """Says what of a payment is not told by those of its parts that pay orders of their own."""
    paid, parts = facts.paid, facts.parts.values()
    assert paid
    told = ", ".join(f"{part.part_id} pays {part.topup_id}" for part in parts)
    if order and order.body.topup_id not in {part.topup_id for part in parts}:
        return [f"it names {order.body.topup_id}, and its part {told}"]
    brought = sum(part.total or 0 for part in parts if part.currency == paid.currency)
    if brought == paid.total:
        return []
    return [
        f"of {paid.total} {paid.currency} its part {told} with {brought}: nothing tells what the rest pays"
    ]
