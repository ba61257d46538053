"""Samples of requests, as API Gateway sends them: a file in events/http for each route, for ``sam local invoke``.

Owns the first sample of a new route, made from its declaration. Does not own what a file says afterwards: files that
there are stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from openapi.declare import Operation
from openapi.parameters import parameters
from scrip.domain.credits.ids import hold_id, key_entry_id, lot_id

Json = dict[str, Any]

FOLDER: Final = Path(__file__).resolve().parent.parent / "events" / "http"
IDS: Final = {
    "account": "acme",
    "unit": "credits",
    "pack": "starter",
    "meter": "tiles",
    "code": "WELCOME",
    "allowance_id": "monthly",
    "budget_id": "daily",
    "month": "2026-10",
    "lot_id": lot_id("acme", "credits", 1),
    "hold_id": hold_id("acme", "credits", 2),
    "entry_id": key_entry_id("acme", "credits", "order-4711"),
    "provider": "dodo",
    "period": "2026-11",
    "name": "trial-balance",
}
"""Ids of the samples; any other is ``x``."""


def missing(operations: Iterable[Operation], scopes: dict[str, str | None]) -> dict[Path, str]:
    """Returns the samples of routes that no file in events/http has, by the path of the file to write."""
    known = {json.loads(path.read_text(encoding="utf-8"))["routeKey"] for path in FOLDER.glob("*.json")}
    return {
        FOLDER / f"{one.method.lower()}_{one.id}.json": json.dumps(sample(one, scopes[one.route]), indent=2)
        + "\n"
        for one in operations
        if one.route in scopes and one.route not in known
    }


def sample(operation: Operation, scope: str | None) -> Json:
    """Returns a request of this route with the body that its declaration has as an example."""
    ids = {name: IDS.get(name, "x") for name in re.findall(r"\{(\w+)\}", operation.path)}
    path = operation.path.format(**ids)
    headers = {"host": "api.example.test", "user-agent": "curl/8.11.0"}
    access = {"authorizer": {"lambda": {"key_id": "0123456789abcdef", "scopes": scope, "account": ""}}}
    query = {one["name"]: str(one["example"]) for one in parameters(operation).values() if "example" in one}
    if operation.key:
        headers["idempotency-key"] = f"{operation.id}-1"
    if operation.body:
        headers["content-type"] = "application/json"
    return {
        "version": "2.0",
        "routeKey": operation.route,
        "rawPath": path,
        "rawQueryString": urlencode(query),
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1",
            "domainName": "api.example.test",
            "http": {
                "method": operation.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "curl/8.11.0",
            },
            "requestId": "r1",
            "routeKey": operation.route,
            "stage": "$default",
            "time": "23/Nov/2026:10:00:00 +0000",
            "timeEpoch": 1795428000000,
            **(access if scope else {}),
        },
        "isBase64Encoded": False,
        **({"pathParameters": ids} if ids else {}),
        **({"queryStringParameters": query} if query else {}),
        **({"body": json.dumps(dict(operation.example))} if operation.body else {}),
    }
