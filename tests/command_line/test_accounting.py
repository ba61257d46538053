"""docs/accounting.md, typed line by line against Scrip in this process: what a block shows is what it prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from tests.aws import Deployment
from tests.closing import closing
from tests.command_line.conftest import Line, new_key
from tests.pages import ROOT, sections

PAGE: Final = ROOT / "docs" / "accounting.md"
HASH: Final = re.compile(r"\b[0-9a-f]{64}\b|\bstk_[0-9a-f]{32}\b|\bhttp://[0-9.:]+")
"""What is another each time: hashes, since entries name their key, and where Scrip is."""


def words(text: str) -> list[list[str]]:
    """What a text says, line by line and word by word: how wide a column is depends on what is in it."""
    rows = [row for row in HASH.sub("*", text).splitlines() if row.strip()]
    return [row.split() for row in rows if not row.startswith('{"_aws')]


def typed(text: str, url: str) -> list[list[str]]:
    """The commands of a block, one a line."""
    return [shlex.split(row.replace("$SCRIP_URL", url))[1:] for row in text.splitlines()]


def test_finance_gets_from_a_sale_to_a_closed_month(
    line: Line, url: str, deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = [block for section in sections(PAGE) for block in section.blocks if not block.illustration]
    shown = 0
    with closing(deployment, tmp_path):
        monkeypatch.setenv("SCRIP_API_KEY", new_key(deployment))
        for block, then in zip(blocks, [*blocks[1:], None], strict=True):
            if block.language != "sh":
                continue
            printed = ""
            for command in typed(block.text, url):
                status, out, err = line.run(*command)
                assert status == 0, (block.line, command, err)
                printed += out + err
            if then is not None and then.language == "text":
                shown += 1
                assert words(printed) == words(then.text), f"line {then.line}:\n{printed}"
    assert shown == 4
