"""A month of the books on the local AWS, over HTTP and by the test clock: the worked month (tests/month), played once.

Its figures, its close and what comes after it, statements and exports are looked at.
"""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

import command_line
from tests.domain.finance.focus_rules import faults
from tests.month import Month
from tests.month.played import AFTER, INVOICED, LAST, MONTH, REPORTS, PlayedMonth, amounts
from tests.stack.books import PATIENCE_SECONDS, BooksOverHttp
from tests.stack.conftest import App

SPAN = {"from": "2030-11-01T00:00:00Z", "to": "2030-12-01T00:00:00Z"}
ISSUER = {"provider": "Example", "publisher": "Example", "invoice_issuer": "Example", "service": "Example AI"}


@pytest.fixture(scope="module")
def http(stack: App) -> BooksOverHttp:
    return BooksOverHttp(stack)


@pytest.fixture(scope="module")
def played(http: BooksOverHttp) -> PlayedMonth:
    """The worked month and its invoices. Its entries are in the archive, or come within moments."""
    made = PlayedMonth(http, Month("books-"))
    made.play()
    posted = {(one["account"], one["seq"], one["currency"]) for one in made.month.said["journal"]}
    http.stack.eventually(lambda: len(made.journal()) >= len(posted) + 2 * len(INVOICED), PATIENCE_SECONDS)
    return made


@pytest.fixture(scope="module")
def closed(played: PlayedMonth, http: BooksOverHttp) -> PlayedMonth:
    """The month, closed."""
    http.close(MONTH, AFTER)
    return played


def told(played: PlayedMonth) -> dict[str, str]:
    """All that is said of the month: each report, its journal in each form, and its close."""
    found = {f"{name} {query}": played.ask(name, **query).text for name, query, _, _ in REPORTS}
    xero = {"format": "csv", "layout": "xero", "currency": "BHD"}
    for query in ({}, {"format": "csv"}, {"format": "beancount"}, xero):
        found[f"journal {query}"] = played.ask("journal", **query).text
    found["close"] = played.scrip.get(f"/v1/periods/{MONTH}").text
    return found


def test_law_8_every_report_of_the_worked_month_has_its_figures(played: PlayedMonth) -> None:
    """As JSON, as tables, as files for programs, and in Beancount by its own loader."""
    for report in REPORTS:
        played.has_its_figures(*report)
    played.adds_up()
    played.posts_what_was_worked_out()
    played.beancount_has_it(played.ask("journal", format="beancount").text)
    for layout in ("quickbooks", "xero", "netsuite"):
        for currency in ("USD", "JPY"):
            played.layout_has_it(layout, currency)


def test_what_comes_late_lands_in_the_next_month_and_the_closed_one_says_the_same_to_the_byte(
    closed: PlayedMonth, http: BooksOverHttp
) -> None:
    """Ann's late 12.25 credits take 11.55 free ones, then 0.45 of the 3 that she paid 100.00 for: 15.00. Meanwhile the
    queue writes an export, and somebody closes the month again."""
    before = told(closed)
    closed.play("late")
    burn = {"unit": closed.month.unit, "amount": "12"}
    assert http.post("/v1/accounts/books-ann/burns", burn, clock=LAST).status == 201
    export = http.ask_for_export("journal", "csv", "2030-12-05T00:30:00.000Z", **SPAN)
    assert told(closed) == before
    with ThreadPoolExecutor(2) as pool:
        again = [*pool.map(lambda _: closed.close(clock="2031-06-01T00:00:00.000Z"), range(2))]
    assert [(one.status, one.text) for one in again] == [(200, before["close"])] * 2

    following: dict[str, str] = {"period": "2030-12", "clock": "2030-12-05T00:30:00.000Z"}
    http.stack.eventually(lambda: closed.journal(**following))
    assert amounts(closed.ask("revenue", **following), "day") == {"USD": {"2030-12-01": 1500}}
    (late,) = closed.journal(**following)
    assert (late["late_for"], late["at"], late["account"]) == (MONTH, LAST, "books-ann")
    november, december = (amounts(closed.ask("roll-forward", **one), "line") for one in ({}, following))
    for currency, lines in december.items():
        assert lines["opening"] == november[currency]["closing"]
        assert lines["recognised"] == (1500 if currency == "USD" else 0)
    (text,) = http.files(export)
    assert "books-ann" in text.decode()


