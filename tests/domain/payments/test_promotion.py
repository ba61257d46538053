"""A promotion is stored as it always was, and its rules are its own.

The documents are of the code before promotions had a type (commit 0234e66).
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import (
    AmountOutOfRange,
    InvalidRequest,
    PolicyViolation,
    PrecisionExceeded,
    Refusal,
)
from scrip.domain.payments.promotion import Promotion

STORED: dict[str, str] = json.loads((Path(__file__).parent / "data" / "promotions.json").read_text())


def stored(name: str) -> Promotion:
    return Promotion.from_json(name, json.loads(STORED[name]))


PLAIN, RICH = stored("plain"), stored("rich")
DAY: Final = 86_400_000


@pytest.mark.parametrize("name", STORED)
def test_a_stored_promotion_is_read_and_written_back_byte_for_byte(name: str) -> None:
    assert json.dumps(stored(name).to_json(), ensure_ascii=False) == STORED[name]


def test_a_promotion_with_everything_is_read() -> None:
    assert (RICH.code, RICH.version, RICH.kind, RICH.max_redemptions) == ("rich", 1, "compensation", 100)
    assert (RICH.identities, RICH.expires_in) == (("email", "device"), "P30D")


@pytest.mark.parametrize("name", sorted(set(json.loads(STORED["plain"])) - {"version"}))
def test_a_promotion_that_lacks_a_member_is_not_read(name: str) -> None:
    body = {key: value for key, value in json.loads(STORED["plain"]).items() if key != name}
    with pytest.raises((KeyError, TypeError)):
        Promotion.from_json("plain", body)


def test_a_promotion_with_a_member_that_nobody_knows_is_not_read() -> None:
    with pytest.raises(TypeError):
        Promotion.from_json("plain", {**json.loads(STORED["plain"]), "redeemed": 5})


# Amounts


def test_an_amount_and_a_budget_are_steps_of_the_unit() -> None:
    assert (RICH.steps(2), RICH.budget_steps(2)) == (550, 55_000)
    assert (PLAIN.steps(0), PLAIN.budget_steps(0)) == (5, None)


def test_amounts_are_stored_in_one_spelling() -> None:
    spelled = replace(PLAIN, amount="5.00", budget="10.50").normalized(2)
    assert (spelled.amount, spelled.budget) == ("5", "10.5")
    assert replace(PLAIN, amount="5.00").normalized(2) == PLAIN


@pytest.mark.parametrize("member", ["amount", "budget"])
@pytest.mark.parametrize(("text", "refusal"), [("1.5", PrecisionExceeded), ("9" * 28, AmountOutOfRange)])
def test_an_amount_that_the_unit_does_not_have_is_named(
    member: str, text: str, refusal: type[Refusal]
) -> None:
    change: dict[str, Any] = {member: text}
    with pytest.raises(refusal) as refused:
        replace(PLAIN, **change).normalized(0)
    assert refused.value.facts["field"] == member


def test_the_unit_of_a_promotion_is_fixed() -> None:
    PLAIN.check_successor(replace(PLAIN, amount="6"))
    with pytest.raises(PolicyViolation) as refused:
        PLAIN.check_successor(replace(PLAIN, unit="images"))
    assert refused.value.facts["policy"] == "promotion_unit"


# Who may redeem it, and when


@pytest.mark.parametrize(
    ("bounds", "open_"),
    [
        ({}, True),
        ({"starts_at": DAY}, True),
        ({"starts_at": DAY + 1}, False),
        ({"ends_at": DAY}, False),
        ({"ends_at": DAY + 1}, True),
        ({"starts_at": DAY, "ends_at": DAY + 1}, True),
        ({"starts_at": 0, "ends_at": 1}, False),
        ({"starts_at": 2 * DAY, "ends_at": 3 * DAY}, False),
    ],
    ids=str,
)
def test_a_promotion_is_on_from_its_start_until_before_its_end(bounds: dict[str, Any], open_: bool) -> None:
    promotion = replace(PLAIN, **bounds)
    if open_:
        promotion.check_window(DAY)
        return
    with pytest.raises(PolicyViolation) as refused:
        promotion.check_window(DAY)
    assert refused.value.facts["policy"] == "promotion_window"


def test_only_identities_that_it_asks_for_are_chosen() -> None:
    given = {"device": "d", "card_fingerprint": "c", "email": "e"}
    assert list(RICH.choose_identities(given).items()) == [("email", "e"), ("device", "d")]
    assert PLAIN.choose_identities(given) == {}


def test_each_identity_that_is_missing_is_named() -> None:
    with pytest.raises(InvalidRequest) as refused:
        RICH.choose_identities({"card_fingerprint": "c"})
    named = [error["field"] for error in refused.value.facts["errors"]]
    assert named == ["identities.email", "identities.device"]


def test_a_caller_may_name_the_promotions_unit_or_none() -> None:
    PLAIN.check_unit(None)
    PLAIN.check_unit("credits")
    with pytest.raises(InvalidRequest) as refused:
        PLAIN.check_unit("images")
    assert refused.value.facts["errors"][0]["field"] == "unit"
