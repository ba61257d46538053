"""What follows from a payment beside the ledger, once it is applied: subscriptions, and dunning of what was not paid.

Each step may be done again: a delivery that comes again after a failure goes on where the first one stopped. Does not
own what is booked (``posting``), nor who hears of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from scrip.domain.payments.dunning import DunningRun
from scrip.domain.payments.payment import Payment
from scrip.domain.payments.subscription import Standing
from scrip.services.payments import dunning, subscriptions
from scrip.services.payments.dunning import Failure
from scrip.store.tables import Tables


@dataclass(frozen=True, slots=True)
class Followed:
    """What followed: the run that the failure has which was told, and those that a payment ended."""

    begun: DunningRun | None = None
    ended: tuple[DunningRun, ...] = ()


def of_payment(tables: Tables, payment: Payment, now: int, *, booked: bool) -> Followed:
    """Does what follows from a payment as it is now.

    Args:
        now: epoch milliseconds.
        booked: something was booked for it just now.

    Raises:
        Throttled, Contended: not now; the queue brings it again.
    """
    ended = _ended(tables, payment, booked=booked)
    return Followed(_begun(tables, subscriptions.hear_payment(tables, payment), now), ended)


def of_standing(tables: Tables, provider: str, standing: Standing, now: int) -> Followed:
    """Does what follows from how a provider says that a subscription stands. Raises as ``of_payment``."""
    return Followed(_begun(tables, subscriptions.hear_standing(tables, provider, standing), now))


def _begun(tables: Tables, failure: Failure | None, now: int) -> DunningRun | None:
    """Returns the run that follows a failure, begun now or before; None where nothing failed."""
    return dunning.begin(tables, failure, now) if failure else None


def _ended(tables: Tables, payment: Payment, *, booked: bool) -> tuple[DunningRun, ...]:
    """Ends the runs of the wallet that a payment was granted in."""
    facts = payment.facts
    if facts.paid is None or payment.void or not payment.posted.lot or not (payment.account and payment.unit):
        return ()
    # What is booked beside refunds and disputes may be theirs.
    granted = booked and not (facts.refunds or facts.disputes)
    return tuple(dunning.paid(tables, payment.account, payment.unit, facts.paid.at, granted=granted))
