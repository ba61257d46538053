"""Events of usage, as tests report them."""

from __future__ import annotations

from typing import Any

from tests.http.sentences import known

CARD = {"unit": "credits", "price": {"model": "per_unit", "credits": "2"}}
AT = "2030-01-01T00:00:00.000Z"


def used(id_: str, subject: str, quantity: Any = "1", **more: Any) -> dict[str, Any]:
    """An event: so much of the meter `calls`, at two credits each."""
    data = {"quantity": quantity, **more.pop("data", {})}
    return {
        "specversion": "1.0",
        "id": id_,
        "source": "/api",
        "type": "calls",
        "subject": subject,
        "time": AT,
        "data": data,
        **more,
    }


def accepted(answer: Any, count: int, rejected: dict[int, list[str]] | None = None) -> None:
    """Asserts how many events were accepted, and which fields are wrong of which of the others."""
    assert answer.status == 202, answer.text
    found = {one["index"]: [line["field"] for line in one["errors"]] for one in answer.body["rejected"]}
    assert (answer.body["accepted"], found) == (count, rejected or {})
    for one in answer.body["rejected"]:
        known(one)
