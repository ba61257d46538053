"""Names of Python for what the document names."""

from __future__ import annotations

import keyword
from typing import Any

Json = dict[str, Any]


def component(reference: str) -> str:
    """Returns the name of the component that a reference leads to."""
    return reference.rpartition("/")[2]


def argument(name: str) -> str:
    """Returns a name as an argument's or an attribute's: ``from`` is ``from_``, ``webhook-id`` is ``webhook_id``."""
    plain = name.replace("-", "_").replace(".", "_").lower()
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def refusal(problem: str) -> str:
    """Returns the name of the exception of a problem's component: ``NotFoundProblem`` is ``NotFound``."""
    return problem.removesuffix("Problem")


def docstring(text: str, indent: int) -> str:
    """Returns a docstring with its quotes, each line indented by so many spaces."""
    said = text.replace("\\", "\\\\").replace('"""', "'''").strip()
    lines = [line.strip() for line in said.splitlines()]
    margin = "\n" + " " * indent
    closing = margin if len(lines) > 1 else " " if said.endswith('"') else ""
    return f'"""{margin.join(lines)}{closing}"""'
