"""What a CloudEvent of usage has to say, attribute by attribute."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits.errors import InvalidRequest
from scrip.http.usage.cloud_events import read_event
from scrip.http.usage.usage_data import DataMapping
from tests.http.sentences import known
from tests.http.usage.reported import used

CAME = 1_893_456_000_000
TIMES = [
    ("2030-01-01T00:00:00Z", CAME),
    ("2030-01-01T00:00:00.5Z", CAME + 500),
    ("2030-01-01T00:00:00.123456789Z", CAME + 123),
    ("2030-01-01T01:00:00.999999+01:00", CAME + 999),
    ("2029-12-31t19:00:00-05:00", CAME),
    ("2030-01-01t00:00:00z", CAME),
]


@pytest.mark.parametrize(("text", "at"), TIMES)
def test_a_time_has_any_offset_and_any_number_of_decimals(text: str, at: int) -> None:
    assert read_event(used("a", "acme", time=text), CAME, DataMapping()).time == at


def test_extensions_are_not_looked_at() -> None:
    more = {"traceparent": "00-1", "partitionkey": 7, "datacontenttype": "application/json; charset=utf-8"}
    event = read_event(used("a", "acme", dataschema="https://x", **more), CAME, DataMapping())
    assert (event.source, event.id, event.meter, event.account) == ("/api", "a", "calls", "acme")


NO_VERSIONS: list[Any] = ["0.3", "1", 1.0, "1.0 "]
NO_QUANTITIES: list[Any] = ["0", "-1", "", 1.5, 0, True, None, "1e3", "\u0661"]
WRONG: list[tuple[Any, str]] = [
    (None, "event"),
    ([], "event"),
    *[({name: None}, name) for name in ("specversion", "id", "source", "type", "subject", "data")],
    *[({name: ...}, name) for name in ("specversion", "id", "source", "type", "subject", "data")],
    *[({"specversion": value}, "specversion") for value in NO_VERSIONS],
    *[({"id": value}, "id") for value in ("", 1, "a" * 256, "a\x00", "a\n", "\x85")],
    *[({"source": value}, "source") for value in ("", 1, "a" * 256, "\x7f")],
    *[({"type": value}, "type") for value in ("", "a b", "ä", "a" * 129, 1)],
    *[({"subject": value}, "subject") for value in ("", "a/b", 1)],
    *[
        ({"time": value}, "time")
        for value in ("", "2030-01-01", "2030-01-01T00:00:00", 1893456000, "2030-02-30T00:00:00Z",
                      "2030-01-01T00:00:00+24:00", "2030-01-01T24:00:00Z", "0001-01-01T00:00:00+01:00")
    ],
    *[({"datacontenttype": value}, "datacontenttype") for value in ("text/plain", "application/xml", 1)],
    ({"data": {}}, "data.quantity"),
    *[({"data": {"quantity": value}}, "data.quantity") for value in NO_QUANTITIES],
    ({"data": {"quantity": 1, "amount": "1"}}, "data.amount"),
    ({"data": {"quantity": 1, "unit": "a b"}}, "data.unit"),
    ({"data": {"quantity": 1, "member": ""}}, "data.member"),
    ({"data": {"quantity": 1, "tags": {"a": ""}}}, "data.tags.a"),
    ({"data": {"quantity": 1, "tags": {str(n): "x" for n in range(11)}}}, "data.tags"),
    ({"data": {"quantity": 1, "dimensions": {"a": 1}}}, "data.dimensions.a"),
    ({"data": {"quantity": 1, "dimensions": {str(n): "x" for n in range(11)}}}, "data.dimensions"),
    ({"data": "text"}, "data"),
    ({"data_base64": "AA=="}, "data_base64"),
    ({"Extension": 1}, "Extension"),
    ({"an-extension": 1}, "an-extension"),
    ({"\ud800": 1}, "?"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field"), WRONG, ids=lambda value: repr(value)[:60])
def test_what_is_wrong_is_named(change: Any, field: str) -> None:
    told: Any = change
    if isinstance(change, dict):
        told = {**used("a", "acme"), **change}
        told = {name: value for name, value in told.items() if value is not ...}
    with pytest.raises(InvalidRequest) as refused:
        read_event(told, CAME, DataMapping())
    assert [line["field"] for line in refused.value.errors] == [field]
    known({"errors": refused.value.errors})


@pytest.mark.parametrize("data", [{}, {"data": {"quantity": 1}}])
def test_who_sends_bytes_is_told_to_send_json(data: dict[str, Any]) -> None:
    """It is an attribute of CloudEvents, and no extension that is spelled wrong."""
    told = {name: value for name, value in used("a", "acme").items() if name != "data"}
    with pytest.raises(InvalidRequest) as refused:
        read_event({**told, **data, "data_base64": "AA=="}, CAME, DataMapping())
    assert refused.value.errors == [
        {"field": "data_base64", "message": "send what was used as JSON, in data"}
    ]
