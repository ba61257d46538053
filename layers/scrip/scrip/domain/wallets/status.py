"""A wallet's status: active, frozen or closed, and what each allows.

From a frozen wallet nothing is burned, held or transferred. Grants, expiry, clawbacks and captures of open holds go on.
A closed wallet takes part in nothing any more.
"""

from __future__ import annotations

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import PolicyViolation, Steps, WalletClosed, WalletFrozen
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Status


def require_open(draft: Draft) -> None:
    """Checks that the wallet takes part in anything.

    Raises:
        WalletClosed: it does not.
    """
    if draft.status == "closed":
        raise WalletClosed("the wallet is closed for ever")


def require_active(draft: Draft) -> None:
    """Checks that credits may leave the wallet.

    Raises:
        WalletClosed, WalletFrozen: they may not.
    """
    require_open(draft)
    if draft.status == "frozen":
        raise WalletFrozen("the wallet is frozen: no credits leave it until it is unfrozen")


def set_status(draft: Draft, status: Status, now: int, cause: Cause) -> Entry:
    """Gives the wallet this status from now on. To freeze a frozen wallet is recorded, and changes nothing.

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
