"""What a reversal takes off the counters of budgets: what the reversed entry had counted, in the period of then.

Steps that an entry counted come back before those of it that it did not count: these, of a hold of an earlier period,
were drawn first, and a reversal begins with the last. Does not own the counters (``budget_counters``), nor what comes
back (``corrections``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from scrip.domain.credits.debts import read_owes
from scrip.domain.credits.entries import Entry
from scrip.domain.credits.usage import meters_of_draws
from scrip.domain.wallets import budget_counters
from scrip.domain.wallets.budget_counters import MEMBER, Meter
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.record_reversals import ReversalPlan


class Reversed(NamedTuple):
    """Steps that a reversal gives back for one meter.

    Attributes:
        done: how many had come back before.
        steps: how many come back now.
        others: besides, of other entries, which fractions had completed.
    """

    done: int = 0
    steps: int = 0
    others: int = 0

    def plus(self, other: Reversed) -> Reversed:
        """Returns both together."""
        return Reversed(self.done + other.done, self.steps + other.steps, self.others + other.others)


def reverse(draft: Draft, burned: Entry, planned: ReversalPlan, now: int) -> dict[str, Any]:
    """Takes off what an entry had counted, as far as it is reversed. Returns what the reversal's entry says of it."""
    counters = budget_counters.load(draft, burned.member, now)
    back, loose = _records(burned, planned) if planned.items is not None else _single(burned, planned)
    said: Mapping[str, Any] = burned.extra[MEMBER]
    for name, told in said.items():
        one = counters.known.get(name)
        if one is None or one.since != told["of"] or counters.spent[name].start != told["from"]:
            continue
        sums = Reversed()
        for meter, each in back.items():
            sums = sums.plus(each) if loose or one.is_for(meter) else sums
        counted = int(told["counted"])
        # What its hold gave back with it, for another meter, is no part of what it spent.
        counted += int(told.get("back", max(0, -counted))) + int(told.get("held", 0))
        taken = min(counted, sums.done + sums.steps) - min(counted, sums.done)
        counters.take_off(name, taken + sums.others)
    return counters.keep()


def _records(burned: Entry, planned: ReversalPlan) -> tuple[dict[Meter, Reversed], bool]:
    """Returns what a reversal of records gives back by meter. What a lease is for counts for its meter alone."""
    assert planned.items is not None
    lease = burned.extra.get("hold", {}).get("meter")
    given, found = Counter(planned.fractions.given_for), dict[Meter, Reversed]()
    for meter, (done, steps) in planned.items.items():
        more = Reversed(done, steps, given[meter or ""])
        found[meter or lease] = found.get(meter or lease, Reversed()).plus(more)
    return found, False


def _single(burned: Entry, planned: ReversalPlan) -> tuple[dict[Meter, Reversed], bool]:
    """Returns what a reversal of a single burn gives back by meter; and whether the entry does not say its meters.

    What was owed comes back first, then the draws, the last drawn first.
    """
    hold, usage = burned.extra.get("hold", {}), burned.extra.get("usage")
    first = planned.before
    end = first + planned.owed + sum(one.amount for one in planned.back)
    given = Counter(planned.fractions.given_for)
    found: dict[Meter, Reversed] = {meter: Reversed(others=steps) for meter, steps in given.items()}
    at = 0
    for meter, steps in pieces(burned):
        before, after = (max(0, min(at + steps, bound) - at) for bound in (first, end))
        found[meter] = found.get(meter, Reversed()).plus(Reversed(before, after - before))
        at += steps
    return found, usage is None and bool(hold.get("split"))


def pieces(entry: Entry) -> Iterator[tuple[Meter, int]]:
    """Yields the steps that an entry spends, or sets aside, by the meter that they are for.

    In the order in which a reversal gives them back: what was owed, then the draws, the last drawn first.
    """
    hold = entry.extra.get("hold", {})
    for one in read_owes(entry.extra.get("owes")):
        yield next(iter(one.purpose.meters), None), one.steps
    if entry.kind == "hold" and hold.get("split"):
        for meter, parts in hold["split"]:
            yield meter, sum(map(int, parts))
        return
    for meter, draw in zip(reversed(meters_of_draws(entry)), reversed(entry.draws), strict=True):
        yield meter, draw.amount
