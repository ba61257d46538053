"""The checks of budgets: what is kept of them, and of what was spent, against what the entries say (laws 1, 3 and 6).

The entries put and delete the budgets, and say what they counted: so it follows from them alone which budgets there
are, what was spent of each, that nothing that counts was left out, and that nothing was given back twice. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.wallets import budget_counters, budgets
from scrip.domain.wallets.budget_reversals import pieces
from scrip.domain.wallets.budgets import EACH, Budget
from scrip.domain.wallets.wallet import Name, Sidecar, Wallet

SPENT: Final = budget_counters.KIND
_DAYS: Final = {"D": 1, "W": 7, "M": 31, "Y": 366}
_HOUR: Final = 3_600_000
_SLACK: Final = 3 * _HOUR
"""By how much a change of the clocks may make a period longer than its days."""


class _CounterPlace(NamedTuple):
    """A counter: of a budget, as it counts since an entry; and of each member's own, the member."""

    budget: str
    since: int
    member: str | None


def check_budgets(
    wallet: Wallet, entries: Iterable[Entry], sidecars: Mapping[Name, Sidecar]
) -> Iterator[Discrepancy]:
    """Checks that a wallet's budgets and their counters are those that its entries say.

    Args:
        entries: the wallet's, in their order.
        sidecars: those of budgets and of what was spent, at least.
    """
    told = _ToldBudgets()
    for entry in entries:
        try:
            wrong = list(told.follow(entry))
        except UNREADABLE:
            wrong = ["says of budgets what cannot be read"]
        for what in wrong:
            yield Discrepancy(f"entry {entry.seq} {what}", entry.seq, entry.id)
    kept = sidecars.get((budgets.KIND, budgets.ALL))
    expected = {name: one.to_json() for name, one in told.budgets.items()} or None
    if kept != expected:
        yield Discrepancy("the budgets that are kept are not those that the entries put", wallet.version)
    if wallet.budgeted != bool(expected):
        yield Discrepancy(
            "the wallet says that it has budgets, or none, other than its entries", wallet.version
        )
    yield from _wrong_counters(told, sidecars)


def _wrong_counters(told: _ToldBudgets, sidecars: Mapping[Name, Sidecar]) -> Iterator[Discrepancy]:
    """Yields the counters that are not what the entries counted."""
    kept: dict[_CounterPlace, tuple[int, int]] = {}
    for (kind, name), sidecar in sidecars.items():
        if kind != SPENT:
            continue
        member = None if name == budget_counters.WALLET else name.removeprefix(budget_counters.BY)
        try:
            for budget, (since, start, _, steps) in sidecar.items():
                kept[_CounterPlace(budget, since, member)] = int(steps), start
        except UNREADABLE:
            yield Discrepancy(f"what is kept as spent under {name} cannot be read")
    live = {name: one.since for name, one in told.budgets.items()}
    for place in sorted(told.spent.keys() | kept.keys(), key=str):
        expected, there = told.spent.get(place, (0, 0)), kept.get(place)
        if there is None and live.get(place.budget) != place.since:
            # Of a budget that there is no more it is dropped with the next change beside it.
            continue
        if there is None and not expected[0]:
            continue
        if there != expected:
            whose = "" if place.member is None else f" by {place.member}"
            steps = there[0] if there else 0
            what = f"{steps} are kept as spent{whose} of the budget {place.budget}, its entries say {expected[0]}"
            yield Discrepancy(what)


class _ToldBudgets:
    """Budgets, and what was spent of them, as entries tell it.

    Attributes:
        budgets: by their names. spent: steps, and the beginning of the period that they were counted in last.
        held: what holds count of each budget, by the hold's sequence and the budget.
    """

    def __init__(self) -> None:
        self.budgets: dict[str, Budget] = {}
        self.spent: dict[_CounterPlace, tuple[int, int]] = {}
        self.held: dict[tuple[int, str, int, int], int] = {}

    def follow(self, entry: Entry) -> Iterator[str]:
        """Follows one entry. Yields what is wrong with it, in words. Raises one of ``UNREADABLE``."""
        put = entry.extra.get(budgets.MEMBER) if entry.kind == "status" else None
        if put is not None:
            self._change(put)
            return
        said: Mapping[str, Any] = entry.extra.get(budget_counters.MEMBER, {})
        for name, told in said.items():
            yield from self._count(entry, name, told)
        yield from self._left_out(entry, said)

    def _change(self, put: Mapping[str, Any]) -> None:
        """Puts or deletes a budget."""
        body = dict(put)
        name = body.pop("id")
        if body.get("deleted"):
            self.budgets.pop(name)
        else:
            self.budgets[name] = Budget.from_json(name, body)

    def _count(self, entry: Entry, name: str, told: Mapping[str, Any]) -> Iterator[str]:
        """Follows what an entry counted in a budget."""
        one, counted, held = self.budgets.get(name), int(told["counted"]), int(told.get("held", 0))
        since, start = told["of"], told["from"]
        if one is None or one.since != since:
            yield f"counts in a budget {name} that there is not"
            return
        longest = int(one.terms.every[1:-1]) * _DAYS[one.terms.every[-1]] * 24 * _HOUR + _SLACK
        if not start <= entry.at < start + longest:
            yield f"counts in another period of the budget {name} than its own"
        place = _CounterPlace(name, since, told.get("member") if one.terms.member == EACH else None)
        before, last = self.spent.get(place, (0, start))
        now = (before if last == start else 0) + counted
        if start < last:
            yield f"counts in a period of the budget {name} that is over"
        if now < 0:
            yield f"gives more back to the budget {name} than was spent of it"
        if counted > 0 and one.terms.action == "refuse" and now > one.terms.limit:
            yield f"spends {now} of the budget {name}, whose limit is {one.terms.limit}"
        if counted:
            self.spent[place] = now, start
        back = int(told.get("back", max(0, -counted)))
        yield from self._hold(entry, (name, since, start), counted, held, back)

    def _hold(
        self, entry: Entry, of: tuple[str, int, int], counted: int, held: int, back: int
    ) -> Iterator[str]:
        """Follows what a hold counts: what it set aside, less what it gave back or spent of that."""
        hold = entry.extra.get("hold")
        if not hold:
            return
        place = (hold["seq"], *of)
        left = self.held.get(place, 0) - held
        left += counted if entry.kind in ("hold", "release") else -back
        self.held[place] = left
        if left < 0 or held < 0:
            yield f"gives back or spends more than its hold had counted in the budget {of[0]}"
        kept = (hold.get("budgets") or {}).get(of[0])
        if int(kept[2] if kept and tuple(kept[:2]) == of[1:] else 0) != left:
            yield f"says that its hold counts other steps of the budget {of[0]} than its entries"

    def _left_out(self, entry: Entry, said: Mapping[str, Any]) -> Iterator[str]:
        """Yields what an entry that spends, or sets aside, should have counted otherwise."""
        if not self.budgets or entry.kind not in ("burn", "hold"):
            return
        found = list(pieces(entry))
        for name, one in self.budgets.items():
            if not one.counts(entry.member):
                continue
            expected = sum(steps for meter, steps in found if one.is_for(meter))
            told = int(said[name]["counted"]) if name in said else 0
            if told != expected:
                yield f"counts {told} in the budget {name}, and spends {expected} of it"
