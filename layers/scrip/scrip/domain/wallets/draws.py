"""Which lots pay, and what paying does to them. The one place that walks the order of lots.

A burn, a hold and all else that takes credits goes through here: eligible scope first, then, where the unit's policy
says so, promotional credits before paid ones or the other way round, then the wallet's order (DOMAIN, Order).
Promotional is what has no cost basis, whatever the kind of its lot says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from scrip.domain.credits import limits
from scrip.domain.credits.entries import Draw
from scrip.domain.credits.errors import Crowded, InsufficientCredits, PolicyViolation
from scrip.domain.credits.limits import LARGEST_TOTAL
from scrip.domain.credits.lots import Fate, Lot
from scrip.domain.credits.units import Policy, Stacking
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.lot_terms import pays_for

Take = Callable[[Lot, int], tuple[Lot, Draw]]
"""Takes steps from a lot. Returns the lot as it is then, and the draw that says so."""
Fits = Callable[[Lot], bool]

PASSES: Final[dict[Stacking, tuple[tuple[bool, ...], ...]]] = {
    "free": ((False, True),),
    "promotional_first": ((False,), (True,)),
    "paid_first": ((True,), (False,)),
}
"""How often the order is walked, and each time for whom: promotional (False) or paid (True) lots."""


def spent(lot: Lot, steps: int, fate: Fate = "depleted") -> tuple[Lot, Draw]:
    """Takes steps out of a lot, and their money with them. ``fate``: that of a lot that has nothing left then."""
    after, value = lot.less(steps, fate)
    if lot.tax_at_redemption:
        return after, Draw(lot.seq, steps, lot.value(value), lot.tax_of(steps))
    return after, Draw(lot.seq, steps, lot.value(value))


def ended(lot: Lot, steps: int, fate: Fate = "depleted") -> tuple[Lot, Draw]:
    """Takes steps out of a lot that nobody spent. A refund of them makes no debt, so the lot counts them."""
    after, one = spent(lot, steps, fate)
    if not one.value:
        return after, one
    return after._replace(unused=after.unused + steps, breakage=after.breakage + one.value.amount), one


def moved(lot: Lot, steps: int) -> tuple[Lot, Draw]:
    """Takes steps out of a lot that become another lot's, with their money and their tax (law 7)."""
    after, one = spent(lot, steps)
    if not one.value:
        return after, one
    tax = lot.tax_of(steps)
    after = after._replace(moved_money=lot.moved_money + one.value.amount, moved_tax=lot.moved_tax + tax)
    return after, one._replace(tax=tax)


def spent_of_held(lot: Lot, steps: int) -> tuple[Lot, Draw]:
    """Takes steps out of what holds have set aside of a lot, and their money and tax with them."""
    after, value = lot.held_less(steps)
    tax = lot.tax_of(steps) if lot.tax_at_redemption else None
    return after, Draw(lot.seq, steps, lot.value(value), tax)


def set_aside(lot: Lot, steps: int) -> tuple[Lot, Draw]:
    """Holds steps of a lot. They stay in it, and their money stays deferred."""
    return lot.set_aside(steps), Draw(lot.seq, steps)


def draw(
    draft: Draft,
    wanted: int,
    take: Take = spent,
    fits: Fits | None = None,
    budgets: dict[bool, int] | None = None,
) -> list[Draw]:
    """Takes ``wanted`` steps from open lots in their order; less where a commit can hold no more.

    Args:
        fits: which lots, None for all.
        budgets: steps that promotional (False) and paid (True) lots may give; what is taken is taken off.
    """
    draws: list[Draw] = []
    for lot in draft.open_lots():
        if not wanted or full(draft):
            break
        if fits and not fits(lot):
            continue
        steps = min(wanted, lot.spendable, budgets[bool(lot.cost)] if budgets else wanted)
        if not steps:
            continue
        after, one = take(lot, steps)
        draft.replace(lot, after)
        draws.append(one)
        wanted -= steps
        if budgets:
            budgets[bool(lot.cost)] -= steps
    return draws


def full(draft: Draft, spare: int = 0) -> bool:
    """Tells whether the decision can touch no further lot; ``spare`` items are kept beside the usual slack."""
    return draft.weight() >= limits.COMMIT_ITEMS - limits.COMMIT_SLACK - spare


@dataclass(frozen=True, slots=True)
class Drawn:
    """What lots gave, in the order taken, and the steps that they could not give: ``owed`` of them become debt."""

    draws: Sequence[Draw]
    short: int
    owed: int


