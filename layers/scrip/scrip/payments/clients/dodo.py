"""Asks Dodo Payments for a checkout session, through its official SDK.

The product named in a pack (``provider_refs.dodo``) has to be a one-time, pay-what-you-want product in the
pack's currency, with tax on top: then the ``amount`` of a cart item is the price of one pack as our own
order has it, and Dodo keeps no second price list that could disagree. Discount codes and the choice of
another currency are off, since a payment that differs from its order is parked instead of granted.

A create call can time out and yet have made a session. Calling again makes a second one: harmless, since
nobody was given the URL of the first and a session moves no money. So callers retry freely and keep the
session they got last.

Errors
    ProviderUnavailable    no answer, a late or unreadable one, 5xx, 408 or 429: the same request may work
    later. ProviderRefused        any other 4xx: the request, key or product is wrong, and would be again.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from dodopayments import APIStatusError, DodoPayments
    from dodopayments.types import CheckoutSessionResponse, Currency
    from dodopayments.types.product_item_req_param import ProductItemReqParam

#: Seconds for everything, the second attempt included: the caller's own client and API Gateway (30 s) are
#: waiting.
DEFAULT_TIMEOUT_SECONDS = 8.0
#: A second attempt cures a dropped connection or a lone 502; a third only makes an outage worse.
MAX_ATTEMPTS = 2
#: Below this there is no point in trying again.
MIN_ATTEMPT_SECONDS = 1.0
RETRY_PAUSE_SECONDS = 0.2
MAX_CONNECT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Session:
    """A checkout session: its id, by which the payment will name it, and the page to send the buyer to (24
    h)."""

    id: str
    url: str


class ProviderError(Exception):
    """The provider gave no session."""


class ProviderUnavailable(ProviderError):
    """Not now; try the same again later."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Hiccup(ProviderUnavailable):
    """Worth a second attempt at once."""


class ProviderRefused(ProviderError):
    """Not like this; ``status`` is the provider's."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason


def create_session(
    *,
    api_key: str,
    base_url: str,
    product_id: str,
    quantity: int,
    amount: int,
    currency: str,
    topup_id: str,
    account: str,
    return_url: str | None,
    timeout: float = DEFAULT_TIMEOUT_SECONDS,
) -> Session:
    """A checkout session for ``quantity`` packs at ``amount`` minor units of ``currency`` each, without tax.

    ``topup_id`` and ``account`` travel as metadata, for people who look at the provider's dashboard: buyers
    can write metadata too, so nothing is ever looked up by it. ``timeout`` is in seconds and covers all
    attempts.

    Raises ``ProviderUnavailable`` or ``ProviderRefused``.
    """
    from dodopayments import DodoPayments, DodoPaymentsError

    deadline = time.monotonic() + timeout
    metadata: dict[str, str | float | bool] = {"topup_id": topup_id, "account": account}
    item: ProductItemReqParam = {"product_id": product_id, "quantity": quantity, "amount": amount}
    try:
        # The SDK's own retries would wait as long as a Retry-After header says, up to a minute each.
        client = DodoPayments(bearer_token=api_key, base_url=base_url, max_retries=0)
    except (DodoPaymentsError, ValueError) as error:
        raise ProviderUnavailable(f"the client cannot be made: {type(error).__name__}") from error
    with client:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            remaining = max(deadline - time.monotonic(), MIN_ATTEMPT_SECONDS)
            try:
                return _attempt(client, item, currency, metadata, return_url, remaining)
            except _Hiccup:
                if attempt == MAX_ATTEMPTS or deadline - time.monotonic() < MIN_ATTEMPT_SECONDS:
                    raise
            time.sleep(RETRY_PAUSE_SECONDS)
    raise AssertionError("the last attempt returns or raises")


def _attempt(
    client: DodoPayments,
    item: ProductItemReqParam,
    currency: str,
    metadata: dict[str, str | float | bool],
    return_url: str | None,
    seconds: float,
) -> Session:
    import httpx
    from dodopayments import APIConnectionError, APIStatusError, APITimeoutError, DodoPaymentsError, omit

    connect = min(MAX_CONNECT_SECONDS, seconds / 2)
    try:
        answer = client.checkout_sessions.create(
            product_cart=[item],
            billing_currency=cast("Currency", currency),
            feature_flags={"allow_discount_code": False, "allow_currency_selection": False},
            metadata=metadata,
            return_url=omit if return_url is None else return_url,
            # httpx counts each phase by itself: connecting and then waiting must fit together.
            timeout=httpx.Timeout(seconds - connect, connect=connect),
        )
    except APITimeoutError as error:
        raise ProviderUnavailable("no answer in time") from error
    except APIConnectionError as error:
        raise _Hiccup("no connection") from error
    except APIStatusError as error:
        if error.status_code == 429:
            raise ProviderUnavailable("answered 429") from error
        if error.status_code >= 500 or error.status_code == 408:
            raise _Hiccup(f"answered {error.status_code}") from error
        raise ProviderRefused(error.status_code, _reason(error)) from error
    except (DodoPaymentsError, ValueError) as error:
        # A body that is no JSON, or not what the SDK expects.
        raise ProviderUnavailable(f"unreadable answer: {type(error).__name__}") from error
    return _session(answer)


def _session(answer: CheckoutSessionResponse) -> Session:
    """The session in an answer. The SDK builds its models without validating them, so this is not a
    formality."""
    session_id = getattr(answer, "session_id", None)
    url = getattr(answer, "checkout_url", None)
    if not isinstance(session_id, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", session_id):
        raise ProviderUnavailable("answered without a session id")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise ProviderUnavailable("answered without a checkout URL")
    return Session(session_id, url)


def _reason(error: APIStatusError) -> str:
    """The provider's own code and message, shortened: they go to our log, and say which field it did not
    like."""
    body = error.body if isinstance(error.body, dict) else {}
    said = [str(body[name]) for name in ("code", "message") if body.get(name)]
    return ": ".join(said)[:200] or "refused"
