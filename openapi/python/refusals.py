"""Problems as classes of exceptions."""

from __future__ import annotations

from typing import Final

from openapi.python.names import argument, docstring, refusal
from openapi.python.rendering import Types, either

HEAD: Final = '''\
"""Refusals, each with its facts. Written by ``make openapi`` from docs/openapi.json."""

from __future__ import annotations

from typing import Any, Final, Literal

from scrip_client import models
from scrip_client.bases import Instant
from scrip_client.errors import Refused

'''
EVERYWHERE: Final = frozenset(["type", "title", "status", "detail", "code"])
OF_THE_CALL: Final = frozenset(["attempts", "idempotency_key", "request_id", "retry_after"])
"""What every exception knows of its call: a fact of the same name is only in its problem."""


def refusals(types: Types) -> str:
    """Returns the module of the exceptions, and which one is a code's."""
    codes = types.schemas["Problem"]["discriminator"]["mapping"]
    names = {code: reference.rpartition("/")[2] for code, reference in codes.items()}
    made = [_exception(types, name) for name in names.values()]
    known = "".join(f'    "{code}": {refusal(name)},\n' for code, name in names.items())
    table = f'REFUSALS: Final[dict[str, type[Refused]]] = {{\n{known}}}\n"""By `code`."""'
    listed = sorted(refusal(name) for name in names.values())
    offered = f"__all__ = [{', '.join(f'{chr(34)}{name}{chr(34)}' for name in listed)}]\n"
    return HEAD + "\n\n".join((offered, *made, table)) + "\n"


def _exception(types: Types, name: str) -> str:
    schema = types.schemas[name]
    code = schema["properties"]["code"]["const"]
    lines = [
        f"class {refusal(name)}(Refused):",
        "    " + docstring(f"{schema['description'].rstrip('.')} (`{code}`).", 4),
        "",
        f"    problem: models.{name}",
    ]
    for member, form in schema["properties"].items():
        if member in EVERYWHERE | OF_THE_CALL:
            continue
        kind = types.answered(form, "models.")
        if member not in schema["required"]:
            kind = either(kind, "None")
        lines += ["", "    @property", f"    def {argument(member)}(self) -> {kind}:"]
        lines += ["        " + docstring(form["description"], 8)] if form.get("description") else []
        lines.append(f"        return self.problem.{argument(member)}")
    return "\n".join(lines) + "\n"
