"""A lot as bytes: nothing is lost, and a window of sixteen fits beside the totals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.limits import LARGEST_TOTAL, MAX_INSTANT, WINDOW_BYTES, WINDOW_LOTS
from scrip.domain.credits.lot_codec import pack, packed_size, unpack
from scrip.domain.credits.lots import FATES, KINDS, Lot, Money
from tests.domain.builders import lot, lots, steady

amounts = st.integers(0, LARGEST_TOTAL) | st.sampled_from([0, 1, 127, 128, 16_383, 16_384, LARGEST_TOTAL])
instants = st.integers(0, MAX_INSTANT + 1)


@st.composite
def any_lot(draw: st.DrawFn) -> Lot:
    effective_at, other = sorted(draw(st.tuples(instants, instants)))
    cost = draw(
        st.none() | st.builds(Money, st.integers(0, 10**15), st.text("ABCXYZ", min_size=3, max_size=3))
    )
    granted = draw(amounts)
    rebased = cost is not None and draw(st.booleans())
    moved = draw(st.sampled_from([(0, 0, 0), (5, 0, 0), (0, 5, 0), (0, 5, 5), (200, 300, 128)]))
    return Lot(
        seq=draw(st.integers(1, 10**12 - 1)),
        kind=draw(st.sampled_from(KINDS)),
        granted=granted,
        remaining=draw(amounts),
        effective_at=effective_at,
        expires_at=draw(st.sampled_from([None, other])),
        priority=draw(st.integers(0, 100)),
        cost=cost,
        basis=draw(amounts) if rebased else cost.amount if cost else 0,
        n=draw(amounts) if rebased else granted if cost else 0,
        held=draw(amounts),
        frozen=draw(amounts),
        inclusive=draw(st.booleans()),
        noted=draw(st.booleans()),
        repays=draw(st.booleans()),
        fate=draw(st.sampled_from(FATES)),
        notices=draw(st.sampled_from([0, 2, 3, 127, 128, 2001])),
        waits=draw(st.booleans()),
        moved_money=moved[0],
        moved_tax=moved[1],
        moved_tax_before=moved[2],
    )


@steady
@given(st.lists(any_lot(), max_size=5))
def test_what_is_packed_is_unpacked(found: list[Lot]) -> None:
    assert unpack(pack(found)) == found
    assert len(pack(found)) == sum(map(packed_size, found))


@pytest.mark.parametrize(
    ("moved", "last"),
    [((45, 9, 0), b"\x04\x2d\x09"), ((0, 9, 0), b"\x04\x00\x09"), ((45, 9, 3), b"\x04\x00\x00\x03\x2d\x09")],
)
def test_what_moved_is_stored_as_it_was_before_lots_knew_what_had_moved_before(
    moved: tuple[int, int, int], last: bytes
) -> None:
    """45 of money and 9 of tax have two numbers; a third, behind zeros, only where some tax had moved before."""
    money, tax, before = moved
    found = lot("1")._replace(moved_money=money, moved_tax=tax, moved_tax_before=before)
    assert pack([found]).endswith(last)
    assert unpack(pack([found, found])) == [found, found]


@pytest.mark.parametrize("number", [0, 1, 127, 128, 129, 255, 256, 16_383, 16_384, 10**27])
def test_every_length_of_number_survives(number: int) -> None:
    found = lot("1", granted=number, remaining=number, held=number, frozen=number)
    assert unpack(pack([found])) == [found]


def test_a_byte_holds_up_to_127() -> None:
    sizes = [packed_size(lot("1", remaining=number)) for number in (1, 127, 128, 16_383, 16_384)]
    assert [size - sizes[0] for size in sizes] == [0, 0, 1, 1, 2]


def test_terms_of_notices_take_two_bytes_and_one_more_from_the_sixty_fourth_list_of_a_unit_on() -> None:
    sizes = [packed_size(lot("1", notices=terms, waits=terms % 2 == 1)) for terms in (0, 2, 3, 127, 128)]
    assert [size - sizes[0] for size in sizes] == [0, 2, 2, 2, 3]


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_kinds_and_fates_keep_their_number(number: int) -> None:
    """They are stored: a new one is added at the end."""
    known = ("paid", "promotional", "refund", "compensation", "allowance", "rollover", "transfer")
    assert KINDS[number] == known[number]
    assert FATES[:4] == ("", "depleted", "expired", "voided")


def test_the_bytes_of_a_lot_are_these() -> None:
    """They are stored too. 300 credits left of 500, from the instant 1000 to 3000, for 2.00 USD."""
    found = Lot(
        seq=7, kind="paid", granted=500, remaining=300, effective_at=1000, expires_at=3000,
        cost=Money(200, "USD"), basis=200, n=500,
    )  # fmt: skip
    expected = [0b1000_0011, 0, 50, 7, 0xF4, 3, 0xAC, 2, 0xE8, 7, 0xD0, 0x0F, 0xC8, 1, *b"USD"]
    assert list(pack([found])) == expected


def test_sixteen_ordinary_lots_fit_in_the_window() -> None:
    """Bought, of six decimals, burned in part and expiring, in the ten millionth entry of a wallet."""
    (bought,) = lots("10000000000 exp=+365d cost=100000USD", first=10_000_000)
    one = packed_size(bought._replace(remaining=1_234_567_890))
    assert one <= 42
    assert WINDOW_LOTS * one <= WINDOW_BYTES - len("customer-4711@example.com") - len("credits")
