"""The end of lots: what a rollover rule carries goes on in a new lot, the rest expires (law 5).

Does not own rules of rollover (``credits.terms``), nor the order of all that becomes due (``due``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Draw
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.credits.lots import NOTE, Lot, lot_facts
from scrip.domain.credits.terms import Rollover
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import ended, moved
from scrip.domain.wallets.lot_terms import terms_of
from scrip.domain.wallets.notes import note_of, of_piece, sold_as
from scrip.domain.wallets.wallet import NeedBlock

ALLOWANCE: Final = "allowance"
"""The kind of sidecar that an allowance is."""
CARRIED: Final = "carried"
"""The kind of sidecar that says how much of one instant's rollover is committed, where it takes several commits."""
_TERMS: Final = "~"
"""How the name of a group begins that is no allowance's; no allowance's name does."""
_REMEMBERED: Final = 3
"""Ends of which an allowance keeps what it carried: the one at which its first lots end, those of the time that it
catches up with, and one of the change before."""
DUE_PAGE_COST: Final = 3
"""Items a page with something due may take: itself, its due item's removal and its next due item."""


def no_room(draft: Draft, room: int | None) -> bool:
    """Tells whether the draft fills the ``room`` items that it may; None is no bound."""
    return room is not None and draft.weight(DUE_PAGE_COST) >= room


def end(draft: Draft, instant: int, room: int | None = None) -> bool:
    """Carries on what rollover rules say of lots that end at ``instant``, and books the expiry of the rest.

    How far each allowance has come is kept where others of this instant have to wait for another commit.

    Returns:
        Whether that is all of them.
    """
    groups: dict[str, _Carrying] = {}
    rolled = _roll(draft, instant, room, groups)
    done = rolled and expire(draft, instant, room, groups)
    # Others of this instant may lie in what was not read.
    unread = draft.unread_at is not None and draft.unread_at <= instant
    for group, found in groups.items():
        if not rolled or unread or found.waiting:
            facts = {"at": instant, "share": str(found.gone), "carried": str(found.carried)}
            draft.keep(CARRIED, group, facts)
        elif found.begun:
            draft.keep(CARRIED, group, None)
        _remember(draft, group, instant, found)
    return done


def expire(
    draft: Draft,
    instant: int,
    room: int | None = None,
    groups: Mapping[str, _Carrying] = MappingProxyType({}),
) -> bool:
    """Books the expiry of what is left in lots whose end has come by ``instant``. Tells whether that is all of them.

    Args:
        groups: what is carried at this instant, by allowance.
    """
    draws: list[Draw] = []
    over = draft.times.ending.until(instant) if draft.is_due(instant) else []
    done = True
    for lot in sorted(over, key=draft.key):
        if no_room(draft, room):
            done = False
            break
        after, one = ended(lot, lot.spendable, "expired")
        for found in groups.values():
            found.gone += found.waiting.pop(lot.seq, 0)
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


def _roll(draft: Draft, instant: int, room: int | None, groups: dict[str, _Carrying]) -> bool:
    """Carries on what rollover rules say of lots that end at ``instant``. Tells whether that is all of them.

    Only at the lot's own end: what is given back to a lot that had ended before just expires.
    """
    ending = [lot for lot in draft.times.ending.at(instant) if lot.rolls]
    if not ending or not (draft.at <= instant or _any_late(draft, ending)):
        return True
    if draft.asked_at is not None and draft.asked_at >= instant:
        # What a caller asks for at the very instant comes after it; only what is late has not had its end yet.
        ending = [lot for lot in ending if _late(draft, lot)]
    return _roll_in_order(draft, sorted(ending, key=draft.key), instant, room, groups)


def _any_late(draft: Draft, lots: Sequence[Lot]) -> bool:
    """Tells whether any of these lots was made after its own end."""
    return any(_late(draft, lot) for lot in lots)


def _late(draft: Draft, lot: Lot) -> bool:
    """Tells whether an allowance that catches up with time has made the lot after the lot's own end."""
    rule = terms_of(draft, lot, at_its_end=True).rollover
    if not rule or not rule.of:
        return False
    sidecar = draft.sidecar(ALLOWANCE, rule.of)
    if not sidecar or "late" not in sidecar:
        return False
    seq, at = sidecar["late"]
    return lot.seq > int(seq) and lot.expires_at is not None and lot.expires_at <= int(at)


def _group(draft: Draft, lot: Lot) -> str:
    """Returns the name of what the bounds of the lot's rule are of: its allowance; else all lots of the same terms."""
    rule = terms_of(draft, lot, at_its_end=True).rollover
    return rule.of if rule and rule.of else f"{_TERMS}{lot.terms}"


