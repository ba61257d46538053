"""``scrip verify --all`` over a table of forty sound wallets of every kind of history: it finds nothing, and comes to
the same however it is cut, side by side or in a row, at once or broken off and resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from command_line.operator import verification
from scrip import runtime
from scrip.domain.credits import limits
from scrip.domain.credits.errors import Throttled
from scrip.services.verification.survey import PARTS, Part, Progress, Survey, SurveyRun
from scrip.store import items, ledger, scan
from tests.aws import Deployment, Fault
from tests.domain.memory import Vault
from tests.services.verification.surveys import Verify, lives, put

SMALL: Final = {"WINDOW_LOTS": 4, "WINDOW_LOW": 2, "PAGE_LOTS": 5}


@pytest.fixture(scope="module")
def sound(deployment: Deployment) -> Iterator[list[Vault]]:
    """Forty wallets, some with pages."""
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in SMALL.items():
            patch.setattr(limits, name, limit)
        made = [vault for vault in lives("sound") if vault.wallet.version > 3]
    put(deployment, made)
    yield made
    deployment.make_tables()


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that each part takes several calls, and ends in the middle of a wallet."""
    monkeypatch.setattr(scan, "PAGE", 30)
    monkeypatch.setattr(scan, "LEDGER_PAGE", 150)
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)


def outcome(survey: Survey) -> dict[str, Any]:
    """What a survey came to, but for when."""
    return {**survey.to_body(), "begun_at": 0}


def run(survey: Survey, workers: int = 1, **options: Any) -> Survey:
    SurveyRun(runtime.tables(), survey, lambda _: None, **options).go(workers)
    return survey


@pytest.fixture
def broken(scrip: Deployment, sound: list[Vault]) -> Iterator[Vault]:
    """A wallet of them that has lost its third entry for the time of a test."""
    vault = sound[5]
    item = items.entry_item(vault.entries[2])
    scrip.dynamodb.delete_item(TableName="ledger", Key={name: item[name] for name in ("pk", "sk")})
    yield vault
    scrip.dynamodb.put_item(TableName="ledger", Item=item)


def test_in_a_sound_table_nothing_is_found(scrip: Deployment, sound: list[Vault], verify: Verify) -> None:
    assert len(sound) >= 36
    assert {kind for vault in sound for kind, _ in vault.sidecars} >= {"hold", "allowance", "reversed"}
    assert any(vault.wallet.paged for vault in sound)
    report = verify()
    assert (report["findings"], report["done"]) == ({"count": 0, "items": []}, True)
    assert report["wallets"] == len(sound)
    assert report["entries"] == sum(len(vault.entries) for vault in sound)


def test_side_by_side_comes_to_the_same_as_one_by_one(scrip: Deployment, broken: Vault) -> None:
    one_by_one, side_by_side = run(Survey(0), 1), run(Survey(0), 4)
    assert outcome(one_by_one) == outcome(side_by_side)
    (finding,) = one_by_one.listed("findings")
    assert (finding["account"], finding["seq"], finding["what"]) == (broken.account, 3, "entry 3 is missing")


def test_shares_together_are_the_whole(scrip: Deployment, sound: list[Vault], broken: Vault) -> None:
    whole, shares = run(Survey(0)), [run(Survey(0, share, 3)) for share in range(3)]
    for name in ("wallets", "entries", "payments", "found"):
        assert sum(share.total(name) for share in shares) == whole.total(name)
    assert all(share.total("wallets") for share in shares), "no share has everything"


@pytest.mark.parametrize("wallets", [0, 9, 25])
def test_a_run_that_is_broken_off_and_resumed_comes_to_the_same(
    scrip: Deployment, broken: Vault, wallets: int
) -> None:
    """Time is up after so many wallets, again and again; what was done is not done a second time."""
    whole = run(Survey(0))
    seen: list[int] = []
    state = Survey(0).to_body()
    for _ in range(200):
        survey = Survey.from_body(json.loads(json.dumps(state)))
        left = iter([True] * (wallets + 1))
        progress = Progress()
        run(survey, time_left=partial(next, left, False), progress=progress)
        seen.append(progress.wallets)
        state = survey.to_body()
        if survey.done or not wallets:
            break
    if not wallets:
        assert seen == [0]
        return
    assert outcome(Survey.from_body(state)) == outcome(whole)
    assert sum(seen) == whole.total("wallets")


def test_a_resumed_command_goes_on_from_its_file_and_does_no_part_again(
    scrip: Deployment, broken: Vault, verify: Verify, tmp_path: Path
) -> None:
    """Broken off when its second part was done."""
    file = tmp_path / "state.json"

    def save(now: Survey) -> None:
        verification._save(file, now)
        if now.parts[1].walk == "done":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SurveyRun(runtime.tables(), Survey(0), save).go(1)
    before = json.loads(file.read_text())
    assert [part["walk"] for part in before["parts"]] == ["done", "done", "wallets", "wallets"]
    with scrip.calls() as made:
        report = verify("--resume", str(file), "--workers", "1")
    scanned = {call.params["Segment"] for call in made if call.name == "Scan"}
    assert scanned == {2, 3}
    whole = run(Survey(0))
    assert report["findings"]["items"] == whole.listed("findings")
    assert (report["wallets"], report["entries"]) == (whole.total("wallets"), whole.total("entries"))
    with scrip.calls() as made:
        assert verify("--resume", str(file))["findings"] == report["findings"]
    assert made == [], "it is done"
    assert list(tmp_path.iterdir()) == [file]


def test_a_busy_table_is_asked_again_and_then_given_up(scrip: Deployment, sound: list[Vault]) -> None:
    pauses: list[float] = []
    busy = Fault.error("ProvisionedThroughputExceededException")
    with scrip.broken("Scan", busy, times=2):
        assert run(Survey(0), pause=pauses.append).done
    assert pauses == [0.2, 0.4]
    with scrip.broken("Scan", busy, times=99), pytest.raises(Throttled):
        run(Survey(0), pause=pauses.append)
    assert pauses[2:] == [0.2, 0.4, 0.8, 1.6, 3.2]


def test_a_wallet_too_large_for_a_run_is_left_out_and_named(scrip: Deployment, sound: list[Vault]) -> None:
    largest = max(sound, key=lambda vault: vault.wallet.version)
    survey = run(Survey(0), largest=largest.wallet.version - 1)
    assert survey.total("left") == len([v for v in sound if v.wallet.version == largest.wallet.version])
    assert any(name.startswith(f"{largest.account}/credits: ") for name in survey.listed("left_names"))
    assert survey.total("wallets") == len(sound)


def test_what_is_kept_of_findings_is_bounded_and_counted(scrip: Deployment, sound: list[Vault]) -> None:
    survey = run(Survey(0), largest=0, shown=2)
    assert survey.total("left") == len(sound)
    assert len(survey.listed("left_names")) <= 2 * PARTS


def test_a_part_that_is_done_is_not_scanned(scrip: Deployment) -> None:
    with scrip.calls() as made:
        run(Survey(0, parts=[Part("done") for _ in range(PARTS)]))
    assert made == []
