"""Budgets, as callers put them: kept in the wallet whose spending they bound, changed with an entry that says so.

Owns the terms as callers write them, and the audit of their changes. Does not own what counts in a budget
(``domain.wallets.budget_counters``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scrip.domain.credits import calendar
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Cause, Entry, fingerprint
from scrip.domain.credits.ids import time_entry_id
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import budget_counters, budgets
from scrip.domain.wallets.budget_counters import BudgetCounter
from scrip.domain.wallets.budgets import EACH, Budget, BudgetAction, BudgetTerms
from scrip.domain.wallets.draft import Draft
from scrip.services.audit.changes import Action, Author, Change, record
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.paging import Found
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.store import wallets
from scrip.store.tables import Item


@dataclass(frozen=True, slots=True)
class WantedBudget:
    """A budget as it is put, the limit as a decimal text. Without an ``anchor`` it is the calendar's."""

    limit: str
    every: str
    zone: str
    anchor: int | None
    member: str | None
    meter: str | None
    warn_at: tuple[str, ...]
    action: BudgetAction

    def terms(self, limit: int, known: Budget | None) -> BudgetTerms:
        """Returns the terms that replace those of ``known``."""
        before = known.terms if known else None
        anchor = self.anchor
        if anchor is None and before and (before.every, before.zone) == (self.every, self.zone):
            anchor = before.anchor
        if anchor is None:
            anchor = calendar.first_border(self.zone)
        return BudgetTerms(
            limit, self.every, anchor, self.zone, self.member, self.meter, self.warn_at, self.action
        )


@dataclass(frozen=True, slots=True)
class BudgetRequest:
    """Who asks for what about a budget of a wallet.

    It has no key: to ask for the same again changes nothing.
    """

    account: str
    unit: str
    name: str
    moment: Moment
    author: Author


@dataclass(frozen=True, slots=True)
class KnownBudget:
    """A budget, and its present period.

    Attributes:
        spent: in it; its steps are None of a budget that each member has for itself, where no member was named.
    """

    budget: Budget
    spent: BudgetCounter
    whose: str | None

    @property
    def steps(self) -> int | None:
        """Returns what is spent, in steps; None where each member has a counter of its own, and none was named."""
        return None if self.budget.terms.member == EACH and self.whose is None else self.spent.steps


def put(executor: Executor, wanted: WantedBudget, request: BudgetRequest) -> tuple[KnownBudget, bool, Unit]:
    """Puts a budget. Returns it as it is now, whether it is new, and the unit. The same again changes nothing.

    Raises:
        NotFound: there is no such unit, or meter.
        InvalidRequest: the meter is priced in another unit.
        PrecisionExceeded, AmountOutOfRange, WalletClosed, PolicyViolation, Contended.
    """
    meters = () if wanted.meter is None else (wanted.meter,)
    context = executor.context(request.account, request.unit, meters, fresh=True)
    limit = parse_amount(wanted.limit, context.unit.precision, "limit", zero=True)
    before: Budget | None = None
    after: KnownBudget | None = None

    def act(draft: Draft, now: int) -> Entry | None:
        nonlocal before, after
        before = budgets.all_of(draft).get(request.name)
        terms = wanted.terms(limit, before)
        entry = budgets.put(draft, request.name, terms, now, _cause(draft, request))
        after = _known(draft, budgets.all_of(draft)[request.name], None, now)
        return entry

    def audited() -> Sequence[Item]:
        assert after
        return [_change(executor, context.unit, request, "budget.put", before, after.budget)]

    executor.change(context, request.moment, act, audited)
    assert after
    return after, before is None, context.unit


def delete(executor: Executor, request: BudgetRequest) -> None:
    """Deletes a budget, with what was counted in it.

    Raises:
        NotFound: there is no such unit or budget.
        Contended.
    """
    context = executor.context(request.account, request.unit)
    before: Budget | None = None

    def act(draft: Draft, now: int) -> Entry:
        nonlocal before
        before = budgets.all_of(draft).get(request.name)
        return budgets.delete(draft, request.name, now, _cause(draft, request))

    def audited() -> Sequence[Item]:
        return [_change(executor, context.unit, request, "budget.delete", before, None)]

    executor.change(context, request.moment, act, audited)


def get(
    executor: Executor, account: str, unit_id: str, name: str, member: str | None, moment: Moment
) -> tuple[KnownBudget, Unit]:
    """Returns a budget as it is now, and its unit.

    Args:
        member: whose counter is shown of a budget that each member has for itself.

    Raises:
        NotFound: there is no such unit or budget.
    """
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> KnownBudget:
        at = apply_all_due(draft, now)
        found = budgets.all_of(draft).get(name)
        if found is None:
            raise budgets.missing(name)
        return _known(draft, found, member, at)

    return read(executor, context, view), context.unit


def list_budgets(
    executor: Executor,
    account: str,
    unit_id: str,
    member: str | None,
    moment: Moment,
    after: str,
    limit: int,
) -> tuple[Found[str, KnownBudget], Unit]:
    """Returns up to ``limit`` budgets after a name, by their names, and the unit. Raises as ``get``."""
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> list[KnownBudget]:
        at = apply_all_due(draft, now)
        return [_known(draft, one, member, at) for one in budgets.all_of(draft).values()]

    found = [(one.budget.name, one) for one in read(executor, context, view) if one.budget.name > after]
    following = found[limit - 1][0] if len(found) > limit else None
    return Found(found[:limit], following), context.unit


def units_of(executor: Executor, account: str, name: str) -> list[str]:
    """Returns the units in which the account has a budget with this name: a caller's id is of one wallet."""
    names = (budgets.KIND, budgets.ALL)
    found = wallets.units_with(executor.tables, account, executor.units(), names)
    return sorted(unit for unit, sidecar in found.items() if name in sidecar)


def of_state(body: Mapping[str, Any]) -> tuple[str, BudgetTerms, Unit]:
    """Reads the id and the terms of a budget as the audit keeps it, and the unit as far as it is shown with them."""
    said = dict(body)
    unit = Unit(said.pop("unit"), said.pop("precision"))
    return said.pop("id"), BudgetTerms.from_json(said), unit


def _known(draft: Draft, one: Budget, member: str | None, now: int) -> KnownBudget:
    """Returns a budget with its present counter. It asks for all counters that are needed at once."""
    budget_counters.need(draft, [member])
    return KnownBudget(one, budget_counters.spent_of(draft, one, member, now), member)


def _cause(draft: Draft, request: BudgetRequest) -> Cause:
    """Returns the cause of the entry that is recorded next: it has no key that anybody could use again."""
    author = request.author
    return Cause(
        time_entry_id(request.account, request.unit, draft.next_seq),
        fingerprint(budgets.KIND, {"budget": request.name, "seq": draft.next_seq}),
        author.actor,
        reference=(budgets.MEMBER, request.name),
        actor_name=author.name,
    )


def _change(
    executor: Executor,
    unit: Unit,
    request: BudgetRequest,
    action: Action,
    before: Budget | None,
    after: Budget | None,
) -> Item:
    """Returns the transact item that keeps who changed a budget."""
    beside = {"id": request.name, "unit": unit.unit, "precision": unit.precision}
    told = [None if one is None else {**one.terms.to_json(), **beside} for one in (before, after)]
    target = f"{request.account}/{unit.unit}/{request.name}"
    return record(executor.tables, request.author, Change(action, target, *told))
