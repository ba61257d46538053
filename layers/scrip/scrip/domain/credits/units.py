"""Units: what is counted, how finely, and the policy that its wallets follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple, Self

from scrip.domain.credits import members
from scrip.domain.credits.calendar import EndOf
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lifetimes import Lifetime

BurnOrder = Literal["priority_expiry_cost", "stripe", "openmeter", "lago", "flexprice"]
"""In which order a wallet's lots are taken: by which of their members, and which member comes first."""
ScopedFirst = Literal["priority_expiry_cost+", "stripe+", "openmeter+", "lago+", "flexprice+"]
"""The same orders, but of the lots of one priority, those with a scope come first."""
LotOrder = BurnOrder | ScopedFirst
"""The order of a wallet's lots, as the wallet keeps it."""
SCOPED_FIRST: Final[dict[BurnOrder, ScopedFirst]] = {
    "priority_expiry_cost": "priority_expiry_cost+",
    "stripe": "stripe+",
    "openmeter": "openmeter+",
    "lago": "lago+",
    "flexprice": "flexprice+",
}
BY: Final[dict[LotOrder, BurnOrder]] = {
    **{order: order for order in SCOPED_FIRST},
    **{scoped: order for order, scoped in SCOPED_FIRST.items()},
}
"""What each order goes by within a priority, and within the lots with a scope or without."""
Shortfall = Literal["owe", "write_off", "other_lots"]
"""What becomes of the part of a clawback that was burned already: it is owed, written off, or taken from other lots."""
Boundary = Literal["exclusive", "inclusive"]
"""Whether a lot still lives at the instant `expires_at` itself."""
Stacking = Literal["free", "promotional_first", "paid_first"]
"""Whether promotional and paid credits are taken in one order, or one kind before the other."""
UpTo = Literal["available", "overdraft"]
"""What a burn in mode `up_to` takes at most: what is available, or that and the debt that the policy allows."""
OverCapture = Literal["refuse", "burn_extra"]
"""What a capture of more than is held does."""
LeaseTimeout = Literal["release", "capture"]
"""Whose the credits of a lease are that it holds at its deadline: the account's again, or spent."""
UnpaidUsage = Literal["owe", "reject"]
"""What becomes of an event of usage that credits do not pay for: it is owed, whatever the overdraft, or rejected."""
RunawayAction = Literal["freeze", "notify"]
"""What a runaway does: the wallet is frozen, and that is told; or it is told alone."""
Threshold = int | str
"""What available credits fall to: an amount in steps, or a percentage of the wallet's base such as ``20%``."""

DEFAULT_UNIT: Final = "credits"
DEFAULT_PRECISION: Final = 6
_LISTS: Final = ("low_balance", "run_out_days", "expiry_notices")


def by_share(thresholds: Sequence[Threshold]) -> bool:
    """Tells whether one of these thresholds is a percentage."""
    return any(isinstance(threshold, str) for threshold in thresholds)


class Runaway(NamedTuple):
    """The breaker: a wallet that spends more than ``amount`` credit steps ``within`` a while (ISO 8601) runs away."""

    amount: int
    within: str
    action: RunawayAction = "freeze"

    def to_json(self) -> dict[str, Any]:
        """Returns it as it is stored, steps as text."""
        return {"amount": str(self.amount), "within": self.within, "action": self.action}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> Runaway:
        """Reads what ``to_json`` wrote."""
        return Runaway(int(body["amount"]), body["within"], body["action"])


class CreditValue(NamedTuple):
    """What credits are worth: ``amount`` minor units of ``currency`` for each ``per`` credit steps."""

    amount: int
    currency: str
    per: int

    def of(self, steps: int) -> int:
        """Returns what so many steps are worth, in minor units, rounded down."""
        return steps * self.amount // self.per

    def to_json(self) -> dict[str, Any]:
        """Returns it as it is stored, steps as text."""
        return {"amount": self.amount, "currency": self.currency, "per": str(self.per)}

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> CreditValue:
        """Reads what ``to_json`` wrote."""
        return CreditValue(body["amount"], body["currency"], int(body["per"]))


