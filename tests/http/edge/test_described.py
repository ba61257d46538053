"""What docs/openapi.json says, tried: each operation's example, what its function reads, and bodies that are wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from local.standins.dodo import Provider
from openapi.declare import Operation
from scrip.http.edge import request
from tests.aws import Context, Deployment, function
from tests.described import Described
from tests.http.edge.wrong import (
    NO_AMOUNT,
    NO_CURRENCY,
    NO_DURATION,
    NO_INSTANT,
    NO_METADATA_VALUE,
    NO_MINOR_UNITS,
    NO_NAME,
    NO_OBJECT,
    NO_TEXT,
    ZERO,
)
from tests.world import THERE
from tests.worlds import world

pytestmark = pytest.mark.usefixtures("in_memory")


@contextmanager
def noting() -> Iterator[dict[str, Any]]:
    """What a function reads of its request meanwhile."""
    read: dict[str, Any] = {"body": "", "key": False, "clock": False}

    def note(name: str, what: Any) -> Any:
        real = getattr(request.HttpRequest, name)

        def wrapped(self: request.HttpRequest, *asked: Any) -> Any:
            read.update(what(*asked))
            return real(self, *asked)

        return wrapped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(request.HttpRequest, "body", note("body", lambda model: {"body": model.__name__}))
        patch.setattr(request.HttpRequest, "caller", note("caller", lambda: {"key": True}))
        patch.setattr(request.HttpRequest, "moment", note("moment", lambda: {"clock": True}))
        yield read


@pytest.mark.parametrize("operation", THERE, ids=lambda operation: operation.id)
def test_an_example_is_answered_as_described_and_its_function_reads_what_is_declared(
    scrip: Deployment, provider: Provider, account: str, operation: Operation
) -> None:
    """A 2xx of the document's, with nothing in it that it does not describe."""

    made = world(scrip, provider, account)
    made.fill(operation)
    if operation.id == "get_reconciliation":
        # Tomorrow's pass looks at today, whatever the time is: one of today's first minutes looks at yesterday alone.
        # The first run ends a pass that is under way.
        noon = f"{datetime.now(UTC).date() + timedelta(days=1)}T12:00:00Z"
        for _ in range(2):
            function("reconciliation").handler({"time": noon}, Context())
    if operation.id in ("close_period", "get_period"):
        made.ids["period"] = "2026-10"
    if operation.id == "get_period":
        scrip.post("/v1/periods/2026-10/close", {})
    if operation.id == "get_export":
        span = {"from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"}
        export = scrip.post("/v1/exports", {"kind": "entries", "format": "csv", **span}, key="described")
        made.ids["export_id"] = export.body["export_id"]
    with noting() as read:
        answer = scrip.webhook({}) if operation.signed else made.send(operation)
    assert answer.status in operation.answers, answer.text
    assert read == {
        # What comes in several forms is read by what knows them.
        "body": "" if operation.forms else operation.body,
        "key": operation.key,
        "clock": operation.clock,
    }


BURN, GRANT = "POST /v1/accounts/{account}/burns", "POST /v1/accounts/{account}/grants"
KEYED = {"amount": "1"}
WRONG: Final[list[tuple[str, str, list[Any]]]] = [
    (BURN, "amount", [*NO_AMOUNT, *ZERO]),
    (BURN, "unit", NO_NAME),
    (BURN, "reference", [*NO_OBJECT, {"id": "1"}, {"type": "job"}, {"type": "job", "id": "1", "url": "x"}]),
    (BURN, "reason", [*NO_TEXT, "", "x" * 501]),
    (BURN, "metadata", [None, *NO_OBJECT, {f"k{n}": "v" for n in range(51)}, {"x" * 41: "v"}, {"": "v"}]),
    (BURN, "metadata", [{"a": value} for value in NO_METADATA_VALUE]),
    (BURN, "mode", ["", "EXACT", "all", None, 1, True, [], {}]),
    (BURN, "colour", ["red", None]),
    (BURN, "meter", ["tiles"]),
    (GRANT, "amount", [*NO_AMOUNT, *ZERO]),
    (GRANT, "kind", ["", "Paid", "allowance", "rollover", "transfer", None, 1]),
    (GRANT, "priority", [-1, 101, 10**400, "50", "", 1.5, True, None, []]),
    (GRANT, "expires_at", NO_INSTANT),
    (GRANT, "expires_in", NO_DURATION),
    (GRANT, "cost_basis", [{"amount": amount, "currency": "USD"} for amount in NO_MINOR_UNITS]),
    (GRANT, "cost_basis", [{"amount": 1, "currency": currency} for currency in NO_CURRENCY]),
    (GRANT, "cost_basis", [*NO_OBJECT, {"amount": 1, "currency": "USD"}]),
    (GRANT, "scope", ["", "x", None, 1, {}, [None], [[]], ["a", "a"]]),
]


@pytest.mark.parametrize(
    ("route", "member", "value"),
    [(route, member, value) for route, member, values in WRONG for value in values],
    ids=lambda value: json.dumps(value)[-60:],
)
def test_the_document_takes_no_body_that_is_refused(
    scrip: Deployment, account: str, route: str, member: str, value: Any
) -> None:
    """Of what is wrong with a body in itself, whatever the wallet says, it is as strict as Scrip."""
    body = {**KEYED, member: value}
    answer = scrip.post(route.partition(" ")[2].format(account=account), body, key="k")
    assert answer.status == 400
    assert not Described.committed().takes(route, body)


def test_the_document_takes_what_is_taken(scrip: Deployment, account: str) -> None:
    """Nulls are as good as left out."""
    body = {"amount": "1", "expires_at": None, "expires_in": "P1D", "cost_basis": None, "reason": None}
    assert scrip.post(f"/v1/accounts/{account}/grants", body, key="k").status == 201
    assert Described.committed().takes(GRANT, body)
