"""Facts about one payment, and how they merge (law 9).

A payment's facts are whether it was paid and, by refund id, what became of each refund.
``PaymentFacts.merge`` is a join: commutative, associative and idempotent, so any order and any number of
repeats ends in the same state. What credits that state calls for is ``position``'s business.

Amounts of money are integers in minor units of their currency (yen for JPY, fils for KWD: nothing is ever
divided by 100); instants are epoch milliseconds. Pure, standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, cast

RefundStatus: TypeAlias = Literal["pending", "succeeded", "failed"]

# Failed comes last: a refund that succeeded can still come back (the bank account is closed), while one
# that failed is over for good, and a retry is a refund with another id. Stripe documents this; Dodo's own
# ledger has `refund_reversal`.
REFUND_RANK: Mapping[str, int] = {"pending": 0, "succeeded": 1, "failed": 2}


@dataclass(frozen=True, slots=True)
class Paid:
    """The customer has paid.

    ``total`` is what was charged, tax included, and ``tax`` the part of it that is tax (None where the
    provider does not say), both in minor units of ``currency``. The settlement pair is what reached the
    merchant's balance after currency conversion: credits are never granted from it, but a refund may be
    expressed in it.
    """

    payment_id: str
    total: int
    tax: int | None
    currency: str
    settlement_amount: int | None
    settlement_currency: str | None
    checkout_session_id: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Refund:
    """What is known of one refund: this refund's own amount, never a running total.

    ``amount`` includes tax, in minor units of ``currency`` (None: the payment's). ``full`` means that the
    provider calls it a refund of the whole payment, which outweighs any arithmetic on ``amount``.
    """

    refund_id: str
    status: RefundStatus
    amount: int | None
    currency: str | None
    full: bool
    at: int


Fact: TypeAlias = Paid | Refund


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook, translated: several facts are possible (a Dodo payment body lists its refunds), and so
    are none.

    ``parked`` holds the reasons why something in it could not be used; a person has to look, and nothing is
    lost meanwhile: the facts beside it count. Without facts and reasons the event means nothing to the
    ledger.
    """

    provider: str
    type: str
    payment_id: str | None
    facts: tuple[Fact, ...] = ()
    parked: tuple[str, ...] = ()

    @property
    def ignored(self) -> bool:
        """Whether this webhook neither says anything about money nor needs anyone's attention."""
        return not self.facts and not self.parked

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values, for a queue's message."""
        return {
            "provider": self.provider,
            "type": self.type,
            "payment_id": self.payment_id,
            "facts": [fact_to_dict(fact) for fact in self.facts],
            "parked": list(self.parked),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Delivery:
        """The inverse of ``to_dict``. Raises ``ValueError`` for a fact it does not know (see
        ``fact_from_dict``)."""
        return cls(
            provider=str(data["provider"]),
            type=str(data["type"]),
            payment_id=_text(data.get("payment_id")),
            facts=tuple(fact_from_dict(fact) for fact in data.get("facts") or ()),
            parked=tuple(str(reason) for reason in data.get("parked") or ()),
        )


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """Everything known of one payment: ``paid``, if it is, and its refunds, one for each id, sorted by id."""

    paid: Paid | None = None
    refunds: tuple[Refund, ...] = ()

    def merge(self, fact: Fact) -> PaymentFacts:
        """The state that also knows ``fact``; equal to this one where it says nothing new."""
        if isinstance(fact, Paid):
            paid = fact if self.paid is None else max(self.paid, fact, key=_paid_order)
            return PaymentFacts(paid, self.refunds)
        by_id = {refund.refund_id: refund for refund in self.refunds}
        known = by_id.get(fact.refund_id)
        by_id[fact.refund_id] = fact if known is None else _join(known, fact)
        return PaymentFacts(self.paid, tuple(by_id[refund_id] for refund_id in sorted(by_id)))

    def merge_all(self, facts: Sequence[Fact]) -> PaymentFacts:
        """``merge`` of each of ``facts``."""
        state = self
        for fact in facts:
            state = state.merge(fact)
        return state

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values, to be kept with the payment."""
        return {
            "paid": None if self.paid is None else fact_to_dict(self.paid),
            "refunds": [fact_to_dict(refund) for refund in self.refunds],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PaymentFacts:
        """The inverse of ``to_dict``; numbers may be ``Decimal``, as DynamoDB returns them."""
        facts = [fact_from_dict(refund) for refund in data.get("refunds") or ()]
        if data.get("paid"):
            facts.append(fact_from_dict(data["paid"]))
        return cls().merge_all(facts)


def fact_to_dict(fact: Fact) -> dict[str, Any]:
    """One fact as plain JSON values; ``fact`` in it says which."""
    return {"fact": "paid" if isinstance(fact, Paid) else "refund", **asdict(fact)}


def fact_from_dict(data: Mapping[str, Any]) -> Fact:
    """The inverse of ``fact_to_dict``. Members it does not know are ignored, numbers may be ``Decimal``.

    Raises ``ValueError`` for a kind of fact or a status it does not know and ``KeyError`` for a missing
    required member: these are our own records, and dropping one written by a newer version would lose money
    silently.
    """
    kind = data.get("fact")
    if kind == "paid":
        return Paid(
            payment_id=str(data["payment_id"]),
            total=int(data["total"]),
            tax=_integer(data.get("tax")),
            currency=str(data["currency"]),
            settlement_amount=_integer(data.get("settlement_amount")),
            settlement_currency=_text(data.get("settlement_currency")),
            checkout_session_id=_text(data.get("checkout_session_id")),
            at=int(data["at"]),
        )
    if kind == "refund":
        return Refund(
            refund_id=str(data["refund_id"]),
            status=_status(data["status"]),
            amount=_integer(data.get("amount")),
            currency=_text(data.get("currency")),
            full=bool(data.get("full")),
            at=int(data["at"]),
        )
    raise ValueError(f"unknown kind of fact: {kind!r}")


def _join(one: Refund, other: Refund) -> Refund:
    """The higher status with the better known amount: one may come without the other (pending says 3000,
    then a body that succeeded has a null amount), so each goes its own way up."""
    status = max(one.status, other.status, key=REFUND_RANK.__getitem__)
    known = max(one, other, key=_refund_order)
    return Refund(known.refund_id, status, known.amount, known.currency, known.full, known.at)


# Two deliveries of one fact should agree. Where they do not, the one that knows more wins, then an
# arbitrary but fixed order of the values: arrival must never decide, or the end would depend on it.


def _paid_order(paid: Paid) -> tuple[Any, ...]:
    unsure = (paid.checkout_session_id, paid.tax, paid.settlement_amount, paid.settlement_currency)
    return (
        tuple(value is not None for value in unsure),
        (paid.at, paid.total, paid.currency),
        tuple(value for value in unsure if value is not None),
        paid.payment_id,
    )


def _refund_order(refund: Refund) -> tuple[Any, ...]:
    return refund.full, refund.amount is not None, refund.amount or 0, refund.currency or "", refund.at


def _status(value: Any) -> RefundStatus:
    if value not in REFUND_RANK:
        raise ValueError(f"unknown refund status: {value!r}")
    return cast(RefundStatus, value)


def _integer(value: Any) -> int | None:
    return None if value is None else int(value)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
