"""Deliveries of providers' webhooks: the answer."""

from __future__ import annotations

from typing import Literal

from scrip.http.edge.answers import TypedDict


class ReceivedView(TypedDict):
    """It is stored, and will be applied in order."""

    received: Literal[True]
    """Always true."""


def received_view() -> ReceivedView:
    """Tells a provider that its delivery is stored, so that it does not send it again."""
    return {"received": True}
