"""A wallet's status, as callers change it: frozen, unfrozen or closed.

Owns the command and its fingerprint. Does not own what a status allows (``domain.wallets.status``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import status
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Status
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.requests import WalletCommand


@dataclass(frozen=True, slots=True)
class SetStatus(WalletCommand):
    """Freezes, unfreezes or closes a wallet."""

    status: Status

    @property
    def operation(self) -> str:
        """Names the status: each is an operation of its own."""
        return self.status

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns nothing: the operation says all."""
        return {}

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
        """Sets the status. Raises as ``domain.wallets.status.set_status``."""
        return status.set_status(draft, self.status, now, cause)
