"""Messages about the body of a request: each says to a person what to send, and none is a regular expression."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from openapi import bodies
from scrip.domain.credits.amounts import AMOUNT_PATTERN
from scrip.http.edge.bodies import MORE_THAN_ZERO, Amount, Body
from scrip.http.edge.mistakes import mistakes

Json = dict[str, Any]


MACHINES: Final = re.compile(r"\^|\\|\$|\(\?|\{\d|\[[^\]]*-[^\]]*\]|\)[?*+]")
"""What only a regular expression has."""


NOTHING: Final = "\n"
"""A text that no pattern of a member takes."""


def said(model: type[BaseModel], body: Json) -> dict[str, str]:
    """Returns what a body is answered with, by field."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(body))
    return dict(mistakes(caught.value))


def constrained() -> Iterator[tuple[str, str, str, bool]]:
    """Yields each member that a pattern constrains: its body, its name, a pattern, and whether it is a list."""
    for name, model in bodies.models().items():
        properties = model.model_json_schema().get("properties", {})
        for member, form in properties.items():
            parts = [form, *form.get("anyOf", ())]
            for part in (*parts, *(one["items"] for one in parts if "items" in one)):
                if "pattern" in part:
                    yield name, member, part["pattern"], any("items" in one for one in parts)


MEMBERS: Final = list(constrained())


def test_there_are_members_that_a_pattern_constrains() -> None:
    assert len(MEMBERS) > 40


@pytest.mark.parametrize(("name", "member", "_", "many"), MEMBERS, ids=lambda part: str(part)[:20])
def test_no_message_about_a_member_is_a_pattern(name: str, member: str, _: str, many: bool) -> None:
    told = said(bodies.body(name), {member: [NOTHING] if many else NOTHING})
    message = told[f"{member}.0" if many else member]
    assert not MACHINES.search(message), message
    assert re.match("must |name |send ", message), message


AMOUNTS: Final = [
    one
    for one in MEMBERS
    if one[2] in (AMOUNT_PATTERN, MORE_THAN_ZERO) and one[1] not in ("quantity", "up_to")
]


@pytest.mark.parametrize(("name", "member", "_", "many"), AMOUNTS, ids=lambda part: str(part)[:20])
def test_a_number_sent_for_an_amount_is_answered_with_the_string_to_send(
    name: str, member: str, _: str, many: bool
) -> None:
    told = said(bodies.body(name), {member: [30] if many else 30})
    assert told[f"{member}.0" if many else member] == 'send a decimal string, "30"'


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (30, "30"),
        (0.5, "0.5"),
        (0, "0"),
        pytest.param(-1, "30", id="one that no amount is"),
        pytest.param(1e30, "30", id="one that is written with an exponent"),
        pytest.param(10**400, "30", id="one that is too long to show"),
    ],
)
def test_the_string_to_send_is_the_number_that_was_sent_where_it_is_an_amount(
    number: Any, shown: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Amount).validate_python(number)
    assert mistakes(caught.value) == [("body", f'send a decimal string, "{shown}"')]


class Every(Body):
    """A member of each kind."""

    text: str = ""
    whole: int = 0
    flag: bool = False


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"text": 1}, "must be a string"),
        ({"whole": 1.5}, "must be a whole number"),
        ({"whole": "1"}, "must be a whole number"),
        ({"flag": 1}, "must be true or false"),
        ({"colour": 1}, "is not a member of this request: leave it out"),
    ],
)
def test_a_member_of_another_type_is_told_which_it_must_be(body: Json, message: str) -> None:
    assert list(said(Every, body).values()) == [message]


@pytest.mark.parametrize(
    ("name", "body", "field", "message"),
    [
        ("BurnBody", {"mode": "all"}, "mode", "must be 'exact' or 'up_to'"),
        ("BurnBody", {"reason": ""}, "reason", "must not be empty"),
        ("BurnBody", {"reference": 1}, "reference", "must be an object"),
        ("GrantBody", {"priority": 101}, "priority", "must be at most 100"),
        ("GrantBody", {}, "amount", "is missing"),
        ("GrantBody", {"scope": ["a", "a"]}, "scope", "name each one once"),
        ("GrantBody", {"kind": 1}, "kind", "must be 'paid', 'promotional', 'refund' or 'compensation'"),
        ("BurnBody", {"unit": "a b"}, "unit", "must be 1 to 128 letters, digits or ._:@|-"),
    ],
)
def test_a_message_says_what_the_member_must_be(name: str, body: Json, field: str, message: str) -> None:
    assert said(bodies.body(name), body)[field] == message


def test_a_body_that_is_no_json_is_told_where_it_stops_being_it() -> None:
    with pytest.raises(ValidationError) as caught:
        bodies.body("KeyBody").model_validate_json('{"scope": }')
    ((field, message),) = mistakes(caught.value)
    assert field == "body"
    assert message.startswith("is not valid JSON: expected value at line 1 column 11")
