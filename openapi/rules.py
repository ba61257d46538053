"""What is checked of a request beside its models' own forms and bounds, as schemas: what a later check adds to a
member, and rules over several members. By model, and for the models that derive from it."""

from __future__ import annotations

from typing import Any, Final

from scrip.domain.credits.amounts import AMOUNT_PATTERN
from scrip.domain.credits.rates import LARGEST_QUANTITY

Json = dict[str, Any]

MORE_THAN_ZERO: Final = AMOUNT_PATTERN.replace("^", r"^(?!0(\.0+)?$)", 1)
FORMS: Final[dict[str, dict[str, Json]]] = {
    "Body": {"amount": {"pattern": MORE_THAN_ZERO}},
    "MoneyBody": {"amount": {}},
    "BurnBody": {"quantity": {"pattern": MORE_THAN_ZERO, "minimum": 1, "maximum": LARGEST_QUANTITY}},
    "LotBody": {"scope": {"uniqueItems": True}},
    "PackBody": {"credits": {"pattern": MORE_THAN_ZERO}},
    "TableBody": {"by": {"uniqueItems": True}},
    "PromotionBody": {"budget": {"pattern": MORE_THAN_ZERO}, "identities": {"uniqueItems": True}},
}
"""What a check behind the model adds to a member's schema, by model; each keyword to the type that has it."""


def _not_both(one: str, other: str, kind: str = "string") -> Json:
    given = {one: {"type": kind}, other: {"type": kind}}
    return {"not": {"required": [one, other], "properties": given}}


def _action(action: str, needs: dict[str, str], without: tuple[str, ...]) -> Json:
    given = {name: {"type": kind} for name, kind in needs.items()}
    none = {name: {"type": "null"} for name in without}
    return {"required": list(needs), "properties": {"action": {"const": action}, **given, **none}}


RULES: Final[dict[str, Json]] = {
    "LotBody": _not_both("expires_at", "expires_in"),
    "GrantBody": {
        "if": {"required": ["cost_basis"], "properties": {"cost_basis": {"type": "object"}}},
        "then": {"required": ["kind"], "properties": {"kind": {"enum": ["paid", "refund"]}}},
    },
    "AdjustmentBody": {
        "if": {"properties": {"direction": {"const": "debit"}}},
        "then": {
            "properties": dict.fromkeys(
                ("priority", "effective_at", "expires_at", "expires_in", "scope"), False
            )
        },
    },
    "PaymentRefundBody": {
        "allOf": [
            {
                "if": {"required": ["force"], "properties": {"force": {"const": True}}},
                "then": {
                    "required": ["reason"],
                    "properties": {"as": {"const": "money"}, "reason": {"type": "string"}},
                },
            },
            {
                "if": {"properties": {"as": {"const": "money"}}},
                "then": {"properties": {"expires_in": {"type": "null"}}},
            },
        ]
    },
    "ResolutionBody": {
        "oneOf": [
            _action("accept", {"topup_id": "string"}, ("about", "amount", "status")),
            _action("dismiss", {}, ("topup_id", "about", "amount", "status")),
            _action("state", {"about": "string", "amount": "integer"}, ("topup_id", "status")),
            _action("settle", {"about": "string", "status": "string"}, ("topup_id", "amount")),
        ]
    },
    "RefundBody": {"properties": {"value": {"properties": {"amount": {"minimum": 1}}}}},
    "CompensationBody": {
        "anyOf": [
            {"required": ["amount"], "properties": {"amount": {"type": "string"}}},
            {
                "properties": {
                    "accounts": {
                        "items": {"required": ["amount"], "properties": {"amount": {"type": "string"}}}
                    }
                }
            },
        ]
    },
    "BurnBody": {
        "oneOf": [
            {
                "required": ["amount"],
                "properties": {
                    "amount": {"type": "string"},
                    **{name: {"type": "null"} for name in ("meter", "quantity", "dimensions")},
                },
            },
            {
                "required": ["meter", "quantity"],
                "properties": {
                    "amount": {"type": "null"},
                    "meter": {"type": "string"},
                    "quantity": {"type": ["string", "integer"]},
                },
            },
        ]
    },
    "AllowanceBody": {
        "not": {
            "required": ["rollover", "expires"],
            "properties": {"rollover": {"type": "object"}, "expires": {"const": "never"}},
        }
    },
    "BonusBody": {
        "oneOf": [
            {"required": [one], "properties": {one: {"type": "string"}, other: {"type": "null"}}}
            for one, other in (("credits", "percent"), ("percent", "credits"))
        ]
    },
    "KeyBody": {
        "if": {"required": ["account"], "properties": {"account": {"type": "string"}}},
        "then": {"properties": {"scope": {"const": "read"}}},
    },
}
"""Rules over several members that a model's validators check: each is one more condition of the schema."""
