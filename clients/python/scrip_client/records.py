"""Records: what pages and settlements are made of, and what a refusal says of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scrip_client import models
from scrip_client.amounts import parse_more_than_zero
from scrip_client.errors import Refused, ScripError, Unsendable
from scrip_client.refusals import REFUSALS, NotFound
from scrip_client.streams import Said, Waiting

_NAMED: Final = re.compile(r"records\.(\d+)")
_PROBLEMS: Final[dict[str, Any]] = {
    "budget_exceeded": models.BudgetExceededProblem,
    "policy_violation": models.PolicyViolationProblem,
    "wallet_frozen": models.WalletFrozenProblem,
    "insufficient_credits": models.InsufficientCreditsProblem,
}
"""What one record may be refused for, and a lease not be filled up for."""


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


def refusal_of(code: str | None, detail: str, required: str, available: str, unit: str) -> Refused:
    """Returns the refusal of what is refused beside others, of which an answer says the code alone.

    Of ``budget_exceeded`` the facts of the budget are not there: ``list_budgets`` has them.

    Args:
        code: None, or one that this client does not know: there are too few credits.
    """
    said: dict[str, Any] = {"detail": detail}
    match code:
        case "budget_exceeded":
            said |= {"title": "That is more than a budget has left", "status": 402, "unit": unit}
        case "policy_violation":
            said |= {"title": "A policy does not allow this", "status": 422, "policy": "max_lots_per_burn"}
        case "wallet_frozen":
            said |= {"title": "The wallet is frozen", "status": 409}
        case _:
            code = "insufficient_credits"
            said |= {"title": "There are not enough credits", "status": 402, "unit": unit}
            said |= {"required": required, "available": available}
    said |= {"type": f"urn:scrip:problem:{code}", "code": code}
    return REFUSALS[code](_PROBLEMS[code].model_construct(**said))


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
