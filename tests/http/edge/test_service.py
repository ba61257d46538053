"""What a deployment says of itself, to anybody: the contract, the version, and that it answers."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from scrip import runtime
from tests.aws import Deployment
from tests.http.contract import invalid

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.usefixtures("in_memory")


def test_the_contract_is_the_one_that_is_committed(scrip: Deployment) -> None:
    answer = scrip.get("/v1/openapi.json", caller=None)
    assert answer.status == 200
    assert answer.body == json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert "/v1/openapi.json" in answer.body["paths"]


def test_the_version_is_the_projects(scrip: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    runtime.settings.cache_clear()
    assert scrip.get("/v1/version", caller=None).body == {
        "version": version,
        "commit": None,
        "test_clock": True,
    }
    monkeypatch.setenv("SCRIP_COMMIT", "0123abc")
    monkeypatch.setenv("SCRIP_TEST_CLOCK", "disabled")
    runtime.settings.cache_clear()
    told = scrip.get("/v1/version", caller=None).body
    runtime.settings.cache_clear()
    assert (told["commit"], told["test_clock"]) == ("0123abc", False)


def test_it_answers_without_any_key_and_without_any_call(scrip: Deployment) -> None:
    with scrip.calls() as made:
        answer = scrip.get("/v1/health", caller=None)
    assert (answer.status, answer.body, made) == (200, {"status": "ok"}, [])
    invalid(scrip.get("/v1/health", caller=None, query={"deep": "1"}), "deep")
