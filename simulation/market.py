"""Orders, payments, and webhooks that come in any order, late, twice, or again after they were applied (law 9).

All that the simulator knows of payments is here.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.domain.credits.lots import Money
from scrip.domain.payments.delivery import Delivery, Parked
from scrip.domain.payments.facts import Dispute, DisputeStatus, Paid, PaymentFacts, Refund, about
from scrip.domain.payments.order import OrderRequest
from scrip.domain.payments.pack import Pack
from scrip.domain.payments.target import given_back, target
from scrip.providers.clients import Session
from scrip.services.audit.changes import Author
from scrip.services.catalogue import packs
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import Caller
from scrip.services.payments import orders, posting
from scrip.store import documents, keys
from simulation.books import LawBroken, WalletBook
from simulation.requests import UNITS

PROVIDER: Final = "dodo"
PRICE, TAX = 1000, 190
CREDITS: Final = "10"
"""Minor units of a pack without its tax, and the tax; credits of a pack."""
DISPUTES: Final[tuple[tuple[DisputeStatus, int], ...]] = (("open", 0), ("lost", 1), ("open", 2), ("won", 3))
"""How a dispute stands, and how late that is said of it: opened, lost, opened again, won."""
ANSWERS: Final = 400
"""Rounds after which a queue that does not empty shows that its messages never will be applied."""


@dataclass(slots=True)
class Payment:
    """One payment as its provider knows it, and the order that it pays for."""

    id: str
    account: str
    unit: str
    topup: str
    session: str
    total: int
    sent: list[Delivery] = field(default_factory=list)
    refunds: int = 0
    paid: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A webhook in the queue."""

    id: str
    payment: Payment
    delivery: Delivery


