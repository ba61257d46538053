"""A provider that can be asked, for the walks of charges: it knows what was paid there, and answers as its mood is.

What it is asked is told with the step. Whatever it has charged it finds again, by the key or the attempt it was asked
with, whether or not its answer was heard.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Final, get_args

from scrip.domain.payments.delivery import Delivery, Inquiry
from scrip.domain.payments.facts import Dispute, Fact, Paid, PartOf, Refund, Unpaid
from scrip.domain.payments.subscription import Standing
from scrip.providers.clients import (
    Charge,
    Charged,
    ChargeOutcome,
    DeliveryPage,
    ProviderRefused,
    ProviderUnavailable,
    Sale,
    Session,
    SettlementPage,
    WantedRefund,
)
from simulation.clock import Clock

OUTCOMES: Final[Sequence[str]] = get_args(ChargeOutcome)
UNHEARD: Final = ("silent", "unheard", "pending unheard")
"""Moods of a charge that nobody hears of: none is made; one is paid; one is under way."""
KEYS_MS: Final[Mapping[str, int]] = {"stripe": 20 * 3_600_000, "dodo": 0}
"""For how long each remembers a key, as its client says."""
PAGE: Final = 2


@dataclass(slots=True)
class MadeCharge:
    """A charge that was made: what was asked for, and what has become of it."""

    wanted: Charge
    charged: Charged


@dataclass
class Cashier:
    """One provider.

    Attributes:
        mood: what becomes of what it is asked next; weights of moods are the world's.
        payments: what it knows of each payment, by id.
    """

    name: str
    dice: random.Random
    clock: Clock
    moods: Mapping[str, int]
    asked: list[str]
    payments: dict[str, dict[str, Fact]] = field(default_factory=dict)
    made: list[MadeCharge] = field(default_factory=list)
    sessions: int = 0
    numbers: int = 0

    def __post_init__(self) -> None:
        self.key_ms = KEYS_MS.get(self.name, 0)

    def knows(self, payment_id: str, fact: Fact) -> None:
        """Notes a fact of a payment, in place of what it said of the same thing."""
        kinds = {Refund: "refund_id", Dispute: "dispute_id"}
        of = getattr(fact, kinds[type(fact)]) if type(fact) in kinds else "payment"
        of = "part" if isinstance(fact, PartOf) else of
        self.payments.setdefault(payment_id, {})[of] = fact

    def delivery(self, payment_id: str, type_: str = "read") -> Delivery:
        """Returns all that it knows of a payment."""
        return Delivery(self.name, type_, payment_id, tuple(self.payments[payment_id].values()))

    def _mood(self, of: Sequence[str]) -> str:
        """Returns one of these moods, by their weights."""
        return self.dice.choices(of, [self.moods.get(one, 1) for one in of])[0]

    def _refuses(self, what: str) -> None:
        """Says what it is asked; it is silent now and then, or refuses."""
        self.asked.append(f"{self.name}: {what}")
        mood = self._mood(("answers", "out", "forbids", "lost", "minds"))
        if mood == "out":
            raise ProviderUnavailable("no connection")
        status = {"forbids": 403, "lost": 404, "minds": 409}.get(mood)
        if status:
            raise ProviderRefused(status, mood)

    # What is bought

    def open_session(self, sale: Sale) -> Session:
        self._refuses(f"session {asdict(sale)}")
        self.sessions += 1
        return Session(f"cs_{self.name}_{self.sessions}", f"https://pay.example.test/{self.sessions}")

    # What is charged

    def charge(self, wanted: Charge) -> Charged:
        self.asked.append(f"{self.name}: charge {asdict(wanted)}")
        known = next((one for one in self.made if self.key_ms and one.wanted.key == wanted.key), None)
        if known:
            return known.charged
        mood = self._mood((*OUTCOMES, *UNHEARD, "refuses"))
        if mood == "refuses":
            raise ProviderRefused(402, "no such charge")
        if mood != "silent":
            made = MadeCharge(wanted, self._charged(wanted, mood))
            self.made.append(made)
        if mood in UNHEARD:
            raise ProviderUnavailable("no answer")
        return made.charged

    def _charged(self, wanted: Charge, mood: str) -> Charged:
        """Makes a charge, and returns what has become of it."""
        at, self.numbers = self.clock.now, self.numbers + 1
        name, tax = f"ch_{self.name}_{self.numbers}", wanted.amount * 19 // 100
        outcome = {"unheard": "paid", "pending unheard": "processing"}.get(mood, mood)
        if outcome == "paid":
            # Whoever is not told how much of it is tax waits for a person.
            told = tax if self.dice.random() < 0.85 else None
            self.knows(name, Paid(wanted.amount + tax, told, wanted.currency, at, topup_id=wanted.topup_id))
        elif outcome == "processing" or self.dice.random() < 0.5:
            status = "processing" if outcome == "processing" else "failed"
            self.knows(name, Unpaid(status, at, topup_id=wanted.topup_id, said_at=at))  # type: ignore[arg-type]
        if name not in self.payments:
            return Charged(outcome)  # type: ignore[arg-type]
        return Charged(outcome, name, self.delivery(name) if self.dice.random() < 0.8 else None)  # type: ignore[arg-type]

    def settle(self, made: MadeCharge, *, paid: bool) -> str:
        """Brings a charge that is under way to its end. Returns its payment."""
        name, wanted = made.charged.payment_id or "", made.wanted
        at, tax = self.clock.now, wanted.amount * 19 // 100
        if paid:
            self.knows(name, Paid(wanted.amount + tax, tax, wanted.currency, at, topup_id=wanted.topup_id))
        else:
            self.knows(name, Unpaid("failed", at, topup_id=wanted.topup_id, said_at=at))
        made.charged = replace(
            made.charged, outcome="paid" if paid else "declined", delivery=self.delivery(name)
        )
        return name

    def find_charge(self, wanted: Charge, payment_id: str | None) -> Charged | None:
        self._refuses(f"find {wanted.topup_id} {wanted.attempt} {wanted.key} {payment_id}")
        same = (
            one.charged
            for one in self.made
            if (one.wanted.topup_id, one.wanted.attempt) == (wanted.topup_id, wanted.attempt)
            and payment_id in (None, one.charged.payment_id)
        )
        return next(same, None)

    # What is known

    def read(self, inquiry: Inquiry) -> Delivery:
        self._refuses(f"read {asdict(inquiry)}")
        if inquiry.payment_id not in self.payments:
            raise ProviderRefused(404, "no such payment")
        return self.delivery(inquiry.payment_id)

    def listed(self, since: int, until: int, cursor: str | None) -> DeliveryPage:
        self._refuses(f"list {since} {until} {cursor}")
        within = [
            Delivery(self.name, "read", name, (fact,))
            for name, facts in self.payments.items()
            for fact in facts.values()
            if not isinstance(fact, Unpaid) and since <= getattr(fact, "at", 0) < until
        ]
        start = int(cursor or 0)
        end = start + PAGE
        return DeliveryPage(tuple(within[start:end]), str(end) if end < len(within) else None)

    def settled(self, since: int, until: int, cursor: str | None) -> SettlementPage:
        return SettlementPage((), None)

    def refund(self, wanted: WantedRefund) -> Delivery:
        raise ProviderRefused(405, f"nobody asks here for {wanted.amount}")

    # Subscriptions

    def cancel_subscription(self, subscription_id: str, at: int, *, at_once: bool) -> Standing:
        self._refuses(f"cancel {subscription_id} {at} {at_once}")
        return Standing(subscription_id, "cancelled" if at_once else "cancelling", at, at + 86_400_000)

    def resume_subscription(self, subscription_id: str, at: int) -> Standing:
        self._refuses(f"resume {subscription_id} {at}")
        return Standing(subscription_id, "active", at)
