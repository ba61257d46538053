"""What a command prints: one JSON document, and nothing else."""

from __future__ import annotations

import json

import pytest

from scrip.cli.output import print_json


def test_a_document_is_printed_indented_and_the_command_has_succeeded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert print_json({"moved": 2, "done": True}) == 0
    assert capsys.readouterr().out == '{\n  "moved": 2,\n  "done": true\n}\n'


def test_any_text_is_printed_so_that_every_terminal_takes_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"account": "Zoë \u2028 \x1b[2J"})
    out = capsys.readouterr().out
    assert out.isascii()
    assert "\x1b" not in out
    assert json.loads(out) == {"account": "Zoë \u2028 \x1b[2J"}
