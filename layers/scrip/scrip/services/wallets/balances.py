"""Balances of a wallet, as if all that is due were booked. Nothing here changes a wallet.

Does not own lots (``lots``) and entries (``entries``), how one version of a wallet is read (``engine.reads``), nor why
a balance is what it is (``explanations``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Status, Totals
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import spendable
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.funds import Funds
from scrip.domain.wallets.wallet import NeedFront
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import read, reading_instant
from scrip.store import ledger


@dataclass(frozen=True, slots=True)
class Balance:
    """A wallet's credits at an instant.

    Attributes:
        version: the sequence of its last entry.
        next_expiry: the next instant at which credits expire, and how many steps then; None: none do.
        past: it was read from the ledger, which does not say what was to expire next, nor any of what follows.
        spendable: the largest burn; ``overdraft_left``: the debt that burns may still make.
        funds: what became of the money, by currency; None where it was not counted from the beginning.
    """

    account: str
    as_of: int
    totals: Totals
    status: Status
    version: int
    next_expiry: tuple[int, int] | None = None
    past: bool = False
    spendable: int = 0
    overdraft_left: int = 0
    funds: Sequence[Funds] | None = None


def balance(
    executor: Executor,
    account: str,
    unit_id: str,
    moment: Moment,
    at: int | None = None,
    meter: str | None = None,
) -> tuple[Balance, Unit]:
    """Returns the balance now, or as it was at the past instant ``at``, entries at that instant included.

    ``meter`` says what is to be burned for; None: nothing that a lot's scope names.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: ``at`` lies in the future.
        Unavailable: the ledger's timeline lags too far behind to tell.
    """
    context = executor.context(account, unit_id, fresh=True)
    wallet = context.snapshot.wallet
    now = reading_instant(wallet, moment)
    if at is not None and at > now:
        raise InvalidRequest([("at", "must not lie in the future")])
    if at is not None and wallet.version and at < wallet.at:
        last = ledger.last_until(executor.tables, account, unit_id, at)
        if not last:
            return Balance(account, at, Totals(), "active", 0, past=True), context.unit
        return Balance(account, at, last.after, last.status, last.seq, past=True), context.unit
    return present(executor, context, now if at is None else at, meter), context.unit


def present(executor: Executor, context: WalletContext, now: int, meter: str | None = None) -> Balance:
    """Returns the balance of a wallet that was read, as of ``now``; ``meter`` as in ``balance``.

    Raises:
        Contended, CatchingUp: as ``reads.read``.
    """
    account = context.snapshot.wallet.account

    def view(draft: Draft) -> Balance:
        as_of = max(now, draft.wallet.at) if draft.wallet.version else now
        apply_due(draft, as_of, batch=limits.DUE_BATCH_READ)
        policy = context.unit.policy
        return Balance(
            account,
            as_of,
            draft.totals,
            draft.status,
            draft.wallet.version,
            next_expiry=_next_expiry(draft),
            spendable=spendable(draft, policy, meter),
            overdraft_left=policy.overdraft(draft.totals.owed),
            funds=draft.funds,
        )

    return read(executor, context, view, beside=False)


def _next_expiry(draft: Draft) -> tuple[int, int] | None:
    """Returns the next instant at which available credits expire, and how many steps then."""
    first = min((lot.expires_at for lot in draft.window if lot.expires_at is not None), default=None)
    if draft.has_pages() and not draft.snapshot.complete:
        due_at = draft.due_at
        if due_at is not None and (first is None or due_at <= first):
            raise NeedFront(0)
    living = [lot for lot in draft.loaded_lots() if lot.expires_at is not None]
    first = min((lot.expires_at or 0 for lot in living), default=None)
    if first is None:
        return None
    return first, sum(lot.spendable for lot in living if lot.expires_at == first)
