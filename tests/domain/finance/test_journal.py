"""Entries of the journal."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.finance.journal import JournalEntry, JournalLine

SAID: dict[str, Any] = {
    "entry_id": "e-1",
    "account": "ann",
    "unit": "credits",
    "seq": 7,
    "kind": "burn",
    "at": 0,
    "recorded_at": 1,
    "currency": "USD",
    "period": "2026-11",
    "late_for": None,
}


def test_lines_of_a_journal_entry_add_up_to_nothing() -> None:
    """33.33 and -33.33."""
    lines = JournalLine("deferred_revenue", 3333), JournalLine("revenue", -3333)
    assert JournalEntry(**SAID, lines=lines).lines == lines


def test_lines_that_do_not_add_up_are_refused() -> None:
    """33.33 and -33.32 leave 0.01."""
    with pytest.raises(ValueError, match="entry e-1 do not add up"):
        JournalEntry(**SAID, lines=(JournalLine("deferred_revenue", 3333), JournalLine("revenue", -3332)))
