"""What a close has frozen, and the hash that stands for all of it."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from typing import Any

import pytest

from scrip.domain.finance.closes import Close, FrozenReport, ParkedPayment, canonical

CLOSE = Close(
    period="2026-11",
    as_of=1_796_083_800_000,
    complete_through=1_796_083_200_000,
    edition=7,
    edition_sha256="e" * 64,
    heads=("heads/000000007.parquet", "a" * 64),
    chart={"names": {"revenue": "4000"}, "version": 1},
    reports=(FrozenReport("revenue", {"by": "day"}, "periods/2026-11/r.json", "b" * 64, 12),),
    days={"2026-11-02": 1},
    parked=(ParkedPayment("dodo:pay_1", 1_796_000_000_000),),
    parked_count=1,
    closed_by="key:k1",
    closed_by_name="books",
)
OTHERS: dict[str, Any] = {
    "period": "2026-12",
    "as_of": 1,
    "complete_through": 1,
    "edition": 8,
    "edition_sha256": "f" * 64,
    "heads": ("heads/000000007.parquet", "c" * 64),
    "chart": {"names": {}, "version": 0},
    "reports": (),
    "days": {"2026-11-02": 2},
    "parked": (),
    "parked_count": 0,
    "closed_by": "key:k2",
    "closed_by_name": None,
}


def test_a_close_is_read_as_it_was_written() -> None:
    assert Close.from_json(CLOSE.to_json()) == CLOSE
    assert Close.from_json(CLOSE.to_json()).hash() == CLOSE.hash()


def test_canonical_json_is_sorted_and_has_no_spaces() -> None:
    """printf '{"a":[1,"é"],"b":null}' | sha256sum"""
    assert canonical({"b": None, "a": [1, "é"]}) == '{"a":[1,"é"],"b":null}'.encode()
    assert CLOSE.hash() == hashlib.sha256(canonical(CLOSE.to_json())).hexdigest()


@pytest.mark.parametrize("name", [field.name for field in fields(Close)])
def test_the_hash_stands_for_every_member(name: str) -> None:
    assert replace(CLOSE, **{name: OTHERS[name]}).hash() != CLOSE.hash()
