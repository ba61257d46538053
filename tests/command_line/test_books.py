"""``scrip report``, ``journal`` and ``chart``: what finance reads, as tables, as CSV and as files of other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scrip.domain.finance.formats import layouts
from tests.aws import Deployment
from tests.closing import closing
from tests.command_line.conftest import Line

CLOCK = ("--test-clock", "2030-02-01T00:20:00.000Z")
JANUARY = ("--period", "2030-01")


@pytest.fixture(scope="module")
def january(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """10.00 USD for 100 credits, of which 33.5 were burned, and 700 yen for 7: the unit has the account's name."""
    with closing(deployment, tmp_path_factory.mktemp("books")) as made:
        scrip, account = made.scrip, "books"
        scrip.put(f"/v1/units/{account}", {"precision": 2})
        paid = {"unit": account, "kind": "paid"}
        dollars, yen = {"amount": 1000, "currency": "USD"}, {"amount": 700, "currency": "JPY"}
        scrip.grant(account, "100", clock="2030-01-10T00:00:00.000Z", cost_basis=dollars, **paid)
        scrip.burn(account, "33.5", clock="2030-01-11T00:00:00.000Z", unit=account)
        scrip.grant(account, "7", clock="2030-01-12T00:00:00.000Z", cost_basis=yen, **paid)
        yield account


def rows(lines: list[str]) -> list[list[str]]:
    return [line.split() for line in lines if line]


def test_people_read_a_report_in_major_units_and_what_is_proved_of_it(line: Line, january: str) -> None:
    status, out, err = line.run(*CLOCK, "report", "trial-balance", *JANUARY, "--unit", january)
    assert status == 0
    told = rows([one for one in out.splitlines() if not one.startswith("{")])
    assert told == [
        ["currency", "account", "opening", "movement", "amount"],
        ["JPY", "deferred_revenue", "0", "-700", "-700"],
        ["JPY", "funding.manual", "0", "700", "700"],
        ["USD", "deferred_revenue", "0.00", "-6.65", "-6.65"],
        ["USD", "funding.manual", "0.00", "10.00", "10.00"],
        ["USD", "revenue", "0.00", "-3.35", "-3.35"],
    ]
    assert "recorded before 2030-02-01T00:00:00.000Z is in it" in err


def test_a_program_reads_it_as_the_api_has_it_and_a_spreadsheet_as_csv(
    line: Line, january: str, tmp_path: Path
) -> None:
    asked = ("report", "revenue", *JANUARY, "--by", "account", "--unit", january, "--currency", "USD")
    said = line.json(*CLOCK, *asked)
    assert said["currencies"][0]["rows"] == [{"account": january, "amount": 335}]
    printed = line.table(*CLOCK, *asked, "--csv")
    assert printed == ["currency,account,amount", f"USD,{january},3.35"]
    file = tmp_path / "revenue.csv"
    assert line.table(*CLOCK, *asked, "--output", str(file)) == []
    assert file.read_text(encoding="utf-8").splitlines() == printed


def test_what_a_report_does_not_take_is_said(line: Line) -> None:
    assert "there is no report balance" in line.sentence(1, "report", "balance", *JANUARY)
    assert "period: is missing" in line.sentence(1, "report", "cash")
    assert "leave it out" in line.sentence(1, "report", "cash", *JANUARY, "--method", "proportional")


def test_the_journal_is_listed_and_written_for_other_programs(
    line: Line, january: str, tmp_path: Path
) -> None:
    asked = (*CLOCK, "journal", *JANUARY, "--unit", january)
    listed = [one for one in line.table(*asked) if january in one]
    assert len(listed) == 3
    assert "USD: deferred_revenue 3.35, revenue -3.35" in listed[1]
    assert len(list(csv.DictReader(io.StringIO("\n".join(line.table(*asked, "--csv")))))) == 6
    ledger = tmp_path / "january.beancount"
    line.table(*asked, "--layout", "beancount", "--output", str(ledger))
    assert "2030-01-11 * " in ledger.read_text(encoding="utf-8")


def test_a_program_that_takes_few_lines_gets_several_files(
    line: Line, january: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four lines in two journals, of which a file takes two."""
    few = replace(layouts.LAYOUTS["quickbooks"], most_lines=2)
    monkeypatch.setitem(layouts.LAYOUTS, "quickbooks", few)
    asked: tuple[str, ...] = (*CLOCK, "journal", *JANUARY, "--unit", january, "--layout", "quickbooks")
    asked += ("--group", "entry", "--currency", "USD")
    file = tmp_path / "january.csv"
    line.table(*asked, "--output", str(file))
    names = sorted(one.name for one in tmp_path.glob("january*.csv"))
    assert names == ["january-2.csv", "january.csv"]
    found = [
        list(csv.DictReader(io.StringIO((tmp_path / name).read_text(encoding="utf-8")))) for name in names
    ]
    assert [len(one) for one in found] == [2, 2]
    status, _, err = line.run(*asked)
    assert (status, "name one by --output" in err) == (2, True)


def test_some_accounts_are_named_and_the_others_stay(line: Line, scrip: Deployment) -> None:
    scrip.put("/v1/chart-of-accounts", {"revenue": "4000", "cash.stripe": "1100"})
    said = line.json("chart", "put", "breakage=Income:Breakage", "cash.stripe=1110")
    named = {name: said[name] for name in ("revenue", "breakage", "cash.stripe")}
    assert named == {"revenue": "4000", "breakage": "Income:Breakage", "cash.stripe": "1110"}
    assert line.json("chart", "put", "revenue=")["revenue"] == "Revenue"
    assert ["cash.stripe", "1110"] in rows(line.table("chart", "get"))
    assert "there is no account sales: there are adjustments, " in line.sentence(2, "chart", "put", "sales=1")
    assert "is like job=17" in line.sentence(2, "chart", "put", "sales")
