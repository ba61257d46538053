"""Repayments: which debts a lot repays, and what is given back to the lots that had repaid a debt that is undone.

A lot that comes in, or gets credits back, repays what the wallet owes, if its terms say so and for as much as came:

    first       what a clawback of that very lot found burned, or wrote off: also where the lot has ended, and whatever
                its terms say, for their money went back. What other lots had paid of it goes back to them: had the
                credits been there when the clawback came, nobody else had paid
    then        what it may pay for: a lot without a scope anything, one with a scope what was burned for its meters
                alone; of several purposes the one for which something has been owed longest without a break

What is undone is owed no more. What of it had been repaid goes back to the lots that repaid it, the last first, with
the money that had left them (law 7). What had been written off goes to nobody.

An entry says what it did to debts: ``owes`` (new ones), ``forgives`` (places that are owed no more, and nobody
paid), ``undone`` (one for each of its first draws) and ``repays`` (one for each of its last draws).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from scrip.domain.credits.debts import (
    UNDONE,
    WRITTEN_OFF,
    Debts,
    Line,
    Places,
    Purpose,
    Span,
    span_of,
    write_owes,
    write_purpose,
)
from scrip.domain.credits.entries import Draw
from scrip.domain.credits.lots import Lot
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import full, no_fit, spent
from scrip.domain.wallets.lot_terms import terms_of

KIND: Final = "debts"
ALL: Final = "all"
"""All debts of a wallet are one sidecar."""


_Part = tuple[Purpose, Line, Span]
"""A part of a purpose's line."""


@dataclass(slots=True)
class Undone:
    """Debt that was undone.

    Attributes:
        draws: what goes back to lots that had repaid it, and ``rows`` which places of the line each had paid.
        forgives: places that nobody had paid.
    """

    draws: list[Draw] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    forgives: list[list[Any]] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """Returns how much was undone."""
        return sum(one.amount for one in self.draws) + sum(int(steps) for _, steps, *_ in self.forgives)

    @property
    def extra(self) -> dict[str, Any]:
        """Returns what an entry whose first draws these are says of them."""
        rows = {"undone": self.rows} if self.rows else {}
        return rows | ({"forgives": self.forgives} if self.forgives else {})


@dataclass(slots=True)
class Repaid:
    """Draws that repaid debt, and for each of them which places of which line.

    Attributes:
        undone: what goes back to lots that had repaid debt, as the entry's first draws; None: nothing does. What a
            lot pays in the place of others is added to it.
        restored: how many of its draws were put back by now.
    """

    draws: list[Draw] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    undone: Undone | None = None
    restored: int = 0

    @property
    def back(self) -> list[Draw]:
        """Returns the draws of what is undone."""
        return self.undone.draws if self.undone else []

    @property
    def extra(self) -> dict[str, Any]:
        """Returns what an entry says of them whose last draws they are, and whose first draws are those undone."""
        undone = self.undone.extra if self.undone else {}
        return {**undone, "repays": self.rows} if self.rows else undone


def for_meter(meter: str | None) -> Purpose:
    """Returns the purpose of what is burned by overdraft for a meter; None is no meter."""
    return Purpose(0, () if meter is None else (meter,))


def for_lot(draft: Draft, lot: Lot) -> Purpose:
    """Returns the purpose of what a clawback of this lot finds burned."""
    return Purpose(lot.seq, tuple(sorted(terms_of(draft, lot).scope)) if lot.scoped else ())


def owe_for(draft: Draft, meters: Sequence[tuple[str | None, int]]) -> dict[str, Any]:
    """Makes debt of steps for each meter, None for no meter. Returns what the entry says of it; nothing of none."""
    return owe(draft, [(for_meter(meter), steps) for meter, steps in meters])


def owe(draft: Draft, wanted: Sequence[tuple[Purpose, int]]) -> dict[str, Any]:
    """Makes debt of steps for each purpose. Returns what the entry says of it; nothing where it is none."""
    made: list[Places] = []
    for purpose, steps in wanted:
        if not steps:
            continue
        debts = _read(draft)
        made.append(Places(debts.owe(purpose, steps, draft.next_seq), steps, purpose))
        draft.owe(steps)
        _keep(draft, debts)
    return {"owes": write_owes(made)} if made else {}


