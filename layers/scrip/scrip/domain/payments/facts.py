"""Facts about one payment, and how they merge (law 9).

A payment's facts are whether it was paid and, by id, what became of each refund and each dispute.
``PaymentFacts.merge`` is a join: commutative, associative and idempotent, so any order and any number of
repeats ends in the same state. What credits that state calls for is ``target``'s business.

Amounts of money are integers in minor units of their currency (yen for JPY, fils for KWD: nothing is ever
divided by 100); instants are epoch milliseconds. Pure, standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias, get_args

RefundStatus: TypeAlias = Literal["pending", "succeeded", "failed"]
"""How far a refund is."""
DisputeStatus: TypeAlias = Literal["open", "lost", "won", "contradicted"]
"""How a dispute stands; `contradicted`: the provider has told of two ends, and is asked."""
UnpaidStatus: TypeAlias = Literal["processing", "failed", "expired"]
"""How far an attempt is; `expired`: its checkout has ended, so that nobody can pay there any more."""

# Failed comes last: a refund that succeeded can still come back (the bank account is closed), while one
# that failed is over for good, and a retry is a refund with another id. Stripe documents this; Dodo's own
# ledger has `refund_reversal`.
REFUND_RANK: Final[Mapping[str, int]] = {"pending": 0, "succeeded": 1, "failed": 2}
UNPAID_RANK: Final[Mapping[str, int]] = {"processing": 0, "failed": 1, "expired": 2}
REQUEST: Final = "request:"
"""Begins the id of a refund that we asked for, for as long as the provider has not given it one of its own."""


@dataclass(frozen=True, slots=True)
class Paid:
    """The customer has paid.

    ``total`` is what was charged, tax included, and ``tax`` the part of it that is tax (None where the
    provider does not say), both in minor units of ``currency``. The settlement pair is what reached the
    merchant's balance after currency conversion: credits are never granted from it, but a refund may be
    expressed in it.

    What tells the order: ``session_id``, the checkout session that we opened; ``topup_id``, our order's own id,
    from a place where only we can write it (never from metadata that a buyer can); ``subscription_id``, the
    provider's subscription that this is one payment of. ``origin`` says, in the provider's words, why a subscription
    was charged for something else than a period of its own, such as ``charge_type is on_demand``; None: it was not.
    ``country`` is that of the buyer's address as the provider has it for tax (ISO 3166-1).

    ``said_at`` is the instant of the last event that said so, where the provider's events may take it back (see
    ``PaymentFacts.failed_late``). ``amounts`` lists what was said of it, where that is not one thing; then ``total`` is
    the least of it.
    """

    total: int
    tax: int | None
    currency: str
    at: int
    settlement_amount: int | None = None
    settlement_currency: str | None = None
    session_id: str | None = None
    topup_id: str | None = None
    origin: str | None = None
    subscription_id: str | None = None
    said_at: int | None = field(default=None, compare=False)
    amounts: tuple[str, ...] = ()
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An attempt that has not come to a payment, or not yet: it says what to show on its order, and no more.

    ``subscription_id`` is the provider's subscription whose next period it was to pay.
    """

    status: UnpaidStatus
    at: int
    session_id: str | None = None
    topup_id: str | None = None
    said_at: int | None = field(default=None, compare=False)
    subscription_id: str | None = None

    @property
    def latest(self) -> int:
        """Returns the last instant that is known of the attempt, epoch milliseconds."""
        return max(self.at, self.said_at or 0)


@dataclass(frozen=True, slots=True)
class Refund:
    """What is known of one refund: this refund's own amount, never a running total.

    ``amount`` includes tax, in minor units of ``currency`` (None: the payment's). ``full`` means that the
    provider calls it a refund of the whole payment, which outweighs any arithmetic on ``amount``. ``request_id``
    is our own request that it answers. ``tax`` is the part of ``amount`` that is tax, where the provider says so; None:
    the same part as of the payment.
    """

    refund_id: str
    status: RefundStatus
    amount: int | None
    currency: str | None
    at: int
    full: bool = False
    request_id: str | None = None
    tax: int | None = None

    @property
    def only_requested(self) -> bool:
        """Tells whether this is just our own request: the provider has not told of a refund of its own yet."""
        return self.refund_id.startswith(REQUEST)

    @property
    def of_request(self) -> str | None:
        """Returns the id of our request that this refund answers, or is; None where nobody asked us for it."""
        return self.refund_id.removeprefix(REQUEST) if self.only_requested else self.request_id


