"""Single members of a provider's JSON: a value that can be relied on, or a reason that names the field and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from scrip.providers import reading
from scrip.providers.reading import MAX_MINOR_UNITS, Unreadable
from tests.providers.samples import ODD, steady

READERS: list[Callable[[Any, str], Any]] = [
    reading.member,
    reading.identity,
    reading.optional_identity,
    reading.reference,
    reading.optional_reference,
    reading.money,
    reading.optional_money,
    reading.spelled_money,
    reading.currency,
    reading.optional_currency,
    reading.flag,
    lambda data, field: reading.one_of(data, field, {"open": "open"}),
    lambda data, field: reading.instant(field, data.get(field)),
]

READ: list[tuple[Callable[[Any, str], Any], Any, Any]] = [
    (reading.member, {"a": 1}, {"a": 1}),
    (reading.member, None, {}),
    (reading.member, [1], {}),
    (reading.identity, "pay_1", "pay_1"),
    (reading.identity, "x" * 100, "x" * 100),
    (reading.optional_identity, "a/b", None),
    (reading.optional_identity, None, None),
    (reading.reference, "pi_1", "pi_1"),
    (reading.reference, {"id": "pi_1", "amount": 7}, "pi_1"),
    (reading.optional_reference, {"id": 7}, None),
    (reading.optional_reference, {}, None),
    (reading.money, 0, 0),
    (reading.money, 12000, 12000),
    (reading.money, MAX_MINOR_UNITS, 10**15),
    (reading.optional_money, None, None),
    (reading.optional_money, 5, 5),
    (reading.spelled_money, "12000", 12000),
    (reading.spelled_money, 12000, 12000),
    (reading.currency, "usd", "USD"),
    (reading.currency, "JPY", "JPY"),
    (reading.optional_currency, None, None),
    (reading.flag, True, True),
    (reading.flag, False, False),
    (reading.flag, None, None),
]

REFUSED: list[tuple[Callable[[Any, str], Any], Any, str]] = [
    *[
        (reading.identity, value, "f is missing or no id")
        for value in (None, 7, "", "a/b", "a b", "a\n", "é", "x" * 101, {"id": "a"})
    ],
    *[(reading.reference, value, "f is missing or no id") for value in (None, {}, {"id": None}, "a/b")],
    *[
        (reading.money, value, "f is not a whole amount of minor units")
        for value in (None, -1, 1.0, 12.5, "12000", True, MAX_MINOR_UNITS + 1)
    ],
    *[
        (reading.spelled_money, value, "f is not a whole amount of minor units")
        for value in ("12.50", "-1", "", "1_000", "\u0661", "1" * 16, None, 1.5)
    ],
    (reading.optional_money, "5", "f is not a whole amount of minor units"),
    *[
        (reading.currency, value, "f is not a currency code")
        for value in (None, 7, "", "US", "USDT", "u$d", "äöü")
    ],
    (reading.optional_currency, "US", "f is not a currency code"),
    *[(reading.flag, value, "f is neither true nor false") for value in (0, 1, "true", 1.5)],
]


@pytest.mark.parametrize(("read", "value", "found"), READ)
def test_a_value_that_can_be_relied_on_is_given(
    read: Callable[[Any, str], Any], value: Any, found: Any
) -> None:
    assert read({"f": value}, "f") == found
    assert type(read({"f": value}, "f")) is type(found)


@pytest.mark.parametrize(("read", "value", "why"), REFUSED)
def test_a_value_that_cannot_be_is_refused_by_its_fields_name(
    read: Callable[[Any, str], Any], value: Any, why: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        read({"f": value}, "f")
    assert str(refusal.value) == why


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ((1793610902,), 1793610902000),
        (("2026-11-02T09:15:02.114Z",), 1793610902114),
        (("2026-11-02T10:15:02.114+01:00",), 1793610902114),
        (("2026-11-02T09:15:02.114",), 1793610902114),
        (("2026-11-02T09:15:02.114999Z",), 1793610902114),
        ((None, "x", 1793610902), 1793610902000),
        ((1, 2), 1000),
        ((0,), 0),
        (("1970-01-01T00:00:00Z", 1), 0),
    ],
)
def test_an_instant_is_a_text_or_seconds_and_the_first_that_there_is(
    values: tuple[Any, ...], at: int
) -> None:
    """A text without a zone is of UTC, as the providers write it."""
    assert reading.instant("f", *values) == at


@pytest.mark.parametrize(
    "value", [None, True, -1, 10**11, 1.5, "", "x", "1969-12-31T23:59:59Z", "2026-11-31T00:00:00Z", {}]
)
def test_anything_else_is_no_instant(value: Any) -> None:
    with pytest.raises(Unreadable, match="f is not an instant"):
        reading.instant("f", value)


@steady
@given(value=ODD)
def test_whatever_a_field_holds_it_is_read_or_refused_and_its_text_is_not_told(value: Any) -> None:
    for read in READERS:
        assert len(refusal(read, value)) < 50


def refusal(read: Callable[[Any, str], Any], value: Any) -> str:
    """The reason for which a value is refused; empty where it is read."""
    try:
        read({"f": value}, "f")
    except Unreadable as reason:
        return str(reason)
    return ""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, "status is missing"),
        ({"status": "new"}, "status is new"),
        ({"status": "Ann Smith"}, "status is unreadable"),
        ({"status": ["open"]}, "status is unreadable"),
    ],
    ids=["missing", "a value that is not known", "free text", "no text"],
)
def test_a_value_of_an_enumeration_is_known_or_named_by_no_more_than_a_word(
    said: dict[str, Any], reason: str
) -> None:
    known = {"open": 1, "lost": 2}

    assert reading.one_of({"status": "lost"}, "status", known) == 2
    with pytest.raises(Unreadable, match=f"^{reason}$"):
        reading.one_of(said, "status", known)
    with pytest.raises(Unreadable, match=f"^adjustment {reason}$"):
        reading.one_of(said, "status", known, of="adjustment")
