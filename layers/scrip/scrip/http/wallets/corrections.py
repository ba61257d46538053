"""Voids, reversals, adjustments and changes of a wallet's status: the bodies."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from scrip.http.edge.bodies import Amount, MovementBody, Reason
from scrip.http.wallets.grants import LotBody
from scrip.services.wallets.grants import LotTerms


class PartBody(MovementBody):
    """``POST .../lots/{lot_id}/void`` and ``.../burns/{entry_id}/reversal``: a part, or all that is left."""

    may_be_missing: ClassVar[bool] = True
    amount: Amount | None = None


class AdjustmentBody(LotBody):
    """``POST /v1/accounts/{account}/adjustments``. What a lot may have goes with a ``credit``."""

    direction: Literal["credit", "debit"]
    amount: Amount
    reason: Reason

    @model_validator(mode="after")
    def _debit_has_no_lot(self) -> AdjustmentBody:
        if self.direction == "debit":
            for name in ("priority", "effective_at", "expires_at", "expires_in", "scope"):
                if name in self.model_fields_set:
                    raise ValueError(f"{name}: goes with a credit")
        return self

    def terms(self) -> LotTerms:
        return self._terms("compensation")


class StandingBody(MovementBody):
    """``POST /v1/accounts/{account}/freeze``, ``/unfreeze`` and ``/close``."""

    may_be_missing: ClassVar[bool] = True
