"""The chart of accounts: what a company calls the accounts of the books, and what they are called without it."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.finance import accounts
from scrip.providers import webhooks
from tests.aws import NEW_YEAR, Deployment
from tests.http.contract import invalid

pytestmark = pytest.mark.usefixtures("in_memory")

PATH = "/v1/chart-of-accounts"
OWN: dict[str, Any] = {
    "deferred_revenue": "Deferred Revenue",
    "tax_deferred": "Deferred Tax",
    "tax_payable": "Tax Payable",
    "revenue": "Revenue",
    "breakage": "Breakage",
    "breakage_tax": "Breakage Tax",
    "refunds": "Refunds",
    "bad_debt": "Bad Debt",
    "funding.manual": "Funding:Manual",
    "funding.credit": "Funding:Credit",
    "bank": "Bank",
    "fees": "Provider Fees",
    "conversion": "Conversions",
    "adjustments": "Clearing:Unexplained",
    "receivable": "Receivables",
    "promotional_expense": None,
    "cash.dodo": "Clearing:Dodo",
    "cash.paddle": "Clearing:Paddle",
    "cash.standard": "Clearing:Standard",
    "cash.stripe": "Clearing:Stripe",
    "xero.tax_rate": "Tax Exempt",
}


@pytest.fixture(autouse=True)
def _no_chart(scrip: Deployment) -> None:
    scrip.fresh()
    scrip.make_tables()


def test_every_account_has_a_name_where_nobody_said_one(scrip: Deployment) -> None:
    assert scrip.get(PATH).body == {**OWN, "version": 0}


def test_every_account_that_postings_have_is_in_the_chart() -> None:
    """Whoever adds one names it."""
    said = {value for name, value in vars(accounts).items() if name.isupper() and isinstance(value, str)}
    cash = {accounts.cash(provider) for provider in webhooks.names()}
    assert said - {accounts.CASH} | cash == OWN.keys() - {"xero.tax_rate"}


def test_a_put_replaces_all_names_and_is_a_version(scrip: Deployment) -> None:
    first = scrip.put(PATH, {"revenue": "4000", "cash.stripe": "1100", "promotional_expense": "Giveaways"})
    said = {"revenue": "4000", "cash.stripe": "1100", "promotional_expense": "Giveaways"}
    assert (first.status, first.body) == (200, {**OWN, **said, "version": 1})
    again = scrip.put(PATH, {"promotional_expense": "Giveaways", "cash.stripe": "1100", "revenue": "4000"})
    assert again.body["version"] == 1
    second = scrip.put(PATH, {"revenue": "Sales:Credits", "cash.stripe": None})
    assert second.body == {**OWN, "revenue": "Sales:Credits", "version": 2}
    assert scrip.get(PATH).body == second.body
    assert scrip.put(PATH, {}).body == {**OWN, "version": 3}


def test_two_accounts_may_have_one_name(scrip: Deployment) -> None:
    assert scrip.put(PATH, {"revenue": "4000", "refunds": "4000"}).body["refunds"] == "4000"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("revenues", "is not a member"),
        ("cash", "is not a member"),
        ("cash.paypal", "is not a member"),
        ("version", "is not a member"),
    ],
)
def test_an_account_that_there_is_not_is_refused_by_name(scrip: Deployment, name: str, said: str) -> None:
    answer = scrip.put(PATH, {"revenue": "4000", name: "1"})
    invalid(answer, name)
    assert said in answer.body["errors"][0]["message"]
    assert scrip.get(PATH).body["version"] == 0


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " 4000",
        "4000 ",
        "=1+1",
        "+4000",
        "-4000",
        "@4000",
        "a\nb",
        "a\tb",
        "a\x7f",
        "\x85",
        "x" * 101,
        4000,
    ],
)
def test_a_name_that_no_import_takes_is_refused(scrip: Deployment, name: Any) -> None:
    invalid(scrip.put(PATH, {"funding.manual": name}), "funding.manual")


@pytest.mark.parametrize(
    "name", ["4", "x" * 100, "Erlöse 7 %", "繰延収益", "Sales: credits", "a-b", 'say "x", y']
)
def test_any_other_name_is_kept_as_it_was_said(scrip: Deployment, name: str) -> None:
    assert scrip.put(PATH, {"funding.manual": name}).body["funding.manual"] == name
    assert scrip.get(PATH).body["funding.manual"] == name


def test_who_named_accounts_is_in_the_audit(scrip: Deployment) -> None:
    put = scrip.put(PATH, {"revenue": "4000"}, clock=NEW_YEAR)
    (made,) = scrip.get("/v1/audit", query={"action": "chart_of_accounts.put"}).body["items"]
    assert (made["before"], made["after"]) == ({**OWN, "version": 0}, put.body)
    assert made["target"] == {"type": "chart_of_accounts", "id": "chart_of_accounts"}
    assert made["at"] == NEW_YEAR
    assert (
        len(scrip.get("/v1/audit", query={"target": "chart_of_accounts:chart_of_accounts"}).body["items"])
        == 1
    )