@dataclass(frozen=True, slots=True)
class Policy:
    """What a unit's wallets allow. Amounts are credit steps of the unit.

    Attributes:
        order: the order in which lots are taken (see ``lots.order_key``). It is fixed once the unit is used.
        expiry_boundary: whether a lot still lives at the instant ``expires_at`` itself. It is fixed on the lot.
        overdraft_limit: the debt that a burn may make.
        up_to: whether a burn in mode ``up_to`` may make debt too, or takes what is available alone.
        repay_first: whether a grant repays debt before it can be spent.
        refund_shortfall: what becomes of the part of a clawback that was burned already.
        default_expires_in: ISO 8601 duration for grants that name no expiry; None: they do not expire.
        scoped_first: whether of the lots of one priority those with a scope are taken first; fixed as the order is.
        time_zone, end_of: of that duration, as of a ``Lifetime``.
        transferable: whether credits may move to another account.
        stacking: whether promotional and paid credits are taken in one order, or one kind before the other.
        promotional_share_max: the largest share of one burn that promotional credits pay: a decimal from 0 to 1.
        over_capture: what a capture of more than was held does, where the hold does not say.
        lease_timeout, lease_grace: whose what a lease holds at its deadline is, and how long after it (ISO 8601) it is
            held yet for a settlement that comes late.
        unpaid_usage: what becomes of an event of usage that credits do not pay for.
        usage_window: how late an event of usage may come, after its own time (ISO 8601).
        low_balance, run_out_days, expiry_notices, expiry_requires_notice: of what somebody wants to hear, as of
            ``domain.events.alerts.Alerts``.
        runaway: when a wallet spends so fast that it is stopped; None: never.
        value: what its credits are worth where they are billed; None: that is not known.
        notices: the number under which the unit keeps these notices, for lots that are granted with them; 0: it has
            none.
    """

    order: BurnOrder = "priority_expiry_cost"
    expiry_boundary: Boundary = "exclusive"
    overdraft_limit: int = 0
    repay_first: bool = True
    refund_shortfall: Shortfall = "owe"
    default_expires_in: str | None = None
    transferable: bool = False
    stacking: Stacking = "free"
    promotional_share_max: str = "1"
    over_capture: OverCapture = "refuse"
    low_balance: tuple[Threshold, ...] = ()
    time_zone: str = members.added("UTC")
    end_of: EndOf | None = members.added()
    up_to: UpTo = members.added("available")
    scoped_first: bool = members.added(False)
    run_out_days: tuple[int, ...] = members.added(())
    expiry_notices: tuple[str, ...] = members.added(())
    expiry_requires_notice: bool = members.added(False)
    notices: int = members.added(0)
    lease_timeout: LeaseTimeout = members.added("release")
    lease_grace: str = members.added("PT30S")
    unpaid_usage: UnpaidUsage = members.added("owe")
    usage_window: str = members.added("P34D")
    runaway: Runaway | None = members.added()
    value: CreditValue | None = members.added()

    @property
    def lot_order(self) -> LotOrder:
        """Returns the order of a wallet's lots."""
        return SCOPED_FIRST[self.order] if self.scoped_first else self.order

    @property
    def by_share(self) -> bool:
        """Tells whether an alert is a percentage of a wallet's base, so that entries show that."""
        return by_share(self.low_balance)

    @property
    def lifetime(self) -> Lifetime:
        """Returns how long credits live of which nobody says it."""
        return Lifetime(self.default_expires_in, self.time_zone, self.end_of)

    def to_json(self) -> dict[str, Any]:
        """Returns the policy as it is stored."""
        said = members.of(self)
        if self.runaway:
            said |= {"runaway": self.runaway.to_json()}
        if self.value:
            said |= {"value": self.value.to_json()}
        return said

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. A member that is missing has its default.

        Raises:
            KeyError, TypeError: another member is not as it was written, or not known.
        """
        read: dict[str, Any] = {name: tuple(body[name]) for name in _LISTS if name in body}
        if body.get("runaway"):
            read["runaway"] = Runaway.from_json(body["runaway"])
        if body.get("value"):
            read["value"] = CreditValue.from_json(body["value"])
        return cls(**{**body, **read})

    def overdraft(self, owed: int) -> int:
        """Returns the debt that a burn may still make in a wallet that owes so much, in steps."""
        return max(0, self.overdraft_limit - owed)


@dataclass(frozen=True, slots=True)
class Unit:
    """One version of a unit.

    Attributes:
        precision: decimals, 0 to 9: a credit is ``10 ** precision`` steps.
        version: 1 and up; 0 for the default unit before anything was stored for it.
        used: whether a wallet of it has an entry: precision and order are then fixed.
    """

    unit: str
    precision: int
    name: str = ""
    policy: Policy = field(default_factory=Policy)
    version: int = 0
    used: bool = False

    def to_json(self) -> dict[str, Any]:
        """Returns the unit as it is stored."""
        return {**asdict(self), "policy": self.policy.to_json()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. A member of the policy that is missing has its default.

        Raises:
            KeyError, TypeError: another member is missing, or one is not known.
        """
        return cls(**{**body, "policy": Policy.from_json(body["policy"])})


def default_unit() -> Unit:
    """Returns the unit that every deployment has from the start: ``credits``, with six decimals."""
    return Unit(DEFAULT_UNIT, DEFAULT_PRECISION, name="Credits")


def next_version(known: Unit | None, wanted: Unit) -> Unit:
    """Returns ``wanted`` as the version after ``known``; ``known`` itself where it was put before and nothing differs.

    Raises:
        PolicyViolation: the unit is used, and its precision or order would change.
    """
    if known is None:
        return replace(wanted, version=1, used=False)
    if known.used and wanted.precision != known.precision:
        raise PolicyViolation("precision is fixed once the unit is used", policy="precision")
    if known.used and wanted.policy.lot_order != known.policy.lot_order:
        raise PolicyViolation("the order is fixed once the unit is used", policy="order")
    if known.version and replace(wanted, version=known.version, used=known.used) == known:
        return known
    return replace(wanted, version=known.version + 1, used=known.used)
