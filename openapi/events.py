"""Schemas of events, from the catalogue of ``scrip.http.events``: a file in events/schemas for each type, of the whole
CloudEvent; and an example of each type that has none, in events.

Owns the files of schemas. Does not own what an example says afterwards: those that there are stay as they are, and
tests hold them against their schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from openapi.problems import PREFIX
from openapi.views import Components, name_of
from scrip.domain.credits.ids import hold_id, key_entry_id, lot_id
from scrip.domain.credits.lots import Lot
from scrip.domain.events.event import event_id
from scrip.domain.events.lots import notice_id
from scrip.domain.wallets.notices import Notice
from scrip.http.edge import forms
from scrip.http.events.catalogue import TYPES, EventType

Json = dict[str, Any]

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "events"
FOLDER: Final = EXAMPLES / "schemas"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
EVENT_ID: Final = r"^evt_[A-Za-z0-9_-]{22}$"
SOURCE: Final = r"^/scrip/[A-Za-z0-9-]{1,128}$"
AT: Final = "2030-01-01T00:00:00.000Z"
VALUES: Final[Mapping[str, Any]] = {
    "account": "acme",
    "unit": "credits",
    "hash": "5f" * 32,
    "previous_hash": "00" * 32,
    "entry_id": key_entry_id("acme", "credits", "order-4711"),
    "lot_id": lot_id("acme", "credits", 1),
    "notice_id": notice_id(
        "acme", "credits", Notice(Lot(1, "paid", 1, 1, 0), "P7D", 1_893_456_000_000, 1_894_060_800_000)
    ),
    "hold_id": hold_id("acme", "credits", 2),
    "currency": "USD",
    "notice": "P7D",
}
"""What members of these names are in an example."""
FORMS: Final[tuple[tuple[Any, str], ...]] = (
    (forms.Credits, "100"),
    (forms.SignedCredits, "100"),
    (forms.UnroundedCredits, "0.5"),
    (forms.At, AT),
    (forms.Date, "2030-01-01"),
)
"""What texts of these forms are in an example."""


def schemas() -> dict[Path, str]:
    """Returns every schema, by the path of its file."""
    files: dict[str, list[str]] = {}
    for name, type_ in TYPES.items():
        files.setdefault(type_.schema or name, []).append(name)
    return {FOLDER / f"{file}.json": _text(_schema(file, names)) for file, names in files.items()}


def missing() -> dict[Path, str]:
    """Returns an example of each type that has none in events, by the path of the file to write."""
    paths = {name: EXAMPLES / f"{name}.json" for name in TYPES}
    return {path: _text(example(name)) for name, path in paths.items() if not path.exists()}


def example(name: str) -> Json:
    """Makes an event of a type that its schema describes."""
    type_ = TYPES[name]
    schema = _schema(type_.schema or name, [name])
    data = _value("data", schema["properties"]["data"], schema["$defs"])
    if type_.schema:
        data["kind"] = name.rpartition(".")[2]
    return {
        "specversion": "1.0",
        "id": event_id(name, "acme", "credits", 1),
        "source": "/scrip/scrip",
        "type": name,
        **({"subject": "acme"} if type_.of_account else {}),
        "time": AT,
        "datacontenttype": "application/json",
        "data": data,
    }


def _schema(file: str, names: list[str]) -> Json:
    """Returns the schema of the CloudEvents of these types, which have one file."""
    type_ = TYPES[names[0]]
    made = Components()
    made.add([type_.data])
    said = type_.said if len(names) == 1 else _said_of_all(type_, names)
    required = ["specversion", "id", "source", "type", "time", "datacontenttype", "data"]
    return {
        "$schema": DIALECT,
        "$id": f"{file}.json",
        "title": file,
        "description": said,
        "type": "object",
        "required": [*required[:4], "subject", *required[4:]] if type_.of_account else required,
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {
                "type": "string",
                "pattern": EVENT_ID,
                "description": "The same for the same event for ever; no other event has it.",
            },
            "source": {"type": "string", "pattern": SOURCE, "description": "Which deployment."},
            "type": {"const": names[0]} if len(names) == 1 else {"enum": names},
            "subject": {**_of(forms.Name), "description": "The account that it is about."},
            "time": {**_of(forms.At), "description": "When it holds."},
            "datacontenttype": {"const": "application/json"},
            "data": {"$ref": f"#/$defs/{name_of(type_.data)}"},
        },
        "$defs": json.loads(json.dumps(made.schemas).replace(PREFIX, "#/$defs/")),
    }


def _said_of_all(type_: EventType, names: list[str]) -> str:
    kind = names[0].rpartition(".")[2]
    return type_.said.replace(f" of kind `{kind}`", "")


def _of(form: Any) -> Json:
    return {"type": "string", **form.__metadata__[0]}


def _value(name: str, schema: Json, known: Json) -> Any:
    """Returns a value that a schema describes; ``name`` is the member's."""
    if "$ref" in schema:
        return _value(name, known[schema["$ref"].rpartition("/")[2]], known)
    if "anyOf" in schema:
        return _value(name, next((one for one in schema["anyOf"] if one != {"type": "null"}), {}), known)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        members = schema.get("properties", {})
        return {member: _value(member, members[member], known) for member in schema.get("required", [])}
    if schema.get("type") == "array":
        return [_value(name, schema["items"], known)]
    if schema.get("type") == "integer":
        return max(1, schema.get("minimum", 1))
    if schema.get("type") == "boolean":
        return True
    pattern = schema.get("pattern", "")
    if name in VALUES and re.search(pattern, VALUES[name]):
        return VALUES[name]
    return next((value for form, value in FORMS if _of(form)["pattern"] == pattern), "x")


def _text(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
