"""``scrip`` over HTTP: against Scrip in this process, with an admin key in the environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import command_line
from command_line import connections
from tests.aws import Deployment
from tests.clients.gateway import serving


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody who types commands."""

    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """The exit status of a command, and what it printed on both outputs."""
        self.capsys.readouterr()
        status = command_line.main(arguments)
        told = self.capsys.readouterr()
        out = "".join(row for row in told.out.splitlines(keepends=True) if not row.startswith('{"_aws'))
        return status, out, told.err

    def json(self, *arguments: str) -> Any:
        """What a command that succeeds answers, as programs read it."""
        status, out, err = self.run(*arguments, "--json")
        assert status == 0, err
        return json.loads(out[out.index("{\n") :])

    def table(self, *arguments: str) -> list[str]:
        """What a command that succeeds answers, line by line, as people read it; without Scrip's own log."""
        status, out, err = self.run(*arguments)
        assert status == 0, err
        return [row for row in out.splitlines() if not row.startswith("{")]

    def sentence(self, status: int, *arguments: str) -> str:
        """What is said of a command that ends with this status: one sentence, and nothing else."""
        found, out, err = self.run(*arguments)
        assert (found, "Traceback" in err, err.count("\n")) == (status, False, 1), err
        assert [row for row in out.splitlines() if not row.startswith("{")] == []
        return err.removeprefix("scrip: ").rstrip("\n")


@pytest.fixture(scope="module")
def url(deployment: Deployment) -> Iterator[str]:
    """Serves Scrip over HTTP."""
    with serving(deployment) as found:
        yield found


@pytest.fixture
def bare(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Line:
    """Gives a command line that knows of no Scrip, with a home of its own."""
    for name in ("SCRIP_URL", "SCRIP_API_KEY", "SCRIP_PROFILE", "SCRIP_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(connections, "ATTEMPTS", 1)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Line(capsys)


@pytest.fixture
def line(scrip: Deployment, url: str, bare: Line, monkeypatch: pytest.MonkeyPatch) -> Line:
    """Gives a command line with the URL and an admin key in its environment."""
    monkeypatch.setenv("SCRIP_URL", url)
    monkeypatch.setenv("SCRIP_API_KEY", new_key(scrip))
    return bare


def new_key(scrip: Deployment) -> str:
    """A new admin key."""
    made = scrip.post("/v1/keys", {"scope": "admin"})
    assert made.status == 201, made.text
    return str(made.body["key"])
