"""Whatever is done to what was used in a period, or to an account's own rate cards, is found (laws 7 and 10)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.rate_cards import RateDefinition
from scrip.domain.verification.price_checks import check_counters, check_own_rates
from scrip.domain.wallets import own_rates
from scrip.domain.wallets.counters import KIND
from scrip.domain.wallets.draft import Draft
from tests.domain.memory import Vault, vault
from tests.domain.wallets.test_counters import page, use


@pytest.fixture
def made() -> Vault:
    """4 of a day are used, then 2 and 1 in a page, and the first 4 are undone: 3 are left."""
    made = vault("100")
    first = use(made, Fraction(4))
    page(made, [Fraction(2), Fraction(1)])
    made.reverse(first)
    return made


def said(made: Vault) -> list[str]:
    return [one.what for one in check_counters(made.entries, made.sidecars)]


def name(made: Vault) -> tuple[str, str]:
    (found,) = (name for name in made.sidecars if name[0] == KIND)
    return found


def test_sound_counts_have_no_findings(made: Vault) -> None:
    assert made.sidecars[name(made)] == {"counts": [["3"]]}
    assert said(made) == []


@pytest.mark.parametrize(
    ("body", "there"),
    [({"counts": [["4"]]}, "4"), ({"counts": [["3", {"size": "s"}]]}, "0"), (None, "0")],
    ids=["more", "of another price", "gone"],
)
def test_a_count_that_was_changed_is_found(made: Vault, body: Any, there: str) -> None:
    kept = name(made)
    if body is None:
        del made.sidecars[kept]
    else:
        made.sidecars[kept] = body
    assert any(f"has counted {there} of api" in what and "entries say 3" in what for what in said(made))


def test_an_entry_that_counts_otherwise_is_found(made: Vault) -> None:
    """Whoever writes an entry anew writes its hash anew too: what it counts is added up all the same."""
    usage = {**made.entries[1].extra["usage"], "quantity": "5"}
    made.entries[1] = replace(made.entries[1], extra={**made.entries[1].extra, "usage": usage})
    assert [what.rpartition(" ")[2] for what in said(made)] == ["4"]


def test_a_page_that_counts_otherwise_than_its_records_is_found(made: Vault) -> None:
    entry = made.entries[2]
    (usage,) = entry.extra["usage"]
    start, end, before, dimensions, _ = usage["counted"][0]
    changed = [{**usage, "counted": [[start, end, before, dimensions, "2"]]}]
    made.entries[2] = replace(entry, extra={**entry.extra, "usage": changed})
    assert "entry 3 counts in periods what its records do not add up to" in [
        one.what for one in made.findings()
    ]


@pytest.mark.parametrize("text", ["x", "", None, []], ids=["no number", "nothing", "null", "a list"])
def test_a_count_that_cannot_be_read_is_named(made: Vault, text: Any) -> None:
    made.sidecars[name(made)] = {"counts": [[text]]}
    assert said(made)[0] == f"what is kept of the period {name(made)[1]} cannot be read"


def carded() -> Vault:
    """An account with a card of its own: put twice, ended, put again; and one for another meter."""
    made = vault("100")
    for number, (meter, credits) in enumerate(
        [("api", "2"), ("api", "3"), ("gpu", "1"), ("api", ""), ("api", "4")]
    ):
        made.now += 1000

        def act(
            draft: Draft, now: int, number: int = number, meter: str = meter, credits: str = credits
        ) -> Entry:
            cause = made.cause(f"rate {number}")
            if not credits:
                return own_rates.end(draft, meter, now, cause)
            price = {"model": "per_unit", "credits": credits}
            entry = own_rates.put(draft, meter, RateDefinition("credits", None, "0", price), now, cause)
            assert entry
            return entry

        made.carry_out(act)
    return made


def told(made: Vault) -> list[str]:
    return [one.what for one in check_own_rates(made.wallet, made.entries, made.sidecars)]


def test_sound_cards_have_no_findings() -> None:
    made = carded()
    assert made.wallet.own_rates
    assert [one["version"] for one in made.sidecars["rates", "api"]["versions"]] == [1, 2, 3, 4]
    assert told(made) == []
    assert made.findings() == []


def test_a_card_that_was_changed_or_lost_is_found() -> None:
    made = carded()
    body = made.sidecars["rates", "api"]
    cheaper = [{**one, "price": {"model": "per_unit", "credits": "0"}} for one in body["versions"]]
    made.sidecars["rates", "api"] = {"versions": cheaper}
    assert told(made) == ["the account's own rate card for api is not what its entries say"]
    made.sidecars["rates", "api"] = {"versions": "?"}
    assert told(made) == ["the account's own rate card for api cannot be read"]
    del made.sidecars["rates", "api"], made.sidecars["rates", "gpu"]
    assert len(told(made)) == 2


@pytest.mark.parametrize("said", [7, "api", {"meter": "api"}, {"meter": "api", "version": {}}])
def test_an_entry_whose_price_cannot_be_read_is_named(said: Any) -> None:
    """The others are read; so the card is not what they say."""
    made = carded()
    (first, *_) = [one for one in made.entries if own_rates.MEMBER in one.extra]
    made.entries[first.seq - 1] = replace(first, extra={**first.extra, own_rates.MEMBER: said})
    what = f"entry {first.seq} gives an account's own rate card a version that cannot be read"
    assert [
        one.seq for one in check_own_rates(made.wallet, made.entries, made.sidecars) if one.what == what
    ] == [first.seq]


def test_a_wallet_that_does_not_know_of_its_cards_is_found() -> None:
    made = carded()
    made.wallet = replace(made.wallet, own_rates=False)
    assert told(made) == ["the wallet knows otherwise than its entries whether its account has rate cards"]
