"""The sums of a wallet's money as bytes: nothing is lost, and those of one currency take about fifteen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.wallets.funds import Funds
from scrip.domain.wallets.funds_codec import pack_funds, unpack_funds
from tests.domain.builders import steady

MONEY = st.integers(-(10**20), 10**20)
FUNDS = st.builds(Funds, st.text("ABCXYZ", min_size=3, max_size=3), *[MONEY] * 6)


@steady
@given(st.lists(FUNDS, max_size=4))
def test_what_is_packed_is_unpacked(found: list[Funds]) -> None:
    assert unpack_funds(pack_funds(tuple(found))) == tuple(found)


def test_no_money_is_no_byte() -> None:
    assert pack_funds(()) == b""


def test_the_sums_of_a_usual_wallet_take_so_many_bytes() -> None:
    """USD 10 000.00 paid, 7 000.00 earned, 10.00 refunded, 5.00 of breakage."""
    assert len(pack_funds((Funds("USD", 1_000_000, 700_000, 1_000, 500),))) == 3 + 3 + 3 + 2 + 2 + 1 + 1


def test_a_sum_may_be_below_zero() -> None:
    """Zigzag: −1 is 1, 1 is 2."""
    assert pack_funds((Funds("USD", 0, -1, 1),)).hex() == b"USD".hex() + "00" + "01" + "02" + "00" * 3


def test_bytes_that_end_within_the_sums_are_refused() -> None:
    with pytest.raises(IndexError):
        unpack_funds(b"USD\x00")