class Market:
    """The payment provider, and the queue between it and Scrip."""

    def __init__(self) -> None:
        self.payments: list[Payment] = []
        self.queue: list[Message] = []
        self._messages = 0

    def stock(self, executor: Executor) -> None:
        """Packs, before anybody comes."""
        for unit in UNITS:
            pack = Pack(
                pack=unit.unit,
                unit=unit.unit,
                credits=CREDITS,
                price=Money(PRICE, "USD"),
                prices=(),
                every=None,
                bonus=(),
                expires_in="P3D" if unit.unit == "loose" else None,
                priority=50,
                tax_point="purchase" if unit.unit == "shared" else "redemption",
                terms="None.",
                provider_refs={},
            )
            packs.put_pack(executor, pack, Author("simulation", 0))

    def order(self, executor: Executor, account: str, unit: str, key: str, moment: Moment) -> None:
        """A buyer orders; the provider opens a session, and a payment for it may follow."""
        wanted = OrderRequest(account, unit, 1, PROVIDER, "https://shop.example.test")
        session = Session(f"s-{key}-{moment.at}", "https://pay.example.test")
        body, _ = orders.order(
            executor, wanted, Caller(key, "simulation", moment), lambda _body, _wanted: session
        )
        name = f"p-{key}"
        if all(known.id != name for known in self.payments):
            self.payments.append(
                Payment(name, account, unit, body.topup_id, body.session_id or "", PRICE + TAX)
            )

    def happens(self, dice: random.Random, payment: Payment, now: int) -> str:
        """The provider has something to tell of a payment, once or several times."""
        if not payment.paid and dice.random() < 0.8:
            payment.paid = True
            fact: Any = Paid(payment.total, TAX, "USD", now, session_id=payment.session)
        elif dice.random() < 0.4:
            status, rank = dice.choice(DISPUTES)
            fact = Dispute(f"{payment.id}-d", status, rank, "dispute", 700, "USD", now)
        else:
            if not payment.refunds or (payment.refunds < 3 and dice.random() < 0.5):
                payment.refunds += 1
            number = dice.randint(1, payment.refunds)
            came: Any = dice.choice(("pending", "succeeded", "succeeded", "failed"))
            amount = (119, 400, 1190)[number - 1]
            fact = Refund(f"{payment.id}-{number}", came, amount, "USD", now)
        delivery = Delivery(PROVIDER, "webhook", payment.id, (fact,), _unread(payment), said_at=now)
        payment.sent.append(delivery)
        for _ in range(dice.choice((1, 1, 2))):
            self._messages += 1
            self.queue.append(Message(f"m{self._messages}", payment, delivery))
        return f"{payment.id} {type(fact).__name__} {getattr(fact, 'status', '')}"

    def take(self, dice: random.Random) -> Message | None:
        """A message of the queue, any: it stays there until it is done."""
        return dice.choice(self.queue) if self.queue else None

    def apply(self, executor: Executor, message: Message, moment: Moment) -> None:
        """Raises what ``posting.apply`` raises: then the message comes again."""
        posting.apply(executor, Delivery.from_dict(message.delivery.to_dict()), message.id, moment)

    def done(self, dice: random.Random, message: Message) -> None:
        """The message was applied. A queue may bring it again all the same."""
        if dice.random() < 0.85 and message in self.queue:
            self.queue.remove(message)

    def close(self, executor: Executor, account: str, draft: Callable[[], WalletBook], now: int) -> list[str]:
        """Every webhook of the account is applied at last; its payments stand as their facts say. Their partitions."""
        for _ in range(ANSWERS):
            waiting = [message for message in self.queue if message.payment.account == account]
            if not waiting:
                break
            try:
                self.apply(executor, waiting[-1], Moment(now))
            except Refusal as refusal:
                raise LawBroken(
                    0, f"a webhook cannot be applied: {type(refusal).__name__} {refusal}"
                ) from refusal
            self.queue.remove(waiting[-1])
        mine = [payment for payment in self.payments if payment.account == account]
        found: list[str] = []
        for payment in mine:
            self._check(executor, payment, draft())
            self.payments.remove(payment)
            names = (keys.payment(PROVIDER, payment.id), keys.topup(payment.topup))
            found += [*names, keys.session(PROVIDER, payment.session)]
        return found

    def _check_waiting(self, payment: Payment, stored: Any) -> None:
        """Law 9: it waits for what could not be read, unless the same thing was told since, by the provider's clock."""
        expected = set()
        for delivery in payment.sent:
            for parked in delivery.parked:
                told = (one.said_at or 0 for one in payment.sent if parked.about in map(about, one.facts))
                if all(at <= (delivery.said_at or 0) for at in told):
                    expected.add(f"{parked.about}: {parked.reason}")
        if set(stored["parked"]) != expected:
            raise LawBroken(9, f"{payment.id} waits for {stored['parked']}, what it was told says {expected}")

    def _check(self, executor: Executor, payment: Payment, draft: WalletBook) -> None:
        """Law 9: whatever came when, and how often, the end is that of the facts."""
        facts = PaymentFacts().merge_all([fact for delivery in payment.sent for fact in delivery.facts])
        order = documents.get(executor.tables, keys.topup(payment.topup)).body
        goal = target(facts, int(order["credits"]), PRICE)
        stored = documents.get(executor.tables, keys.payment(PROVIDER, payment.id)).body
        if not facts.paid:
            return
        posted = stored["posted"]
        if (posted["clawed"], posted["refunded"]) != (goal.clawed, goal.refunded):
            raise LawBroken(9, f"{payment.id} stands at {posted}, its facts say {goal}")
        key = business_key(PROVIDER, "payment", payment.id)
        grant = draft.rows.get(key_entry_id(order["account"], order["unit"], key))
        if grant is None or grant.entry.extra["lot"]["granted"] != order["credits"]:
            raise LawBroken(9, f"{payment.id} was paid, and its grant is not in the ledger")
        told = draft.told[grant.entry.seq]
        given = given_back(facts)
        if (posted.get("tax", 0), told.tax_refunded) != (given.tax, given.tax):
            raise LawBroken(
                9, f"{payment.id} gave {told.tax_refunded} of tax back, its facts say {given.tax}"
            )
        if told.refunded != goal.refunded:
            raise LawBroken(
                9, f"the lot of {payment.id} was refunded {told.refunded}, its facts say {goal.refunded}"
            )
        self._check_waiting(payment, stored)


def _unread(payment: Payment) -> tuple[Parked, ...]:
    """What the next webhook of a payment says besides: of each third one, that a refund of it cannot be read.

    By chance of its own, so that nothing else happens otherwise for it.
    """
    dice = random.Random(f"{payment.id} {len(payment.sent)}")
    if dice.random() > 1 / 3:
        return ()
    return (Parked(f"refund:{payment.id}-{dice.randint(1, 3)}", dice.choice(("status is new", "no amount"))),)