@dataclass(slots=True)
class _Carrying:
    """How much one allowance carries at one instant.

    Attributes:
        share: what its rules say of the lots looked at, whole steps or not.
        carried: the steps that were carried of them.
        begun: whether some of it was committed before.
        gone: the share of lots that are not looked at again: some of them was carried, or they expired.
        waiting: the shares of the others, by the lot's sequence.
    """

    share: Fraction | int
    carried: int
    begun: bool
    gone: Fraction | int
    waiting: dict[int, Fraction | int] = field(default_factory=dict)


def _roll_in_order(
    draft: Draft, lots: Sequence[Lot], instant: int, room: int | None, groups: dict[str, _Carrying]
) -> bool:
    """Carries on what lots in burn order carry at one instant. Tells whether that is all of it."""
    for lot in lots:
        rule = terms_of(draft, lot, at_its_end=True).rollover
        assert rule
        if rule.times is not None and lot.rolled >= rule.times:
            continue
        if no_room(draft, room):
            return False
        group = _group(draft, lot)
        if group not in groups:
            groups[group] = _carrying(draft, group, instant)
        found, share = groups[group], rule.share(lot.spendable)
        found.share += share
        steps = rule.carried(lot.spendable, found.share, found.carried)
        if rule.living and rule.most is not None:
            steps = max(0, min(steps, rule.most - max(found.carried, _living(draft, group, instant))))
        if steps:
            _carry(draft, lot, rule, steps, instant)
            found.carried += steps
            found.gone += share
        else:
            found.waiting[lot.seq] = share
    return True


def _carrying(draft: Draft, group: str, instant: int) -> _Carrying:
    """Returns how much of this instant's rollover of an allowance is committed already."""
    # Nothing was carried before, unless something of this instant has been committed.
    sidecar = draft.sidecar(CARRIED, group) if draft.wallet.at >= instant else None
    if sidecar and sidecar["at"] == instant:
        share = Fraction(sidecar["share"])
        return _Carrying(share, int(sidecar["carried"]), begun=True, gone=share)
    allowance = draft.sidecar(ALLOWANCE, group) if draft.at >= instant and group[0] != _TERMS else None
    for at, text, steps in (allowance or {}).get("rolled", ()):
        if at == instant:
            share = Fraction(text)
            return _Carrying(share, int(steps), begun=False, gone=share)
    return _Carrying(0, 0, begun=False, gone=0)


def _remember(draft: Draft, group: str, instant: int, found: _Carrying) -> None:
    """Keeps with an allowance what it carried at an end at which more of its lots may end, made later.

    Those are the ends of the periods in which it was first followed: what it missed of them it may yet catch up with.
    """
    allowance = draft.sidecar(ALLOWANCE, group) if group[0] != _TERMS else None
    if not allowance:
        return
    known = allowance.get("rolled", ())
    if instant != allowance.get("first") and instant not in [at for at, _, _ in known]:
        return
    others = [one for one in known if one[0] != instant]
    rolled = [*others[1 - _REMEMBERED :], [instant, str(found.gone), str(found.carried)]]
    draft.keep(ALLOWANCE, group, {**allowance, "rolled": rolled})


def _living(draft: Draft, group: str, instant: int) -> int:
    """Returns the steps that were carried for this group, by now and before, and that live on, held ones too."""
    if not draft.snapshot.all_blocks:
        raise NeedBlock(None)
    lots = (*draft.every_open_lot(), *draft.exhausted_lots())
    return sum(
        lot.remaining + lot.held
        for lot in lots
        if lot.kind == "rollover" and lot.rolls and not lot.expired(instant) and _group(draft, lot) == group
    )


def _carried_until(draft: Draft, rule: Rollover, instant: int) -> int | None:
    """Returns when a lot that the rule carries at this instant expires; None: never. A period is looked up once."""
    known = draft.times.ends.get(rule)
    if known and known[0] <= instant < known[1]:
        return known[1]
    try:
        ends = rule.ends(instant)
    except InvalidRequest:
        ends = limits.MAX_INSTANT + 1
    if ends is not None and not rule.expires_in:
        draft.times.ends[rule] = (instant, ends)
    return ends


def _carry(draft: Draft, lot: Lot, rule: Rollover, steps: int, instant: int) -> None:
    """Carries steps of a lot on in a new one."""
    ends = _carried_until(draft, rule, instant)
    after, one = moved(lot, steps)
    # Once is enough: what is left of it expires, in this commit or in the next.
    draft.replace(lot, after.ended(fate="" if after.remaining or after.held else "expired"))
    new = lot.moved(
        draft.next_seq,
        "rollover",
        steps,
        one.value,
        one.tax or 0,
        effective_at=instant,
        expires_at=ends,
        inclusive=False,
        rolled=lot.rolled + 1,
    )
    note = note_of(draft, lot) if lot.noted and draft.beside else {}
    if note:
        draft.keep(NOTE, str(new.seq), of_piece(note, new.tax))
    draft.add(new)
    if new.notices:
        draft.look(instant)
    facts = lot_facts(new, terms_of(draft, new).scope) | sold_as(note)
    draft.record("rollover", [one], instant, extra={"lot": facts, "of": lot.seq})
