"""Which lots pay where several items are paid in one entry: each from the lots that may pay for its meter.

Where no lot has a scope, or all items are of one meter, the items are paid in their order, together as one sum would
be. Else the item comes first whose meter has the fewest credits to spare beyond what
is asked of it, so that one item does not take what another alone can use. Does not own how one sum is paid (``draws``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from scrip.domain.credits.entries import Draw
from scrip.domain.credits.errors import InsufficientCredits
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import draws
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.draws import Drawn, Take, spent
from scrip.domain.wallets.lot_terms import pays_for


class ItemCost(NamedTuple):
    """What one item costs: steps for a meter, None where no meter counts it. ``item``: its place among the items."""

    item: int
    meter: str | None
    steps: int


@dataclass(slots=True)
class Shares:
    """What lots gave for several items.

    Attributes:
        draws: in the order taken; ``items`` says for each of which item it is.
        lacking: what lots could not give of each item, in the items' order.
        owed: the steps of it that become debt, the first item's first.
    """

    draws: list[Draw] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    lacking: list[ItemCost] = field(default_factory=list)
    owed: int = 0

    @property
    def short(self) -> int:
        """Returns the steps that lots could not give."""
        return sum(part.steps for part in self.lacking)

    @property
    def owes(self) -> list[tuple[str | None, int]]:
        """Returns the steps that become debt, by the meter that they were burned for."""
        found: dict[str | None, int] = {}
        left = self.owed
        for part in self.lacking:
            steps = min(left, part.steps)
            left -= steps
            if steps:
                found[part.meter] = found.get(part.meter, 0) + steps
        return list(found.items())


def pay_parts(
    draft: Draft,
    parts: Sequence[ItemCost],
    policy: Policy,
    *,
    partly: bool = False,
    overdraft: int = 0,
    take: Take = spent,
) -> Shares:
    """Takes what all items cost, as ``draws.pay`` takes one sum.

    Raises:
        InsufficientCredits, PolicyViolation, Crowded: as ``draws.pay``.
    """
    meters = {part.meter for part in parts}
    if len(meters) == 1 or not draft.totals.scoped:
        meter = next(iter(meters)) if len(meters) == 1 else None
        total = sum(part.steps for part in parts)
        paid = draws.pay(draft, total, policy, meter=meter, partly=partly, overdraft=overdraft, take=take)
        return split(paid, parts)
    return _pay_apart(draft, parts, policy, partly, overdraft, take)


def draws_by_meter(
    parts: Sequence[ItemCost], draws: Sequence[Draw], items: Sequence[int]
) -> dict[str | None, list[Draw]]:
    """Returns the draws that paid for each meter; ``items`` says for each draw of which item it is."""
    meter_of = {part.item: part.meter for part in parts}
    found: dict[str | None, list[Draw]] = {}
    for one, item in zip(draws, items, strict=True):
        found.setdefault(meter_of[item], []).append(one)
    return found


def split(paid: Drawn, parts: Sequence[ItemCost]) -> Shares:
    """Says which item each draw is of: the first items are paid first. A draw of two items becomes two.

    The money of a draw is split by its steps, so that the parts have all of it.
    """
    made, coming = Shares(owed=paid.owed), list(paid.draws)[::-1]
    for part in parts:
        left = part.steps
        while left and coming:
            one = coming.pop()
            first, rest = _cut(one, min(left, one.amount))
            if rest:
                coming.append(rest)
            made.draws.append(first)
            made.items.append(part.item)
            left -= first.amount
        if left:
            made.lacking.append(part._replace(steps=left))
    return made


def _cut(one: Draw, steps: int) -> tuple[Draw, Draw | None]:
    """Returns the first steps of a draw, and the rest of it, None where there is none."""
    if steps == one.amount:
        return one, None
    value, tax = one.value, one.tax
    first, rest = Draw(one.lot, steps), Draw(one.lot, one.amount - steps)
    if value is not None:
        money, kind = value.amount * steps // one.amount, type(value)
        first = first._replace(value=kind(money, value.currency))
        rest = rest._replace(value=kind(value.amount - money, value.currency))
    if tax is not None:
        first = first._replace(tax=tax * steps // one.amount)
        rest = rest._replace(tax=tax - tax * steps // one.amount)
    return first, rest


class _Source(NamedTuple):
    """An open lot as far as choosing goes: its free steps, whether they are paid, and the meters it may pay for."""

    steps: int
    paid: bool
    pays: frozenset[str | None]


def _pay_apart(
    draft: Draft, parts: Sequence[ItemCost], policy: Policy, partly: bool, overdraft: int, take: Take
) -> Shares:
    """Pays items of several meters where lots have scopes. Raises as ``pay_parts``."""
    meters = list(dict.fromkeys(part.meter for part in parts))
    sources = [
        _Source(lot.spendable, bool(lot.cost), frozenset(one for one in meters if pays_for(draft, lot, one)))
        for lot in draft.every_open_lot()
    ]
    reach = {one: sum(lot.steps for lot in sources if one in lot.pays) for one in meters}
    asked = {one: sum(part.steps for part in parts if part.meter == one) for one in meters}
    ordered = sorted(parts, key=lambda part: reach[part.meter] - asked[part.meter])
    total, share = sum(part.steps for part in parts), draws.share_of(policy)

    def given(burned: int) -> int:
        """Returns what lots give of all items where promotional ones give their share of so much."""
        return sum(_given(sources, ordered, policy, draws.part_of(share, burned)).values())

    most = total if given(total) + overdraft >= total else _largest(given, total, overdraft)
    if most < total and not partly:
        there = given(_largest(given, total, 0))
        eligible = sum(lot.steps for lot in sources if lot.pays)
        raise InsufficientCredits(
            required=total,
            available=there,
            out_of_scope=draft.totals.available - eligible,
            withheld=eligible - there,
        )
    promised = _given(sources, ordered, policy, draws.part_of(share, most))
    made = Shares()
    budgets = {False: draws.part_of(share, most), True: total}
    for part in ordered:
        taken = draws.draw_for(draft, promised[part.item], part.meter, policy, take, budgets)
        made.draws += taken
        made.items += [part.item] * len(taken)
    got = sum(one.amount for one in made.draws)
    if got < sum(promised.values()) and (draft.entries or not partly):
        raise draws.no_fit(draft)
    given_to = {part.item: 0 for part in parts}
    for one, item in zip(made.draws, made.items, strict=True):
        given_to[item] += one.amount
    left = [part._replace(steps=part.steps - given_to[part.item]) for part in parts]
    made.lacking = [part for part in left if part.steps]
    made.owed = min(overdraft, made.short) if got == sum(promised.values()) else 0
    return made


def _largest(given: Callable[[int], int], total: int, overdraft: int) -> int:
    """Returns the largest burn for which lots and overdraft give enough."""
    low, high = 0, total
    while low < high:
        middle = (low + high + 1) // 2
        if given(middle) + overdraft >= middle:
            low = middle
        else:
            high = middle - 1
    return low


def _given(
    sources: Sequence[_Source], parts: Sequence[ItemCost], policy: Policy, promotional: int
) -> Mapping[int, int]:
    """Returns how much lots give to each item, by its place, where promotional ones give so much at most."""
    left, found = [lot.steps for lot in sources], {}
    budget = {False: promotional, True: sum(left)}
    for part in parts:
        wanted = part.steps
        for categories in draws.PASSES[policy.stacking]:
            for at, lot in enumerate(sources):
                if lot.paid in categories and part.meter in lot.pays:
                    steps = min(wanted, left[at], budget[lot.paid])
                    left[at] -= steps
                    budget[lot.paid] -= steps
                    wanted -= steps
        found[part.item] = part.steps - wanted
    return found
