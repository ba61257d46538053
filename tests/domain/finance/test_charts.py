"""The chart of accounts."""

from __future__ import annotations

import pytest

from scrip.domain.finance.charts import ACCOUNTS, Chart, book_account


def test_an_account_is_called_what_was_said_and_else_by_its_own_name() -> None:
    chart = Chart({"revenue": "4000", "cash.stripe": "1100"})
    named = [chart.name(key) for key in ("revenue", "refunds", "cash.stripe", "cash.dodo")]
    assert named == ["4000", "Refunds", "1100", "Clearing:Dodo"]
    assert Chart().name("promotional_expense") is None


@pytest.mark.parametrize("key", ["sales", "cash", "cash.", ""])
def test_there_is_no_account_of_another_key(key: str) -> None:
    with pytest.raises(LookupError, match=f"no account {key}"):
        book_account(key)


def test_names_of_providers_are_shown_last_and_once() -> None:
    shown = Chart({"cash.stripe": "1100", "cash.acme": "1109"}).all_names(["stripe", "dodo"])
    assert list(shown)[len(ACCOUNTS) :] == ["cash.acme", "cash.dodo", "cash.stripe", "xero.tax_rate"]
    assert [shown["cash.acme"], shown["cash.dodo"], shown["cash.stripe"]] == ["1109", "Clearing:Dodo", "1100"]


def test_a_chart_is_stored_and_read_and_nothing_is_a_chart_that_nobody_put() -> None:
    chart = Chart({"revenue": "4000", "bank": "1000"}, 3)
    assert Chart.from_json(chart.to_json()) == chart
    assert Chart.from_json({}) == Chart()