@dataclass(frozen=True, slots=True)
class Dispute:
    """What is known of one dispute.

    ``rank`` orders what a provider says of one dispute in the course of time, as clocks cannot: the higher one
    holds (a later stage above an earlier one's end, an end above what is open). Two ends of one rank make it
    ``contradicted``: frozen until somebody asks the provider. ``amount`` is what is disputed or, once lost, what
    is really gone, in minor units of ``currency``; ``movements``, the number of bookings it is the sum of, tells
    the later of two. An amount is said at every rank: none of an earlier one is taken for it.
    """

    dispute_id: str
    status: DisputeStatus
    rank: int
    stage: str
    amount: int | None
    currency: str | None
    at: int
    movements: int = 0


@dataclass(frozen=True, slots=True)
class PartOf:
    """What is known under this payment's id belongs to another one: a Stripe intent pays an invoice."""

    whole: str


@dataclass(frozen=True, slots=True)
class OwnPart:
    """A part of this payment pays the order ``topup_id`` by itself: what it brought is no money of this one.

    ``total`` is what the part brought, minor units of ``currency``; None while it is not paid.
    """

    part_id: str
    topup_id: str
    total: int | None = None
    currency: str | None = None


Fact: TypeAlias = Paid | Unpaid | Refund | Dispute | PartOf | OwnPart
_KINDS: Final[Mapping[str, type[Any]]] = {
    "paid": Paid,
    "unpaid": Unpaid,
    "refund": Refund,
    "dispute": Dispute,
    "part_of": PartOf,
    "part": OwnPart,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}
_STATUSES: Final[Mapping[str, Collection[str]]] = {
    "unpaid": UNPAID_RANK,
    "refund": REFUND_RANK,
    "dispute": get_args(DisputeStatus),
}

_NUMBERS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("total", "tax", "settlement_amount", "amount"), 10**18),
    "rank": 10**15,
    "movements": 10**6,
    **dict.fromkeys(("at", "said_at"), 253_402_300_799_999),
}
"""Members that are whole numbers, none below zero, and the largest each may be: more money than a thousand payments
move, the highest rank that an instant makes, more bookings than a dispute has, the end of the year 9999."""


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """Everything known of one payment: ``paid``, if it is, and by id its refunds, its disputes, and those of its parts
    that pay orders of their own."""

    paid: Paid | None = None
    unpaid: Unpaid | None = None
    refunds: Mapping[str, Refund] = field(default_factory=dict)
    disputes: Mapping[str, Dispute] = field(default_factory=dict)
    part_of: str | None = None
    parts: Mapping[str, OwnPart] = field(default_factory=dict)

    def merge(self, fact: Fact) -> PaymentFacts:
        """Returns the state that also knows ``fact``; it equals this one where the fact says nothing new."""
        match fact:
            case Paid():
                return replace(self, paid=fact if self.paid is None else _join_paid(self.paid, fact))
            case Unpaid():
                return replace(self, unpaid=fact if self.unpaid is None else _join_unpaid(self.unpaid, fact))
            case Refund():
                return replace(self, refunds=_with(self.refunds, fact.refund_id, fact, _join_refund))
            case Dispute():
                return replace(self, disputes=_with(self.disputes, fact.dispute_id, fact, _join_dispute))
            case PartOf():
                return replace(self, part_of=max(fact.whole, self.part_of or ""))
            case OwnPart():
                return replace(self, parts=_with(self.parts, fact.part_id, fact, _join_part))

    def merge_all(self, facts: Iterable[Fact]) -> PaymentFacts:
        """Merges each of these facts, whatever their order."""
        state = self
        for fact in facts:
            state = state.merge(fact)
        return state

    @property
    def all(self) -> tuple[Fact, ...]:
        """Lists each fact: merged again, in any order, they give this state."""
        single = (self.paid, self.unpaid, PartOf(self.part_of) if self.part_of else None)
        known = [fact for fact in single if fact is not None]
        return (*known, *self.refunds.values(), *self.disputes.values(), *self.parts.values())

    @property
    def failed_late(self) -> bool:
        """Tells whether the payment failed after it had been said to be paid: it is not, whichever came first here.

        That is told by the instants of the events themselves. Of a provider whose payments cannot do that no instants
        are kept, and an attempt that failed before another one succeeded is told by its earlier instant.
        """
        if self.paid is None or self.unpaid is None or self.unpaid.status != "failed":
            return False
        paid, failed = self.paid.said_at, self.unpaid.said_at
        return paid is not None and failed is not None and failed > paid

    @property
    def open_refunds(self) -> Sequence[Refund]:
        """Lists the refunds without those we asked for that the provider has given an id of its own by now."""
        answered = {REQUEST + refund.request_id for refund in self.refunds.values() if refund.request_id}
        return [refund for refund in self.refunds.values() if refund.refund_id not in answered]

    def to_dict(self) -> list[dict[str, Any]]:
        """Returns plain JSON values, to be stored with the payment."""
        return [fact_to_dict(fact) for fact in self.all]

    @classmethod
    def from_dict(cls, data: Sequence[Mapping[str, Any]]) -> PaymentFacts:
        """Reads what ``to_dict`` wrote. Raises as ``fact_from_dict``."""
        return cls().merge_all(fact_from_dict(fact) for fact in data)


