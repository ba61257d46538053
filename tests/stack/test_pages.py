"""Every section of every page that can be pasted, pasted into a shell of its own, and its answers held against the real
ones. What a section needs it makes itself: sections are run one by one, each after its page's head alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from local import seed
from local.__main__ import settings
from tests.pages import PAGES, ROOT, Reader, Section, sections
from tests.stack.conftest import App

RUN: Final = {
    "README.md": 2,
    "docs/guide.md": 24,
    "docs/payments.md": 1,
    "docs/recipes.md": 3,
    "docs/refunds.md": 2,
    "docs/statements.md": 2,
    "docs/usage-events.md": 2,
}
"""How many sections of each page can be pasted. docs/clients.md is for tests/clients, docs/accounting.md and
docs/command-line.md for tests of their own."""

ACCOUNTS: Final = re.compile(r"/accounts/([\w-]+)/")


def pasted(page: Path) -> list[Section]:
    return [section for section in sections(page)[1:] if section.runs]


SECTIONS: Final = {
    f"{page.name}: {section.title}": (page, section)
    for page in PAGES
    if page.name not in ("accounting.md", "clients.md", "command-line.md")
    for section in pasted(page)
}


@pytest.fixture(scope="module")
def env(stack: App) -> str:
    """What ``make run`` would write for this stack, its demo being there."""
    seed.seed(stack.stack)
    return settings(stack.stack)


def test_so_many_sections_can_be_pasted() -> None:
    """None is lost because it says that it is an illustration, or because its heading was taken for another's."""
    names = [page.relative_to(ROOT).as_posix() for page, _ in SECTIONS.values()]
    assert {name: names.count(name) for name in names} == RUN


@pytest.mark.parametrize(("page", "section"), SECTIONS.values(), ids=SECTIONS.keys())
def test_a_section_does_what_it_shows(env: str, tmp_path: Path, page: Path, section: Section) -> None:
    """Every command succeeds, unless a refusal is shown; status, headers and every member shown are answered."""
    head = sections(page)[0]
    with Reader(tmp_path, env) as reader:
        assert reader.follow(head) + reader.follow(section) == []


def test_no_two_sections_use_one_account() -> None:
    """So a reader who pastes all of a page, or of all pages, gets what each section shows."""
    seen: dict[str, str] = {}
    for place, (_, section) in SECTIONS.items():
        text = "".join(block.text for block in section.blocks if not block.illustration)
        for account in set(ACCOUNTS.findall(text)):
            assert seen.setdefault(account, place) == place, account
    assert len(seen) > 20
