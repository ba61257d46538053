"""docs/openapi.json and events/schemas as checks: what is really sent, answered and published is what they describe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

Json = dict[str, Any]

FILE: Final = Path(__file__).parents[1] / "docs" / "openapi.json"
PROBLEM: Final = "application/problem+json"
OF_PAGES: Final = ("cache-control", "content-security-policy", "referrer-policy", "x-content-type-options")
"""Headers that tell a browser what it may do with a page: no client reads them."""


class Described:
    """A document. Answers are held against it strictly: a member that it does not describe is a mistake here, though
    clients must take it."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._components = {**document["components"], "schemas": _closed(document["components"]["schemas"])}
        self._made: dict[str, Any] = {}

    @staticmethod
    @cache
    def committed() -> Described:
        """The committed document."""
        return Described(json.loads(FILE.read_text(encoding="utf-8")))

    def strict(self) -> Json:
        """The document, its objects without members that it does not name."""
        return {**self._document, "components": self._components}

    def operation(self, route: str) -> Json:
        method, _, path = route.partition(" ")
        found: Json = self._document["paths"][path][method.lower()]
        return found

    def answer(self, route: str, status: int, headers: Mapping[str, str], body: Any) -> None:
        """Asserts that this may be answered: status, content type, headers and every member."""
        responses = self.operation(route)["responses"]
        assert str(status) in responses, f"{route}: {status} is not described: {body}"
        response = self._resolved(responses[str(status)])
        page = headers.get("content-type", "").startswith("text/html")
        for name, value in headers.items():
            if name != "content-type" and not (page and name in OF_PAGES):
                described = {key.lower(): header for key, header in response.get("headers", {}).items()}
                assert name in described, f"{route}: {status} with header {name} is not described"
                self._check(self._resolved(described[name])["schema"], value, route)
        if body is None:
            assert "content" not in response, f"{route}: {status} without a body is not described"
            return
        content = response.get("content", {})
        kind = headers["content-type"].partition(";")[0]
        assert kind in content, f"{route}: {status} of that type is not described: {body}"
        if status >= 400:  # the document has both bodies under both media types; only a problem has a code
            assert ("code" in body) == (kind == PROBLEM), f"{route}: {body}"
        self._check(content[kind]["schema"], body, route)

    def request(self, route: str, body: Any) -> None:
        """Asserts that a body which was taken is one that the document describes."""
        schema = self.body(route)
        if schema:
            self._check(schema, body, route)

    def takes(self, route: str, body: Any) -> bool:
        """Whether the document describes such a body."""
        schema = self.body(route)
        assert schema
        valid: bool = self._validator(schema).is_valid(body)
        return valid

    def body(self, route: str) -> Json | None:
        """The schema of an operation's body."""
        content = self.operation(route).get("requestBody", {}).get("content", {})
        schema: Json | None = content["application/json"]["schema"] if content else None
        return schema

    def _check(self, schema: Json, value: Any, route: str) -> None:
        mistakes = [
            f"{'.'.join(map(str, error.instance_path))}: {error.message[:500]}"
            for error in self._validator(schema).iter_errors(value)
        ]
        assert not mistakes, f"{route} is not as docs/openapi.json says: {mistakes}"

    def _validator(self, schema: Json) -> Any:
        name = json.dumps(schema)
        if name not in self._made:
            whole = {"components": self._components, **schema}
            self._made[name] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._made[name]

    def _resolved(self, part: Json) -> Json:
        while "$ref" in part:
            _, _, kind, name = part["$ref"].split("/")
            part = self._components[kind][name]
        return part


class DescribedEvents:
    """The committed schemas of events. What is published is held against them strictly, too."""

    FOLDER: Final = Path(__file__).parents[1] / "events" / "schemas"

    def __init__(self) -> None:
        self._of_type: dict[str, Any] = {}
        for path in sorted(self.FOLDER.glob("*.json")):
            schema = json.loads(path.read_text(encoding="utf-8"))
            validator = jsonschema_rs.Draft202012Validator(_closed(schema), validate_formats=True)
            type_ = schema["properties"]["type"]
            for name in type_.get("enum", [type_.get("const")]):
                assert name not in self._of_type, f"two schemas describe {name}"
                self._of_type[name] = validator

    @staticmethod
    @cache
    def committed() -> DescribedEvents:
        """The schemas as they are committed."""
        return DescribedEvents()

    @property
    def types(self) -> set[str]:
        """Every type that is described."""
        return set(self._of_type)

    def check(self, event: Json) -> None:
        """Asserts that a CloudEvent is as the schema of its type says."""
        assert event.get("type") in self._of_type, (
            f"no schema in events/schemas describes {event.get('type')}"
        )
        errors = self._of_type[event["type"]].iter_errors(event)
        mistakes = [f"{'.'.join(map(str, one.instance_path))}: {one.message[:500]}" for one in errors]
        assert not mistakes, f"{event['type']} is not as events/schemas says: {mistakes}"


def _closed(schema: Any) -> Any:
    """The schema, its objects without members that it does not name."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _closed(value) for name, value in schema.items()}
    if made.get("type") == "object" and isinstance(made.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return made
