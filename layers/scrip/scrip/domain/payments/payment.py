"""A payment: what was said of it, what is posted for it, what people decided, and the JSON that it is stored as.

Does not own how facts merge (``facts``), what they call for (``target``), or where a payment is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final, Literal, Self

from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import REQUEST, PaymentFacts, Refund, about
from scrip.domain.payments.order import Status as OrderStatus
from scrip.domain.payments.target import share
from scrip.domain.wallets.position import Position, Target

MAX_PARTS: Final = 400
"""Refunds and disputes of one payment: what providers allow is far less, and the document must stay one item."""

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
    """Why something that a delivery said could not be read, and which delivery that was."""

    reason: str
    delivery_id: str


@dataclass(frozen=True, slots=True)
class RequestedRefund:
    """A refund that we were asked for, as its payment records it.

    Attributes:
        amount: minor units of the payment's currency, tax included.
        credits: the steps that it takes.
        actor, reason: who asked for it, and why.
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

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values, with the members in the order in which they are stored."""
        said = asdict(self)
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
        at: epoch milliseconds.
    """

    action: ResolutionAction
    topup_id: str | None = None
    about: str | None = None
    amount: int | None = None
    status: ResolutionStatus | None = None
    reason: str
    actor: str
    at: int

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
        stated: amounts that a person stated, in minor units of the payment's currency (see ``target.Stated``).
        resolutions: who decided what of that, when and why.
        requests: the refunds that we were asked for, by the id of the request.
        kept: money that became credit at such a request, minor units of the payment's currency, tax included.
        names: those by which callers may know it, and under which it is stored that they are this payment's.
    """

    provider: str
    payment_id: str
    facts: PaymentFacts = field(default_factory=PaymentFacts)
    posted: Position = field(default_factory=Position)
    topup_id: str | None = None
    account: str | None = None
    unit: str | None = None
    notes: Mapping[str, Note] = field(default_factory=dict)
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

    @property
    def name(self) -> str:
        """Returns provider and id in one text, as references and logs have it."""
        return f"{self.provider}:{self.payment_id}"

    @property
    def status(self) -> PaymentStatus:
        """Tells what became of the payment by its facts; whether it is parked is another matter."""
        if self.facts.paid is None:
            return "unpaid"
        if self._is_disputed:
            return "disputed"
        taken = share(self.facts, self.stated)["taken"]
        return "refunded" if taken >= 1 else "partially_refunded" if taken else "paid"

    def order_status(self, wanted: Target) -> OrderStatus:
        """Tells the status of the payment's order, by the credits that are clawed back of those granted for it."""
        if self._is_disputed:
            return "disputed"
        if not wanted.clawed:
            return "paid"
        return "refunded" if wanted.clawed == wanted.granted else "partially_refunded"

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
        """Adds what a delivery says. Its facts take away the notes about the same refund or dispute.

        More than ``MAX_PARTS`` refunds and disputes are not taken in: a note says so.
        """
        facts, known = self.facts.merge_all(delivery.facts), set(map(about, delivery.facts))
        notes = {key: note for key, note in self.notes.items() if key not in known}
        notes |= {parked.about: Note(parked.reason, delivery_id) for parked in delivery.parked}
        if len(facts.refunds) + len(facts.disputes) > MAX_PARTS:
            facts = self.facts
            notes |= {"payment": Note(f"more than {MAX_PARTS} refunds and disputes", delivery_id)}
        return replace(self, facts=facts, notes=dict(sorted(notes.items())))

    def waiting(self, reasons: Sequence[str], now: int) -> Payment:
        """Parks the payment for these reasons and for its notes, without what was dismissed. Without any it is free."""
        notes = [f"{key}: {note.reason}" for key, note in self.notes.items()]
        left = [said for said in (*notes, *reasons) if said not in self.dismissed]
        since = (self.parked_at or now) if left else None
        return replace(self, parked=tuple(left), parked_at=since)

    def to_json(self) -> dict[str, Any]:
        """Returns the payment as plain JSON values, with the members in the order in which they are stored."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        if not self.names:
            del said["names"]
        said |= {
            "facts": self.facts.to_dict(),
            "posted": self.posted.to_json(),
            "notes": {key: asdict(note) for key, note in self.notes.items()},
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
                "notes": {key: Note(**note) for key, note in said.get("notes", {}).items()},
                "parked": tuple(said.get("parked", ())),
                "dismissed": tuple(said.get("dismissed", ())),
                "names": tuple(said.get("names", ())),
                "resolutions": tuple(Resolution(**one) for one in said.get("resolutions", ())),
                "requests": {key: RequestedRefund.from_json(one) for key, one in requests.items()},
            }
        )
