"""The journal of the worked month (tests/month): every posting by hand, in pages, as a table, and as files that other
programs import."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from beancount import loader

from tests.aws import Answer, Deployment
from tests.closing import AFTER, MONTH, Closing, closing

MINOR = {"USD": 100, "JPY": 1, "BHD": 1000}


@pytest.fixture(scope="module")
def played(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """The worked month, nothing of it closed."""
    with closing(deployment, tmp_path_factory.mktemp("reports")) as made:
        made.month.play(made.send)
        yield made


def ask(played: Closing, **query: str) -> Answer:
    """The month's journal."""
    wanted = {"period": MONTH, "unit": played.month.unit, **query}
    answer = played.scrip.get("/v1/reports/journal", query=wanted, clock=AFTER)
    assert answer.status == 200, answer.text
    return answer


def pages(played: Closing, **query: str) -> list[dict[str, Any]]:
    """All items, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = ask(played, **query, **cursor)
        found += answer.body["items"]
        if answer.body["next_cursor"] is None:
            return found
        cursor = {"cursor": answer.body["next_cursor"]}


def trial(played: Closing) -> dict[str, dict[str, int]]:
    """The trial balance by hand."""
    found: dict[str, dict[str, int]] = played.month.said["expected"]["trial_balance"]
    return found


def summed(items: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """The sums of items by currency and account."""
    found: dict[str, Counter[str]] = {}
    for item in items:
        of = found.setdefault(item["currency"], Counter())
        for line in item["lines"]:
            of[line["account"]] += line["amount"]
    return {
        currency: {name: amount for name, amount in of.items() if amount} for currency, of in found.items()
    }


def test_law_8_every_item_adds_up_and_all_of_them_are_the_trial_balance(played: Closing) -> None:
    items = pages(played)

    assert summed(items) == trial(played)
    for item in items:
        assert item["lines"]
        assert sum(line["amount"] for line in item["lines"]) == 0
        assert item["late_for"] is None
        assert item["at"].startswith(MONTH)
    assert len({(item["entry_id"], item["currency"]) for item in items}) == len(items)


def test_a_transfer_shows_both_of_its_sides(played: Closing) -> None:
    (out,) = (item for item in pages(played) if item["kind"] == "transfer_out")

    assert [line["account"] for line in out["lines"]] == ["deferred_revenue", "deferred_revenue"]
    assert out["lines"][0]["amount"] == -out["lines"][1]["amount"] > 0


@pytest.mark.parametrize("limit", ["1", "7", "1000"])
def test_pages_of_any_size_have_the_same_items_each_once(played: Closing, limit: str) -> None:
    assert pages(played, limit=limit) == pages(played)


def test_a_table_has_a_row_for_each_line_and_a_link_to_the_next_page(played: Closing) -> None:
    answer = ask(played, format="csv", limit="10")
    rows: list[dict[str, str]] = []
    while True:
        rows += csv.DictReader(io.StringIO(answer.text))
        link = answer.headers.get("link")
        if link is None:
            break
        assert link.startswith("</v1/reports/journal?")
        assert link.endswith('>; rel="next"')
        cursor = link.partition("cursor=")[2].partition("&")[0].partition(">")[0]
        answer = ask(played, format="csv", limit="10", cursor=cursor)

    found: dict[str, Counter[str]] = {}
    for row in rows:
        of = found.setdefault(row["currency"], Counter())
        of[row["book_account"]] += int(Decimal(row["amount"]) * MINOR[row["currency"]])
    assert {
        currency: {name: amount for name, amount in of.items() if amount} for currency, of in found.items()
    } == trial(played)
    assert next(iter(rows[0])) == "currency"
    assert len(rows) == sum(len(item["lines"]) for item in pages(played))


@pytest.mark.parametrize("group", ["entry", "day"])
def test_beancounts_own_loader_has_the_trial_balance(played: Closing, group: str) -> None:
    text = ask(played, format="beancount", group=group).text

    entries, errors, _ = loader.load_string(text)
    assert not errors
    found: dict[str, Decimal] = {}
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            found[posting.units.currency] = found.get(posting.units.currency, Decimal(0)) + (
                posting.units.number if posting.account == "Income:Revenue" else 0
            )
    assert {currency: int(amount * MINOR[currency]) for currency, amount in found.items()} == {
        currency: accounts["revenue"] for currency, accounts in trial(played).items()
    }


@pytest.mark.parametrize("layout", ["quickbooks", "xero", "netsuite"])
@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_a_layouts_file_adds_up_to_nothing(played: Closing, layout: str, currency: str) -> None:
    text = ask(played, format="csv", layout=layout, currency=currency).text

    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    if layout == "xero":
        assert sum(Decimal(row["*Amount"]) for row in rows) == 0
        return
    debit, credit = ("Debits", "Credits") if layout == "quickbooks" else ("Debit", "Credit")
    debits = sum(Decimal(row[debit] or 0) for row in rows)
    assert debits == sum(Decimal(row[credit] or 0) for row in rows) > 0


def test_a_currency_that_a_program_cannot_hold_is_refused_by_name(played: Closing) -> None:
    query = {"period": MONTH, "unit": played.month.unit, "format": "csv", "layout": "netsuite"}
    answer = played.scrip.get("/v1/reports/journal", query=query, clock=AFTER)

    assert (answer.status, answer.fields) == (400, ["currency"])
    assert "BHD" in answer.text


def test_a_layout_of_many_lines_is_several_files(played: Closing) -> None:
    query = {"format": "csv", "layout": "xero", "currency": "USD", "group": "entry"}
    one = ask(played, **query)
    assert "link" not in one.headers
    beyond = {"period": MONTH, **query, "part": "2"}
    answer = played.scrip.get("/v1/reports/journal", query=beyond, clock=AFTER)
    assert (answer.status, answer.fields) == (400, ["part"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": ""}, "period"),
        ({"format": "pdf"}, "format"),
        ({"layout": "xero"}, "layout"),
        ({"layout": "sage", "format": "csv"}, "layout"),
        ({"layout": "xero", "format": "beancount"}, "layout"),
        ({"group": "day"}, "group"),
        ({"part": "1"}, "part"),
        ({"part": "1", "format": "beancount"}, "part"),
        ({"limit": "5", "format": "beancount"}, "limit"),
        ({"limit": "5", "format": "csv", "layout": "xero"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"by": "day"}, "by"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(played: Closing, query: dict[str, str], field: str) -> None:
    answer = played.scrip.get("/v1/reports/journal", query={"period": MONTH, **query}, clock=AFTER)

    assert (answer.status, answer.code, answer.fields) == (400, "invalid_request", [field])


def test_a_journal_is_of_a_month(played: Closing) -> None:
    answer = played.scrip.get("/v1/reports/journal", clock=AFTER)

    assert (answer.status, answer.fields) == (400, ["period"])


def test_the_journal_of_a_month_in_which_nothing_happened_is_empty(played: Closing) -> None:
    body = ask(played, period="2030-10").body

    assert (body["items"], body["next_cursor"]) == ([], None)
    assert ask(played, period="2030-10", format="csv", layout="quickbooks").text.count("\r\n") == 1
