"""What was used, as other systems write it: which member is the quantity is said, and never guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scrip.http.usage.usage_data import DataMapping

UNSAID = DataMapping()
ROWS: list[tuple[DataMapping, Any, Any]] = [
    (UNSAID, {"quantity": "3", "tags": {}}, {"quantity": "3", "tags": {}}),
    (UNSAID, {"quantity": 3, "value": 4}, {"quantity": 3, "value": 4}),
    (UNSAID, {"value": "7", "model": "x"}, {"quantity": "7", "dimensions": {"model": "x"}}),
    (UNSAID, {"value": Decimal("0.10")}, {"quantity": "0.10", "dimensions": {}}),
    (UNSAID, {"value": Decimal("1E+3")}, {"quantity": "1000", "dimensions": {}}),
    (UNSAID, {"value": Decimal("1E+999999999")}, {"quantity": "1E+999999999", "dimensions": {}}),
    (UNSAID, {"value": Decimal("1E-999999999")}, {"quantity": "1E-999999999", "dimensions": {}}),
    (UNSAID, {"tokens": 7}, {"tokens": 7}),
    (UNSAID, None, None),
    (UNSAID, [1], [1]),
    (DataMapping.said("tokens", None), {"tokens": 7, "ok": True, "n": 2, "no": None, "deep": {}, "list": []},
     {"quantity": 7, "dimensions": {"ok": "true", "n": "2"}}),
    (DataMapping.said("$.tokens", "model, $.type,none"), {"tokens": 7, "model": "x", "type": "in", "more": "y"},
     {"quantity": 7, "dimensions": {"model": "x", "type": "in"}}),
    (DataMapping.said("tokens", None), {"model": "x"}, {"dimensions": {"model": "x"}}),
    (DataMapping.said("tokens", None), {"tokens": None, "quantity": 1}, {"dimensions": {"quantity": "1"}}),
    (DataMapping.said("1", "method"), {"method": "GET", "route": "/"},
     {"quantity": 1, "dimensions": {"method": "GET"}}),
    (DataMapping.said("1", None), None, {"quantity": 1}),
    (DataMapping.said(None, "model"), {"quantity": 2, "model": "x", "y": "z"},
     {"quantity": 2, "dimensions": {"model": "x"}}),
    (DataMapping.said(None, "model"), {"value": 2, "model": "x"}, {"quantity": 2, "dimensions": {"model": "x"}}),
]  # fmt: skip


@pytest.mark.parametrize(("mapping", "data", "found"), ROWS, ids=str)
def test_data_is_read_as_the_request_says(mapping: DataMapping, data: Any, found: Any) -> None:
    assert mapping.of(data) == found
