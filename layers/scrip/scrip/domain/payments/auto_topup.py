"""An automatic top-up of a wallet: what it is to do, what it has done, and what follows from what happens to it. Pure.

It is one document, changed by whoever has its last revision, so that of two that act at once one has to look again. So
there is never more than one charge in flight, and its cap is met exactly.

Does not own what a provider answers (``providers.clients``), nor the order that is charged (``order``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Self

from scrip.domain.credits.calendar import period, rounded_up
from scrip.domain.credits.lots import Money
from scrip.domain.events.auto_topups import AutoTopupTold, AutoTopupType
from scrip.domain.payments.payment_method import PaymentMethod

AutoTopupState = Literal["ready", "in_flight", "backing_off", "needs_action", "suspended", "off"]
"""What an automatic top-up is doing. `ready`: it waits for its threshold. `in_flight`: a charge is under way, or nobody
knows yet what became of it. `backing_off`: it waits for `next_attempt_at`. `needs_action`: it waits for the buyer.
`suspended`: it has given up. `off`: it is not enabled."""
AutoTopupReason = Literal[
    "declined",
    "authentication_required",
    "method_missing",
    "method_expired",
    "cap_reached",
    "provider_unavailable",
    "wallet_closed",
    "suspended_after_failures",
]
"""Why an automatic top-up is in its state."""
Standing = Literal["ready", "backing_off", "needs_action", "suspended"]

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
PAUSES_MS: Final = (HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS)
"""How long after an attempt that failed the next one is made. After the last there is none."""
LOOKS_MS: Final = (MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS)
"""How long after a look at what became of a charge the next one is; the last of them for ever."""
LEASE_MS: Final = 2 * MINUTE_MS
"""For so long whoever is to ask the provider has the attempt for itself: longer than a function lasts."""
SETTLED_MS: Final = 10 * MINUTE_MS
"""So long after it was asked for, a provider that takes no keys lists a charge, if it was made."""
KNOWN_MS: Final = 35_000
"""So long after it was enabled, the reader of the ledger's stream surely knows of it."""
MOST_CHARGES: Final = 1_000
"""Charges that are remembered; a window of the cap that has as many is full."""
DEFAULT_EVERY: Final = "P1M"
BUYERS: Final[frozenset[AutoTopupReason]] = frozenset(
    {"authentication_required", "method_missing", "method_expired"}
)
"""Reasons that only the buyer can take away."""


@dataclass(frozen=True, slots=True)
class Cap:
    """How much may be charged in each period.

    Attributes:
        every: the period (ISO 8601), counted from ``anchor`` by the calendar of ``time_zone``.
        count: charges; None: any number of them.
        money: without tax; None: any amount.
    """

    every: str
    time_zone: str
    anchor: int
    count: int | None = None
    money: Money | None = None

    def window(self, at: int) -> tuple[int, int]:
        """Returns beginning and end of the period that an instant lies in, epoch milliseconds."""
        return period(self.anchor, self.every, self.time_zone, at)


def month_of(at: int, zone: str) -> int:
    """Returns the first instant of the month that ``at`` lies in, by the clocks of a zone; epoch milliseconds."""
    return period(rounded_up(at + 1, "month", zone), "P1M", zone, at)[0]


@dataclass(frozen=True, slots=True)
class AutoTopupTerms:
    """What an automatic top-up is to do.

    Attributes:
        threshold: steps of the unit: with so many available, or fewer, it tops up.
        quantity: packs of each order; None: as many as it takes to reach ``target`` steps.
        cap: None: as much and as often as the threshold asks for.
    """

    threshold: int
    pack: str
    provider: str
    quantity: int | None
    target: int | None
    cap: Cap | None
    enabled: bool

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; steps as text."""
        return {
            **asdict(self),
            "threshold": str(self.threshold),
            "target": None if self.target is None else str(self.target),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. Raises ``KeyError`` or ``TypeError`` where it is something else."""
        said = dict(body)
        cap, target = said.pop("cap"), said.pop("target")
        money = cap.pop("money") if cap else None
        return cls(
            **{
                **said,
                "threshold": int(said["threshold"]),
                "target": None if target is None else int(target),
                "cap": Cap(**cap, money=Money(**money) if money else None) if cap else None,
            }
        )


