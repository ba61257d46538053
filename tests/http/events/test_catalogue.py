"""Every type of event that there is."""

from __future__ import annotations

import re
from typing import get_args

from scrip.domain.credits.entries import EntryKind
from scrip.http.events.catalogue import TYPES


def test_there_is_a_type_for_each_kind_of_entry() -> None:
    entries = {name for name in TYPES if name.startswith("scrip.entry.")}
    assert entries == {f"scrip.entry.{kind}" for kind in get_args(EntryKind)}
    assert {TYPES[name].schema for name in entries} == {"scrip.entry"}


def test_what_follows_from_entries_is_what_tellers_make() -> None:
    """All else is kept, since the ledger cannot make it again."""
    made = {name for name, type_ in TYPES.items() if type_.of_entry and not type_.schema}
    assert made == {
        "scrip.balance.low",
        "scrip.balance.recovered",
        "scrip.balance.depleted",
        "scrip.topup.paid",
        "scrip.topup.refunded",
        "scrip.budget.warning",
        "scrip.budget.reached",
        "scrip.wallet.runaway",
    }


def test_a_type_is_dotted_words_and_says_in_a_sentence_when_it_is_told() -> None:
    for name, type_ in TYPES.items():
        assert re.fullmatch(r"scrip(\.[a-z_]+){2}", name)
        assert re.fullmatch(r"[A-Z].*\.", type_.said)
