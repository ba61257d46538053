"""docs/openapi.json: generated, valid, complete. That it is true is tested with every answer (tests/aws.py), and on the
running stack (tests/stack/test_schemathesis.py)."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from openapi import document, problems
from openapi.bodies import models
from openapi.document import PAGES
from openapi.routes import OPERATIONS
from openapi.rules import RULES
from tests.aws import ROOT, function, routes
from tests.contract.reserved import RESERVED
from tests.described import Described, Json
from tests.http import contract

DOCUMENT: Final[Json] = json.loads(document.FILE.read_text(encoding="utf-8"))
SCHEMAS: Final[Json] = DOCUMENT["components"]["schemas"]
DECLARED: Final = {operation.route: operation for operation in OPERATIONS}
ROUTES: Final = {route.key: route for route in routes() if route.key not in PAGES}


def operations() -> Iterator[tuple[str, Json]]:
    """Route keys and operations of the document."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_document_is_what_its_declarations_say() -> None:
    """``make openapi`` writes it again."""
    assert document.FILE.read_text(encoding="utf-8") == document.text()


def test_the_document_is_a_valid_openapi_document() -> None:
    mistakes = [f"{list(one.path)}: {one.message}" for one in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()]
    assert mistakes == []


def test_the_document_has_every_route_of_the_template_and_no_other() -> None:
    assert sorted(route for route, _ in operations()) == sorted(ROUTES)


def test_every_declaration_has_a_route_and_every_route_one_declaration() -> None:
    assert sorted(operation.route for operation in OPERATIONS) == sorted(ROUTES)


def test_a_routes_key_stands_in_the_template_at_its_handler_and_in_its_declaration_alone() -> None:
    """Whole, so that a search for it finds all three."""
    folders = ("layers", "functions", "openapi")
    files = [ROOT / "template.yaml", *(path for each in folders for path in (ROOT / each).rglob("*.py"))]
    texts = {path.relative_to(ROOT).parts[0]: "" for path in files}
    for path in files:
        texts[path.relative_to(ROOT).parts[0]] += path.read_text(encoding="utf-8")
    for route in ROUTES:
        found = {name: text.count(f'"{route}"') for name, text in texts.items()}
        assert found == {"template.yaml": 1, "layers": 0, "functions": 1, "openapi": 1}, route


def test_operations_have_names_of_their_own() -> None:
    """However a language writes them: ``get_hold``, ``getHold``, ``GetHold``."""
    names = [operation["operationId"].replace("_", "").lower() for _, operation in operations()]
    assert len(set(names)) == len(names)


def test_no_operation_has_a_name_that_a_language_reserves() -> None:
    names = {operation["operationId"] for _, operation in operations()}
    assert {language: names & words for language, words in RESERVED.items() if names & words} == {}


def test_a_members_default_is_in_its_description_alone() -> None:
    """``default`` would make the member required in TypeScript types of a request."""
    said = {name: form for name, form in SCHEMAS.items() if name in models()}
    assert said["BurnBody"]["properties"]["mode"]["description"].endswith(" Default: `exact`.")
    for name, schema in said.items():
        for member, field in models()[name].model_fields.items():
            form = schema["properties"][field.alias or member]
            has_one = not field.is_required() and field.default_factory is None and field.default is not None
            assert "default" not in form
            assert (" Default: `" in form["description"]) == has_one, f"{name}.{member}"


def test_the_server_is_a_plain_url() -> None:
    """Several generators of clients cannot read variables."""
    (server,) = DOCUMENT["servers"]
    assert urlsplit(server["url"])[:2] == ("https", "scrip.example.test")
    assert "variables" not in server


def test_a_status_that_the_gateway_answers_too_has_one_schema_under_both_media_types() -> None:
    """A client that reads one media type alone can read either body."""
    found = set()
    for route, operation in operations():
        for status, response in operation["responses"].items():
            described = response
            if "$ref" in response:
                described = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
            schemas = [media["schema"] for media in described.get("content", {}).values()]
            if len(schemas) > 1 and status >= "400":
                assert schemas[0] == schemas[1], f"{route}: {status}"
                found.add(status)
    assert found == {"401", "413", "429", "503"}


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_an_operation_says_who_may_as_its_function_asks(route: str) -> None:
    scope = function(ROUTES[route].function).ROUTES[route].scope
    operation = Described.committed().operation(route)
    assert operation.get("x-scope") == scope
    assert operation["security"] == ([{"key": []}] if scope else [])
    assert bool(scope) != ROUTES[route].open


def test_every_member_says_what_it_means() -> None:
    """In bodies and answers alike."""
    silent = [
        f"{name}.{member}"
        for name, schema in SCHEMAS.items()
        for member, form in schema.get("properties", {}).items()
        if not form.get("description")
    ]
    assert silent == []


def test_a_rule_belongs_to_a_body_that_there_is() -> None:
    assert set(RULES) <= set(models())


def test_every_body_says_what_it_is() -> None:
    """In its own docstring, not its base's, and not as a route."""
    assert len(models()) > 20
    for name, model in models().items():
        said = model.__dict__.get("__doc__") or ""
        assert said.strip(), name
        assert "/v1/" not in said, name


def test_every_parameter_and_every_answer_says_what_it_means() -> None:
    assert {route for route, _ in operations()} >= set(ROUTES)
    for part in ("parameters", "headers", "responses"):
        assert DOCUMENT["components"][part]
        assert all(one["description"] for one in DOCUMENT["components"][part].values())
    for route, operation in operations():
        assert operation["summary"], route
        assert all(one.get("description") or one["$ref"] for one in operation["responses"].values()), route


def test_bodies_have_no_members_but_those_that_they_name() -> None:
    """A CloudEvent may have extensions."""
    bodies = {name: schema for name, schema in SCHEMAS.items() if name.endswith("Body")}
    assert "additionalProperties" not in bodies.pop("UsageEventBody")
    assert bodies
    assert all(schema["additionalProperties"] is False for schema in bodies.values())


def test_every_refusal_is_an_answer_of_some_operation() -> None:
    met = {code for route in ROUTES for code in DECLARED[route].codes()}
    assert met == set(problems.refusals())


@pytest.mark.parametrize(
    ("schema", "members"),
    [
        ("Entry", contract.ENTRY),
        ("Balance", contract.MOVED_BALANCE),
        ("Lot", contract.LOT),
        ("Topup", contract.TOPUP),
        ("NotFoundProblem", contract.PROBLEM),
    ],
)
def test_answers_have_the_members_of_the_contract(schema: str, members: set[str]) -> None:
    """A customer's key is not shown who made an entry, nor why."""
    hidden = {"actor", "actor_name", "reason"} & members
    assert set(SCHEMAS[schema]["required"]) == members - hidden
    assert set(SCHEMAS[schema]["properties"]) >= members


@pytest.mark.parametrize("route", [route for route in sorted(ROUTES) if DECLARED[route].body])
def test_an_example_is_one_of_its_bodies(route: str) -> None:
    content = Described.committed().operation(route)["requestBody"]["content"]["application/json"]
    assert Described.committed().takes(route, content["example"])


def test_nothing_that_is_deployed_knows_of_it() -> None:
    for path in (*(ROOT / "layers").rglob("*.py"), *(ROOT / "functions").rglob("*.py")):
        assert "openapi" not in _imports(path), path


def _imports(path: Path) -> set[str]:
    found: list[Any] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
    return {str(name).partition(".")[0] for name in found}
