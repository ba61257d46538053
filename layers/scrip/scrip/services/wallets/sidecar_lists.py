"""Holds and allowances of a wallet as they are listed: as if all that is due were booked. Nothing here changes them."""

from __future__ import annotations

from collections.abc import Sequence

from scrip.domain.credits.units import Unit
from scrip.domain.wallets.allowances import Allowance
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.sidecar_lists import PlacedHold, list_allowances, list_holds
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant


def holds(
    executor: Executor,
    account: str,
    unit_id: str,
    moment: Moment,
    status: str | None,
    after: str,
    limit: int,
) -> tuple[Sequence[PlacedHold], str | None, Unit]:
    """Returns up to ``limit`` holds after a place, where the list goes on (None: nowhere), and the unit.

    Raises:
        NotFound: there is no such unit.
        ClockBackwards: the test clock lies before the wallet's last entry.
        Contended, CatchingUp: as ``reads.read``.
    """
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> tuple[Sequence[PlacedHold], str | None]:
        return list_holds(draft, apply_all_due(draft, now), status, after, limit)

    return *read(executor, context, view), context.unit


def allowances(
    executor: Executor, account: str, unit_id: str, moment: Moment, after: str, limit: int
) -> tuple[Sequence[Allowance], str | None, Unit]:
    """Returns up to ``limit`` allowances after a name, where the list goes on (None: nowhere), and the unit.

    Raises as ``holds``.
    """
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> tuple[Sequence[Allowance], str | None]:
        apply_all_due(draft, now)
        return list_allowances(draft, after, limit)

    return *read(executor, context, view), context.unit
