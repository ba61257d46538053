"""Components as pydantic models, and as dictionaries that may be given in a model's place."""

from __future__ import annotations

import keyword
from typing import Any, Final

from openapi.python.names import argument, docstring
from openapi.python.rendering import Types, either

Json = dict[str, Any]

HEAD: Final = '''\
"""What requests and answers are made of. Written by ``make openapi`` from docs/openapi.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from scrip_client.bases import Answer, Instant, Request

'''
GIVEN: Final = '''\
"""Dictionaries that may be given in a model's place. Written by ``make openapi`` from docs/openapi.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Required, TypedDict

from scrip_client.models import *

'''


def models(types: Types) -> str:
    """Returns the module of the models: sets of words first, then objects, then choices of these."""
    names = types.ordered(types.asked | types.told)
    words = [_alias(types, name) for name in names if types.is_words(name)]
    objects = [_object(types, name) for name in names if types.is_object(name)]
    others = [name for name in names if not types.is_words(name) and not types.is_object(name)]
    choices = [_choice(types, name) if types.parts(name) else _alias(types, name) for name in others]
    return HEAD + "\n\n".join((*words, *objects, *choices)) + "\n"


def given(types: Types) -> str:
    """Returns the module of the dictionaries."""
    made = [
        _dictionary(types, name) if types.is_object(name) else _dictionaries(types, name)
        for name in sorted(types.given(), key=lambda name: (not types.is_object(name), name))
    ]
    return GIVEN + "\n\n".join(made) + "\n"


def _alias(types: Types, name: str) -> str:
    schema = types.schemas[name]
    return f"{name} = {types.requested(schema)}\n{docstring(schema['description'], 0)}"


def _object(types: Types, name: str) -> str:
    """Returns a model. One that comes in answers too takes what it does not know: members may be added."""
    schema = types.schemas[name]
    asked = name in types.asked and name not in types.told
    lines = [f"class {name}({'Request' if asked else 'Answer'}):"]
    lines.append("    " + docstring(schema["description"], 4))
    for member, form in schema["properties"].items():
        kind = types.requested(form) if asked else types.answered(form)
        always = member in schema.get("required", [])
        if not always:
            kind = either(kind, "None")
        lines.append(f"    {_field(member, kind, always)}")
        if said := form.get("description"):
            lines.append("    " + docstring(said, 4))
    return "\n".join(lines) + "\n"


def _field(member: str, kind: str, always: bool) -> str:
    name = argument(member)
    if name == member:
        return f"{name}: {kind}" + ("" if always else " = None")
    default = "" if always else "default=None, "
    return f'{name}: {kind} = Field({default}validation_alias="{member}", serialization_alias="{member}")'


def _choice(types: Types, name: str) -> str:
    """Returns a choice of objects, the last of them for what nobody knows yet."""
    schema, parts = types.schemas[name], types.parts(name)
    teller = schema.get("discriminator", {}).get("propertyName")
    everywhere = [types.schemas[part] for part in parts]
    common = [
        member
        for member in everywhere[0]["properties"]
        if all(member in one.get("required", []) for one in everywhere)
    ]
    lines = [f"class Other{name}(Answer):", f'    """A `{name}` that this client does not know yet."""']
    for member in common:
        if member == teller or any("const" in one["properties"][member] for one in everywhere):
            form: Json = {"type": everywhere[0]["properties"][member]["type"]}
        else:
            form = everywhere[0]["properties"][member]
        lines.append(f"    {_field(member, types.answered(form), True)}")
    known = " | ".join((*parts, f"Other{name}"))
    return (
        "\n".join(lines)
        + f'\n\n{name} = Annotated[{known}, Field(union_mode="left_to_right")]\n'
        + docstring(schema["description"], 0)
    )


def _dictionary(types: Types, name: str) -> str:
    schema = types.schemas[name]
    members = {}
    for member, form in schema["properties"].items():
        kind = types.argument(form)
        members[member] = f"Required[{kind}]" if member in schema.get("required", []) else kind
    said = f"A `{name}`, as a dictionary."
    if any(keyword.iskeyword(member) for member in members):
        inner = ", ".join(f'"{member}": "{kind}"' for member, kind in members.items())
        return f'{name}Dict = TypedDict(\'{name}Dict\', {{{inner}}}, total=False)\n"""{said}"""'
    lines = [f"class {name}Dict(TypedDict, total=False):", f'    """{said}"""', ""]
    return "\n".join((*lines, *(f"    {member}: {kind}" for member, kind in members.items()))) + "\n"


def _dictionaries(types: Types, name: str) -> str:
    known = " | ".join(f"{part}Dict" for part in types.parts(name))
    return f'{name}Dict = {known}\n"""A `{name}`, as a dictionary."""'
