"""Answers of the HTTP API, and the parts that answers of several nouns have in common."""

from __future__ import annotations

import json
from typing import Any

from scrip.domain.credits.lots import Money

Answer = dict[str, Any]


def answer(status: int, document: Any, **headers: str) -> Answer:
    """A JSON answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **named},
        "body": json.dumps(document, ensure_ascii=False),
    }


def money_view(money: Money | None) -> dict[str, Any] | None:
    return {"amount": money.amount, "currency": money.currency} if money else None


def reference_view(pair: Any) -> dict[str, str] | None:
    return {"type": pair[0], "id": pair[1]} if pair else None
