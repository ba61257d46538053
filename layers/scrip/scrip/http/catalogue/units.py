"""Units: the bodies and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator

from scrip.domain.credits import limits
from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.calendar import EndOf, check_at_most
from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Boundary as ExpiryBoundary
from scrip.domain.credits.units import (
    BurnOrder,
    CreditValue,
    LeaseTimeout,
    OverCapture,
    Policy,
    Runaway,
    RunawayAction,
    Stacking,
    Unit,
    UnpaidUsage,
    UpTo,
)
from scrip.domain.credits.units import Shortfall as RefundShortfall
from scrip.http.edge import pages
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import (
    LONGER_THAN_NOTHING,
    MAX_MONEY,
    Amount,
    AmountOrZero,
    Body,
    Currency,
    Duration,
    Share,
    Zone,
)
from scrip.http.notifications.alerts import (
    NOTICE_NEEDED,
    ExpiryNotices,
    LowBalances,
    RunOutDays,
    days,
    notices,
    shown,
    thresholds,
)
from scrip.services.engine.paging import Found

if TYPE_CHECKING:
    from scrip.http.edge.forms import Count, Credits, Name, Precision, Span


def _grace(text: str) -> str:
    """Refuses a grace that is no duration, or too long. Of calendar months and years none is short enough."""
    return check_at_most(text, limits.LEASE_GRACE_MS, "an hour")


Grace = Annotated[
    str,
    AfterValidator(_grace),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": LONGER_THAN_NOTHING}),
]
"""How long a lease is held after its deadline."""


def _window(text: str) -> str:
    """Refuses a window that is no duration, or too long."""
    return check_at_most(text, limits.USAGE_WINDOW_MS, "34 days")


Window = Annotated[
    str,
    AfterValidator(_window),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": LONGER_THAN_NOTHING}),
]
"""How late an event of usage may come."""


def _within(text: str) -> str:
    """Refuses a while that is no duration, or too long."""
    return check_at_most(text, limits.RUNAWAY_MS, "31 days")


Within = Annotated[
    str,
    AfterValidator(_within),
    WithJsonSchema({"type": "string", "format": "duration", "pattern": LONGER_THAN_NOTHING}),
]
"""A while in which what a wallet spends is counted."""


class RunawayBody(Body):
    """The breaker: what happens where a wallet spends too fast."""

    amount: Amount
    """How much it may spend within the while. What passes it is taken, and then it acts."""
    within: Within
    """The while, ISO 8601; 31 days at most. It slides."""
    action: RunawayAction = "freeze"
    """`freeze`: the wallet is frozen in the commit of what passes it, until somebody unfreezes it, and that is told;
    `notify`: it is told alone, once for each crossing."""

    def definition(self, precision: int) -> Runaway:
        """Returns it with its amount in steps. Raises as the policy's ``definition``."""
        return Runaway(
            parse_amount(self.amount, precision, "policy.runaway.amount"), self.within, self.action
        )


class ValueBody(Body):
    """What credits are worth where they are billed."""

    amount: Annotated[int, Field(ge=1, le=MAX_MONEY)]
    """Minor units (cents)."""
    currency: Currency
    """ISO 4217, capital letters."""
    per: Amount = "1"
    """For how many credits."""

    def definition(self, precision: int) -> CreditValue:
        """Returns it with its credits in steps. Raises as the policy's ``definition``."""
        return CreditValue(self.amount, self.currency, parse_amount(self.per, precision, "policy.value.per"))


