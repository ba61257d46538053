"""The standard output of a command: one JSON document."""

from __future__ import annotations

import json
from typing import Any


def print_json(document: Any) -> int:
    """Prints the document, indented; returns 0, the exit status of a command that did what it was asked."""
    print(json.dumps(document, indent=2))
    return 0
