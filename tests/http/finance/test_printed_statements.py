"""A statement as a page: escaped, with all decimals of its unit and currencies, and nothing that runs."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from scrip.http.finance.printed_statements import page, wanted
from tests.aws import Deployment

Json = dict[str, Any]
END = "2030-02-01T00:00:00.000Z"
START = "2030-01-10T00:00:00.000Z"


class Page(HTMLParser):
    """The rows of a page's tables, and its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)
        assert self.open == [], "every tag that begins ends"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] in (["td"], ["th"]):
            self.rows[-1][-1] += data


def shown(scrip: Deployment, account: str, accept: str = "text/html", **query: str) -> str:
    path = f"/v1/accounts/{account}/statements/2030-01"
    answer = scrip.get(path, clock=END, headers={"accept": accept}, query=query)
    assert answer.status == 200
    safe = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    assert safe.items() <= answer.headers.items()
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    )
    return answer.text


@pytest.mark.parametrize(
    ("currency", "money", "told"),
    [("JPY", 12345, "12,345"), ("USD", 12345, "123.45"), ("BHD", 12345, "12.345")],
)
def test_money_has_all_decimals_of_its_currency(
    scrip: Deployment, account: str, currency: str, money: int, told: str
) -> None:
    cost = {"amount": money, "currency": currency}
    scrip.grant(account, "1234.5", clock=START, kind="paid", cost_basis=cost)
    rows = Page(shown(scrip, account)).rows
    none = {"JPY": "0", "USD": "0.00", "BHD": "0.000"}[currency]
    assert ["Paid for credits", none, told, told] in rows
    assert ["Available", "0.000000", "1,234.500000"] in rows
    assert ["1", "2030-01-10 00:00:00", "grant", "", "1,234.500000", "1,234.500000"] in rows


@pytest.mark.parametrize(("precision", "told"), [(0, "−3"), (2, "−3.00")])
def test_credits_have_all_decimals_of_their_unit(
    scrip: Deployment, account: str, precision: int, told: str
) -> None:
    unit = f"u{precision}"
    scrip.put(f"/v1/units/{unit}", {"precision": precision, "name": "tried"})
    scrip.grant(account, "7", clock=START, unit=unit)
    scrip.burn(account, "3", clock=START, unit=unit)
    (burned,) = [row for row in Page(shown(scrip, account, unit=unit)).rows if "burn" in row]
    assert burned[4] == told


def test_what_a_caller_said_is_text_and_no_markup(scrip: Deployment, account: str) -> None:
    reference = {"type": "<script>alert(1)</script>", "id": '"><img src=x onerror=alert(1)>&amp;'}
    reason = "because I say <b>so</b>"
    scrip.grant(account, "1", clock=START, reference=reference, reason=reason)
    text = shown(scrip, account)
    found = Page(text)
    assert not {"script", "img", "b", "iframe", "link"} & set(found.tags)
    assert not [name for name in found.attributes if name.startswith("on") or name in ("src", "style")]
    assert found.rows[-1][3] == f"{reference['type']} {reference['id']}"
    assert "because" not in text, "why is said among ourselves"
    assert "key:k1" not in text


def test_pages_lead_to_the_next_one(scrip: Deployment, account: str) -> None:
    for _ in range(3):
        scrip.grant(account, "1", clock=START)
    text = shown(scrip, account, limit="2")
    assert "2 of 3 entries." in text
    assert '<a href="?unit=credits&amp;cursor=' in text


def test_the_month_that_runs_is_called_provisional(scrip: Deployment, account: str) -> None:
    path = f"/v1/accounts/{account}/statements/2030-01"
    answer = scrip.get(path, clock=START, headers={"accept": "text/html"})
    assert "Provisional, as of 2030-01-10 00:00:00" in answer.text
    assert "Ed25519" not in answer.text


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html", True),
        ("TEXT/HTML;q=0.5", True),
        ("application/json", False),
        ("application/json, text/html;q=0.9", False),
        ("text/csv, text/html;q=0.9", False),
        ("text/html;q=0", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_it_is_for_whoever_asks_for_html_before_anything_else(accept: str, page: bool) -> None:
    assert wanted(accept) is page


def test_a_browser_that_would_take_csv_too_gets_the_page(scrip: Deployment, account: str) -> None:
    assert shown(scrip, account, "text/html, text/csv;q=0.5").startswith("<!doctype html>")


def test_a_statement_without_money_says_none(scrip: Deployment, account: str) -> None:
    found: Json = scrip.get(f"/v1/accounts/{account}/statements/2030-01", clock=END).body
    for said in (found["opening"], found["closing"]):
        said["money"] = None
    assert "<h2>Money</h2>" not in page(found)
    assert "None in this month." in page(found)
