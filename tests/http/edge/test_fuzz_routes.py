"""Each operation of docs/openapi.json: its example, its example with something wrong in it, and nonsense. Whatever is
sent is answered with a status that the document has, a refusal leaves nothing behind, and no output tells what was in a
body.

Random histories and events without what the gateway always sends are in test_fuzz.py; webhooks, which are signed, in
test_intake.py; the same document over HTTP in tests/stack/test_schemathesis.py.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.standins.dodo import Provider
from openapi.declare import Operation
from tests.aws import WRITES, Deployment, event
from tests.http.edge.test_fuzz import BODIES, HEADERS, NAMES, QUERIES, STEADY, TEXT
from tests.world import THERE
from tests.worlds import world

EXAMPLES: Final = 8
"""Requests for each operation."""
SOMEBODY: Final = "jo.private@example.test"
"""Personal data, in whatever member takes a text."""
WRONG: Final = st.sampled_from(
    [
        None, True, 0, -1, 1.5, 10**30, "", " ", "-1", "+1", "1e3", "0", "01", "1,5", "\u0661", "NaN", "Infinity",
        "1" * 40, "0.0000000000000000001", "\ud800", "\x00", "x" * 600, SOMEBODY, [], [SOMEBODY], {}, {"a": SOMEBODY},
        {"amount": 1, "currency": "usd"}, {"amount": 1.0, "currency": "USD"}, {"amount": -1, "currency": "USD"},
        "2026-02-30T00:00:00Z", "2026-11-23T10:00:00+01:00", "P0D", "-P1D", "P1000000Y", "javascript:alert(1)",
        "http://169.254.169.254/", "../x", "a#b", "%00",
    ]
)  # fmt: skip
MORE: Final = st.dictionaries(
    st.sampled_from(["as", "amount", "provider", "date", "status", "cursor", "limit", "at", "kind"]),
    st.sampled_from(
        [
            "money",
            "credit",
            "0",
            "-1",
            "1e3",
            "dodo",
            "stripe",
            "9999-12-31",
            "2026-02-30",
            "parked",
            SOMEBODY,
        ]
    )
    | TEXT,
    max_size=3,
)
KEYS: Final = st.sampled_from(["k1", "k2", "k3", "example", "", "é", "x" * 256, SOMEBODY])


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a body, inner places too."""
    if at:
        yield at
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, inner in members:
        yield from places(inner, (*at, name))


@st.composite
def nearly_right(draw: st.DrawFn, example: dict[str, Any]) -> Any:
    """The example with one or two members replaced, taken away or added."""
    body = copy.deepcopy(example)
    for _ in range(draw(st.integers(1, 2))):
        where = draw(st.sampled_from([*places(body), ("unheard_of",)]))
        inner = body
        for step in where[:-1]:
            inner = inner[step]
        if draw(st.integers(0, 4)) == 0 and where != ("unheard_of",):
            del inner[where[-1]]
        else:
            inner[where[-1]] = draw(WRONG)
    return body


@st.composite
def requests(draw: st.DrawFn, operation: Operation, ids: dict[str, str]) -> Any:
    """An event of this operation's route."""
    path = re.sub(r"\{(\w+)\}", lambda found: quote(ids[found[1]], safe=""), operation.path)
    sent = event(operation.method, path)
    sent["headers"] |= {"content-type": "application/json", "idempotency-key": draw(KEYS)}
    right = dict(operation.example)
    wrong = draw(st.sampled_from(["body", "body", "body", "path", "query", "headers", "nothing"]))
    bodies: st.SearchStrategy[Any] = st.just(right)
    if wrong == "body" and operation.body:
        bodies = st.one_of(nearly_right(right), nearly_right(right), BODIES)
    if operation.body:
        sent["body"] = json.dumps(draw(bodies))
    if wrong == "path" and sent.get("pathParameters"):
        sent["pathParameters"] = {
            name: draw(NAMES | st.just(value)) for name, value in sent["pathParameters"].items()
        }
    if wrong == "query":
        sent["queryStringParameters"] = draw(QUERIES | MORE)
    if wrong == "headers":
        # The test clock's own ways are tested elsewhere; here it would close the wallet to all other requests.
        said = {name: value for name, value in draw(HEADERS).items() if name.lower() != "scrip-test-clock"}
        sent["headers"] |= said
    if wrong == "headers" and operation.body:
        sent["body"] = draw(st.sampled_from(["", "{", "[]", "null", '"x"', SOMEBODY, "\x00"]) | TEXT)
    return sent


def everything(deployment: Deployment, provider: Provider, operation: Operation) -> dict[str, str]:
    """Ids of one of everything."""
    deployment.make_tables()
    deployment.queued()
    made = world(deployment, provider, f"fuzz-{operation.id}")
    made.fill(operation)
    return made.ids


UNSIGNED: Final = [operation for operation in THERE if not operation.signed]


@pytest.mark.parametrize("operation", UNSIGNED, ids=lambda operation: operation.id)
def test_whatever_is_sent_is_answered_as_described_and_a_refusal_leaves_nothing(
    deployment: Deployment, provider: Provider, operation: Operation, capfd: pytest.CaptureFixture[str]
) -> None:
    deployment.cold()
    ids = everything(deployment, provider, operation)
    known = [deployment.everything()]
    capfd.readouterr()

    @settings(STEADY, max_examples=EXAMPLES)
    @given(sent=requests(operation, ids))
    def answered(sent: Any) -> None:
        with deployment.calls() as made:
            answer = deployment.invoke(sent)  # holds the answer against the document
        assert answer.status < 500, answer.text
        if {call.name for call in made} & WRITES:
            found = deployment.everything()
            assert answer.status < 400 or found == known[0]
            known[0] = found
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err + answer.text
        assert SOMEBODY not in out + err

    answered()
    if "account" in ids:
        deployment.sound(ids["account"])