def repaid(draft: Draft, lot: Lot, steps: int, made: Repaid, *, ended: bool = False) -> Lot:
    """Repays debt out of a lot that is new or was given credits back. Returns the lot then.

    Args:
        steps: how many came; no more of the lot repays.
        made: the draws are added to it; and what goes back to other lots, which ``restore`` puts there.
        ended: the lot's time is over. It repays only what its own clawback found burned.
    """
    repays = bool(draft.totals.owed and lot.repays and not ended)
    left = min(steps, lot.spendable)
    if not left or not (repays or lot.lacking):
        return lot
    debts = _read(draft)
    for purpose, start, there in _payable(draft, debts, lot, repays):
        if not left:
            break
        steps = min(left, there)
        paid = debts.lines[purpose].between(start, start + there)
        if paid and paid[0].lot > UNDONE:
            # The last of what another lot had paid goes back to it first.
            start += there - steps
            made.undone = made.undone or Undone()
            _give_back(draft, purpose, debts.lines[purpose].between(start, start + steps)[0], made.undone)
        lot, one = spent(lot, steps)
        _settle(draft, debts, purpose, span_of(start, one))
        made.draws.append(one)
        made.rows.append([str(start), *write_purpose(purpose)])
        left -= one.amount
        _keep(draft, debts)
    return lot


def at_once(draft: Draft, lot: Lot, steps: int, known: frozenset[int] = frozenset()) -> int:
    """Returns how many of the steps that come back to a lot change one other lot at most, and those that it changes.

    So a transaction can be filled with parts of what comes back.

    Args:
        known: lots that were looked at already.
    """
    if not lot.lacking or lot.seq in known:
        return steps
    debts = _read(draft)
    parts = _own(debts, lot)
    paid = [(purpose, line, start) for purpose, line, start, _, payer in parts if payer > UNDONE]
    unpaid = sum(there for _, _, _, there, payer in parts if payer <= UNDONE)
    if steps <= unpaid or not paid:
        return steps
    _, line, start = paid[0]
    (span,) = [span for span in line.spans if span.start == start]
    wanted = min(steps - unpaid, span.steps)
    return unpaid + at_once(draft, draft.lot(span.lot), wanted, known | {lot.seq})


def repaid_by(draft: Draft, purpose: Purpose, start: int, draws: Sequence[Draw]) -> dict[str, Any]:
    """Settles a debt, from the place ``start`` on, with draws from other lots. Returns what the entry says of them."""
    if not draws:
        return {}
    debts, made = _read(draft), Repaid()
    for one in draws:
        _settle(draft, debts, purpose, span_of(start, one))
        made.rows.append([str(start), *write_purpose(purpose)])
        start += one.amount
    _keep(draft, debts)
    return made.extra


def may_repay(draft: Draft, lot: Lot, purpose: Purpose) -> bool:
    """Tells whether the lot's scope has it repay such a debt."""
    return purpose.within(terms_of(draft, lot).scope if lot.scoped else ())


def write_off(draft: Draft, purpose: Purpose, start: int, steps: int) -> dict[str, Any]:
    """Forgives a debt that is owed. Returns what the entry says of it."""
    debts = _read(draft)
    _settle(draft, debts, purpose, Span(start, steps, WRITTEN_OFF))
    _keep(draft, debts)
    return {"forgives": [[str(start), str(steps), *write_purpose(purpose)]]}


def write_off_all(draft: Draft) -> dict[str, Any]:
    """Forgives all that is owed, for whatever. Returns what the entry says of it."""
    debts, rows = _read(draft), list[list[Any]]()
    for purpose, line in sorted(debts.lines.items()):
        for start, steps in list(line.owing()):
            _settle(draft, debts, purpose, Span(start, steps, WRITTEN_OFF))
            rows.append([str(start), str(steps), *write_purpose(purpose)])
    _keep(draft, debts)
    return {"forgives": rows}


def undo(draft: Draft, wanted: Sequence[Places], steps: int) -> Undone:
    """Undoes debt: what is still owed first, then what was written off, then what was repaid, the last first.

    Args:
        wanted: the places of it, in the order in which they came to be owed.
        steps: at most so many; fewer where there was less.
    """
    debts, made = _read(draft), Undone()
    nobody, unpaid, paid = list[_Part](), list[_Part](), list[_Part]()
    for start, many, purpose in wanted[::-1]:
        line = debts.lines.get(purpose)
        if not line:
            continue
        end = start + many if many else line.ever
        owing = [Span(first, left, WRITTEN_OFF) for first, left in line.owing(start, end)]
        nobody += [(purpose, line, span) for span in owing[::-1]]
        for span in line.between(start, end)[::-1]:
            if span.lot != UNDONE:
                (unpaid if span.lot == WRITTEN_OFF else paid).append((purpose, line, span))
    for purpose, line, span in (*nobody, *unpaid, *paid):
        first = max(span.start, span.end - steps)
        if first >= span.end:
            break
        # As the line is now: what was cut off before, or lies beyond ``end``, has its own share of the money.
        (part,) = line.between(first, span.end) or [Span(first, span.end - first, WRITTEN_OFF)]
        steps -= part.steps
        _settle(draft, debts, purpose, Span(part.start, part.steps, UNDONE))
        if part.lot == WRITTEN_OFF:
            made.forgives.append([str(part.start), str(part.steps), *write_purpose(purpose)])
        else:
            _give_back(draft, purpose, part, made)
        _keep(draft, debts)
    return made


