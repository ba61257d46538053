"""Refusals: what they say, and in which form."""

from __future__ import annotations

from scrip.domain.credits.errors import Forbidden, InsufficientCredits


def test_a_refusal_has_its_facts_as_attributes() -> None:
    assert Forbidden("no", scope="admin").scope == "admin"


def test_a_fact_that_was_not_given_is_none_and_is_no_member_of_the_answer() -> None:
    refusal = Forbidden("no")
    assert refusal.scope is None
    assert refusal.facts == {}


def test_credit_steps_become_amounts_of_the_unit_once_it_is_known() -> None:
    """With two decimals 7100 steps are 71, and 7050 are 70.5."""
    refusal = InsufficientCredits(required=7100, available=7050)
    refusal.in_unit("credits", 2)
    assert refusal.facts == {"required": "71", "available": "70.5", "unit": "credits"}
    assert (refusal.available, refusal.unit) == ("70.5", "credits")
