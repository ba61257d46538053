"""Reports of the worked month (tests/month): every figure by hand, in JSON and as tables; what adds up to what; and
what of a request is refused. The month is read while it is open, from what the archive has."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

import pytest

from tests.aws import BUCKET, ROOT, Deployment, Key, function
from tests.closing import Closing, closing
from tests.month.played import AFTER, MONTH, REPORTS, amounts


@pytest.fixture(scope="module")
def played(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """The worked month, nothing of it closed."""
    with closing(deployment, tmp_path_factory.mktemp("reports")) as made:
        made.play()
        yield made


@pytest.mark.parametrize(("name", "query", "members", "figures"), REPORTS)
def test_law_8_every_report_and_its_table_have_the_figures_of_the_worked_month(
    played: Closing, name: str, query: dict[str, str], members: tuple[str, ...], figures: str
) -> None:
    played.has_its_figures(name, query, members, figures)


def test_a_table_is_given_to_whoever_accepts_it(played: Closing) -> None:
    query = {"period": MONTH, "unit": played.month.unit, "currency": "BHD"}
    said = played.scrip.get("/v1/reports/cash", query=query, clock=AFTER, headers={"accept": "text/csv"})

    assert said.text.splitlines()[0] == "currency,provider,line,amount"
    assert said.text == played.ask("cash", currency="BHD", format="csv").text
    other = played.scrip.get(
        "/v1/reports/cash", query={**query, "format": "json"}, clock=AFTER, headers={"accept": "text/csv"}
    )
    assert other.headers["content-type"] == "application/json"


def test_law_8_what_a_month_says_adds_up_in_every_report(played: Closing) -> None:
    played.adds_up()


def test_one_currency_or_one_unit_is_asked_for_alone(played: Closing) -> None:
    whole = played.ask("trial-balance").body["currencies"]

    assert played.ask("trial-balance", currency="JPY").body["currencies"] == [
        one for one in whole if one["currency"] == "JPY"
    ]
    assert played.ask("trial-balance", unit="credits").body["currencies"] == []


def test_liability_is_told_as_of_any_instant(played: Closing) -> None:
    """Hal's 1.00 ends at 18:00 on the last day: up to then it is owed."""
    hal = f"{played.month.prefix}hal"

    def owed(at: str) -> dict[str, int]:
        return amounts(played.ask("liability", by="account", at=at), "account").get("USD", {})

    before, after = owed("2030-11-30T17:59:59.999Z"), owed("2030-11-30T18:00:00.000Z")
    assert before[hal] > 0
    assert hal not in after or after[hal] == 0
    assert owed("2030-11-01T00:00:00.000Z") == {}
    alone = played.scrip.get(
        "/v1/reports/liability", query={"at": "2030-11-30T17:59:59.999Z"}, clock=AFTER
    ).body
    assert (alone["period"], alone["at"]) == (None, "2030-11-30T17:59:59.999Z")


