"""Dodo's currencies, held against its SDK and ISO's own list."""

from __future__ import annotations

from typing import get_args

import dodopayments.types.currency as dodos
from iso4217 import Currency

from scrip.providers.dodo.money import MINOR_UNITS

ISO = {one.code: one.exponent for one in Currency if one.exponent is not None}


def test_dodos_currencies_are_those_of_its_sdk_that_iso_4217_still_has_without_the_ariary() -> None:
    told = set(get_args(dodos.Currency))
    assert set(MINOR_UNITS.decimals) == (told & ISO.keys()) - {"MGA"}
    assert told - ISO.keys() == {"ANG", "BGN", "HRK", "SLL"}
