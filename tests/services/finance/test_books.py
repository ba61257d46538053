"""Books: which months' sums are read, and what a close has not seen is booked after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrip import runtime
from scrip.http.edge.parameters import instant
from scrip.services.finance import editions, reports
from scrip.services.finance.books import Books, Selection
from scrip.services.finance.workspaces import Workspace
from scrip.store.archive import Archive
from tests.aws import Deployment

COST = {"amount": 1000, "currency": "USD"}


@pytest.fixture
def late(scrip: Deployment, archive: Archive, tmp_path: Path) -> dict[str, int]:
    """10.00 for 10 credits: 4 burned in January, which edition 1 has; then 3 that held in January too, in edition 2."""
    scrip.make_tables()
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)
    scrip.burn("a", "4", clock="2030-01-31T10:00:00.000Z")
    first = editions.make(runtime.tables(), archive, tmp_path, instant("2030-02-01T00:30:00Z", "at"), 1)
    scrip.burn("a", "3", clock="2030-01-31T10:00:00.000Z")
    editions.make(runtime.tables(), archive, tmp_path, instant("2030-02-02T00:30:00Z", "at"), 2)
    return {"2030-01": first.manifest.edition}


def earned(archive: Archive, folder: Path, period: str, closes: dict[str, int]) -> dict[str, int]:
    """Revenue of a month by day."""
    from scrip.services.finance import manifests

    with Workspace(archive, folder) as space:
        books = Books(space, archive, manifests.present(runtime.tables(), archive), closes)
        found = reports.revenue(books, period, Selection(), "day")
    return {row["day"]: row["amount"] for one in found for row in one.rows}


def test_what_holds_in_an_open_month_is_booked_in_it(
    late: dict[str, int], archive: Archive, tmp_path: Path
) -> None:
    assert earned(archive, tmp_path, "2030-01", {}) == {"2030-01-31": 700}
    assert earned(archive, tmp_path, "2030-02", {}) == {}


def test_what_a_close_has_not_seen_is_booked_on_the_first_day_of_the_next_month(
    late: dict[str, int], archive: Archive, tmp_path: Path
) -> None:
    assert earned(archive, tmp_path, "2030-01", late) == {"2030-01-31": 400}
    assert earned(archive, tmp_path, "2030-02", late) == {"2030-02-01": 300}
