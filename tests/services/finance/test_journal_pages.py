"""Pages of the journal while entries come: everything that was there when the first page was asked for is in them,
once, and what comes meanwhile stands behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws import Deployment
from tests.closing import Closing, closing
from tests.month.played import AFTER, MONTH

Json = dict[str, Any]
NEXT_DAY = "2030-12-02T00:20:00.000Z"


@pytest.fixture
def played(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """The worked month, nothing of it closed."""
    with closing(deployment, tmp_path_factory.mktemp("reports")) as made:
        made.play()
        yield made


def page(played: Closing, clock: str, **query: str) -> Json:
    wanted = {"period": MONTH, "unit": played.month.unit, **query}
    answer = played.scrip.get("/v1/reports/journal", query=wanted, clock=clock)
    assert answer.status == 200, answer.text
    found: Json = answer.body
    return found


def rest(played: Closing, first: Json, clock: str) -> list[Json]:
    """The items of a page and of all that follow it."""
    found, cursor = list(first["items"]), first["next_cursor"]
    while cursor:
        body = page(played, clock, limit="20", cursor=cursor)
        found += body["items"]
        cursor = body["next_cursor"]
    return found


def grant(played: Closing, account: str) -> None:
    played.scrip.grant(
        f"{played.month.prefix}{account}",
        "1",
        account,
        unit=played.month.unit,
        kind="paid",
        cost_basis={"amount": 5, "currency": "USD"},
        clock="2030-11-30T23:59:59.999Z",
    )


def test_what_comes_between_two_pages_stands_behind_what_was_there(played: Closing) -> None:
    """It is in the archive's next edition by then; of the wallets its account is the first."""
    whole = page(played, AFTER, limit="1000")["items"]
    first = page(played, AFTER, limit="20")
    assert first["items"] == whole[:20]
    grant(played, "aaa")

    found = rest(played, first, NEXT_DAY)

    assert found[:-1] == whole
    assert found[-1]["account"] == f"{played.month.prefix}aaa"
    assert found[-1]["lines"] == [
        {"account": "funding.manual", "amount": 5},
        {"account": "deferred_revenue", "amount": -5},
    ]


def test_a_month_that_is_closed_between_two_pages_has_the_same_items(played: Closing) -> None:
    whole = page(played, AFTER, limit="1000")["items"]
    first = page(played, AFTER, limit="20")
    assert played.close().status == 200
    grant(played, "late")

    assert rest(played, first, NEXT_DAY) == whole
    december = page(played, NEXT_DAY, period="2030-12")["items"]
    assert [item["late_for"] for item in december] == [MONTH]
