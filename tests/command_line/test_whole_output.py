"""What commands print and ask, whole: as it was read last (``python -m tests.command_line.stories``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.aws import Deployment
from tests.command_line import stories

KEPT: Final = json.loads(stories.SAID.read_text(encoding="utf-8"))


ELSEWHERE: Final = ("reindex --workers", "reindex --json", "rollup --unit", "rollup --json", "units --json")
"""What scans tables, whose tests are operator/test_index.py and test_units.py."""


@pytest.mark.usefixtures("in_memory")
def test_every_command_prints_and_asks_what_it_did(scrip: Deployment, tmp_path: Path) -> None:
    told = stories.told(scrip, tmp_path)
    assert [one["typed"] for one in told] == [one["typed"] for one in KEPT]
    for found, known in zip(told, KEPT, strict=True):
        assert found == known


def test_every_command_explains_itself_as_it_did() -> None:
    assert stories.helps() == json.loads(stories.HELP.read_text(encoding="utf-8"))


def test_every_option_of_every_command_is_typed() -> None:
    """Of the app: those that stand before the command."""
    typed = [one["typed"].split() for one in KEPT]
    untyped = [
        f"{name} {option.opts[0]}"
        for name, command in stories.commands().items()
        for option in command.params
        if option.opts[0].startswith("--")
        and option.opts[0] not in ("--help", "--install-completion", "--show-completion")
        and not any(option.opts[0] in words and [*_named(words, name)] for words in typed)
    ]
    assert [*map(str.strip, untyped)] == [*ELSEWHERE]


def _named(words: list[str], name: str) -> list[str]:
    """The line, where it is of this command; each of the app's."""
    return words if not name or f" {name} " in f" {' '.join(words)} " else []
