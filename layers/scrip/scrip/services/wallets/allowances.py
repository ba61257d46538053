"""Allowances, as an administrator puts them: kept in the wallet they grant to, changed with an entry that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.entries import Cause, Entry, business_key, fingerprint, key_entry_id
from scrip.domain.credits.errors import InvalidRequest, NotFound
from scrip.domain.credits.terms import Rollover
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import allowances
from scrip.domain.wallets.allowances import Allowance, Plan, PutAllowance
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.reads import apply_all_due, read, reading_instant


@dataclass(frozen=True, slots=True)
class RolloverTerms:
    """What becomes of what is left at the end of a lot. Amounts as decimals."""

    fraction: str = "1"
    least: str = "0"
    most: str | None = None
    max_times: int | None = 1
    expires_in: str | None = None


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """An allowance as it is put. Where anchor or start are left out, a new one begins now, and one that is there keeps
    what it has."""

    amount: str
    every: str
    zone: str = "UTC"
    anchor: int | None = None
    expires: str = allowances.PERIOD_END
    rollover: RolloverTerms | None = None
    starts_at: int | None = None
    ends_at: int | None = None
    paused: bool = False


def put(
    executor: Executor, account: str, unit_id: str, name: str, terms: PlanTerms, actor: str, moment: Moment
) -> tuple[Allowance, bool, Unit]:
    """The allowance as it is now, and whether it is new. The same again changes nothing.

    Raises:
        NotFound: there is no such unit.
        InvalidRequest: it would end before it starts.
        PrecisionExceeded, AmountOutOfRange, WalletClosed, PolicyViolation, Contended.
    """
    context = executor.context(account, unit_id)
    precision = context.unit.precision
    amounts = _amounts(terms, precision)
    seen: list[Allowance | None] = [None, None]

    def act(draft: Draft, now: int) -> Entry | None:
        known = allowances.find(draft, name)
        seen[0] = None if known is None or known.deleted else known
        plan = _plan(name, terms, amounts, known, now)
        version = known.version + 1 if known else 1
        entry = allowances.put(
            draft, PutAllowance(name, plan, context.unit.policy), now, _cause(name, version, actor)
        )
        seen[1] = allowances.find(draft, name)
        return entry

    executor.change(context, moment, act)
    assert seen[1]
    return seen[1], seen[0] is None, context.unit


def delete(executor: Executor, account: str, unit_id: str, name: str, actor: str, moment: Moment) -> None:
    """The wallet has the allowance no more; what it granted stays.

    Raises:
        NotFound: there is no such unit or allowance.
        Contended.
    """
    context = executor.context(account, unit_id)

    def act(draft: Draft, now: int) -> Entry:
        known = allowances.find(draft, name)
        return allowances.delete(draft, name, now, _cause(name, known.version + 1 if known else 0, actor))

    executor.change(context, moment, act)


def get(executor: Executor, account: str, unit_id: str, name: str, moment: Moment) -> tuple[Allowance, Unit]:
    """The allowance as it is now.

    Raises:
        NotFound: there is no such unit or allowance.
    """
    context = executor.context(account, unit_id, fresh=True)
    now = reading_instant(context.snapshot.wallet, moment)

    def view(draft: Draft) -> Allowance:
        apply_all_due(draft, now)
        found = allowances.find(draft, name)
        if found is None or found.deleted:
            raise NotFound(f"there is no allowance {name} in this wallet", allowance=name)
        return found

    return read(executor, context, view), context.unit


def _amounts(terms: PlanTerms, precision: int) -> Mapping[str, Any]:
    """The plan's amounts in steps."""
    rule = terms.rollover
    least = parse_amount(rule.least, precision, "rollover.min", zero=True) if rule else 0
    most = None
    if rule and rule.most is not None:
        most = parse_amount(rule.most, precision, "rollover.max", zero=True)
        if most < least:
            raise InvalidRequest([("rollover.max", "must not be less than min")])
    return {"amount": parse_amount(terms.amount, precision), "least": least, "most": most}


def _plan(name: str, terms: PlanTerms, amounts: Mapping[str, Any], known: Allowance | None, now: int) -> Plan:
    before = known.plan if known and not known.deleted else None
    starts_at = terms.starts_at if terms.starts_at is not None else before.starts_at if before else now
    anchor = terms.anchor if terms.anchor is not None else before.anchor if before else starts_at
    if terms.ends_at is not None and terms.ends_at <= starts_at:
        raise InvalidRequest([("ends_at", "must be later than starts_at")])
    rollover = None
    if terms.rollover:
        rule = terms.rollover
        again = None if terms.expires in (allowances.PERIOD_END, allowances.NEVER) else terms.expires
        rollover = Rollover(
            of=name,
            fraction=rule.fraction,
            least=amounts["least"],
            most=amounts["most"],
            times=rule.max_times,
            expires_in=rule.expires_in or again,
            every=terms.every,
            anchor=anchor,
            zone=terms.zone,
        )
    return Plan(
        amount=amounts["amount"],
        every=terms.every,
        anchor=anchor,
        zone=terms.zone,
        starts_at=starts_at,
        expires=terms.expires,
        rollover=rollover,
        ends_at=terms.ends_at,
        paused=terms.paused,
    )


def _cause(name: str, version: int, actor: str) -> Cause:
    """Each version of an allowance is put once."""
    key = business_key(allowances.KIND, name, "put", str(version))
    about = (allowances.KIND, name)
    return Cause(key_entry_id(key), fingerprint(allowances.KIND, {"key": key}), actor, reference=about)
