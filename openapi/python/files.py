"""The modules as text, formatted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from openapi.python import models, operations, refusals
from openapi.python.rendering import Types

Json = dict[str, Any]
PACKAGE: Final = Path(__file__).resolve().parents[2] / "clients" / "python" / "scrip_client"


def files(document: Json) -> dict[Path, str]:
    """Returns every generated module of the Python client, by its path."""
    types = Types(document)
    made = {
        "models.py": models.models(types),
        "given.py": models.given(types),
        "refusals.py": refusals.refusals(types),
        "operations.py": operations.operations(document, types, awaited=False),
        "awaited.py": operations.operations(document, types, awaited=True),
    }
    return {PACKAGE / name: _formatted(text) for name, text in made.items()}


def _formatted(text: str) -> str:
    # By the formatter that all of the code is held to.
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(PACKAGE / "models.py"), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"what is made is no Python: {done.stderr}")
    return done.stdout
