"""Books: which months' sums are read, and what a close has not seen is booked after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from scrip import runtime
from scrip.http.edge.parameters import instant
from scrip.services.finance import editions, journal_pages, manifests, reports
from scrip.services.finance.books import Books, Selection
from scrip.services.finance.journal_pages import JournalPlace
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
    """Four months: in each 10 credits are bought for 10.00, one is burned, and one more when its edition is made.

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


@contextmanager
def counted(archive: Archive, folder: Path, manifest: Manifest, closes: dict[str, int]) -> Iterator[Books]:
    """Books, with nothing brought yet: ``Counting.brought`` says what they bring."""
    counting = Counting(archive.client, archive.bucket)
    shutil.rmtree(folder / "counted", ignore_errors=True)
    Counting.brought.clear()
    with Workspace(counting, folder / "counted") as space:
        yield Books(space, counting, manifest, closes)


@pytest.mark.parametrize(
    ("month", "opening", "earned", "objects"),
    [("2030-02", 900, 200, 4), ("2030-03", 1700, 300, 5), ("2030-04", 2400, 100, 3)],
)
def test_reports_of_any_month_read_its_own_days_and_one_sum_of_all_before(
    four_months: tuple[Manifest, dict[str, int]],
    archive: Archive,
    tmp_path: Path,
    month: str,
    opening: int,
    earned: int,
    objects: int,
) -> None:
    """In January 1.00 was earned of 10.00. In February what came late for January, which is closed, is earned too; in
    March the same for February, and what came late for itself. What came late for April is in no edition yet.

    The objects are two days of each month, the sum, and those of what came late.
    """
    manifest, closes = four_months
    found = dict[str, Any]()
    for name in ("trial-balance", "roll-forward", "tax"):
        with counted(archive, tmp_path, manifest, closes) as books:
            found[name] = [one.rows for one in reports.OF_A_MONTH[name](books, month, Selection())]
        assert len(Counting.brought) == objects, name
    before, closing = 1000 * (int(month[-2:]) - 1), opening + 1000 - earned
    assert found["tax"] == []
    assert {row["line"]: row["amount"] for row in found["roll-forward"][0]} == dict.fromkeys(
        reports.LINES, 0
    ) | {"opening": opening, "sold": 1000, "recognised": earned, "closing": closing}
    assert [tuple(row.values()) for row in found["trial-balance"][0]] == [
        ("deferred_revenue", -opening, earned - 1000, -closing),
        ("funding.manual", before, 1000, before + 1000),
        ("revenue", opening - before, -earned, closing - before - 1000),
    ]


@pytest.mark.parametrize(
    ("month", "rows"),
    [
        ("2030-01", [(0, -900, -900), (0, 1000, 1000), (0, -100, -100)]),
        ("2030-05", [(-3300, 0, -3300), (4000, 0, 4000), (-700, 0, -700)]),
    ],
)
def test_what_an_account_had_not_yet_and_what_did_not_move_is_nothing(
    four_months: tuple[Manifest, dict[str, int]],
    archive: Archive,
    tmp_path: Path,
    month: str,
    rows: list[tuple[int, int, int]],
) -> None:
    manifest, closes = four_months
    with Workspace(archive, tmp_path) as space:
        (found,) = reports.trial_balance(Books(space, archive, manifest, closes), month, Selection())
    assert [tuple(row.values()) for row in found.rows] == [
        (name, *amounts)
        for name, amounts in zip(("deferred_revenue", "funding.manual", "revenue"), rows, strict=True)
    ]


@pytest.mark.parametrize(
    ("at", "objects", "amount"),
    [
        ("2030-01-28T09:59:59.999Z", 2, 1000),
        ("2030-01-28T10:00:00.000Z", 2, 800),
        ("2030-02-10T00:00:00.000Z", 4, 1800),
        ("2030-02-28T10:00:00.000Z", 2, 1600),
    ],
)
def test_what_lots_have_at_an_instant_is_read_of_the_last_edition_before_and_of_what_came_after_it(
    four_months: tuple[Manifest, dict[str, int]],
    archive: Archive,
    tmp_path: Path,
    at: str,
    objects: int,
    amount: int,
) -> None:
    """Before the first burn it is the lot, and the posting, of the purchase. From it on it is the edition's lots, and
    of the later edition what held until then."""
    manifest, closes = four_months
    with counted(archive, tmp_path, manifest, closes) as books:
        (found,) = reports.liability(books, instant(at, "at"), Selection(), by_account=False)
    assert (len(Counting.brought), found.rows) == (objects, [{"bucket": "never", "amount": amount}])


