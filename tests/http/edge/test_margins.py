"""How much time a scheduled function leaves itself: with so much left it stops, with a millisecond more it goes on."""

from __future__ import annotations

import json

import pytest

from tests.aws import NEW_YEAR, NEXT_DAY, Context, Deployment, function


class Steady(Context):
    """A context in which always the same time is left."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self._steady = left

    def get_remaining_time_in_millis(self) -> int:
        return self._steady


def test_a_sweep_stops_when_ten_seconds_are_left(
    scrip: Deployment, account: str, small_and_empty: None, one_shard_at_a_time: None
) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR, expires_in="PT1H")
    for left, wallets in ((10_000, 0), (10_001, 1), (10_001, 0)):
        assert function("expiry").handler({"time": NEXT_DAY}, Steady(left))["wallets"] == wallets


def test_a_verification_stops_when_a_minute_is_left(
    scrip: Deployment, account: str, small_and_empty: None, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.grant(account, "10", clock=NEW_YEAR)
    for left, measured in ((60_000, "VerificationUnfinished"), (60_001, "VerifiedWallets")):
        capsys.readouterr()
        function("verification").handler({"share": [0, 1], "time": NEXT_DAY}, Steady(left))
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
        assert [one["share"] for one in told if measured in one] == ["1/1"]
