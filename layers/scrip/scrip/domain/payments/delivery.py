"""A delivery: what one webhook of a provider, or one answer of its API, says of one payment; and what is asked of it.

Owns the JSON of the queue's messages. Does not own the facts in it (``facts``), nor a provider's own forms
(``scrip.providers``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from scrip.domain.payments.facts import Fact, fact_from_dict, fact_to_dict, text
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.domain.payments.subscription import Standing


@dataclass(frozen=True, slots=True)
class Parked:
    """Why something that a provider said could not be used. ``about`` is the object (``refund:re_1``,
    ``dispute:dp_1``, ``payment``): a later fact about the same one takes the reason away."""

    about: str
    reason: str


@dataclass(frozen=True, slots=True)
class Names:
    """What a body says that its payment is of, also where nothing else in it can be read.

    ``topup_id`` is taken from where only we can write it, as that of a fact is. ``charge_id`` names the payment itself.
    """

    session_id: str | None = None
    topup_id: str | None = None
    subscription_id: str | None = None
    charge_id: str | None = None

    def join(self, other: Names) -> Names:
        """Returns what either says; of two that differ always the same one."""
        mine, theirs = asdict(self), asdict(other)
        return Names(**{name: max(mine[name] or "", theirs[name] or "") or None for name in mine})

    def to_json(self) -> dict[str, str]:
        """Returns plain JSON values; what is not said is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Names:
        """Reads what ``to_json`` wrote. Raises ``ValueError`` where a member is no text."""
        return cls(**{one.name: text(body, one.name) for one in fields(cls) if one.name in body})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook, or one answer of a provider's API, translated: several facts are possible (a Dodo payment
    lists its refunds and disputes), and so are none.

    ``parked`` holds the reasons why something in it could not be used; a person has to look, and nothing is
    lost meanwhile: the facts beside it count. Without facts and reasons the event means nothing to the
    ledger.

    Attributes:
        api_version: of the provider's API, in whose shape it is; None where it does not say.
        said_at: the instant of its event, epoch milliseconds; None where it does not say.
        names: what it says that its payment is of.
        own: which of the provider's accounts it is of, where that is to be held against the one that was seen first;
            empty where it should say and does not; None: it is not held against anything.
        standing: how a subscription stands; None: it does not say.
        method: what the payment was made with, where that can be charged again while the buyer is away.
    """

    provider: str
    type: str
    payment_id: str | None
    facts: tuple[Fact, ...] = ()
    parked: tuple[Parked, ...] = ()
    api_version: str | None = field(default=None, compare=False)
    said_at: int | None = field(default=None, compare=False)
    names: Names = field(default=Names(), compare=False)
    own: str | None = field(default=None, compare=False)
    standing: Standing | None = None
    method: PaymentMethod | None = field(default=None, compare=False)

    @property
    def of_payment(self) -> bool:
        """Tells whether this webhook says anything about money, or needs somebody's attention."""
        return bool(self.facts or self.parked)

    @property
    def ignored(self) -> bool:
        """Tells whether this webhook means nothing here."""
        return not self.of_payment and self.standing is None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON values, for a queue's message. What is not said of where it comes from is left out."""
        more = {
            "api_version": self.api_version,
            "said_at": self.said_at,
            "names": self.names.to_json() or None,
            "own": self.own,
            "standing": self.standing.to_json() if self.standing else None,
            "method": self.method.to_json() if self.method else None,
        }
        return {
            "provider": self.provider,
            "type": self.type,
            "payment_id": self.payment_id,
            "facts": [fact_to_dict(fact) for fact in self.facts],
            "parked": [asdict(parked) for parked in self.parked],
            **{name: value for name, value in more.items() if value is not None},
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
            api_version=text(data, "api_version") if "api_version" in data else None,
            said_at=_instant(data.get("said_at")),
            names=Names.from_json(data.get("names", {})),
            own=text(data, "own") if "own" in data else None,
            standing=Standing.from_json(data["standing"]) if "standing" in data else None,
            method=PaymentMethod.from_json(data["method"]) if "method" in data else None,
        )


def _instant(value: Any) -> int | None:
    """Reads an instant of a message. Raises ``ValueError`` where it is none."""
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError("said_at is no instant")
    return value


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
