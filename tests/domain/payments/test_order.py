"""An order is stored as it always was: documents of the code before orders had a type (commit 0234e66)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scrip.domain.credits.lots import Money
from scrip.domain.payments.order import Order

STORED: dict[str, str] = json.loads((Path(__file__).parent / "data" / "orders.json").read_text())


@pytest.mark.parametrize("name", STORED)
def test_a_stored_order_is_read_and_written_back_byte_for_byte(name: str) -> None:
    order = Order.from_json(json.loads(STORED[name]))
    assert json.dumps(order.to_json(), ensure_ascii=False) == STORED[name]


def test_a_subscription_of_five_packs_in_another_currency_is_read() -> None:
    order = Order.from_json(json.loads(STORED["pending"]))
    assert (order.unit_price, order.price) == (Money(4500, "EUR"), Money(22500, "EUR"))
    assert (order.credits, order.every, order.pack_currency) == (565_312_500, "P1M", "USD")


def test_a_single_payment_has_no_period() -> None:
    assert Order.from_json(json.loads(STORED["paid"])).every is None


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in json.loads(STORED["paid"]).items() if key != name}


@pytest.mark.parametrize("name", json.loads(STORED["paid"]))
def test_an_order_that_lacks_a_member_is_not_read(name: str) -> None:
    with pytest.raises((KeyError, TypeError)):
        Order.from_json(without(name))


def test_an_order_with_a_member_that_nobody_knows_is_not_read() -> None:
    with pytest.raises(TypeError):
        Order.from_json({**json.loads(STORED["paid"]), "discount": 5})
