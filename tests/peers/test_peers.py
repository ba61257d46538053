"""What peers' own tests and documents say of credits holds here too: by Scrip's rules, or by the policy that bears the
peer's name. ``runner`` says what a case looks like."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.aws import Deployment
from tests.peers.checks import CHECKS, Json
from tests.peers.runner import VERBS, Run, load

pytestmark = pytest.mark.usefixtures("in_memory")

LOADED = list(load())
PARTS = {"peer", "name", "source", "differs", "policy", "precision", "steps"}


def readable(case: Json) -> str:
    return f"{case['peer']}: {case['name']}"


@pytest.mark.parametrize("case", LOADED, ids=readable)
def test_a_peers_case_holds(scrip: Deployment, account: str, case: Json) -> None:
    Run(scrip, case, account).whole()


def test_there_are_hundreds_of_cases_and_no_two_have_one_name() -> None:
    assert len(LOADED) >= 400
    assert [name for name, times in Counter(map(readable, LOADED)).items() if times > 1] == []


def test_every_case_is_a_sentence_and_says_whose_behaviour_it_is() -> None:
    for case in LOADED:
        assert case.keys() <= PARTS, readable(case)
        assert re.fullmatch(r"[A-Z].*\w", case["name"]), readable(case)
        assert case["source"], readable(case)
        assert case["steps"], readable(case)


def test_the_words_of_the_cases_are_those_of_the_runner() -> None:
    said = {word for case in LOADED for step in case["steps"] for word in step}
    assert VERBS.keys() - said == set()
    assert CHECKS.keys() - said == set()


def test_every_order_and_both_expiry_boundaries_are_among_the_cases() -> None:
    policies = [case.get("policy", {}) for case in LOADED]
    assert {policy.get("order") for policy in policies} == {None, "openmeter", "lago", "stripe", "flexprice"}
    assert {policy.get("expiry_boundary") for policy in policies} >= {None, "exclusive", "inclusive"}
