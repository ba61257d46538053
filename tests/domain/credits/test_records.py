"""Records of an entry: what they are as bytes, and where each stands."""

from __future__ import annotations

import json
import uuid
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.credits.records import REFUSALS, PageFacts, Record, Records, numbered, read_record
from tests.domain.builders import steady
from tests.domain.memory import vault

texts = st.text(min_size=1, max_size=64)
counted = st.builds(
    Record,
    st.integers(0, 10**27),
    texts,
    st.booleans(),
    texts,
    st.sampled_from(["1", "2.5"]),
    st.dictionaries(texts, texts, max_size=3),
    st.fractions(min_value=-1, max_value=1),
    st.just(""),
)
amounts = st.tuples(st.integers(0, 10**27), texts, st.booleans()).map(lambda members: Record(*members))
whys = st.sampled_from([*REFUSALS])
refused = st.tuples(st.one_of(amounts, counted), whys).map(
    lambda one: one[0]._replace(paid=False, why=one[1])
)


@steady
@given(st.lists(st.one_of(st.none(), amounts, counted, refused), max_size=30))
def test_what_is_read_is_what_was_packed(records: list[Record | None]) -> None:
    packed = Records.of(records)
    again = Records(packed.packed)
    assert list(again.listed) == records
    assert (again.canonical, again.digest) == (packed.canonical, packed.digest)


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        ("7", None),
        ("-7", "insufficient_credits"),
        ("-b7", "budget_exceeded"),
        ("-p7", "policy_violation"),
    ],
)
def test_a_record_is_stored_with_why_it_was_refused(steps: str, refusal: str | None) -> None:
    """Those of before, with a minus alone, were refused for want of credits."""
    found = read_record([steps, "r-1"])
    assert found
    assert (found.steps, found.refusal, found.to_json()) == (7, refusal, [steps, "r-1"])
    with pytest.raises(ValueError, match="refused by x"):
        read_record(["-x7", "r-1"])


def test_the_canonical_json_is_a_list_without_white_space() -> None:
    meter = Record(3, "r-2", True, "gpu", "1.5", {"b": "2", "a": "ä"}, Fraction(1, 3))
    packed = Records.of([Record(2, "r-1"), None, Record(7, "r-3", paid=False), meter])
    assert packed.canonical.decode() == (
        '[["2","r-1"],null,["-7","r-3"],["3","r-2","gpu","1.5",{"a":"ä","b":"2"},"1/3"]]'
    )
    assert packed.digest == "".join(packed.digest.split("="))
    assert len(packed.digest) == 43


def test_a_thousand_records_with_references_of_36_characters_take_24_bytes_each() -> None:
    records = [
        Record(2_000_000, str(uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)))
        for number in range(1000)
    ]
    assert len(Records.of(records).packed) / 1000 < 24


@pytest.mark.parametrize("body", [[], ["1"], [1, "a"], ["x", "a"], ["1", "a", "m"], "text", 5])
def test_what_is_no_record_is_not_read(body: object) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError)):
        read_record(json.loads(json.dumps(body)))


def test_an_entry_begins_where_offsets_were_given_up() -> None:
    assert PageFacts("s", 7, 9, "", since=4).begins == 4
    assert PageFacts("s", 7, 9, "").begins == 7
    assert PageFacts("s", 7, 9, "d", 4, 1).to_json() == {
        "stream": "s",
        "first": 7,
        "next": 9,
        "records": "d",
        "since": 4,
        "refused": 1,
    }


def test_an_entry_without_records_used_up_no_offsets() -> None:
    assert list(numbered(vault("10").burn(3))) == []
