"""Allowances, as an administrator puts them: kept in the wallet they grant to, changed with an entry that says so.

Owns the terms as callers write them, and the key of each version. Does not own what an allowance grants
(``domain.wallets.allowances``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from scrip.domain.credits import limits
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Cause, Entry, fingerprint
from scrip.domain.credits.errors import InvalidRequest, NotFound
from scrip.domain.credits.ids import business_key, key_entry_id
from scrip.domain.credits.terms import Rollover, RolloverTerms
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import allowances
from scrip.domain.wallets.allowances import Allowance, Overage, Plan, PutAllowance
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant
from scrip.store import wallets


class _Amounts(NamedTuple):
    """The amounts of an allowance in credit steps: what it grants, and the bounds of what is carried on."""

    amount: int
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """An allowance as it is put.

    Where anchor or start are left out, a new one begins now, and one that is there keeps what it has.
    """

    amount: str
    every: str
    zone: str = "UTC"
    anchor: int | None = None
    expires: str = allowances.PERIOD_END
    rollover: RolloverTerms | None = None
    starts_at: int | None = None
    ends_at: int | None = None
    paused: bool = False
    priority: int = limits.DEFAULT_PRIORITY
    catch_up: bool = False
    overage: Overage | None = None

    def amounts(self, unit: Unit) -> _Amounts:
        """Returns the amounts in steps of the unit.

        Raises:
            InvalidRequest, PrecisionExceeded, AmountOutOfRange: one is no amount of the unit, or the most is below the
                least.
        """
        rule, precision = self.rollover, unit.precision
        least = parse_amount(rule.least, precision, "rollover.min", zero=True) if rule else 0
        most = None
        if rule and rule.most is not None:
            most = parse_amount(rule.most, precision, "rollover.max", zero=True)
            if most < least:
                raise InvalidRequest([("rollover.max", "must not be less than min")])
        return _Amounts(parse_amount(self.amount, precision), least, most)

    def plan(self, name: str, amounts: _Amounts, known: Allowance | None, now: int) -> Plan:
        """Returns the plan that replaces that of ``known``, decided now.

        Raises:
            InvalidRequest: it would end before it starts.
        """
        before = known.plan if known and not known.deleted else None
        starts_at = self.starts_at if self.starts_at is not None else before.starts_at if before else now
        anchor = self.anchor if self.anchor is not None else before.anchor if before else starts_at
        if self.ends_at is not None and self.ends_at <= starts_at:
            raise InvalidRequest([("ends_at", "must be later than starts_at")])
        return Plan(
            amount=amounts.amount,
            every=self.every,
            anchor=anchor,
            zone=self.zone,
            starts_at=starts_at,
            expires=self.expires,
            rollover=self._rollover(name, amounts, anchor),
            ends_at=self.ends_at,
            paused=self.paused,
            priority=self.priority,
            catch_up=self.catch_up,
            overage=self.overage,
        )

    def _rollover(self, name: str, amounts: _Amounts, anchor: int) -> Rollover | None:
        """Returns the rule of the allowance's lots. What it carries on lives as long as they did, unless it says so."""
        rule = self.rollover
        if not rule:
            return None
        again = None if self.expires in (allowances.PERIOD_END, allowances.NEVER) else self.expires
        return Rollover(
            of=name,
            fraction=rule.fraction,
            least=amounts.least,
            most=amounts.most,
            times=rule.max_times,
            expires_in=None if rule.never_expires else rule.expires_in or again,
            every=self.every,
            anchor=anchor,
            zone=self.zone,
            never=rule.never_expires,
            living=rule.living,
        )


@dataclass(frozen=True, slots=True)
class AllowanceRequest:
    """A request about an allowance of a wallet: who asks, and when.

    It has no key: to ask for the same again changes nothing.
    """

    account: str
    unit: str
    name: str
    actor: str
    moment: Moment
    actor_name: str | None = None

    def cause(self, known: Allowance | None) -> Cause:
        """Returns the cause of the entry that puts the version after that which is known: each is put once."""
        key = business_key(allowances.KIND, self.name, "put", str(known.version + 1 if known else 1))
        made = fingerprint(allowances.KIND, {"key": key})
        return Cause(
            key_entry_id(self.account, self.unit, key),
            made,
            self.actor,
            reference=(allowances.KIND, self.name),
            actor_name=self.actor_name,
        )


def put(executor: Executor, terms: PlanTerms, request: AllowanceRequest) -> tuple[Allowance, bool, Unit]:
    """Puts the allowance. Returns it as it is now, whether it is new, and its unit. The same again changes nothing.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: it would end before it starts.
        PrecisionExceeded, AmountOutOfRange, WalletClosed, PolicyViolation, Contended.
    """
    context = executor.context(request.account, request.unit)
    amounts, name = terms.amounts(context.unit), request.name
    seen: list[Allowance | None] = [None, None]
    waits = False

    def act(draft: Draft, now: int) -> Entry | None:
        nonlocal waits
        known = allowances.find(draft, name)
        command = PutAllowance(name, terms.plan(name, amounts, known, now), context.unit.policy)
        entry = allowances.put(draft, command, now, request.cause(known))
        changed = allowances.find(draft, name)
        assert changed
        if entry or not waits:
            seen[0] = None if known is None or known.deleted else known
        seen[1] = changed
        # One that has to catch up with time is committed, and looked at again once time has granted what it missed.
        waits = changed.next_at is not None and changed.next_at <= now
        return None if waits else entry

    executor.change(context, request.moment, act)
    assert seen[1]
    return seen[1], seen[0] is None, context.unit


def delete(executor: Executor, request: AllowanceRequest) -> None:
    """Deletes the allowance; what it granted stays.

    Raises:
        NotFound: there is no such unit or allowance.
        Contended.
    """
    context = executor.context(request.account, request.unit)

    def act(draft: Draft, now: int) -> Entry:
        known = allowances.find(draft, request.name)
        return allowances.delete(draft, request.name, now, request.cause(known))

    executor.change(context, request.moment, act)


def units_of(executor: Executor, account: str, name: str) -> list[str]:
    """Returns the units in which the account has an allowance with this name: a caller's id is of one wallet."""
    found = wallets.units_with(executor.tables, account, executor.units(), (allowances.KIND, name))
    return sorted(unit for unit, sidecar in found.items() if not sidecar["deleted"])


def get(executor: Executor, request: AllowanceRequest) -> tuple[Allowance, Unit]:
    """Returns the allowance as it is now, and its unit.

    Raises:
        NotFound: there is no such unit or allowance.
    """
    context, name = executor.context(request.account, request.unit, fresh=True), request.name
    now = reading_instant(context.snapshot.wallet, request.moment)

    def view(draft: Draft) -> Allowance:
        apply_all_due(draft, now)
        found = allowances.find(draft, name)
        if found is None or found.deleted:
            raise NotFound(f"there is no allowance {name} in this wallet", allowance=name)
        return found

    return read(executor, context, view), context.unit
