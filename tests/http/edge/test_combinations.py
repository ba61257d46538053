"""Members of a body that go together, and those that do not: every combination, by what is said of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError

from openapi.bodies import models
from openapi.routes import OPERATIONS
from scrip.http.edge.mistakes import mistakes

Json = dict[str, Any]
FILE: Final = Path(__file__).parent / "data" / "combinations.json"
MISSING: Final = object()

EARLY, LATE = "2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z"
USD, EUR, NOTHING = (
    {"amount": amount, "currency": code} for amount, code in ((5, "USD"), (5, "EUR"), (0, "USD"))
)
ITEM: Final = {"meter": "m", "quantity": 1}
COUNTED: Final[dict[str, list[Any]]] = {
    "amount": [MISSING, "1"],
    "quantity": [MISSING, 1],
    "dimensions": [MISSING, {"a": "b"}],
    "items": [MISSING, [ITEM]],
}
LASTING: Final[dict[str, list[Any]]] = {
    "expires_in": [MISSING, None, "P1D"],
    "time_zone": [MISSING, "Europe/Berlin"],
    "end_of": [MISSING, "month"],
}
LIVING: Final = {
    **LASTING,
    "expires_at": [MISSING, None, EARLY, LATE],
    "effective_at": [MISSING, EARLY, LATE],
}
ACCOUNTS: Final[list[Any]] = [
    [{"account": "a"}],
    [{"account": "a", "amount": "1"}],
    [{"account": "a", "amount": "1"}, {"account": "b"}],
    [{"account": "b"}, {"account": "a"}, {"account": "b"}],
]
BURNS: Final[list[Any]] = [
    [{"key": "1", "amount": "1"}, {"key": "2", "amount": "1"}],
    [{"key": "1", "amount": "1"}, {"key": "1", "amount": "1"}],
    [{"key": "1", "amount": "1"}, {"key": "2", "amount": "1", "unit": "other"}],
    *[[{"key": str(n), "meter": f"m{n}", "quantity": 1} for n in range(number)] for number in (25, 26)],
]
TIERS: Final[list[Any]] = [
    [{"up_to": up_to, "credits": "1"} for up_to in ends]
    for ends in (
        [None],
        [1],
        [1, None],
        [1, 1, None],
        [1, 2, None],
        [2, 1, None],
        [None, None],
        [1, None, 2],
        [0, None],
    )
]
EACH: Final = {"model": "per_unit", "credits": "1"}
PRICES: Final[list[Any]] = [
    *({"model": model, "tiers": tiers} for model in ("graduated", "volume") for tiers in TIERS),
    *(
        {"model": "table", "by": by, "prices": dict.fromkeys(keys, EACH)}
        for by in (["a"], ["a", "b"], ["a", "a"])
        for keys in (["x"], ["x/y"], ["x/y/z"], ["x", "x/y"])
    ),
]
# Of a body, the values that each member is tried with.
ROWS: Final[dict[str, dict[str, list[Any]]]] = {
    "BurnBody": {**COUNTED, "meter": [MISSING, "m"], "mode": [MISSING, "up_to"]},
    "HoldBody": {**COUNTED, "meter": [MISSING, "m"], "over_capture": [MISSING, "refuse"]},
    "CaptureBody": {**COUNTED, "final": [MISSING, False]},
    "QuoteBody": {
        **COUNTED,
        "meter": [MISSING, "m"],
        "for": [MISSING, "burn", "hold", "capture"],
        "for_": [MISSING, "burn"],
        "hold_id": [MISSING, "hold_1"],
        "mode": [MISSING, "exact", "up_to"],
        "final": [MISSING, False],
    },
    "ExportBody": {
        "kind": ["entries", "focus"],
        "from": [MISSING, "2030-01-01T00:00:00Z"],
        "from_": [MISSING, "2030-01-01T00:00:00Z"],
        "to": ["2029-12-31T00:00:00Z", "2030-02-01T00:00:00Z", "2032-01-01T00:00:00Z"],
        "format": ["csv", "beancount"],
        "issuer": [
            MISSING,
            {"provider": "a", "publisher": "b", "invoice_issuer": "c", "service": "d"},
            {"provider": "a", "publisher": "b", "invoice_issuer": "c", "service": "d", "category": "Cheese"},
        ],
    },
    "GrantBody": {
        **LIVING,
        "amount": ["1"],
        "kind": [MISSING, "paid", "promotional"],
        "cost_basis": [MISSING, USD],
    },
    "ApplicationBody": {
        "account": ["a"],
        "currency": ["USD"],
        "tax": ["before", "after"],
        "lines": [[], *([{"line_id": name, "amount": 1} for name in names] for names in ("a", "ab", "aba"))],
        "max": [MISSING, None, "1"],
    },
    "RefundBody": {
        **LASTING,
        "source": [{"type": "invoice", "id": "1"}],
        "value": [USD, EUR, NOTHING],
        "paid": [USD, EUR, NOTHING],
        "amount": [MISSING, "1"],
    },
    "AdjustmentBody": {
        **LIVING,
        "direction": ["credit", "debit"],
        "amount": ["1"],
        "reason": [MISSING, "why"],
        "priority": [MISSING, 3],
        "scope": [MISSING, ["m"]],
    },
    "ReplayBody": {
        "from": [MISSING, EARLY, LATE],
        "from_": [MISSING, EARLY],
        "to": [MISSING, EARLY, LATE, "2030-01-31T00:00:00.001Z"],
        "event_id": [MISSING, None, "evt_1"],
    },
    "RedriveBody": {
        "ids": [MISSING, None, ["1.evt_" + "a" * 22], ["1.evt_" + "a" * 22] * 2, []],
        "all": [MISSING, None, True, False],
        "account": [MISSING, None, "a"],
        "reason": [MISSING, None, "wallet_frozen"],
    },
    "VoidBody": {"amount": [MISSING, "1"], "as": [MISSING, None, "mistake"], "as_": [MISSING, "mistake"]},
    "CompensationBody": {"incident": ["i"], "amount": [MISSING, "1"], "accounts": ACCOUNTS},
    "ExtensionBody": {
        "incident": ["i"],
        "by": ["P1D"],
        "accounts": [MISSING, ["a"], ["a", "a"], [{"account": "a"}], [{"account": "a"}, "a"]],
        "all": [MISSING, True, False],
    },
    "ExpiryBody": {
        "expires_at": [MISSING, None, LATE],
        "expires_in": [MISSING, None, "P1D"],
        "never": [MISSING, True, False],
        "force": [MISSING, True],
    },
    "AllowanceBody": {
        "amount": ["1"],
        "every": ["P1M"],
        "expires": [MISSING, "period_end", "never", "P2M"],
        "rollover": [MISSING, None, {}, {"max": "3"}],
        "starts_at": [MISSING, EARLY, LATE],
        "ends_at": [MISSING, EARLY, LATE],
    },
    "BatchBody": {"burns": BURNS},
    "UnitBody": {
        "precision": [0],
        "policy": [
            {},
            {"end_of": "day"},
            {"default_expires_in": "P1D", "end_of": "day"},
            {"default_expires_in": "P1D"},
        ],
    },
    "RateBody": {"price": PRICES},
    "OwnRateBody": {"price": PRICES, "unit": [MISSING, "credits"]},
    "PromotionBody": {
        **LASTING,
        "amount": ["1"],
        "budget": [MISSING, "0.9", "1", "1.1"],
        "starts_at": [MISSING, EARLY, LATE],
        "ends_at": [MISSING, EARLY, LATE],
    },
    "PackBody": {
        **LASTING,
        "credits": ["1"],
        "price": [USD],
        "prices": [MISSING, [EUR], [USD], [EUR, EUR]],
        "recurring": [MISSING, {"every": "P1M"}],
        "bonus": [
            MISSING,
            [{"from_quantity": 2, "credits": "1"}],
            [{"from_quantity": 2}],
            [{"from_quantity": 2, "credits": "1", "percent": "1"}],
            [{"from_quantity": 2, "percent": "1"}, {"from_quantity": 2, "percent": "1"}],
        ],
    },
    "AutoTopupBody": {
        "threshold": ["5"],
        "pack": ["p"],
        "quantity": [MISSING, None, 1],
        "target": [MISSING, None, "9"],
        "cap": [
            MISSING,
            None,
            {},
            {"count": 1},
            {"money": USD},
            {"money": NOTHING},
            {"count": 1, "money": USD},
        ],
        "enabled": [MISSING, False],
    },
    "KeyBody": {
        "scope": [MISSING, None, "read"],
        "scopes": [MISSING, None, [], ["read"], ["read", "read"], ["admin", "read"]],
        "account": [MISSING, "a"],
        "rate_limit": [MISSING, 1],
    },
    "PortalSessionBody": {
        "account": ["a"],
        "may": [MISSING, [], ["read"], ["top_up"], ["read", "auto_top_up"], ["read", "read"]],
        "return_url": [MISSING, "https://shop.example.test/"],
    },
    "PaymentRefundBody": {
        **LASTING,
        "as": [MISSING, "money", "credit"],
        "as_": [MISSING, "money"],
        "amount": [MISSING, 1],
        "reason": [MISSING, "why"],
        "force": [MISSING, True, False],
    },
    "ResolutionBody": {
        "action": ["accept", "dismiss", "state", "settle"],
        "topup_id": [MISSING, "top_1"],
        "about": [MISSING, "refund:r", "dispute:d", "r"],
        "amount": [MISSING, 0],
        "status": [MISSING, "won", "failed"],
        "credits": [MISSING, "1"],
        "reason": ["why"],
    },
}


def said(name: str) -> Iterator[tuple[str, str]]:
    """Yields each combination, and what is said of it: ``taken``, or each field that is wrong, and why."""
    model = models()[name]
    for values in product(*ROWS[name].values()):
        body = {
            member: value for member, value in zip(ROWS[name], values, strict=True) if value is not MISSING
        }
        text = json.dumps(body)
        try:
            model.model_validate_json(text)
            yield text, "taken"
        except ValidationError as error:
            yield text, "; ".join(f"{field}: {message}" for field, message in mistakes(error))


def found(name: str) -> Json:
    """Returns how often each thing is said of a body's combinations, and a digest of which is said of which."""
    told = list(said(name))
    counts = Counter(outcome for _, outcome in told)
    return {
        "combinations": len(told),
        "said": dict(sorted(counts.items())),
        "digest": sha256(json.dumps(told).encode()).hexdigest()[:16],
    }


@pytest.mark.parametrize("name", ROWS)
def test_what_is_said_of_every_combination_of_members(name: str) -> None:
    """Where the rules are to be others: ``python -m tests.http.edge.test_combinations``, and read what that changes."""
    assert found(name) == json.loads(FILE.read_text(encoding="utf-8"))[name]


def test_every_body_with_rules_of_its_own_is_here() -> None:
    """Rules about several members are validators of the whole body, its parents' with them."""
    bodies = {operation.body: models()[operation.body] for operation in OPERATIONS if operation.body}
    ruled = {name for name, model in bodies.items() if model.__pydantic_decorators__.model_validators}
    assert sorted(ruled - ROWS.keys()) == []


if __name__ == "__main__":
    FILE.write_text(
        json.dumps({name: found(name) for name in ROWS}, indent=1, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )
