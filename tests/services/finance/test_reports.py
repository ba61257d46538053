"""Reports of the worked month give the figures that were worked out by hand, whether an edition of the archive has it
or batches have that are in none yet (law 8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from scrip import runtime
from scrip.http.edge.parameters import instant
from scrip.services.finance import batches, reports
from scrip.services.finance.books import Books, Selection
from scrip.services.finance.manifests import Manifest
from scrip.services.finance.reports import CurrencyRows, RevenueBy
from scrip.services.finance.workspaces import Workspace
from scrip.store import ledger
from scrip.store.archive import Archive
from tests.month import Month

Ask = Callable[[Callable[[Books], Sequence[CurrencyRows]]], Sequence[CurrencyRows]]
PERIOD = "2030-11"


@pytest.fixture(params=["edition", "batches"])
def ask(
    request: pytest.FixtureRequest,
    month: Month,
    archive: Archive,
    tmp_path: Path,
) -> Ask:
    """Asks books with all of the month: in one edition, or in batches alone."""
    if request.param == "edition":
        manifest: Manifest = request.getfixturevalue("edition")
    else:
        manifest = Manifest()
        for account in month.wallets():
            batches.keep(
                runtime.tables(),
                archive,
                ledger.following(runtime.tables(), account, month.unit, (0, 1), 1000),
            )

    def asked(report: Callable[[Books], Sequence[CurrencyRows]]) -> Sequence[CurrencyRows]:
        with Workspace(archive, tmp_path) as space:
            return report(Books(space, archive, manifest, {}))

    return asked


def flat(found: Sequence[CurrencyRows], *names: str) -> dict[str, dict[str, Any]]:
    """Amounts by currency, and by what the rows are of."""
    return {
        one.currency: {".".join(str(row[name]) for name in names): row["amount"] for row in one.rows}
        for one in found
    }


def test_every_report_of_the_worked_month_is_what_was_worked_out_by_hand(ask: Ask, month: Month) -> None:
    expected, selection = month.said["expected"], Selection(unit=month.unit)
    assert (
        flat(ask(lambda books: reports.trial_balance(books, PERIOD, selection)), "account")
        == (expected["trial_balance"])
    )
    assert (
        flat(ask(lambda books: reports.roll_forward(books, PERIOD, selection)), "line")
        == (expected["roll_forward"])
    )
    assert (
        flat(ask(lambda books: reports.breakage(books, PERIOD, selection)), "kind")
        == (expected["breakage_by_kind"])
    )
    assert (
        flat(ask(lambda books: reports.cash(books, PERIOD, selection)), "provider", "line")
        == (expected["cash"])
    )
    assert (
        flat(ask(lambda books: reports.tax(books, PERIOD, selection)), "country", "tax_point")
        == (expected["tax_payable_by_country_and_point"])
    )


@pytest.mark.parametrize("by", ["day", "meter", "pack"])
def test_revenue_is_the_same_sum_by_whatever_it_is_asked_for(ask: Ask, month: Month, by: RevenueBy) -> None:
    expected, selection = month.said["expected"], Selection(unit=month.unit)
    found = flat(ask(lambda books: reports.revenue(books, PERIOD, selection, by)), by)
    named = {
        currency: {name.replace("None", "(none)"): amount for name, amount in rows.items()}
        for currency, rows in found.items()
    }
    assert named == expected[f"revenue_by_{by}"]


def test_the_liability_is_aged_by_when_lots_end_and_is_the_same_by_account(ask: Ask, month: Month) -> None:
    expected, selection = month.said["expected"], Selection(unit=month.unit)
    at = instant(month.said["ends"], "at")
    aged = flat(ask(lambda books: reports.liability(books, at, selection, by_account=False)), "bucket")
    assert aged == expected["liability_aged"]
    of = flat(ask(lambda books: reports.liability(books, at, selection, by_account=True)), "account")
    assert {currency: sum(rows.values()) for currency, rows in of.items()} == {
        currency: sum(rows.values()) for currency, rows in aged.items()
    }
