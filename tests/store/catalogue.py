"""Units, rate cards, promotions and packs of a recorded life (see ``life``), one of every form."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

PUTS: Final[list[tuple[str, Json]]] = [
    ("/v1/units/credits", {"precision": 6, "policy": {"transferable": True, "low_balance": ["100"]}}),
    ("/v1/units/images", {"precision": 0, "name": "Images", "policy": {"order": "lago"}}),
    (
        "/v1/units/debt",
        {
            "precision": 2,
            "policy": {"overdraft_limit": "50", "over_capture": "burn_extra", "order": "openmeter"},
        },
    ),
    (
        "/v1/units/mixed",
        {
            "precision": 2,
            "policy": {
                "stacking": "promotional_first",
                "promotional_share_max": "0.5",
                "order": "stripe",
                "expiry_boundary": "inclusive",
                "default_expires_in": "P90D",
                "refund_shortfall": "write_off",
            },
        },
    ),
    ("/v1/rates/calls", {"price": {"model": "per_unit", "credits": "1"}}),
    ("/v1/rates/tokens", {"price": {"model": "package", "size": 100, "credits": "1", "rounding": "up"}}),
    (
        "/v1/rates/bytes",
        {"unit": "mixed", "price": {"model": "per_unit", "credits": "0.0015"}, "minimum": "0"},
    ),
    (
        "/v1/rates/storage",
        {
            "price": {
                "model": "graduated",
                "tiers": [{"up_to": 10, "credits": "0.5"}, {"up_to": None, "credits": "0.25"}],
            }
        },
    ),
    (
        "/v1/rates/tool",
        {
            "price": {
                "model": "table",
                "by": ["operation"],
                "prices": {
                    "raster": {"model": "per_unit", "credits": "1"},
                    "large": {
                        "model": "volume",
                        "tiers": [{"up_to": 5, "credits": "3"}, {"up_to": None, "credits": "2"}],
                    },
                },
            }
        },
    ),
    (
        "/v1/promotions/WELCOME",
        {
            "amount": "25",
            "expires_in": "P30D",
            "max_redemptions": 2,
            "budget": "100",
            "identities": ["email"],
        },
    ),
    ("/v1/promotions/OPEN", {"amount": "3"}),
    (
        "/v1/packs/plain",
        {
            "credits": "10000",
            "price": {"amount": 100000, "currency": "USD"},
            "prices": [{"amount": 90000, "currency": "EUR"}],
            "bonus": [{"from_quantity": 2, "percent": "10"}, {"from_quantity": 5, "credits": "9000"}],
            "expires_in": "P1Y",
            "priority": 40,
            "tax_point": "redemption",
            "terms": "Fine print.",
            "provider_refs": {"dodo": "pdt_1", "stripe": "prod_1"},
        },
    ),
    (
        "/v1/packs/mixed",
        {
            "unit": "mixed",
            "credits": "1000",
            "price": {"amount": 7000, "currency": "USD"},
            "provider_refs": {"dodo": "pdt_mixed"},
        },
    ),
    (
        "/v1/packs/monthly",
        {
            "credits": "500",
            "price": {"amount": 5000, "currency": "USD"},
            "recurring": {"every": "P1M"},
            "provider_refs": {"dodo": "pdt_month"},
        },
    ),
]
