"""What automatic top-ups have to tell: each telling is one thing, by its number."""

from __future__ import annotations

from dataclasses import asdict

from scrip.domain.events.auto_topups import AutoTopupTold


def test_a_telling_is_kept_as_plain_values_and_read_again() -> None:
    told = AutoTopupTold("failed", "acme", "credits", 3, 1000, "top_1", "declined", 3_601_000)
    assert AutoTopupTold(**asdict(told)) == told
