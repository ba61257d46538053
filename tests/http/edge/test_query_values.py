"""What is said of every query parameter of every route, for texts of every form: that it is wrong, and why, or what
comes of it where there is nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from local.standins import dodo as dodo_standin
from local.standins import stripe as stripe_standin
from scrip import runtime
from scrip.store.tables import Tables
from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET, Deployment, InMemory, deployed
from tests.http.edge.test_doors import doors

pytestmark = pytest.mark.usefixtures("in_memory")

FILE: Final = Path(__file__).parent / "data" / "query_values.json"
PATHS: Final = {
    "account": "ann",
    "hold_id": "hold_1",
    "entry_id": "k.one",
    "allowance_id": "monthly",
    "budget_id": "daily",
    "month": "2026-10",
    "pack": "starter",
    "provider": "dodo",
    "payment_id": "pay_1",
    "endpoint_id": "crm",
    "name": "revenue",
}
SEARCH, REPORT = "GET /v1/search", "GET /v1/reports/reconciliation"
BESIDE: Final = {
    (REPORT, "date"): {"provider": "dodo"},
    **{(SEARCH, name): {"account": "ann"} for name in ("key", "lot")},
    **{(SEARCH, name): {"reference": "job:1"} for name in ("limit", "cursor")},
    (SEARCH, "account"): {"key": "k"},
    (SEARCH, "unit"): {"key": "k", "account": "ann"},
}
"""What a parameter is sent with, where alone it would be refused for that."""
VALUES: Final = (
    *("x", "0", "1", "1000", "1001", "-1", "01", "a b", "x" * 300, "credits", "0123abc"),
    *("2020-01-01", "2020-02-30", "2020-01-01T00:00:00Z", "2020-01-01 00:00:00Z", "2999-01-01T00:00:00Z"),
    *(
        "open",
        "all",
        "paid",
        "parked",
        "captured",
        "burn",
        "money",
        "credit",
        "unit",
        "unit.put",
        "key:k1",
        "pack:x",
    ),
    *("USD", "usd", "XAU", "dodo", "Dodo", "job:j-1", "job:", ":j-1", "dodo:pay_1", "nobody:pay_1", "top_1"),
    *("ann@example.com", "lot_1"),
)
"""Of each form that some parameter has, one that is right, and some beside it."""


def said(scrip: Deployment, route: str, name: str) -> Iterator[tuple[str, str]]:
    """Yields each text, and what is answered where the parameter is that."""
    method, _, path = route.partition(" ")
    beside = BESIDE.get((route, name), {})
    name = f"{name}colour" if name.endswith(".") else name
    for value in VALUES:
        answer = scrip.send(method, path.format(**PATHS), query={**beside, name: value})
        if answer.code == "invalid_request":
            yield value, "; ".join(f"{one['field']}: {one['message']}" for one in answer.body["errors"])
        else:
            yield value, f"{answer.status} {answer.code}".strip()


def found(scrip: Deployment) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Returns of each route, parameter and thing that is said, of which texts it is said."""
    told: dict[str, Any] = {}
    for route, door in sorted(doors().items()):
        for name in door["query"]:
            by_answer: dict[str, list[str]] = {}
            for value, answer in said(scrip, route, name):
                by_answer.setdefault(answer, []).append(value[:20])
            told.setdefault(route, {})[name] = by_answer
    return told


def test_what_is_said_of_every_value_of_every_parameter(scrip: Deployment) -> None:
    """Where it is to be another: ``python -m tests.http.edge.test_query_values``, and read what that changes."""
    now, kept = found(scrip), json.loads(FILE.read_text(encoding="utf-8"))
    assert now.keys() == kept.keys()
    for route, parameters in now.items():
        assert parameters == kept[route], route


def main() -> None:
    """Writes the kept file anew."""
    with ExitStack() as stack:
        dodo = dodo_standin.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
        stripe = stripe_standin.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
        stack.callback(dodo.stop)
        stack.callback(stripe.stop)
        scrip = stack.enter_context(deployed(dodo.url, stripe.url))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
        patch.setattr(runtime, "tables", cache(lambda: tables))
        scrip.cold()
        now = found(scrip)
    FILE.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
