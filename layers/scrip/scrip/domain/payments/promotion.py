"""A promotion: what it gives, to whom and until when, and the JSON that it is stored as.

Owns the rules of its window, its budget and the identities that it asks for. Does not own how often it was redeemed,
nor by whom: these counts and claims hold by conditions of the store (``store.promotions``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from scrip.domain.credits import members
from scrip.domain.credits.amounts import parse_amount, parse_optional
from scrip.domain.credits.calendar import EndOf
from scrip.domain.credits.errors import InvalidRequest, PolicyViolation
from scrip.domain.credits.steps import format_amount

PromotionKind = Literal["promotional", "compensation"]
"""The kind of the lots that a promotion makes."""
IdentityKind = Literal["email", "card_fingerprint", "device"]
"""What of a customer a promotion may ask for, to tell one from another."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """One version of a promotion. The fields after ``code`` stand in the order of the stored JSON.

    Attributes:
        amount: a decimal of the unit, for each redemption.
        kind: of the lots that it makes.
        starts_at, ends_at: it may be redeemed in ``[starts_at, ends_at)``, epoch milliseconds; None is without bound.
        expires_in: how long the credits live (ISO 8601); None where the unit's policy decides, or (``never_expires``)
            where they live for ever.
        time_zone, end_of: of ``expires_in``, as of a ``Lifetime``.
        max_redemptions: how often it may be redeemed in all; None is without bound.
        budget: a decimal of the unit: the most that all redemptions give together; None is without bound.
        identities: the kinds of identity of which each may redeem it once.
        version: 1 and up; 0 before it is stored.
    """

    code: str
    unit: str
    amount: str
    kind: PromotionKind
    starts_at: int | None
    ends_at: int | None
    expires_in: str | None
    max_redemptions: int | None
    budget: str | None
    identities: tuple[IdentityKind, ...]
    version: int = 0
    time_zone: str = members.added("UTC")
    end_of: EndOf | None = members.added()
    never_expires: bool = members.added(False)

    def steps(self, precision: int) -> int:
        """Returns the credit steps of one redemption.

        Raises:
            PrecisionExceeded, AmountOutOfRange, InvalidRequest: it is no amount of a unit of this precision.
        """
        return parse_amount(self.amount, precision)

    def budget_steps(self, precision: int) -> int | None:
        """Returns the credit steps of all redemptions together; None where they have no bound.

        Raises:
            PrecisionExceeded, AmountOutOfRange, InvalidRequest: it is no amount of a unit of this precision.
        """
        return parse_optional(self.budget, precision, "budget")

    def normalized(self, precision: int) -> Self:
        """Returns the promotion with its amounts in one spelling: ``5``, never ``5.00``.

        Raises:
            PrecisionExceeded, AmountOutOfRange, InvalidRequest: one is no amount of a unit of this precision.
        """
        amount, budget = self.steps(precision), self.budget_steps(precision)
        return replace(
            self,
            amount=format_amount(amount, precision),
            budget=None if budget is None else format_amount(budget, precision),
        )

    def check_successor(self, wanted: Promotion) -> None:
        """Refuses ``wanted`` where it cannot be the next version.

        Raises:
            PolicyViolation: it has another unit, and redemptions are counted in this one.
        """
        if wanted.unit != self.unit:
            raise PolicyViolation(
                f"redemptions are counted in {self.unit}: make another promotion for {wanted.unit}",
                policy="promotion_unit",
            )

    def check_unit(self, unit: str | None) -> None:
        """Refuses a unit that a caller names, if any, where it is not the promotion's.

        Raises:
            InvalidRequest: the promotion gives another one.
        """
        if unit not in (None, self.unit):
            raise InvalidRequest([("unit", f"the promotion gives {self.unit}")])

    def check_window(self, now: int) -> None:
        """Refuses a redemption at an instant (epoch milliseconds) outside the promotion's window.

        Raises:
            PolicyViolation: it has not begun, or is over.
        """
        begun = self.starts_at is None or now >= self.starts_at
        over = self.ends_at is not None and now >= self.ends_at
        if over or not begun:
            raise PolicyViolation("the promotion is not on now", policy="promotion_window")

    def choose_identities(self, given: Mapping[str, str]) -> dict[str, str]:
        """Returns those of the given identities, by kind, that the promotion asks for.

        Raises:
            InvalidRequest: one that it asks for is missing.
        """
        missing = [kind for kind in self.identities if kind not in given]
        if missing:
            raise InvalidRequest(
                [(f"identities.{kind}", "send it: the promotion asks for it") for kind in missing]
            )
        return {kind: given[kind] for kind in self.identities}

    def to_json(self) -> dict[str, Any]:
        """Returns the promotion as plain JSON values, with the members in the order in which they are stored."""
        body = {name: value for name, value in members.of(self).items() if name != "code"}
        return {**body, "identities": list(self.identities)}

    @classmethod
    def from_json(cls, code: str, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            KeyError, TypeError: a member is missing, or is not known.
        """
        return cls(**{**body, "code": code, "identities": tuple(body["identities"])})
