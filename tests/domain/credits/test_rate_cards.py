"""Rate cards: a version is added, found again, or replaced; what is still needed to price a late event stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import InvalidRequest, PolicyViolation
from scrip.domain.credits.limits import SKEW_MS
from scrip.domain.credits.rate_cards import (
    RATE_BYTES,
    RATE_KEPT_MS,
    RATE_LEAD_MS,
    RATE_VERSIONS,
    RateCard,
    RateDefinition,
)
from scrip.domain.credits.rates import RateVersion, in_force
from scrip.services.engine.cache import CATALOGUE_FOR
from tests.template.reading import functions, setting

NOW: Final = 1_795_932_727_975
LATER: Final = NOW + 10**9
EMPTY: Final = RateCard("calls", ())
WANTED: Final = RateDefinition("credits", None, "0", {"model": "per_unit", "credits": "1"})


def priced(credits: str, effective_at: int | None = None) -> RateDefinition:
    return replace(WANTED, effective_at=effective_at, price={"model": "per_unit", "credits": credits})


def card(*wanted: tuple[RateDefinition, int]) -> RateCard:
    """A card to which these were added, each put so that it begins at once at its instant."""
    made = EMPTY
    for definition, now in wanted:
        made, _ = made.add(definition, now - RATE_LEAD_MS)
    return made


def test_the_first_version_is_in_force_since_ever_and_the_next_a_minute_after_it_was_put() -> None:
    made, _ = card((WANTED, NOW)).add(priced("2"), NOW + 5)
    assert [(one.version, one.effective_at) for one in made.versions] == [(1, 0), (2, NOW + 60_005)]
    assert made.newest.price == {"model": "per_unit", "credits": "2"}


def test_a_version_begins_no_sooner_than_every_process_has_read_it() -> None:
    """Law 10: who remembers the card of before prices nothing by it from the next version's beginning on. The PUT says
    `now` when it begins, and is stored within the function's 10 s; 30 s later nobody remembers the card of before."""
    put = setting(functions()["CatalogueFunction"], "Timeout") * 1000
    assert put + int(CATALOGUE_FOR * 1000) + 2 * SKEW_MS <= RATE_LEAD_MS
    known = card((WANTED, NOW))
    for at in (1, NOW - 1, NOW, NOW + RATE_LEAD_MS - 1):
        with pytest.raises(PolicyViolation) as refused:
            known.add(priced("2", at), NOW)
        facts = refused.value.facts
        assert (facts["policy"], facts["earliest_at"]) == ("rate_effective_at", NOW + RATE_LEAD_MS)
    for at in (NOW + RATE_LEAD_MS, NOW + 10**9):
        made, added = known.add(priced("2", at), NOW)
        assert (added.effective_at, made.newest) == (at, added)


def test_nobody_remembers_a_card_that_there_was_not_so_the_first_version_begins_whenever_it_says() -> None:
    for at in (1, NOW, NOW + 10**9):
        assert EMPTY.add(priced("2", at), NOW)[1].effective_at == at


def test_under_the_test_clock_a_version_may_begin_at_once_but_not_in_the_past() -> None:
    known = card((WANTED, NOW))
    assert known.add(priced("2", NOW), NOW, lead=0)[1].effective_at == NOW
    with pytest.raises(PolicyViolation):
        known.add(priced("2", NOW - 1), NOW, lead=0)


def test_a_price_that_comes_back_before_its_successor_begins_is_a_version() -> None:
    """1, then 2, then 1 again within a minute: without the third version 2 would come and stay."""
    made, _ = card((WANTED, NOW)).add(priced("2"), NOW)
    assert made.find(WANTED, NOW + 10) is None
    made, back = made.add(WANTED, NOW + 10)
    assert in_force(made.versions, NOW + RATE_LEAD_MS + 10) == back


