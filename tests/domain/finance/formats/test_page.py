"""The page of the chart and the files shows what is written, to the letter."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from scrip.domain.finance.charts import ACCOUNTS, Chart
from scrip.domain.finance.focus import row
from scrip.domain.finance.formats import beancount
from scrip.domain.finance.formats.beancount import ROOTS
from scrip.domain.finance.formats.journals import journals
from scrip.domain.finance.formats.layout import write
from scrip.domain.finance.formats.layouts import LAYOUTS, LayoutName
from scrip.domain.finance.journal import JournalLine
from tests.domain.finance.formats import entry
from tests.domain.finance.test_focus import ACME, BOUGHT, FACT

PAGE: Final = (Path(__file__).parents[4] / "docs" / "chart-of-accounts.md").read_text(encoding="utf-8")
NAMED: Final = re.search(r"PUT /v1/chart-of-accounts\n(.*)\n", PAGE)
EXAMPLE: Final = [
    entry(
        JournalLine("cash.stripe", 11900),
        JournalLine("deferred_revenue", -10000),
        JournalLine("tax_payable", -1900),
        entry_id="k.ZQ0X.1",
        kind="grant",
        at="2026-11-02T09:00:00.000Z",
    ),
    entry(entry_id="k.ZQ0X.2", seq=2, at="2026-11-02T10:30:00.000Z"),
]


def chart() -> Chart:
    assert NAMED
    return Chart(json.loads(NAMED[1]))


def block(title: str) -> str:
    found = re.search(rf"## {title}\n.*?```\w+ illustration\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("layout", "title"), [("quickbooks", "QuickBooks Online"), ("xero", "Xero"), ("netsuite", "NetSuite")]
)
def test_each_layout_is_shown_as_it_is_written(layout: LayoutName, title: str) -> None:
    text = "".join(write(LAYOUTS[layout], journals(EXAMPLE, "day"), chart()))
    assert text.replace("\r\n", "\n") == block(title)


def test_beancount_is_shown_as_it_is_written() -> None:
    text = "".join(beancount.write(journals(EXAMPLE, "entry"), chart(), "2026-11"))
    assert text == block("Beancount")


def test_the_page_has_every_account_with_its_name_and_where_it_stands() -> None:
    said = re.findall(r"^\| `([a-z_.]+)` \| (.+?) \| `(\w+)` \|$", PAGE, re.MULTILINE)
    wanted = [(one.key, one.name, ROOTS[one.kind]) for one in ACCOUNTS.values()]
    assert [(key, None if name.startswith("none") else name, root) for key, name, root in said] == wanted


def test_focus_is_shown_as_rows_are_made() -> None:
    """Seven facts; their costs, quantities and currencies."""
    section = PAGE[PAGE.index("## FOCUS") :]
    lines = [line.split(" | ") for line in section.splitlines() if line.startswith("| ")][1:8]
    columns = ("BilledCost", "EffectiveCost", "PricingCurrency", "PricingCurrencyEffectiveCost")
    shown = [
        [billed, effective, currency.strip("`"), credits_.rstrip(" |")]
        for _, _, billed, effective, _, currency, credits_ in lines
    ]
    bought, use = BOUGHT, FACT
    facts = [
        bought,
        replace(bought, charge="tax", money=1900),
        use,
        replace(use, money=-3333, credits="-1", quantity="-40"),
        replace(use, money=0),
        replace(use, charge="unused", money=6667, credits="2", meter=None, quantity=None),
        replace(bought, money=-5000, credits="-1.5"),
    ]
    made = [row(fact, ACME) for fact in facts]
    assert shown == [[one[column] for column in columns] for one in made]
    assert [line[1].split("`")[1] for line in lines] == [one["ChargeCategory"] for one in made]
    counted = [line[4].replace("`", "") for line in lines]
    assert counted == [
        f"{one['PricingQuantity']} {one['PricingUnit']}" if one["PricingQuantity"] else "null" for one in made
    ]
