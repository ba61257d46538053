"""Which books a report is read from: under a test clock those of the archive as the schedule would have made it by
then; of a closed month those that it was closed with, to the byte, whatever comes later."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from tests.aws import Answer, Deployment
from tests.closing import Closing, closing
from tests.month.played import AFTER, MONTH

NEXT_DAY = "2030-12-02T00:20:00.000Z"
REPORTS = [
    ("trial-balance", {}),
    ("roll-forward", {}),
    ("revenue", {}),
    ("revenue", {"by": "meter"}),
    ("revenue", {"by": "pack"}),
    ("revenue", {"by": "account"}),
    ("breakage", {}),
    ("liability", {}),
    ("liability", {"by": "account"}),
    ("cash", {}),
    ("tax", {}),
    ("journal", {}),
    ("journal", {"format": "csv"}),
    ("journal", {"format": "beancount"}),
    ("journal", {"format": "csv", "layout": "quickbooks", "currency": "USD"}),
]


@pytest.fixture
def played(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """The worked month, nothing of it closed."""
    with closing(deployment, tmp_path_factory.mktemp("reports")) as made:
        made.play()
        yield made


def ask(played: Closing, name: str, clock: str | None, **query: str) -> Answer:
    """A report of the month."""
    wanted = {"period": MONTH, "unit": played.month.unit, **query}
    answer = played.scrip.get(f"/v1/reports/{name}", query=wanted, **({"clock": clock} if clock else {}))
    assert answer.status == 200, answer.text
    return answer


def test_a_closed_month_answers_the_same_for_ever(played: Closing) -> None:
    assert played.close().status == 200
    before = [ask(played, name, AFTER, **query).text for name, query in REPORTS]
    played.play("late")
    names = played.scrip.get("/v1/chart-of-accounts").body
    changed = {name: said for name, said in names.items() if name != "version"} | {"revenue": "Sales"}
    assert played.scrip.put("/v1/chart-of-accounts", changed).status in (200, 201)

    assert [ask(played, name, NEXT_DAY, **query).text for name, query in REPORTS] == before
    assert played.close("2030-12", "2031-01-01T00:10:00.000Z").status == 200
    assert [ask(played, name, "2031-01-02T00:10:00.000Z", **query).text for name, query in REPORTS] == before


def test_what_is_late_for_a_closed_month_is_of_the_first_day_of_the_next(played: Closing) -> None:
    closed = played.close().body["close"]
    november = {
        one["currency"]: {row["line"]: row["amount"] for row in one["rows"]}
        for one in ask(played, "roll-forward", AFTER).body["currencies"]
    }
    assert ask(played, "cash", AFTER).body["as_of"] == closed["as_of"]
    played.play("late")
    burn = {"unit": played.month.unit, "amount": "12"}
    at = "2030-11-30T23:59:59.999Z"
    assert played.scrip.post("/v1/accounts/m-ann/burns", burn, key="late2", clock=at).status == 201

    december = ask(played, "roll-forward", NEXT_DAY, period="2030-12").body["currencies"]
    days = ask(played, "revenue", NEXT_DAY, period="2030-12").body["currencies"]

    # 11.55 of the 12 are free, 0.45 are of the 3 that cost 100.00, of which 1.60 were used before:
    # 10000 * 205 // 300 - 10000 * 160 // 300.
    assert days == [{"currency": "USD", "rows": [{"day": "2030-12-01", "amount": 1500}], "beside": []}]
    for one in december:
        lines = {row["line"]: row["amount"] for row in one["rows"]}
        assert lines["opening"] == november[one["currency"]]["closing"]
        assert lines["recognised"] == (1500 if one["currency"] == "USD" else 0)


def test_without_a_pinned_clock_a_report_makes_nothing_and_says_what_it_has_seen(played: Closing) -> None:
    body = ask(played, "trial-balance", None).body

    assert (body["currencies"], body["complete_through"]) == ([], None)
    objects = [one.key for one in boto3.resource("s3").Bucket("archive").objects.all()]
    assert not [key for key in objects if key.startswith("editions/")]
    seen = ask(played, "trial-balance", AFTER).body
    assert seen["complete_through"] == "2030-12-01T00:00:00.000Z"
    assert ask(played, "trial-balance", None).body["currencies"] == seen["currencies"]
