"""Closing a month: what it takes, what is frozen, and where what comes later is booked. Figures by hand in the worked
month (tests/month)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.aws import Deployment, Key, function
from tests.closing import Closing, closing, frozen_amounts
from tests.http.contract import invalid
from tests.month.played import AFTER, LAST, MONTH

NEXT = "2030-12"
NEXT_AFTER = "2031-01-01T00:10:00.000Z"


@pytest.fixture(scope="module")
def played(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """The worked month, nothing of it closed."""
    with closing(deployment, tmp_path_factory.mktemp("reports")) as made:
        made.play()
        yield made


@pytest.fixture(scope="module")
def closed(played: Closing) -> Closing:
    """The worked month, closed."""
    answer = played.close()
    assert answer.status == 200, answer.text
    return played


def test_a_month_can_be_closed_ten_minutes_after_it_is_over(played: Closing) -> None:
    answer = played.close(clock="2030-12-01T00:09:59.999Z")

    assert (answer.status, answer.code) == (409, "period_not_over")
    assert answer.body["closes_at"] == AFTER


def test_a_month_is_not_closed_while_a_delivery_of_it_waits(played: Closing) -> None:
    step = next(step for step in played.month.said["steps"] if "webhook" in step)
    body = {**step["body"], "payment_id": "late"} if isinstance(step["body"], dict) else step["body"]
    headers = {"scrip-test-clock": LAST}
    assert played.scrip.webhook(body, provider=step["webhook"], headers=headers).status == 200

    answer = played.close()

    assert (answer.status, answer.code) == (409, "not_complete")
    (reason,) = answer.body["reasons"]
    assert reason["what"] == "deliveries"
    assert len(reason["items"]) == 1
    assert reason["items"][0].startswith(f"{step['webhook']}:")
    assert played.scrip.get(f"/v1/periods/{MONTH}").body["status"] == "refused"
    assert played.scrip.apply(played.scrip.queued()) == []


def test_a_month_is_not_closed_while_something_that_failed_waits(played: Closing) -> None:
    sqs, url = boto3.client("sqs"), played.scrip.usage_dead_url
    sqs.send_message(QueueUrl=url, MessageBody="{}")

    answer = played.close()

    assert answer.body["reasons"] == [
        {
            "what": "dead_letters",
            "detail": "messages that failed wait for an answer in usage",
            "items": ["usage: 1"],
        }
    ]
    sqs.purge_queue(QueueUrl=url)


def test_a_closed_month_has_the_figures_that_were_worked_out(closed: Closing) -> None:
    period, expected = closed.close().body, closed.month.said["expected"]

    assert period["status"] == "closed"
    assert frozen_amounts(period, "trial-balance", "account") == expected["trial_balance"]
    assert frozen_amounts(period, "roll-forward", "line") == expected["roll_forward"]
    for by in ("day", "meter", "pack"):
        assert frozen_amounts(period, "revenue", by, by=by) == expected[f"revenue_by_{by}"]
    assert frozen_amounts(period, "breakage", "kind") == expected["breakage_by_kind"]
    assert frozen_amounts(period, "cash", "provider", "line") == expected["cash"]
    assert (
        frozen_amounts(period, "tax", "country", "tax_point") == expected["tax_payable_by_country_and_point"]
    )
    assert frozen_amounts(period, "liability", "bucket") == expected["liability_aged"]
    assert period["close"]["complete_through"] == "2030-12-01T00:00:00.000Z"


def test_the_frozen_journal_adds_up_to_the_trial_balance(closed: Closing) -> None:
    period = closed.close().body

    found: dict[str, dict[str, int]] = {}
    for entry in closed.frozen_journal(period):
        assert sum(line["amount"] for line in entry["lines"]) == 0
        assert entry["late_for"] is None
        for line in entry["lines"]:
            of = found.setdefault(entry["currency"], {})
            of[line["account"]] = of.get(line["account"], 0) + line["amount"]
    kept = {currency: {name: sum_ for name, sum_ in of.items() if sum_} for currency, of in found.items()}
    assert kept == closed.month.said["expected"]["trial_balance"]


def test_a_report_has_the_hash_that_the_close_says(closed: Closing) -> None:
    import hashlib

    for report in closed.close().body["close"]["reports"]:
        text = boto3.client("s3").get_object(Bucket="archive", Key=report["object"])["Body"].read()
        assert hashlib.sha256(text).hexdigest() == report["sha256"]
        assert len(text) == report["bytes"]


def test_what_comes_late_is_booked_in_the_next_month_and_changes_no_byte_of_the_closed_one(
    closed: Closing,
) -> None:
    before, listed = closed.close().text, closed.scrip.get("/v1/periods").text
    closed.play("late")
    burn = {"unit": closed.month.unit, "amount": "12"}
    assert closed.scrip.post("/v1/accounts/m-ann/burns", burn, key="late2", clock=LAST).status == 201
    chart = closed.scrip.get("/v1/chart-of-accounts").body
    names = {name: said for name, said in chart.items() if name != "version"} | {"revenue": "Sales"}
    assert closed.scrip.put("/v1/chart-of-accounts", names).status in (200, 201)

    assert closed.close(clock="2031-06-01T00:00:00.000Z").text == before
    assert closed.scrip.get(f"/v1/periods/{MONTH}").text == before
    assert closed.scrip.get("/v1/periods").text == listed
    following = closed.close(NEXT, NEXT_AFTER).body
    assert closed.close().text == before

    # ann has 11.55 free credits after the late step, then 1.40 of the 3 that she paid 100.00 for: 0.45 of them are
    # 10000 * 205 // 300 - 10000 * 160 // 300.
    (late,) = (entry for entry in closed.frozen_journal(following) if entry["late_for"])
    assert late["late_for"] == MONTH
    assert late["at"] == LAST
    assert late["lines"] == [
        {"account": "deferred_revenue", "amount": 1500},
        {"account": "revenue", "amount": -1500},
    ]
    assert frozen_amounts(following, "revenue", "day", by="day")["USD"]["2030-12-01"] == 1500
    november = frozen_amounts(closed.close().body, "roll-forward", "line")
    december = frozen_amounts(following, "roll-forward", "line")
    for currency, lines in december.items():
        assert lines["opening"] == november[currency]["closing"]


def test_a_month_before_a_closed_one_may_be_closed_later(closed: Closing) -> None:
    """Nothing was booked in it, and the test clock may be ahead of it."""
    answer = closed.close("2030-09")

    assert answer.status == 200
    assert frozen_amounts(answer.body, "trial-balance", "account") == {}


def test_closed_months_are_listed_the_latest_first(closed: Closing) -> None:
    months = [item["period"] for item in closed.scrip.get("/v1/periods").body["items"]]
    page = closed.scrip.get("/v1/periods", query={"limit": "1"}).body

    assert months == sorted(months, reverse=True)
    assert MONTH in months
    assert [item["period"] for item in page["items"]] == months[:1]
    rest = closed.scrip.get("/v1/periods", query={"limit": "10", "cursor": page["next_cursor"]}).body
    assert [item["period"] for item in rest["items"]] == months[1:]


@pytest.mark.parametrize("period", ["2030-13", "2030", "november", "2030-1", "1969-12"])
def test_what_is_no_month_is_refused_by_name(closed: Closing, period: str) -> None:
    invalid(closed.close(period), "period")
    invalid(closed.scrip.get(f"/v1/periods/{period}"), "period")


def test_only_an_admin_closes_a_month(closed: Closing) -> None:
    for scope in ("read", "burn", "grant"):
        assert closed.scrip.post("/v1/periods/2030-08/close", {}, caller=Key(scope)).status == 403


def test_of_a_month_that_nobody_closed_there_is_nothing(closed: Closing) -> None:
    answer: Any = closed.scrip.get("/v1/periods/2035-01")
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_close_that_nobody_waits_for_goes_on_by_itself_and_its_figures_are_the_same(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its caller's time is up at once. Whoever asks again meanwhile learns how far it is, and begins none beside it."""
    with closing(deployment, tmp_path) as made:
        monkeypatch.setattr(function("reports"), "WAIT_SECONDS", 0.0)
        monkeypatch.setitem(function("reports").PAUSE_SECONDS, "close", 0)
        cost = {"amount": 1000, "currency": "USD"}
        made.scrip.grant("ann", "10", clock="2030-11-02T00:00:00.000Z", kind="paid", cost_basis=cost)
        for _ in range(2):
            answer = made.close()
            assert answer.status == 202, answer.text
        assert made.scrip.get(f"/v1/periods/{MONTH}").body["status"] == answer.body["status"]
        made.scrip.work_reports()
        found = made.close()
        assert (found.status, found.body["status"]) == (200, "closed")
        assert frozen_amounts(found.body, "trial-balance", "account") == {
            "USD": {"funding.manual": 1000, "deferred_revenue": -1000}
        }
