"""Refunds as credit: how much of what was paid for a source has become credit, and whether more may.

Does not own the lots that they make (``grants``), nor refunds of money (``domain.payments``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Money


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

    def to_json(self) -> dict[str, Any]:
        """Returns it as it is stored."""
        return {"paid": [self.paid.amount, self.paid.currency], "refunded": self.refunded}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> RefundedSource:
        """Reads what ``to_json`` gave."""
        return RefundedSource(Money(*body["paid"]), body["refunded"])
