"""Another end for a lot, as callers ask for it.

Owns the command and its fingerprint. Does not own the decision (``domain.wallets.expiry_changes``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import expiry_changes
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.expiry_changes import ExpiryChange
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.requests import WalletCommand


@dataclass(frozen=True, slots=True)
class ChangeExpiry(WalletCommand):
    """Gives a lot another end: one instant, or so long from now on; neither: it never ends.

    Attributes:
        seq: names the lot within its wallet.
        expires_at: epoch milliseconds. expires_in: ISO 8601.
        force: a paid lot may end earlier too.
        shortens: whether the caller may end a lot earlier. It is no part of what is asked for.
    """

    operation: ClassVar[str] = "expiry_change"
    seq: int
    expires_at: int | None = None
    expires_in: str | None = None
    force: bool = False
    shortens: bool = field(kw_only=True, compare=False)

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the name of the lot, and its new end."""
        return {
            "lot": self.seq,
            "expires_at": self.expires_at,
            "expires_in": self.expires_in,
            "force": self.force,
        }

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
        """Changes the end. Raises as ``domain.wallets.expiry_changes.change_expiry``."""
        command = ExpiryChange(
            self.seq, context.unit.policy, self.expires_at, self.expires_in, self.shortens, self.force
        )
        return expiry_changes.change_expiry(draft, command, now, cause)
