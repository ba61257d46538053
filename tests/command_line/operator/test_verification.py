"""``scrip verify``: one wallet, all of them or a share of them. The report alone is on the standard output."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import command_line
from command_line.operator import verification
from scrip.services.verification.survey import Part, Survey
from tests.aws import NEW_YEAR, Deployment
from tests.services.verification.damage import flip, history, hold_forgotten

pytestmark = pytest.mark.usefixtures("small_and_empty")


def test_a_sound_wallet_is_said_to_be_so(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    history(scrip, account)
    capsys.readouterr()
    assert command_line.main(["verify", account]) == 0
    expected = {"account": account, "unit": "credits", "entries": 7, "findings": []}
    assert json.loads(capsys.readouterr().out) == expected


def test_one_wallet_by_itself_is_verified_as_all_are(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hold_forgotten(history(scrip, account))
    capsys.readouterr()
    assert command_line.main(["verify", account]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["seq"] == 6


def test_a_wallet_of_another_unit_is_verified_by_its_name(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.put("/v1/units/miles", {"precision": 0})
    scrip.grant(account, "5", unit="miles")
    capsys.readouterr()
    assert command_line.main(["verify", account, "--unit", "miles"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == 1
    assert command_line.main(["verify", account, "--unit", "none"]) == 2
    assert capsys.readouterr().err.startswith("scrip: ")


def test_all_wallets_are_verified_with_their_findings_and_instants_as_the_api_writes_them(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ledger of one is cut after its sixth entry; another's third entry has a byte changed."""
    cut = history(scrip, account)
    cut.delete("ledger", cut.entry(7))
    flip(history(scrip, f"{account}-b"))
    capsys.readouterr()
    assert command_line.main(["verify", "--all", "--workers", "1"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["segment"], report["done"], report["wallets"], report["entries"]) == ("1/1", True, 2, 13)
    found = {one["account"]: one for one in report["findings"]["items"]}
    assert (found[account]["kind"], found[account]["since"]) == ("ledger_behind", NEW_YEAR)
    assert found[f"{account}-b"]["what"] == "entry 3 does not match its hash"


def test_shares_are_verified_one_by_one_and_together_are_all(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(6):
        scrip.grant(f"{account}-{number}", "1", clock=NEW_YEAR)
    verified = []
    for share in ("1/2", "2/2"):
        capsys.readouterr()
        assert command_line.main(["verify", "--all", "--segment", share]) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["segment"] == share
        verified.append(report["wallets"])
    assert sum(verified) == 6


def test_a_verification_that_is_done_is_in_its_file_and_not_done_again(
    scrip: Deployment, account: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history(scrip, account)
    file = tmp_path / "state.json"
    reports = []
    for _ in range(2):
        capsys.readouterr()
        with scrip.calls() as made:
            assert command_line.main(["verify", "--all", "--resume", str(file)]) == 0
        reports.append(json.loads(capsys.readouterr().out))
    assert made == []
    assert {**reports[0], "seconds": 0} == {**reports[1], "seconds": 0}
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_of_something_else_is_refused(
    scrip: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "state.json"
    file.write_text("{}")
    assert command_line.main(["verify", "--all", "--resume", str(file)]) == 2
    assert capsys.readouterr().err == f"scrip: {file} is not of a verification\n"
    file.write_text(json.dumps(Survey(0, 1, 8).to_body()))
    assert command_line.main(["verify", "--all", "--resume", str(file), "--segment", "1/8"]) == 2
    assert capsys.readouterr().err == f"scrip: {file} is of --segment 2/8: give that too\n"


@pytest.mark.parametrize("segment", ["0/8", "9/8", "1", "1/0", "a/b", "1/1001", ""])
def test_a_segment_is_one_of_several(segment: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["verify", "--all", "--segment", segment]) == 2
    assert capsys.readouterr().err == "scrip: --segment is like 1/8, with at most 1000 shares\n"


def test_how_far_it_is_goes_to_the_standard_error(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        scrip.grant(f"{account}-{number}", "1", clock=NEW_YEAR)
    monkeypatch.setattr(verification, "PROGRESS_SECONDS", 0)
    capsys.readouterr()
    assert command_line.main(["verify", "--all"]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines()[-1].startswith("3 wallets, 3 entries, ")
    assert json.loads(said.out)["wallets"] == 3


@pytest.mark.parametrize(
    ("arguments", "told"), [(["ux a/b"], "account"), (["acme", "--unit", "a b"], "unit"), ([""], "account")]
)
def test_a_name_that_no_wallet_has_is_refused_as_the_api_does(
    scrip: Deployment, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert command_line.main(["verify", *arguments]) == 2
    assert capsys.readouterr().err == f"scrip: {told}: must be 1 to 128 letters, digits or ._:@|-\n"


def test_how_far_it_is_is_said_every_two_seconds_with_the_seconds_since_it_began(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It began at 10.0 s. At 11.9 s it is too early; 14.1 s is two seconds after 12.1 s, and 14.0 s is not."""
    for number in range(5):
        scrip.grant(f"{account}-{number}", "1", clock=NEW_YEAR)
    capsys.readouterr()
    instants = iter([10.0, 11.9, 12.1, 14.0, 14.1, 15.0, 15.25])
    monkeypatch.setattr(verification, "time", SimpleNamespace(monotonic=lambda: next(instants)))
    assert command_line.main(["verify", "--all", "--workers", "1"]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines() == ["2 wallets, 2 entries, 2 s", "4 wallets, 4 entries, 4 s"]
    assert json.loads(said.out)["seconds"] == 5.2


def test_the_report_adds_up_all_parts_and_names_what_waits_and_what_was_left_out(
    scrip: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is found: the ledger and the payments are sound, though 2 payments wait and 3 wallets were left out."""
    parts = [
        Part("done", None, 5, 70, 3, parked=1, left=1, parked_names=["dodo:p1"], left_names=["a: late"]),
        Part("done", None, 6, 80, 4, parked=1, left=2, parked_names=["paddle:p2"], left_names=["b: large"]),
        *(Part("done"), Part("done")),
    ]
    file = tmp_path / "state.json"
    file.write_text(json.dumps(Survey(1_794_295_800_000, 999, 1000, parts).to_body()))
    assert command_line.main(["verify", "--all", "--resume", str(file), "--segment", "1000/1000"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report.pop("seconds") < 60
    assert report == {
        "begun_at": "2026-11-10T07:30:00.000Z",
        "segment": "1000/1000",
        "done": True,
        "wallets": 11,
        "entries": 150,
        "payments": 7,
        "parked": {"count": 2, "payments": ["dodo:p1", "paddle:p2"]},
        "left_out": {"count": 3, "wallets": ["a: late", "b: large"]},
        "findings": {"count": 0, "items": []},
    }
