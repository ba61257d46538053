"""Burns, as callers ask for them, and what a meter's event costs.

Does not own the decision (``domain.wallets.burns``), nor many burns at once (``batches``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from scrip.domain.credits import limits, rates
from scrip.domain.credits.amounts import parse_optional
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import AmountOutOfRange, InvalidRequest, PolicyViolation, Steps
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import burns
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.executor import Executor, Result, WalletContext
from scrip.services.engine.requests import About, Caller, cause_of, execute_for

CARRY: Final = "carry"
"""The kind of sidecar that keeps the fraction of a step that a meter has counted and not yet burned."""
QUANTITY_DECIMALS: Final = 18
"""Decimals that a quantity has at most."""


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
    context = context_with_rates(executor, account, unit_id, [spending])
    cause, act = prepare(context, spending, about, caller)
    return execute_for(executor, context, caller, cause, act)


def meters_of(spendings: Sequence[Spending]) -> list[str]:
    """Returns the meters whose rate cards these burns need."""
    return list(dict.fromkeys(spending.meter for spending in spendings if spending.meter is not None))


def prepare(
    context: WalletContext, spending: Spending, about: About, caller: Caller
) -> tuple[Cause, Decided]:
    """Returns the cause of one burn of this wallet, and the decision."""
    unit, wallet = context.unit, context.snapshot.wallet
    steps = parse_optional(spending.amount, unit.precision)
    cause = cause_of("burn", wallet.account, unit.unit, caller, about, spending.to_json(steps))

    def act(draft: Draft, now: int) -> Entry:
        return decide(draft, context, spending, steps, now, cause)

    return cause, act


def decide(
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
    """Returns what the meter's event costs now. A fraction of a step is carried on in the wallet, meter by meter; it is
    only looked at where this event has one.

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


def context_with_rates(
    executor: Executor, account: str, unit_id: str, spendings: Sequence[Spending], *, fresh: bool = False
) -> WalletContext:
    """Returns the wallet and its unit, with the rate cards that these burns need.

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
