"""Rate cards: a version is added, found again, or replaced; what is still needed to price a late event stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import InvalidRequest, PolicyViolation
from scrip.domain.credits.rate_cards import RATE_BYTES, RATE_KEPT_MS, RATE_VERSIONS, RateCard, RateDefinition
from scrip.domain.credits.rates import RateVersion, in_force

NOW: Final = 1_795_932_727_975
EMPTY: Final = RateCard("calls", ())
WANTED: Final = RateDefinition("credits", None, "0", {"model": "per_unit", "credits": "1"})


def priced(credits: str, effective_at: int | None = None) -> RateDefinition:
    return replace(WANTED, effective_at=effective_at, price={"model": "per_unit", "credits": credits})


def card(*wanted: tuple[RateDefinition, int]) -> RateCard:
    """A card to which these were added, each at its instant."""
    made = EMPTY
    for definition, now in wanted:
        made, _ = made.add(definition, now)
    return made


def test_the_first_version_is_in_force_since_ever_and_the_next_from_now_on() -> None:
    made = card((WANTED, NOW), (priced("2"), NOW + 5))
    assert [(version.version, version.effective_at) for version in made.versions] == [(1, 0), (2, NOW + 5)]
    assert made.newest.price == {"model": "per_unit", "credits": "2"}


def test_a_version_may_be_in_force_from_an_instant_that_has_passed_or_is_to_come() -> None:
    for at in (1, NOW, NOW + 10**9):
        made, added = card((WANTED, NOW)).add(priced("2", at), NOW)
        assert (added.effective_at, made.newest) == (at, added)


def test_the_same_price_again_is_found() -> None:
    made = card((WANTED, NOW), (priced("2", NOW + 100), NOW))
    first, second = made.versions
    assert made.find(WANTED, NOW) == first
    assert made.find(priced("1", 0), NOW) == first
    assert made.find(priced("2"), NOW + 100) == second
    assert made.find(priced("2", NOW + 100), NOW) == second


@pytest.mark.parametrize(
    "wanted",
    [priced("2"), priced("1", 5), priced("2", NOW + 99), replace(WANTED, minimum="1")],
    ids=["price", "instant", "before it", "minimum"],
)
def test_another_price_or_instant_is_not(wanted: RateDefinition) -> None:
    assert card((WANTED, NOW), (priced("2", NOW + 100), NOW)).find(wanted, NOW) is None


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
    made = card(*((priced(str(number + 1)), number) for number in range(RATE_VERSIONS)))
    later, _ = made.add(priced("0.5"), RATE_KEPT_MS + RATE_VERSIONS)
    assert numbers(later) == list(range(2, RATE_VERSIONS + 2))
    assert len(later.versions) == RATE_VERSIONS


def test_a_version_that_is_never_in_force_goes_before_one_that_was() -> None:
    """The third is mended by the fourth: it prices nothing any more."""
    wanted = [priced(str(number + 1), number * 10) for number in range(RATE_VERSIONS - 1)]
    mended = priced("0.7", 20)
    made = card(*((one, NOW) for one in wanted), (mended, NOW))
    later, _ = made.add(priced("0.5", NOW), NOW)
    assert numbers(later) == [number for number in range(1, RATE_VERSIONS + 2) if number != 3]
    found = in_force(later.versions, 25)
    assert found
    assert found.price == mended.price


def test_a_version_that_a_late_event_may_need_is_never_dropped() -> None:
    made = card(*((priced(str(number + 1)), NOW + number) for number in range(RATE_VERSIONS)))
    with pytest.raises(PolicyViolation) as refused:
        made.add(priced("0.5"), NOW + RATE_VERSIONS)
    assert refused.value.facts["policy"] == "max_rate_versions"


def test_versions_have_a_bound_of_bytes_too() -> None:
    long: dict[str, Any] = {"model": "per_unit", "credits": "1" * 60_000}
    made = card(*((replace(WANTED, effective_at=at, price=long), 0) for at in range(5)))
    later, added = made.add(replace(WANTED, effective_at=5, price=long), RATE_KEPT_MS + 5)
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
