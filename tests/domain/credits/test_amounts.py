"""Numbers and time: credits are decimal strings at the edge and whole steps inside; nothing is ever rounded."""

from __future__ import annotations

import pytest

from scrip.domain.credits.amounts import parse_amount
from scrip.domain.credits.errors import AmountOutOfRange, InvalidRequest, PrecisionExceeded

UNDERSTOOD = [
    ("10", 0, 10),
    ("10", 6, 10_000_000),
    ("12.5", 6, 12_500_000),
    ("12.5", 1, 125),
    ("0.000001", 6, 1),
    ("0.5", 1, 5),
    ("10.000000", 6, 10_000_000),
    ("0.000000001", 9, 1),
    ("1000000000000000000000000000", 0, 10**27),
    ("1000000000000000000.000000000", 9, 10**27),
    ("999999999999999999999.999999", 6, 10**27 - 1),
]

MALFORMED = [
    ("", "empty"),
    ("1e5", "an exponent"),
    ("1E5", "an exponent"),
    ("-0", "a negative zero"),
    ("-1", "a sign"),
    ("+1", "a sign"),
    ("01", "a leading zero"),
    ("00", "a leading zero"),
    (".5", "no digit before the point"),
    ("5.", "no digit after the point"),
    ("1.2.3", "two points"),
    ("1,5", "a comma"),
    ("1_000", "an underscore"),
    ("0x10", "hexadecimal"),
    (" 1", "a space before"),
    ("1 ", "a space after"),
    ("1\n", "a newline after"),
    ("1.5\n", "a newline after decimals"),
    ("\n1", "a newline before"),
    ("1\x00", "a null character"),
    ("\u0661\u0662", "Arabic digits"),
    ("\uff11\uff12", "fullwidth digits"),
    ("1.\u0665", "an Arabic decimal"),
    ("\u00b2", "a superscript"),
    ("NaN", "not a number"),
    ("Infinity", "infinite"),
    ("1" * 29, "29 digits"),
    ("1." + "1" * 19, "19 decimals"),
    ("0.00000000000000000001", "20 decimals"),
]


@pytest.mark.parametrize(("text", "precision", "steps"), UNDERSTOOD)
def test_an_amount_is_so_many_steps(text: str, precision: int, steps: int) -> None:
    assert parse_amount(text, precision) == steps


@pytest.mark.parametrize(("text", "why"), MALFORMED, ids=[f"{why}: {text!a:.12}" for text, why in MALFORMED])
def test_nothing_else_is_an_amount(text: str, why: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse_amount(text, 6, "burn.amount")
    (error,) = refusal.value.facts["errors"]
    assert error["field"] == "burn.amount"


@pytest.mark.parametrize("text", ["0", "0.0", "0.000000", "0." + "0" * 18])
def test_zero_moves_nothing_and_is_refused_where_credits_move(text: str) -> None:
    with pytest.raises(InvalidRequest, match="more than zero"):
        parse_amount(text, 6)


def test_zero_is_an_amount_where_it_means_something() -> None:
    assert parse_amount("0", 6, zero=True) == 0
    assert parse_amount("0.00", 6, zero=True) == 0


@pytest.mark.parametrize(
    ("text", "precision"), [("0.1", 0), ("1.0", 0), ("0.0000001", 6), ("1.0000000", 6), ("0.0000000001", 9)]
)
def test_more_decimals_than_the_unit_has_are_an_error_never_rounded(text: str, precision: int) -> None:
    with pytest.raises(PrecisionExceeded) as refusal:
        parse_amount(text, precision)
    assert refusal.value.facts == {"field": "amount", "precision": precision}


@pytest.mark.parametrize(
    ("text", "precision", "largest"),
    [
        ("1000000000000000000000000001", 0, "1000000000000000000000000000"),
        ("9999999999999999999999999999", 0, "1000000000000000000000000000"),
        ("1000000000000000000000.000001", 6, "1000000000000000000000"),
        ("1000000000000000001", 9, "1000000000000000000"),
    ],
)
def test_no_amount_is_over_ten_to_the_27_steps(text: str, precision: int, largest: str) -> None:
    with pytest.raises(AmountOutOfRange) as refusal:
        parse_amount(text, precision)
    assert refusal.value.facts == {"field": "amount", "largest": largest}
