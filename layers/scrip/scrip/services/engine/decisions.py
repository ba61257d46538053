"""One decision on one version of a wallet: what is due is applied, then the request is decided on.

Does not own reading the wallet (``contexts``), nor committing the decision (``executor``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Crowded
from scrip.domain.credits.units import Policy
from scrip.domain.wallets.draft import Decision, Draft
from scrip.domain.wallets.draws import too_many_lots
from scrip.domain.wallets.due import apply_due
from scrip.domain.wallets.wallet import Snapshot

DEFAULT: Final = Policy()
"""The policy of a unit of which nobody said one."""
Act = Callable[[Draft, int], Entry | None]
"""Decides on a draft at an instant and gives the entry that answers the request; None where there is none, or not yet:
what it recorded is then committed, and it is asked again."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, and the entry that answers the request; None: what was due is to be committed first.

    ``next_change`` is when time changes the wallet next, where there is nothing to commit at all.
    """

    decision: Decision
    entry: Entry | None = None
    next_change: int | None = None


def decide(
    snapshot: Snapshot,
    now: int,
    recorded_at: int,
    act: Act,
    in_time: Callable[[], bool] | None = None,
    *,
    policy: Policy = DEFAULT,
) -> Decided:
    """Applies what is due and decides. What does not fit into one commit beside what was due is decided after it.

    Args:
        now: when it is decided.
        recorded_at: the clock by which it is committed.
        policy: the unit's, as it is now.

    Raises:
        PolicyViolation: it fits into no commit at all.
        CatchingUp: ``in_time`` tells that there is no time for it.
    """
    draft = _draft(snapshot, recorded_at, policy)
    if in_time:
        draft.in_time = in_time
    if not apply_due(draft, now, room=limits.BOOKING_ITEMS):
        return Decided(draft.decision())
    due = len(draft.entries)
    try:
        entry = act(draft, now)
        # What is asked again after this commit may leave some of what is due to the next.
        room = limits.COMMIT_ITEMS if entry else limits.BOOKING_ITEMS
        all_due_applied = apply_due(draft, now, room=room)
        decision = draft.decision()
        if (
            all_due_applied or not entry
        ) and decision.items + limits.COMMIT_SLACK // 2 <= limits.COMMIT_ITEMS:
            return Decided(decision, entry, None if decision.entries else draft.next_change(now))
    except Crowded:
        pass
    if not due:
        raise too_many_lots()
    # All that is due fitted before.
    draft = _draft(snapshot, recorded_at, policy)
    apply_due(draft, now)
    return Decided(draft.decision())


def _draft(snapshot: Snapshot, recorded_at: int, policy: Policy) -> Draft:
    return Draft(snapshot, recorded_at=recorded_at, shows_base=policy.by_share, runaway=policy.runaway)
