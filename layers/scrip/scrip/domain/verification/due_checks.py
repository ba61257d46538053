"""Whether everything that time will do to a wallet is down where the sweep, and the wallet's own item, look for it
(law 5). Bounds may be early, never late (decision 0004).

Pure, as ``audit``, which asks about credits and money; here it is about instants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from scrip.domain.credits.lots import Lot
from scrip.domain.verification.checks import Finding
from scrip.domain.wallets import allowances, holds
from scrip.domain.wallets.allowances import Allowance
from scrip.domain.wallets.holds import Hold
from scrip.domain.wallets.wallet import Due, Name, Page, Sidecar, Wallet

KINDS: Final = (holds.KIND, allowances.KIND)
"""Kinds of sidecars that time looks at."""


def timed(
    wallet: Wallet, pages: Sequence[Page], dues: Sequence[Due], sidecars: Mapping[Name, Sidecar]
) -> Iterator[Finding]:
    """Everything of the wallet that time would pass over.

    Args:
        pages, dues: all there are.
        sidecars: all of ``KINDS``.
    """
    yield from _paged(wallet, pages, dues)
    there = {(due.at, due.what) for due in dues}
    for due in dues:
        if due.lot and (due.at, due.what) != (due.lot.effective_at, f"lot.{due.lot.seq}"):
            yield Finding(f"the due item of pending lot {due.lot.seq} is not at its instant", due.lot.seq)
    timers = list(_timers(sidecars))
    for what, at, said, seq in timers:
        if (at, what) not in there:
            yield Finding(f"{said} is to be looked at at {at} and has no due item there", seq)
    opened: list[Lot] = [*wallet.window, *(lot for page in pages for lot in page.lots)]
    changes = [lot.expires_at for lot in opened if lot.expires_at is not None]
    changes += [due.at for due in dues if due.lot]
    changes += [at for _, at, _, _ in timers]
    yield from _bounded(wallet, dues, min(changes, default=None))


def _paged(wallet: Wallet, pages: Sequence[Page], dues: Sequence[Due]) -> Iterator[Finding]:
    there = {(due.at, due.what) for due in dues}
    in_pages = sum(len(page.lots) for page in pages)
    if in_pages != wallet.paged:
        yield Finding(f"{in_pages} lots lie in pages, the wallet says {wallet.paged}")
    for page in pages:
        first = min((lot.expires_at for lot in page.lots if lot.expires_at is not None), default=None)
        seq = page.lots[0].seq if page.lots else None
        if page.due_at is not None and (page.due_at, page.key) not in there:
            yield Finding(f"the page of lot {seq} has no due item at {page.due_at}", seq)
        if first is not None and (page.due_at is None or page.due_at > first):
            yield Finding(f"the page of lot {seq} has a lot that expires at {first} and is due later", seq)


def _timers(sidecars: Mapping[Name, Sidecar]) -> Iterator[tuple[str, int, str, int | None]]:
    """What is to be looked at when, what to call it, and the entry that made it."""
    for (kind, name), sidecar in sidecars.items():
        if kind == holds.KIND:
            hold = Hold.from_json(sidecar)
            if hold.status == "open":
                yield f"{kind}.{name}", hold.expires_at, f"hold {hold.seq}", hold.seq
        elif kind == allowances.KIND:
            allowance = Allowance.from_json(sidecar)
            if allowance.next_at is not None:
                yield f"{kind}.{name}", allowance.next_at, f"allowance {name}", None


def _bounded(wallet: Wallet, dues: Sequence[Due], first: int | None) -> Iterator[Finding]:
    earliest = min((due.at for due in dues), default=None)
    if earliest is not None and (wallet.due_at is None or wallet.due_at > earliest):
        yield Finding(f"a due item lies at {earliest}, the wallet knows of none before {wallet.due_at}")
    if first is not None and wallet.sweep_at is None:
        yield Finding(f"something is due at {first} and the sweep will not look (sweep_at is missing)")
    elif first is not None and wallet.sweep_at is not None and wallet.sweep_at > first:
        yield Finding(f"something is due at {first} and the sweep looks at {wallet.sweep_at}")
