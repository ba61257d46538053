"""What a client says of a record that cannot be paid is what Scrip says of a burn."""

from __future__ import annotations

import pytest

from scrip.domain.credits import errors
from scrip_client.records import refusal_of
from scrip_client.refusals import REFUSALS


@pytest.mark.parametrize(
    "scrips",
    [errors.InsufficientCredits, errors.BudgetExceeded, errors.PolicyViolation, errors.WalletFrozen],
)
def test_a_record_is_refused_as_a_burn_is(scrips: type[errors.Refusal]) -> None:
    refused = refusal_of(scrips.code, "The record at 3 is refused.", "5", "2", "credits")
    assert type(refused) is REFUSALS[scrips.code]
    assert (refused.title, refused.code, refused.status) == (scrips.title, scrips.code, scrips.status)
    assert refused.problem.to_dict()["type"] == f"urn:scrip:problem:{scrips.code}"


@pytest.mark.parametrize("code", [None, "later_than_this"])
def test_what_says_no_reason_that_is_known_is_for_want_of_credits(code: str | None) -> None:
    refused = refusal_of(code, "The record at 3 is refused.", "5", "2", "credits")
    assert refused.problem.to_dict()["required"] == "5"
    assert refused.code == "insufficient_credits"
