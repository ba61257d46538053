"""The breaker: a wallet that spends more within a while than its unit allows is told of, and frozen.

The entry that crosses is taken; the next one, in the same commit, says so. While a wallet is not active nothing counts.
What time books does not count, nor do holds. Does not own what is counted (``pace``).
"""

from __future__ import annotations

from typing import Any

from scrip.domain.credits.entries import SYSTEM, TIME, Cause, Entry, EntryKind
from scrip.domain.credits.ids import time_entry_id
from scrip.domain.wallets import pace
from scrip.domain.wallets.draft import Draft


def counts(draft: Draft, kind: EntryKind, cause: Cause | None) -> bool:
    """Tells whether an entry counts: somebody spent, or undid it, in a wallet from which credits may leave."""
    asked = cause is not None and cause.actor not in (TIME, SYSTEM)
    return kind in pace.COUNTED and asked and draft.status == "active"


def told_by(draft: Draft) -> dict[str, Any]:
    """Returns what an entry that counts says of its breaker: nothing where the one before it had the same."""
    return pace.told_of(draft.runaway, draft.pace)


def count(draft: Draft, entry: Entry, undoes: int | None = None) -> None:
    """Counts an entry that was recorded. Where it crosses the breaker's amount, an entry more says so.

    Args:
        undoes: of a reversal, the instant of the entry that it undoes.
    """
    breaker = draft.runaway
    draft.pace, crossing = pace.counted(breaker, draft.pace, draft.paced_at, entry, undoes)
    draft.paced_at = entry.at
    if not crossing or not breaker:
        return
    if breaker.action == "freeze":
        draft.status = "frozen"
    ids = (draft.wallet.account, draft.wallet.unit, draft.next_seq)
    cause = Cause(time_entry_id(*ids), "", SYSTEM, reason=pace.RUNAWAY)
    said = {**crossing.to_json(), **breaker.to_json()}
    draft.record("status", [], entry.at, cause, {pace.RUNAWAY: said})
