"""The chart of accounts, as it is stored: one document, whose every change is a version.

Does not own which accounts there are and what they are called without it (``domain.finance.charts``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scrip.domain.finance.charts import Chart
from scrip.services.audit.changes import Author, Change, record
from scrip.services.catalogue.versions import replace_document
from scrip.store import documents, keys
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

TARGET: Final = "chart_of_accounts"
"""What a change is of: there is one chart, so it is its kind and its id."""


def get_chart(tables: Tables) -> Chart:
    """Returns the chart as it is now."""
    return Chart.from_json(documents.get(tables, keys.CHART).body)


def put_chart(tables: Tables, names: Mapping[str, str], author: Author) -> Chart:
    """Stores what accounts are called, and who said so; the same names again make no version. Returns the chart.

    Raises:
        Contended: other writers were faster each time.
    """

    def decide(known: Document) -> tuple[Chart, dict[str, Any] | None]:
        before = Chart.from_json(known.body)
        if names == before.names:
            return before, None
        wanted = Chart(names, before.version + 1)
        return wanted, wanted.to_json()

    def beside(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Item]:
        was = before or Chart().to_json()
        return [record(tables, author, Change("chart_of_accounts.put", TARGET, was, after))]

    return replace_document(tables, keys.CHART, "chart of accounts", decide, beside)
