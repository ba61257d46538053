"""What a deployment tells of entries, and what its parameter turns off."""

from __future__ import annotations

import pytest

from scrip.http.events.tellers import tellers
from tests.aws import Deployment
from tests.http.search.streaming import index


def test_entries_are_told_and_burns_only_if_it_wants() -> None:
    assert [list(tellers(burns)) for burns in (True, False)] == [
        ["events", "alerts", "orders", "budgets", "runaways"]
    ] * 2


@pytest.mark.parametrize(("setting", "seqs"), [("enabled", [1, 2, 3]), ("disabled", [1, 3])])
def test_the_parameter_turns_off_the_events_of_burns_and_no_others(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, setting: str, seqs: list[int]
) -> None:
    monkeypatch.setenv("SCRIP_BURN_EVENTS", setting)
    scrip.grant(account, "10")
    scrip.burn(account, "1")
    scrip.move(account, "freeze", reason="-")
    scrip.told()
    index(account)
    assert [one["data"]["seq"] for one in scrip.told()] == seqs
