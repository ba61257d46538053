"""Paddle's amounts: the lowest denomination, in every currency that ISO 4217 has."""

from __future__ import annotations

import pytest

from scrip.providers.paddle.money import MINOR_UNITS


@pytest.mark.parametrize(("amount", "currency"), [(100, "JPY"), (1_050, "USD"), (5_124, "KWD"), (7, "HUF")])
def test_an_amount_is_the_same_on_both_sides(amount: int, currency: str) -> None:
    assert MINOR_UNITS.theirs(amount, currency) == amount
    assert MINOR_UNITS.ours(amount, currency) == amount
