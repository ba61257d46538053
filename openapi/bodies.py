"""Request bodies: the models of ``scrip.http`` as schemas of what comes over the wire."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

import scrip.http
from openapi.meanings import MEANINGS
from openapi.problems import PREFIX
from openapi.rules import FORMS, RULES
from scrip.http.edge.bodies import Body

Json = dict[str, Any]


class Undeclared(Exception):
    """Something of the contract that nobody has declared; the message says where to."""


class Untitled(GenerateJsonSchema):
    """Without titles that only say a name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the base's own name
        return False


@cache
def models() -> dict[str, type[Body]]:
    """Every body of ``scrip.http`` by name."""
    for module in pkgutil.walk_packages(scrip.http.__path__, "scrip.http."):
        importlib.import_module(module.name)
    found: dict[str, type[Body]] = {}
    for model in _derived(Body):
        if found.setdefault(model.__name__, model) is not model:
            raise Undeclared(f"two bodies are called {model.__name__}")
    return found


def body(name: str) -> type[Body]:
    """The model of that name."""
    if name not in models():
        raise Undeclared(
            f"no module of scrip.http has a body {name}: correct its Operation in openapi/routes"
        )
    return models()[name]


def schemas(names: Iterable[str]) -> Json:
    """Components of these bodies and all they hold, each member with its meaning."""
    wanted = [(body(name), "validation") for name in names]
    _, made = models_json_schema(wanted, ref_template=PREFIX + "{model}", schema_generator=Untitled)  # type: ignore[arg-type]
    return {name: _explained(name, schema) for name, schema in made.get("$defs", {}).items()}


def _explained(name: str, schema: Json) -> Json:
    """With its members' meanings, and all that is checked of it."""
    line = [model.__name__ for model in models()[name].__mro__ if issubclass(model, Body)]
    schema.pop("title", None)
    schema["description"] = schema.get("description", "").replace("``", "`")
    for member, form in schema.get("properties", {}).items():
        said = next((MEANINGS[model][member] for model in line if member in MEANINGS.get(model, {})), None)
        if said is None:
            raise Undeclared(f"{name}.{member} has no meaning: say it in openapi/meanings.py")
        added = next((FORMS[model][member] for model in line if member in FORMS.get(model, {})), {})
        schema["properties"][member] = {**_with(form, added), "description": said}
    rules = [RULES[model] for model in line if model in RULES]
    return {**schema, **({"allOf": rules} if rules else {})}


def _with(form: Json, added: Json) -> Json:
    """A member's schema with what is checked later; of a choice each part that it fits."""
    if "anyOf" in form:
        return {**form, "anyOf": [_with(one, added) for one in form["anyOf"]]}
    fits = _KEYWORDS.get(form.get("type", ""), ())
    return {**form, **{word: value for word, value in added.items() if word in fits}}


_KEYWORDS: Final = {"string": ("pattern",), "integer": ("minimum", "maximum"), "array": ("uniqueItems",)}


def _derived(model: type[Body]) -> Iterator[type[Body]]:
    for one in model.__subclasses__():
        yield one
        yield from _derived(one)
