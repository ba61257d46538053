"""Deliveries: what a verified webhook says, kept as it came and passed on as facts.

Does not own signatures, or what a provider's bodies mean (``providers``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NoReturn

from scrip.domain.credits import limits
from scrip.domain.credits.duplicates import duplicates
from scrip.domain.credits.errors import InvalidRequest, NotFound
from scrip.domain.payments.delivery import Delivery, Parked
from scrip.domain.payments.facts import shown, text
from scrip.providers.webhooks import Webhook, webhook
from scrip.services.engine.executor import Moment
from scrip.store.deliveries import Deliveries, Kept, State, Waiting

if TYPE_CHECKING:
    from scrip.domain.payments.payment import Payment

UNCHECKED: Final = "none"
"""The setting of somebody who says that a provider's deliveries may be of any of its accounts."""
NAMED: Final = 5
"""Members that a reason names of those that come twice."""
DIGEST: Final = re.compile("[0-9a-f]{32}(?:[0-9a-f]{32})?")
"""What names a kept body in a message: the SHA-256 of its bytes, of which messages of before have the first half."""
CAUSES: Final = 10
"""Reasons of a payment that are kept with the delivery after which it was parked."""
NOT_JSON: Final = "not_json"
IGNORED: Final = "ignored"
ERASED: Final = "erased"
"""Why nobody applies a body: it cannot be read; it means nothing here; its bytes were erased before anybody did."""


def adapter(provider: str) -> Webhook:
    """Imports what understands a provider's webhooks.

    Raises:
        NotFound: there is no such provider.
    """
    found = webhook(provider)
    if found is None:
        raise NotFound(f"there is no such provider: {provider}", provider=provider)
    return found


def take(
    deliveries: Deliveries, provider: Webhook, delivery_id: str, raw: bytes, ours: str, at: int, until: int
) -> Delivery:
    """Translates a verified body, and keeps it, unless it means nothing to the ledger.

    What is kept is what somebody may ask for: bodies with facts, bodies that are parked, and those that are no JSON.

    Args:
        at: the instant at which it came, epoch milliseconds; by the test clock, where there is one.
        until: the second, since 1970, at which it is deleted. That is told by the real clock, which deletes it.

    Raises:
        InvalidRequest: it is no JSON.
        Throttled, Unavailable: it could not be kept; the provider has it still.
    """
    name = provider.PROVIDER
    try:
        delivery = read(provider, raw, ours)
    except InvalidRequest as error:
        unread = Kept(
            name, delivery_id, "", None, at, raw, (error.detail,), state="refused", causes=(NOT_JSON,)
        )
        deliveries.keep(unread, until)
        raise
    # How a subscription stands is kept by itself: of a body without a payment nobody could tell whose it is.
    if delivery.of_payment:
        reasons = tuple(f"{parked.about}: {parked.reason}" for parked in delivery.parked)
        said, payment_id = delivery.type, delivery.payment_id
        kept = Kept(name, delivery_id, said, payment_id, at, raw, reasons, state="waiting")
        deliveries.keep(kept, until)
    return delivery


def read(provider: Webhook, raw: bytes, ours: str) -> Delivery:
    """Translates a body. ``ours`` is as in ``Webhook.translate``; ``none``: not checked.

    Of a body that says two things of one member nothing is used: the whole of it is parked, whatever it seems to be.

    Raises:
        InvalidRequest: it is no JSON, or has more digits or brackets than anybody means.
    """
    try:
        body = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest([("body", "is not JSON")]) from error
    delivery, twice = provider.translate(body, None if ours == UNCHECKED else ours), duplicates(raw)
    if not twice:
        return delivery
    reason = f"the body says something twice: {', '.join(map(shown, twice[:NAMED]))}"
    return replace(delivery, facts=(), standing=None, parked=(Parked("payment", reason),))


