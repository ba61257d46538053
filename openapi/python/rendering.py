"""Types of Python for schemas, in answers and as an argument."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from openapi.python.names import component

Json = dict[str, Any]
PREFIX: Final = "#/components/schemas/"
PLAIN: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}

_MADE: Final = {"list": "list", "dict": "dict", "instant": "Instant"}
_GIVEN: Final = {"list": "Sequence", "dict": "Mapping", "instant": "datetime | str"}
"""What somebody may give for what a model then has."""


class Types:
    """The document's schemas, as types.

    Attributes:
        schemas: the components, by name.
        asked: those that a request has, at any depth.
        told: those that an answer or a problem has.
        bodies: those that a request is.
    """

    def __init__(self, document: Json) -> None:
        self.schemas: Json = document["components"]["schemas"]
        operations = [one for methods in document["paths"].values() for one in methods.values()]
        self.asked = self.reached(
            name for one in operations for name in references(one.get("requestBody", {}).get("content", {}))
        )
        self.told = self.reached(
            name
            for one in operations
            for status, answer in one["responses"].items()
            if status < "3"
            for name in references(answer)
        ) | self.reached(iter(["Problem"]))
        self.bodies = {
            component(content["schema"]["$ref"])
            for one in operations
            for content in one.get("requestBody", {}).get("content", {}).values()
            if "$ref" in content["schema"]
        }

    def reached(self, roots: Iterator[str]) -> set[str]:
        """Returns these components, and all that they refer to."""
        found: set[str] = set()
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += references(self.schemas[name])
        return found

    def ordered(self, names: set[str]) -> list[str]:
        """Returns components, each after those that it refers to: ``Warning`` is Python's own until ours is there."""
        found: dict[str, None] = {}
        entered: set[str] = set()

        def enter(name: str) -> None:
            if name not in entered:
                entered.add(name)
                for other in sorted(set(references(self.schemas[name]))):
                    enter(other)
                found[name] = None

        for name in sorted(names):
            enter(name)
        return [name for name in found if name in names]

    def is_object(self, name: str) -> bool:
        return "properties" in self.schemas[name]

    def is_words(self, name: str) -> bool:
        return "enum" in self.schemas[name]

    def parts(self, name: str) -> list[str]:
        """Returns the components that a component is one of; none where it is no choice of components."""
        schema = self.schemas[name]
        choice = schema.get("oneOf", [])
        return [component(one["$ref"]) for one in choice] if all("$ref" in one for one in choice) else []

    def given(self) -> set[str]:
        """Returns the objects of requests that stand inside of another: what a dictionary may be given for."""
        inner = self.reached(name for body in self.bodies for name in references(self.schemas[body]))
        return {name for name in inner if self.is_object(name) or self.parts(name)}

    def answered(self, schema: Json, prefix: str = "") -> str:
        """Returns a schema's type in an answer, where words may come that nobody knows yet."""
        return self._type(
            schema, lambda name: f"{prefix}{name} | str" if self.is_words(name) else prefix + name
        )

    def requested(self, schema: Json, prefix: str = "") -> str:
        """Returns a schema's type in a request."""
        return self._type(schema, lambda name: prefix + name)

    def argument(self, schema: Json, models: str = "", given: str = "") -> str:
        """Returns a schema's type where somebody gives it: of an object also its dictionary."""

        def named(name: str) -> str:
            if self.is_object(name) or self.parts(name):
                return f"{models}{name} | {given}{name}Dict"
            return models + name

        return self._type(schema, named, _GIVEN)

    def _type(self, schema: Any, named: Callable[[str], str], words: Mapping[str, str] = _MADE) -> str:
        if schema is True or not (schema.keys() - {"description", "examples", "default"}):
            return "Any"
        if "$ref" in schema:
            return str(named(component(schema["$ref"])))
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return either(*(self._type(one, named, words) for one in schema[word]))
        if "const" in schema:
            return f"Literal[{_literal(schema['const'])}]"
        if "enum" in schema:
            return f"Literal[{', '.join(map(_literal, schema['enum']))}]"
        kind = schema.get("type")
        if isinstance(kind, list):
            return either(*(self._type({**schema, "type": one}, named, words) for one in kind))
        if kind == "array":
            return f"{words['list']}[{self._type(schema.get('items', {}), named, words)}]"
        if kind == "object" or "properties" in schema:
            values = schema.get("additionalProperties", True)
            return f"{words['dict']}[str, {self._type(values, named, words) if values else 'Any'}]"
        if kind == "string" and schema.get("format") == "date-time":
            return words["instant"]
        return PLAIN.get(str(kind), "Any")


def references(schema: Any) -> Iterator[str]:
    """Yields the schemas of components that something of the document refers to, at any depth."""
    if isinstance(schema, dict):
        for word, value in schema.items():
            if word == "$ref":
                if value.startswith(PREFIX):
                    yield component(value)
            elif word not in ("discriminator", "example", "examples"):
                yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def either(*kinds: str) -> str:
    """Returns the type of what is of one of these, None last."""
    found = dict.fromkeys(word for kind in kinds for word in _split(kind))
    return "Any" if "Any" in found else " | ".join(sorted(found, key="None".__eq__))


def _split(kind: str) -> list[str]:
    """Returns the alternatives of a type; what stands in brackets is not looked into."""
    found, depth = [""], 0
    for letter in kind:
        depth += (letter == "[") - (letter == "]")
        if letter == "|" and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [one.strip() for one in found]


def _literal(value: Any) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)
