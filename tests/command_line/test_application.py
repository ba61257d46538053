"""All commands: each says what it does, and answers programs in JSON alone."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from command_line import application
from tests.aws import ROOT
from tests.command_line.conftest import Line

COMMANDS = [
    *([name] for name in application._COMMANDS),
    *([group, name] for group, (_, members) in application._GROUPS.items() for name in members),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_says_what_it_does_and_takes_json(bare: Line, command: list[str]) -> None:
    status, out, err = bare.run(*command, "--help")
    assert (status, err) == (0, "")
    usage, _, what, *_ = out.splitlines()
    assert usage.startswith(f"Usage: scrip {' '.join(command)} ")
    assert what.strip()
    assert "--json" in out


def test_json_may_be_asked_for_before_the_command_too(bare: Line) -> None:
    assert json.loads(bare.run("--json", "version")[1]).keys() == {"version"}
    assert bare.json("version").keys() == {"version"}


def test_a_shell_completes_commands(tmp_path: Path) -> None:
    """As the script of ``--show-completion`` asks for it."""
    asked = {"_SCRIP_COMPLETE": "complete_bash", "COMP_WORDS": "scrip ke", "COMP_CWORD": "1"}
    code = "import sys; from command_line import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == (["key"], "")


def test_nothing_is_coloured_without_a_terminal(bare: Line) -> None:
    for arguments in (["--help"], ["version"], ["key", "--help"]):
        assert "\x1b" not in bare.run(*arguments)[1]


def test_every_command_is_of_the_one_application() -> None:
    known = typer.main.get_command(application.app)
    assert set(known.commands) == {*application._COMMANDS, *application._GROUPS}  # type: ignore[attr-defined]


def test_the_package_is_run_as_the_command_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``python -m command_line`` ends as ``scrip`` does."""
    monkeypatch.setattr(sys, "argv", ["scrip", "no-such-command"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("command_line", run_name="__main__")
    assert ended.value.code == 2
    assert "no-such-command" in capsys.readouterr().err
