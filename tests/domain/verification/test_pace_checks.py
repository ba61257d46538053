"""What a wallet keeps of its pace follows from its entries, and each runaway is told of (law 2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Runaway
from scrip.domain.verification.pace_checks import check_pace
from scrip.domain.wallets import pace
from tests.domain.memory import Vault, vault


def said(made: Vault, entries: list[Entry]) -> list[str]:
    return [one.what for one in check_pace(made.wallet, entries)]


def run_away() -> Vault:
    """60, and 41 half a minute later: 101 of 100 within a minute."""
    made = vault("1000", runaway=Runaway(100, "PT1M"))
    made.burn(60)
    made.wait("30s")
    made.burn(41)
    assert said(made, made.entries) == []
    return made


def test_what_is_kept_of_the_pace_is_what_the_entries_say() -> None:
    made = run_away()
    sound, wrong = made.wallet, ["what the wallet keeps of its pace is not what its entries say"]
    for other in (pace.emptied(sound.pace) + b"\0\0\0\0\x01", b"", b"\0\0\0"):
        made.wallet = replace(sound, pace=other)
        assert said(made, made.entries) == wrong
    # A wallet that says that it was changed before its own last entry.
    made.wallet = replace(sound, at=made.entries[0].at)
    assert said(made, made.entries) == wrong


def test_a_runaway_that_nothing_tells_of_is_found() -> None:
    made = run_away()
    made.wallet = replace(made.wallet, version=3)
    assert said(made, made.entries[:3]) == ["the last entry is a runaway, and nothing says so"]
    released = replace(made.entries[3], extra={})
    assert said(made, [*made.entries[:3], released]) == ["entry 4 does not tell of the runaway before it"]


def test_a_runaway_that_was_none_is_found_and_so_is_one_that_froze_nothing() -> None:
    made = run_away()
    *before, status = made.entries
    none = [replace(before[2], amount=-40), status]
    assert said(made, [*before[:2], *none]) == [
        "entry 4 tells of a runaway that was none",
        "what the wallet keeps of its pace is not what its entries say",
    ]
    late = [*before[:2], replace(before[2], status="active"), status]
    assert said(made, late) == ["entry 3 runs away, and does not do what its breaker says"]
    active = replace(status, status="active")
    assert said(made, [*before, active])[0] == "entry 4 does not do what its breaker says"


def test_what_cannot_be_read_is_said() -> None:
    made = run_away()
    first = replace(made.entries[1], extra={"breaker": {"amount": "much"}})
    found = said(made, [made.entries[0], first])
    assert found == ["what entry 2 says of a runaway cannot be read"]


def test_reversals_and_an_operator_who_unfreezes_are_followed() -> None:
    made = vault("1000", runaway=Runaway(100, "PT1M"))
    made.reverse(made.burn(90))
    made.set_status("frozen")
    made.set_status("active")
    made.burn(100)
    assert said(made, made.entries) == []
    made.burn(1)
    assert (made.wallet.status, said(made, made.entries)) == ("frozen", [])


def test_what_was_captured_and_is_undone_is_followed() -> None:
    made = vault("1000", runaway=Runaway(100, "PT1M"))
    captured = made.capture(made.hold(90).seq, 90)
    made.wait("1s")
    made.reverse(captured)
    made.burn(100)
    assert (made.wallet.status, said(made, made.entries)) == ("active", [])


def test_a_runaway_is_held_against_a_plain_list_of_what_was_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the window never to slide, the wallet and its replay would agree on 120 within a minute, and 60 were."""
    monkeypatch.setattr(pace.Pace, "pass_time", lambda *_: None)
    made = vault("1000", runaway=Runaway(100, "PT1M"))
    made.checked = False
    made.burn(60)
    made.wait("1m")
    made.burn(60)
    assert said(made, made.entries) == ["entry 4 tells of 120 that were spent, and 60 were"]


def test_what_was_spent_before_somebody_unfroze_the_wallet_counts_in_no_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Were the count not begun anew, 150 would be told of, and 90 were spent since."""
    monkeypatch.setattr(pace, "emptied", lambda data: data)
    made = vault("1000", runaway=Runaway(100, "PT1M"))
    made.checked = False
    made.burn(60)
    made.set_status("frozen")
    made.set_status("active")
    made.burn(90)
    assert said(made, made.entries) == ["entry 6 tells of 150 that were spent, and 90 were"]
