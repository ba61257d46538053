"""Everything that is wrong with a value, by what it should be: rows for the tests of bad input."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

MISSING = object()
"""In a row: the member is left out."""

# Amounts of credits

NO_AMOUNT: list[Any] = [
    "",
    "-1",
    "-0",
    "-0.0",
    "+1",
    " 1",
    "1 ",
    "1\n",
    "\n1",
    "1\x00",
    ".5",
    "5.",
    ".",
    "01",
    "00",
    "00.5",
    "1,5",
    "1_000",
    "1e5",
    "1E5",
    "0x10",
    "1.5.5",
    "NaN",
    "Infinity",
    "-Infinity",
    "one",
    "\u0661\u0662",
    "\uff11",
    "\u00b2",
    "1\u200b",
    "1" * 29,
    "9" * 5000,
    "1." + "1" * 19,
    "1." + "0" * 19,
    1,
    1.5,
    0,
    -1,
    10**30,
    True,
    False,
    None,
    [],
    ["1"],
    {},
    {"amount": "1"},
]
ZERO = ["0", "0.0", "0.000000", "0.000000000000000000"]


class Row(NamedTuple):
    """A member of a body with a value, and the field that the answer must name."""

    member: str
    value: Any
    field: str

    @property
    def id(self) -> str:
        value = "missing" if self.value is MISSING else json.dumps(self.value)
        return f"{self.member}={value[:30]}"


def inside(member: str, name: str, values: list[Any], **others: Any) -> list[Row]:
    """Rows of an object with one member that is wrong."""
    return [Row(member, {**others, name: value}, f"{member}.{name}") for value in values]


def rows(member: str, values: list[Any], field: str | None = None) -> list[Row]:
    return [Row(member, value, field or member) for value in values]


NO_TEXT: list[Any] = [1, True, [], {}, 1.5]
NO_NAME: list[Any] = [
    *NO_TEXT,
    None,
    "",
    "a b",
    "a/b",
    "a#b",
    "a%20b",
    "ä",
    "a\x00",
    "a\n",
    "x" * 129,
    "日本",
]
NO_OBJECT: list[Any] = ["", "x", 1, True, [], [1]]
NO_INSTANT: list[Any] = [
    "",
    "tomorrow",
    "2030-01-01",
    "2030-01-01T00:00:00",
    "2030-01-01T00:00:00+1:00",
    "2030-01-01T00:00:00+0100",
    "2030-01-01T00:00:00+01",
    "2030-01-01T00:00:00+24:00",
    "2030-01-01T00:00:00+01:60",
    "2030-01-01T00:00:00Z+01:00",
    "2030-02-30T00:00:00Z",
    "2030-01-01T00:00:00.0001Z",
    "2030-01-01T25:00:00Z",
    "10000-01-01T00:00:00Z",
    " 2030-01-01T00:00:00Z",
    "2030-01-01T00:00:00Z\n",
    "٢٠٣٠-01-01T00:00:00Z",
    1893456000000,
    1.5,
    True,
    [],
    {},
]
NO_DURATION: list[Any] = [
    "",
    "P",
    "PT",
    "P0D",
    "PT0S",
    "P1DT",
    "-P1D",
    "+P1D",
    "P-1D",
    "P1.5D",
    "P1,5D",
    "PT0.5S",
    "1D",
    "p1d",
    "P1S",
    "PT1D",
    "P1H",
    "P1D1Y",
    "P\u0661D",
    "P1D\n",
    " P1D",
    "P99999Y",
    "P1000000D",
    "P" + "1" * 5000 + "D",
    "P0003-06-04",
    "1 day",
    86400,
    1.5,
    True,
    [],
    {},
]
NO_MINOR_UNITS: list[Any] = ["1", 1.5, -1, True, None, 10**15 + 1, 10**400, []]
NO_CURRENCY: list[Any] = [
    *("", "usd", "Usd", "US", "USDX", "U$D", "USD\n", " USD", "ÜSD", 840, "840", None, ["USD"]),
    *("XYZ", "AAA", "XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XDR", "XBA", "XSU", "XUA"),
    *("DEM", "FRF", "HRK", "BGN", "ZWL", "VEF", "CUC", "MRO", "ANG", "BTC", "USDC", "GBX"),
]
NO_METADATA_VALUE: list[Any] = [1, None, True, 1.5, [], {}, "x" * 501, "ä" * 501]
NO_MONEY: list[Row] = [
    *rows("", [{"amount": 1}], ".currency"),
    *rows("", [{"currency": "USD"}], ".amount"),
    *rows("", [{"amount": amount, "currency": "USD"} for amount in NO_MINOR_UNITS], ".amount"),
    *rows("", [{"amount": 1, "currency": currency} for currency in NO_CURRENCY], ".currency"),
    *rows("", [{"amount": 1, "currency": "USD", "tax": 1}], ".tax"),
]


def money(member: str) -> list[Row]:
    """Everything that is wrong with an amount of money, as this member."""
    return [Row(member, row.value, member + row.field) for row in NO_MONEY] + rows(member, [*NO_OBJECT])


def metadata_rows() -> list[Row]:
    """Everything that is wrong with metadata."""
    return [
        *rows("metadata", [None, "", "x", 1, True, [], [["a", "b"]]]),
        *rows("metadata", [{f"k{n}": "v" for n in range(51)}, {f"k{n}": "v" for n in range(1000)}]),
        *[Row("metadata", {"a": value}, "metadata.a") for value in NO_METADATA_VALUE],
        Row("metadata", {"x" * 41: "v"}, f"metadata.{'x' * 41}"),
        Row("metadata", {"": "v"}, "metadata"),
    ]
