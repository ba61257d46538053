"""Records: what pages and settlements are made of, and what a refusal says of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from scrip_client import models
from scrip_client.amounts import parse_more_than_zero
from scrip_client.errors import Refused, ScripError, Unsendable
from scrip_client.refusals import InsufficientCredits, NotFound
from scrip_client.streams import Said, Waiting

_NAMED: Final = re.compile(r"records\.(\d+)")


def record_of(
    amount: str | None,
    meter: str | None,
    quantity: str | int | None,
    dimensions: Mapping[str, str] | None,
    reference: object,
) -> Said:
    """Returns a record as it is sent.

    Raises:
        Unsendable: it is none.
    """
    if not isinstance(reference, str) or not 0 < len(reference) <= 64:
        raise Unsendable("reference: must be a text of 1 to 64 characters")
    if (amount is None) == (meter is None) or (meter is None) != (quantity is None):
        raise Unsendable("give an amount, or a meter and a quantity")
    if amount is not None:
        if dimensions:
            raise Unsendable("dimensions: are those of a meter")
        parse_more_than_zero(amount)
        return [amount, reference]
    return [meter, str(quantity), reference, *([dict(dimensions)] if dimensions else [])]


def amount_of(said: Said | None) -> str:
    """Returns the amount of a record; nothing where it is of a quantity."""
    return str(said[0]) if said and len(said) == 2 else ""


def insufficient(detail: str, required: str, available: str, unit: str) -> InsufficientCredits:
    """Returns the refusal of what cannot be paid."""
    return InsufficientCredits(
        models.InsufficientCreditsProblem(
            type="urn:scrip:problem:insufficient_credits",
            title="There are not enough credits",
            status=402,
            detail=detail,
            code="insufficient_credits",
            required=required,
            available=available,
            unit=unit,
        )
    )


def taken_out(page: Sequence[Waiting], refused: ScripError) -> bool:
    """Takes the records out of a page that a refusal of it names, each by its number or by its meter: its place stays
    empty. Returns whether there were some."""
    if not isinstance(refused, Refused):
        return False
    facts = refused.problem.to_dict()
    fields = [facts.get("field"), *(one.get("field") for one in facts.get("errors", ()))]
    named = {int(match[1]) for field in fields if field and (match := _NAMED.match(field))}
    meter = facts.get("meter") if isinstance(refused, NotFound) else None
    bad = [
        record
        for number, record in enumerate(page)
        if record.said and (number in named or (len(record.said) > 2 and record.said[0] == meter))
    ]
    for record in bad:
        record.said, record.refusal = None, refused
    return bool(bad)
