"""What Scrip keeps of a payment: what its provider said, what was posted for it, and what a person decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final, Self

from scrip.domain.payments.facts import Delivery, PaymentFacts, about
from scrip.domain.wallets.position import Position
from scrip.store import documents, keys
from scrip.store.documents import Document, Listing
from scrip.store.tables import Tables

MAX_PARTS: Final = 400
"""Refunds and disputes of one payment: what providers allow is far less, and the document must stay one item."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of one provider.

    Attributes:
        facts: everything that was said of it, merged.
        posted: what was booked for it.
        topup_id, account, unit: its order and wallet, once they are known.
        notes: by what they are about, what could not be read of it, and in which delivery.
        parked: why it waits for a person, in sentences; ``parked_at``: since when.
        asked_at: when its provider was last asked because it waits for so long.
        dismissed: sentences that a person has looked at: they park it no more.
        accepted: the order that a person said it pays, whatever differs.
        stated: amounts that a person stated, in minor units of the payment's currency (see ``position.Stated``).
        resolutions: who decided what of that, when and why.
        requests: by their id, the refunds that we were asked for: by whom, when, why.
        kept: money that became credit at such a request, minor units of the payment's currency, tax included.
    """

    provider: str
    payment_id: str
    facts: PaymentFacts = field(default_factory=PaymentFacts)
    posted: Position = field(default_factory=Position)
    topup_id: str | None = None
    account: str | None = None
    unit: str | None = None
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parked: Sequence[str] = ()
    parked_at: int | None = None
    asked_at: int | None = None
    dismissed: Sequence[str] = ()
    accepted: str | None = None
    stated: Mapping[str, int] = field(default_factory=dict)
    resolutions: Sequence[Mapping[str, Any]] = ()
    requests: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    kept: int = 0

    @property
    def name(self) -> str:
        """As references and logs have it."""
        return f"{self.provider}:{self.payment_id}"

    def told(self, delivery: Delivery, delivery_id: str) -> Payment:
        """The payment with what a delivery says of it."""
        facts = self.facts.merge_all(delivery.facts)
        notes = {key: note for key, note in self.notes.items() if key not in set(map(about, delivery.facts))}
        for parked in delivery.parked:
            notes[parked.about] = {"reason": parked.reason, "delivery_id": delivery_id}
        if len(facts.refunds) + len(facts.disputes) > MAX_PARTS:
            facts = self.facts
            notes["payment"] = {
                "reason": f"more than {MAX_PARTS} refunds and disputes",
                "delivery_id": delivery_id,
            }
        return replace(self, facts=facts, notes=dict(sorted(notes.items())))

    def waiting(self, reasons: Sequence[str], now: int) -> Payment:
        """The payment parked for these reasons, and for what could not be read of it, but for what was dismissed."""
        notes = [f"{key}: {note['reason']}" for key, note in self.notes.items()]
        left = [said for said in (*notes, *reasons) if said not in self.dismissed]
        since = (self.parked_at or now) if left else None
        return replace(self, parked=tuple(left), parked_at=since)

    def place(self) -> Listing | None:
        """Where it is listed (see ``store.keys``)."""
        if self.parked_at is not None:
            return Listing(keys.PARKED, self.parked_at)
        return Listing(keys.paid(self.provider), self.facts.paid.at) if self.facts.paid else None

    def to_body(self) -> dict[str, Any]:
        """As plain JSON values."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        said |= {"facts": self.facts.to_dict(), "posted": asdict(self.posted)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}

    @classmethod
    def load(cls, tables: Tables, provider: str, payment_id: str) -> tuple[Self, Document]:
        """The payment, and the document it was read from; a payment nobody has heard of is empty, of revision 0."""
        stored = documents.get(tables, keys.payment(provider, payment_id))
        return cls.read(stored.body) if stored.body else cls(provider, payment_id), stored

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """The inverse of ``to_body``."""
        body: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        body["facts"] = PaymentFacts.from_dict(body["facts"])
        body["posted"] = Position(**body["posted"])
        return cls(**body)