def about(fact: Fact) -> str:
    """Names what a fact is about, as a reason for parking does (see ``Parked``): ``refund:re_1``, ``payment``."""
    match fact:
        case Refund():
            return f"refund:{fact.refund_id}"
        case Dispute():
            return f"dispute:{fact.dispute_id}"
        case OwnPart():
            return f"part:{fact.part_id}"
    return "payment"


def fact_to_dict(fact: Fact) -> dict[str, Any]:
    """Writes a fact as plain JSON values; ``fact`` in it says which kind. Members that are null are left out."""
    said = {name: value for name, value in asdict(fact).items() if value is not None and value != ()}
    if "amounts" in said:
        said["amounts"] = list(said["amounts"])
    return {"fact": _NAMES[type(fact)], **said}


def fact_from_dict(data: Mapping[str, Any]) -> Fact:
    """Reads what ``fact_to_dict`` wrote. Members that it does not know are ignored.

    These are our own records: dropping one that a newer version wrote would lose money silently.

    Raises:
        ValueError: a kind of fact or a status is not known, or a member is of another type.
        TypeError: a member that is needed is missing.
    """
    name = data.get("fact", "")
    kind = _KINDS.get(name)
    if kind is None:
        raise ValueError(f"unknown kind of fact: {shown(name or None)}")
    if name in _STATUSES and data.get("status") not in _STATUSES[name]:
        raise ValueError(f"unknown status of {name}: {shown(data.get('status'))}")
    nullable = {"tax", "amount", "currency"}
    told: dict[str, Any] = {}
    for one in fields(kind):
        if one.name not in data and one.name not in nullable:
            continue
        value = told[one.name] = data.get(one.name)
        if one.name == "amounts" and isinstance(value, list):
            value = told[one.name] = tuple(value)
        empty = value is None and (one.name in nullable or one.default is None)
        if not empty and not _fits(one.name, value):
            raise ValueError(f"{one.name} of {name} is not what it should be")
    fact: Fact = kind(**told)
    return fact


def text(data: Mapping[str, Any], name: str) -> str:
    """Returns a member that must be a text.

    Raises:
        ValueError: it is none; the message does not say what it is instead.
    """
    value = data[name]
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value


def _fits(name: str, value: Any) -> bool:
    """Tells whether a member of a fact may have this value.

    What does not fit would stay with its payment for ever, and be in the way of all that is said of it later.
    """
    if name == "full":
        return isinstance(value, bool)
    if name == "amounts":
        return isinstance(value, tuple) and all(isinstance(one, str) for one in value)
    if name not in _NUMBERS:
        return isinstance(value, str)
    whole = isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value)
    return whole and 0 <= value <= _NUMBERS[name]


def _with(known: Mapping[str, Any], name: str, fact: Any, join: Any) -> Mapping[str, Any]:
    joined = join(known[name], fact) if name in known else fact
    return {key: joined if key == name else known[key] for key in sorted({*known, name})}


# Two deliveries of one fact should agree. Where they do not, the one that knows more wins, then an
# arbitrary but fixed order of the values: arrival must never decide, or the end would depend on it.


