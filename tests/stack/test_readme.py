"""The README's calls, sent as it shows them, and its answers held against the real ones."""

from __future__ import annotations

import json
import re
import shlex
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
import pytest

README: Final = Path(__file__).parents[2] / "README.md"
ACCOUNT: Final = "customer-1"
FORMS: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z",
    r"[0-9a-f]{64}",
    r"(?:k\.[A-Za-z0-9_-]{12}\.[A-Za-z0-9_-]{22}|s\.[A-Za-z0-9_-]{12}\.[0-9]+)",
    r"lot_[A-Za-z0-9_-]{12}_1",
)
"""Instants, hashes, ids of entries and of the first lot: what is shown is compared by form alone."""


class Running(Protocol):
    """A deployed Scrip: where its API is, and an admin key."""

    @property
    def url(self) -> str: ...

    @property
    def key(self) -> str: ...


@dataclass(frozen=True)
class Call:
    """One ``curl`` of the README and the answer shown under it."""

    url: str
    headers: Mapping[str, str]
    body: str
    status: int
    shown_headers: Mapping[str, str]
    shown: Any


@pytest.fixture
def calls(stack: Running) -> list[Call]:
    """The README's calls, for this stack and for an account that is new."""
    text = README.read_text(encoding="utf-8").replace(ACCOUNT, f"readme-{uuid.uuid4().hex[:12]}")
    variables = {"$SCRIP_URL": stack.url, "$SCRIP_API_KEY": stack.key}
    pairs = re.findall(r"```sh\n(curl .*?)```\n```http\n(.*?)```", text, re.DOTALL)
    return [_call(command, answer, variables) for command, answer in pairs]


def test_the_readme_shows_three_calls_and_their_answers(calls: list[Call]) -> None:
    """Every call of the README is one that is tested here."""
    assert len(calls) == 3
    assert README.read_text(encoding="utf-8").count("curl ") == 3


def test_the_readmes_answers_are_the_real_ones(calls: list[Call]) -> None:
    """Status, headers and every member shown; what is shown and not answered fails too."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        for call in calls:
            answer = client.post(call.url, headers=dict(call.headers), content=call.body)
            assert answer.status_code == call.status, answer.text
            for name, value in call.shown_headers.items():
                assert answer.headers.get(name) == value, name
            assert "idempotent-replay" in call.shown_headers or "idempotent-replay" not in answer.headers
            assert list(_differences(call.shown, answer.json())) == []


def _call(command: str, answer: str, variables: Mapping[str, str]) -> Call:
    for name, value in variables.items():
        command = command.replace(name, value)
    words = iter(shlex.split(command.replace("\\\n", " ")))
    assert next(words) == "curl"
    url, headers, body = "", {}, ""
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "--json":
            body = next(words)
            headers |= {"content-type": "application/json", "accept": "application/json"}
        elif word != "-i":
            assert not url, f"the test does not know {word}"
            url = word
    head, _, document = answer.partition("\n\n")
    status, *lines = head.splitlines()
    shown = dict(line.lower().split(": ", 1) for line in lines)
    return Call(url, headers, body, int(status.split()[1]), shown, json.loads(document))


def _differences(shown: Any, real: Any, place: str = "") -> list[str]:
    """Where the real answer is not what is shown. Members that are not shown do not count; list items do."""
    if isinstance(shown, dict) and isinstance(real, dict):
        missing = [f"{place}.{name} is not answered" for name in shown if name not in real]
        both = [name for name in shown if name in real]
        return missing + [
            line for name in both for line in _differences(shown[name], real[name], f"{place}.{name}")
        ]
    if isinstance(shown, list) and isinstance(real, list) and len(shown) == len(real):
        return [
            line
            for index, (one, other) in enumerate(zip(shown, real, strict=True))
            for line in _differences(one, other, f"{place}.{index}")
        ]
    same_form = isinstance(shown, str) and isinstance(real, str) and _form(shown) == _form(real)
    if type(shown) is type(real) and (shown == real or (same_form and _form(shown) is not None)):
        return []
    return [f"{place} is shown as {shown!r} and answered as {real!r}"]


def _form(text: str) -> int | None:
    return next((index for index, form in enumerate(FORMS) if re.fullmatch(form, text)), None)
