"""What a warm function remembers, and for how long. A remembered wallet is a guess: a commit's condition tries it."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits.lots import Lot
from scrip.domain.credits.rates import RateVersion
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.wallet import Snapshot, Wallet
from scrip.services.engine.cache import BESIDE, REMEMBERED, RESTING, SIDECARS, Cache

EMPTY = Lot(seq=1, kind="paid", granted=5, remaining=0, effective_at=0, held=5)
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


def known(account: str, version: int = 1, **beside: Any) -> Snapshot:
    """What a process knows of a wallet that it has just written."""
    return Snapshot(wallet(account, version), **beside)


def remembered(cache: Cache, account: str) -> Wallet | None:
    found = cache.wallet(account, "credits")
    return found.wallet if found else None


def test_a_wallet_is_remembered_as_it_was_written_last(cache: Cache) -> None:
    assert remembered(cache, "acme") is None
    cache.wrote(known("acme", 1))
    cache.wrote(known("acme", 2))
    assert remembered(cache, "acme") == wallet("acme", 2)
    assert cache.wallet("acme", "images") is None


def test_a_forgotten_wallet_is_remembered_again_once_it_is_written(cache: Cache) -> None:
    cache.wrote(known("acme", 1))
    cache.forget("acme", "credits")
    assert remembered(cache, "acme") is None
    cache.wrote(known("acme", 2))
    assert remembered(cache, "acme") == wallet("acme", 2)


def test_a_wallet_that_somebody_else_wrote_is_not_remembered_for_two_seconds(
    cache: Cache, clock: Clock
) -> None:
    cache.forget("acme", "credits", contended=True)
    clock.at = 101.9
    cache.wrote(known("acme", 2))
    assert remembered(cache, "acme") is None
    clock.at = 102.0
    cache.wrote(known("acme", 3))
    assert remembered(cache, "acme") == wallet("acme", 3)


def test_of_513_wallets_that_others_wrote_only_the_last_is_still_known_to_be_so(cache: Cache) -> None:
    """A process that meets ever more of them does not grow: the others are remembered again at once."""
    for number in range(REMEMBERED):
        cache.forget(f"a{number}", "credits", contended=True)
    cache.wrote(known("a0"))
    assert remembered(cache, "a0") is None
    cache.forget("one more", "credits", contended=True)
    for name in ("a0", "a1", "one more"):
        cache.wrote(known(name))
    assert remembered(cache, "a0") == wallet("a0")
    assert remembered(cache, "a1") == wallet("a1")
    assert remembered(cache, "one more") is None


def test_of_513_rate_cards_only_the_last_is_remembered(cache: Cache) -> None:
    for number in range(REMEMBERED):
        cache.read_rates(f"m{number}", ())
    assert (cache.rates("m0"), cache.rates(f"m{REMEMBERED - 1}")) == ((), ())
    cache.read_rates("one more", ())
    assert [cache.rates(name) for name in ("m0", f"m{REMEMBERED - 1}", "one more")] == [None, None, ()]


def test_of_513_wallets_the_one_that_was_written_longest_ago_is_forgotten(cache: Cache) -> None:
    for number in range(REMEMBERED):
        cache.wrote(known(f"a{number}"))
    cache.wrote(known("a0", 2))
    cache.wrote(known("one more"))
    assert remembered(cache, "a1") is None
    assert remembered(cache, "a0") == wallet("a0", 2)
    assert remembered(cache, "a2") == wallet("a2")
    assert remembered(cache, "one more") == wallet("one more")


def test_what_was_known_beside_a_wallet_is_remembered_with_it_and_handed_out_as_a_copy(cache: Cache) -> None:
    held = {("hold", "2"): {"amount": "5"}}
    cache.wrote(known("acme", 2, sidecars=dict(held), resting={1: EMPTY}))
    found = cache.wallet("acme", "credits")
    assert found
    assert (found.fresh, found.sidecars, found.resting) == (False, held, {1: EMPTY})
    found.sidecars.clear()
    found.resting.clear()
    again = cache.wallet("acme", "credits")
    assert again
    assert (again.sidecars, again.resting) == (held, {1: EMPTY})


def test_of_one_wallet_the_32_sidecars_and_the_1000_lots_that_came_last_are_remembered(cache: Cache) -> None:
    holds = {("hold", str(number)): {"amount": "5"} for number in range(SIDECARS + 1)}
    lots = {number: EMPTY._replace(seq=number) for number in range(RESTING + 1)}
    cache.wrote(known("acme", sidecars=holds, resting=lots))
    found = cache.wallet("acme", "credits")
    assert found
    assert list(found.sidecars) == list(holds)[1:]
    assert list(found.resting) == list(lots)[1:]


def test_what_lies_beside_wallets_is_bounded_and_the_wallets_themselves_stay(cache: Cache) -> None:
    """101 holds of 500 draws each are 50 601 members, and 50 000 may be remembered: those beside the wallets that were
    written longest ago go."""
    drawn = {"draws": [[1, "1"]] * 500}
    for number in range(101):
        cache.wrote(known(f"a{number}", sidecars={("drawn", "2"): drawn}))
    beside = [bool(found.sidecars) for n in range(101) if (found := cache.wallet(f"a{n}", "credits"))]
    assert beside == [False] * 2 + [True] * 99
    cache.forget("a100", "credits")
    cache.wrote(known("a100", 2))
    cache.wrote(known("a101", sidecars={("drawn", "2"): drawn}))
    beside = [bool(found.sidecars) for n in range(102) if (found := cache.wallet(f"a{n}", "credits"))]
    assert (len(beside), sum(beside)) == (102, 99)
    assert 99 * 501 <= BESIDE < 100 * 501


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
