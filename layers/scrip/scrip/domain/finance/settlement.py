"""What moved at a payment provider: payments as they reach its balance, fees, payouts, and what went wrong with them.

A settlement is a fact that the provider lists, in the currency of the balance that it moved. It never changes: what
takes it back is another one. Does not own how a provider lists it (``scrip.providers``), nor what it does to the books
(``settlement_postings``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self, get_args

SettlementType = Literal[
    "payment",
    "refund",
    "refund_failed",
    "dispute",
    "dispute_reversed",
    "fee",
    "tax",
    "payout",
    "payout_failed",
    "topup",
    "conversion",
    "reserve",
    "adjustment",
]
"""What moved the balance.

``refund_failed`` and ``dispute_reversed`` gave back what a refund or a dispute took, ``payout_failed`` what a payout
did; ``topup`` is what we paid into the balance. ``tax`` is what the provider pays to a state in our place,
``conversion`` an exchange between two of its balances, ``reserve`` what it sets aside and releases, and is ours all the
time. ``adjustment`` is anything else.
"""
TYPES: Final[tuple[SettlementType, ...]] = get_args(SettlementType)
CUSTOMERS: Final[frozenset[SettlementType]] = frozenset(
    ("payment", "refund", "refund_failed", "dispute", "dispute_reversed")
)
"""Types of what a customer paid or got back: the ledger's entries book it."""
COMPARED: Final[frozenset[SettlementType]] = frozenset(("payment", "refund", "refund_failed"))
"""Of those, what is compared in money. A dispute takes its money when it opens; the books follow once it is lost."""
SHOWN: Final = 100
"""Differences of one day that are kept; the count goes on."""


@dataclass(frozen=True, slots=True)
class ProviderSettlement:
    """One movement of a provider's balance.

    Attributes:
        id: the provider's, the same for ever; with a suffix where the provider lists two movements as one.
        amount: by which the balance changed, in minor units of ``currency``: positive is more for us.
        at: the provider's instant, epoch milliseconds.
        of: what it is of: ``payment:pi_1``, ``refund:re_1``, ``dispute:dp_1``, ``payout:po_1``; None: it does not say.
        payment_id: the payment, as it is known here; None where it is of none, or of one that is not said.
        charged: what that is in the currency that the customer paid, with that; None: the same amount.
        kind: the provider's own word for it, where that is none that is known here.
    """

    id: str
    type: SettlementType
    amount: int
    currency: str
    at: int
    of: str | None = None
    payment_id: str | None = None
    charged: tuple[int, str] | None = None
    kind: str | None = None

    @property
    def as_charged(self) -> tuple[int, str]:
        """Returns the amount and currency that the customer paid, or got back."""
        return self.charged or (self.amount, self.currency)

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; what is not said is left out."""
        said = {
            "id": self.id,
            "type": self.type,
            "amount": self.amount,
            "currency": self.currency,
            "at": self.at,
            "of": self.of,
            "payment_id": self.payment_id,
            "charged": list(self.charged) if self.charged else None,
            "kind": self.kind,
        }
        return {name: value for name, value in said.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            KeyError, TypeError: a member is missing, or is not known.
        """
        charged = body.get("charged")
        return cls(**{**body, "charged": (charged[0], charged[1]) if charged else None})


@dataclass(slots=True)
class CurrencySums:
    """What moved in one currency on one day: changes of the balance by type, and both sides of what customers paid.

    Attributes:
        charged: payments and refunds as the provider has them, in the currency that was paid.
        booked: the same as our payments have them.
    """

    charged: int = 0
    booked: int = 0
    moved: dict[str, int] = field(default_factory=dict)

    @property
    def net(self) -> int:
        """Returns by how much the balance changed."""
        return sum(self.moved.values())


@dataclass(frozen=True, slots=True)
class Difference:
    """A settlement that is not as it is here.

    Attributes:
        ours: what it is here, in the currency that was charged; None: nothing is known of it.
        reason: what is not the same, in a sentence.
    """

    settlement: ProviderSettlement
    ours: int | None
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        return {"settlement": self.settlement.to_json(), "ours": self.ours, "reason": self.reason}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote."""
        return cls(ProviderSettlement.from_json(body["settlement"]), body["ours"], body["reason"])


@dataclass(slots=True)
class MoneyOfDay:
    """What moved a provider's balances on one day (UTC), by currency, and what of it is not as it is here.

    Attributes:
        count: how many settlements differ; ``differences`` are the first of them.
    """

    sums: dict[str, CurrencySums] = field(default_factory=dict)
    count: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, settlement: ProviderSettlement, booked: int, reason: str | None, ours: int | None) -> None:
        """Counts a settlement.

        Args:
            booked: what our payments have of it, in the currency that was charged.
            reason: what is not the same; None: nothing.
        """
        moved = self.of(settlement.currency).moved
        moved[settlement.type] = moved.get(settlement.type, 0) + settlement.amount
        if settlement.type in COMPARED:
            paid, currency = settlement.as_charged
            self.of(currency).charged += paid
            self.of(currency).booked += booked
        if reason is not None:
            self.count += 1
            if len(self.differences) < SHOWN:
                self.differences.append(Difference(settlement, ours, reason))

    def settled(self, difference: Difference, booked: int) -> None:
        """Takes away a difference that there is no more; ``booked`` is what our payments have of it by now."""
        self.differences.remove(difference)
        self.count -= 1
        if difference.settlement.type in COMPARED:
            _, currency = difference.settlement.as_charged
            self.of(currency).booked += booked - (difference.ours or 0)

    def of(self, currency: str) -> CurrencySums:
        """Returns the sums of a currency, to be added to."""
        return self.sums.setdefault(currency, CurrencySums())

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        return {
            "sums": {
                currency: {"charged": one.charged, "booked": one.booked, "moved": one.moved}
                for currency, one in self.sums.items()
            },
            "count": self.count,
            "differences": [one.to_json() for one in self.differences],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote; from an empty body a day on which nothing moved."""
        sums = {
            currency: CurrencySums(one["charged"], one["booked"], dict(one["moved"]))
            for currency, one in body.get("sums", {}).items()
        }
        differences = [Difference.from_json(one) for one in body.get("differences", ())]
        return cls(sums, body.get("count", 0), differences)


@dataclass(slots=True)
class SettlementProgress:
    """How far a provider's list is taken. The fields stand in the order of the stored JSON.

    Attributes:
        begun_at, until: when the walk over the last days began, and the instant up to which it looks.
        day: the day that it is at, counted from 1 January 1970; ``cursor``: where its next page begins.
        done: the walk is at its end.
        done_until: up to where walks have come to their end.
        recorded: the instant under which the last settlements are recorded: each transaction has a later one.
        through: up to this the list may be read. It is behind ``recorded`` until a later write has shown that the
            transaction which recorded it is complete.
        error: why the last run could not go on; ``stopped_at``: the first without a break that could not.
    """

    begun_at: int = 0
    until: int = 0
    day: int = 0
    cursor: str | None = None
    done: bool = True
    done_until: int = 0
    recorded: int = 0
    through: int = 0
    error: str | None = None
    stopped_at: int | None = None
