"""docs/openapi.json against the running stack: whatever is sent, there is no 5xx, and no answer that the document does
not describe; and what it says is wrong is not taken.

Schemathesis makes the requests: the document's examples, the borders of each schema from both sides, and some at random
(the same each time). What they name is there: each operation's account has one of everything (tests/world.py).
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.core.parameters import ParameterLocation

# Its pytest plugin makes up all requests when tests are collected, in every run; this is what it does it with.
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.generation.meta import TestPhase

from openapi.declare import Operation
from tests.described import Described
from tests.stack.conftest import App
from tests.stack.test_buying import provider, status
from tests.world import THERE, World

AT_RANDOM: Final = 10
"""Requests at random for each operation."""
EVERY: Final = 4
"""Of the requests at the borders one in so many is sent, for each operation others: most members are in many bodies."""
CLOCK: Final = "Scrip-Test-Clock"
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
CONFIG: Final = {
    "generation": {
        "max-examples": AT_RANDOM,
        "deterministic": True,
        "no-shrink": True,
        "database": "none",
        "with-security-parameters": False,
    },
    "phases": {"coverage": {"unexpected-methods": []}},
    "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
}


@pytest.fixture(scope="module")
def document() -> Any:
    config = schemathesis.Config.from_dict(CONFIG)
    return schemathesis.openapi.from_dict(Described.committed().strict(), config=config)


@pytest.fixture(scope="module")
def call(stack: App) -> Any:
    """Sends a case and holds its answer against the document."""
    headers = {"authorization": f"Bearer {stack.key}"}
    with requests.Session() as session:
        session.trust_env = False
        yield lambda case: case.call_and_validate(base_url=stack.url, headers=headers, session=session)


def world(stack: App, operation: Operation) -> World:
    """An account of this operation's own."""

    def send(method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        return stack.client.request(method, path, json=body, headers=headers)

    def pay(order: dict[str, Any]) -> str:
        paid = provider(order, "pay", {})
        stack.eventually(lambda: status(stack, order, "paid"))
        return str(paid["payment_id"])

    def product(name: str) -> None:
        url = f"{stack.standins['dodo'].url}/products/{name}"
        assert httpx.post(url, json={"price": 1000}, trust_env=False).status_code == 200

    account = f"st-{operation.id}-{uuid.uuid4().hex[:6]}"
    made = World(account, send, httpx.Response.json, pay, product)
    made.fill(operation)
    return made


def place(case: schemathesis.Case[Any], ids: dict[str, str]) -> None:
    """Puts ids that there are where the request has some that there might be. What the test clock sends into the future
    is an account of its own: every earlier instant is refused there from then on."""
    part = case.meta.components.get(ParameterLocation.PATH) if case.meta else None
    if part is None or part.mode.is_negative:
        return
    known = {name: ids.get(name, value) for name, value in case.path_parameters.items()}
    if "account" in known and CLOCK in case.headers:
        known["account"] = f"st-{uuid.uuid4().hex}"
    case.path_parameters = known


@pytest.mark.parametrize("number", range(len(THERE)), ids=[operation.id for operation in THERE])
def test_no_answer_is_a_fault_or_undescribed(
    stack: App, document: Any, call: Callable[[schemathesis.Case[Any]], None], number: int
) -> None:
    ids, border = world(stack, THERE[number]).ids, itertools.count(number)

    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    def sent(case: schemathesis.Case[Any]) -> None:
        at_border = case.meta is not None and case.meta.phase.name == TestPhase.COVERAGE
        if not at_border or next(border) % EVERY == 0:
            place(case, ids)
            call(case)

    operation = document.find_operation_by_id(THERE[number].id)
    config = HypothesisTestConfig(
        project=document.config,
        settings=document.config.get_hypothesis_settings(operation=operation, phase="fuzzing"),
        modes=list(HypothesisTestMode),
    )
    create_test(operation=operation, test_func=sent, config=config)()
