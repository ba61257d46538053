"""Refusals as schemas: one for each code, with the facts that belong to it."""

from __future__ import annotations

from typing import Any, Final

from scrip.domain.credits.errors import Refusal
from scrip.http.edge import problems

Json = dict[str, Any]

PREFIX: Final = "#/components/schemas/"
AMOUNT: Final = {"type": "string"}
TEXT: Final = {"type": "string"}


def _fact(said: str, schema: Json | None = None, *, always: bool = False) -> tuple[Json, bool]:
    return {**(schema or TEXT), "description": said}, always


_INSTANT: Final = {"type": "string", "format": "date-time"}
_NUMBER: Final = {"type": "integer"}
_MONEY: Final = {"$ref": f"{PREFIX}Money"}
_WHOSE: Final = _fact("Whose wallet it is, where two take part.")
_UNIT: Final = _fact("The unit that the amounts are in.")

FACTS: Final[dict[str, dict[str, tuple[Json, bool]]]] = {
    "forbidden": {"scope": _fact("The scope that the key would need.")},
    "body_too_large": {"limit": _fact("The most bytes a body may have.", _NUMBER, always=True)},
    "invalid_request": {
        "errors": (
            {
                "type": "array",
                "minItems": 1,
                "description": "Each mistake that was found, twenty at the most.",
                "items": {
                    "type": "object",
                    "required": ["field", "message"],
                    "properties": {
                        "field": {"type": "string", "description": "Where it is, e.g. `cost_basis.amount`."},
                        "message": {"type": "string", "description": "What is wrong, for people."},
                    },
                },
            },
            True,
        )
    },
    "not_found": {
        name: _fact(f"The id that names no {what}.")
        for name, what in {
            "unit": "unit",
            "pack": "pack",
            "meter": "meter",
            "promotion": "promotion",
            "allowance": "allowance",
            "entry_id": "entry (or none of the kind that is needed)",
            "lot_id": "lot",
            "hold_id": "hold",
            "topup_id": "order",
            "key_id": "API key",
            "provider": "payment provider",
            "payment_id": "payment",
            "about": "refund or dispute of the payment",
        }.items()
    },
    "precision_exceeded": {
        "field": _fact("Where the amount is.", always=True),
        "precision": _fact("The decimals that the unit has.", _NUMBER, always=True),
    },
    "amount_out_of_range": {
        "field": _fact("Where the amount is; not there where the wallet's total would be too large."),
        "largest": _fact("The most it may be.", AMOUNT, always=True),
        "unit": _UNIT,
        "account": _WHOSE,
    },
    "idempotency_key_reused": {
        "entry_id": _fact("The entry that the key made."),
        "kind": _fact("The kind of that entry."),
        "topup_id": _fact("The order that the key made."),
        "request_id": _fact("The refund that the key asked for."),
    },
    "clock_backwards": {
        "last_entry_at": _fact("The instant of the wallet's last entry.", _INSTANT, always=True),
        "account": _WHOSE,
    },
    "wallet_closed": {"account": _WHOSE},
    "wallet_frozen": {"account": _WHOSE},
    "hold_not_open": {
        "hold_status": _fact(
            "What became of it.", {"type": "string", "enum": ["captured", "released", "expired"]}, always=True
        )
    },
    "lot_not_open": {"lot_id": _fact("The lot.", always=True)},
    "already_reversed": {"entry_id": _fact("The burn's entry.", always=True)},
    "insufficient_credits": {
        "required": _fact("The credits that were needed.", AMOUNT, always=True),
        "available": _fact("The credits that could have been taken for this.", AMOUNT, always=True),
        "out_of_scope": _fact("Credits that are there besides, but may not pay for this meter.", AMOUNT),
        "withheld": _fact(
            "Promotional credits that are there besides, over the share that the unit's policy allows.",
            AMOUNT,
        ),
        "unit": _fact("The unit that the amounts are in.", always=True),
    },
    "policy_violation": {
        "policy": _fact("The rule or limit, by name, e.g. `max_lots_per_burn`.", always=True),
        "field": _fact("Where it is in the body."),
        "account": _WHOSE,
        "held": _fact("Credits that the hold still holds (`over_capture`).", AMOUNT),
        "total": _fact("What is in the wallet (`zero_balance`).", AMOUNT),
        "refunded": _fact("Money refunded of this source so far (`refund_total`).", _MONEY),
        "paid": _fact("Money paid for this source (`refund_total`).", _MONEY),
        "unspent": _fact("What is left of the payment's lot (`refund_unspent`).", AMOUNT),
        "credits": _fact("Credits that the refund would take (`refund_unspent`).", AMOUNT),
        "refundable": _fact("The most that can be refunded without force (`refund_unspent`).", _MONEY),
        "left": _fact("The most that is left of the payment (`refund_unspent`, `refund_left`).", _MONEY),
        "provider_status": _fact("The status that the provider answered with (`refund_refused`).", _NUMBER),
        "provider_reason": _fact("What the provider said (`refund_refused`).", TEXT),
        "unit": _UNIT,
    },
}
"""Members of a problem besides those that every one has, by code: schema, and whether it is always there."""


def refusals() -> dict[str, type[Refusal]]:
    """The refusal of each code, in order of precedence."""
    found: dict[str, type[Refusal]] = {}
    for kind in problems.STATUS:
        found.setdefault(kind.code, kind)
    return found


def status_of(code: str) -> int:
    """Raises ``KeyError`` for a code that nothing can raise."""
    return problems.STATUS[refusals()[code]]


def name_of(code: str) -> str:
    """The component's name: ``InsufficientCreditsProblem``."""
    return "".join(part.capitalize() for part in code.split("_")) + "Problem"


def one_of(codes: list[str]) -> Json:
    """The schema of a problem with one of these codes."""
    refs = [{"$ref": PREFIX + name_of(code)} for code in codes]
    return refs[0] if len(refs) == 1 else {"oneOf": refs}


def schemas() -> Json:
    """Components: a problem for each code, ``Problem`` for any of them, and the gateway's own answer."""
    found: Json = {name_of(code): _schema(code, kind) for code, kind in refusals().items()}
    found["Problem"] = {
        "description": "A refusal. Nothing has changed.",
        **one_of(list(refusals())),
        "discriminator": {
            "propertyName": "code",
            "mapping": {code: PREFIX + name_of(code) for code in refusals()},
        },
    }
    found["GatewayMessage"] = {
        "type": "object",
        "description": "What the gateway itself answers: it has refused the request before Scrip saw it.",
        "required": ["message"],
        "properties": {"message": {"type": "string", "description": "For people."}},
    }
    return found


def _schema(code: str, kind: type[Refusal]) -> Json:
    facts = FACTS.get(code, {})
    members = {
        "type": {
            "type": "string",
            "const": problems.TYPE + code,
            "description": "Names the problem, for ever (RFC 9457).",
        },
        "title": {"type": "string", "const": kind.title, "description": "What it is, for people."},
        "status": {"type": "integer", "const": problems.STATUS[kind], "description": "The answer's status."},
        "detail": {"type": "string", "description": "What it is this time, for people. Never branch on it."},
        "code": {"type": "string", "const": code, "description": "What to branch on."},
    }
    required = [*members, *(name for name, (_, always) in facts.items() if always)]
    properties = {**members, **{name: schema for name, (schema, _) in facts.items()}}
    return {"type": "object", "description": f"{kind.title}.", "required": required, "properties": properties}