class PolicyBody(Body):
    """A unit's policy: what is left out has its default."""

    order: BurnOrder = "priority_expiry_cost"
    """In which order lots are taken; four follow other systems. Fixed once the unit is used."""
    scoped_first: bool = False
    """Whether, of the lots of one priority, those with a `scope` are taken first: what fewer things can use. Fixed once
    the unit is used."""
    expiry_boundary: ExpiryBoundary = "exclusive"
    """Whether a lot still lives at the instant `expires_at` itself. Fixed on the lot."""
    overdraft_limit: AmountOrZero = "0"
    """Debt that a burn may run up."""
    up_to: UpTo = "available"
    """What a burn in mode `up_to` takes at most: what is available, or that and the debt that is allowed."""
    repay_first: bool = True
    """Whether a grant repays debt before it can be spent."""
    refund_shortfall: RefundShortfall = "owe"
    """What becomes of the part of a clawback that was burned already."""
    default_expires_in: Duration | None = None
    """How long a grant that names no expiry lives, ISO 8601; null: for ever."""
    time_zone: Zone = "UTC"
    """The zone whose calendar `default_expires_in` keeps, of the IANA database."""
    end_of: EndOf | None = None
    """Until the end of the `day` or `month` there that `default_expires_in` ends in."""
    transferable: bool = False
    """Whether credits may move to another account."""
    stacking: Stacking = "free"
    """Whether promotional and paid credits are taken in one order, or one kind before the other."""
    promotional_share_max: Share = "1"
    """The most of one burn that promotional credits pay, a decimal from 0 to 1. 0: they pay for nothing, and all is
    paid with credits that have a cost basis."""
    over_capture: OverCapture = "refuse"
    """What a capture of more than was held does, where the hold does not say."""
    lease_timeout: LeaseTimeout = "release"
    """Whose the credits are that a lease holds at its deadline: `release`, the account's again; `capture`, spent. Fixed
    on the lease."""
    lease_grace: Grace = "PT30S"
    """How long after its deadline they are held yet, for a settlement that comes late, ISO 8601; an hour at most. Fixed
    on the lease."""
    unpaid_usage: UnpaidUsage = "owe"
    """What becomes of an event of usage (`POST /v1/usage`) that credits do not pay for: `owe`, it is recorded as owed,
    whatever `overdraft_limit` says; `reject`, it is rejected."""
    usage_window: Window = "P34D"
    """How late an event of usage may come after its `time`, ISO 8601; 34 days at most. What comes later is rejected."""
    value: ValueBody | None = None
    """What its credits are worth where they are billed; null: that is not known. Fixed on the allowance that bills."""
    runaway: RunawayBody | None = None
    """When a wallet spends so fast that it is stopped; null: never."""
    low_balance: LowBalances = Field(default_factory=list)
    """Available amounts, or percentages of what was available after the last credits came, at which
    `scrip.balance.low` is told; each once."""
    run_out_days: RunOutDays = Field(default_factory=list)
    """How many days before credits are forecast to run out `scrip.balance.run_out_soon` is told; each once."""
    expiry_notices: ExpiryNotices = Field(default_factory=list)
    """How long before a lot ends `scrip.lot.expiring` is told, ISO 8601; each length once. Fixed on the lot."""
    expiry_requires_notice: bool = False
    """Whether a paid lot ends only if its last notice was delivered in time. Fixed on the lot."""

    @model_validator(mode="after")
    def _of_a_duration(self) -> Self:
        """Refuses what is said of a duration that is not there."""
        if self.default_expires_in is None and self.end_of is not None:
            raise ValueError("end_of: send it with default_expires_in, of which it says more")
        if self.expiry_requires_notice and not self.expiry_notices:
            raise ValueError(f"expiry_requires_notice: {NOTICE_NEEDED}")
        return self

    def definition(self, precision: int) -> Policy:
        """Returns the policy with its amounts in steps of a unit of this precision.

        Raises:
            PrecisionExceeded, AmountOutOfRange: an amount is not one of the unit.
            InvalidRequest: a low balance is zero, or an alert comes twice.
        """
        read = {
            "overdraft_limit": parse_amount(
                self.overdraft_limit, precision, "policy.overdraft_limit", zero=True
            ),
            "runaway": self.runaway.definition(precision) if self.runaway else None,
            "value": self.value.definition(precision) if self.value else None,
            "low_balance": thresholds(self.low_balance, precision, "policy.low_balance"),
            "run_out_days": days(self.run_out_days, "policy.run_out_days"),
            "expiry_notices": notices(self.expiry_notices, "policy.expiry_notices"),
        }
        return Policy(**{**self.model_dump(), **read})


class UnitBody(Body):
    """A kind of credits: its decimals, and what its wallets allow."""

    precision: Annotated[int, Field(ge=0, le=9)]
    """Decimals. Fixed once the unit is used."""
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    """Its name, for people."""
    policy: PolicyBody = Field(default_factory=PolicyBody)
    """What its wallets allow."""

    def definition(self, unit_id: str) -> Unit:
        """Returns the unit that the body defines, without a version. Raises as the policy's ``definition``."""
        return Unit(unit_id, self.precision, self.name, self.policy.definition(self.precision))


class RunawayView(TypedDict):
    """What happens where a wallet spends too fast."""

    amount: Credits
    """How much it may spend within the while."""
    within: Span
    """The while."""
    action: RunawayAction
    """Whether the wallet is frozen then, or it is told alone."""


class ValueView(TypedDict):
    """What credits are worth where they are billed."""

    amount: Count
    """Minor units (cents)."""
    currency: str
    """ISO 4217."""
    per: Credits
    """For how many credits."""


