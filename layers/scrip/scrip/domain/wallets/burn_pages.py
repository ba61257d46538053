"""Pages of burns: up to a thousand records of one stream, booked by one entry (law 3).

What can be paid is taken in the records' order; one that cannot, or that a budget does not allow, is refused alone, and
its offset is used up. Where all can be paid, which is nearly always, they are paid as one sum. Pure: changes a draft
and records an entry, or raises a refusal by name. Does not own the offsets (``streams``), nor what a record costs
(``record_sums``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scrip.domain.credits.entries import Cause, Draw, Entry
from scrip.domain.credits.errors import Crowded, InsufficientCredits, PolicyViolation
from scrip.domain.credits.records import BUDGET, POLICY
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import carries, draws, streams
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.record_sums import RecordCost, RecordSums, budget_of, sums_of
from scrip.domain.wallets.repayments import owe_for
from scrip.domain.wallets.shares import draws_by_meter, pay_parts
from scrip.domain.wallets.status import require_active

if TYPE_CHECKING:
    from scrip.domain.wallets.budget_counters import Counters


@dataclass(frozen=True, slots=True)
class BurnPage:
    """Records to be booked.

    Attributes:
        stream: names the count of their offsets.
        first: the offset of the first of them.
        records: each priced; None where the sender gave its offset up.
        since: the first offset that is given up before ``first``; None: none is.
    """

    stream: str
    first: int
    records: Sequence[RecordCost | None]
    since: int | None = None


@dataclass(slots=True)
class _Paid:
    """What was paid for: the sums, the draws with the item of each, and what is owed for each meter."""

    sums: RecordSums
    draws: Sequence[Draw] = ()
    items: Sequence[int] = ()
    owes: Sequence[tuple[str | None, int]] = ()


def burn(draft: Draft, page: BurnPage, policy: Policy, now: int, cause: Cause) -> Entry:
    """Books the records; fewer of them, the first ones, where one commit can touch no more lots.

    Raises:
        WalletClosed, WalletFrozen: nothing is spent from such a wallet.
        Crowded: the first record alone would touch more lots than fit beside what is due.
        BodyTooLarge: the entry's row would be too large.
    """
    require_active(draft)
    budget = budget_of(draft, cause.member, now)
    paid = _together(draft, page, policy, budget) or _OneByOne(draft, page, policy, budget).paid()
    sums = paid.sums
    counted = budget.keep() if budget else {}
    records = sums.packed()
    owes = owe_for(draft, paid.owes)
    owes |= carries.change_all(draft, sums.rests, draws_by_meter(sums.parts, paid.draws, paid.items))
    streams.advance(draft, page.stream, page.first + len(sums.records))
    said = sums.told(page.stream, page.first, page.since, records, paid.items)
    sums.keep_counts()
    return draft.record("burn", paid.draws, now, cause, {"missing": "0", **owes, **counted, **said}, records)


def _together(draft: Draft, page: BurnPage, policy: Policy, budget: Counters | None) -> _Paid | None:
    """Pays all records that budgets allow as one sum, each meter from the lots that may pay for it.

    Returns None where they cannot all be paid.
    """
    sums = sums_of(draft, page.records)
    for one in page.records:
        if one is None:
            sums.skip()
            continue
        steps, rest = sums.price(one)
        if budget and not budget.allows(one.meter, steps):
            sums.refuse(one, steps, BUDGET)
            continue
        if budget:
            budget.count([(one.meter, steps)], checked=False)
        sums.pay(one, steps, rest)
    if not sums.steps:
        return _Paid(sums)
    saved = draft.savepoint()
    try:
        paid = pay_parts(draft, sums.parts, policy, overdraft=policy.overdraft(draft.totals.owed))
    except (InsufficientCredits, PolicyViolation, Crowded):
        draft.rollback(saved)
        if budget:
            budget.changes.clear()
        return None
    return _Paid(sums, paid.draws, paid.items, paid.owes)


@dataclass(slots=True)
class _OneByOne:
    """Pays the records one after the other, as if each were a burn of its own."""

    draft: Draft
    page: BurnPage
    policy: Policy
    budget: Counters | None
    drawn: dict[tuple[str | None, int], Draw] = field(default_factory=dict)
    owed: dict[str | None, int] = field(default_factory=dict)

    def paid(self) -> _Paid:
        """Returns what was paid for, up to the record that fits no more. Raises as ``burn``."""
        sums = sums_of(self.draft, self.page.records)
        for one in self.page.records:
            if one is None:
                sums.skip()
                continue
            steps, rest = sums.price(one)
            if self.budget and not self.budget.allows(one.meter, steps):
                sums.refuse(one, steps, BUDGET)
                continue
            try:
                self._pay(one, steps)
            except InsufficientCredits:
                sums.refuse(one, steps)
                continue
            except PolicyViolation:
                if sums.records:
                    break
                # Of more lots than any commit can hold: it is refused alone, or its stream would stand still.
                sums.refuse(one, steps, POLICY)
                continue
            except Crowded:
                if not sums.records:
                    raise
                break
            sums.pay(one, steps, rest)
            if self.budget:
                self.budget.count([(one.meter, steps)], checked=False)
        item_of = {meter: item for item, meter in enumerate(sums.meters)}
        ordered = sorted(self.drawn.items(), key=lambda drawn: item_of[drawn[0][0]])
        items = [item_of[meter] for (meter, _), _ in ordered]
        return _Paid(sums, [one for _, one in ordered], items, list(self.owed.items()))

    def _pay(self, one: RecordCost, steps: int) -> None:
        """Takes what one record costs. Raises as ``draws.pay``, and changes nothing then."""
        if not steps:
            return
        overdraft = self.policy.overdraft(self.draft.totals.owed + sum(self.owed.values()))
        saved = self.draft.savepoint()
        try:
            paid = draws.pay(self.draft, steps, self.policy, meter=one.meter, overdraft=overdraft)
        except (InsufficientCredits, PolicyViolation, Crowded):
            self.draft.rollback(saved)
            raise
        for each in paid.draws:
            known = self.drawn.get((one.meter, each.lot))
            self.drawn[one.meter, each.lot] = known.plus(each) if known else each
        if paid.owed:
            self.owed[one.meter] = self.owed.get(one.meter, 0) + paid.owed
