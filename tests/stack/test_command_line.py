"""docs/command-line.md, pasted section by section into a shell that has read ``.local/env``: what is shown after a
block is what it prints, on both outputs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from local.__main__ import settings
from tests.pages import ROOT, Block, Reader, Section, sections
from tests.stack.conftest import App

PAGE: Final = ROOT / "docs" / "command-line.md"
SECTIONS: Final = {section.title: section for section in sections(PAGE) if section.runs}
FORMS: Final = (
    r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z",
    r"[0-9a-f]{64}",
    r"/\S*/scrip/config\.toml",
    r"\b(?:topup|pay|key)_[A-Za-z0-9_]+",
)
"""What is another each time: instants, hashes, where a home is, and ids that are made by chance."""


def lines(text: str) -> list[list[str]]:
    """What a text says, line by line and word by word: how wide a column is depends on what is in it."""
    for form in FORMS:
        text = re.sub(form, "*", text)
    return [row.split() for row in text.splitlines() if row.strip() and not row.startswith('{"_aws')]


def shown(section: Section) -> list[tuple[Block, Block | None]]:
    """Each block that is pasted, and what is shown of it."""
    following = [*section.blocks[1:], None]
    return [
        (block, then if then is not None and then.language == "text" else None)
        for block, then in zip(section.blocks, following, strict=True)
        if block.language == "sh" and not block.illustration
    ]


def test_all_of_the_page_is_pasted() -> None:
    assert len(SECTIONS) >= 3
    assert sum(len(shown(section)) for section in SECTIONS.values()) >= 8


@pytest.mark.parametrize("title", SECTIONS)
def test_a_section_prints_what_it_shows(
    stack: App, tmp_path: Path, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every block ends well; a status that is shown is printed by it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with Reader(tmp_path, settings(stack.stack)) as reader:
        for block, then in shown(SECTIONS[title]):
            text, status = reader.paste(block.text)
            assert status == 0, f"line {block.line}: {text}"
            if then is not None:
                assert lines(text) == lines(then.text), f"line {then.line}"
