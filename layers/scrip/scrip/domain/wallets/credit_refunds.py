"""Refunds as credit: how much of what was paid for a source has become credit, and whether more may.

Does not own the lots that they make (``grants``), nor refunds of money (``domain.payments``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import unquote

from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Money

COUNTED: Final = "counted"
"""What the note of a lot says that counts as refunded of its source; a grant by hand counts for nothing."""
_LEADING: Final = frozenset({"", "v1", "payments", "payment", "invoice", "topups", "topup"})
"""Words that may stand before an id, as in a path or a reference, and do not belong to it."""
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]|\\s")


def source_id(said: str, providers: Collection[str]) -> str:
    """Returns the id of a source without what callers write around it.

    ``dodo:pay_1``, ``dodo/pay_1``, ``/v1/payments/dodo/pay_1`` and `` pay_1 `` are all ``pay_1``: white space, what
    percent signs encode, and the provider before the id make no difference.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", unquote(said)))
    parts = re.split("[:/]", text)
    while len(parts) > 1 and (parts[0].casefold() in _LEADING or parts[0].casefold() in providers):
        del parts[0]
    return ":".join(parts).strip(":") or text


def source_name(said: str, providers: Collection[str]) -> str:
    """Returns the one name of a source, however its id is spelled, in capital letters or not.

    So two payments whose ids are the same but for that, at two providers, count as one source: rather one is refused
    than given twice.
    """
    return source_id(said, providers).casefold()


@dataclass(frozen=True, slots=True)
class RefundedSource:
    """What was paid for a source, and how many minor units of it became credit. All refunds of it count together."""

    paid: Money
    refunded: int = 0

    def more(self, paid: Money, value: Money) -> RefundedSource:
        """Returns it with one more refund, of ``value``, by somebody who says that ``paid`` was paid.

        Raises:
            PolicyViolation: the source has less left to refund, or was said to be another sum before.
        """
        if self.paid != paid:
            said = f"{self.paid.amount} {self.paid.currency} were said to be paid for it before"
            raise PolicyViolation(said, policy="refund_source")
        if self.refunded + value.amount > self.paid.amount:
            raise PolicyViolation(
                "all refunds of it together would be above what was paid",
                policy="refund_total",
                refunded={"amount": self.refunded, "currency": self.paid.currency},
                paid={"amount": self.paid.amount, "currency": self.paid.currency},
            )
        return replace(self, refunded=self.refunded + value.amount)

    def less(self, value: Money) -> RefundedSource:
        """Returns it without so much of what became credit: that was a mistake."""
        return replace(self, refunded=max(0, self.refunded - value.amount))

    def to_json(self) -> dict[str, Any]:
        """Returns it as it is stored."""
        return {"paid": [self.paid.amount, self.paid.currency], "refunded": self.refunded}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> RefundedSource:
        """Reads what ``to_json`` gave."""
        return RefundedSource(Money(*body["paid"]), body["refunded"])


@dataclass(frozen=True, slots=True)
class NamedSource:
    """What is known under one name: an invoice, a payment, or both, as callers said; and the payment that it is.

    Attributes:
        sources: by what callers said that it is (``invoice``, ``payment``).
        payment: provider and id of the payment that Scrip knows by this name.
    """

    sources: Mapping[str, RefundedSource] = field(default_factory=dict)
    payment: str | None = None

    @property
    def refunded(self) -> Money | None:
        """Returns what became credit by this name, in the currency of the first source that some of it did of."""
        for source in self.sources.values():
            if source.refunded:
                return Money(source.refunded, source.paid.currency)
        return None

    def more(self, kind: str, paid: Money, value: Money) -> NamedSource:
        """Returns it with one more refund. Raises ``PolicyViolation`` as ``RefundedSource.more``, or as known."""
        if self.payment:
            raise known_source(self.payment)
        source = self.sources.get(kind, RefundedSource(paid)).more(paid, value)
        return replace(self, sources={**self.sources, kind: source})

    def less(self, kind: str, value: Money) -> NamedSource:
        """Returns it without a refund, of ``value``, that was a mistake. One of which none is left was never said."""
        source = self.sources.get(kind)
        if not source or source.paid.currency != value.currency:
            return self
        left = source.less(value)
        others = {name: one for name, one in self.sources.items() if name != kind}
        return replace(self, sources={**others, kind: left} if left.refunded else others)

    def to_json(self) -> dict[str, Any]:
        """Returns it as it is stored."""
        said = {kind: source.to_json() for kind, source in sorted(self.sources.items())}
        return {"sources": said, **({"known": self.payment} if self.payment else {})}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> NamedSource:
        """Reads what ``to_json`` gave; of nothing, one that nobody knows."""
        sources = {kind: RefundedSource.from_json(one) for kind, one in body.get("sources", {}).items()}
        return NamedSource(sources, body.get("known"))


def known_source(payment: str) -> PolicyViolation:
    """Returns the refusal of a source that is a payment known here; ``payment`` is its provider and its id."""
    provider, _, payment_id = payment.partition(":")
    path = f"/v1/payments/{provider}/{payment_id}/refunds"
    return PolicyViolation(
        f'Scrip knows that payment: refund it by POST {path} with `"as": "credit"`, which takes its credits back too',
        policy="refund_source",
        payment=payment,
        path=path,
    )


def ordered_source(topup_id: str) -> PolicyViolation:
    """Returns the refusal of a source that is an order of Scrip's, or the checkout session of one."""
    return PolicyViolation(
        f"that is the order {topup_id}: refund the payment that pays it, "
        'by POST /v1/payments/{provider}/{payment_id}/refunds with `"as": "credit"`',
        policy="refund_source",
        topup_id=topup_id,
    )
