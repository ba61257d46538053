"""The journal of the worked month (tests/month): every posting by hand, in pages, as a table, and as files that other
programs import."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.aws import Deployment
from tests.closing import Closing, closing
from tests.month.played import AFTER, MONTH

MINOR = {"USD": 100, "JPY": 1, "BHD": 1000}


@pytest.fixture(scope="module")
def played(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """The worked month, nothing of it closed."""
    with closing(deployment, tmp_path_factory.mktemp("reports")) as made:
        made.play()
        yield made


def trial(played: Closing) -> dict[str, dict[str, int]]:
    """The trial balance by hand."""
    found: dict[str, dict[str, int]] = played.month.said["expected"]["trial_balance"]
    return found


def test_law_8_the_journal_has_every_posting_that_was_worked_out(played: Closing) -> None:
    played.posts_what_was_worked_out()


def test_a_transfer_shows_both_of_its_sides(played: Closing) -> None:
    (out,) = (item for item in played.journal() if item["kind"] == "transfer_out")

    assert [line["account"] for line in out["lines"]] == ["deferred_revenue", "deferred_revenue"]
    assert out["lines"][0]["amount"] == -out["lines"][1]["amount"] > 0


@pytest.mark.parametrize("limit", ["1", "7", "1000"])
def test_pages_of_any_size_have_the_same_items_each_once(played: Closing, limit: str) -> None:
    assert played.journal(limit=limit) == played.journal()


def test_a_table_has_a_row_for_each_line_and_a_link_to_the_next_page(played: Closing) -> None:
    answer = played.ask("journal", format="csv", limit="10")
    rows: list[dict[str, str]] = []
    while True:
        rows += csv.DictReader(io.StringIO(answer.text))
        link = answer.headers.get("link")
        if link is None:
            break
        assert link.startswith("</v1/reports/journal?")
        assert link.endswith('>; rel="next"')
        cursor = link.partition("cursor=")[2].partition("&")[0].partition(">")[0]
        answer = played.ask("journal", format="csv", limit="10", cursor=cursor)

    found: dict[str, Counter[str]] = {}
    for row in rows:
        of = found.setdefault(row["currency"], Counter())
        of[row["book_account"]] += int(Decimal(row["amount"]) * MINOR[row["currency"]])
    assert {
        currency: {name: amount for name, amount in of.items() if amount} for currency, of in found.items()
    } == trial(played)
    assert next(iter(rows[0])) == "currency"
    assert len(rows) == sum(len(item["lines"]) for item in played.journal())


@pytest.mark.parametrize("group", ["entry", "day"])
def test_beancounts_own_loader_has_the_trial_balance(played: Closing, group: str) -> None:
    played.beancount_has_it(played.ask("journal", format="beancount", group=group).text)


@pytest.mark.parametrize(
    ("layout", "currency"),
    [
        *(("quickbooks", "USD"), ("quickbooks", "JPY"), ("quickbooks", "BHD")),
        *(("xero", "USD"), ("xero", "JPY"), ("xero", "BHD"), ("netsuite", "USD"), ("netsuite", "JPY")),
    ],
)
def test_a_file_for_a_program_has_the_trial_balance(played: Closing, layout: str, currency: str) -> None:
    played.layout_has_it(layout, currency)


def test_a_currency_that_a_program_cannot_hold_is_refused_by_name(played: Closing) -> None:
    query = {"period": MONTH, "unit": played.month.unit, "format": "csv", "layout": "netsuite"}
    answer = played.scrip.get("/v1/reports/journal", query=query, clock=AFTER)

    assert (answer.status, answer.fields) == (400, ["currency"])
    assert "BHD" in answer.text


def test_a_layout_of_many_lines_is_several_files(played: Closing) -> None:
    query = {"format": "csv", "layout": "xero", "currency": "USD", "group": "entry"}
    one = played.ask("journal", **query)
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
    body = played.ask("journal", period="2030-10").body

    assert (body["items"], body["next_cursor"]) == ([], None)
    assert played.ask("journal", period="2030-10", format="csv", layout="quickbooks").text.count("\r\n") == 1
