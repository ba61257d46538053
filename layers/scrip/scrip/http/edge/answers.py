"""Answers of the HTTP API, and the parts that answers of several nouns have in common.

Owns how an answer is sent, and what its type is made of. The types themselves stand beside their views; the document of
the contract is made of them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scrip.domain.credits.lots import Money

if TYPE_CHECKING:
    from typing import TypedDict as TypedDict
else:
    # A TypedDict compiles the type of every member where it is imported. Deployed, an answer is a plain dictionary.
    TypedDict = dict

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