def _join_paid(one: Paid, other: Paid) -> Paid:
    """Joins two accounts of one payment: the one that knows more holds, with what tells the order from either.

    A checkout session and a payment intent each know a part of that. Where they do not say the same amount, the lower
    one holds, and both are kept: nobody may take the payment for either by itself.
    """
    return replace(
        max(one, other, key=_paid_order),
        said_at=_later(one.said_at, other.said_at),
        amounts=_amounts(one, other),
        session_id=_either(one.session_id, other.session_id),
        topup_id=_either(one.topup_id, other.topup_id),
        origin=_either(one.origin, other.origin),
        subscription_id=_either(one.subscription_id, other.subscription_id),
        country=_either(one.country, other.country),
    )


def _paid_order(paid: Paid) -> tuple[Any, ...]:
    unsure = (paid.tax, paid.settlement_amount, paid.settlement_currency)
    return (
        -paid.total,
        tuple(value is not None for value in unsure),
        (paid.at, paid.total, paid.currency),
        tuple(value for value in unsure if value is not None),
    )


def _amounts(one: Paid, other: Paid) -> tuple[str, ...]:
    """Returns what was said of the amount and of the tax, where that is not one thing of each.

    An account that says several things by itself has said nothing else: told again, it changes nothing.
    """
    paid = {f"{each.total} {each.currency}" for each in (one, other)}
    taxed = {each.tax for each in (one, other) if each.tax is not None}
    if not (one.amounts or other.amounts or len(paid) > 1 or len(taxed) > 1):
        return ()
    return tuple(sorted({*_amounts_of(one), *_amounts_of(other)}))


def _amounts_of(paid: Paid) -> tuple[str, ...]:
    """Returns what one account says of the amount and of the tax."""
    tax = () if paid.tax is None else (f"{paid.tax} {paid.currency} of tax",)
    return paid.amounts or (f"{paid.total} {paid.currency}", *tax)


def _later(one: int | None, other: int | None) -> int | None:
    """Returns the later of two instants that may not be known."""
    return max((at for at in (one, other) if at is not None), default=None)


def _join_part(one: OwnPart, other: OwnPart) -> OwnPart:
    """Joins two accounts of one part: the one that knows more."""
    return max(one, other, key=lambda part: (part.total is not None, part.total or 0, part.topup_id))


def _join_unpaid(one: Unpaid, other: Unpaid) -> Unpaid:
    """Joins two attempts: the one that came further holds, with the session and the order from either."""
    return replace(
        max(one, other, key=_unpaid_order),
        session_id=_either(one.session_id, other.session_id),
        topup_id=_either(one.topup_id, other.topup_id),
        subscription_id=_either(one.subscription_id, other.subscription_id),
    )


def _unpaid_order(unpaid: Unpaid) -> tuple[int, int, int]:
    return UNPAID_RANK[unpaid.status], unpaid.said_at or 0, unpaid.at


def _either(one: str | None, other: str | None) -> str | None:
    return max(one or "", other or "") or None


def _join_refund(one: Refund, other: Refund) -> Refund:
    """Joins two accounts of one refund: the higher status, and the better known amount.

    One may come without the other: pending says 3000, then a body that succeeded has a null amount.
    """
    status = max(one.status, other.status, key=REFUND_RANK.__getitem__)
    known = max(one, other, key=_refund_order)
    return replace(known, status=status, request_id=_either(one.request_id, other.request_id))


def _refund_order(refund: Refund) -> tuple[Any, ...]:
    tax = -1 if refund.tax is None else refund.tax
    return refund.full, refund.amount is not None, refund.amount or 0, refund.currency or "", tax, refund.at


def _join_dispute(one: Dispute, other: Dispute) -> Dispute:
    """Joins two accounts of one dispute: the higher rank holds, its amount too. Two statuses of one rank contradict.

    No amount outlives a later rank, or three deliveries would end differently in another order.
    """
    known = max(one, other, key=_dispute_order)
    said = {dispute.status for dispute in (one, other) if dispute.rank == known.rank}
    status: DisputeStatus = known.status if len(said) == 1 else "contradicted"
    stage = max(dispute.stage for dispute in (one, other) if dispute.rank == known.rank)
    return replace(known, status=status, stage=stage)


def _dispute_order(dispute: Dispute) -> tuple[Any, ...]:
    known = dispute.amount is not None
    return dispute.rank, dispute.movements, known, dispute.amount or 0, dispute.currency or "", dispute.at


def shown(value: Any) -> str:
    """Returns an enumeration's value for a reason or a log line; of free text only that it is unreadable."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", value):
        return value
    return "missing" if value is None else "unreadable"
