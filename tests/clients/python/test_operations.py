"""Every operation is a method, with all that it takes; and all of them against Scrip."""

from __future__ import annotations

import asyncio
import csv
import inspect
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.standins.dodo import Provider, sign
from openapi.python.names import argument, component
from scrip_client import AsyncPages, AsyncScrip, Pages, Scrip, models
from scrip_client.calls import OMITTED
from tests.aws import WEBHOOK_SECRET, Deployment, provider_event
from tests.clients.python.story import DOCUMENT, OPERATIONS, Story


def parameters(operation: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yields the names of all that an operation takes, and whether it must be given."""
    for reference in operation["parameters"]:
        found = DOCUMENT["components"]["parameters"][component(reference["$ref"])]
        name = "test_clock" if found["name"] == "Scrip-Test-Clock" else argument(found["name"])
        yield name, bool(found.get("required")) and name != "idempotency_key"
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content and "$ref" in content["schema"]:
        body = DOCUMENT["components"]["schemas"][component(content["schema"]["$ref"])]
        for member in body["properties"]:
            yield argument(member), member in body.get("required", [])
    elif content:
        yield "content", True


@pytest.mark.parametrize("client", [Scrip, AsyncScrip])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_a_method_with_all_that_it_takes(name: str, client: type) -> None:
    """Parameters of path and query, headers and members of the body. What is required has no default."""
    taken = dict(inspect.signature(getattr(client, name)).parameters)
    taken.pop("self")
    wanted = dict(parameters(OPERATIONS[name]))
    assert taken.keys() == wanted.keys()
    for parameter in taken.values():
        must = parameter.default is inspect.Parameter.empty
        assert must == wanted[parameter.name], parameter
        assert must or parameter.default in (None, OMITTED)
        assert parameter.annotation != "Any"


def test_there_is_no_method_beside_the_operations() -> None:
    """But those that give a report as CSV, that make many calls of burns into few, and that end the connections."""
    for client in (Scrip, AsyncScrip):
        there = {name for name in dir(client) if not name.startswith("_")}
        assert there - OPERATIONS.keys() == {
            *("disconnect", "get_reconciliation_csv", "get_report_csv"),
            *("coalescer", "lease"),
        }


@pytest.fixture
def pay(deployment: Deployment, provider: Provider, url: str, key: str) -> Any:
    """Pays an order at the stand-in, whose webhook this client sends, and lets Scrip work."""

    def paid(order: models.Topup) -> None:
        done = provider.pay(str(order.checkout_session_id), {"webhook": False})
        raw = json.dumps(provider_event("payment.succeeded", provider.payment(done["payment_id"])))
        signed = {
            name.replace("-", "_"): value for name, value in sign(WEBHOOK_SECRET, "m1", raw.encode()).items()
        }
        with Scrip(url) as anybody:
            assert anybody.webhook("dodo", raw, **signed).http.status == 200
        assert deployment.apply(deployment.queued()) == []

    return paid


def test_every_operation_is_answered(url: str, key: str, pay: Any) -> None:
    """By Scrip, as the document says."""
    with Scrip(url, key) as scrip:

        def call(name: str, /, *given: Any, **named: Any) -> Any:
            found = getattr(scrip, name)(*given, **named)
            return list(found) if isinstance(found, Pages) else found

        Story(call, pay).play()
        table = "".join(scrip.list_entries("acme", limit=3).csv())
        rows = [row["entry_id"] for row in csv.DictReader(io.StringIO(table))]
        assert rows == [entry.entry_id for entry in scrip.list_entries("acme")]


def test_every_operation_is_answered_where_it_is_awaited(url: str, key: str, pay: Any) -> None:
    with asyncio.Runner() as runner:

        async def made() -> AsyncScrip:
            return AsyncScrip(url, key)

        scrip = runner.run(made())

        async def awaited(name: str, /, *given: Any, **named: Any) -> Any:
            found = getattr(scrip, name)(*given, **named)
            return [item async for item in found] if isinstance(found, AsyncPages) else await found

        try:
            Story(lambda *given, **named: runner.run(awaited(*given, **named)), pay).play()
        finally:
            runner.run(scrip.disconnect())
