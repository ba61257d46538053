"""Voids, reversals, adjustments and changes of a wallet's status: the bodies."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from scrip.http.edge.bodies import Amount, MovementBody, Reason
from scrip.http.wallets.grants import LotBody
from scrip.services.wallets.corrections import AdjustBalance, ReverseBurn, VoidLot


class PartBody(MovementBody):
    """What is taken back of a lot, or of a burn: a part, or all that is left."""

    may_be_missing: ClassVar[bool] = True
    amount: Amount | None = None
    """How many credits. Left out: all that is left."""

    def void(self, seq: int) -> VoidLot:
        """Returns the command for the lot with this sequence."""
        return VoidLot(seq, self.amount)

    def reverse(self, entry_id: str) -> ReverseBurn:
        """Returns the command for the burn with this entry."""
        return ReverseBurn(entry_id, self.amount)


class AdjustmentBody(LotBody):
    """What sets a balance right. What a lot may have goes with a `credit`."""

    direction: Literal["credit", "debit"]
    """`credit` makes a lot, `debit` takes in burn order."""
    amount: Amount
    """How many credits: a decimal string, more than zero, with no more decimals than the unit has."""
    reason: Reason
    """Why the balance was wrong. An adjustment must say."""

    @model_validator(mode="after")
    def _debit_has_no_lot(self) -> AdjustmentBody:
        if self.direction == "debit":
            for name in ("priority", "effective_at", "expires_at", "expires_in", "scope"):
                if name in self.model_fields_set:
                    raise ValueError(f"{name}: goes with a credit")
        return self

    def command(self) -> AdjustBalance:
        """Returns the command; what a credit makes is a ``compensation`` lot."""
        return AdjustBalance(self.direction, self.amount, self._terms("compensation"))


class StandingBody(MovementBody):
    """Why a wallet is frozen, unfrozen or closed."""

    may_be_missing: ClassVar[bool] = True
