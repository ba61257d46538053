"""Wallets with budgets, and what is spent of them: shared by the tests of budgets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.ids import hold_id, page_entry_id
from scrip.domain.credits.units import Policy
from scrip.domain.wallets import budget_counters, budgets, burn_pages, burns, leases
from scrip.domain.wallets.budgets import BudgetTerms
from scrip.domain.wallets.burn_pages import BurnPage
from scrip.domain.wallets.captures import Capture, capture
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.holds import Hold, place
from scrip.domain.wallets.leases import Settlement
from scrip.domain.wallets.record_sums import RecordCost
from scrip.domain.wallets.shares import ItemCost
from tests.domain.builders import START, span
from tests.domain.memory import Vault

DAY: Final = 86_400_000
MIDNIGHT: Final = START - START % DAY
"""The first instant of the day on which the examples begin."""


def daily(limit: int, **more: Any) -> BudgetTerms:
    """A budget of each day of UTC."""
    return BudgetTerms(limit, "P1D", MIDNIGHT, **more)


class Purse(Vault):
    """A wallet whose burns say who uses the credits, and what for."""

    def usage(self, meter: str) -> dict[str, Any] | None:
        return {"usage": {"meter": meter}}

    def budget(self, terms: BudgetTerms, name: str = "day") -> Entry | None:
        return self.carry_out_if_any(
            lambda draft, now: budgets.put(draft, name, terms, now, self.cause("budget"))
        )

    def unbudget(self, name: str = "day") -> Entry:
        return self.carry_out(lambda draft, now: budgets.delete(draft, name, now, self.cause("budget")))

    def spent(self, name: str = "day", member: str | None = None) -> int:
        """What a read shows of a budget's present period."""

        def look(draft: Draft) -> int:
            budget_counters.need(draft, [member])
            one = budgets.all_of(draft)[name]
            return budget_counters.spent_of(draft, one, member, max(self.now, draft.wallet.at)).steps

        return self.reading(look)

    def items(self, *parts: tuple[str | None, int], mode: burns.Mode = "exact") -> Entry:
        """A burn of several items: each a meter and what it costs."""
        costs = [ItemCost(at, meter, steps) for at, (meter, steps) in enumerate(parts)]
        usage = {"usage": [{"meter": meter} for meter, _ in parts]}
        command = burns.Burn(
            sum(one.steps for one in costs), self.policy, mode, parts[0][0], usage, parts=costs
        )
        return self.carry_out(lambda draft, now: burns.burn(draft, command, now, self.cause("items")))

    def hold_for(self, *parts: tuple[str | None, int], text: str = "15m", over: str = "refuse") -> Hold:
        """A hold of several meters."""
        costs = [ItemCost(at, meter, steps) for at, (meter, steps) in enumerate(parts)]
        amount = sum(one.steps for one in costs)
        wanted = Hold(0, amount, self.now + span(text), over, (), parts[0][0])  # type: ignore[arg-type]
        entry = self.carry_out(
            lambda draft, now: place(draft, wanted, self.policy, now, self.cause("hold"), costs)
        )
        return Hold.from_json(entry.extra["hold"])

    def capture_for(self, hold: Hold, *parts: tuple[str | None, int], final: bool = True) -> Entry:
        """A capture of so much for each meter."""
        costs = [ItemCost(at, meter, steps) for at, (meter, steps) in enumerate(parts)]
        usage = {"usage": [{"meter": meter} for meter, _ in parts]}
        command = Capture(hold.seq, self.policy, None, final, costs, usage, listed=True)
        return self.carry_out(lambda draft, now: capture(draft, command, now, self.cause("capture")))

    def page(self, *records: tuple[str | None, int], stream: str = "worker", first: int = 0) -> Entry:
        """A page of records: each a meter and what it costs."""
        costs = [RecordCost(steps, f"r{at}", meter) for at, (meter, steps) in enumerate(records)]
        entry_id = page_entry_id(self.account, self.unit, stream, first)
        wanted = BurnPage(stream, first, costs)

        def act(draft: Draft, now: int) -> Entry:
            cause = replace(self.cause("page"), entry_id=entry_id)
            return burn_pages.burn(draft, wanted, self.policy, now, cause)

        return self.carry_out(act)

    def lease(self, amount: int, text: str = "1h", meter: str | None = None, grace: int = 0) -> Hold:
        terms = leases.terms(grace, self.policy)
        wanted = Hold(0, amount, self.now + span(text), "refuse", (), meter, lease=terms)
        entry = self.carry_out(lambda draft, now: place(draft, wanted, self.policy, now, self.cause("hold")))
        return Hold.from_json(entry.extra["hold"])

    def settle(self, hold: Hold, first: int, *records: tuple[str | None, int], **more: Any) -> Entry | None:
        costs = [RecordCost(steps, f"r{at}", meter) for at, (meter, steps) in enumerate(records)]

        def cause(offset: int) -> Cause:
            stream = hold_id(self.account, self.unit, hold.seq)
            entry_id = page_entry_id(self.account, self.unit, stream, offset)
            return replace(self.cause("settle"), entry_id=entry_id)

        def act(draft: Draft, now: int) -> Entry | None:
            return leases.settle(
                draft, Settlement(hold.seq, first, costs, self.policy, **more), now, cause
            ).entry

        return self.carry_out_if_any(act)

    def counted(self, entry: Entry, name: str = "day") -> int | None:
        """What an entry says that it counted; None where it says nothing."""
        told = entry.extra.get("budgets", {}).get(name)
        return None if told is None else int(told["counted"])


def purse(text: str = "1000", **policy: Any) -> Purse:
    made = Purse(Policy(**policy))
    made.grant(text)
    return made
