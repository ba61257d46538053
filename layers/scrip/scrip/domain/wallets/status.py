"""A wallet's standing: active, frozen or closed.

From a frozen wallet nothing is burned, held or transferred; grants, expiry, clawback and captures of holds that are
there go on. A closed one is at its end.
"""

from __future__ import annotations

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import PolicyViolation, Steps, WalletClosed, WalletFrozen
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Status


def require_open(draft: Draft) -> None:
    """Raises ``WalletClosed`` for a closed wallet: it takes part in nothing any more."""
    if draft.status == "closed":
        raise WalletClosed("the wallet is closed for ever")


def require_active(draft: Draft) -> None:
    """Raises ``WalletClosed`` or ``WalletFrozen`` unless credits may leave the wallet."""
    require_open(draft)
    if draft.status == "frozen":
        raise WalletFrozen("the wallet is frozen: no credits leave it until it is unfrozen")


def set_status(draft: Draft, status: Status, now: int, cause: Cause) -> Entry:
    """The wallet is of this status from now on. To freeze a frozen wallet is recorded, and changes nothing.

    Raises:
        WalletClosed: it is closed.
        PolicyViolation: it is to be closed, and its balance is not zero in every part.
    """
    require_open(draft)
    if status == "closed" and any(draft.totals):
        raise PolicyViolation(
            "a wallet is closed with nothing in it, held, pending or owed",
            policy="zero_balance",
            total=Steps(draft.totals.total),
        )
    draft.status = status
    return draft.record("status", [], now, cause)
