"""A method for each operation, to be called at once or to be awaited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from openapi.python.names import argument, component, docstring
from openapi.python.rendering import Types, either
from openapi.repetition import is_repeatable

Json = dict[str, Any]

HEAD: Final = '''\
"""Every operation of Scrip{how}. Written by ``make openapi`` from docs/openapi.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import NoneType
from typing import Any, Literal

from scrip_client import given, models
from scrip_client.calls import OMITTED, Call, Omitted, segment
from scrip_client.pages import {pages}
from scrip_client.sending import {sender}


class {name}({sender}):
    """A method for each operation of the API{how}."""
'''


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a method.

    Attributes:
        name: as Python has it.
        kind: its type.
        default: its default; empty where it must be given.
        sent: its name in the request.
        place: ``path``, ``query``, ``header`` or ``body``.
    """

    name: str
    kind: str
    default: str
    sent: str
    place: str


def operations(document: Json, types: Types, *, awaited: bool) -> str:
    """Returns the module of a class with all operations."""
    how = ", to be awaited" if awaited else ""
    a = "Async" if awaited else ""
    head = HEAD.format(how=how, pages=f"{a}Pages", sender=f"{a}Sender", name=f"{a}Operations")
    made = [
        text
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for text in _methods(document, types, path, method.upper(), operation, awaited)
    ]
    return head + "\n" + "\n".join(made)


def arguments(document: Json, types: Types, operation: Json) -> list[Argument]:
    """Returns the arguments of an operation's method: those of the path first, the test clock last."""
    listed = [document["components"]["parameters"][component(one["$ref"])] for one in operation["parameters"]]
    found = [_parameter(types, one) for one in listed if one["in"] == "path"]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if content:
        reference = content["schema"].get("$ref")
        found += _members(types, component(reference)) if reference else [_RAW]
    found += [_parameter(types, one) for one in listed if one["in"] == "query"]
    found += [_parameter(types, one) for one in listed if one["in"] == "header"]
    taken: dict[str, Argument] = {}
    for one in found:
        name = one.name
        while name in taken:
            name += "_"
        taken[name] = Argument(name, one.kind, one.default, one.sent, one.place)
    return list(taken.values())


_RAW: Final = Argument("content", "bytes | str", "", "", "content")


def _parameter(types: Types, parameter: Json) -> Argument:
    name, place, schema = parameter["name"], parameter["in"], parameter["schema"]
    if name == "Scrip-Test-Clock":
        return Argument("test_clock", "datetime | str | None", "None", name, place)
    kind = types.argument(schema, "models.", "given.")
    if schema.get("type") == "object":
        kind = "Mapping[str, str]"  # of any names: it is sent as one parameter for each
    if parameter.get("required") and name != "Idempotency-Key":
        return Argument(argument(name), kind, "", name, place)
    return Argument(argument(name), either(kind, "None"), "None", name, place)


def _members(types: Types, body: str) -> Iterator[Argument]:
    schema = types.schemas[body]
    required = schema.get("required", [])
    for member, form in sorted(schema["properties"].items(), key=lambda one: one[0] not in required):
        kind = types.argument(form, "models.", "given.")
        if member in required:
            yield Argument(argument(member), kind, "", member, "body")
        else:
            yield Argument(argument(member), either(kind, "Omitted"), "OMITTED", member, "body")


def _methods(
    document: Json, types: Types, path: str, method: str, operation: Json, awaited: bool
) -> Iterator[str]:
    asked = arguments(document, types, operation)
    contents = [one.get("content", {}) for status, one in operation["responses"].items() if status < "3"]
    schema = contents[0].get("application/json", {}).get("schema")
    table = "text/csv" in contents[0]
    answer = f"models.{component(schema['$ref'])}" if schema else "NoneType"
    call = _call(path, method, operation, asked, answer)
    member = _paged(types, answer) if any(one.name == "cursor" for one in asked) else ""
    if member:
        kind = types.schemas[component(schema["$ref"])]["properties"][member]["items"]
        pages = f"{'Async' if awaited else ''}Pages"
        returned = f"{pages}[{types.answered(kind, 'models.')}, {answer}]"
        made = f"{pages}(self._send, {call}, lambda page: page.{member}, {table})"
        yield _method(operation, operation["operationId"], asked, returned, made, False)
        return
    returned = "None" if answer == "NoneType" else answer
    made = f"{'await ' if awaited else ''}self._send({call})"
    yield _method(operation, operation["operationId"], asked, returned, made, awaited)
    if table:
        text = made.replace(f", {answer},", ", str,", 1)
        yield _method(operation, f"{operation['operationId']}_csv", asked, "str", text, awaited, "As CSV.")


def _paged(types: Types, answer: str) -> str:
    """Returns the member of a page that holds its items; empty for what is no page."""
    properties = types.schemas[answer.removeprefix("models.")]["properties"]
    if "next_cursor" not in properties:
        return ""
    return next((name for name in ("items", "entries") if name in properties), "")


def _call(path: str, method: str, operation: Json, asked: list[Argument], answer: str) -> str:
    url = re.sub(r"\{(\w+)\}", lambda found: f'{{segment("{found[1]}", {argument(found[1])})}}', path)
    parts = [f'"{method}"', ("f'" if "{" in url else "'") + url + "'", answer]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    members = {one.sent: one.name for one in asked if one.place == "body"}
    if content.get("schema", {}).get("$ref"):
        parts.append(f"body=models.{component(content['schema']['$ref'])}")
    if members:
        parts.append(f"members={_dictionary(members)}")
    if any(one.place == "content" for one in asked):
        parts.append("content=content")
    if query := {one.sent: one.name for one in asked if one.place == "query"}:
        parts.append(f"query={_dictionary(query)}")
    keyed = any(one.sent == "Idempotency-Key" for one in asked)
    if keyed:
        parts.append("keyed=True, key=idempotency_key")
    if any(one.name == "test_clock" for one in asked):
        parts.append("clocked=True, clock=test_clock")
    own = ("Idempotency-Key", "Scrip-Test-Clock")
    if headers := {one.sent: one.name for one in asked if one.place == "header" and one.sent not in own}:
        parts.append(f"headers={_dictionary(headers)}")
    if not is_repeatable(method, operation, keyed):
        parts.append("repeatable=False")
    return f"Call({', '.join(parts)})"


def _dictionary(names: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'"{sent}": {name}' for sent, name in names.items()) + "}"


def _method(
    operation: Json,
    name: str,
    asked: list[Argument],
    returned: str,
    made: str,
    awaited: bool,
    more: str = "",
) -> str:
    path = [f"{one.name}: {one.kind}" for one in asked if one.place in ("path", "content")]
    rest = [
        f"{one.name}: {one.kind}" + (f" = {one.default}" if one.default else "")
        for one in asked
        if one.place not in ("path", "content")
    ]
    listed = ", ".join(("self", *path, *(("*", *rest) if rest else ())))
    said = [f"{operation['summary']}.", more, operation.get("description", "")]
    if "x-scope" in operation:
        said.append(f"Needs the scope `{operation['x-scope']}`.")
    text = "\n\n".join(one for one in said if one)
    return (
        f"    {'async ' if awaited else ''}def {name}({listed}) -> {returned}:\n"
        f"        {docstring(text, 8)}\n"
        f"        return {made}\n"
    )
