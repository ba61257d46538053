"""Checks that the sweep and the wallet item know of everything that time will change in a wallet (law 5).

A bound may be early, never late (decision 0004). The functions are pure. Credits and money are checked in ``checks``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from scrip.domain.credits.lots import Lot
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.wallets import allowances, holds
from scrip.domain.wallets.allowances import Allowance
from scrip.domain.wallets.holds import Hold
from scrip.domain.wallets.wallet import Due, Name, Page, Sidecar, Wallet

KINDS: Final = (holds.KIND, allowances.KIND)
"""Kinds of sidecars that time changes."""


def check_due(
    wallet: Wallet, pages: Sequence[Page], dues: Sequence[Due], sidecars: Mapping[Name, Sidecar]
) -> Iterator[Discrepancy]:
    """Yields everything of the wallet that would not be done when its time comes.

    Args:
        pages, dues: all that are stored.
        sidecars: all of ``KINDS``.
    """
    yield from _check_pages(wallet, pages, dues)
    there = {(due.at, due.what) for due in dues}
    for due in dues:
        if due.lot and (due.at, due.what) != (due.lot.effective_at, f"lot.{due.lot.seq}"):
            yield Discrepancy(f"the due item of pending lot {due.lot.seq} is not at its instant", due.lot.seq)
    timers = list(_timers(sidecars))
    for what, at, name, seq in timers:
        if (at, what) not in there:
            yield Discrepancy(f"{name} changes at {at} and has no due item there", seq)
    opened: list[Lot] = [*wallet.window, *(lot for page in pages for lot in page.lots)]
    changes = [turn for lot in opened if (turn := lot.turns_at) is not None]
    changes += [due.at for due in dues if due.lot]
    changes += [at for _, at, _, _ in timers]
    yield from _check_bounds(wallet, dues, min(changes, default=None))


def _check_pages(wallet: Wallet, pages: Sequence[Page], dues: Sequence[Due]) -> Iterator[Discrepancy]:
    """Checks the number of lots in pages, and that each page has a due item no later than its first expiry."""
    there = {(due.at, due.what) for due in dues}
    in_pages = sum(len(page.lots) for page in pages)
    if in_pages != wallet.paged:
        yield Discrepancy(f"{in_pages} lots are in pages, the wallet says {wallet.paged}")
    for page in pages:
        first = min((at for lot in page.lots if (at := lot.turns_at) is not None), default=None)
        seq = page.lots[0].seq if page.lots else None
        if page.due_at is not None and (page.due_at, page.key) not in there:
            yield Discrepancy(f"the page of lot {seq} has no due item at {page.due_at}", seq)
        if first is not None and (page.due_at is None or page.due_at > first):
            yield Discrepancy(
                f"the page of lot {seq} has a lot that expires at {first} and is due later", seq
            )


def _timers(sidecars: Mapping[Name, Sidecar]) -> Iterator[tuple[str, int, str, int | None]]:
    """Yields each change by time that a sidecar asks for.

    Each has the due item's name, its instant, its name in a sentence, and the sequence of the entry that made it.
    """
    for (kind, name), sidecar in sidecars.items():
        if kind == holds.KIND:
            hold = Hold.from_json(sidecar)
            if hold.status == "open":
                yield f"{kind}.{name}", hold.times_out_at, f"hold {hold.seq}", hold.seq
        elif kind == allowances.KIND:
            allowance = Allowance.from_json(sidecar)
            if allowance.next_at is not None:
                yield f"{kind}.{name}", allowance.next_at, f"allowance {name}", None


def _check_bounds(wallet: Wallet, dues: Sequence[Due], first: int | None) -> Iterator[Discrepancy]:
    """Checks that the wallet's two bounds are early enough.

    ``due_at`` must be no later than any due item, and ``sweep_at`` no later than ``first``, the first change.
    """
    earliest = min((due.at for due in dues), default=None)
    if earliest is not None and (wallet.due_at is None or wallet.due_at > earliest):
        yield Discrepancy(f"a due item is at {earliest}, the wallet says that none is before {wallet.due_at}")
    if first is not None and wallet.sweep_at is None:
        yield Discrepancy(f"something is due at {first} and the sweep will not look (sweep_at is missing)")
    elif first is not None and wallet.sweep_at is not None and wallet.sweep_at > first:
        yield Discrepancy(f"something is due at {first} and the sweep looks at {wallet.sweep_at}")
