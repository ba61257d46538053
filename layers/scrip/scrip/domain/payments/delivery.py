"""A delivery: what one webhook of a provider, or one answer of its API, says of one payment; and what is asked of it.

Owns the JSON of the queue's messages. Does not own the facts in it (``facts``), nor a provider's own forms
(``scrip.providers``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scrip.domain.payments.facts import Fact, fact_from_dict, fact_to_dict, text


@dataclass(frozen=True, slots=True)
class Parked:
    """Why something that a provider said could not be used. ``about`` is the object (``refund:re_1``,
    ``dispute:dp_1``, ``payment``): a later fact about the same one takes the reason away."""

    about: str
    reason: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook, or one answer of a provider's API, translated: several facts are possible (a Dodo payment
    lists its refunds and disputes), and so are none.

    ``parked`` holds the reasons why something in it could not be used; a person has to look, and nothing is
    lost meanwhile: the facts beside it count. Without facts and reasons the event means nothing to the
    ledger.
    """

    provider: str
    type: str
    payment_id: str | None
    facts: tuple[Fact, ...] = ()
    parked: tuple[Parked, ...] = ()

    @property
    def ignored(self) -> bool:
        """Tells whether this webhook neither says anything about money nor needs anyone's attention."""
        return not self.facts and not self.parked

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON values, for a queue's message."""
        return {
            "provider": self.provider,
            "type": self.type,
            "payment_id": self.payment_id,
            "facts": [fact_to_dict(fact) for fact in self.facts],
            "parked": [asdict(parked) for parked in self.parked],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Delivery:
        """Reads what ``to_dict`` wrote.

        Raises:
            ValueError: a fact is not known (see ``fact_from_dict``), or a member is not what ``to_dict`` writes.
        """
        return cls(
            provider=text(data, "provider"),
            type=text(data, "type"),
            payment_id=text(data, "payment_id") if data["payment_id"] is not None else None,
            facts=tuple(fact_from_dict(fact) for fact in data["facts"]),
            parked=tuple(Parked(text(said, "about"), text(said, "reason")) for said in data["parked"]),
        )


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a provider has to be asked: how a payment stands, and the checkout session of ours that it may be of."""

    provider: str
    payment_id: str
    session_id: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Inquiry:
        """Reads a queue's message.

        Raises:
            ValueError: a member is no text.
        """
        session = text(data, "session_id") if data.get("session_id") is not None else None
        return cls(text(data, "provider"), text(data, "payment_id"), session)
