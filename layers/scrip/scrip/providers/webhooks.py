"""Providers' webhooks, one module each: ``verify`` is this delivery really theirs, and ``translate`` what it says.

To add a provider, add a module here that has what ``Adapter`` asks for, and the secret of its webhooks to the
template. Nothing else knows a provider's name. A module imports no SDK: webhooks are answered in milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from scrip.domain.payments.facts import Delivery
from scrip.providers import having


class Adapter(Protocol):
    """What a module of this package has."""

    PROVIDER: str
    """The name in paths, orders and keys; the module's own."""

    def verify(self, raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now_ms: int) -> str:
        """The delivery's id, the same in every retry of it. ``headers`` has lower-case names.

        Raises ``signatures.BadSignature`` or ``signatures.NoSecrets``.
        """

    def translate(self, body: Any, ours: str | None) -> Delivery:
        """The facts in a verified body, parsed from JSON. Never raises.

        ``ours`` is what tells our own traffic from another's (a Dodo business, Stripe's livemode), None or empty:
        not checked.
        """


@cache
def names() -> frozenset[str]:
    """Every provider there is an adapter for."""
    return having("webhook")


def adapter(provider: str) -> Adapter | None:
    """The provider's adapter; None where there is none."""
    if provider not in names():
        return None
    return cast(Adapter, import_module(f"scrip.providers.{provider}.webhook"))
