"""Reads of one version of a wallet, as if all that is due were booked. Nothing here changes a wallet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from scrip.domain.credits import limits
from scrip.domain.credits.errors import Contended
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.wallet import Snapshot, Wallet
from scrip.services.engine.attempts import ATTEMPTS
from scrip.services.engine.contexts import TORN, WalletContext
from scrip.services.engine.executor import Executor, Moment

T = TypeVar("T")


def apply_all_due(draft: Draft, now: int) -> int:
    """Applies all that is due by ``now`` to the draft of a read.

    Returns the instant of the read, which is never before the wallet's last entry.
    """
    at = max(now, draft.wallet.at)
    apply_due(draft, at, batch=limits.DUE_BATCH_READ)
    return at


def reading_instant(wallet: Wallet, moment: Moment) -> int:
    """Returns the instant of a read. A pinned moment before the last entry is refused; a clock behind is not."""
    return moment.on(wallet) if moment.pinned else max(moment.at, wallet.at)


def read(
    executor: Executor,
    context: WalletContext,
    view: Callable[[Draft], T],
    *,
    chained: bool = False,
    beside: bool = True,
) -> T:
    """Returns the ``view`` of one version of the wallet: pages read while somebody wrote it are read again.

    Args:
        chained: the view shows entries that are not booked, with their hashes.
        beside: it shows more than lots and totals of what is not booked.

    Raises:
        Contended: the wallet is written faster than it can be read.
        CatchingUp: so much is due and not booked that it cannot be followed in time.
    """
    snapshot, unit = context.snapshot, context.unit
    for _ in range(ATTEMPTS):
        try:
            found, in_parts = _look(executor, snapshot, view, chained, beside, unit.policy.by_share)
            newer = executor.written_since(snapshot, unit) if in_parts else None
            if newer is None:
                return found
        except TORN:
            newer = executor.written_since(snapshot, unit)
            if newer is None:
                raise
        snapshot = newer
    raise Contended("the wallet is written faster than it can be read")


def _look(
    executor: Executor,
    snapshot: Snapshot,
    view: Callable[[Draft], T],
    chained: bool,
    beside: bool,
    shows_base: bool,
) -> tuple[T, bool]:
    """Returns the view of the snapshot, and whether more of the wallet was read into the snapshot for it."""
    looks = 0

    def look() -> T:
        nonlocal looks
        looks += 1
        draft = Draft(snapshot, chained=chained, beside=beside, shows_base=shows_base)
        draft.in_time = executor.in_time
        return view(draft)

    return executor.complete(snapshot, look), looks > 1
