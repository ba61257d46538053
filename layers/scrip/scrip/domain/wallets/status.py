"""A wallet's status: active, frozen or closed, and what each allows.

From a frozen wallet nothing is burned, held or transferred. Grants, expiry, clawbacks and captures of open holds go on.
A closed wallet takes part in nothing any more.
"""

from __future__ import annotations

from typing import Final

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import PolicyViolation, Steps, WalletClosed, WalletFrozen
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import Status

SHOWS_BASE: Final = "shows_base"
"""The member of a ``status`` entry's extra that says whether entries show the wallet's base from then on."""


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


def show_base(draft: Draft, shown: bool, now: int, cause: Cause) -> Entry | None:
    """Makes the wallet's entries show its base from now on, or not; whatever its unit asks for they show.

    Returns the entry; None where they did so already, or the wallet is closed and nothing happens in it any more.
    """
    if draft.status == "closed" or draft.shows_base == shown:
        return None
    draft.shows_base = shown
    return draft.record("status", [], now, cause, {SHOWS_BASE: shown})


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
    if draft.pace and draft.status == "frozen" and status == "active":
        from scrip.domain.wallets import pace

        # Who unfreezes it has looked: what it spent before does not freeze it again.
        draft.pace = pace.emptied(draft.pace)
    draft.status = status
    return draft.record("status", [], now, cause)
