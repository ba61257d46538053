"""Carries: the fraction of a step that a meter has counted in a wallet and not yet burned.

An event burns whole steps, and what its cost has beyond them, or lacks of them, changes the carry of its meter. So the
steps that a meter has burned and its carry are together exactly what its events cost, and the carry is at least 0 and
less than 1.

An event that is undone takes its change with it. Where other events came in between, one of them may have burned a step
that the undone one's fraction had completed, or the other way round. The carry shows it: where it would be 1 or more, a
step stays burned that other events are due to pay; where it would be below 0, a step that one of them paid is given
back. So later events cost what they would have cost had the undone one never been.

Pure. Does not own what an event costs (``credits.rates``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from scrip.domain.credits.entries import Draw, Entry
from scrip.domain.credits.lots import Money
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.wallet import NeedSidecars

KIND: Final = "carry"
"""The kind of sidecar that keeps the carry of a meter, under its name."""
STEPS: Final = 8
"""How many of the last steps that fractions completed are remembered, to be given back."""


@dataclass(slots=True)
class _Carry:
    """What is kept of a meter.

    Attributes:
        steps: the last steps that fractions completed, each with the sequence of the entry that paid it.
        given: sequences of the entries whose first step was given back since.
    """

    carry: Fraction
    steps: list[tuple[int, Draw]]
    given: list[int]


def need(draft: Draft, meters: Sequence[str]) -> None:
    """Asks for the carries of all these meters at once, where one was not read."""
    names = tuple((KIND, meter) for meter in meters)
    if not all(draft.knows(name) for name in names):
        raise NeedSidecars(names)


def carried(draft: Draft, meter: str) -> Fraction:
    """Returns the carry of a meter."""
    return _read(draft, meter).carry


def change(draft: Draft, meter: str, by: Fraction, draws: Sequence[Draw]) -> None:
    """Changes the carry of a meter by what the entry that is recorded next costs beyond its steps.

    Args:
        draws: those of the entry. Where its steps are more than its cost, the first of them was completed by fractions.
    """
    kept = _read(draft, meter)
    if by < 0 and draws:
        kept.steps = [*kept.steps[1 - STEPS :], (draft.next_seq, _first_step(draws[0]))]
    kept.carry += by
    _keep(draft, meter, kept)


def change_all(
    draft: Draft, rests: Mapping[str, Fraction], draws: Mapping[str | None, Sequence[Draw]]
) -> dict[str, Any]:
    """Changes the carries of several meters. Returns what the entry says of it; nothing where there is none.

    Args:
        rests: by meter, what its cost has beyond its steps, or lacks of them.
        draws: by meter, those of the entry that paid for it.
    """
    for meter, rest in rests.items():
        change(draft, meter, rest, draws.get(meter, ()))
    return {"carry": {meter: str(rest) for meter, rest in rests.items()}} if rests else {}


@dataclass(slots=True)
class Uncarried:
    """What undoing the fractions of an entry comes to.

    Attributes:
        kept: steps of it that stay burned, for other events.
        given: draws of steps that other events had paid, to be given back; ``given_for``: the meter of each.
        changes: of the carries, by meter, for the entry that undoes it.
    """

    kept: int = 0
    given: list[Draw] = field(default_factory=list)
    given_for: list[str] = field(default_factory=list)
    changes: dict[str, str] = field(default_factory=dict)

    @property
    def extra(self) -> dict[str, Any]:
        """Returns what the entry says of it."""
        return {"carry": self.changes} if self.changes else {}


def undo(draft: Draft, burned: Entry, done: int, more: int) -> Uncarried:
    """Undoes fractions of an entry: all that is left of them once all of its steps are reversed, else their share.

    Args:
        done, more: steps of it that were reversed before, and that are reversed now.
    """
    made, whole = Uncarried(), -burned.amount
    for meter, text in changes_of(burned).items():
        by = Fraction(text)
        undone = by * (done + more) / whole - by * done / whole if whole else by
        kept = _read(draft, meter)
        before, kept.carry = kept.carry, kept.carry - undone
        if done + more == whole:
            _level(kept, burned.seq, made, more, meter)
        _keep(draft, meter, kept)
        made.changes[meter] = str(kept.carry - before)
    return made


def undo_records(
    draft: Draft,
    meter: str,
    rest: Fraction,
    short: int,
    own: int,
    others: int,
    made: Uncarried,
    *,
    level: bool,
) -> tuple[int, int]:
    """Undoes fractions of records of one entry.

    Returns how many of their own steps come back, and how many of the entry's others.

    Args:
        rest: what they changed the carry by.
        short: steps of them that came back before, when another record or event was undone.
        own, others: steps of them that can come back, and steps of the entry's other records.
        level: whether nothing is left of these records: then the carry is brought back to at least 0 and less than 1.
    """
    kept, more = _read(draft, meter), 0
    before, kept.carry = kept.carry, kept.carry - rest - short
    if level:
        while kept.carry >= 1 and own:
            own, kept.carry = own - 1, kept.carry - 1
        while kept.carry < 0 and more < others:
            more, kept.carry = more + 1, kept.carry + 1
        _give_steps(kept, made, meter)
    _keep(draft, meter, kept)
    made.changes[meter] = str(kept.carry - before)
    return own, more


def step_was_given(draft: Draft, meter: str, seq: int) -> bool:
    """Tells whether the first step that an entry paid for a meter was given back for another event.

    It is told once: who asks remembers it from then on.
    """
    kept = _read(draft, meter)
    if seq not in kept.given:
        return False
    kept.given.remove(seq)
    _keep(draft, meter, kept)
    return True


def forget_step(draft: Draft, meter: str, seq: int) -> None:
    """Notes that the first step that an entry paid for a meter came back: no other event gives it back again."""
    kept = _read(draft, meter)
    steps = [one for one in kept.steps if one[0] != seq]
    if len(steps) < len(kept.steps):
        kept.steps = steps
        _keep(draft, meter, kept)


def changes_of(entry: Entry) -> Mapping[str, str]:
    """Returns how an entry changed carries, by meter."""
    found: Mapping[str, str] = entry.extra.get("carry", {})
    return found


def _level(kept: _Carry, seq: int, made: Uncarried, most: int, meter: str) -> None:
    """Brings a carry back to at least 0 and less than 1, after all that the entry ``seq`` changed it by is undone."""
    kept.steps = [one for one in kept.steps if one[0] != seq]
    if seq in kept.given:
        # Its first step was given back already, when another event was undone.
        kept.given.remove(seq)
        made.kept, kept.carry = made.kept + 1, kept.carry - 1
    if kept.carry >= 1 and made.kept < most:
        made.kept, kept.carry = made.kept + 1, kept.carry - 1
    _give_steps(kept, made, meter)


def _give_steps(kept: _Carry, made: Uncarried, meter: str) -> None:
    """Gives steps of a meter back that other events had paid, the last first, until a carry is 0 or more."""
    while kept.carry < 0 and kept.steps:
        payer, step = kept.steps.pop()
        kept.given = [*kept.given[1 - STEPS :], payer]
        made.given.append(step)
        made.given_for.append(meter)
        kept.carry += 1


def _first_step(draw: Draw) -> Draw:
    """Returns the first step of a draw, with the money that is left for it when the others were given back."""
    value = draw.value
    if not value:
        return Draw(draw.lot, 1)
    return Draw(
        draw.lot, 1, Money(value.amount - value.amount * (draw.amount - 1) // draw.amount, value.currency)
    )


def _read(draft: Draft, meter: str) -> _Carry:
    body = draft.sidecar(KIND, meter) or {}
    steps = [
        (seq, Draw(lot, 1, Money(*money) if money else None)) for seq, lot, *money in body.get("steps", ())
    ]
    return _Carry(Fraction(body.get("carry", 0)), steps, list(body.get("given", ())))


def _keep(draft: Draft, meter: str, kept: _Carry) -> None:
    """Keeps the carry of a meter; nothing where there is nothing to remember."""
    body: dict[str, Any] = {}
    if kept.steps:
        body["steps"] = [
            [seq, one.lot, *([one.value.amount, one.value.currency] if one.value else [])]
            for seq, one in kept.steps
        ]
    if kept.given:
        body["given"] = kept.given
    draft.keep(KIND, meter, {"carry": str(kept.carry), **body} if kept.carry or body else None)
