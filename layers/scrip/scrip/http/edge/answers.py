"""Answers of the HTTP API, and the parts that answers of several nouns have in common.

Owns how an answer is sent, and what its type is made of. The types themselves stand beside their views; the document of
the contract is made of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scrip.domain.credits.lots import Money

if TYPE_CHECKING:
    from typing import TypedDict as TypedDict

    from scrip.http.edge.forms import Count, Currency
else:
    # A TypedDict compiles the type of every member where it is imported. Deployed, an answer is a plain dictionary.
    TypedDict = dict

Answer = dict[str, Any]


def answer(status: int, document: Any, **headers: str) -> Answer:
    """Makes the HTTP answer that carries a JSON document. An underscore in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **named},
        "body": json.dumps(document, ensure_ascii=False),
    }


def put_answer(document: Any, new: bool) -> Answer:
    """Makes the answer of a PUT: 201 where it made something new, 200 where it changed what was there, or nothing."""
    return answer(201 if new else 200, document)


class MoneyView(TypedDict):
    """An amount of money."""

    amount: Count
    """Minor units (cents)."""
    currency: Currency
    """ISO 4217."""


class ReferenceView(TypedDict):
    """What in the caller's world something is about."""

    type: str
    """What kind of thing it is."""
    id: str
    """Which one of its kind."""


class RecurringView(TypedDict):
    """A subscription of the provider's: each payment of it grants."""

    every: str
    """How often it is paid: a number of days, weeks, months or years, ISO 8601."""


ProblemView = Mapping[str, Any]
"""Any refusal. Its component is made of the refusals and of the facts that belong to each."""


def money_view(money: Money) -> MoneyView:
    """Shows an amount of money as a JSON object."""
    return {"amount": money.amount, "currency": money.currency}


def reference_view(pair: Any) -> ReferenceView | None:
    """Shows a type and an id that are kept as a pair."""
    return {"type": pair[0], "id": pair[1]} if pair else None


def recurring_view(every: str | None) -> RecurringView | None:
    """Shows the period of a subscription; None for a single payment."""
    return None if every is None else {"every": every}
