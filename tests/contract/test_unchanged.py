"""The HTTP contract only grows: data/openapi.json.gz is a document of before, and its callers can go on.

What adds needs nothing. A change that is meant and that a caller of before meets is taken over with
``python -m openapi --keep``, in the commit that makes it: docs/openapi.json becomes what the next is compared with."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from openapi.document import FILE
from tests.contract.resolved import differences, resolved

Json = dict[str, Any]

BEFORE: Final[Json] = json.loads(
    gzip.decompress((Path(__file__).parent / "data" / "openapi.json.gz").read_bytes())
)
TODAY: Final[Json] = json.loads(FILE.read_text(encoding="utf-8"))


def test_a_caller_of_before_meets_the_same_contract() -> None:
    found = list(differences(resolved(BEFORE), resolved(TODAY)))

    assert not found, "\n".join(("if all of this is meant, run `python -m openapi --keep`:", *found))


def _burn(document: Json) -> Json:
    found: Json = document["paths"]["/v1/accounts/{account}/burns"]["post"]
    return found


def _schemas(document: Json) -> Json:
    found: Json = document["components"]["schemas"]
    return found


def _renamed(document: Json) -> None:
    members = _schemas(document)["Balance"]["properties"]
    members["free"] = members.pop("available")


def _retyped(document: Json) -> None:
    _schemas(document)["BurnBody"]["properties"]["mode"]["type"] = "integer"


def _another_pattern(document: Json) -> None:
    document["components"]["parameters"]["path.account"]["schema"]["pattern"] = "^.*$"


def _no_longer_required(document: Json) -> None:
    _schemas(document)["TransferBody"]["required"].remove("to_account")


def _another_code(document: Json) -> None:
    _schemas(document)["NotFoundProblem"]["properties"]["code"]["const"] = "missing"


def _one_value_less(document: Json) -> None:
    _schemas(document)["BurnMode"]["enum"].remove("up_to")


def _another_default(document: Json) -> None:
    _schemas(document)["BurnBody"]["properties"]["mode"]["default"] = "up_to"


def _another_default_in_words(document: Json) -> None:
    mode = _schemas(document)["BurnBody"]["properties"]["mode"]
    mode["description"] = mode["description"].replace(" Default: `exact`.", " Default: `up_to`.")


def _one_member_more_required(document: Json) -> None:
    _schemas(document)["BurnBody"].setdefault("required", []).append("reference")


def _one_parameter_more_required(document: Json) -> None:
    _burn(document)["parameters"].append(
        {"in": "query", "name": "why", "required": True, "schema": {"type": "string"}}
    )


def _one_rule_more(document: Json) -> None:
    _schemas(document)["BurnBody"]["properties"]["meter"]["maxLength"] = 3


def _one_body_less(document: Json) -> None:
    for media in document["components"]["responses"]["Unauthenticated"]["content"].values():
        media["schema"] = {"$ref": "#/components/schemas/UnauthenticatedProblem"}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_renamed, id="a member renamed"),
        pytest.param(_retyped, id="a type changed"),
        pytest.param(_another_pattern, id="a pattern changed"),
        pytest.param(_no_longer_required, id="a member no longer required"),
        pytest.param(_one_member_more_required, id="a member required"),
        pytest.param(_one_parameter_more_required, id="a parameter required"),
        pytest.param(_one_rule_more, id="a rule added"),
        pytest.param(_another_code, id="a code changed"),
        pytest.param(_one_value_less, id="a value taken away"),
        pytest.param(_another_default, id="a default changed"),
        pytest.param(_another_default_in_words, id="a default changed in the description"),
        pytest.param(_one_body_less, id="a body of a 401 taken away"),
        pytest.param(lambda document: _burn(document)["responses"].pop("402"), id="a status taken away"),
        pytest.param(lambda document: _burn(document)["responses"].pop("403"), id="a 403 taken away"),
        pytest.param(lambda document: _burn(document)["parameters"].pop(0), id="a parameter taken away"),
        pytest.param(lambda document: _burn(document).update({"x-scope": "read"}), id="a scope changed"),
        pytest.param(lambda document: document["paths"].pop("/v1/packs/{pack}"), id="a path taken away"),
    ],
)
def test_a_change_of_the_contract_is_seen(change: Callable[[Json], Any]) -> None:
    changed = copy.deepcopy(BEFORE)
    change(changed)
    assert list(differences(resolved(BEFORE), resolved(changed)))


def _other_words(document: Json) -> None:
    document["info"]["version"], document["servers"] = "9.9.9", [{"url": "https://other.example.test"}]
    _burn(document).update(operationId="spend", summary="Other words", description="Other words")
    _burn(document)["responses"]["201"]["description"] = "Other words"
    _schemas(document)["Balance"]["properties"]["available"]["description"] = "Other words"


def _other_names(document: Json) -> None:
    text = json.dumps(document).replace("schemas/BurnBody", "schemas/Burn")
    document |= json.loads(text)
    _schemas(document)["Burn"] = _schemas(document).pop("BurnBody")


def _clock_with_a_format(document: Json) -> None:
    document["components"]["parameters"]["header.Scrip-Test-Clock"]["schema"]["format"] = "date-time"


def _default_as_a_keyword(document: Json) -> None:
    mode = _schemas(document)["BurnBody"]["properties"]["mode"]
    mode["description"], mode["default"] = "How.", "exact"


def _another_title(document: Json) -> None:
    _schemas(document)["NotFoundProblem"]["properties"]["title"] = {"type": "string", "examples": ["Nothing"]}


def _each_body_under_its_own_type(document: Json) -> None:
    content = document["components"]["responses"]["Unauthenticated"]["content"]
    for type_, name in (
        ("application/problem+json", "UnauthenticatedProblem"),
        ("application/json", "GatewayMessage"),
    ):
        content[type_]["schema"] = {"$ref": f"#/components/schemas/{name}"}


def _alternatives_as_one(document: Json) -> None:
    (rule,) = _schemas(document)["BurnBody"]["allOf"]
    rule["oneOf"] = rule.pop("anyOf")


def _one_more_of_each(document: Json) -> None:
    schemas = _schemas(document)
    schemas["BurnBody"]["properties"]["colour"] = {"type": "string"}
    schemas["BurnMode"]["enum"].append("all")
    schemas["Balance"]["properties"]["colour"] = {"type": "string"}
    schemas["Balance"]["required"].append("colour")
    _burn(document)["parameters"].append({"in": "query", "name": "why", "schema": {"type": "string"}})
    _burn(document)["responses"]["418"] = {"description": "A teapot"}
    document["paths"]["/v1/teapots"] = {"get": _burn(document)}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_one_more_of_each, id="additions"),
        pytest.param(_other_words, id="texts"),
        pytest.param(_other_names, id="a component's name"),
        pytest.param(_clock_with_a_format, id="the format of the test clock"),
        pytest.param(
            lambda document: _schemas(document)["BurnBody"].update(required=["unit"]),
            id="a default's required",
        ),
        pytest.param(_default_as_a_keyword, id="a default as a keyword"),
        pytest.param(_another_title, id="a problem's title"),
        pytest.param(_each_body_under_its_own_type, id="each body of a 401 under a media type of its own"),
        pytest.param(_alternatives_as_one, id="alternatives of a request as oneOf"),
    ],
)
def test_what_adds_or_what_a_caller_cannot_rely_on_may_change(change: Callable[[Json], Any]) -> None:
    changed = copy.deepcopy(BEFORE)
    change(changed)
    assert list(differences(resolved(BEFORE), resolved(changed))) == []
