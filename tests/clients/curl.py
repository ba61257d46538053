"""Pages that are written for curl, gone through with a client that a relay has carry their requests out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.pages import ROOT, Reader, sections

CURL: Final = ("README.md", "docs/guide.md", "docs/recipes.md")
BUYING: Final = {
    "Buy on your machine",
    "A paywall",
    "Hear of a low balance",
    "Announce that credits end",
    "Top up by itself, and remind",
    "Report usage as events",
}
"""Sections that need a provider, a bus, a queue or schedules, and so the running stack."""


def followed(page: str, relay: str, directory: Path) -> list[str]:
    """Pastes every section of a page but those of ``BUYING``; says what was not answered as it is shown."""
    head, *others = sections(ROOT / page)
    settings = f"export SCRIP_URL={relay} SCRIP_API_KEY=the-relay-has-one\n"
    wrong: list[str] = []
    for index, section in enumerate(one for one in others if one.runs and one.title not in BUYING):
        own = directory / str(index)
        own.mkdir()
        with Reader(own, settings) as reader:
            wrong += reader.follow(head) + reader.follow(section)
    return wrong
