"""A payment: what was said of it, what is posted for it, what people decided, and the JSON that it is stored as.

Does not own how facts merge (``facts``), what they call for (``target``), or where a payment is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final, Literal, Self

from scrip.domain.credits import members
from scrip.domain.credits.lots import Money
from scrip.domain.payments.delivery import Delivery, Names
from scrip.domain.payments.facts import REQUEST, PaymentFacts, Refund, about
from scrip.domain.payments.order import Order
from scrip.domain.payments.order import Status as OrderStatus
from scrip.domain.payments.parking import ASKED, Telling, Wait, about_of
from scrip.domain.payments.target import given_back, share, target, void
from scrip.domain.wallets.position import GivenBack, Position, Target

MAX_PARTS: Final = 400
"""Refunds and disputes of one payment: what providers allow is far less, and the document must stay one item."""
MAX_NOTES: Final = 100
"""What could not be read of one payment: more says nothing that these do not say."""

RefundAs = Literal["money", "credit"]
"""What a refund gives back: money through the provider, or credit, for which the money is kept."""
PaymentStatus = Literal["unpaid", "paid", "partially_refunded", "refunded", "disputed"]
"""How a payment stands by what its provider said. Money lost in a dispute counts as refunded."""
ResolutionAction = Literal["accept", "dismiss", "state", "settle"]
"""What a person does about a payment that waits: say which order it pays, that it was looked at, an amount, an end."""
ResolutionStatus = Literal["won", "lost", "succeeded", "failed"]
"""The first two of a dispute, the others of a refund."""


@dataclass(frozen=True, slots=True)
class Note:
    """Why something that a delivery said could not be read, and which delivery that was.

    Attributes:
        last: the last instant at which it was said, epoch milliseconds, where a provider that was asked said it again
            after ``told``; None: it did not.
    """

    reason: str
    told: Telling
    last: int | None = None

    @property
    def at(self) -> int | None:
        """Returns the last instant at which it was said."""
        return _later(self.told.at, self.last)

    def join(self, other: Note) -> Note:
        """Joins it with another telling of the same reason."""
        told, at = max(self.told, other.told, key=lambda one: one.order), _later(self.at, other.at)
        return Note(self.reason, told, None if at == told.at else at)

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        last = {} if self.last is None else {"last": self.last}
        return {"reason": self.reason, **self.told.to_json(), **last}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. Raises ``KeyError`` or ``TypeError`` as ``Telling`` does."""
        said = dict(body)
        return cls(said.pop("reason"), last=said.pop("last", None), told=Telling(**said))


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a payment buys where that is not what its order says: a person accepted it so.

    Attributes:
        credits: steps.
        amount: what was paid for them, minor units of ``currency`` without tax.
        amounts: what was known to be said of the amount then (see ``Paid.amounts``).
    """

    credits: int
    amount: int
    currency: str
    amounts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; the amounts are left out where there are none."""
        said: dict[str, Any] = {**asdict(self), "credits": str(self.credits), "amounts": list(self.amounts)}
        return said if self.amounts else {name: said[name] for name in said if name != "amounts"}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            KeyError, TypeError, ValueError: a member is missing, is not known, or is not what ``to_json`` writes.
        """
        return cls(**{**body, "credits": int(body["credits"]), "amounts": tuple(body.get("amounts", ()))})


@dataclass(frozen=True, slots=True)
class RequestedRefund:
    """A refund that we were asked for, as its payment records it.

    Attributes:
        amount: minor units of the payment's currency, tax included.
        credits: the steps that it takes.
        actor, actor_name, reason: who asked for it, and why.
        force: whether it may take credits that were spent.
        at: epoch milliseconds.
    """

    kind: RefundAs
    amount: int
    credits: int
    actor: str
    reason: str | None
    force: bool
    at: int
    actor_name: str | None = members.added()

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values, with the members in the order in which they are stored."""
        said = members.of(self)
        return {"as": said.pop("kind"), **said, "credits": str(self.credits)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            KeyError, TypeError: a member is missing, or is not known.
        """
        said = dict(body)
        return cls(**{"kind": said.pop("as"), **said, "credits": int(said["credits"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a person decided of a payment, when and why.

    Attributes:
        topup_id: the order that an ``accept`` is for.
        about: the refund or dispute that a ``state`` or a ``settle`` is of (``refund:re_1``).
        amount: what a ``state`` says, minor units of the payment's currency.
        status: how a ``settle`` says it ended.
        credits: what an ``accept`` gives, a decimal of the order's unit; None: in proportion to what was paid.
        at: epoch milliseconds.
    """

    action: ResolutionAction
    topup_id: str | None = None
    about: str | None = None
    amount: int | None = None
    status: ResolutionStatus | None = None
    credits: str | None = None
    reason: str
    actor: str
    at: int
    actor_name: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; members that its action does not have are left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of one provider. The fields stand in the order of the stored JSON.

    Attributes:
        facts: everything that was said of it, merged.
        posted: what is booked for it.
        topup_id, account, unit: its order and wallet, once they are known.
        notes: what could not be read of it, by what that is about.
        parked: why it waits for a person, in sentences; ``parked_at``: since when.
        asked_at: when its provider was last asked because it waits for so long.
        dismissed: sentences that a person has looked at: they park it no more.
        accepted: the order that a person said it pays, whatever differs.
        agreed: what it buys then; None: what the order says.
        stated: amounts that a person stated, in minor units of the payment's currency (see ``target.Stated``).
        resolutions: who decided what of that, when and why.
        requests: the refunds that we were asked for, by the id of the request.
        kept: money that became credit at such a request, minor units of the payment's currency, tax included.
        names: those by which callers may know it, and under which it is stored that they are this payment's.
        said: the last delivery that said something readable of it, or of one of its refunds and disputes, by what that
            is about; ``asked``: when its provider last did, being asked.
        named: what deliveries say that it is of, also those that could not be read.
        foreign: it names nothing of ours, at a provider whose account others use too: nobody waits for it.
        heard_at: when Scrip heard of it first, by which lists have it; None: before there were lists.
    """

    provider: str
    payment_id: str
    facts: PaymentFacts = field(default_factory=PaymentFacts)
    posted: Position = field(default_factory=Position)
    topup_id: str | None = None
    account: str | None = None
    unit: str | None = None
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    parked: Sequence[str] = ()
    parked_at: int | None = None
    asked_at: int | None = None
    dismissed: Sequence[str] = ()
    accepted: str | None = None
    stated: Mapping[str, int] = field(default_factory=dict)
    resolutions: Sequence[Resolution] = ()
    requests: Mapping[str, RequestedRefund] = field(default_factory=dict)
    kept: int = 0
    names: Sequence[str] = ()
    agreed: Agreement | None = None
    said: Mapping[str, Telling] = field(default_factory=dict)
    asked: Mapping[str, int] = field(default_factory=dict)
    named: Names = field(default_factory=Names)
    foreign: bool = False
    heard_at: int | None = None

    @property
    def name(self) -> str:
        """Returns provider and id in one text, as references and logs have it."""
        return f"{self.provider}:{self.payment_id}"

    @property
    def status(self) -> PaymentStatus:
        """Tells what became of the payment by its facts; whether it is parked is another matter."""
        if self.facts.paid is None or self.facts.failed_late:
            return "unpaid"
        if self._is_disputed:
            return "disputed"
        taken = share(self.facts, self.stated)["taken"]
        return "refunded" if taken >= 1 else "partially_refunded" if taken else "paid"

    def sale(self, order: Order) -> Agreement:
        """Returns what it buys of its order: what was agreed for it, else what the order says."""
        return self.agreed or Agreement(order.credits, order.price.amount, order.price.currency)

    def agreeing(self, order: Order, credits: int | None = None) -> Payment:
        """Agrees that what was paid buys so many steps of the order; without them, in proportion to the order's price.

        It must be paid, in the order's currency where it is in proportion. Never more than the order's come of that.
        """
        paid, price = self.facts.paid, order.price
        assert paid
        net = paid.total - (paid.tax or 0)
        part = order.credits * net // price.amount if price.amount else order.credits
        steps = min(order.credits, part) if credits is None else credits
        agreed = Agreement(steps, net, paid.currency, tuple(paid.amounts))
        as_ordered = Agreement(order.credits, price.amount, price.currency)
        return replace(self, agreed=None if agreed == as_ordered else agreed)

    def price(self, order: Order) -> Money:
        """Returns the cost basis of its lot, in the currency that was paid."""
        sale = self.sale(order)
        return Money(sale.amount, sale.currency)

    @property
    def settled(self) -> Sequence[str]:
        """Returns the amounts that the person who accepted it knew of."""
        return self.agreed.amounts if self.agreed else ()

    @property
    def void(self) -> bool:
        """Tells whether it buys nothing by its facts (see ``target.void``)."""
        return void(self.facts, self.settled)

    def wanted(self, order: Order) -> Target:
        """Computes what should be posted. What its lot has more than was agreed since is taken back for good."""
        sale, posted = self.sale(order), self.posted
        granted, basis = (posted.granted or sale.credits), (posted.basis or sale.amount)
        if not posted.lot:
            granted, basis = sale.credits, sale.amount
        face, price = min(sale.credits, granted), min(sale.amount, basis)
        wanted = target(self.facts, face, price, self.stated, self.settled)
        return replace(
            wanted,
            granted=granted,
            clawed=wanted.clawed + granted - face,
            refunded=wanted.refunded + basis - price,
        )

    @property
    def given(self) -> GivenBack:
        """Returns the tax that should go back, and the facts that give something back."""
        return given_back(self.facts, self.stated, self.settled)

    @property
    def forgone(self) -> int:
        """Returns the steps of its lot that a person who accepted it later for less did not leave it."""
        return max(0, self.posted.granted - self.agreed.credits) if self.agreed else 0

    def order_status(self, wanted: Target) -> OrderStatus:
        """Tells the status of the payment's order, by the credits that are clawed back of those granted for it."""
        if self.facts.failed_late:
            return "failed"
        if self.void:
            return "pending"
        if self._is_disputed:
            return "disputed"
        if wanted.clawed == self.forgone:
            return "paid"
        return "refunded" if wanted.clawed == wanted.granted else "partially_refunded"

    @property
    def went_back(self) -> bool:
        """Tells whether all of it went back, and nothing of what was granted for it is left to take."""
        posted = self.posted
        taken = not posted.lot or (posted.granted and posted.clawed >= posted.granted)
        return bool(self.facts.paid and taken) and share(self.facts, self.stated)["taken"] >= 1

    @property
    def _is_disputed(self) -> bool:
        """Tells whether a dispute is open, or has two ends that contradict each other."""
        return any(dispute.status in ("open", "contradicted") for dispute in self.facts.disputes.values())

    def refund_of(self, request_id: str) -> Refund | None:
        """Finds the refund that a request of ours became: the provider's own where it has told of it, else ours.

        Returns None where the money was kept.
        """
        refunds = self.facts.refunds
        answered = (refund for refund in refunds.values() if refund.request_id == request_id)
        return next(answered, refunds.get(REQUEST + request_id))

    def told(self, delivery: Delivery, delivery_id: str) -> Payment:
        """Adds what a delivery says: the same end in any order, and however often (law 9).

        A delivery that comes again, read better or worse than before, says what it says now. More than ``MAX_PARTS``
        refunds and disputes are not taken in: a note says so.
        """
        facts = self.facts.merge_all(delivery.facts)
        telling = Telling(delivery_id, delivery.said_at, delivery.type, delivery.api_version)
        found = [(parked.about, Note(parked.reason, telling)) for parked in delivery.parked]
        said, asked = dict(self.said), dict(self.asked)
        if len(facts.refunds) + len(facts.disputes) > MAX_PARTS:
            facts = self.facts
            found.append(("payment", Note(f"more than {MAX_PARTS} refunds and disputes", telling)))
        else:
            for name in map(about, delivery.facts):
                said[name] = max(telling, said.get(name, telling), key=lambda one: one.order)
                if delivery.type in ASKED and delivery.said_at is not None:
                    asked[name] = max(delivery.said_at, asked.get(name, 0))
        again = {(name, note.reason) for name, note in found}
        kept = (
            (name, note)
            for name, note in self._all_notes()
            if note.told.delivery_id != delivery_id or (name, note.reason) in again
        )
        return replace(
            self,
            facts=facts,
            notes=_joined((*kept, *found)),
            said=dict(sorted(said.items())),
            asked=dict(sorted(asked.items())),
            named=self.named.join(delivery.names),
        )

    def waiting(self, reasons: Sequence[str], now: int) -> Payment:
        """Parks the payment for these reasons and for its notes, without what was dismissed. Without any it is free.

        What holds no money waits for nobody: it is told by its parts, or all of it went back. So does what is not ours.
        """
        noted = [
            f"{name}: {note.reason}" for name, note in self._all_notes() if not self._answered(name, note)
        ]
        if self.facts.parts or self.went_back:
            noted = [said for said in noted if about_of(said) != "payment"]
        if self.went_back:
            reasons = [said for said in reasons if about_of(said) != "payment"]
        left = [said for said in (*noted, *reasons) if said not in self.dismissed]
        if self.foreign:
            left = []
        since = (self.parked_at or now) if left else None
        return replace(self, parked=tuple(dict.fromkeys(left)), parked_at=since)

    @property
    def waits(self) -> Sequence[Wait]:
        """Lists why it waits, each with the delivery that said so, the order, and what to do."""
        return [self._wait(reason) for reason in self.parked]

    def _wait(self, reason: str) -> Wait:
        about_ = about_of(reason)
        noted = [note.told for note in self.notes.get(about_, ()) if f"{about_}: {note.reason}" == reason]
        said = [self.said[name] for name in (about_, "payment") if name in self.said]
        others = (note.told for _, note in self._all_notes())
        known = [*noted, *said] or sorted((*self.said.values(), *others), key=lambda one: one.order)[-1:]
        return Wait(
            reason=reason,
            about=about_,
            provider=self.provider,
            payment_id=self.payment_id,
            readable=any(about(fact) == about_ for fact in self.facts.all),
            told=known[0] if known else None,
            topup_id=self.topup_id,
        )

    def _all_notes(self) -> Iterator[tuple[str, Note]]:
        """Yields each note with what it is about."""
        for name, notes in self.notes.items():
            for note in notes:
                yield name, note

    def _answered(self, name: str, note: Note) -> bool:
        """Tells whether something readable was said of the same thing since, by its provider or by a person.

        That is told by the instants of what was said. A note of the same instant as what can be read stays: it may
        come from the same delivery. One without an instant waits until a person has looked.
        """
        at = note.at
        if at is None:
            return False
        said = self.said[name].at if name in self.said else None
        known = _later(said, self.asked.get(name))
        decided = (one.at for one in self.resolutions if _of_resolution(one) == name)
        return (known is not None and known > at) or any(then >= at for then in decided)

    def to_json(self) -> dict[str, Any]:
        """Returns the payment as plain JSON values, with the members in the order in which they are stored."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        said |= {
            "said": {name: telling.to_json() for name, telling in self.said.items()},
            "named": self.named.to_json(),
        }
        for name in ("names", "agreed", "said", "asked", "named", "foreign", "heard_at"):
            if not said[name]:
                del said[name]
        if self.agreed:
            said["agreed"] = self.agreed.to_json()
        said |= {
            "facts": self.facts.to_dict(),
            "posted": self.posted.to_json(),
            "notes": {name: _notes_json(notes) for name, notes in self.notes.items()},
            "resolutions": [resolution.to_json() for resolution in self.resolutions],
            "requests": {key: request.to_json() for key, request in self.requests.items()},
        }
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. Members with a default may be missing: an older version did not write them.

        Raises:
            KeyError, TypeError, ValueError: a member is missing, is not known, or is not what ``to_json`` writes.
        """
        said = dict(body)
        requests = said.get("requests", {})
        return cls(
            **{
                **said,
                "facts": PaymentFacts.from_dict(said["facts"]),
                "posted": Position(**said["posted"]),
                "notes": {name: _notes(stored) for name, stored in said.get("notes", {}).items()},
                "said": {name: Telling(**one) for name, one in said.get("said", {}).items()},
                "named": Names.from_json(said.get("named", {})),
                "parked": tuple(said.get("parked", ())),
                "dismissed": tuple(said.get("dismissed", ())),
                "names": tuple(said.get("names", ())),
                "agreed": Agreement.from_json(said["agreed"]) if said.get("agreed") else None,
                "resolutions": tuple(Resolution(**one) for one in said.get("resolutions", ())),
                "requests": {key: RequestedRefund.from_json(one) for key, one in requests.items()},
            }
        )


def _later(one: int | None, other: int | None) -> int | None:
    """Returns the later of two instants that may not be known."""
    return max((at for at in (one, other) if at is not None), default=None)


def _joined(noted: Iterable[tuple[str, Note]]) -> Mapping[str, tuple[Note, ...]]:
    """Returns notes by what they are about: of the same reason the last that was told, and no more than ``MAX_NOTES``.

    Which are left where there are more is decided by their words alone, so that no order of arrival does.
    """
    found: dict[tuple[str, str], Note] = {}
    for name, note in noted:
        key = name, note.reason
        found[key] = note.join(found.get(key, note))
    joined: dict[str, tuple[Note, ...]] = {}
    for name, reason in sorted(found)[:MAX_NOTES]:
        joined[name] = (*joined.get(name, ()), found[name, reason])
    return joined


def _notes_json(notes: Sequence[Note]) -> Any:
    """Returns plain JSON values: of a single note its own object, as it was stored when there was only one of each."""
    written = [note.to_json() for note in notes]
    return written[0] if len(written) == 1 else written


def _notes(stored: Any) -> tuple[Note, ...]:
    """Reads what ``_notes_json`` wrote."""
    return tuple(Note.from_json(one) for one in (stored if isinstance(stored, list) else [stored]))


def _of_resolution(resolution: Resolution) -> str | None:
    """Returns what a resolution answers, whatever is said of it from before; None of one that names no such thing."""
    return "payment" if resolution.action == "accept" else resolution.about