def test_the_same_price_again_is_found() -> None:
    made = card((WANTED, NOW), (priced("2", LATER), NOW))
    first, second = made.versions
    assert made.find(WANTED, NOW) == first
    assert made.find(priced("1", 0), NOW) == first
    assert made.find(priced("2"), LATER - RATE_LEAD_MS) == second
    assert made.find(priced("2", LATER), NOW) == second


@pytest.mark.parametrize(
    "wanted",
    [priced("2"), priced("1", 5), priced("2", LATER - 1), replace(WANTED, minimum="1")],
    ids=["price", "instant", "before it", "minimum"],
)
def test_another_price_or_instant_is_not(wanted: RateDefinition) -> None:
    assert card((WANTED, NOW), (priced("2", LATER), NOW)).find(wanted, NOW) is None


def test_without_versions_nothing_is_found() -> None:
    assert EMPTY.find(WANTED, NOW) is None


def test_the_unit_of_a_meter_is_fixed() -> None:
    EMPTY.check_unit("images")
    made = card((WANTED, NOW))
    made.check_unit("credits")
    with pytest.raises(PolicyViolation) as refused:
        made.check_unit("images")
    assert refused.value.facts["policy"] == "rate_unit"


def test_a_definition_has_a_bound() -> None:
    WANTED.check_size()
    with pytest.raises(InvalidRequest) as refused:
        priced("1" * RATE_BYTES).check_size()
    assert refused.value.facts["errors"][0]["field"] == "price"


# Which versions are kept


def numbers(made: RateCard) -> list[int]:
    return [version.version for version in made.versions]


def test_a_version_that_was_replaced_long_ago_goes_first_when_there_are_too_many() -> None:
    made = card(*((priced(str(number + 1)), NOW + number) for number in range(RATE_VERSIONS)))
    later, _ = made.add(priced("0.5"), NOW + RATE_KEPT_MS + RATE_VERSIONS)
    assert numbers(later) == list(range(2, RATE_VERSIONS + 2))
    assert len(later.versions) == RATE_VERSIONS


def test_a_version_that_is_never_in_force_goes_before_one_that_was() -> None:
    """The third is mended by the fourth: it prices nothing any more."""
    wanted = [priced(str(number + 1), NOW + number * 10) for number in range(RATE_VERSIONS - 1)]
    mended = priced("0.7", NOW + 20)
    made = card(*((one, NOW) for one in wanted), (mended, NOW))
    later, _ = made.add(priced("0.5", LATER), NOW)
    assert numbers(later) == [number for number in range(1, RATE_VERSIONS + 2) if number != 3]
    found = in_force(later.versions, NOW + 25)
    assert found
    assert found.price == mended.price


def test_a_version_that_a_late_event_may_need_is_never_dropped() -> None:
    made = card(*((priced(str(number + 1)), NOW + number) for number in range(RATE_VERSIONS)))
    with pytest.raises(PolicyViolation) as refused:
        made.add(priced("0.5"), NOW + RATE_VERSIONS)
    assert refused.value.facts["policy"] == "max_rate_versions"


def test_versions_have_a_bound_of_bytes_too() -> None:
    long: dict[str, Any] = {"model": "per_unit", "credits": "1" * 60_000}
    made = card(*((replace(WANTED, effective_at=NOW + at, price=long), NOW) for at in range(5)))
    later, added = made.add(replace(WANTED, price=long), NOW + RATE_KEPT_MS + 5)
    assert (numbers(later), added.version) == ([2, 3, 4, 5, 6], 6)


def test_a_card_is_stored_as_its_versions() -> None:
    version = RateVersion(1, "credits", 0, "0", {"model": "per_unit", "credits": "1"})
    stored = {
        "version": 1,
        "unit": "credits",
        "effective_at": 0,
        "minimum": "0",
        "price": {"model": "per_unit", "credits": "1"},
    }
    assert RateCard("calls", (version,)).to_json() == {"versions": [stored]}
