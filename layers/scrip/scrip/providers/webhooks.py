"""What a provider's ``webhook`` module has, and which providers have one.

``verify`` checks that a delivery is really the provider's, ``translate`` says what is in it. docs/payments.md says what
else a new provider needs. These modules import no SDK: webhooks are answered in milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from scrip.domain.payments.delivery import Delivery
from scrip.providers import having


class Webhook(Protocol):
    """The ``webhook`` module of a provider's package."""

    PROVIDER: str
    """The name in paths, orders and keys; the package's own."""
    ONE_NAME: bool
    """Whether all tries to pay one period of a subscription have one name: that of an invoice, say."""

    def verify(self, raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now_ms: int) -> str:
        """Returns the delivery's id, the same in every retry of it. ``headers`` has lower-case names.

        Raises ``signatures.BadSignature`` or ``signatures.NoSecrets``.
        """

    def translate(self, body: Any, ours: str | None) -> Delivery:
        """Returns the facts in a verified body, parsed from JSON. Never raises.

        ``ours`` is what tells our own traffic from another's (a Dodo business, Stripe's livemode). Empty: the delivery
        says whose it is (``own``), to be held against the first one that was seen. None: not checked.
        """


@cache
def names() -> frozenset[str]:
    """Returns every provider whose webhooks are understood."""
    return having("webhook")


def webhook(provider: str) -> Webhook | None:
    """Imports the provider's ``webhook`` module; None where there is none."""
    if provider not in names():
        return None
    return cast(Webhook, import_module(f"scrip.providers.{provider}.webhook"))
