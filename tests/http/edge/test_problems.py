"""Refusals as problem documents: the members that each has, its facts beside them, and when to try again."""

from __future__ import annotations

import json

from scrip.domain.credits.errors import ClockBackwards, Contended, InsufficientCredits
from scrip.http.edge.problems import problem, problem_document


def test_the_facts_of_a_refusal_stand_beside_the_members_that_every_problem_has() -> None:
    """3 500 000 steps of a unit with six decimals are 3.5 credits."""
    refusal = InsufficientCredits(3_500_000, 2_000_000)
    refusal.in_unit("credits", 6)
    assert problem_document(refusal) == {
        "type": "urn:scrip:problem:insufficient_credits",
        "title": InsufficientCredits.title,
        "status": 402,
        "detail": refusal.detail,
        "code": "insufficient_credits",
        "required": "3.5",
        "available": "2",
        "unit": "credits",
    }


def test_an_instant_among_the_facts_is_told_as_rfc_3339() -> None:
    refusal = ClockBackwards("it has an entry after that", last_entry_at=1_893_456_000_001)
    assert problem_document(refusal)["last_entry_at"] == "2030-01-01T00:00:00.001Z"


def test_a_problem_is_sent_with_its_own_media_type_and_its_own_status() -> None:
    sent = problem(ClockBackwards("Zoë", last_entry_at=0))
    assert (sent["statusCode"], sent["headers"]) == (422, {"content-type": "application/problem+json"})
    assert json.loads(sent["body"])["status"] == 422
    assert '"Zoë"' in sent["body"]


def test_what_passes_says_to_come_again_in_one_to_three_seconds_not_all_at_once() -> None:
    """So that callers who were refused at one instant do not all come back at one instant."""
    seconds = {problem(Contended("busy"))["headers"]["retry-after"] for _ in range(200)}
    assert seconds == {"1", "2", "3"}
