"""Reports of the worked month (tests/month): every figure by hand, in JSON and as tables; what adds up to what; and
what of a request is refused. The month is read while it is open, from what the archive has."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import pytest

from tests.aws import ROOT, Answer, Deployment, Key
from tests.closing import AFTER, MONTH, Closing, closing

DECIMALS = {"USD": 2, "JPY": 0, "BHD": 3}


@pytest.fixture(scope="module")
def played(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """The worked month, nothing of it closed."""
    with closing(deployment, tmp_path_factory.mktemp("reports")) as made:
        made.month.play(made.send)
        yield made


def ask(played: Closing, name: str, **query: str) -> Answer:
    """A report of the month."""
    answer = played.scrip.get(
        f"/v1/reports/{name}", query={"period": MONTH, "unit": played.month.unit, **query}, clock=AFTER
    )
    assert answer.status == 200, answer.text
    return answer


def amounts(answer: Answer, *names: str) -> dict[str, dict[str, int]]:
    """A report's amounts by currency and by these members."""
    return {
        one["currency"]: {
            ".".join(row[name] or "(none)" for name in names): row["amount"] for row in one["rows"]
        }
        for one in answer.body["currencies"]
    }


def sums(answer: Answer) -> dict[str, int]:
    """The sum of a report's amounts by currency."""
    return {one["currency"]: sum(row["amount"] for row in one["rows"]) for one in answer.body["currencies"]}


REPORTS = [
    ("trial-balance", {}, ("account",), "trial_balance"),
    ("roll-forward", {}, ("line",), "roll_forward"),
    ("revenue", {}, ("day",), "revenue_by_day"),
    ("revenue", {"by": "day"}, ("day",), "revenue_by_day"),
    ("revenue", {"by": "meter"}, ("meter",), "revenue_by_meter"),
    ("revenue", {"by": "pack"}, ("pack",), "revenue_by_pack"),
    ("breakage", {}, ("kind",), "breakage_by_kind"),
    ("cash", {}, ("provider", "line"), "cash"),
    ("tax", {}, ("country", "tax_point"), "tax_payable_by_country_and_point"),
    ("liability", {}, ("bucket",), "liability_aged"),
    ("liability", {"at": "2030-12-01T00:00:00Z"}, ("bucket",), "liability_aged"),
]


@pytest.mark.parametrize(("name", "query", "members", "figures"), REPORTS)
def test_law_8_every_report_has_the_figures_of_the_worked_month(
    played: Closing, name: str, query: dict[str, str], members: tuple[str, ...], figures: str
) -> None:
    answer = ask(played, name, **query)

    assert amounts(answer, *members) == played.month.said["expected"][figures]
    assert (answer.body["report"], answer.body["period"]) == (name, MONTH)
    assert answer.body["as_of"] == AFTER
    assert answer.body["complete_through"] == "2030-12-01T00:00:00.000Z"


@pytest.mark.parametrize(("name", "query", "members", "figures"), REPORTS)
def test_a_reports_table_has_the_same_rows_with_all_decimals_of_their_currency(
    played: Closing, name: str, query: dict[str, str], members: tuple[str, ...], figures: str
) -> None:
    answer = ask(played, name, format="csv", **query)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert next(iter(rows[0])) == "currency"
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        whole, _, decimals = row["amount"].partition(".")
        assert len(decimals) == DECIMALS[row["currency"]], row
        of = found.setdefault(row["currency"], {})
        of[".".join(row[member] or "(none)" for member in members)] = int(whole + decimals)
    assert found == played.month.said["expected"][figures]


def test_a_table_is_given_to_whoever_accepts_it(played: Closing) -> None:
    query = {"period": MONTH, "unit": played.month.unit, "currency": "BHD"}
    said = played.scrip.get("/v1/reports/cash", query=query, clock=AFTER, headers={"accept": "text/csv"})

    assert said.text.splitlines()[0] == "currency,provider,line,amount"
    assert said.text == ask(played, "cash", currency="BHD", format="csv").text
    other = played.scrip.get(
        "/v1/reports/cash", query={**query, "format": "json"}, clock=AFTER, headers={"accept": "text/csv"}
    )
    assert other.headers["content-type"] == "application/json"


def test_law_8_what_a_month_says_adds_up_in_every_report(played: Closing) -> None:
    trial = amounts(ask(played, "trial-balance"), "account")
    forward = amounts(ask(played, "roll-forward"), "line")
    earned = {by: sums(ask(played, "revenue", by=by)) for by in ("day", "meter", "pack", "account")}
    owed, owed_by_account = sums(ask(played, "liability")), sums(ask(played, "liability", by="account"))
    cash, tax, broken = sums(ask(played, "cash")), sums(ask(played, "tax")), sums(ask(played, "breakage"))

    assert set(trial) == {"USD", "JPY", "BHD"}
    for currency, accounts in trial.items():
        assert sum(accounts.values()) == 0
        for by, found in earned.items():
            assert found[currency] == -accounts["revenue"], by
        lines = forward[currency]
        assert (
            lines["closing"] == -accounts["deferred_revenue"] == owed[currency] == owed_by_account[currency]
        )
        assert (
            lines["opening"]
            + lines["sold"]
            - lines["recognised"]
            - lines["breakage"]
            - lines["refunded"]
            - lines["charged_back"]
            + lines["moved"]
            == lines["closing"]
        )
        assert cash[currency] == sum(amount for name, amount in accounts.items() if name.startswith("cash."))
        assert tax.get(currency, 0) == -accounts.get("tax_payable", 0)
        assert broken.get(currency, 0) == -accounts.get("breakage", 0)


def test_one_currency_or_one_unit_is_asked_for_alone(played: Closing) -> None:
    whole = ask(played, "trial-balance").body["currencies"]

    assert ask(played, "trial-balance", currency="JPY").body["currencies"] == [
        one for one in whole if one["currency"] == "JPY"
    ]
    assert ask(played, "trial-balance", unit="credits").body["currencies"] == []


def test_liability_is_told_as_of_any_instant(played: Closing) -> None:
    """Hal's 1.00 ends at 18:00 on the last day: up to then it is owed."""
    hal = f"{played.month.prefix}hal"

    def owed(at: str) -> dict[str, int]:
        return amounts(ask(played, "liability", by="account", at=at), "account").get("USD", {})

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
    answer = ask(played, "revenue", period="2030-10")

    assert answer.body["currencies"] == []
    assert ask(played, "revenue", period="2030-10", format="csv").text == "currency,day,amount\r\n"


def test_a_later_month_opens_with_what_the_one_before_closed_with(played: Closing) -> None:
    november = amounts(ask(played, "roll-forward"), "line")
    december = amounts(ask(played, "roll-forward", period="2030-12"), "line")

    for currency, lines in december.items():
        assert lines["opening"] == november[currency]["closing"] == lines["closing"]


def test_the_page_of_reports_shows_the_worked_months_figures(played: Closing) -> None:
    """docs/reports.md: the roll-forward of its yen, and the cash as a table."""
    page = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")

    table = ask(played, "cash", format="csv").text.replace("\r\n", "\n")
    assert f"```text illustration\n{table}```" in page
    (shown,) = re.findall(r"GET /v1/reports/roll-forward\S*\n\n(.*?)\n```", page, re.DOTALL)
    (yen,) = ask(played, "roll-forward", currency="JPY").body["currencies"]
    assert json.loads(shown)["currencies"] == [yen]