@dataclass(frozen=True, slots=True)
class ChargeAttempt:
    """One attempt to charge an order, from before the provider was asked until it is certain what became of it.

    Attributes:
        number: of all attempts of this top-up, from 1 on.
        credits: what the order gives, in steps.
        begun_at: epoch milliseconds; it counts in the cap's period that this lies in.
        asked_at: when the provider was asked with the present key for the first time.
        keys: how many keys it was asked with.
        looks: how often it was looked at since, without an end.
        payment_id: the provider's payment; None while it is not known whether there is one.
        charged: the provider says that it is paid: only the credits are not there yet.
    """

    topup_id: str
    number: int
    price: Money
    credits: int
    name: str
    method: PaymentMethod
    begun_at: int
    asked_at: int
    keys: int = 1
    looks: int = 0
    payment_id: str | None = None
    charged: bool = False

    @property
    def key(self) -> str:
        """Returns the key under which the provider is asked."""
        return f"charge:{self.topup_id}.{self.number}.{self.keys}"

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        return {**asdict(self), "credits": str(self.credits), "method": self.method.to_json()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. Raises ``KeyError`` or ``TypeError`` where it is something else."""
        said = {**body, "credits": int(body["credits"]), "price": Money(**body["price"])}
        return cls(**{**said, "method": PaymentMethod.from_json(body["method"])})


@dataclass(frozen=True, slots=True)
class PastCharge:
    """A charge that was paid: its order, when its attempt began, and how much it was, without tax."""

    topup_id: str
    at: int
    money: Money


@dataclass(frozen=True, slots=True)
class Spent:
    """What was charged in a period ``[since, until)``: how often, and how much, by currency."""

    count: int
    money: Mapping[str, int]
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class AutoTopup:
    """A wallet's automatic top-up.

    Attributes:
        terms: None: it was deleted. What it has charged is remembered, and what is in flight followed, all the same.
        attempt: what is in flight.
        tries: attempts that failed, since anything was forgotten.
        topup_id: the order that they were made at, and that the next is made at.
        orders, attempts: how many orders it has made, and attempts, for their ids.
        next_at: when it is looked at next, whatever happens before; None: only when something happens.
        sure_at: when it is looked at once more after it was put, since by then whoever reads the stream knows of it.
        failed_at: when an attempt failed last, or could not be made.
        failed_with: the name of the method that it failed with.
        capped: the beginning of the last period of which was told that the cap is met.
        charges: the last ones, oldest first.
        tell: what has to be told yet; told: how much was.
    """

    account: str
    unit: str
    terms: AutoTopupTerms | None
    standing: Standing = "ready"
    reason: AutoTopupReason | None = None
    attempt: ChargeAttempt | None = None
    tries: int = 0
    topup_id: str | None = None
    orders: int = 0
    attempts: int = 0
    next_at: int | None = None
    sure_at: int | None = None
    failed_at: int | None = None
    failed_with: str | None = None
    capped: int | None = None
    charges: Sequence[PastCharge] = ()
    tell: Sequence[AutoTopupTold] = ()
    told: int = 0

    @property
    def state(self) -> AutoTopupState:
        """Returns what it is doing."""
        if self.attempt:
            return "in_flight"
        return self.standing if self.enabled else "off"

    @property
    def enabled(self) -> bool:
        """Tells whether it may charge."""
        return self.terms is not None and self.terms.enabled

    @property
    def next_attempt_at(self) -> int | None:
        """Returns when it tries again; None where it does not wait for an instant."""
        return self.next_at if self.state == "backing_off" else None

    @property
    def listed_at(self) -> int | None:
        """Returns the instant by which a schedule finds it; None: it need not be found."""
        instants = [at for at in (self.next_at, self.sure_at) if at is not None]
        return 0 if self.tell else min(instants, default=None)

    # The cap

    def spent(self, at: int) -> Spent:
        """Returns what was charged in the cap's period that ``at`` lies in; without a cap, in its calendar month."""
        cap = self.terms.cap if self.terms else None
        since, until = (cap or Cap(DEFAULT_EVERY, "UTC", month_of(at, "UTC"))).window(at)
        within = [one for one in self.charges if since <= one.at < until]
        money: dict[str, int] = {}
        for one in within:
            money[one.money.currency] = money.get(one.money.currency, 0) + one.money.amount
        return Spent(len(within), money, since, until)

    def fits(self, price: Money, at: int) -> bool:
        """Tells whether the cap leaves room for one more charge, of this price."""
        cap, spent = (self.terms.cap if self.terms else None), self.spent(at)
        if spent.count >= MOST_CHARGES or (cap and cap.count is not None and spent.count >= cap.count):
            return False
        if cap is None or cap.money is None:
            return True
        if price.currency != cap.money.currency:
            return False
        return spent.money.get(price.currency, 0) + price.amount <= cap.money.amount

    def met(self, at: int) -> AutoTopup:
        """Returns it waiting for the cap's next period: that is told once a period."""
        spent = self.spent(at)
        waiting = replace(self, standing="backing_off", reason="cap_reached", next_at=spent.until)
        if self.capped == spent.since:
            return waiting
        return replace(waiting, capped=spent.since).telling("failed", at)

    # What callers say

    def put(self, terms: AutoTopupTerms, method: PaymentMethod | None, at: int) -> AutoTopup:
        """Returns it with other terms. Failures are forgotten; what is in flight stays so."""
        sure = at + KNOWN_MS if terms.enabled else None
        wanted = replace(self, terms=terms, sure_at=sure).forgetting()
        if self.attempt or not terms.enabled or method is not None:
            return wanted
        return wanted.stopped("needs_action", "method_missing", at)

    def deleted(self) -> AutoTopup:
        """Returns it without terms. What is in flight is followed to its end."""
        return replace(self, terms=None, sure_at=None).forgetting()

    def forgetting(self) -> AutoTopup:
        """Returns it as if no attempt had failed. An order that was tried is tried no more."""
        if self.attempt:
            return replace(self, tries=0)
        return replace(
            self,
            standing="ready",
            reason=None,
            tries=0,
            topup_id=None,
            next_at=None,
            failed_at=None,
            failed_with=None,
        )

    def paid(self, at: int) -> AutoTopup:
        """Returns it after a payment topped up the wallet, at ``at``: that forgets the failures of before."""
        failed = self.standing != "ready" and self.reason not in ("cap_reached", "wallet_closed")
        if self.attempt or not (failed or self.tries) or (self.failed_at is not None and at < self.failed_at):
            return self
        return self.forgetting()

    def resolved(self) -> AutoTopup:
        """Returns it after a person dismissed the payment of its charge: it was charged, and is followed no more."""
        return replace(self.counted(), attempt=None).forgetting()

    # What is charged

    def ready(self, at: int, method: PaymentMethod | None) -> bool:
        """Tells whether it may make an attempt, if the wallet asks for one."""
        if not self.enabled or self.attempt:
            return False
        if self.standing == "ready":
            return True
        if self.standing == "backing_off":
            return self.next_at is not None and at >= self.next_at
        # Another method than that which failed is worth an attempt, whatever became of the other.
        return method is not None and self.reason != "wallet_closed" and method.name != self.failed_with

    def begun(self, attempt: ChargeAttempt) -> AutoTopup:
        """Returns it with a charge in flight. Its maker has the attempt for itself, for a while."""
        first = attempt.topup_id != self.topup_id
        flying = replace(
            self,
            standing="ready",
            reason=None,
            attempt=attempt,
            topup_id=attempt.topup_id,
            orders=self.orders + first,
            attempts=attempt.number,
            next_at=attempt.begun_at + LEASE_MS,
        )
        return flying.telling("started", attempt.begun_at) if first else flying

    def asking(self, at: int, *, again: bool) -> AutoTopup:
        """Returns it with its attempt in the hands of whoever looks at it now.

        Args:
            again: the provider is certain to know nothing of it, and is asked under another key.
        """
        assert self.attempt
        attempt = self.attempt
        if again:
            attempt = replace(attempt, keys=attempt.keys + 1, asked_at=at)
        return replace(self, attempt=attempt, next_at=at + LEASE_MS)

    def unknown(self, at: int, payment_id: str | None = None) -> AutoTopup:
        """Returns it after a look that did not tell what became of the charge."""
        assert self.attempt
        pause = LOOKS_MS[min(self.attempt.looks, len(LOOKS_MS) - 1)]
        known = payment_id or self.attempt.payment_id
        attempt = replace(self.attempt, looks=self.attempt.looks + 1, payment_id=known)
        reason: AutoTopupReason | None = None if known else "provider_unavailable"
        return replace(self, attempt=attempt, reason=reason, next_at=at + pause)

    def charged(self, payment_id: str, at: int) -> AutoTopup:
        """Returns it after the provider said that it is paid. Its credits come as those of any payment."""
        assert self.attempt
        counted = self.counted()
        attempt = replace(self.attempt, payment_id=payment_id, charged=True)
        return replace(counted, attempt=attempt, reason=None, next_at=at + MINUTE_MS)

    def counted(self) -> AutoTopup:
        """Returns it with its attempt among what was charged."""
        assert self.attempt
        return self.came_late(PastCharge(self.attempt.topup_id, self.attempt.begun_at, self.attempt.price))

    def came_late(self, made: PastCharge) -> AutoTopup:
        """Returns it with a charge that was paid after it had been given up."""
        known = {one.topup_id for one in self.charges}
        return (
            self if made.topup_id in known else replace(self, charges=(*self.charges, made)[-MOST_CHARGES:])
        )

    def succeeded(self, at: int) -> AutoTopup:
        """Returns it after its order's credits came."""
        told = self.counted().telling("succeeded", at)
        return replace(told, attempt=None).forgetting()

    def failed(self, reason: AutoTopupReason, at: int) -> AutoTopup:
        """Returns it after an attempt that is certain to have come to nothing."""
        assert self.attempt
        tries = self.tries + 1
        landed = replace(
            self,
            attempt=None,
            topup_id=self.attempt.topup_id,
            tries=tries,
            failed_at=at,
            failed_with=self.attempt.method.name,
            reason=reason,
            next_at=None,
        )
        if not self.enabled:
            return replace(landed, attempt=None).forgetting()
        if reason in BUYERS:
            return landed.stopped("needs_action", reason, at)
        if tries > len(PAUSES_MS):
            told = replace(landed, standing="backing_off").telling("failed", at)
            return told.stopped("suspended", "suspended_after_failures", at)
        waiting = replace(landed, standing="backing_off", next_at=at + PAUSES_MS[tries - 1])
        return waiting.telling("failed", at)

    def waiting(self, at: int) -> AutoTopup:
        """Returns it waiting an hour, since no charge can be made now; that is told once."""
        waiting = replace(
            self, standing="backing_off", reason="provider_unavailable", next_at=at + HOUR_MS, failed_at=at
        )
        return waiting if self.reason == "provider_unavailable" else waiting.telling("failed", at)

    def refused(self, at: int) -> AutoTopup:
        """Returns it after a provider took no such charge: nothing was charged, and no method is at fault."""
        assert self.attempt
        landed = replace(self, attempt=None, topup_id=self.attempt.topup_id)
        return landed.waiting(at) if self.enabled else landed.forgetting()

    def content(self) -> AutoTopup:
        """Returns it after a look that found enough in the wallet: an order that was tried is tried no more."""
        return replace(self, standing="ready", reason=None, next_at=None, topup_id=None)

    def stopped(
        self, standing: Literal["needs_action", "suspended"], reason: AutoTopupReason, at: int
    ) -> AutoTopup:
        """Returns it stopped, until it is put again, a payment tops up the wallet, or there is another method."""
        stopped = replace(self, standing=standing, reason=reason, next_at=None, failed_at=at)
        return stopped.telling(standing, at)

    # What is told

    def telling(self, type_: AutoTopupType, at: int) -> AutoTopup:
        """Returns it with one thing more to be told, of how it is now."""
        said = AutoTopupTold(
            type=type_,
            account=self.account,
            unit=self.unit,
            number=self.told + len(self.tell) + 1,
            at=at,
            topup_id=self.attempt.topup_id if self.attempt else self.topup_id,
            reason=self.reason,
            next_attempt_at=self.next_attempt_at,
        )
        return replace(self, tell=(*self.tell, said))

    def having_told(self) -> AutoTopup:
        """Returns it after all was told."""
        return replace(self, tell=(), told=self.told + len(self.tell))

    # How it is stored

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        return {
            "account": self.account,
            "unit": self.unit,
            "terms": self.terms.to_json() if self.terms else None,
            "standing": self.standing,
            "reason": self.reason,
            "attempt": self.attempt.to_json() if self.attempt else None,
            "tries": self.tries,
            "topup_id": self.topup_id,
            "orders": self.orders,
            "attempts": self.attempts,
            "next_at": self.next_at,
            "sure_at": self.sure_at,
            "failed_at": self.failed_at,
            "failed_with": self.failed_with,
            "capped": self.capped,
            "charges": [[one.topup_id, one.at, one.money.amount, one.money.currency] for one in self.charges],
            "tell": [asdict(one) for one in self.tell],
            "told": self.told,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. Raises ``KeyError`` or ``TypeError`` where it is something else."""
        said = dict(body)
        terms, attempt = said.pop("terms"), said.pop("attempt")
        return cls(
            **{
                **said,
                "terms": AutoTopupTerms.from_json(terms) if terms else None,
                "attempt": ChargeAttempt.from_json(attempt) if attempt else None,
                "charges": tuple(PastCharge(name, at, Money(*money)) for name, at, *money in said["charges"]),
                "tell": tuple(AutoTopupTold(**one) for one in said["tell"]),
            }
        )


def packs_needed(credits_of: Callable[[int], int], missing: int, most: int) -> int:
    """Returns the fewest packs that give so many steps as are missing; ``most`` where no fewer do.

    Args:
        credits_of: returns the steps of so many packs, bonus included.
    """
    return next((number for number in range(1, most) if credits_of(number) >= missing), most)
