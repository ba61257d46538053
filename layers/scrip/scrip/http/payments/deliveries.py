"""Deliveries of providers' webhooks: the answer."""

from __future__ import annotations

from typing import Any


def received_view() -> dict[str, Any]:
    """Tells a provider that its delivery is stored, so that it does not send it again."""
    return {"received": True}
