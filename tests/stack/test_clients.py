"""The Python client against everything that runs: each operation, as an app would call it."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from scrip_client import Pages, Scrip, models
from tests.clients.python.story import Story
from tests.stack.conftest import App


def test_every_operation_is_answered(stack: App) -> None:
    """By the functions of the template, each with its own rights. The buyer pays at the stand-in, which tells Scrip."""
    with httpx.Client(trust_env=False) as own, Scrip(stack.url, stack.key, http=own) as scrip:

        def call(name: str, /, *given: Any, **named: Any) -> Any:
            found = getattr(scrip, name)(*given, **named)
            return list(found) if isinstance(found, Pages) else found

        def pay(order: models.Topup) -> None:
            httpx.post(f"{order.checkout_url}/pay", json={}, timeout=60, trust_env=False).raise_for_status()
            stack.eventually(lambda: scrip.get_order(order.topup_id).status == "paid")

        Story(call, pay, suffix=f"-{uuid.uuid4().hex[:8]}").play()
