"""Answers of the HTTP API, and the parts that answers of several nouns have in common.

Owns how an answer is sent, and what its type is made of. The types themselves stand beside their views; the document of
the contract is made of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scrip.domain.credits.lots import Money

if TYPE_CHECKING:
    from typing import NotRequired
    from typing import TypedDict as TypedDict

    from scrip.http.edge.forms import Count, Currency, EntryId, Name
else:
    # A TypedDict compiles the type of every member where it is imported. Deployed, an answer is a plain dictionary.
    class TypedDict(dict):
        """Stands for a ``TypedDict``, declared as a class or, where a member is a keyword of Python, in a call."""

        def __new__(cls, name: str, members: dict[str, object]) -> type:
            return type(name, (cls,), {"__annotations__": members})


Answer = dict[str, Any]
_PAYMENT: Final = re.compile(r"([a-z]+):([A-Za-z0-9._~-]+)")
"""How a payment through a provider is named: everywhere in this way, but in paths."""


def answer(status: int, document: Any, **headers: str) -> Answer:
    """Makes the HTTP answer that carries a JSON document. An underscore in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **named},
        "body": json.dumps(document, ensure_ascii=False),
    }


class Table(NamedTuple):
    """What of an answer is a table.

    Attributes:
        row: the view of a row.
        rows: gives the rows of an answer's document.
        more: texts that rows have beside what their view has.
    """

    row: type
    rows: Callable[[Any], list[Any]] = itemgetter("items")
    more: tuple[str, ...] = ()


def put_answer(document: Any, new: bool) -> Answer:
    """Makes the answer of a PUT: 201 where it made something new, 200 where it changed what was there, or nothing."""
    return answer(201 if new else 200, document)


class MoneyView(TypedDict):
    """An amount of money."""

    amount: Count
    """Minor units (cents)."""
    currency: Currency
    """ISO 4217."""


class WarningView(TypedDict):
    """What was done as it was asked for, and is perhaps not what was meant."""

    field: str
    """The member of the request that it is about."""
    message: str
    """What may be wrong, and what to do then."""


class ReferenceView(TypedDict):
    """What in the caller's world something is about."""

    type: str
    """What kind of thing it is."""
    id: str
    """Which one of its kind."""


class CounterpartView(TypedDict):
    """The other side of a transfer."""

    account: Name
    """Whose wallet it is, in the same unit."""
    entry_id: EntryId
    """Its entry; of a sender the receiver's last, `entry_ids` has all."""
    entry_ids: NotRequired[list[EntryId]]
    """Of a sender: the receiver's entries, one for each draw."""


class SourceView(ReferenceView):
    """What something came from."""

    href: NotRequired[str]
    """Where it is read; of a payment that is named by its provider and the provider's id, such as `dodo:pay_1`."""


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


def source_view(pair: Any) -> SourceView | None:
    """Shows what something came from, and where that is read."""
    if not pair:
        return None
    view: SourceView = {"type": pair[0], "id": pair[1]}
    if pair[0] == "payment" and (named := _PAYMENT.fullmatch(pair[1])):
        view["href"] = f"/v1/payments/{named[1]}/{named[2]}"
    return view


def recurring_view(every: str | None) -> RecurringView | None:
    """Shows the period of a subscription; None for a single payment."""
    return None if every is None else {"every": every}
