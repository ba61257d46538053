"""What a client says of a record that cannot be paid is what Scrip says of a burn."""

from __future__ import annotations

from scrip.domain.credits import errors
from scrip_client.records import insufficient


def test_a_record_that_cannot_be_paid_is_refused_as_a_burn_is() -> None:
    refused = insufficient("The record at 3 could not be paid.", "5", "2", "credits")
    scrips = errors.InsufficientCredits
    assert (refused.title, refused.code, refused.status) == (scrips.title, scrips.code, scrips.status)