def test_a_statement_is_proven_without_any_access_and_one_flipped_byte_is_found(
    closed: PlayedMonth, http: BooksOverHttp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fay's, in dinars, with an invoice and its void: 19.000 are deferred at its end."""
    query = {"unit": closed.month.unit}
    answer = http.get(f"/v1/accounts/books-fay/statements/{MONTH}", query=query, clock=AFTER)
    assert (answer.status, answer.body["status"]) == (200, "final"), answer.text
    (money,) = answer.body["closing"]["money"]
    assert (money["currency"], money["deferred"]) == ("BHD", 19000)
    keys, file = tmp_path / "keys.json", tmp_path / "november.json"
    keys.write_text(httpx.get(f"{http.stack.url}/v1/statement-keys", trust_env=False).text)

    def verified(text: str) -> int:
        file.write_text(text)
        return command_line.main(["statement", "verify", str(file), "--keys", str(keys)])

    assert verified(answer.text) == 0
    raw, first = answer.text, answer.body["entries"][0]
    for place in (raw.index(first["hash"]), raw.index("19000"), raw.index(answer.body["signature"]["value"])):
        assert verified(raw[:place] + chr(ord(raw[place]) ^ 1) + raw[place + 1 :]) == 1
    capsys.readouterr()


def test_every_kind_of_export_is_read_by_its_link(closed: PlayedMonth, http: BooksOverHttp) -> None:
    """All are asked for at once."""
    clock = "2030-12-01T00:30:00.000Z"
    wanted: dict[str, dict[str, Any]] = {
        "entries": {"form": "csv"},
        "journal": {"form": "jsonl"},
        "lots": {"form": "jsonl"},
        "usage": {"form": "csv"},
        "focus": {"form": "csv", "issuer": ISSUER},
        "nothing": {
            "kind": "entries",
            "form": "jsonl",
            "from": "2029-01-01T00:00:00Z",
            "to": "2029-01-02T00:00:00Z",
        },
    }
    asked = {
        name: http.ask_for_export(**{"kind": name, "clock": clock, **SPAN, "account": "books-bob", **more})
        for name, more in wanted.items()
    }
    texts = {name: b"".join(http.files(export_id)).decode() for name, export_id in asked.items()}
    rows = {
        name: list(csv.DictReader(io.StringIO(texts[name], newline="")))
        for name in ("entries", "usage", "focus")
    }

    query = {"unit": closed.month.unit, "limit": "100"}
    listed = http.get("/v1/accounts/books-bob/entries", query=query, clock=AFTER).body["items"]
    assert [int(row["seq"]) for row in rows["entries"]] == sorted(entry["seq"] for entry in listed)
    journal = [json.loads(line) for line in texts["journal"].splitlines()]
    assert {row["customer"] for row in journal} == {"books-bob"}
    assert sum(row["amount"] for row in journal) == 0
    lots = [json.loads(line) for line in texts["lots"].splitlines()]
    assert sum(row["deferred"] for row in lots) == closed.figures("deferred_by_account")["books-bob"]["USD"]
    assert {row["meter"] for row in rows["usage"]} == {"books-chat", "books-image", "books-ping", ""}
    # Without a meter is what paid the invoice that was void.
    assert sum(float(row["quantity"] or row["credits"]) for row in rows["usage"] if not row["meter"]) == 0
    nulls = [{name: value or None for name, value in row.items()} for row in rows["focus"]]
    assert [fault for row in nulls for fault in faults(row)] == []
    # Bob paid 549.95 and 100.00 went back.
    assert sum(round(float(row["BilledCost"]) * 100) for row in rows["focus"]) == 44995
    assert texts["nothing"] == ""


@pytest.mark.parametrize(
    ("period", "clock", "status", "code"),
    [
        ("2030-12", "2030-12-15T00:00:00.000Z", 409, "period_not_over"),
        ("2030-12", "2031-01-01T00:09:59.999Z", 409, "period_not_over"),
        ("2030-13", AFTER, 400, "invalid_request"),
        ("last", AFTER, 400, "invalid_request"),
    ],
)
def test_what_is_not_over_or_no_month_is_not_closed(
    http: BooksOverHttp, period: str, clock: str, status: int, code: str
) -> None:
    answer = http.post(f"/v1/periods/{period}/close", {}, clock=clock)
    assert (answer.status, answer.code) == (status, code)


def test_of_a_month_in_which_nothing_happened_there_are_no_rows(played: PlayedMonth) -> None:
    for name in ("revenue", "trial-balance", "journal"):
        body = played.ask(name, period="2028-02").body
        assert body.get("currencies", body.get("items")) == []
    assert played.ask("cash", period="2028-02", format="csv").text == "currency,provider,line,amount\r\n"
    wrong = played.scrip.get("/v1/reports/cash", query={"period": "2028-2"})
    assert (wrong.status, wrong.fields) == (400, ["period"])
