"""The sweep: books what time has done to wallets that nobody touched since (law 5: it only books it).

Does not own the walk (``engine.walks``) and the loop (``engine.sweeps``), nor what time does (``domain.wallets.due``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from scrip.domain.credits.errors import CatchingUp, Contended, Refusal
from scrip.domain.wallets.wallet import Snapshot, Wallet
from scrip.services.engine import sweeps, walks
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.store import due

PASSING: Final = (Contended, CatchingUp)
"""Somebody is writing the wallet, and so booking what is due; or more is due than there is time for. The next run goes
on."""

Failed = Callable[[Wallet, Exception], None]


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run did. ``done``: every wallet that was due had its turn before the time was up."""

    wallets: int = 0
    entries: int = 0
    failed: int = 0
    done: bool = True

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.wallets + other.wallets,
            self.entries + other.entries,
            self.failed + other.failed,
            self.done and other.done,
        )


def sweep(
    executor: Executor,
    shards: Iterable[int],
    moment: Moment,
    time_left: Callable[[], bool],
    failed: Failed,
) -> Swept:
    """Books what is due by ``moment`` in the wallets of these shards, several wallets at a time.

    What is not booked when the time is up is still in the index, so the next run finds it. A wallet that fails is
    passed to ``failed`` and left for the next run; the others go on.
    """
    swept = walks.walk(
        executor, shards, moment.at, lambda mine: _booked(executor, mine, moment, time_left, failed)
    )
    return sum(swept, Swept())


def sweep_overdue(
    executor: Executor, before: int, moment: Moment, time_left: Callable[[], bool], failed: Failed
) -> Swept:
    """Books what is due before an instant in every wallet that the table has, whatever the index lists.

    A wallet that somebody is writing has failed too: until it is booked nobody knows what it had at that instant.

    Args:
        before: epoch milliseconds; the moment is not before it.
    """
    return _booked(executor, due.overdue(executor.tables, before - 1), moment, time_left, failed, ())


def _booked(
    executor: Executor,
    mine: Iterable[Wallet],
    moment: Moment,
    time_left: Callable[[], bool],
    failed: Failed,
    passing: tuple[type[Refusal], ...] = PASSING,
) -> Swept:
    """Books what is due in these wallets, one after the other."""
    entries: list[int] = []
    unfinished: list[Wallet] = []

    def book(wallet: Wallet) -> None:
        try:
            entries.append(_book(executor, wallet, moment))
        except CatchingUp:
            unfinished.append(wallet)
            raise

    ended = sweeps.sweep(mine, book, time_left, failed, passing)
    return Swept(len(entries), sum(entries), ended.failed, ended.done and not unfinished)


def _book(executor: Executor, wallet: Wallet, moment: Moment) -> int:
    """Books what is due in one wallet. Returns how many entries that took."""
    context = WalletContext(executor.unit(wallet.unit), 0, Snapshot(wallet))
    # A wallet that is ahead of the moment (it was written meanwhile) is booked to its own last instant.
    booked = executor.book_due(context, replace(moment, at=max(moment.at, wallet.at)))
    if booked.wallet.version == wallet.version and not wallet.noticed:
        # Nothing was due: what the bound stood for was burned. A commit that books something moves it itself, and who
        # gives notices moves that of a wallet whose lots have some.
        due.postpone(executor.tables, booked.wallet, booked.next_change)
    return booked.wallet.version - wallet.version
