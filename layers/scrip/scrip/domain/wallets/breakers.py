"""The breaker: a wallet that spends more within a while than its unit allows is told of, and frozen.

The entry that crosses is taken, and the wallet is frozen after it; the next one, in the same commit, says why. While a
wallet is not active nothing counts. What time books does not count, nor do holds. Does not own what is counted
(``pace``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrip.domain.credits.entries import MADE_FOR, SYSTEM, TIME, Cause, Entry, EntryKind
from scrip.domain.credits.ids import time_entry_id
from scrip.domain.wallets import pace
from scrip.domain.wallets.draft import Draft


def counts(draft: Draft, kind: EntryKind, cause: Cause | None, extra: Mapping[str, Any] | None) -> bool:
    """Tells whether an entry counts: somebody spent, or undid it, in a wallet from which credits may leave.

    What was made for something else, such as an invoice, is no use of credits that could run away.
    """
    asked = cause is not None and cause.actor not in (TIME, SYSTEM)
    return kind in pace.COUNTED and asked and draft.status == "active" and MADE_FOR not in (extra or ())


def told_by(draft: Draft) -> dict[str, Any]:
    """Returns what an entry that counts says of its breaker: nothing where the one before it had the same."""
    return pace.told_of(draft.runaway, draft.pace)


def count(draft: Draft, entry: Entry, undoes: int | None = None) -> pace.Breach | None:
    """Counts an entry that is being recorded. Where it crosses the breaker's amount, the wallet's status follows.

    Args:
        undoes: of a reversal, the instant of the entry that it undoes.

    Returns the crossing, which is to be told by an entry more; None where there is none.
    """
    breaker = draft.runaway
    draft.pace, crossing = pace.counted(breaker, draft.pace, draft.paced_at, entry, undoes)
    draft.paced_at = entry.at
    if crossing and breaker and breaker.action == "freeze":
        draft.status = "frozen"
    return crossing


def tell(draft: Draft, at: int, crossing: pace.Breach) -> None:
    """Records the entry that tells of a crossing at an instant."""
    breaker = draft.runaway
    assert breaker
    ids = (draft.wallet.account, draft.wallet.unit, draft.next_seq)
    cause = Cause(time_entry_id(*ids), "", SYSTEM, reason=pace.RUNAWAY)
    said = {**crossing.to_json(), **breaker.to_json()}
    draft.record("status", [], at, cause, {pace.RUNAWAY: said})
