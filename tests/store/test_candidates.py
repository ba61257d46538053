"""Wallets that were noted: found by their share, and taken off unless they were noted again."""

from __future__ import annotations

import pytest

from scrip.store import candidates, keys
from scrip.store.candidates import CandidateWallet
from scrip.store.tables import Tables
from tests.aws import InMemory


def test_a_wallet_is_noted_once_with_its_last_hour_and_goes_if_nobody_noted_it_since() -> None:
    tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
    for number in range(250):
        candidates.note(tables, f"a{number}", "credits", 7)
    candidates.note(tables, "a|b@c", "credits", 7)
    candidates.note(tables, "a|b@c", "credits", 8)

    def noted() -> list[CandidateWallet]:
        return [one for share in range(keys.RUN_OUT_SHARES) for one in candidates.noted(tables, share)]

    assert len(noted()) == 251
    assert CandidateWallet("a|b@c", "credits", 8) in noted()
    candidates.forget(tables, CandidateWallet("a|b@c", "credits", 7))
    assert len(noted()) == 251, "it was noted again since"
    candidates.forget(tables, CandidateWallet("a|b@c", "credits", 8))
    candidates.forget(tables, CandidateWallet("a|b@c", "credits", 8))
    assert len(noted()) == 250


@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_all_of_a_share_are_told_in_pages_of_any_length(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """Three accounts whose wallets are of one share."""
    monkeypatch.setattr(candidates, "PAGE", page)
    share = keys.run_out_share("a0", "credits")
    names = [
        name
        for name in (f"a{number}" for number in range(200))
        if keys.run_out_share(name, "credits") == share
    ][:3]
    for hour, name in enumerate(names):
        candidates.note(tables, name, "credits", hour)
    found = list(candidates.noted(tables, share))
    assert found == sorted(CandidateWallet(name, "credits", hour) for hour, name in enumerate(names))
