"""The coalescer and the lease for programs that wait: from many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from scrip_client import InsufficientCredits, JournalInUse, Scrip, Unsendable
from tests.clients.python.wallet import Wallet


@contextmanager
def client(wallet: Wallet) -> Iterator[Scrip]:
    limits = httpx.Limits(max_connections=4)
    with (
        httpx.Client(limits=limits, trust_env=False) as http,
        Scrip(wallet.url, wallet.key, http=http) as scrip,
    ):
        yield scrip


def test_threads_burn_in_pages(wallet: Wallet) -> None:
    """Each waits until its own is answered."""
    wallet.grant(2**20)
    with client(wallet) as scrip, scrip.coalescer(wallet.account) as pages:
        with ThreadPoolExecutor(16) as threads:
            made = list(threads.map(lambda n: pages.burn(str(2**n)), range(16)))
        with pytest.raises(InsufficientCredits):
            pages.burn(str(2**21))
        with pytest.raises(Unsendable):
            pages.burn("2", meter="tokens")
        metrics = pages.metrics()
    assert sorted(one.offset for one in made) == list(range(16))
    assert (metrics.burned, metrics.refused) == (16, 1)
    assert wallet.spent() == list(range(16))
    assert len(wallet.entries("burn")) < 10


def test_threads_spend_a_lease_and_never_more(wallet: Wallet) -> None:
    """Eight threads want 25 each of a wallet of 150."""
    wallet.grant(150)
    refused = 0

    def spend(_: int) -> int:
        for done in range(25):
            try:
                held.burn("1")
            except InsufficientCredits:
                return done
        return 25

    with client(wallet) as scrip, scrip.lease(wallet.account, renew="20") as held:
        with ThreadPoolExecutor(8) as threads:
            spent = sum(threads.map(spend, range(8)))
        assert (spent, refused, held.left) == (150, 0, "0")
        assert held.metrics().settled + held.metrics().unsettled == 150
    assert wallet.available == "0"


def test_what_is_not_open_takes_no_burns(wallet: Wallet) -> None:
    wallet.grant(150)
    with client(wallet) as scrip:
        pages, held = scrip.coalescer(wallet.account), scrip.lease(wallet.account, renew="20")
        for burn in (pages.burn, held.burn):
            with pytest.raises(RuntimeError, match="with"):
                burn("1")
        with pages, held:
            pages.burn("1")
            held.burn("1")
        for burn in (pages.burn, held.burn):
            with pytest.raises(RuntimeError, match="closed"):
                burn("1")
        pages.close()
        held.close()
    assert wallet.available == "148"


def test_no_thread_is_left(wallet: Wallet, tmp_path: Path) -> None:
    """Not where it could not be opened, either."""
    wallet.grant(150)
    before = threading.active_count()
    with client(wallet) as scrip, scrip.lease(wallet.account, renew="20", journal=tmp_path / "j"):
        with pytest.raises(JournalInUse):
            scrip.lease(wallet.account, renew="20", journal=tmp_path / "j").__enter__()
        with pytest.raises(InsufficientCredits):
            scrip.lease("nobody", renew="20").__enter__()
    served = [one for one in threading.enumerate() if "scrip-client" in one.name or "asyncio" in one.name]
    assert served == []
    assert threading.active_count() <= before + 4  # the server's, one to a connection
