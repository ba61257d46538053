"""CSV of the journal for QuickBooks Online, Xero and NetSuite, read back with Python's own reader."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal

import pytest

from scrip.domain.credits.currencies import decimals
from scrip.domain.credits.errors import InvalidRequest
from scrip.domain.finance.charts import Chart
from scrip.domain.finance.formats.beancount import BeancountAccounts
from scrip.domain.finance.formats.journals import Group, journals
from scrip.domain.finance.formats.layout import write
from scrip.domain.finance.formats.layouts import LAYOUTS, LayoutName
from scrip.domain.finance.journal import JournalEntry, JournalLine
from tests.domain.finance.formats import Sums, entry, month, trial_balance

CHART = Chart(
    {
        "deferred_revenue": "2400",
        "revenue": "4000",
        "cash.standard": "Clearing, cards",
        "refunds": 'Returns "x"',
    }
)
KEYS = {name: key for key, name in CHART.all_names(["standard", "dodo"]).items() if name}
Row = dict[str, str]


def text(
    layout: LayoutName,
    entries: Iterable[JournalEntry],
    group: Group = "day",
    part: int | None = None,
    chart: Chart = CHART,
) -> str:
    return "".join(write(LAYOUTS[layout], journals(entries, group), chart, part))


def rows(
    layout: LayoutName, entries: Iterable[JournalEntry], group: Group = "day", part: int | None = None
) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text(layout, entries, group, part), newline="")))


def quickbooks(row: Row) -> tuple[str, str, str]:
    return row["Account Name"], row["Debits"], row["Credits"]


def netsuite(row: Row) -> tuple[str, str, str]:
    return row["Account"], row["Debit"], row["Credit"]


def xero(row: Row) -> tuple[str, str, str]:
    amount = row["*Amount"]
    return row["*AccountCode"], amount.lstrip("-") * (amount[0] != "-"), amount[1:] * (amount[0] == "-")


READERS: dict[LayoutName, Callable[[Row], tuple[str, str, str]]] = {
    "quickbooks": quickbooks,
    "xero": xero,
    "netsuite": netsuite,
}


def read(layout: LayoutName, entries: list[JournalEntry], group: Group, currency: str) -> Sums:
    """The file's sums in minor units; each amount has exactly the currency's decimals."""
    found = Counter[tuple[str, str]]()
    for row in rows(layout, entries, group):
        name, *amounts = READERS[layout](row)
        assert sum(map(bool, amounts)) == 1
        for amount, sign in zip(amounts, (1, -1), strict=True):
            if amount:
                assert -int(Decimal(amount).as_tuple().exponent) == decimals(currency)
                found[KEYS[name], currency] += sign * int(Decimal(amount).scaleb(decimals(currency)))
    return {place: amount for place, amount in found.items() if amount}


@pytest.mark.parametrize("group", ["day", "entry"])
@pytest.mark.parametrize("currency", ["USD", "JPY", "BHD"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_worked_month_is_read_back_to_the_minor_unit(
    layout: LayoutName, currency: str, group: Group
) -> None:
    """NetSuite has two decimals, dinars three: they are refused."""
    entries = [one for one in month() if one.currency == currency]
    if (layout, currency) == ("netsuite", "BHD"):
        with pytest.raises(
            InvalidRequest, match="NetSuite takes amounts of at most 2 decimals, and BHD has more"
        ):
            text(layout, entries, group)
        return
    wanted = {place: amount for place, amount in trial_balance().items() if place[1] == currency}
    assert read(layout, entries, group, currency) == wanted


SALE = entry(
    JournalLine("cash.standard", 11900),
    JournalLine("deferred_revenue", -10000),
    JournalLine("tax_payable", -1900),
    kind="grant",
)


def test_quickbooks_has_debits_and_credits_by_journal_number() -> None:
    assert text("quickbooks", [SALE]).split("\r\n") == [
        "Journal No.,Journal Date,Account Name,Debits,Credits,Description,Name,Currency",
        'S20261102-USD,11/02/2026,"Clearing, cards",119.00,,Scrip S20261102-USD: 1 entry of 2026-11-02 in USD,,USD',
        "S20261102-USD,11/02/2026,2400,,100.00,Scrip S20261102-USD: 1 entry of 2026-11-02 in USD,,USD",
        "S20261102-USD,11/02/2026,Tax Payable,,19.00,Scrip S20261102-USD: 1 entry of 2026-11-02 in USD,,USD",
        "",
    ]


def test_xero_has_signed_amounts_by_narration_and_date() -> None:
    said = "Scrip S20261102-JPY: 1 entry of 2026-11-02 in JPY,02/11/2026"
    assert text("xero", [entry(currency="JPY")]).split("\r\n") == [
        "*Narration,*Date,Description,*AccountCode,*TaxRate,*Amount,TrackingName1,TrackingOption1,TrackingName2,TrackingOption2",
        f"{said},deferred_revenue,2400,Tax Exempt,3333,,,,",
        f"{said},revenue,4000,Tax Exempt,-3333,,,,",
        "",
    ]


def test_xeros_rate_of_lines_without_tax_is_called_what_the_chart_says() -> None:
    named = Chart({"xero.tax_rate": "BAS Excluded", "revenue": "4000"})
    rows = "".join(write(LAYOUTS["xero"], journals([entry(currency="JPY")], "day"), named)).split("\r\n")[
        1:-1
    ]
    assert [row.split(",")[3:5] for row in rows] == [
        ["Deferred Revenue", "BAS Excluded"],
        ["4000", "BAS Excluded"],
    ]
    assert BeancountAccounts(named).account("revenue") == "Income:4000", "no account is made of a rate"


def test_netsuite_has_the_fields_of_an_entry_on_each_of_its_lines() -> None:
    """Each journal says its currency, so one file has several."""
    said = "Scrip S20261102-{0}: 1 entry of 2026-11-02 in {0}"
    dollars, yen = said.format("USD"), said.format("JPY")
    assert text("netsuite", [entry(), entry(currency="JPY")]).split("\r\n") == [
        "External ID,Date,Currency,Memo,Account,Debit,Credit,Line Memo",
        f"S20261102-JPY,11/02/2026,JPY,{yen},2400,3333,,deferred_revenue",
        f"S20261102-JPY,11/02/2026,JPY,{yen},4000,,3333,revenue",
        f"S20261102-USD,11/02/2026,USD,{dollars},2400,33.33,,deferred_revenue",
        f"S20261102-USD,11/02/2026,USD,{dollars},4000,,33.33,revenue",
        "",
    ]


@pytest.mark.parametrize("layout", ["quickbooks", "xero"])
def test_a_file_without_currencies_of_its_journals_has_one(layout: LayoutName) -> None:
    with pytest.raises(InvalidRequest) as refused:
        LAYOUTS[layout].check(["USD", "JPY"])
    said = refused.value.facts["errors"][0]
    assert said["field"] == "currency"
    assert "takes one currency a file, and there are JPY, USD: ask for one after another" in said["message"]
    with pytest.raises(InvalidRequest):
        text(layout, [entry(), entry(currency="JPY")])


def test_what_a_layout_cannot_hold_is_refused_with_what_it_can() -> None:
    with pytest.raises(
        InvalidRequest, match="CLF, KWD has more: ask for another layout, or for currency=EUR alone"
    ):
        LAYOUTS["netsuite"].check(["KWD", "EUR", "CLF", "JPY"])
    LAYOUTS["netsuite"].check(["EUR", "JPY", "USD"])


def test_an_amount_of_more_digits_than_netsuite_has_is_several_lines() -> None:
    """Ten digits and two decimals: 25 000 000 000.00 is twice 9 999 999 999.99 and 5 000 000 000.02."""
    amount = 2_500_000_000_000
    large = entry(JournalLine("bank", amount), JournalLine("cash.dodo", -amount))
    found = [row["Debit"] for row in rows("netsuite", [large]) if row["Debit"]]
    assert found == ["9999999999.99", "9999999999.99", "5000000000.02"]
    assert read("netsuite", [large], "day", "USD") == {("bank", "USD"): amount, ("cash.dodo", "USD"): -amount}
    exact = entry(JournalLine("bank", 999_999_999_999), JournalLine("cash.dodo", -999_999_999_999))
    assert len(rows("netsuite", [exact])) == 2


@pytest.mark.parametrize(("layout", "most"), [("xero", 300), ("quickbooks", 999)])
def test_a_file_has_no_more_lines_than_its_program_takes(layout: LayoutName, most: int) -> None:
    """1 000 entries of two lines each, in files of whole journals; together they are all."""
    entries = [entry(seq=seq, entry_id=f"k.w.{seq}") for seq in range(1000)]
    parts: list[list[Row]] = []
    while part := rows(layout, entries, "entry", len(parts) + 1):
        assert len(part) <= most
        assert len(part) % 2 == 0
        parts.append(part)
    assert len(parts) == -(-2000 // (most - most % 2))
    assert [row for part in parts for row in part] == rows(layout, entries, "entry")


def test_an_account_that_lost_its_name_since_is_called_by_its_key() -> None:
    memo = entry(JournalLine("promotional_expense", 5), JournalLine("bank", -5))
    assert [row["*AccountCode"] for row in rows("xero", [memo])] == ["promotional_expense", "Bank"]
