"""A lot's terms: fixed when it is granted (law 10), kept once per wallet, found again wherever the lot lies."""

from __future__ import annotations

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.terms import NONE, Rollover, Terms
from scrip.domain.wallets.draft import Draft
from scrip.domain.wallets.grants import Grant
from scrip.domain.wallets.lot_terms import code_of, pays_for, terms_of
from scrip.domain.wallets.wallet import Snapshot
from tests.domain.builders import moment
from tests.domain.memory import Vault

IMAGES = Terms(scope=("images",))
TEXT = Terms(scope=("images", "text"), rollover=Rollover(fraction="0.5"))


def scoped(made: Vault, terms: Terms, text: int = 10) -> int:
    return made.grant_one(Grant(text, "promotional", terms=terms)).seq


def test_equal_terms_are_kept_once() -> None:
    made = Vault()
    for terms in (IMAGES, TEXT, IMAGES, NONE, TEXT, Terms(scope=("images",))):
        scoped(made, terms)
    assert [made.lot(seq).terms for seq in range(1, 7)] == [1, 2, 1, 0, 2, 1]
    assert made.sidecars["terms", "all"] == {"terms": [IMAGES.to_json(), TEXT.to_json()]}


def test_a_wallet_without_terms_keeps_none() -> None:
    made = Vault()
    made.grant("100; 50 exp=+1d")
    assert made.sidecars == {}


@pytest.mark.parametrize("terms", [NONE, IMAGES, TEXT, Terms(rollover=Rollover(most=10**27, times=None))])
def test_terms_are_found_again_as_they_were(terms: Terms) -> None:
    assert Terms.from_json(terms.to_json()) == terms
    made = Vault()
    lot = made.lot(scoped(made, terms))
    assert made.reading(lambda draft: terms_of(draft, lot)) == terms


PAYS: list[tuple[Terms, str | None, bool]] = [
    (NONE, None, True),
    (NONE, "images", True),
    (IMAGES, "images", True),
    (IMAGES, "text", False),
    (IMAGES, "image", False),
    (IMAGES, None, False),
    (TEXT, "text", True),
    (Terms(rollover=Rollover()), None, True),
]


@pytest.mark.parametrize(("terms", "meter", "pays"), PAYS)
def test_a_lot_pays_for_its_meters_alone(terms: Terms, meter: str | None, pays: bool) -> None:
    made = Vault()
    lot = made.lot(scoped(made, terms))
    assert made.reading(lambda draft: pays_for(draft, lot, meter)) is pays


def test_a_wallet_keeps_a_hundred_terms_and_not_one_more() -> None:
    made = Vault()
    for number in range(limits.TERMS):
        scoped(made, Terms(scope=(f"m{number}",)), 1)
    with pytest.raises(PolicyViolation) as refusal:
        scoped(made, Terms(scope=("one-more",)))
    assert refusal.value.facts["policy"] == "max_terms"
    assert made.lot(scoped(made, Terms(scope=("m7",)))).terms == 8, "those that are there may be given again"


def test_terms_outlive_the_lots_that_had_them() -> None:
    made = Vault()
    made.grant_one(Grant(10, "promotional", expires_at=moment("+1d"), terms=IMAGES))
    made.wait("2d")
    made.sweep()
    assert made.lot(scoped(made, IMAGES)).terms == 1


def test_a_refused_grant_leaves_no_terms() -> None:
    made = Vault()
    made.grant("1")
    with pytest.raises(Exception, match="largest total"):
        scoped(made, IMAGES, limits.LARGEST_TOTAL)
    assert made.sidecars == {}


def test_a_code_is_given_in_the_book_before_it_is_committed() -> None:
    draft = Draft(Snapshot(Vault().wallet, sidecars={("terms", "all"): None}))
    assert [code_of(draft, terms) for terms in (IMAGES, TEXT, IMAGES)] == [1, 2, 1]
