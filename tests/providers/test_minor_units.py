"""Minor units of each provider, held against ISO's own list, the providers' documentation and their SDKs (law 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from scrip.providers.minor_units import MinorUnits, NotChargeable, minor_units
from tests.providers.samples import steady

ISO = {one.code: one.exponent for one in Currency if one.exponent is not None}
KNOWN = ["dodo", "paddle", "standard", "stripe"]


@pytest.mark.parametrize(
    ("provider", "different"),
    [("stripe", {"ISK": 2, "UGX": 2, "MGA": 0}), ("dodo", {}), ("paddle", {}), ("standard", {})],
)
def test_each_counts_as_iso_4217_but_for(provider: str, different: dict[str, int]) -> None:
    decimals = minor_units(provider).decimals
    assert {code: said for code, said in decimals.items() if said != ISO[code]} == different


@pytest.mark.parametrize("provider", KNOWN)
@steady
@given(data=st.data())
def test_what_can_be_said_comes_back_as_it_was_and_what_is_floored_can_be_said(
    provider: str, data: st.DataObject
) -> None:
    units: MinorUnits = minor_units(provider)
    currency = data.draw(st.sampled_from(sorted(units.decimals)))
    amount = data.draw(st.integers(0, 10**13))
    floored = units.floor(amount, currency)
    assert 0 <= amount - floored < units.least(currency)
    assert units.ours(units.theirs(floored, currency), currency) == floored
    if floored != amount:
        with pytest.raises(NotChargeable):
            units.theirs(amount, currency)
