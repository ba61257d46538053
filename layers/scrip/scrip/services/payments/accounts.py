"""Whose deliveries a provider's are, where no setting says so: the account that was seen first is ours.

Kept in a document that is written once, so that of two first deliveries at once one decides. Does not own what of a
delivery tells its account (the provider's ``webhook``), nor the settings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from scrip.domain.payments.delivery import Delivery, Parked
from scrip.store import documents, keys
from scrip.store.tables import Tables


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """The account that was seen first, such as ``livemode true``, and when: epoch milliseconds."""

    account: str
    at: int


def first_seen(tables: Tables, provider: str) -> FirstSeen | None:
    """Returns which of a provider's accounts was seen first; None where none was."""
    body = documents.get(tables, keys.ours(provider)).body
    return FirstSeen(**body) if body else None


def held_against_ours(tables: Tables, delivery: Delivery, at: int) -> tuple[Delivery, str | None]:
    """Holds a delivery against the account that was seen first. One of another account is parked: nothing of it counts.

    Returns the delivery as it may be applied, and the account where this delivery was the first to say one.

    Args:
        at: epoch milliseconds.
    """
    said = delivery.own
    if said is None:
        return delivery, None
    seen = first_seen(tables, delivery.provider)
    if seen is None:
        if not said:
            return delivery, None
        first = {"account": said, "at": at}
        if documents.put(tables, keys.ours(delivery.provider), documents.NEW, first):
            return delivery, said
        seen = first_seen(tables, delivery.provider)
        assert seen
    if seen.account == said:
        return delivery, None
    other = said or f"no {seen.account.partition(' ')[0]}"
    reason = (
        f"{other} is not ours: {seen.account} was seen first; if that is wrong, set the parameter that says whose "
        f"deliveries of {delivery.provider} are ours, and replay this one"
    )
    return replace(delivery, facts=(), standing=None, parked=(Parked("payment", reason),)), None
