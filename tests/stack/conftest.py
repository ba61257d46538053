"""One deployment of the whole template for all tests here, each function held to its own IAM role, and a client that
talks to it as an app would."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from local.stack import Stack
from local.standins.serving import Standin
from scrip.http.edge.parameters import format_instant
from scrip.services.engine.executor import Executor
from scrip.store.tables import Tables

CORS_ORIGIN = "http://localhost:3000"
"""Whose pages may call the API from a browser."""
EMAIL_FROM = "credits@example.com"
"""The address that customers are written to from."""


@dataclass
class App:
    """An app with an admin key. Each request has a key of its own, unless one is given."""

    client: httpx.Client
    url: str
    key: str
    stack: Stack
    standins: Mapping[str, Standin]
    """By provider."""

    def post(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            path, json=body, headers={"idempotency-key": key or uuid.uuid4().hex, **named}
        )

    def grant(self, account: str, amount: str, **terms: Any) -> dict[str, Any]:
        answer = self.post(f"/v1/accounts/{account}/grants", {"amount": amount, **terms})
        return _created(answer)

    def burn(self, account: str, amount: str, **more: Any) -> httpx.Response:
        return self.post(f"/v1/accounts/{account}/burns", {"amount": amount, **more})

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def balance(self, account: str, **query: Any) -> dict[str, Any]:
        return self.get(f"/v1/accounts/{account}/balance", **query)

    def entries(self, account: str, **query: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.get(f"/v1/accounts/{account}/entries", **query)["items"]
        return items

    def verify(self, account: str, unit: str = "credits") -> dict[str, Any]:
        """What the operator's command says; it exits 1 where something is wrong."""
        report: dict[str, Any] = json.loads(self.stack.scrip("verify", account, "--unit", unit))
        return report

    def eventually(self, what: Callable[[], Any], seconds: float = 60.0) -> Any:
        """The first true answer within ``seconds``: webhooks and indexes take their moment."""
        deadline = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < deadline, "it did not come to pass"
            time.sleep(0.05)
        return found

    def sweep(self, **event: Any) -> dict[str, Any]:
        """Runs the expiry function with this event, as the schedule does."""
        result: dict[str, Any] = self._invoke("ExpiryFunction", event)
        return result

    def verify_all(self) -> dict[str, Any]:
        """Runs the daily verification over everything, as one share, and says what it came to."""
        night: dict[str, Any] = self._invoke(
            "VerificationFunction", {"time": format_instant(int(time.time() * 1000)), "share": [0, 1]}
        )
        return night

    def reconcile(self, at: int) -> dict[str, Any]:
        """What one run of the reconciliation, as of epoch milliseconds ``at``, came to for each provider."""
        outcomes = self._invoke("ReconciliationFunction", {"time": format_instant(at)})
        return {outcome["provider"]: outcome for outcome in outcomes}

    def make_days(self, at: int) -> dict[str, Any]:
        """What one run of the reports made of the archive as of epoch milliseconds ``at``."""
        made: dict[str, Any] = self._invoke("ReportsFunction", {"time": format_instant(at)})
        return made

    def _invoke(self, output: str, event: dict[str, Any]) -> Any:
        answer = self.stack.client("lambda").invoke(
            FunctionName=self.stack.outputs[output], Payload=json.dumps(event)
        )
        result = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, result
        return result


def _created(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    said = {"CorsOrigins": CORS_ORIGIN, "EmailFrom": EMAIL_FROM}
    with Stack.start(tmp_path_factory.mktemp("stack"), auth=True, parameters=said) as running:
        headers = {"authorization": f"Bearer {running.admin_key}"}
        with httpx.Client(base_url=running.url, headers=headers, timeout=60, trust_env=False) as client:
            yield App(client, running.url, running.admin_key, running, running.standins)


@pytest.fixture(params=[8, pytest.param(16, marks=pytest.mark.long)])
def clients(request: pytest.FixtureRequest) -> int:
    """How many ask at once. For each the local AWS may start a process of the function, all on this machine."""
    return int(request.param)


@pytest.fixture
def account() -> str:
    """An account that nobody else has."""
    return f"acct-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def executor(stack: App) -> Executor:
    """The operations themselves, in this process, on the stack's tables."""
    outputs = stack.stack.outputs
    client = stack.stack.client("dynamodb")
    return Executor(Tables(client, outputs["WalletsTable"], outputs["LedgerTable"]))
