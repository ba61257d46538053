"""The Python client against everything that runs: each operation, as an app would call it."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from scrip_client import AsyncScrip, InsufficientCredits, Pages, Retries, Scrip, models
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


@pytest.mark.long
@pytest.mark.parametrize(("senders", "each"), [((1, 2), 12), ((8, 8), 400)])
def test_coalescers_and_leases_of_one_wallet_are_exact(
    stack: App, account: str, senders: tuple[int, int], each: int, tmp_path: Path
) -> None:
    """Some send pages, some hold leases, all at once: what each of them spent is gone, and no more. In the end they
    run the wallet dry, and the ledger adds up."""
    there = sum(senders) * each + 7
    stack.grant(account, str(there))
    spent = refused = 0

    async def send(scrip: AsyncScrip) -> None:
        async with scrip.coalescer(account, page=25) as pages:
            await asyncio.gather(*(burn(pages.burn) for _ in range(each)))
            await asyncio.gather(*(burn(pages.burn) for _ in range(2)))

    async def hold(scrip: AsyncScrip, number: int) -> None:
        async with scrip.lease(account, renew="15", every=0.5, journal=tmp_path / f"{number}") as lease:
            for _ in range(each + 2):
                await burn(lease.burn)

    async def burn(how: Any) -> None:
        nonlocal spent, refused
        try:
            await how("1")
        except InsufficientCredits:
            refused += 1
        else:
            spent += 1

    async def main() -> None:
        # Each connection starts a process of each function; on a busy machine that takes its time.
        http = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=3))
        patient = Retries(attempts=100, seconds=280)
        async with http, AsyncScrip(stack.url, stack.key, http=http, timeout=280, retries=patient) as scrip:
            work = [send(scrip) for _ in range(senders[0])]
            await asyncio.gather(*work, *(hold(scrip, number) for number in range(senders[1])))

    asyncio.run(main())
    balance = stack.balance(account)
    assert (int(balance["total"]), balance["held"]) == (there - spent, "0")
    assert spent + refused == sum(senders) * (each + 2)
    assert stack.verify(account)["findings"] == []
