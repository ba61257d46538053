"""The end of lots: what a rollover rule carries goes on in a new lot, the rest expires (law 5).

Does not own rules of rollover (``credits.terms``), nor the order of all that becomes due (``due``).
"""

from __future__ import annotations

from typing import Any, Final

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Draw
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.lots import NOTE, Lot, lot_facts
from scrip.domain.credits.terms import Rollover
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import ended, moved
from scrip.domain.wallets.lot_terms import terms_of
from scrip.domain.wallets.notes import note_of, of_piece

DUE_PAGE_COST: Final = 3
"""Items a page with something due may take: itself, its due item's removal and its next due item."""


def no_room(draft: Draft, room: int | None) -> bool:
    """Tells whether the draft fills the ``room`` items that it may; None is no bound."""
    return room is not None and draft.weight(DUE_PAGE_COST) >= room


def expire(draft: Draft, instant: int, room: int | None = None) -> bool:
    """Books the expiry of what is left in lots whose end has come by ``instant``. Tells whether that is all of them."""
    draws: list[Draw] = []
    over = draft.times.ending.until(instant) if draft.is_due(instant) else []
    done = True
    for lot in sorted(over, key=draft.key):
        if no_room(draft, room):
            done = False
            break
        after, one = ended(lot, lot.spendable, "expired")
        draft.replace(lot, after)
        draws.append(one)
    if draws:
        draft.record("expiry", draws, instant)
    return done


def expiring(draft: Draft, now: int) -> dict[str, Any]:
    """Returns what was just given back to expired lots and expires with the next entry, for the entry's ``extra``.

    An answer must not show it as available. Steps as text: all of them, and those with cost basis. Expects a draft in
    which all that was due is applied.
    """
    doomed = [lot for lot in draft.loaded_lots() if lot.expired(now)]
    if not doomed:
        return {}
    paid = sum(lot.spendable for lot in doomed if lot.cost)
    return {"expiring": [str(sum(lot.spendable for lot in doomed)), str(paid)]}


def roll(draft: Draft, instant: int, room: int | None = None) -> bool:
    """Carries on what rollover rules say of lots that end at ``instant``. Tells whether that is all of them.

    Only at the lot's own end: what is given back to a lot that had ended before just expires.
    """
    ending = [lot for lot in draft.times.ending.at(instant) if lot.rolls]
    for lot in sorted(ending, key=draft.key):
        if draft.at > instant:
            break
        if no_room(draft, room):
            return False
        _roll_one(draft, lot, instant)
    return True


def _carried_until(draft: Draft, rule: Rollover, instant: int) -> int:
    """Returns when a lot that the rule carries at this instant expires. All of one period are asked for once."""
    known = draft.times.ends.get(rule)
    if known and known[0] <= instant < known[1]:
        return known[1]
    try:
        ends = rule.ends(instant)
    except InvalidRequest:
        ends = limits.MAX_INSTANT + 1
    if not rule.expires_in:
        draft.times.ends[rule] = (instant, ends)
    return ends


def _roll_one(draft: Draft, lot: Lot, instant: int) -> None:
    """Carries a lot on in a new one, as far as its rule has it."""
    rule = terms_of(draft, lot).rollover
    assert rule
    if rule.times is not None and lot.rolled >= rule.times:
        return
    carried = rule.carried(lot.spendable, draft.times.carried.get((instant, lot.terms), 0))
    if not carried:
        return
    ends = _carried_until(draft, rule, instant)
    after, one = moved(lot, carried)
    # Once is enough: what is left of it expires, in this commit or in the next.
    draft.replace(lot, after.ended()._replace(fate="" if after.remaining or after.held else "expired"))
    new = lot.moved(draft.next_seq, "rollover", carried, one.value, one.tax or 0)._replace(
        effective_at=instant,
        expires_at=ends,
        inclusive=False,
        rolled=lot.rolled + 1,
    )
    if lot.noted:
        draft.keep(NOTE, str(new.seq), of_piece(note_of(draft, lot), new.tax))
    draft.add(new)
    facts = lot_facts(new, terms_of(draft, new).scope)
    draft.record("rollover", [one], instant, extra={"lot": facts, "of": lot.seq})
