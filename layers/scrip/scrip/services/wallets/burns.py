"""Burns, as callers ask for them, and what a meter's event costs.

Owns the command and its fingerprint. Does not own the decision (``domain.wallets.burns``), what a meter carries on
(``domain.wallets.carries``), nor many burns at once (``batches``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Final

from scrip.domain.credits import limits, rates
from scrip.domain.credits.amounts import parse_optional
from scrip.domain.credits.entries import Cause, Entry
from scrip.domain.credits.errors import AmountOutOfRange, PolicyViolation, Steps
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.wallets import burns, carries
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.requests import WalletCommand

QUANTITY_DECIMALS: Final = 18
"""Decimals that a quantity has at most."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A burn of a meter as its rate card prices it: whole steps, and what the cost has beyond or lacks of them."""

    steps: int
    rest: Fraction
    version: int | None


@dataclass(frozen=True, slots=True)
class BurnCredits(WalletCommand):
    """Spends credits: an amount, or what so much of a meter costs.

    Attributes:
        amount: None where a meter is given.
        meter: what is counted; its rate card says the price.
        quantity, dimensions: how much of the meter, and what chooses among its prices.
        mode: ``exact`` spends all of it or nothing, ``up_to`` what there is of it.
    """

    operation: ClassVar[str] = "burn"
    amount: str | None = None
    meter: str | None = None
    quantity: Fraction = Fraction(0)
    dimensions: Mapping[str, str] | None = None
    mode: burns.Mode = "exact"

    @property
    def meters(self) -> Sequence[str]:
        """Returns the meter of the burn, where it has one."""
        return () if self.meter is None else (self.meter,)

    def to_json(self, unit: Unit) -> dict[str, Any]:
        """Returns the amount in steps, or the meter and its quantity; and the mode."""
        if self.meter is None:
            return {"amount": str(parse_optional(self.amount, unit.precision)), "mode": self.mode}
        return {
            "meter": self.meter,
            "quantity": str(self.quantity),
            "dimensions": dict(self.dimensions or {}),
            "mode": self.mode,
        }

    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry:
        """Prices and burns. Raises as ``price`` and ``domain.wallets.burns.burn``."""
        priced, policy = self.price(draft, context, now), context.unit.policy
        if self.meter is None:
            return burns.burn(draft, burns.Burn(priced.steps, policy, self.mode), now, cause)
        usage = {
            "meter": self.meter,
            "quantity": format_amount(int(self.quantity * 10**QUANTITY_DECIMALS), QUANTITY_DECIMALS),
            "dimensions": dict(self.dimensions or {}),
            "rate_version": priced.version,
        }
        rests = {self.meter: priced.rest} if priced.rest else {}
        command = burns.Burn(priced.steps, policy, self.mode, self.meter, {"usage": usage}, rests)
        return burns.burn(draft, command, now, cause)

    def price(self, draft: Draft, context: WalletContext, now: int) -> Priced:
        """Returns what it costs now. An amount costs itself.

        A fraction of a step that a meter's event costs is carried on in the wallet, meter by meter. What was carried
        is only looked at where this event has a fraction too.

        Raises:
            PolicyViolation: no version of the card is in force, or none of its prices fits the dimensions.
            AmountOutOfRange: more than the largest wallet total.
        """
        if self.meter is None:
            steps = parse_optional(self.amount, context.unit.precision)
            assert steps is not None
            return Priced(steps, Fraction(0), None)
        rate = in_force(context.rates[self.meter], now)
        exact = rates.cost(rate, self.quantity, self.dimensions or {}, context.unit.precision)
        if exact > limits.LARGEST_TOTAL:
            largest = Steps(limits.LARGEST_TOTAL)
            raise AmountOutOfRange("that costs more than any wallet holds", field="quantity", largest=largest)
        if exact.denominator == 1:
            return Priced(exact.numerator, Fraction(0), rate.version)
        steps, _ = rates.whole(exact, carries.carried(draft, self.meter))
        return Priced(steps, exact - steps, rate.version)


def in_force(versions: Sequence[RateVersion], now: int) -> RateVersion:
    """Returns the version of a rate card that is in force.

    Raises:
        PolicyViolation: none is yet.
    """
    found = rates.in_force(versions, now)
    if found is None:
        raise PolicyViolation("no version of the meter's rate card is in force yet", policy="rate_in_force")
    return found
