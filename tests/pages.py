"""The project's pages as their readers use them: what stands in a page's blocks is pasted into a shell, section by
section, and what is shown as an answer is held against what was answered.

A block is fenced and has an info string. ``sh`` is pasted. ``json`` or ``http`` after it is what its last command
answers: members may be left out of it, but none is changed. ``ts`` or ``python`` is a program that tests/clients runs,
and ``text`` after it what it prints. A block that is none of these, because it shows a shape or needs an account at
AWS, says ``illustration`` after its language; tests/contract/test_pages.py counts those.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "events" / "README.md",
    ROOT / "clients" / "typescript" / "README.md",
]
BLOCK: Final = re.compile(r"^ {0,3}```(?P<info>[^\n`]*)\n(?P<text>.*?)^ {0,3}```$", re.MULTILINE | re.DOTALL)
ILLUSTRATION: Final = "illustration"
PATIENCE_SECONDS: Final = 30.0
"""How long a reader looks again at what a webhook changes."""

FORMS: Final = (
    # Those of the test clock, which begins in 2030 on every page, are compared to the millisecond.
    r"20[12][0-9]-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z",
    r"[0-9a-f]{64}",
    r"(?:cs_test_|cks_|pay_|pi_|re_|ref_|rfnd_|dp_)[A-Za-z0-9_]+",
    r"(?:dodo|stripe):[A-Za-z0-9_]+",
    r"https?://[^\s?]+",
)
"""Instants, hashes, what a provider named, and where this machine serves it: compared by form alone. Scrip's own ids
follow from accounts and keys, so whoever pastes a page gets those that it shows."""


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two fences, and where.

    Attributes:
        language: the first word of its info string.
        line: of its first fence.
    """

    language: str
    illustration: bool
    text: str
    line: int


@dataclass(slots=True)
class Section:
    """A heading of the second level, and the blocks under it. The page's head has an empty title."""

    title: str
    blocks: list[Block] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        """Whether anything of it is pasted."""
        return any(block.language == "sh" and not block.illustration for block in self.blocks)


def sections(page: Path) -> list[Section]:
    """The sections of a page in their order, its head first."""
    text = page.read_text(encoding="utf-8")
    found = [Section("")]
    marks = list(BLOCK.finditer(text))
    inside = [range(match.start(), match.end()) for match in marks]
    headings = re.finditer(r"^## (.+)$", text, re.MULTILINE)
    marks += [heading for heading in headings if not any(heading.start() in span for span in inside)]
    for match in sorted(marks, key=re.Match.start):
        if match.re is not BLOCK:
            found.append(Section(match[1]))
            continue
        language, _, more = match["info"].strip().partition(" ")
        line = text[: match.start()].count("\n") + 1
        found[-1].blocks.append(Block(language, more == ILLUSTRATION, match["text"], line))
    return found


