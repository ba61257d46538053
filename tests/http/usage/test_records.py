"""Records as pages and settlements send them: one row per mistake, and none of them is half done."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.http.usage.burn_pages import BurnPageBody
from scrip.http.usage.leases import SettleBody


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"stream": "s", "first": 0, "records": []}, "records"),
        ({"stream": "s", "first": 0, "records": [["1", "a"]] * 1001}, "records"),
        ({"stream": "s", "first": 0, "records": "x"}, "records"),
        ({"stream": "s", "first": -1, "records": [["1", "a"]]}, "first"),
        ({"stream": "s", "first": 10**12, "records": [["1", "a"]]}, "first"),
        ({"stream": "s", "first": "0", "records": [["1", "a"]]}, "first"),
        ({"stream": "", "first": 0, "records": [["1", "a"]]}, "stream"),
        ({"stream": "a b", "first": 0, "records": [["1", "a"]]}, "stream"),
        ({"stream": "s" * 129, "first": 0, "records": [["1", "a"]]}, "stream"),
        ({"stream": "s", "first": 0, "records": [["1", "a"]], "gap": "jump"}, "gap"),
        ({"stream": "s", "first": 0}, "records"),
        ({"first": 0, "records": [["1", "a"]]}, "stream"),
    ],
)
def test_a_page_that_cannot_be_read_names_what_is_wrong(body: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BurnPageBody.model_validate(body)


def test_a_record_is_an_amount_a_meter_or_nothing() -> None:
    records = [["2.5", "a"], ["m", 3, "b"], ["m", "0.5", "c", {"model": "x"}], None]
    read = BurnPageBody.model_validate({"stream": "s", "first": 7, "records": records}).records
    assert [
        one and (one.amount, one.meter, str(one.quantity), one.reference, one.dimensions) for one in read
    ] == [
        ("2.5", None, "0", "a", {}),
        (None, "m", "3", "b", {}),
        (None, "m", "1/2", "c", {"model": "x"}),
        None,
    ]


def test_a_settlement_may_have_no_records() -> None:
    read = SettleBody.model_validate({"renew": "0"})
    assert (read.first, read.records, read.renew, read.expires_in) == (0, [], "0", None)