@pytest.mark.parametrize(
    ("month", "known", "later"),
    [("2030-01", 1, []), ("2030-02", 2, []), ("2030-03", 3, [4]), ("2030-04", 4, [])],
)
def test_what_became_of_lots_is_read_of_the_last_edition_that_has_nothing_after_the_month(
    four_months: tuple[Manifest, dict[str, int]],
    archive: Archive,
    tmp_path: Path,
    month: str,
    known: int,
    later: list[int],
) -> None:
    """And the postings of later ones that are booked in it: what came late for March, which is open."""
    manifest, closes = four_months
    with counted(archive, tmp_path, manifest, closes) as books:
        books.stretches("lots", month)
    assert f"stretches/{known:09d}.parquet" in Counting.brought
    assert sorted(int(key.rpartition("/")[2][:9]) for key in Counting.brought) == [known, *later]


@pytest.mark.parametrize(("closed", "known"), [(True, 1), (False, 2)])
def test_what_became_of_lots_of_a_closed_month_is_read_of_the_edition_that_its_close_has_seen(
    late: dict[str, int], archive: Archive, tmp_path: Path, closed: bool, known: int
) -> None:
    """The second edition has nothing of February either."""
    manifest = manifests.present(runtime.tables(), archive)
    with counted(archive, tmp_path, manifest, late if closed else {}) as books:
        books.stretches("lots", "2030-01")
    assert Counting.brought == [f"stretches/{known:09d}.parquet"]


def test_reports_of_one_month_are_of_one_table(
    four_months: tuple[Manifest, dict[str, int]],
    archive: Archive,
    tmp_path: Path,
) -> None:
    """A close asks many of them, and the table has all that was booked."""
    manifest, closes = four_months
    made = list[tuple[str, str | None]]()

    class Noted(Books):
        def run(self, name: str, texts: Mapping[str, str] | None = None, **values: Any) -> None:
            if name == "book":
                made.append((values["period"], values["currency"]))
            Books.run(self, name, texts, **values)

    usd = Selection(currency="USD")
    with Workspace(archive, tmp_path) as space:
        books = Noted(space, archive, manifest, closes)
        for month, selection in (("2030-02", Selection()), ("2030-03", Selection()), ("2030-03", usd)):
            for _ in range(2):
                reports.trial_balance(books, month, selection)
                reports.roll_forward(books, month, selection)
        reports.revenue(books, "2030-03", usd, "account")
    assert made == [("2030-02", None), ("2030-03", None), ("2030-03", "USD"), ("2030-03", "USD")]


@pytest.mark.parametrize(
    ("base", "limit", "objects", "entries"),
    [(4, 1, 2, 1), (4, 2, 3, 2), (4, 3, 3, 3), (1, 1, 2, 1), (1, 2, 3, 2)],
)
def test_a_page_of_the_journal_reads_no_more_than_tells_whether_there_is_another_one(
    four_months: tuple[Manifest, dict[str, int]],
    archive: Archive,
    tmp_path: Path,
    base: int,
    limit: int,
    objects: int,
    entries: int,
) -> None:
    """In January there are a purchase and a burn in objects of their own, and a later edition has one burn more; with
    edition 1 as the base it came since the first page was asked for."""
    manifest, _ = four_months
    place = JournalPlace(base, 0, "", *journal_pages.BEFORE_ALL)
    with counted(archive, tmp_path, manifest, {}) as books:
        found, following = journal_pages.page(books, "2030-01", Selection(), place, limit)
    assert (len(Counting.brought), len(found), following is None) == (objects, entries, limit == 3)
