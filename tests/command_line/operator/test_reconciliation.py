"""``scrip reconcile``: a pass of its own, whose reports it prints (laws 8 and 9). A stand-in of Dodo over HTTP."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

import command_line
from local.standins.dodo import Provider
from scrip import runtime
from scrip.services.payments import reconciliation
from tests.aws import Buyer, Deployment

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture
def buyer(scrip: Deployment, dodo: Provider, account: str) -> Buyer:
    return Buyer(scrip, dodo, account)


def test_a_pass_by_hand_is_printed(
    scrip: Deployment,
    buyer: Buyer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It feeds, waits until that was applied, and judges. Made half an hour ago there."""
    buyer.order()
    buyer.pays(total_amount=90_000)
    data = buyer.provider.checkout(buyer.session).payments[0].data
    data["created_at"] = (datetime.now(UTC) - timedelta(minutes=30)).isoformat()
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        scrip.apply(scrip.queued())
        clock = runtime.now() + int(seconds * 1000)
        monkeypatch.setattr(runtime, "now", lambda: clock)

    monkeypatch.setattr(time, "sleep", wait)
    capsys.readouterr()
    assert command_line.main(["reconcile", "dodo", "--days", "2"]) == 1
    out = capsys.readouterr().out
    printed = json.loads(out[out.index("{\n") :])
    assert 0 < waited[0] <= reconciliation.APPLY_MS / 1000
    assert (printed["provider"], printed["error"], len(waited)) == ("dodo", None, 1)
    found = [report["found"] for report in printed["reports"]]
    assert [sum(one[kind]["count"] for one in found) for kind in ("missed", "paid_without_grant")] == [1, 1]


def test_a_pass_that_finds_nothing_succeeds(
    scrip: Deployment, dodo: Provider, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    capsys.readouterr()
    assert command_line.main(["reconcile", "dodo", "--days", "1"]) == 0
    out = capsys.readouterr().out
    printed = json.loads(out[out.index("{\n") :])
    assert (printed["provider"], printed["error"]) == ("dodo", None)
    assert {count["count"] for report in printed["reports"] for count in report["found"].values()} == {0}
    assert len(printed["reports"]) == 2, "of the day before, and of this one up to now"


@pytest.mark.parametrize(("arguments", "days"), [([], 3), (["--days", "30"], 30)])
def test_it_goes_back_three_days_if_nothing_else_is_said(
    scrip: Deployment,
    dodo: Provider,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    days: int,
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    capsys.readouterr()
    assert command_line.main(["reconcile", "dodo", *arguments]) == 0
    out = capsys.readouterr().out
    assert len(json.loads(out[out.index("{\n") :])["reports"]) == days + 1


def test_a_provider_that_does_not_answer_is_told_as_an_error(
    scrip: Deployment, dodo: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    dodo.down = True
    capsys.readouterr()
    assert command_line.main(["reconcile", "dodo"]) == 2
    out = capsys.readouterr().out
    assert json.loads(out[out.index("{\n") :])["error"]


def test_by_hand_a_provider_without_a_key_is_refused(
    scrip: Deployment, dodo: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["reconcile", "stripe"]) == 2
    assert capsys.readouterr().err == "scrip: there is no API key of stripe\n"


@pytest.mark.parametrize("days", ["0", "31", "x"])
def test_it_goes_back_one_to_thirty_days(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["reconcile", "dodo", "--days", days]) == 2
    assert capsys.readouterr().err.startswith("scrip: Invalid value for '--days': ")
