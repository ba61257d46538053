"""What a warm function remembers, and for how long. A remembered wallet is a guess: a commit's condition tries it."""

from __future__ import annotations

import pytest

from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.wallet import Wallet
from scrip.services.engine.cache import REMEMBERED, Cache

IMAGES = Unit("images", 0, version=3)


class Clock:
    """Seconds, as a test sets them."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> Cache:
    return Cache(clock)


def wallet(account: str, version: int = 1) -> Wallet:
    return Wallet(account, "credits", "priority_expiry_cost", version=version)


def test_a_wallet_is_remembered_as_it_was_written_last(cache: Cache) -> None:
    assert cache.wallet("acme", "credits") is None
    cache.wrote(wallet("acme", 1))
    cache.wrote(wallet("acme", 2))
    assert cache.wallet("acme", "credits") == wallet("acme", 2)
    assert cache.wallet("acme", "images") is None


def test_a_forgotten_wallet_is_remembered_again_once_it_is_written(cache: Cache) -> None:
    cache.wrote(wallet("acme", 1))
    cache.forget("acme", "credits")
    assert cache.wallet("acme", "credits") is None
    cache.wrote(wallet("acme", 2))
    assert cache.wallet("acme", "credits") == wallet("acme", 2)


def test_a_wallet_that_somebody_else_wrote_is_not_remembered_for_two_seconds(
    cache: Cache, clock: Clock
) -> None:
    cache.forget("acme", "credits", contended=True)
    clock.at = 101.9
    cache.wrote(wallet("acme", 2))
    assert cache.wallet("acme", "credits") is None
    clock.at = 102.0
    cache.wrote(wallet("acme", 3))
    assert cache.wallet("acme", "credits") == wallet("acme", 3)


def test_of_513_wallets_the_one_that_was_written_longest_ago_is_forgotten(cache: Cache) -> None:
    for number in range(REMEMBERED):
        cache.wrote(wallet(f"a{number}"))
    cache.wrote(wallet("a0", 2))
    cache.wrote(wallet("one more"))
    assert cache.wallet("a1", "credits") is None
    assert cache.wallet("a0", "credits") == wallet("a0", 2)
    assert cache.wallet("a2", "credits") == wallet("a2")
    assert cache.wallet("one more", "credits") == wallet("one more")


def test_a_unit_and_its_revision_are_remembered_for_half_a_minute(cache: Cache, clock: Clock) -> None:
    cache.read_unit(IMAGES, 7)
    clock.at = 129.9
    assert cache.unit("images") == (IMAGES, 7)
    clock.at = 130.0
    assert cache.unit("images") is None


def test_a_unit_that_was_written_is_forgotten_at_once(cache: Cache) -> None:
    cache.read_unit(IMAGES, 7)
    cache.forget_unit("images")
    assert cache.unit("images") is None
    cache.forget_unit("images")


def test_a_rate_card_is_remembered_for_half_a_minute(cache: Cache, clock: Clock) -> None:
    """Law 10 does not ask for more: a version says from when on it holds, and is known everywhere within a minute."""
    versions: list[RateVersion] = []
    cache.read_rates("gpu", versions)
    clock.at = 129.9
    assert cache.rates("gpu") is versions
    clock.at = 130.0
    assert cache.rates("gpu") is None
