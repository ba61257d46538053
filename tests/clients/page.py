"""docs/clients.md as something to run: each heading's files and commands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "clients.md"
BLOCK: Final = re.compile(r"(?:^`([\w.-]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INSTALLS: Final = re.compile(r"(?:npm|pip) install ")


@dataclass(slots=True)
class Section:
    """What stands under one heading: files by name, and commands but those that install something."""

    files: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)


def section(heading: str) -> Section:
    """Returns what stands under a heading of the page, up to the next one."""
    (text,) = re.findall(
        rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    found = Section()
    for name, language, content in BLOCK.findall(text):
        if name:
            found.files[name] = content
        elif language == "sh":
            found.commands += [line for line in content.splitlines() if not INSTALLS.match(line)]
    return found


def printed() -> str:
    """Returns what every program of the page prints."""
    (text,) = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(text)


def installed(manager: str) -> dict[str, str]:
    """Returns the packages that ``npm`` or ``pip`` installs on the page, with their versions."""
    found: dict[str, str] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{manager} install "):
            found |= dict(re.findall(r"(@?[\w/-]+)(?:@|==)(\d[\d.]*)", line))
    return found
