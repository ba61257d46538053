"""Books: which months' sums are read, and what a close has not seen is booked after it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from scrip import runtime
from scrip.http.edge.parameters import instant
from scrip.services.finance import editions, manifests, reports
from scrip.services.finance.books import Books, Selection
from scrip.services.finance.manifests import Manifest
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


@pytest.fixture
def four_months(scrip: Deployment, archive: Archive, tmp_path: Path) -> tuple[Manifest, dict[str, int]]:
    """Four months, each with a purchase, a burn, and one burn more that comes when the month's edition is made.

    The first two are closed with the edition of their last day.
    """
    scrip.make_tables()
    closes = dict[str, int]()
    for number in range(1, 5):
        month = f"2030-{number:02d}"
        scrip.grant(f"a{number}", "10", clock=f"{month}-02T00:00:00.000Z", kind="paid", cost_basis=COST)
        scrip.burn("a1", "1", clock=f"{month}-28T10:00:00.000Z")
        at = instant(f"2030-{number + 1:02d}-01T00:30:00Z", "at")
        made = editions.make(runtime.tables(), archive, tmp_path, at, number)
        if number <= 2:
            closes[month] = made.manifest.edition
        scrip.burn(f"a{number}", "1", clock=f"{month}-28T10:00:00.000Z")
    return made.manifest, closes


class Counting(Archive):
    """An archive that knows which objects were brought."""

    brought: ClassVar[list[str]] = []

    def fetch(self, key: str, target: Path) -> None:
        self.brought.append(key)
        Archive.fetch(self, key, target)


def test_reports_of_any_month_read_its_own_days_and_one_sum_of_all_before(
    four_months: tuple[Manifest, dict[str, int]], archive: Archive, tmp_path: Path
) -> None:
    """The figures are those of all days of all months; so are those of an edition that has no such sums yet."""
    manifest, closes = four_months
    bare = replace(manifest, summaries=tuple(one._replace(months="") for one in manifest.summaries))
    objects = dict[str, list[int]]()
    for month in ("2030-02", "2030-03", "2030-04"):
        for name in ("trial-balance", "roll-forward", "tax"):
            counting = Counting(archive.client, archive.bucket)
            Counting.brought.clear()
            found = list[Any]()
            for number, one in enumerate((manifest, bare)):
                source = archive if number else counting
                with Workspace(source, tmp_path / f"{month}-{name}-{number}") as space:
                    books = Books(space, source, one, closes)
                    found.append(reports.OF_A_MONTH[name](books, month, Selection()))
            assert found[0] == found[1], (month, name)
            objects.setdefault(name, []).append(len(Counting.brought))
            assert found[0] or name == "tax"
    # Two days of each month, and the sum. In February what came late for January, which is closed; in March the same
    # for February, and what came late for itself.
    assert list(objects.values()) == [[4, 5, 3]] * 3
