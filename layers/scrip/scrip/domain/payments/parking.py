"""Why a payment waits for a person, in one sentence: what is wrong, who said so, of which order, and what to do.

Owns the words. Does not own the reasons themselves (a provider's adapter, ``target``, the posting), nor when they are
answered (``payment``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

OLDEST: Final = 0
"""The instant of what was stored before instants were."""
ASKED: Final = ("read", "listed")
"""Types of deliveries that a provider's API answered: no body of them is kept, so webhooks are named before them."""
_ABOUT: Final = re.compile(r"((?:refund|dispute|part):(?:request:)?[A-Za-z0-9_.-]+|payment): ")


@dataclass(frozen=True, slots=True)
class Telling:
    """Which delivery said something.

    Attributes:
        at: the instant of its event, epoch milliseconds; None where it did not say.
        type: the provider's name of the event; None in what was stored before it was kept.
        api_version: None where the provider does not say it.
    """

    delivery_id: str
    at: int | None = OLDEST
    type: str | None = None
    api_version: str | None = None

    @property
    def order(self) -> tuple[Any, ...]:
        """Returns what puts tellings in an order that no arrival decides: the last is the one that is named."""
        return (
            self.type not in ASKED,
            self.at is not None,
            self.at or 0,
            self.delivery_id,
            self.type or "",
            self.api_version or "",
        )

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values; what an older version did not store is left out where it is as it was then."""
        said: dict[str, Any] = {"delivery_id": self.delivery_id}
        if self.at != OLDEST:
            said["at"] = self.at
        more = {"type": self.type, "api_version": self.api_version}
        return {**said, **{name: value for name, value in more.items() if value is not None}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One reason for which a payment waits, with all that a person needs to end it.

    Attributes:
        reason: what is wrong, as it is stored.
        about: ``payment``, or the refund or dispute (``refund:re_1``).
        readable: whether the refund or dispute is known, so that a person can say what is true of it.
        told: the delivery that said it; None where no delivery is known.
        topup_id: the order; None where nothing names one.
    """

    reason: str
    about: str
    provider: str
    payment_id: str
    readable: bool = True
    told: Telling | None = None
    topup_id: str | None = None

    @property
    def sentence(self) -> str:
        """Writes the reason for a person; alone, where it is from before it was kept who said so."""
        if self.told is None:
            return self.reason
        order = f"order {self.topup_id}" if self.topup_id else "no order of ours is named"
        return f"{self.reason.rstrip('.')} ({self._source}; {order}). To do: {self.to_do}."

    @property
    def to_do(self) -> str:
        """Says what ends it: a resolution of the payment, with its ids."""
        path = f"POST /v1/payments/{self.provider}/{self.payment_id}/resolutions"
        if self.about.startswith("refund:request:"):
            return (
                f"send the refund again under the same key, or look at {self.provider} and settle {self.about} "
                f"({path})"
            )
        if self.about.startswith(("refund:", "dispute:")):
            if not self.readable:
                return (
                    f"look up {self.about} at {self.provider}; what it says later and can be read ends this, or "
                    f"dismiss it ({path})"
                )
            return (
                f"look up {self.about} at {self.provider}, then state its amount or settle how it ended, or dismiss "
                f"this ({path})"
            )
        which = f"order {self.topup_id}" if self.topup_id else "the order that it pays, by its topup_id"
        what = f"payment {self.payment_id}"
        if self.told and self.payment_id.startswith("delivery."):
            what = f"delivery {self.told.delivery_id}"
        return (
            f"look up {what} at {self.provider}, then accept it for {which}, or give the money back "
            f"there and dismiss this ({path})"
        )

    @property
    def _source(self) -> str:
        """Says which event of which delivery told it."""
        assert self.told
        version = self.told.api_version
        unknown = (
            "of a type that was not kept" if self.told.type is None else "of a type that it does not say"
        )
        event = self.told.type or unknown
        return (
            f"{self.provider} event {event}, delivery {self.told.delivery_id}, "
            f"API version {version or 'not said by ' + self.provider}"
        )


def about_of(reason: str) -> str:
    """Returns what a stored reason is about: the refund or dispute that it begins with, else the payment."""
    found = _ABOUT.match(reason)
    return found[1] if found else "payment"
