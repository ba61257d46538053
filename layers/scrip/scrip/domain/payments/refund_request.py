"""A request for a refund of a payment: the command, how far it has come, and the JSON that it is stored as.

Does not own what a refund comes to (``quotes``), how a provider is asked, or where a request is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from scrip.domain.credits import members
from scrip.domain.credits.calendar import EndOf
from scrip.domain.credits.lifetimes import Lifetime, lifetime_of
from scrip.domain.payments.payment import Payment, RefundAs


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """Refunds a payment.

    Attributes:
        amount: minor units of the payment's currency, tax included; None: all that can be refunded.
        force: whether it may take credits that were spent.
        expires_in: how long the credits live that come back (ISO 8601); None: as the unit's policy says, or
            (``never_expires``) for ever.
        time_zone, end_of: of ``expires_in``, as of a ``Lifetime``.
    """

    kind: RefundAs = "money"
    amount: int | None = None
    reason: str | None = None
    force: bool = False
    expires_in: str | None = None
    time_zone: str = members.added("UTC")
    end_of: EndOf | None = members.added()
    never_expires: bool = members.added(False)

    @property
    def lifetime(self) -> Lifetime | None:
        """Returns how long the credits live that come back; None where the unit's policy decides."""
        return lifetime_of(self.expires_in, self.time_zone, self.end_of, self.never_expires)

    def to_json(self, payment: Payment) -> dict[str, Any]:
        """Returns what the request's fingerprint is made of."""
        said = members.of(self)
        return {"payment": payment.name, "as": said.pop("kind"), **said}


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What is asked of the provider and not answered yet.

    Attributes:
        request_id: the id that the provider is to know the request by.
        entry: the id of the entry that froze the credits; None where there was nothing to freeze.
        asked_at: when somebody began to ask, epoch milliseconds; 0 while nobody does.
    """

    request_id: str
    entry: str | None
    asked_at: int = 0


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """How a request was answered first: the payment as it was then, and the id of the last entry that it made."""

    request_id: str
    payment: Payment
    entry: str | None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """One request, as far as it has come. The fields stand in the order of the stored JSON.

    Attributes:
        fingerprint: of what was asked for, to tell another request under the same key.
        refusals: how often the provider refused it.
        open: what is asked of the provider; None where nothing is.
        answer: None until it is answered.
    """

    provider: str
    payment_id: str
    fingerprint: str
    refusals: int = 0
    open: OpenRequest | None = None
    answer: RequestAnswer | None = None

    def next_id(self, name: str) -> str:
        """Returns the id that the provider is to know the request by, made from the request's own name.

        A refusal is not remembered there: what is asked for after one is another request.
        """
        return f"{name}.{self.refusals + 1}" if self.refusals else name

    def opened(self, request_id: str, entry: str | None) -> Self:
        """Opens the request: the credits are frozen, and the provider is to be asked."""
        return replace(self, open=OpenRequest(request_id, entry), answer=None)

    def asked(self, at: int) -> Self:
        """Notes when somebody began to ask the provider; 0: nobody does any more. The request must be open."""
        assert self.open
        return replace(self, open=replace(self.open, asked_at=at))

    def answered(self, request_id: str, payment: Payment, entry: str | None) -> Self:
        """Answers the request, which ends it."""
        return replace(self, open=None, answer=RequestAnswer(request_id, payment, entry))

    def refused(self) -> Self:
        """Closes the request as if it had not been made: only its next id remembers."""
        return replace(self, refusals=self.refusals + 1, open=None, answer=None)

    def to_json(self) -> dict[str, Any]:
        """Returns the request as plain JSON values; ``open`` and ``answer`` are left out where there is none."""
        body: dict[str, Any] = {
            "provider": self.provider,
            "payment_id": self.payment_id,
            "fingerprint": self.fingerprint,
            "refusals": self.refusals,
        }
        if self.open:
            body["open"] = asdict(self.open)
        if self.answer:
            answer = self.answer
            body["answer"] = {
                "request_id": answer.request_id,
                "payment": answer.payment.to_json(),
                "entry": answer.entry,
            }
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            KeyError, TypeError, ValueError: a member is missing, is not known, or is not what ``to_json`` writes.
        """
        said = dict(body)
        opened, answer = said.pop("open", None), said.pop("answer", None)
        return cls(
            **said,
            open=OpenRequest(**opened) if opened else None,
            answer=RequestAnswer(**{**answer, "payment": Payment.from_json(answer["payment"])})
            if answer
            else None,
        )