@pytest.mark.parametrize(
    ("name", "query", "field"),
    [
        ("cash", {}, "period"),
        ("cash", {"period": "2030-13"}, "period"),
        ("cash", {"period": "2030-1"}, "period"),
        ("cash", {"period": "x"}, "period"),
        ("cash", {"period": MONTH, "by": "day"}, "by"),
        ("tax", {"period": MONTH, "at": "2030-11-30T00:00:00Z"}, "at"),
        ("revenue", {"period": MONTH, "method": "at_expiry"}, "method"),
        ("revenue", {"period": MONTH, "by": "country"}, "by"),
        ("liability", {"by": "day"}, "by"),
        ("liability", {"at": "yesterday"}, "at"),
        ("liability", {"period": MONTH, "at": "2030-12-01T00:00:00.001Z"}, "at"),
        ("breakage", {"period": MONTH, "method": "never"}, "method"),
        ("cash", {"period": MONTH, "currency": "DEM"}, "currency"),
        ("cash", {"period": MONTH, "unit": "a b"}, "unit"),
        ("cash", {"period": MONTH, "format": "xml"}, "format"),
        ("cash", {"period": MONTH, "zone": "UTC"}, "zone"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(
    played: Closing, name: str, query: dict[str, str], field: str
) -> None:
    answer = played.scrip.get(f"/v1/reports/{name}", query=query, clock=AFTER)

    assert (answer.status, answer.code, answer.fields) == (400, "invalid_request", [field])


def test_an_unknown_report_is_told_which_ones_there_are(played: Closing) -> None:
    answer = played.scrip.get("/v1/reports/profit", query={"period": MONTH})

    assert (answer.status, answer.code) == (404, "not_found")
    assert "trial-balance, roll-forward" in answer.body["detail"]


def test_a_unit_that_there_is_not_is_not_found(played: Closing) -> None:
    answer = played.scrip.get("/v1/reports/cash", query={"period": MONTH, "unit": "nowhere"})

    assert (answer.status, answer.code, answer.body["unit"]) == (404, "not_found", "nowhere")


@pytest.mark.parametrize("path", ["/v1/reports/cash", "/v1/reports/journal"])
def test_reports_are_for_admins(played: Closing, path: str) -> None:
    assert played.scrip.get(path, query={"period": MONTH}, caller=Key("grant")).status == 403


def test_a_month_in_which_nothing_happened_is_empty(played: Closing) -> None:
    answer = played.ask("revenue", period="2030-10")

    assert answer.body["currencies"] == []
    assert played.ask("revenue", period="2030-10", format="csv").text == "currency,day,amount\r\n"


def test_a_later_month_opens_with_what_the_one_before_closed_with(played: Closing) -> None:
    november = amounts(played.ask("roll-forward"), "line")
    december = amounts(played.ask("roll-forward", period="2030-12"), "line")

    for currency, lines in december.items():
        assert lines["opening"] == november[currency]["closing"] == lines["closing"]


def test_the_page_of_reports_shows_the_worked_months_figures(played: Closing) -> None:
    """docs/reports.md: the roll-forward of its yen, and the cash as a table."""
    page = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")

    table = played.ask("cash", format="csv").text.replace("\r\n", "\n")
    assert f"```text illustration\n{table}```" in page
    (shown,) = re.findall(r"GET /v1/reports/roll-forward\S*\n\n(.*?)\n```", page, re.DOTALL)
    (yen,) = played.ask("roll-forward", currency="JPY").body["currencies"]
    assert json.loads(shown)["currencies"] == [yen]


@pytest.mark.parametrize(
    ("name", "query", "form"),
    [
        ("revenue", {"by": "account"}, "json"),
        ("promotions", {}, "json"),
        ("breakage", {"method": "proportional", "format": "csv"}, "csv"),
        ("liability", {"by": "account", "format": "csv"}, "csv"),
        ("journal", {"format": "beancount"}, "beancount"),
        ("journal", {"limit": "3"}, "json"),
        ("journal", {"limit": "3", "format": "csv"}, "csv"),
        ("journal", {"format": "csv", "layout": "xero", "currency": "USD"}, "csv"),
    ],
)
def test_an_answer_that_takes_too_long_is_an_export_that_will_have_it(
    played: Closing, monkeypatch: pytest.MonkeyPatch, name: str, query: dict[str, str], form: str
) -> None:
    """No second is given to it: it is made in the background, once, to the byte."""
    scrip, said = played.scrip, {"period": MONTH, "unit": played.month.unit, **query}
    whole = played.ask(name, **query)
    monkeypatch.setattr(function("reports"), "ANSWER_SECONDS", 0.0)
    answers = [scrip.get(f"/v1/reports/{name}", query=said, clock=AFTER) for _ in range(2)]
    assert [one.status for one in answers] == [202, 202], answers[0].text
    promised = answers[0].body
    assert (promised["status"], promised["kind"], promised["format"]) == ("queued", "report", form)
    assert answers[1].body["export_id"] == promised["export_id"]

    scrip.work_reports()
    kept = scrip.get(f"/v1/exports/{promised['export_id']}").body
    assert (kept["status"], kept["progress"]) == ("done", {"done": 1, "of": 1})
    (file,) = kept["files"]
    text = scrip.archived(f"exports/{kept['export_id']}/{file['name']}")
    assert text.decode() == whole.text
    assert (file["bytes"], file["sha256"]) == (len(text), hashlib.sha256(text).hexdigest())
    again = scrip.get(f"/v1/reports/{name}", query=said, clock=AFTER).body
    assert (again["export_id"], again["status"]) == (kept["export_id"], "done")


def test_what_is_wrong_with_a_request_is_said_before_any_time_is_up(
    played: Closing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function("reports"), "ANSWER_SECONDS", 0.0)
    for path, query in (
        ("cash", {"period": "2030-13"}),
        ("journal", {"period": MONTH, "cursor": "none"}),
        ("journal", {"period": MONTH, "layout": "xero"}),
    ):
        assert played.scrip.get(f"/v1/reports/{path}", query=query, clock=AFTER).status == 400


@pytest.mark.parametrize(
    ("name", "query", "form"),
    [
        ("revenue", {"by": "account"}, "json"),
        ("liability", {"by": "account", "format": "csv"}, "csv"),
        ("journal", {"format": "beancount"}, "beancount"),
        ("journal", {"format": "csv", "layout": "xero", "currency": "USD"}, "csv"),
    ],
)
def test_an_answer_that_would_be_too_big_is_an_export_that_has_it(
    played: Closing, monkeypatch: pytest.MonkeyPatch, name: str, query: dict[str, str], form: str
) -> None:
    """It is there at once, to the byte, and the same again."""
    whole = played.ask(name, **query)
    monkeypatch.setattr(function("reports"), "MOST_BYTES", 100)
    said = {"period": MONTH, "unit": played.month.unit, **query}
    answers = [played.scrip.get(f"/v1/reports/{name}", query=said, clock=AFTER) for _ in range(2)]
    assert [one.status for one in answers] == [202, 202], answers[0].text
    kept = answers[0].body
    assert (kept["status"], kept["kind"], kept["format"]) == ("done", "report", form)
    assert answers[1].body["export_id"] == kept["export_id"]
    assert (
        played.scrip.get(f"/v1/exports/{kept['export_id']}").body["files"][0]["name"]
        == f"{name}-{MONTH}.{form}"
    )
    (file,) = kept["files"]
    key = f"exports/{kept['export_id']}/{file['name']}"
    text = played.scrip.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    assert (text.decode(), len(text)) == (whole.text, file["bytes"])
    assert hashlib.sha256(text).hexdigest() == file["sha256"]
