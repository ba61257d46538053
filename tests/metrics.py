"""What functions tell an operator: metrics in CloudWatch's embedded format, and lines of the log."""

from __future__ import annotations

import json
from typing import Any

import pytest

OF_A_LINE = ("level", "location", "timestamp", "service", "message", "xray_trace_id", "_aws")
"""What lines have that says nothing of what they are about."""


def counted(capsys: pytest.CaptureFixture[str], *metrics: str) -> list[dict[str, Any]]:
    """The lines of these metrics since it was asked last, in their order: the number, and what it is about."""
    return [line for line in map(_about, _lines(capsys)) if any(metric in line for metric in metrics)]


def logged(capsys: pytest.CaptureFixture[str], message: str) -> list[dict[str, Any]]:
    """What the log says with this message since it was asked last: what each line is about."""
    return [_about(line) for line in _lines(capsys) if line.get("message") == message]


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]


def _about(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in OF_A_LINE}
