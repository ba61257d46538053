"""What was counted: lines in CloudWatch's embedded metric format, as functions print them."""

from __future__ import annotations

import json
from typing import Any

import pytest


def counted(capsys: pytest.CaptureFixture[str], *metrics: str) -> list[dict[str, Any]]:
    """The lines of these metrics since it was asked last, in their order: the number, and what it is about."""
    lines = (json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{"))
    about = ({name: one for name, one in line.items() if name not in ("_aws", "service")} for line in lines)
    return [line for line in about if any(metric in line for metric in metrics)]
