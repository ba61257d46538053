"""A wallet's holds and its allowances as lists show them, page by page.

Open holds come by their deadline, since each has a due item there: those that are over cost nothing. All others come by
their names, which is no order of time. Does not own what a hold or an allowance is (``holds``, ``allowances``).
"""

from __future__ import annotations

from collections.abc import Sequence

from scrip.domain.credits import limits
from scrip.domain.wallets import allowances, holds
from scrip.domain.wallets.allowances import Allowance
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.holds import Hold
from scrip.domain.wallets.lot_lists import run
from scrip.domain.wallets.wallet import NeedSidecars

PlacedHold = tuple[Hold, str]
"""A hold, and its place in the list: the list goes on after it."""


def list_holds(
    draft: Draft, now: int, status: str | None, after: str, limit: int
) -> tuple[Sequence[PlacedHold], str | None]:
    """Returns up to ``limit`` holds after a place, and where the list goes on; None: nowhere.

    Args:
        draft: of a read at ``now``, with what is due by then applied.
        status: only those; None: all.
        after: a place; empty for the beginning.
    """
    if status == "open":
        read = run(draft, "due", after or f"{now:015d}#~", limit + 1 + limits.BESIDE_HOLDS)
        named = [
            (due.sidecar[1], f"{due.at:015d}#{due.what}")
            for due in read.dues
            if due.sidecar and due.sidecar[0] == holds.KIND
        ][: limit + 1]
    else:
        read = run(draft, "hold", after, limits.LISTED_HOLDS if status else limit + 1)
        named = [(name, name) for name in read.keys]
    _read_draws(draft, [name for name, _ in named])
    found = [(holds.find(draft, int(name)), place) for name, place in named]
    found = [one for one in found if status in (None, one[0].status)]
    if len(found) > limit:
        return found[:limit], found[limit - 1][1]
    return found, None if read.ended else read.keys[-1]


def list_allowances(draft: Draft, after: str, limit: int) -> tuple[Sequence[Allowance], str | None]:
    """Returns up to ``limit`` allowances after a name, and the name that the list goes on after; None: nowhere.

    Those that were deleted are passed over: a page may be short, or empty, and be followed by another.
    """
    read = run(draft, allowances.KIND, after, limit + 1)
    names = read.keys[:limit]
    found = [one for one in (allowances.find(draft, name) for name in names) if one and not one.deleted]
    return found, None if read.ended and len(read.keys) <= limit else names[-1]


def _read_draws(draft: Draft, names: Sequence[str]) -> None:
    """Asks at once for all that was not read of these holds."""
    missing = [(holds.KIND, name) for name in names if not draft.knows((holds.KIND, name))]
    if not missing:
        apart = (holds.draws_apart(name, draft.sidecar(holds.KIND, name)) for name in names)
        missing = [name for name in apart if name and not draft.knows(name)]
    if missing:
        raise NeedSidecars(tuple(missing))
