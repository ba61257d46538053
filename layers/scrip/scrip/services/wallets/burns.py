"""Grants and burns, as callers ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from scrip.domain.credits import calendar, limits, rates
from scrip.domain.credits.amounts import parse_amount, parse_optional
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import AmountOutOfRange, InvalidRequest, PolicyViolation, Steps
from scrip.domain.credits.lots import Kind, Money
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.terms import Terms
from scrip.domain.credits.units import Policy, Unit
from scrip.domain.wallets import burns, grants
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Result, WalletContext
from scrip.services.engine.requests import About, Caller, carry_out, cause_of

CARRY: Final = "carry"
"""The kind of paper that keeps the fraction of a step that a meter has counted and not yet burned."""
QUANTITY_DECIMALS: Final = 18
"""Decimals that a quantity has at most."""


@dataclass(frozen=True, slots=True)
class LotTerms:
    """The terms of a lot that is granted. Instants in milliseconds, ``cost`` in minor units for the whole lot."""

    kind: Kind = "promotional"
    priority: int = limits.DEFAULT_PRIORITY
    effective_at: int | None = None
    expires_at: int | None = None
    expires_in: str | None = None
    cost: Money | None = None
    scope: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        cost = [self.cost.amount, self.cost.currency] if self.cost else None
        return {
            "kind": self.kind,
            "priority": self.priority,
            "effective_at": self.effective_at,
            "expires_at": self.expires_at,
            "expires_in": self.expires_in,
            "cost": cost,
            "scope": sorted(self.scope),
        }


def grant(
    executor: Executor, account: str, unit_id: str, amount: str, terms: LotTerms, about: About, caller: Caller
) -> tuple[Result, Unit]:
    """Adds credits: the wallet has a new lot, which the entry's ``extra`` shows as it was then.

    Raises:
        NotFound: there is no such unit.
        PrecisionExceeded, AmountOutOfRange, InvalidRequest, WalletClosed, PolicyViolation, KeyReused, Contended.
    """
    context = executor.context(account, unit_id)
    steps = parse_amount(amount, context.unit.precision)
    cause = cause_of("grant", account, unit_id, caller, about, {"amount": str(steps), **terms.to_json()})

    def act(draft: Draft, now: int) -> Entry:
        order = order_of(steps, terms, context.unit.policy, now, about.note())
        return grants.grant(draft, order, context.unit.policy, now, cause)[0]

    return carry_out(executor, context, caller, cause, act)


def order_of(
    steps: int, terms: LotTerms, policy: Policy, now: int, note: Mapping[str, Any] | None
) -> grants.Grant:
    """The grant of ``steps`` on these terms, decided now."""
    return grants.Grant(
        amount=steps,
        kind=terms.kind,
        priority=terms.priority,
        effective_at=terms.effective_at,
        expires_at=expiry(terms, policy, now),
        cost=terms.cost,
        note=note,
        terms=Terms(scope=tuple(sorted(terms.scope))),
    )


def expiry(terms: LotTerms, policy: Policy, now: int) -> int | None:
    """When a lot granted now on these terms expires: as they say, else as the unit's policy says."""
    if terms.expires_at is not None:
        return terms.expires_at
    duration = terms.expires_in or policy.default_expires_in
    if not duration:
        return None
    start = terms.effective_at if terms.effective_at is not None else now
    return calendar.after(start, duration, "expires_in")


@dataclass(frozen=True, slots=True)
class Spending:
    """What a burn is to spend: an amount, or so much of a meter, which its rate card prices."""

    amount: str | None = None
    meter: str | None = None
    quantity: Fraction = Fraction(0)
    dimensions: Mapping[str, str] | None = None
    mode: burns.Mode = "exact"

    def to_json(self, steps: int | None) -> dict[str, Any]:
        if self.meter is None:
            return {"amount": str(steps), "mode": self.mode}
        dimensions = dict(self.dimensions or {})
        return {
            "meter": self.meter,
            "quantity": str(self.quantity),
            "dimensions": dimensions,
            "mode": self.mode,
        }


@dataclass(frozen=True, slots=True)
class Priced:
    """A burn of a meter as its rate card prices it: whole steps, and what the meter carries on."""

    steps: int
    carry: Fraction | None
    version: int | None


Decided = Callable[[Draft, int], Entry]


