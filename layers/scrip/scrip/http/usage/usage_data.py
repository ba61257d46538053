"""What an event of usage says was used: as Scrip has it, or as other systems write it.

Another system's event has what was used under a name of its own, and what it is grouped by beside that. A request says
which member is the quantity (``quantity=tokens``) and which are dimensions (``dimensions=model,type``); otherwise it is
``value``, and every other text or number is a dimension.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from pydantic import Field

from scrip.http.edge.bodies import Body, Identifier, Tags
from scrip.http.usage.records import PAGE_BODY_BYTES
from scrip.http.wallets.usage import Dimensions, Quantity

USAGE_BODY_BYTES: Final = PAGE_BODY_BYTES
"""The most bytes of a request with events."""
ONE_EACH: Final = "1"
"""What a request says of the quantity where each event counts one."""
VALUE: Final = "value"
LONGEST: Final = 50
"""Digits before or behind its point that a number may have to be looked at: no quantity has as many."""


class UsageDataBody(Body):
    """What was used."""

    quantity: Quantity
    """How much of the meter: a decimal string or a whole number, more than zero."""
    dimensions: Dimensions | None = None
    """What chooses among the prices of a rate card that is a table."""
    unit: Identifier | None = None
    """The unit of the wallet that pays. Left out: the meter's."""
    member: Identifier | None = None
    """Who of the account used it: a person, a team, a key of yours."""
    tags: Tags = Field(default_factory=dict)
    """What it was used for, as `{"team": "search"}`."""


@dataclass(frozen=True, slots=True)
class DataMapping:
    """Which members of another system's data say what.

    Attributes:
        quantity: the member that says how much, or ``ONE_EACH``; None: nobody said.
        dimensions: the members that are dimensions; None: nobody said.
    """

    quantity: str | None = None
    dimensions: Sequence[str] | None = None

    @classmethod
    def said(cls, quantity: str | None, dimensions: str | None) -> DataMapping:
        """Reads what a request says, each member's name perhaps with ``$.`` before it, as paths in JSON have it."""
        names = None if dimensions is None else [_plain(name) for name in dimensions.split(",") if name]
        return cls(None if quantity is None else _plain(quantity), names)

    def of(self, data: Any) -> Any:
        """Returns data as Scrip has it; what is no other system's as it is."""
        if not isinstance(data, Mapping):
            # An event that is counted needs no data.
            return {"quantity": 1} if data is None and self.quantity == ONE_EACH else data
        said = self.quantity is not None or self.dimensions is not None
        if not said and ("quantity" in data or VALUE not in data):
            return data
        name = self.quantity or ("quantity" if "quantity" in data else VALUE)
        # Of what is missing, it is said that it is.
        quantity = 1 if name == ONE_EACH else data.get(name)
        names = self.dimensions if self.dimensions is not None else [one for one in data if one != name]
        texts = {one: _text(data[one]) for one in names if one in data}
        mapped: dict[str, Any] = {
            "dimensions": {one: text for one, text in texts.items() if text is not None}
        }
        return mapped if quantity is None else {"quantity": _exact(quantity), **mapped}


def _plain(name: str) -> str:
    return name.strip().removeprefix("$.")


def _exact(value: Any) -> Any:
    """Returns a number as the decimal that its sender wrote; one of which that would be very long as it is."""
    if not isinstance(value, Decimal):
        return value
    return format(value, "f") if abs(value.adjusted()) <= LONGEST else str(value)


def _text(value: Any) -> str | None:
    """Returns a text, a number, true or false as a text; None of anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | Decimal):
        return str(_exact(value))
    return None