class PolicyView(TypedDict):
    """What a unit's wallets allow."""

    order: BurnOrder
    """In which order lots are taken. Fixed once the unit is used."""
    scoped_first: bool
    """Whether, of the lots of one priority, those with a scope are taken first."""
    expiry_boundary: ExpiryBoundary
    """Whether a lot still lives at the instant `expires_at` itself."""
    overdraft_limit: Credits
    """Debt that a burn may run up."""
    up_to: UpTo
    """What a burn in mode `up_to` takes at most: what is available, or that and the debt that is allowed."""
    repay_first: bool
    """Whether a grant repays debt before it can be spent."""
    refund_shortfall: RefundShortfall
    """What becomes of the part of a clawback that was burned already."""
    default_expires_in: str | None
    """How long a grant that names no expiry lives, ISO 8601; null: for ever."""
    time_zone: str
    """The zone whose calendar `default_expires_in` keeps, of the IANA database."""
    end_of: EndOf | None
    """Until the end of the day or month there that `default_expires_in` ends in."""
    transferable: bool
    """Whether credits may move to another account."""
    stacking: Stacking
    """Whether promotional and paid credits are taken in one order, or one kind first."""
    promotional_share_max: str
    """The most of one burn that promotional credits pay, a decimal from 0 to 1."""
    over_capture: OverCapture
    """What a capture of more than was held does, where the hold does not say."""
    lease_timeout: LeaseTimeout
    """Whose the credits are that a lease holds at its deadline."""
    lease_grace: Span
    """How long after it they are held yet."""
    unpaid_usage: UnpaidUsage
    """What becomes of an event of usage that credits do not pay for."""
    usage_window: Span
    """How late an event of usage may come after its time."""
    value: ValueView | None
    """What its credits are worth where they are billed; null: that is not known."""
    runaway: RunawayView | None
    """When a wallet spends so fast that it is stopped; null: never."""
    low_balance: list[str]
    """Available amounts, largest first, then percentages of what was available after the last credits came."""
    run_out_days: list[int]
    """How many days before credits are forecast to run out."""
    expiry_notices: list[str]
    """How long before a lot ends, ISO 8601, longest first. Fixed on the lot."""
    expiry_requires_notice: bool
    """Whether a paid lot ends only if its last notice was delivered in time. Fixed on the lot."""


class UnitView(TypedDict):
    """What is counted, how finely, and the policy of its wallets."""

    unit: Name
    """Its id."""
    precision: Precision
    """Decimals. Fixed once the unit is used."""
    name: str
    """Its name, for people."""
    policy: PolicyView
    """The policy, defaults filled in."""
    version: Count
    """Counts changes; 0 for the default unit before it was ever put."""


class UnitPageView(TypedDict):
    """Units, by their ids: the one that there always is among them."""

    items: list[UnitView]
    """The units."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""


def unit_page_view(found: Found[str, Unit]) -> UnitPageView:
    """Shows units."""
    items, cursor = pages.shown(found, unit_view)
    return {"items": items, "next_cursor": cursor}


def unit_view(unit: Unit) -> UnitView:
    """Shows a unit, with the amounts of its policy as decimals."""
    policy, precision = unit.policy, unit.precision
    return {
        "unit": unit.unit,
        "precision": precision,
        "name": unit.name,
        "policy": {
            "order": policy.order,
            "scoped_first": policy.scoped_first,
            "expiry_boundary": policy.expiry_boundary,
            "overdraft_limit": format_amount(policy.overdraft_limit, precision),
            "up_to": policy.up_to,
            "repay_first": policy.repay_first,
            "refund_shortfall": policy.refund_shortfall,
            "default_expires_in": policy.default_expires_in,
            "time_zone": policy.time_zone,
            "end_of": policy.end_of,
            "transferable": policy.transferable,
            "stacking": policy.stacking,
            "promotional_share_max": policy.promotional_share_max,
            "over_capture": policy.over_capture,
            "lease_timeout": policy.lease_timeout,
            "lease_grace": policy.lease_grace,
            "unpaid_usage": policy.unpaid_usage,
            "usage_window": policy.usage_window,
            "value": _value_view(policy.value, precision),
            "runaway": _runaway_view(policy.runaway, precision),
            "low_balance": shown(policy.low_balance, precision),
            "run_out_days": list(policy.run_out_days),
            "expiry_notices": list(policy.expiry_notices),
            "expiry_requires_notice": policy.expiry_requires_notice,
        },
        "version": unit.version,
    }


def _runaway_view(breaker: Runaway | None, precision: int) -> RunawayView | None:
    """Shows a breaker; null where there is none."""
    if breaker is None:
        return None
    amount = format_amount(breaker.amount, precision)
    return {"amount": amount, "within": breaker.within, "action": breaker.action}


def _value_view(value: CreditValue | None, precision: int) -> ValueView | None:
    """Shows what credits are worth; null where that is not known."""
    if value is None:
        return None
    return {"amount": value.amount, "currency": value.currency, "per": format_amount(value.per, precision)}
