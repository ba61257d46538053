"""What the daily verification finds of a wallet is told before it is written down that it was found."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import Throttled
from scrip.services.events import bus as buses
from tests.aws import Deployment
from tests.services.verification.damage import flip, history
from tests.services.verification.test_daily import night

pytestmark = pytest.mark.usefixtures("small_and_empty")


def test_a_wallet_whose_ledger_was_changed_is_told_once_a_pass(scrip: Deployment, account: str) -> None:
    flip(history(scrip, account))
    scrip.told()
    night(scrip)
    (event,) = scrip.told("scrip.wallet")
    assert (event["type"], event["subject"], event["time"]) == (
        "scrip.wallet.drift",
        account,
        "2026-11-23T10:00:00.000Z",
    )
    assert event["data"]["what"] == "entry 3 does not match its hash"
    assert (event["data"]["unit"], event["data"]["seq"]) == ("credits", 3)
    assert event["data"]["findings"] >= 1
    night(scrip, "2026-11-23T12:00:00Z")
    assert scrip.told("scrip.wallet") == [], "today's pass is done"
    night(scrip, "2026-11-24T10:00:00Z")
    (again,) = scrip.told("scrip.wallet")
    assert again["id"] != event["id"]


def test_where_nothing_is_wrong_nothing_is_told(scrip: Deployment, account: str) -> None:
    history(scrip, account)
    scrip.told()
    night(scrip)
    assert scrip.told("scrip.wallet") == []


def test_a_bus_that_takes_nothing_has_the_next_run_find_and_tell_it(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written down before it is told."""
    monkeypatch.setattr(buses, "WAIT", 0)
    flip(history(scrip, account))
    scrip.told()
    with scrip.refusing(), pytest.raises(Throttled):
        night(scrip)
    assert scrip.told() == []
    night(scrip, "2026-11-23T11:00:00Z")
    assert [event["type"] for event in scrip.told("scrip.wallet")] == ["scrip.wallet.drift"]
