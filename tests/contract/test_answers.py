"""Answers are typed beside their views. The document reads them from there, and deployed code pays nothing for them."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from openapi import document, views
from openapi.bodies import Undeclared
from tests.contract import samples
from tests.contract.test_docstrings import Docstring, only_repeats

Json = dict[str, Any]

ROOT: Final = Path(__file__).parents[2]
HTTP: Final = ROOT / "layers" / "scrip" / "scrip" / "http"
SCHEMAS: Final[Json] = json.loads(document.FILE.read_text(encoding="utf-8"))["components"]["schemas"]


def _modules() -> Iterator[tuple[str, ast.Module]]:
    """Yields every module of the HTTP edge: its name and its source."""
    for path in sorted(HTTP.rglob("*.py")):
        name = ".".join(path.relative_to(HTTP.parents[1]).with_suffix("").parts)
        yield name.removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8"))


FUNCTIONS: Final = [
    (f"{module}.{node.name}", ast.unparse(node.returns) if node.returns else "")
    for module, tree in _modules()
    for node in ast.walk(tree)
    if isinstance(node, ast.FunctionDef) and node.name.endswith("_view")
]
"""Every function that shows something, and what it returns."""
TYPES: Final = [
    (module, node.name)
    for module, tree in _modules()
    for node in tree.body
    if isinstance(node, ast.ClassDef) and node.name.endswith("View")
]
"""Every type of an answer."""


def _members() -> Iterator[tuple[str, str, str]]:
    """Yields the members of every type of an answer: the type, the member's name, its docstring."""
    for module, name in TYPES:
        importlib.import_module(module)
        for member in views.members(name, views.module_of(module)):
            yield name, member.name, member.said


@pytest.mark.parametrize(("function", "returned"), FUNCTIONS, ids=[name for name, _ in FUNCTIONS])
def test_a_view_returns_a_type_of_its_own(function: str, returned: str) -> None:
    """So that mypy refuses a member that is missing, misspelt or of another type."""
    assert returned.removesuffix(" | None").endswith("View"), function


def test_every_member_says_more_than_its_name() -> None:
    mute = [
        f"{view}.{member}: {said}"
        for view, member, said in _members()
        if not said or only_repeats(Docstring("", member, (), said))
    ]
    assert mute == []


def test_every_type_of_an_answer_is_in_the_document() -> None:
    """One that is only extended has its members in those that extend it."""
    extended = {
        base.id
        for _, tree in _modules()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    }
    # What events say is in events/schemas: tests/contract/test_events.py.
    answered = {name for module, name in TYPES if not module.startswith("scrip.http.events.")}
    left = {name for name in answered if name.removesuffix("View") not in SCHEMAS}
    assert left <= extended


def test_a_deployed_function_pays_nothing_for_types() -> None:
    """Their forms are not imported, and a type is a plain dictionary: no member's type is compiled at a cold start."""
    code = (
        "import sys; sys.path.insert(0, 'functions/burns'); import app\n"
        "from scrip.http.wallets.entries import EntryView\n"
        "print('scrip.http.edge.forms' in sys.modules, EntryView.__mro__[-2] is dict)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "True"]


def test_a_component_is_what_its_type_says() -> None:
    made = views.schemas([samples.WholeView])
    assert set(made) == {"Whole", "Part", "Colour", "Size"}
    assert made["Whole"] == {
        "type": "object",
        "description": "A whole.",
        "required": ["from", "parts"],
        "properties": {
            "from": {"type": "string", "description": "Where it was made."},
            "parts": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Part"},
                "description": "What it is made of.",
            },
        },
    }
    assert made["Part"]["required"] == ["colour"]
    assert made["Part"]["properties"]["size"]["anyOf"] == [
        {"$ref": "#/components/schemas/Size"},
        {"type": "null"},
    ]
    assert made["Colour"] == {
        "type": "string",
        "enum": ["red", "green"],
        "description": "What it looks like.",
    }


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (samples.WithoutDocstringView, "no meaning"),
        (samples.AnonymousValuesView, "has no name"),
        (samples.AnonymousChoiceView, "has no name"),
        (samples.SilentValuesView, "no meaning"),
        (samples.TwoNamesView, "OverCapture and Excess"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_what_the_document_cannot_say_is_refused(view: type, said: str) -> None:
    with pytest.raises(Undeclared, match=said):
        views.schemas([view])


def _nameless(schema: Any, place: str) -> Iterator[str]:
    """Yields where a component has a set of values, or a choice between objects, that is no component itself."""
    if isinstance(schema, list):
        for one in schema:
            yield from _nameless(one, place)
    elif isinstance(schema, dict):
        for word, value in schema.items():
            if word in ("enum", "oneOf") or (word == "properties" and schema.get("type") == "object"):
                yield place
            if word != "allOf":  # rules over several members, which no client has a type for
                yield from _nameless(value, f"{place}.{word}" if word != "properties" else place)


def test_every_set_of_values_has_a_name() -> None:
    """A generated client has one type for it, wherever it is used, and the type has our name."""
    found = {
        f"{name}.{member}"
        for name, schema in SCHEMAS.items()
        for member, form in schema.get("properties", {}).items()
        if list(_nameless(form, member))
    }
    assert found == {
        "ExtensionBody.accounts",  # ids; or objects with one id, as compensations name accounts
        "TieredBody.model",  # it tells prices apart, and generators look for such values in the object itself
        "HoldNotOpenProblem.hold_status",
        "TopupNotOpenProblem.topup_status",
    }