def burn(
    executor: Executor, account: str, unit_id: str, spending: Spending, about: About, caller: Caller
) -> tuple[Result, Unit]:
    """Spends credits now.

    Raises:
        NotFound: there is no such unit, or meter.
        InvalidRequest: the meter is priced in another unit.
        PrecisionExceeded, AmountOutOfRange, WalletClosed, WalletFrozen, InsufficientCredits, PolicyViolation,
        KeyReused, Contended.
    """
    context = priced_context(executor, account, unit_id, [spending])
    cause, act = burning(context, spending, about, caller)
    return carry_out(executor, context, caller, cause, act)


def meters_of(spendings: Sequence[Spending]) -> list[str]:
    """The meters whose rate cards these need."""
    return list(dict.fromkeys(spending.meter for spending in spendings if spending.meter is not None))


def burning(
    context: WalletContext, spending: Spending, about: About, caller: Caller
) -> tuple[Cause, Decided]:
    """One burn at a desk: its cause, and the decision."""
    unit, wallet = context.unit, context.snapshot.wallet
    steps = parse_optional(spending.amount, unit.precision)
    cause = cause_of("burn", wallet.account, unit.unit, caller, about, spending.to_json(steps))

    def act(draft: Draft, now: int) -> Entry:
        return burn_in(draft, context, spending, steps, now, cause)

    return cause, act


def burn_in(
    draft: Draft, context: WalletContext, spending: Spending, steps: int | None, now: int, cause: Cause
) -> Entry:
    """Prices and burns. ``steps``: of an amount; None for a meter."""
    if spending.meter is None:
        assert steps is not None
        return burns.burn(draft, burns.Burn(steps, context.unit.policy, spending.mode), now, cause)
    priced = price(draft, context, spending, now)
    if priced.carry is not None:
        draft.keep(CARRY, spending.meter, {"carry": str(priced.carry)} if priced.carry else None)
    usage = {
        "meter": spending.meter,
        "quantity": format_amount(int(spending.quantity * 10**QUANTITY_DECIMALS), QUANTITY_DECIMALS),
        "dimensions": dict(spending.dimensions or {}),
        "rate_version": priced.version,
    }
    command = burns.Burn(priced.steps, context.unit.policy, spending.mode, spending.meter, {"usage": usage})
    return burns.burn(draft, command, now, cause)


def price(draft: Draft, context: WalletContext, spending: Spending, now: int) -> Priced:
    """What the meter's event costs now. A fraction of a step is carried on in the wallet, meter by meter; it is only
    looked at where this event has one.

    Raises:
        PolicyViolation: no version of the card is in force, or none of its prices fits the dimensions.
        AmountOutOfRange: more than the largest wallet total.
    """
    assert spending.meter is not None
    rate = in_force(context.rates[spending.meter], now)
    exact = rates.cost(rate, spending.quantity, spending.dimensions or {}, context.unit.precision)
    if exact > limits.LARGEST_TOTAL:
        largest = Steps(limits.LARGEST_TOTAL)
        raise AmountOutOfRange("that costs more than any wallet holds", field="quantity", largest=largest)
    if exact.denominator == 1:
        return Priced(exact.numerator, None, rate.version)
    sidecar = draft.sidecar(CARRY, spending.meter)
    steps, carry = rates.whole(exact, Fraction(sidecar["carry"]) if sidecar else Fraction(0))
    return Priced(steps, carry, rate.version)


def in_force(versions: Sequence[RateVersion], now: int) -> RateVersion:
    found = rates.in_force(versions, now)
    if found is None:
        raise PolicyViolation("no version of the meter's rate card is in force yet", policy="rate_in_force")
    return found


def priced_context(
    executor: Executor, account: str, unit_id: str, spendings: Sequence[Spending], *, fresh: bool = False
) -> WalletContext:
    """A desk with the rate cards that these need.

    Raises:
        NotFound: there is no such unit, or meter.
        InvalidRequest: a meter is priced in another unit than the wallet's.
    """
    context = executor.context(account, unit_id, meters_of(spendings), fresh=fresh)
    for meter, versions in context.rates.items():
        if versions[0].unit != context.unit.unit:
            said = f"the meter {meter} is priced in {versions[0].unit}, not in {context.unit.unit}"
            raise InvalidRequest([("unit", said)])
    return context
