"""A subscription: how its provider says that it stands, what was paid of it last, and which renewal failed.

Deliveries come in any order and any number of times: the latest instant that a provider says of itself holds. Does not
own which order a subscription is of (``services.payments.orders``), nor what follows a failure (``dunning``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Self, cast

State = Literal["active", "past_due", "paused", "cancelling", "cancelled"]
"""How a subscription stands. `past_due`: its last renewal is not paid; `cancelling`: it goes on to the end of what was
paid for, and is not renewed then; `cancelled`: it is over."""
STATES: Final[Mapping[str, int]] = {"active": 0, "past_due": 1, "paused": 2, "cancelling": 3, "cancelled": 4}
"""Of two that a provider says of one instant, the later here holds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider says that a subscription stands. Instants in epoch milliseconds.

    Attributes:
        at: when it stood so, by the provider's clock.
        renews_at: when it is renewed next, or (``cancelling``) ends; None: the provider does not say.
        unpaid: its renewal failed, and it is this that tells of it, where no payment need do so.
    """

    subscription_id: str
    state: State
    at: int
    renews_at: int | None = None
    unpaid: bool = False

    def join(self, other: Standing | None) -> Standing:
        """Returns the later of two."""
        return self if other is None else max(self, other, key=lambda one: (one.at, STATES[one.state]))

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; what is not said is left out."""
        return {name: value for name, value in asdict(self).items() if value not in (None, False)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            ValueError: a member is not what ``to_json`` writes.
        """
        name, state = body.get("subscription_id"), body.get("state")
        at, renews_at = body.get("at"), body.get("renews_at")
        if not isinstance(name, str) or state not in STATES:
            raise ValueError("standing is not what it should be")
        if type(at) is not int or not (renews_at is None or type(renews_at) is int):
            raise ValueError("standing is not what it should be")
        return cls(name, cast(State, state), at, renews_at, body.get("unpaid") is True)


@dataclass(frozen=True, slots=True)
class FailedRenewal:
    """A renewal that was not paid.

    Attributes:
        at: when, by the provider's clock; epoch milliseconds.
        payment_id: the payment, invoice or transaction that failed; None: the provider names none.
    """

    at: int
    payment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is known of a subscription. Instants by the provider's clock, in epoch milliseconds.

    Attributes:
        topup_id, account, unit: its order, and the wallet that it pays into.
        standing: what its provider said last; None: nothing.
        paid_at: when a period was paid last, and ``paid_by`` which payments of that instant; None: none was.
        failed: the renewal that failed last.
    """

    provider: str
    subscription_id: str
    topup_id: str
    account: str
    unit: str
    standing: Standing | None = None
    paid_at: int | None = None
    failed: FailedRenewal | None = None
    paid_by: tuple[str, ...] = ()

    @property
    def overdue(self) -> FailedRenewal | None:
        """Returns the renewal that failed and that nothing was paid after; None: there is none."""
        failed = self.failed
        if failed is None or failed.payment_id in self.paid_by:
            return None
        return failed if self.paid_at is None or failed.at >= self.paid_at else None

    @property
    def state(self) -> State:
        """Returns how it stands, by all that is known."""
        said = self.standing
        if said and said.state not in ("active", "past_due"):
            return said.state
        if said and said.state == "past_due" and said.at > (self.paid_at or 0):
            return "past_due"
        failed = self.overdue
        # A provider that goes on charging says of itself when all is paid again.
        recovered = failed and said and said.state == "active" and said.at > failed.at
        return "past_due" if failed and not recovered else "active"

    def heard(self, standing: Standing) -> Subscription:
        """Returns what is known once its provider says how it stands."""
        known = replace(self, standing=standing.join(self.standing))
        return known.failing(FailedRenewal(standing.at)) if standing.unpaid else known

    def paid(self, at: int, payment_id: str) -> Subscription:
        """Returns what is known once a payment paid a period. Of two the later is kept; of one instant, both."""
        if self.paid_at is not None and at < self.paid_at:
            return self
        others = self.paid_by if at == self.paid_at else ()
        return replace(self, paid_at=at, paid_by=tuple(sorted({*others, payment_id})))

    def failing(self, failed: FailedRenewal) -> Subscription:
        """Returns what is known once a renewal failed; of several the last is kept, by the name that any has."""
        known = self.failed
        if known is None:
            return replace(self, failed=failed)
        same = known.payment_id == failed.payment_id or None in (known.payment_id, failed.payment_id)
        name = known.payment_id or failed.payment_id if same else None
        last = max(known, failed, key=lambda one: (one.at, one.payment_id or ""))
        return replace(self, failed=replace(last, payment_id=last.payment_id or name))

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; what is not known is left out."""
        said = {
            "standing": self.standing.to_json() if self.standing else None,
            "failed": asdict(self.failed) if self.failed else None,
            "paid_by": list(self.paid_by) or None,
        }
        return {name: value for name, value in {**asdict(self), **said}.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. Raises ``TypeError`` or ``ValueError`` for anything else."""
        said = dict(body)
        standing, failed = said.pop("standing", None), said.pop("failed", None)
        stands = Standing.from_json(standing) if standing else None
        paid_by = tuple(said.pop("paid_by", ()))
        return cls(
            **said, standing=stands, paid_by=paid_by, failed=FailedRenewal(**failed) if failed else None
        )
