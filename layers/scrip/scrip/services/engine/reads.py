"""Reads of one version of a wallet, as if all that is due were booked. Nothing here changes a wallet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from scrip.domain.credits import limits
from scrip.domain.credits.errors import Contended
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.wallet import Need, Wallet
from scrip.services.engine.executor import ATTEMPTS, TORN, Executor, Moment, WalletContext
from scrip.store import wallets

T = TypeVar("T")


def apply_all_due(draft: Draft, now: int) -> int:
    """Applies all that is due by ``now`` to the draft of a read. Returns the instant of the read, which is never before
    the wallet's last entry."""
    at = max(now, draft.wallet.at)
    apply_due(draft, at, batch=limits.DUE_BATCH_READ)
    return at


def reading_instant(wallet: Wallet, moment: Moment) -> int:
    """Returns the instant of a read. A pinned moment before the last entry is refused; a clock behind is not."""
    return moment.on(wallet) if moment.pinned else max(moment.at, wallet.at)


def read(executor: Executor, context: WalletContext, view: Callable[[Draft], T]) -> T:
    """Returns the ``view`` of one version of the wallet: pages read while somebody wrote it are read again.

    Raises:
        Contended: the wallet is written faster than it can be read.
    """
    snapshot = context.snapshot
    for _ in range(ATTEMPTS):
        present, needed = None, False
        try:
            while True:
                try:
                    found = view(Draft(snapshot))
                    break
                except Need as need:
                    wallets.provide(executor.tables, snapshot, need)
                    needed = True
            present = executor.written_since(snapshot, context.unit) if needed else None
            if present is None:
                return found
        except TORN:
            present = executor.written_since(snapshot, context.unit)
            if present is None:
                raise
        snapshot = present
    raise Contended("the wallet is written faster than it can be read")
