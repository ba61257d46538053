"""Refusals as schemas: one for each code, with its facts; and the table of docs/errors.md.

Owns how a class of ``domain.credits.errors`` is read. Does not own what it says of itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from openapi import docstrings
from scrip.domain.credits import errors
from scrip.domain.credits.errors import Refusal
from scrip.http.edge.problems import TYPE

Json = dict[str, Any]

PREFIX: Final = "#/components/schemas/"
PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "errors.md"

_MISTAKES: Final = {
    "type": "array",
    "minItems": 1,
    "items": {"$ref": f"{PREFIX}Mistake"},
}
_FORMS: Final[dict[str, Json]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "Credits": {"type": "string"},
    "Instant": {"type": "string", "format": "date-time"},
    "MoneyFact": {"$ref": f"{PREFIX}Money"},
    "Sequence[Mistake]": _MISTAKES,
    # As the period itself shows it.
    "Sequence[Missing]": {"type": "array", "items": {"$ref": f"{PREFIX}Missing"}},
}
"""What a fact looks like in the answer, by its type."""


def refusals() -> dict[str, type[Refusal]]:
    """Returns the refusal of each code, in order of precedence."""
    found: dict[str, type[Refusal]] = {}
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, Refusal) and kind is not Refusal:
            found.setdefault(kind.code, kind)
    return found


def name_of(code: str) -> str:
    """Returns the component's name: ``InsufficientCreditsProblem``."""
    return "".join(part.capitalize() for part in code.split("_")) + "Problem"


def one_of(codes: list[str]) -> Json:
    """Returns the schema of a problem with one of these codes, of which there are several."""
    return {"oneOf": [{"$ref": PREFIX + name_of(code)} for code in codes]}


def name_of_refusal(codes: list[str]) -> str:
    """Returns the component's name of a refusal by Scrip with one of these codes, or by the gateway."""
    return "Or".join(name_of(code).removesuffix("Problem") for code in codes) + "Refusal"


def refusal(codes: list[str]) -> Json:
    """Returns the schema of a refusal by Scrip with one of these codes, or by the gateway with its own body."""
    return {
        "description": "What Scrip or the gateway answers. Only Scrip's answer has a `code`, and the media type "
        "`application/problem+json`; the gateway's is `application/json`.",
        "anyOf": [{"$ref": PREFIX + name} for name in (*map(name_of, codes), "GatewayMessage")],
    }


def schemas() -> Json:
    """Returns the components: a problem for each code, ``Problem`` for any of them, and the gateway's own answer."""
    found: Json = {name_of(code): _schema(code, kind) for code, kind in refusals().items()}
    found["Problem"] = {
        "description": "A refusal. Nothing has changed.",
        **one_of(list(refusals())),
        "discriminator": {
            "propertyName": "code",
            "mapping": {code: PREFIX + name_of(code) for code in refusals()},
        },
    }
    found["Mistake"] = {
        "type": "object",
        "description": "Something that is wrong with a request.",
        "required": ["field", "message"],
        "properties": {
            "field": {"type": "string", "description": "Where it is, e.g. `cost_basis.amount`."},
            "message": {"type": "string", "description": "What is wrong, for people."},
        },
    }
    found["GatewayMessage"] = {
        "type": "object",
        "description": "What the gateway itself answers: it has refused the request before Scrip saw it.",
        "required": ["message"],
        "properties": {"message": {"type": "string", "description": "For people."}},
    }
    return found


def page() -> str:
    """Returns docs/errors.md with its table of codes made anew."""
    head = "| code | status | when | what to do | also has |\n|---|---|---|---|---|\n"
    table = head + "".join(_row(code, kind) for code, kind in refusals().items())
    text = PAGE.read_text(encoding="utf-8")
    return re.sub(r"^\| code \|.*\n(?:\|.*\n)+", lambda _: table, text, count=1, flags=re.MULTILINE)


def _row(code: str, kind: type[Refusal]) -> str:
    said = re.sub(r"\s+", " ", kind.__doc__ or "").strip()
    when, _, remedy = said.partition(" What to do: ")
    always = ", ".join(f"`{name}`" for name, _, always in facts(kind) if always)
    others = ", ".join(f"`{name}`" for name, _, always in facts(kind) if not always)
    has = "; ".join(part for part in (always, others and f"sometimes {others}") if part)
    return f"| `{code}` | {kind.status} | {when} | {remedy} | {has} |\n"


def facts(kind: type[Refusal]) -> Iterator[tuple[str, Json, bool]]:
    """Yields the facts of a refusal: its name, its schema, and whether it is always there.

    Raises:
        KeyError: a fact has a type that has no form here, or no docstring.
    """
    said = docstrings.members(kind)
    for name, type_ in vars(kind).get("__annotations__", {}).items():
        yield (
            name,
            {**_form(type_.removesuffix(" | None")), "description": said[name]},
            name not in vars(kind),
        )


def _form(type_: str) -> Json:
    if type_.startswith("Literal["):
        values = ast.literal_eval(type_.removeprefix("Literal"))
        return {"type": "string", "enum": values}
    return _FORMS[type_]


def _schema(code: str, kind: type[Refusal]) -> Json:
    there = list(facts(kind))
    members = {
        "type": {
            "type": "string",
            "const": TYPE + code,
            "description": "Names the problem, for ever (RFC 9457).",
        },
        "title": {"type": "string", "examples": [kind.title], "description": "What it is, for people."},
        "status": {"type": "integer", "const": kind.status, "description": "The answer's status."},
        "detail": {"type": "string", "description": "What it is this time, for people. Never branch on it."},
        "code": {"type": "string", "const": code, "description": "What to branch on."},
    }
    return {
        "type": "object",
        "description": f"{kind.title}.",
        "required": [*members, *(name for name, _, always in there if always)],
        "properties": {**members, **{name: schema for name, schema, _ in there}},
    }
