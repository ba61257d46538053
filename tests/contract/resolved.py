"""OpenAPI documents as what a caller can rely on: references inlined, texts and names of components left out.

Owns what may differ between two documents of the same contract. Does not judge a document: test_unchanged does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]

TEXTS: Final = frozenset({"description", "title", "summary", "operationId", "examples"})
"""Keywords that only people, or generators of clients, read."""
NAMED: Final = frozenset(
    {
        *("paths", "responses", "headers", "content", "callbacks", "securitySchemes"),
        *("properties", "patternProperties", "$defs", "dependentSchemas", "dependentRequired"),
    }
)
"""Keywords whose members are names of somebody's, never keywords."""
UNORDERED: Final = frozenset({"required", "enum", "oneOf", "anyOf", "tags", "parameters"})
ANSWERS: Final = "responses > "
"""What the place of a part of an answer has in it."""
CLOCK: Final = "Scrip-Test-Clock"
DEFAULT: Final = re.compile(r" Default: `([^`]*)`\.$")
"""How a description says a default."""
PROBLEM: Final = frozenset({"type", "title", "status", "detail", "code"})
"""Members of every problem."""
TWO_BODIES: Final = frozenset({"application/json", "application/problem+json"})
"""Media types of a refusal that may be the gateway's or Scrip's."""


def resolved(document: Json) -> Json:
    """Returns the operations, tags and security schemes of a document, with every reference inlined.

    It leaves out descriptions, titles, summaries, examples that are texts, operation ids, names of components, the
    server's URL and the version. It also leaves out what was wrong before (decision 28): the ``format`` of the test
    clock's header, ``required`` for members of requests that have a default, the fixed text of a problem's title, and
    which body of a refusal has which media type where the gateway answers the status too. A default is the same as
    a keyword and in the description, and so are alternatives in a request as ``oneOf`` and as ``anyOf``.
    """
    reader = _Reader(document)
    return {
        "openapi": document["openapi"],
        "tags": sorted(tag["name"] for tag in document["tags"]),
        "security": reader.read(document["components"]["securitySchemes"], named=True),
        "paths": reader.read(document["paths"], named=True),
    }


def differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Yields a line for every difference that a caller of before meets: its place and both values.

    What only adds is none: a member, a path, a status, a parameter that may be left out, a value of an enumeration,
    one more alternative. A member that a request must have now is a difference, and a rule that was not there.
    """
    keyword = path.rpartition(" > ")[2]
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            place = f"{path} > {name}" if path else str(name)
            if name not in after:
                yield f"{place}: removed"
            elif name not in before:
                if keyword not in NAMED and not (name == "required" and ANSWERS in path):
                    yield f"{place}: added"
            else:
                yield from differences(before[name], after[name], place)
    elif isinstance(before, list) and isinstance(after, list) and keyword in UNORDERED:
        yield from _differences_of_sets(before, after, path, keyword)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
    elif before != after or type(before) is not type(after):
        yield f"{path}: {_short(before)} became {_short(after)}"


def _differences_of_sets(before: list[Any], after: list[Any], path: str, keyword: str) -> Iterator[str]:
    """Compares lists whose order means nothing. Alternatives that differ are compared with their nearest."""
    new = [one for one in after if one not in before]
    for one in before:
        if one in after:
            continue
        same = [other for other in new if _name(other) == _name(one)]
        if not same or not isinstance(one, dict):
            yield f"{path}: {_short(one)} removed"
            continue
        lines = min((list(differences(one, other, f"{path}[{_name(one)}]")) for other in same), key=len)
        yield from lines
    if keyword == "required" and ANSWERS not in path:
        yield from (f"{path}: {_short(one)} must be there now" for one in new)
    if keyword == "parameters":
        known = {_name(one) for one in before}
        yield from (
            f"{path}: {_name(one)} must be there now"
            for one in new
            if one.get("required") and _name(one) not in known
        )


def _name(part: Any) -> str:
    """Returns what tells parameters of one operation apart; the empty text for anything else."""
    return f"{part['in']} {part['name']}" if isinstance(part, dict) and "in" in part else ""


class _Reader:
    """Reads one document's parts."""

    def __init__(self, document: Json) -> None:
        self._components = document["components"]
        self._inside: set[str] = set()

    def read(self, part: Any, *, named: bool = False, request: bool = False) -> Any:
        """Returns a part without what may differ. ``named``: its members are names, not keywords."""
        if isinstance(part, list):
            return [self.read(one, request=request) for one in part]
        if not isinstance(part, dict):
            return part
        if named:
            return {name: self.read(value, request=request) for name, value in part.items()}
        inlined, objects = self._inlined(part)
        if self._inside & objects:
            return {"recursive": True}
        self._inside |= objects
        made = self._tidy(self._keywords(inlined, request), request)
        self._inside -= objects
        return made

    def _keywords(self, part: Json, request: bool) -> Json:
        made: Json = {}
        for keyword, value in part.items():
            if keyword == "description" and (said := DEFAULT.search(str(value))):
                made["default"] = said[1]
            if keyword in TEXTS or (keyword == "example" and isinstance(value, str)):
                continue
            if keyword == "default":
                if value is not None:
                    made[keyword] = value if value and isinstance(value, str) else json.dumps(value)
                continue
            if keyword in ("example", "default", "const", "enum", "mapping"):
                made[keyword] = self._mapping(value, request) if keyword == "mapping" else value
            else:
                inside = request or keyword == "requestBody"
                made[keyword] = self.read(value, named=keyword in NAMED, request=inside)
        return made

    def _inlined(self, part: Json) -> tuple[Json, set[str]]:
        """Returns the part with its reference inlined, and the references to objects on the way: an object may hold
        itself. Unions do not count, since they may be a component in one document and not in the other."""
        objects = set()
        while "$ref" in part:
            reference = part["$ref"]
            _, _, kind, name = reference.split("/")
            part = {**self._components[kind][name], **{key: part[key] for key in part if key != "$ref"}}
            if "properties" in part:
                objects.add(reference)
        return part, objects

    def _mapping(self, mapping: Json, request: bool) -> Json:
        return {
            value: self.read({"$ref": reference}, request=request) for value, reference in mapping.items()
        }

    def _tidy(self, made: Json, request: bool) -> Json:
        """Removes what order and wrapping leave: they mean nothing."""
        if request:
            _tidy_request(made)
        if made.get("properties", {}).keys() >= PROBLEM:
            made["properties"]["title"].pop("const", None)
        if isinstance(content := made.get("content"), dict) and content.keys() == TWO_BODIES:
            made["content"] = {"either": _alternatives(content)}
        if len(made.get("allOf", ())) == 1 and not made["allOf"][0].keys() & made.keys():
            made |= made.pop("allOf")[0]
        if made.get("in") == "header" and made.get("name") == CLOCK:
            made["schema"] = {name: form for name, form in made["schema"].items() if name != "format"}
        for keyword in UNORDERED & made.keys():
            if isinstance(made[keyword], list):
                made[keyword] = sorted(made[keyword], key=lambda one: json.dumps(one, sort_keys=True))
        return made


def _tidy_request(made: Json) -> None:
    """Removes ``required`` for members that have a default, and tells apart no two ways to write alternatives."""
    if isinstance(made.get("required"), list):
        members = made.get("properties", {})
        made["required"] = [name for name in made["required"] if "default" not in members.get(name, {})]
        if not made["required"]:
            del made["required"]
    if "oneOf" in made and "discriminator" not in made:
        made["anyOf"] = made.pop("oneOf")


def _alternatives(content: Json) -> list[str]:
    """Lists the bodies that the media types have together, each once."""
    found = set()
    for media in content.values():
        schema = media["schema"]
        found |= {json.dumps(one, sort_keys=True) for one in schema.get("anyOf", [schema])}
    return sorted(found)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 200 else f"{text[:200]} …"
