"""The document, put together from the declarations, the models, the one table of statuses and the template."""

from __future__ import annotations

import importlib
import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from openapi import bodies, problems, responses, views
from openapi.bodies import Undeclared, body
from openapi.declare import TAGS, Operation
from openapi.parameters import parameters
from openapi.problems import PREFIX
from openapi.responses import HEADERS, JSON
from openapi.routes import OPERATIONS

Json = dict[str, Any]

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = frozenset({"GET /v1/letters/{token}", "POST /v1/letters/{token}"})
"""Routes of pages that people open by a link in a letter. They are no part of the contract with programs."""
FILE: Final = ROOT / "docs" / "openapi.json"
DEPLOYED: Final = ROOT / "functions" / "public" / "openapi.json"
"""The same document, which ``GET /v1/openapi.json`` answers with."""
KEPT: Final = ROOT / "tests" / "contract" / "data" / "openapi.json.gz"
"""The document that the next one is compared with."""

ABOUT: Final = """\
Prepaid credits: grants, burns, holds, expiry, refunds, and a ledger that says why every balance is what it is.

Amounts of credits are decimal strings, in answers canonical (`10`, never `10.00`). Money is whole minor units of an
ISO 4217 currency. Instants are RFC 3339: with any offset in requests, with `Z` and three decimals in answers; durations
are ISO 8601. An unknown member of a body, an unknown query parameter, and one of either that comes twice, are an error;
members may be added to answers, and are never renamed. To leave out a member of a request that may be null, and whose
description says no default, is the same as null.

Every request that moves credits, or orders, needs an `Idempotency-Key`: the same request under the same key is carried
out once, for ever, and answered as it was the first time. A refusal changes nothing and is not remembered.

A refusal is a problem document (RFC 9457); branch on its `code`. What the gateway itself refuses (no `Authorization`,
throttling, over 10 MB) has the gateway's body, `{"message": "..."}`. Every answer of Scrip's own has a `Request-Id`. An
answer of 500 is a fault of Scrip's, and the request may be sent again under the same key.

`x-scope` is the scope that an operation's API key needs: `read`, `burn`, `grant` and `admin` are each wider than the
one before; `top_up` is in `grant`. A key of one account sees that account alone (and, with `read`, units, packs and
rates), and not who did something and why, nor metadata whose names begin with `internal.`."""


def document() -> Json:
    """Returns the whole OpenAPI document.

    Raises:
        Undeclared: a route, a body or a member is not declared.
    """
    scopes, declared = scopes_of_routes(), {operation.route: operation for operation in OPERATIONS}
    missing = [route for route in template_routes() if route not in declared]
    if missing:
        raise Undeclared(f"{', '.join(missing)}: declare it in openapi/routes")
    there = [operation for operation in OPERATIONS if operation.route in scopes]
    common = responses.shared(there)
    paths: dict[str, Json] = {}
    for operation in there:
        made = _operation(operation, scopes[operation.route], common)
        paths.setdefault(operation.path, {})[operation.method.lower()] = made
    used = [tag for tag in TAGS if any(operation.tag == tag for operation in there)]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Scrip", "version": _version(), "description": ABOUT, "license": _LICENCE},
        "servers": [_SERVER],
        "tags": [{"name": tag, "description": TAGS[tag]} for tag in used],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": _KEY},
            "parameters": {name: made for one in there for name, made in parameters(one).items()},
            "headers": HEADERS,
            "responses": common,
            "schemas": _schemas(there),
        },
    }


def text() -> str:
    """Returns the document as it is committed."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def deployed() -> str:
    """Returns the document as it is deployed: on one line."""
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":")) + "\n"


def template_routes() -> list[str]:
    """Returns the keys of all routes of template.yaml that programs call."""
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    found: list[str] = re.findall(r'RouteKey: "([A-Z]+ /[^"]+)"', template)
    return [route for route in found if route not in PAGES]


def scopes_of_routes() -> dict[str, str | None]:
    """Returns each route of the template with the scope that its function asks for."""
    asked: dict[str, str | None] = {}
    for path in sorted((ROOT / "functions").glob("*/app.py")):
        module = importlib.import_module(f"functions.{path.parent.name}.app")
        asked |= {route: answered.scope for route, answered in getattr(module, "ROUTES", {}).items()}
    return {route: asked[route] for route in template_routes()}


def _operation(operation: Operation, scope: str | None, common: dict[str, Json]) -> Json:
    made: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        **({"description": operation.description} if operation.description else {}),
        **({"x-scope": scope} if scope else {}),
        "security": [{"key": []}] if scope else [],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in parameters(operation)],
    }
    content: Json = {}
    required = not (operation.body and body(operation.body).may_be_missing)
    if operation.body:
        content = {"schema": {"$ref": PREFIX + operation.body}, "example": dict(operation.example)}
    elif operation.signed:
        content = {"schema": {"description": "The provider's own event, as it sends it."}}
    if content:
        others = {kind: {"schema": dict(schema)} for kind, schema in operation.forms.items()}
        made["requestBody"] = {"required": required, "content": {JSON: content, **others}}
    made["responses"] = responses.referring(responses.responses(operation), common)
    return made


def _schemas(there: Sequence[Operation]) -> Json:
    """Returns the components: answers, bodies, problems. One name means one thing."""
    replies = {view for one in there for status in one.answers if (view := one.reply(status)[0])}
    components = views.Components()
    components.add(sorted(replies, key=views.name_of))
    asked = bodies.schemas({one.body: None for one in there if one.body}, components)
    found = components.schemas
    for made in (asked, problems.schemas(), responses.refusals(there), bodies.shared(asked)):
        twice = found.keys() & made.keys()
        if twice:
            raise Undeclared(f"two schemas are called {', '.join(twice)}")
        found |= made
    bodies.complete(found)
    return dict(sorted(found.items()))


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


_LICENCE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
_SERVER: Final = {
    "url": "https://scrip.example.test",
    "description": "Stands for a deployment of Scrip. Its URL is the stack's output `ApiUrl`; on one machine it is "
    "`SCRIP_URL` of .local/env.",
}
"""A plain URL: several generators of clients cannot read variables."""
_KEY: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key: `Authorization: Bearer <key>`.",
}