def kept(deliveries: Deliveries, provider: str, delivery_id: str) -> list[Kept]:
    """Returns every body that is kept of a delivery, in the order they came.

    Raises:
        NotFound: there is none.
    """
    found = deliveries.of(provider, delivery_id)
    if not found:
        raise NotFound("no body of this delivery is kept", provider=provider, delivery_id=delivery_id)
    return found


def waiting_before(deliveries: Deliveries, at: int, limit: int) -> list[Waiting]:
    """Returns the deliveries that came before an instant and are not applied, parked or refused yet, oldest first.

    What came within the last seconds may be missing (see ``Deliveries.waiting_before``).

    Args:
        at: epoch milliseconds; by the test clock, for what came by it.

    Raises:
        Throttled, Unavailable: the table does not answer.
    """
    return deliveries.waiting_before(at, limit)


def digest_of(message: Mapping[str, Any]) -> str | None:
    """Returns the digest of the kept body that a message is of.

    None: it is of none. It carries an answer of a provider's API, or was sent before bodies waited.

    Raises:
        ValueError: the message carries something else than a digest.
    """
    if "body" not in message:
        return None
    digest = text(message, "body")
    if not DIGEST.fullmatch(digest):
        raise ValueError("body is no SHA-256 digest")
    return digest


def mark_applied(
    deliveries: Deliveries, delivery: Delivery, delivery_id: str, digest: str | None, payment: Payment | None
) -> None:
    """Says of the body of a delivery that it waits no more, once its message is applied.

    Args:
        digest: which of the delivery's bodies, as ``digest_of`` says; None: none of them.
        payment: what it came to, which may be parked; None: it is of none.

    Raises:
        Throttled, Unavailable: not now; the queue brings the message again.
    """
    if digest is None:
        return
    causes = tuple(payment.parked[:CAUSES]) if payment else ()
    state: State = "parked" if causes else "applied"
    deliveries.mark(delivery.provider, delivery_id, digest, state, causes)


def refuse(deliveries: Deliveries, kept: Kept, cause: str) -> None:
    """Says of a body that nobody is to apply it, and why.

    Raises:
        Throttled, Unavailable: not now.
    """
    deliveries.mark(kept.provider, kept.delivery_id, kept.digest, "refused", (cause,))


def message(
    delivery: Delivery,
    delivery_id: str,
    at: int | None = None,
    raw: bytes | None = None,
    *,
    again: bool = False,
) -> tuple[dict[str, Any], str]:
    """Returns a delivery as its queue carries it, and the group it waits in: those of one payment come in order.

    Args:
        at: the test clock's instant (epoch milliseconds), at which it is applied; None: when it is taken out.
        raw: the body that was kept of it. Its digest makes the message of another body another one, which the queue
            does not drop: what is kept is to be looked at once more (``services.accounts.erasure``). By it the body
            is found that waits for this message.
        again: somebody has it applied again, though the queue may know the message.
    """
    group = f"{delivery.provider}:{delivery.payment_id or delivery_id}"
    clock = {} if at is None else {"at": at}
    digest = {} if raw is None else {"body": sha256(raw).hexdigest()}
    twice = {"again": True} if again else {}
    return {"delivery_id": delivery_id, "delivery": delivery.to_dict(), **clock, **digest, **twice}, group


def moment_of(message: Mapping[str, Any], now: int, test_clock: bool) -> Moment:
    """Returns when a message is applied: at the test clock's instant that it carries, where there is one, or now.

    A wallet that is ahead of that instant is not refused: its time is taken (see ``Moment.on``).

    Raises:
        ValueError: the message carries something else.
    """
    at = message.get("at")
    if at is None or not test_clock:
        return Moment(now)
    if type(at) is not int or not limits.MIN_INSTANT <= at <= limits.MAX_INSTANT:
        raise ValueError("at is no instant")
    return Moment(at, pinned=True, yields=True)


def _no_number(name: str) -> NoReturn:
    """Refuses NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(f"{name} is not JSON")
