"""A unit's versions: what is used of it is fixed, everything else may change."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.units import Policy, Unit, default_unit, next_version

IMAGES: Final = Unit("images", 2, "Images", Policy(overdraft_limit=150, low_balance=(1000, 100)), version=3)


@pytest.mark.parametrize("unit", [IMAGES, default_unit(), replace(IMAGES, used=True)])
def test_a_unit_is_read_as_it_was_stored(unit: Unit) -> None:
    assert Unit.from_json(json.loads(json.dumps(unit.to_json()))) == unit


def test_a_member_of_the_policy_that_was_not_stored_has_its_default() -> None:
    body = json.loads(json.dumps(IMAGES.to_json()))
    del body["policy"]["over_capture"]
    assert Unit.from_json(body) == IMAGES


def test_the_first_version_is_1() -> None:
    assert next_version(None, replace(IMAGES, version=0)) == replace(IMAGES, version=1)


def test_the_default_unit_has_version_1_when_it_is_first_put_even_if_nothing_differs() -> None:
    """It may have been used before: that it is used stays known."""
    for used in (False, True):
        known = replace(default_unit(), used=used)
        assert next_version(known, default_unit()) == replace(known, version=1)


def test_the_same_definition_again_makes_no_version() -> None:
    for known in (IMAGES, replace(IMAGES, used=True)):
        assert next_version(known, replace(IMAGES, version=0)) == known


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("change", [{"name": "Pictures"}, {"policy": Policy(overdraft_limit=1)}], ids=str)
def test_every_change_makes_a_version(used: bool, change: dict[str, Any]) -> None:
    wanted = replace(IMAGES, version=0, **change)
    assert next_version(replace(IMAGES, used=used), wanted) == replace(wanted, version=4, used=used)


@pytest.mark.parametrize(
    ("change", "policy"),
    [({"precision": 3}, "precision"), ({"policy": replace(IMAGES.policy, order="stripe")}, "order")],
)
def test_precision_and_order_are_fixed_once_the_unit_is_used(change: dict[str, Any], policy: str) -> None:
    wanted = replace(IMAGES, **change)
    assert next_version(IMAGES, wanted).version == 4
    with pytest.raises(PolicyViolation) as refused:
        next_version(replace(IMAGES, used=True), wanted)
    assert refused.value.facts["policy"] == policy