class Reader:
    """Somebody with a shell of their own, in which a running Scrip's settings were read. Use ``with``."""

    def __init__(self, directory: Path, settings: str) -> None:
        self._directory = directory
        (directory / ".local").mkdir()
        (directory / ".local" / "env").write_text(settings, encoding="utf-8")
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SCRIP_"))}
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        self._shell = subprocess.Popen(
            [shutil.which("bash") or "sh"],
            cwd=directory,
            env={**own, "PATH": path, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.paste(". .local/env")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shell.kill()
        self._shell.communicate()

    def paste(self, text: str) -> tuple[str, int]:
        """What a text printed, and its last status."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        (self._directory / ".pasted").write_text(text, encoding="utf-8")
        self._shell.stdin.write(". ./.pasted > .printed 2>&1 < /dev/null; echo $?\n")
        self._shell.stdin.flush()
        status = self._shell.stdout.readline()
        assert status.strip().isdigit(), f"the shell ended: {status}"
        return (self._directory / ".printed").read_text(encoding="utf-8"), int(status)

    def follow(self, section: Section) -> list[str]:
        """Pastes every block of a section in its order; says what was not as it is shown."""
        blocks = [block for block in section.blocks if not block.illustration]
        wrong: list[str] = []
        for index, block in enumerate(blocks):
            if block.language != "sh":
                continue
            after = blocks[index + 1] if index + 1 < len(blocks) else None
            shown = after if after is not None and after.language in ("json", "http") else None
            found = list(self._try(block, shown))
            deadline = time.monotonic() + PATIENCE_SECONDS
            while found and _only_looks(block.text) and time.monotonic() < deadline:
                time.sleep(0.2)
                found = list(self._try(block, shown))
            wrong += [f"line {block.line}: {one}" for one in found]
        return wrong

    def _try(self, block: Block, shown: Block | None) -> Iterator[str]:
        printed, status = self.paste(block.text)
        if status != 0 or re.search(r"^curl: \(", printed, re.MULTILINE):
            yield f"ends with status {status}: {printed}"
        answers = list(_answers(printed))
        for head, body in answers[: -1 if shown else None]:
            if _refused(head, body):
                yield f"is refused: {body}"
        if shown is None:
            return
        if not answers:
            yield f"answers nothing: {printed}"
            return
        head, body = answers[-1]
        yield from _head_differs(head, shown)
        expected = json.loads(shown.text.partition("\n\n")[2] if shown.language == "http" else shown.text)
        yield from differences(expected, body)


def _only_looks(text: str) -> bool:
    """Whether every call of a block is a GET, which a reader may send again."""
    calls = re.findall(r"^(?:api|curl) .*$", text.replace("\\\n", " "), re.MULTILINE)
    return bool(calls) and not any(re.search(r" --json |api (?!GET )", call) for call in calls)


def _answers(printed: str) -> Iterator[tuple[str, Any]]:
    """Each JSON document that was printed, with the head of its HTTP answer where that was printed too."""
    decoder = json.JSONDecoder()
    head = ""
    rest = printed.replace("\r\n", "\n").lstrip()
    while rest:
        if rest.startswith("HTTP/"):
            head, _, rest = rest.partition("\n\n")
        elif rest[0] in "{[":
            document, end = decoder.raw_decode(rest)
            yield head, document
            head, rest = "", rest[end:]
        else:
            rest = rest.partition("\n")[2]
        rest = rest.lstrip()


def _refused(head: str, body: Any) -> bool:
    problem = isinstance(body, dict) and isinstance(body.get("status"), int) and body["status"] >= 400
    gateway = isinstance(body, dict) and body.keys() == {"message"}
    return problem or gateway or (bool(head) and int(head.split()[1]) >= 400)


def _head_differs(head: str, shown: Block) -> Iterator[str]:
    """The status, the headers shown, and whether it is a replay, which is never left out."""
    if shown.language != "http":
        return
    status, *lines = shown.text.partition("\n\n")[0].splitlines()
    real_status, *real = head.splitlines()
    if status.split()[1] != real_status.split()[1]:
        yield f"is shown as {status} and answered as {real_status}"
    there = _headers(real)
    expected = _headers(lines)
    for name, value in expected.items():
        if there.get(name) != value:
            yield f"{name} is shown as {value} and answered as {there.get(name)}"
    if "idempotent-replay" in there and "idempotent-replay" not in expected:
        yield "is a replay"


def _headers(lines: list[str]) -> Mapping[str, str]:
    return dict(line.lower().split(": ", 1) for line in lines)


def differences(shown: Any, real: Any, place: str = "answer") -> list[str]:
    """Where the real answer is not what is shown. Members that are not shown do not count; list items do."""
    if isinstance(shown, dict) and isinstance(real, dict):
        missing = [f"{place}.{name} is not answered" for name in shown if name not in real]
        both = [name for name in shown if name in real]
        return missing + [
            line for name in both for line in differences(shown[name], real[name], f"{place}.{name}")
        ]
    if isinstance(shown, list) and isinstance(real, list) and len(shown) == len(real):
        return [
            line
            for index, (one, other) in enumerate(zip(shown, real, strict=True))
            for line in differences(one, other, f"{place}.{index}")
        ]
    same_form = isinstance(shown, str) and isinstance(real, str) and _form(shown) == _form(real)
    if type(shown) is type(real) and (shown == real or (same_form and _form(shown) is not None)):
        return []
    return [f"{place} is shown as {json.dumps(shown)} and answered as {json.dumps(real)}"]


def _form(text: str) -> int | None:
    return next((index for index, form in enumerate(FORMS) if re.fullmatch(form, text)), None)
