"""Rules over several members of a request, as schemas: what the ``model_validator`` of its body checks, which pydantic
writes into no schema.

Owns these rules, by body, and for the bodies that derive from it. Does not own the form or the bounds of one member:
its body says them.
"""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]


def _not_both(one: str, other: str, kind: str = "string") -> Json:
    given = {one: {"type": kind}, other: {"type": kind}}
    return {"not": {"required": [one, other], "properties": given}}


def _action(action: str, needs: dict[str, str], without: tuple[str, ...]) -> Json:
    given = {name: {"type": kind} for name, kind in needs.items()}
    none = {name: {"type": "null"} for name in without}
    return {"required": list(needs), "properties": {"action": {"const": action}, **given, **none}}


def _one_way(given: dict[str, str | list[str]], without: tuple[str, ...]) -> Json:
    said: Json = {name: {"type": kind} for name, kind in given.items()}
    return {
        **({"required": list(given)} if given else {}),
        "properties": {**said, **{name: {"type": "null"} for name in without}},
    }


_NUMBER: Final = ["string", "integer"]
_BY_AMOUNT: Final = _one_way({"amount": "string"}, ("quantity", "dimensions", "items"))
_BY_QUANTITY: Final = _one_way({"meter": "string", "quantity": _NUMBER}, ("amount", "items"))
_BY_ITEMS: Final = _one_way({"items": "array"}, ("amount", "meter", "quantity", "dimensions"))
_CAPTURES: Final = [
    _one_way({}, ("quantity", "dimensions", "items")),
    _one_way({"quantity": _NUMBER}, ("amount", "items")),
    _one_way({"items": "array"}, ("amount", "quantity", "dimensions")),
]


RULES: Final[dict[str, Json]] = {
    "RedriveBody": {
        "anyOf": [
            {
                "required": ["ids"],
                "properties": {
                    "ids": {"type": "array"},
                    "all": {"const": False},
                    "account": {"type": "null"},
                    "reason": {"type": "null"},
                },
            },
            {"required": ["all"], "properties": {"all": {"const": True}, "ids": {"type": "null"}}},
        ]
    },
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
        "anyOf": [
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
        "anyOf": [
            _one_way({"amount": "string"}, ("meter", "quantity", "dimensions", "items")),
            _BY_QUANTITY,
            _BY_ITEMS,
        ]
    },
    "HoldBody": {"anyOf": [_BY_AMOUNT, _BY_QUANTITY, _BY_ITEMS]},
    "CaptureBody": {"anyOf": _CAPTURES},
    "QuoteBody": {
        "if": {"required": ["for"], "properties": {"for": {"const": "capture"}}},
        "then": {
            "required": ["hold_id"],
            "properties": {
                "hold_id": {"type": "string"},
                "meter": {"type": "null"},
                "mode": {"const": "exact"},
            },
            "anyOf": _CAPTURES,
        },
        "else": {
            "properties": {"hold_id": {"type": "null"}},
            "anyOf": [_BY_AMOUNT, _BY_QUANTITY, _BY_ITEMS],
        },
    },
    "PolicyBody": {
        "if": {
            "required": ["expiry_requires_notice"],
            "properties": {"expiry_requires_notice": {"const": True}},
        },
        "then": {"required": ["expiry_notices"], "properties": {"expiry_notices": {"minItems": 1}}},
    },
    "AllowanceBody": {
        "not": {
            "required": ["rollover", "expires"],
            "properties": {"rollover": {"type": "object"}, "expires": {"const": "never"}},
        }
    },
    "BonusBody": {
        "anyOf": [
            {"required": [one], "properties": {one: {"type": "string"}, other: {"type": "null"}}}
            for one, other in (("credits", "percent"), ("percent", "credits"))
        ]
    },
    "KeyBody": {
        "allOf": [
            {
                "anyOf": [
                    _one_way({"scope": "string"}, ("scopes",)),
                    _one_way({"scopes": "array"}, ("scope",)),
                ]
            },
            {
                "if": {"required": ["account"], "properties": {"account": {"type": "string"}}},
                "then": {
                    "properties": {
                        "scope": {"enum": ["read", "burn", None]},
                        "scopes": {"items": {"enum": ["read", "burn", "top_up"]}},
                    }
                },
            },
        ]
    },
}
"""Each is one more condition of the schema. Alternatives that exclude each other are ``anyOf`` too: linters take
``oneOf`` for a mistake where a member must not be there."""
