"""Programs that stand on the pages: each is a block ``ts`` or ``python``, and ``text`` after it is what it prints."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from tests.pages import PAGES, ROOT, sections

ELSEWHERE: Final = ROOT / "docs" / "clients.md"
"""Its programs are files of a project: see ``tests.clients.page``."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program on a page.

    Attributes:
        language: ``ts`` or ``python``.
        printed: what it prints, as the page says.
    """

    language: str
    page: str
    line: int
    text: str
    printed: str

    @property
    def name(self) -> str:
        """Its file's name, without an extension."""
        return f"{self.page.replace('/', '-').removesuffix('.md')}-{self.line}"


def programs(*languages: str) -> list[Program]:
    """Returns every program of the pages in these languages, in their order."""
    found: list[Program] = []
    for page in PAGES:
        if page == ELSEWHERE:
            continue
        blocks = [block for section in sections(page) for block in section.blocks]
        for block, after in pairwise(blocks):
            if block.language in languages and not block.illustration:
                assert after.language == "text", f"{page}:{block.line} does not say what it prints"
                found.append(Program(block.language, _name(page), block.line, block.text, after.text))
    return found


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()
