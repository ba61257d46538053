"""Lots of a wallet, as they are listed: page by page, as if all that is due were booked. Nothing here changes a wallet.

What a cursor promises: a list that is in one sequence shows each lot that is there all the while once, whatever else
comes and goes; a lot's place never changes. A list in parts does so for each lot that stays in its part; one that
moves on meanwhile (it begins, it is used up) may come twice, and one that comes back into a part that was listed is
left out. Does not own the order (``domain.wallets.lot_lists``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scrip.domain.credits.lots import NOTE, Lot
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.lot_lists import LotPlace, PlacedLot, list_lots
from scrip.domain.wallets.lot_terms import terms_of
from scrip.domain.wallets.wallet import Name, Sidecar
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.store import wallets


@dataclass(frozen=True, slots=True)
class ListedLot:
    """A lot in a list.

    Attributes:
        place: where the list goes on after it.
        pending: its time has not come.
        scope: the meters that it may pay for; all where there are none.
        note: what is kept beside its numbers.
        counted: whether its money was counted from the wallet's beginning.
    """

    lot: Lot
    place: LotPlace
    pending: bool
    scope: Sequence[str]
    note: Mapping[str, Any]
    counted: bool


@dataclass(frozen=True, slots=True)
class LotQuery:
    """Which lots are asked for.

    Attributes:
        ended: also those that are used up, expired or voided.
        after: where the list goes on.
        limit: how many at most.
    """

    ended: bool
    after: LotPlace
    limit: int


def lots(
    executor: Executor, account: str, unit_id: str, moment: Moment, query: LotQuery
) -> tuple[Sequence[ListedLot], LotPlace | None, Unit]:
    """Returns lots with something left, pending ones too; where the list goes on (None: nowhere); and the unit.

    A page may be shorter than it could be, or empty, and yet be followed by another.

    Raises:
        NotFound: there is no such unit.
        Contended: the wallet is written faster than it can be read.
    """
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)
    unbooked: dict[Name, Sidecar] = {}

    def view(draft: Draft) -> tuple[list[tuple[PlacedLot, Sequence[str]]], LotPlace | None]:
        at = apply_all_due(draft, now)
        found, following = list_lots(draft, at, query.after, query.limit, ended=query.ended)
        unbooked.update({name: sidecar for name, sidecar in draft.sidecars.items() if sidecar is not None})
        return [(one, terms_of(draft, one.lot).scope) for one in found], following

    found, following = read(executor, context, view)
    names = [(NOTE, str(one.lot.seq)) for one, _ in found if one.lot.noted]
    noted = {**wallets.sidecars(executor.tables, context.snapshot.wallet, names), **unbooked}
    counted = context.snapshot.wallet.funds is not None
    listed = [
        ListedLot(one.lot, one.place, one.pending, scope, noted.get((NOTE, str(one.lot.seq)), {}), counted)
        for one, scope in found
    ]
    return listed, following, context.unit
