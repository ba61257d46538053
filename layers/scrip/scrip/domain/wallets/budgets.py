"""Budgets: how much of a wallet may be spent in each calendar period, by the whole wallet or by a member of it.

All budgets of a wallet are one sidecar, and the wallet's item says that it has some: a burn of one that has none pays
nothing for them. A change of them is an entry, which moves the wallet's version: so whoever decides on what they were
before is refused the commit. Does not own what was spent of them (``budget_counters``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from scrip.domain.credits import calendar, limits, members
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import NotFound, PolicyViolation
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.status import require_open

KIND: Final = "budgets"
ALL: Final = "all"
"""Kind and name of the sidecar that has all budgets of a wallet, by their ids."""
EACH: Final = "*"
"""In place of a member: each member has such a budget for itself."""
MEMBER: Final = "budget"
"""What a ``status`` entry says of the budget that it puts or deletes."""
BudgetAction = Literal["refuse", "notify"]
"""What becomes of a burn past a budget: it is refused; it is taken, and only told of."""


@dataclass(frozen=True, slots=True)
class BudgetTerms:
    """What a budget says. ``limit`` in credit steps.

    Attributes:
        every: the period, ISO 8601, of one calendar unit.
        anchor: an instant at which a period begins (epoch milliseconds), in ``zone``'s calendar.
        member: whose spending counts. None: everybody's, and that of nobody; ``EACH``: each member's for itself.
        meter: what is spent for; None: for anything.
        warn_at: percentages of the limit, such as ``80%``, smallest first.
        action: what becomes of what would be spent beyond the limit.
    """

    limit: int
    every: str
    anchor: int
    zone: str = members.added("UTC")
    member: str | None = members.added()
    meter: str | None = members.added()
    warn_at: tuple[str, ...] = members.added(())
    action: BudgetAction = members.added("refuse")

    def counts_as(self, other: BudgetTerms) -> bool:
        """Tells whether both count the same spending in the same periods."""
        return self == replace(other, limit=self.limit, warn_at=self.warn_at, action=self.action)

    def period(self, at: int) -> tuple[int, int]:
        """Returns beginning and end of the period that ``at`` lies in, in epoch milliseconds."""
        return calendar.period(self.anchor, self.every, self.zone, at)

    def to_json(self) -> dict[str, Any]:
        """Returns the terms as they are stored, the limit as text."""
        said = {**members.of(self), "limit": str(self.limit)}
        return {**said, "warn_at": list(self.warn_at)} if self.warn_at else said

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> BudgetTerms:
        """Reads what ``to_json`` gave."""
        said = {**body, "limit": int(body["limit"]), "warn_at": tuple(body.get("warn_at", ()))}
        return BudgetTerms(**said)


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget of a wallet.

    Attributes:
        name: the caller's id of it.
        since: the sequence of the entry with which it began to count. It begins anew where other spending counts, or
            in other periods.
        version: counts changes.
    """

    name: str
    terms: BudgetTerms
    since: int
    version: int = 1

    def counts(self, member: str | None) -> bool:
        """Tells whether what this member spends counts; None: what nobody is named for."""
        return self.terms.member in (None, member) or (self.terms.member == EACH and member is not None)

    def is_for(self, meter: str | None) -> bool:
        """Tells whether what is spent for a meter counts; None: for none."""
        return self.terms.meter in (None, meter)

    def to_json(self) -> dict[str, Any]:
        """Returns the budget as it is stored, under its name."""
        return {**self.terms.to_json(), "since": self.since, "version": self.version}

    @staticmethod
    def from_json(name: str, body: Mapping[str, Any]) -> Budget:
        """Reads what ``to_json`` gave."""
        terms = {key: value for key, value in body.items() if key not in ("since", "version")}
        return Budget(name, BudgetTerms.from_json(terms), body["since"], body["version"])


def read(sidecar: Mapping[str, Any] | None) -> dict[str, Budget]:
    """Returns the budgets of a wallet by their names, as its sidecar has them."""
    return {name: Budget.from_json(name, body) for name, body in sorted((sidecar or {}).items())}


def all_of(draft: Draft) -> dict[str, Budget]:
    """Returns the budgets of a wallet by their names."""
    return read(draft.sidecar(KIND, ALL)) if draft.budgeted else {}


def put(draft: Draft, name: str, terms: BudgetTerms, now: int, cause: Cause) -> Entry | None:
    """Puts a budget, changed or new. Returns its entry; None where nothing changes.

    What was spent before counts on, unless the budget is new, or counts other spending or in other periods than
    before: then it begins with nothing.

    Raises:
        WalletClosed: nothing is spent of a closed wallet any more.
        PolicyViolation: the wallet would have more budgets than it may, or a burn would count in too many.
    """
    require_open(draft)
    known = all_of(draft)
    before = known.get(name)
    if before and before.terms == terms:
        return None
    since = before.since if before and before.terms.counts_as(terms) else draft.next_seq
    changed = Budget(name, terms, since, before.version + 1 if before else 1)
    known[name] = changed
    if len(known) > limits.BUDGETS:
        said = f"a wallet has {limits.BUDGETS} budgets at most: delete one first"
        raise PolicyViolation(said, policy="max_budgets")
    if touched(one.terms.member for one in known.values()) > limits.BUDGETS_OF_A_BURN:
        whose = "the whole wallet" if terms.member is None else "its member or of the whole wallet"
        said = f"one burn would count in more than {limits.BUDGETS_OF_A_BURN} budgets: delete one of {whose} first"
        raise PolicyViolation(said, policy="max_budgets_per_burn")
    _keep(draft, known)
    said_of = {"id": name, **changed.to_json()}
    return draft.record("status", [], now, cause, {MEMBER: said_of})


def delete(draft: Draft, name: str, now: int, cause: Cause) -> Entry:
    """Deletes a budget, with what was counted in it.

    Raises:
        NotFound: there is none of that name.
    """
    known = all_of(draft)
    if name not in known:
        raise missing(name)
    gone = known.pop(name)
    _keep(draft, known)
    said = {"id": name, "version": gone.version + 1, "deleted": True}
    return draft.record("status", [], now, cause, {MEMBER: said})


def missing(name: str) -> NotFound:
    """Returns the refusal of a name that no budget has."""
    return NotFound(f"there is no budget {name} in this wallet", budget=name)


def touched(whose: Iterable[str | None]) -> int:
    """Returns in how many of the budgets of these members one burn may count at most, of however many meters it is."""
    found = Counter(whose)
    wallets, each = found.pop(None, 0), found.pop(EACH, 0)
    return wallets + each + max(found.values(), default=0)


def _keep(draft: Draft, known: Mapping[str, Budget]) -> None:
    """Keeps the budgets of a wallet, whose item says whether there are some."""
    draft.keep(KIND, ALL, {name: one.to_json() for name, one in known.items()} if known else None)
    draft.budgeted = bool(known)
