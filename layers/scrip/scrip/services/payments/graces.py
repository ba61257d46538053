"""Grace: credits that are granted once for each failure, until something is paid.

Only a function that may write wallets grants it; whoever makes prompts asks for it through the queue of payments. Does
not own when it is asked for (``prompts``), nor the decision (``services.wallets.grants``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from scrip.domain.credits.errors import (
    AmountOutOfRange,
    InvalidRequest,
    NotFound,
    PolicyViolation,
    PrecisionExceeded,
    Refusal,
    WalletClosed,
)
from scrip.domain.credits.ids import business_key
from scrip.domain.payments.dunning import DunningRun, Grace
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.payments import dunning
from scrip.services.wallets.grants import GrantCredits, LotTerms

ACTOR: Final = "dunning"
REFUSALS: Final = (
    AmountOutOfRange,
    InvalidRequest,
    NotFound,
    PolicyViolation,
    PrecisionExceeded,
    WalletClosed,
)
"""What keeps a wallet from having grace for good."""


def grant(executor: Executor, dunning_id: str, moment: Moment) -> DunningRun | None:
    """Grants a run's grace, once for ever. Returns the run as it is then; None where there is nothing to grant.

    A run whose wallet cannot have it says why.

    Raises:
        Contended, Throttled, CatchingUp: not now; the queue brings it again.
    """
    run = dunning.load(executor.tables, dunning_id)
    if run is None or run.grace is None or not run.wants_grace:
        return None
    try:
        entry_id = _granted(executor, run, run.grace, moment)
    except REFUSALS as refusal:
        return _refused(executor, run, refusal)
    return dunning.change(executor.tables, dunning_id, lambda known: replace(known, grace_entry_id=entry_id))


def _granted(executor: Executor, run: DunningRun, grace: Grace, moment: Moment) -> str:
    """Grants it, and returns the id of the entry. Raises a refusal of the wallet's."""
    request = WalletRequest(
        account=run.account,
        unit=run.unit,
        key=business_key("dunning", run.dunning_id),
        actor=ACTOR,
        moment=moment,
        reference=("dunning", run.dunning_id),
        reason="grace",
        metadata={"topup_id": run.topup_id},
    )
    command = GrantCredits(amount=grace.amount, terms=LotTerms(expires_in=grace.expires_in))
    return execute(executor, command, request)[0].entry.id


def _refused(executor: Executor, run: DunningRun, refusal: Refusal) -> DunningRun | None:
    """Keeps why the wallet cannot have it."""
    return dunning.change(
        executor.tables, run.dunning_id, lambda known: replace(known, grace_refused=refusal.code)
    )