def pay(
    draft: Draft,
    amount: int,
    policy: Policy,
    *,
    meter: str | None = None,
    partly: bool = False,
    overdraft: int = 0,
    take: Take = spent,
) -> Drawn:
    """Takes ``amount`` steps from lots that may pay for the meter, in the policy's stacking and within its share.

    Args:
        partly: less is better than nothing.
        overdraft: steps that may stay short. They count as paid credits.

    Raises:
        InsufficientCredits: not ``partly``, and lots and overdraft together cannot give so much.
        PolicyViolation: not ``partly``, and more lots would be touched than one commit can hold.
        Crowded: it would fit, were it not for what else is in the decision.
    """
    share = share_of(policy)
    free, paid = _there(draft, amount, meter, share)
    most = _most(free, paid + overdraft, share)
    if amount > most and not partly:
        most = _most(free, paid, share)
        raise InsufficientCredits(
            required=amount,
            available=most,
            out_of_scope=draft.totals.available - free - paid,
            withheld=free + paid - most,
        )
    burned = min(amount, most)
    budgets = {False: min(free, part_of(share, burned)), True: paid}
    wanted = min(burned, sum(budgets.values()))
    draws = draw_for(draft, wanted, meter, policy, take, budgets if share < 1 else None)
    taken = sum(one.amount for one in draws)
    if taken < wanted and (draft.entries or not partly):
        raise no_fit(draft)
    return Drawn(draws, amount - taken, burned - wanted if taken == wanted else 0)


def spendable(draft: Draft, policy: Policy, meter: str | None) -> int:
    """Returns the largest burn for a meter, in steps: what lots may pay within the policy's share, and its overdraft.

    A burn of so much may yet be too large for one commit, if it takes very many lots.
    """
    if draft.status != "active":
        return 0
    share = share_of(policy)
    free, paid = _there(draft, LARGEST_TOTAL, meter, share)
    return _most(free, paid + policy.overdraft(draft.totals.owed), share)


def draw_for(
    draft: Draft,
    wanted: int,
    meter: str | None,
    policy: Policy,
    take: Take,
    budgets: dict[bool, int] | None,
) -> list[Draw]:
    """Takes ``wanted`` steps from lots that may pay for the meter, in the policy's stacking; see ``draw``."""
    draws: list[Draw] = []
    for categories in PASSES[policy.stacking]:
        left = wanted - sum(one.amount for one in draws)
        draws += draw(draft, left, take, _fits(draft, meter, categories), budgets)
    return draws


def no_fit(draft: Draft) -> Crowded | PolicyViolation:
    """Returns the refusal of what does not fit into a transaction: beside what else is recorded, or at all."""
    if draft.entries:
        return Crowded("it does not fit beside what else is to be committed")
    return too_many_lots()


def too_many_lots() -> PolicyViolation:
    """Returns the refusal of a decision that touches more lots than a transaction can hold."""
    return PolicyViolation(
        "this would touch more lots than one commit can hold: do it in parts", policy="max_lots_per_burn"
    )


def _there(draft: Draft, amount: int, meter: str | None, share: Fraction) -> tuple[int, int]:
    """Returns the promotional and the paid steps that may pay for the meter.

    It looks at no lot where the totals say enough. Where it does not matter which are which, all of them count as paid.
    """
    totals = draft.totals
    if not totals.scoped:
        return totals.available - totals.paid, totals.paid
    unscoped = totals.available - totals.scoped
    if share == 1 and (meter is None or amount <= unscoped):
        return 0, unscoped
    found = {False: 0, True: 0}
    for lot in draft.every_open_lot():
        if pays_for(draft, lot, meter):
            found[bool(lot.cost)] += lot.spendable
    return found[False], found[True]


def _most(free: int, paid: int, share: Fraction) -> int:
    """Returns the largest burn of which promotional credits pay no more than their share, and paid ones the rest."""
    if share == 1:
        return free + paid
    low, high = 0, free + paid
    while low < high:
        middle = (low + high + 1) // 2
        if middle - min(free, part_of(share, middle)) <= paid:
            low = middle
        else:
            high = middle - 1
    return low


def share_of(policy: Policy) -> Fraction:
    """Returns the largest share of a burn that promotional credits pay."""
    return _share(policy.promotional_share_max)


@lru_cache(maxsize=64)
def _share(text: str) -> Fraction:
    """Parses a decimal as a fraction, once: that takes longer than choosing the lots."""
    return Fraction(text)


def part_of(share: Fraction, amount: int) -> int:
    """Returns the promotional share of an amount, rounded down."""
    return amount * share.numerator // share.denominator


def _fits(draft: Draft, meter: str | None, categories: Sequence[bool]) -> Fits | None:
    """Returns the test for lots of these categories that may pay for the meter; None where every lot passes it."""
    if len(categories) == 2 and not draft.totals.scoped:
        return None
    return lambda lot: bool(lot.cost) in categories and pays_for(draft, lot, meter)