def _give_back(draft: Draft, purpose: Purpose, part: Span, made: Undone) -> None:
    """Notes that a part of a line goes back to the lot that paid it, with the money that had left the lot."""
    lot = draft.lot(part.lot)
    tax = part.tax if lot.tax_at_redemption else None
    made.draws.append(Draw(part.lot, part.steps, lot.value(part.money), tax))
    made.rows.append([str(part.start), *write_purpose(purpose)])


def all_of(purpose: Purpose) -> Places:
    """Returns all places of a purpose's line."""
    return Places(0, 0, purpose)


def restore(
    draft: Draft, back: Sequence[Draw], now: int, made: Repaid, *, alive_until: int | None = None
) -> None:
    """Puts credits back into their lots: what ``made`` has undone and is not back yet, then ``back``.

    The draws that repaid debt out of them are added to ``made``. What goes back to other lots by that goes back too.

    Args:
        alive_until: lots that have ended by then do not roll over; None: by now.

    Raises:
        PolicyViolation, Crowded: more lots would be touched than one commit can hold.
    """
    rest = iter(back)
    while True:
        if made.restored < len(made.back):
            one: Draw | None = made.back[made.restored]
            made.restored += 1
        else:
            one = next(rest, None)
        if one is None:
            return
        if full(draft, 4):
            raise no_fit(draft)
        lot = draft.lot(one.lot)
        after = lot.restored(one.amount, one.value.amount if one.value else 0, one.tax or 0)
        if after.expired(now if alive_until is None else alive_until):
            after = after.ended()
        after = repaid(draft, after, one.amount, made, ended=after.expired(now))
        draft.replace(lot, after)


def _own(debts: Debts, lot: Lot) -> list[tuple[Purpose, Line, int, int, int]]:
    """Returns the parts of what the lot's own clawbacks found burned that it has not paid for, in the order to pay.

    Each is the purpose, its line, the first place, the steps, and who paid it: ``WRITTEN_OFF``, ``UNDONE`` for nobody,
    or another lot, the last of these first.
    """
    found: list[tuple[Purpose, Line, int, int, int]] = []
    for purpose, line in sorted(debts.lines.items(), key=lambda one: (one[1].since, one[0])):
        if purpose.lot != lot.seq:
            continue
        found += [(purpose, line, *part, UNDONE) for part in line.owing()]
        forgiven = [span for span in line.spans if span.lot == WRITTEN_OFF]
        paid = [span for span in line.spans[::-1] if span.lot not in (UNDONE, WRITTEN_OFF, lot.seq)]
        found += [(purpose, line, span.start, span.steps, span.lot) for span in (*forgiven, *paid)]
    return found


def _payable(draft: Draft, debts: Debts, lot: Lot, repays: bool) -> list[tuple[Purpose, int, int]]:
    """Returns the purpose, the first place and the steps of what the lot is to repay, in order."""
    own = _own(debts, lot) if lot.lacking else ()
    found = [(purpose, start, there) for purpose, _, start, there, _ in own]
    others = sorted(debts.lines.items(), key=lambda one: (one[1].since, one[0]))
    for purpose, line in others if repays else ():
        if purpose.lot != lot.seq and line.owed and may_repay(draft, lot, purpose):
            found += [(purpose, *part) for part in line.owing()]
    return found


def _settle(draft: Draft, debts: Debts, purpose: Purpose, span: Span) -> None:
    """Puts a span on a line, and lowers what the wallet owes by what was owed there."""
    draft.owe(-debts.settle(purpose, span))


def _read(draft: Draft) -> Debts:
    debts = Debts.from_json(draft.sidecar(KIND, ALL))
    debts.include(draft.totals.owed)
    return debts


def _keep(draft: Draft, debts: Debts) -> None:
    debts.forget()
    draft.keep(KIND, ALL, debts.to_json())
