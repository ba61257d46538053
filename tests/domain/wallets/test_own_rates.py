"""An account's own card: which version is in force, and what of it is kept (law 10)."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import NotFound, PolicyViolation
from scrip.domain.credits.rate_cards import RATE_VERSIONS, RateDefinition
from scrip.domain.wallets import own_rates
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.own_rates import OwnRateVersion, with_version
from scrip.domain.wallets.wallet import NeedSidecars, Snapshot
from tests.domain.builders import START
from tests.domain.memory import Vault, vault

DAY = 86_400_000


def price(credits: str) -> dict[str, str]:
    return {"model": "per_unit", "credits": credits}


def version(number: int, at: int, credits: str = "1") -> OwnRateVersion:
    return OwnRateVersion(number, "credits", at, "0", price(credits) if credits else {})


def put(made: Vault, credits: str, effective_at: int | None = None) -> None:
    wanted = RateDefinition("credits", effective_at, "0", price(credits))
    cause = made.cause(f"rate {len(made.entries)}")
    made.carry_out_if_any(lambda draft, now: own_rates.put(draft, "api", wanted, now, cause))


def paid_at(made: Vault, at: int) -> str | None:
    draft = Draft(Snapshot(made.wallet, sidecars=dict(made.sidecars)))
    found = own_rates.in_force(draft, "api", at)
    return found.price["credits"] if found else None


def test_a_version_begins_now_and_never_before() -> None:
    made = vault("10")
    put(made, "2")
    put(made, "3", made.now + DAY)
    assert [paid_at(made, made.now + after) for after in (-1, 0, DAY - 1, DAY)] == [None, "2", "2", "3"]
    with pytest.raises(PolicyViolation, match="now or later"):
        put(made, "1", made.now - 1)


def test_an_end_takes_away_what_was_to_begin_and_leaves_what_was() -> None:
    made = vault("10")
    put(made, "2")
    put(made, "3", made.now + DAY)
    made.now += 1000
    made.carry_out(lambda draft, now: own_rates.end(draft, "api", now, made.cause("end")))
    assert [paid_at(made, made.now + after) for after in (-1, 0, DAY)] == ["2", None, None]
    with pytest.raises(NotFound):
        made.carry_out(lambda draft, now: own_rates.end(draft, "api", now, made.cause("again")))


def test_a_wallet_without_cards_reads_none() -> None:
    assert own_rates.versions_of(Draft(Snapshot(vault("10").wallet)), "api") == []


def test_cards_of_several_meters_are_asked_for_at_once() -> None:
    made = vault("10")
    put(made, "2")
    draft = Draft(Snapshot(made.wallet))
    with pytest.raises(NeedSidecars) as raised:
        own_rates.need(draft, ["api", "gpu", "api"])
    assert raised.value.names == (("rates", "api"), ("rates", "gpu"))


def test_no_more_versions_are_kept_than_are_needed() -> None:
    """Fifty that replace each other daily: of one more, the first is long replaced and goes."""
    kept: list[OwnRateVersion] = []
    for number in range(1, RATE_VERSIONS + 2):
        kept = with_version(kept, version(number, START + number * DAY), "api", START + number * DAY)
    assert [one.version for one in kept] == list(range(2, RATE_VERSIONS + 2))
    soon = [version(number, START + number) for number in range(1, RATE_VERSIONS + 1)]
    with pytest.raises(PolicyViolation, match="still needed"):
        with_version(soon, version(99, START + DAY), "api", START + DAY)
