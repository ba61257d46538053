"""The daily verification: everything once a day, in as many runs as it takes, with its findings counted and logged."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Contended
from scrip.domain.payments.reconciliation import DAY_MS
from scrip.services.verification import daily
from scrip.store import documents, keys
from tests.aws import NEW_YEAR, ROOT, Context, Deployment, function
from tests.services.verification.damage import flip, history

pytestmark = pytest.mark.usefixtures("small_in_memory")


def night(
    scrip: Deployment, time: str = "2026-11-23T10:00:00Z", share: int = 0, shares: int = 1, *left: int
) -> Any:
    return function("verification").handler({"time": time, "share": [share, shares]}, Context(*left))


def metrics(out: str) -> dict[str, Any]:
    """Names and values of the metrics that were said."""
    said: dict[str, Any] = {}
    for line in out.splitlines():
        document = json.loads(line) if line.startswith("{") else {}
        for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
            said.update({one["Name"]: document[one["Name"]] for one in directive["Metrics"]})
    return said


def test_a_night_verifies_everything_once_and_says_so(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    history(scrip, account)
    capsys.readouterr()
    assert night(scrip) == {"share": "1/1", "wallets": 1, "entries": 7}
    assert metrics(capsys.readouterr().out) == {"VerificationFindings": 0, "VerifiedWallets": 1}
    night(scrip, "2026-11-23T23:00:00Z")
    assert metrics(capsys.readouterr().out) == {}, "today's is through"
    night(scrip, "2026-11-24T06:00:00Z")
    assert metrics(capsys.readouterr().out) == {"VerificationFindings": 0, "VerifiedWallets": 1}


def test_a_nights_findings_are_counted_and_logged(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(history(scrip, account))
    capsys.readouterr()
    night(scrip)
    out = capsys.readouterr().out
    assert metrics(out)["VerificationFindings"] == 1
    (line,) = [json.loads(line) for line in out.splitlines() if '"verification found"' in line]
    assert (line["account"], line["seq"], line["what"]) == (account, 3, "entry 3 does not match its hash")


def test_a_night_that_has_no_time_left_goes_on_with_the_next_run(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"{account}-{number}" for number in range(6)]
    for name in names:
        scrip.grant(name, "1", clock=NEW_YEAR)
    capsys.readouterr()
    unfinished = [0]
    for hour in range(10, 20):
        enough = [300_000] * 4
        night(scrip, f"2026-11-23T{hour}:00:00Z", 0, 1, *enough, *[0] * 99)
        said = metrics(capsys.readouterr().out)
        if "VerifiedWallets" in said:
            break
        assert said["VerificationUnfinished"] == 1
        unfinished[0] += 1
    assert said == {"VerificationFindings": 0, "VerifiedWallets": 6}
    assert unfinished[0] >= 2


def test_a_long_run_keeps_how_far_it_has_come_every_half_minute(scrip: Deployment, account: str) -> None:
    """Six wallets and a clock that goes on by 31 s at each look at it: at its end, and three times before at the least.
    With one that stands still, at its end alone."""
    for number in range(6):
        scrip.grant(f"{account}-{number}", "1", clock=NEW_YEAR)

    def kept(now: int, step: int) -> int:
        looks = count(0, step)
        before = documents.get(runtime.tables(), keys.verification(0)).rev
        daily.DailyRun(runtime.tables(), 0, 1, now, lambda: next(looks)).go(lambda: True)
        return documents.get(runtime.tables(), keys.verification(0)).rev - before

    assert kept(DAY_MS, 31_000) >= 4
    assert kept(3 * DAY_MS, 0) == 1


def test_two_runs_of_one_share_do_not_write_over_each_other(scrip: Deployment, account: str) -> None:
    history(scrip, account)
    first = daily.DailyRun(runtime.tables(), 0, 1, 1, runtime.now)
    survey = first._load()
    daily.DailyRun(runtime.tables(), 0, 1, 1, runtime.now).go(lambda: True)
    with pytest.raises(Contended):
        first._store(survey)


def test_the_verification_writes_nothing_but_its_own_document(scrip: Deployment, account: str) -> None:
    history(scrip, account)
    before = scrip.everything()
    night(scrip)
    after = [item for item in scrip.everything() if item["pk"]["S"] != keys.verification(0)]
    assert after == before


def test_its_sample_event_is_taken(scrip: Deployment) -> None:
    sample = json.loads((ROOT / "events" / "verification.json").read_text())
    assert function("verification").handler(sample, Context()) == {"share": "1/4", "wallets": 0, "entries": 0}


def test_a_wallet_that_is_too_large_is_left_out_and_the_log_names_it(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    history(scrip, account)
    monkeypatch.setattr(daily, "LARGEST", 6)
    capsys.readouterr()
    night(scrip)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (left,) = [line for line in lines if line.get("message") == "wallet not verified"]
    named = f"{account}/credits: 7 entries, verify it by itself"
    assert (left["level"], left["wallet"]) == ("WARNING", named)
