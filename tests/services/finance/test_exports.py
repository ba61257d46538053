"""Exports: each step is held by the run that goes on with it, and let go where it ends."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import Contended, KeyReused, NotFound
from scrip.domain.finance.exports import Export, ExportKind, ExportOrder, FocusNames
from scrip.http.edge.parameters import instant
from scrip.services.engine.executor import Moment
from scrip.services.finance import exports
from scrip.services.finance.jobs import JobsDesk
from scrip.store import documents, keys
from scrip.store.archive import Archive
from scrip.store.documents import NEW
from tests.aws import Deployment, Fault, listening
from tests.services.finance.steps import steps

pytestmark = pytest.mark.usefixtures("in_memory")

AT = instant("2030-02-01T00:30:00.000Z", "at")
ORDER = ExportOrder(
    "entries",
    instant("2030-01-01T00:00:00.000Z", "from"),
    instant("2030-02-01T00:00:00.000Z", "to"),
    "jsonl",
)
CLOCK = 1_900_000_000_000


def desk_of(archive: Archive, folder: Path, time_left: Callable[[], bool] = lambda: True) -> JobsDesk:
    return JobsDesk(runtime.executor(), archive, folder, lambda: CLOCK, time_left, 60_000)


@pytest.fixture
def queued(scrip: Deployment) -> str:
    """An export of two entries of two days, which nobody has begun."""
    scrip.make_tables()
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z")
    scrip.burn("a", "4", clock="2030-01-03T00:00:00.000Z")
    export, new = exports.queue(runtime.executor(), "k", ORDER, Moment(AT, pinned=True))
    assert new
    return export.export_id


def test_a_run_holds_its_export_until_it_is_done(
    queued: str, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of each day: it is begun, has an edition, two pieces, the first, the second, and is done."""
    monkeypatch.setattr(exports, "PIECE_ROWS", 1)
    assert documents.put(runtime.tables(), keys.PERIODS, NEW, {"closes": {"2029-05": 0}})
    with steps(keys.export(queued)) as seen:
        assert exports.go_on(desk_of(archive, tmp_path), queued) is False
    assert [(one["edition"] is not None, one["pieces"], one["done"], one["held_until"]) for one in seen] == [
        (False, 0, 0, CLOCK + 60_000),
        (True, 0, 0, CLOCK + 60_000),
        (True, 2, 0, CLOCK + 60_000),
        (True, 2, 1, CLOCK + 60_000),
        (True, 2, 2, CLOCK + 60_000),
        (True, 2, 2, 0),
    ]
    assert [one["finished_at"] for one in seen] == [*repeat(None, 5), CLOCK]
    done = exports.get(runtime.executor(), queued)
    assert (done.complete_through, done.closes) == (ORDER.until, {"2029-05": 0})
    assert [(file.object.rpartition("/")[2], file.rows) for file in done.files] == [
        ("entries-0001.jsonl", 1),
        ("entries-0002.jsonl", 1),
    ]


@pytest.mark.parametrize(
    ("asked", "editions", "done"), [(0, False, 0), (1, True, 0), (2, True, 1), (3, True, 2)]
)
def test_a_run_whose_time_is_up_lets_its_export_go_and_the_next_one_goes_on(
    queued: str,
    archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: int,
    editions: bool,
    done: int,
) -> None:
    """There is time for so many things. An edition and each of two pieces are one."""
    monkeypatch.setattr(exports, "PIECE_ROWS", 1)
    left = chain(repeat(True, asked), repeat(False))
    with steps(keys.export(queued)) as seen:
        assert exports.go_on(desk_of(archive, tmp_path, lambda: next(left)), queued) is (done < 2)
    assert (seen[-1]["edition"] is not None, seen[-1]["done"], seen[-1]["held_until"]) == (editions, done, 0)
    assert exports.go_on(desk_of(archive, tmp_path), queued) is False
    assert exports.get(runtime.executor(), queued).done == 2


@pytest.mark.parametrize(("most", "files"), [(1, [1, 1, 1, 1]), (2, [2, 2]), (4, [4])])
def test_a_file_has_as_many_rows_of_whole_days_as_it_may_and_none_that_is_not_of_the_span(
    queued: str,
    scrip: Deployment,
    archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    files: list[int],
) -> None:
    """One is right before the end, of a day of its own; the next one is at it. The first is at the beginning."""
    monkeypatch.setattr(exports, "PIECE_ROWS", most)
    for number, at in enumerate(("2029-12-31T23:59:59.999Z", "2030-01-01T00:00:00.000Z")):
        scrip.grant(f"b{number}", "1", clock=at)
    scrip.burn("a", "1", clock="2030-01-31T23:59:59.999Z")
    scrip.burn("a", "1", clock="2030-02-01T00:00:00.000Z")
    assert exports.go_on(desk_of(archive, tmp_path), queued) is False
    assert [file.rows for file in exports.get(runtime.executor(), queued).files] == files


@pytest.mark.parametrize(("late", "held"), [(-1, True), (0, False)])
def test_an_export_is_left_to_whoever_holds_it_until_the_time_is_over(
    queued: str, archive: Archive, tmp_path: Path, late: int, held: bool
) -> None:
    table, pk = runtime.tables(), keys.export(queued)
    known = documents.get(table, pk)
    assert documents.put(table, pk, known.rev, {**known.body, "held_until": CLOCK - late})
    with steps(pk) as seen:
        assert exports.go_on(desk_of(archive, tmp_path), queued) is held
    assert bool(seen) is not held


def test_there_is_nothing_to_do_for_an_export_that_is_done_or_that_there_is_not(
    queued: str, archive: Archive, tmp_path: Path
) -> None:
    desk = desk_of(archive, tmp_path)
    exports.go_on(desk, queued)
    with steps(keys.export(queued)) as seen:
        assert [exports.go_on(desk, name) for name in (queued, "exp_of_nobody")] == [False, False]
    assert seen == []


REPORT = replace(ORDER, kind="report", form="json")
FASTER = Fault.error("ConditionalCheckFailedException")


def kept(archive: Archive, text: str = "{}", rows: int = 7) -> Export:
    return exports.keep(
        runtime.executor(), archive, REPORT, "revenue", text, rows, Moment(AT, pinned=True), CLOCK
    )


def test_a_report_that_is_kept_is_one_file_and_the_same_text_the_same_export(
    scrip: Deployment, archive: Archive
) -> None:
    first, again, other = kept(archive, "äb"), kept(archive, "äb"), kept(archive, "äc")
    assert (first, first.export_id != other.export_id) == (again, True)
    assert exports.get(runtime.executor(), first.export_id) == first
    (file,) = first.files
    assert file.object == f"exports/{first.export_id}/revenue-2030-01.json"
    assert (file.bytes, file.rows, archive.get(file.object)) == (3, 7, "äb".encode())
    assert (first.at, first.pinned, first.pieces, first.done, first.finished_at) == (AT, True, 1, 1, CLOCK)


def test_whoever_keeps_or_queues_an_export_that_others_write_meanwhile_is_told_to_send_it_again(
    scrip: Deployment, archive: Archive
) -> None:
    executor = runtime.executor()
    with listening("before-call.dynamodb.PutItem", lambda **_: FASTER()):
        with pytest.raises(Contended, match="somebody else keeps the same report now: send it again"):
            kept(archive)
        with pytest.raises(Contended, match="the export was neither written nor there: send it again"):
            exports.queue(executor, "k", ORDER, Moment(AT))


def test_a_report_that_was_promised_is_kept_once(queued: str, archive: Archive) -> None:
    executor = runtime.executor()
    for number, text in enumerate(["one", "another"]):
        exports.fulfil(executor, archive, queued, "revenue", text, 1, CLOCK + number)
    done = exports.get(executor, queued)
    assert (done.order, done.at, done.finished_at) == (ORDER, AT, CLOCK)
    assert archive.get(done.files[0].object) == b"one"
    with pytest.raises(NotFound) as told:
        exports.fulfil(executor, archive, "exp_of_nobody", "revenue", "", 0, CLOCK)
    assert told.value.facts == {"export_id": "exp_of_nobody"}


def test_a_key_is_of_one_export(queued: str) -> None:
    executor = runtime.executor()
    again, new = exports.queue(executor, "k", ORDER, Moment(AT + 1))
    assert (again.export_id, again.at, new) == (queued, AT, False)
    with pytest.raises(KeyReused, match="the key was used for an export of something else"):
        exports.queue(executor, "k", replace(ORDER, account="a"), Moment(AT))


@pytest.mark.parametrize(
    ("account", "begins", "entries"),
    [(None, ["-10.00 USD", "10.00 USD"], 2), ("a", [], 1)],
)
def test_a_ledger_of_beancount_begins_with_what_the_books_had_unless_it_is_of_one_account(
    scrip: Deployment, archive: Archive, tmp_path: Path, account: str | None, begins: list[str], entries: int
) -> None:
    """10 credits were sold for 10.00 in December. In January 4 of them are burned, and one is sold to another."""
    scrip.make_tables()
    sold: Any = {"kind": "paid", "cost_basis": {"amount": 1000, "currency": "USD"}}
    scrip.grant("a", "10", clock="2029-12-02T00:00:00.000Z", **sold)
    scrip.burn("a", "4", clock="2030-01-03T00:00:00.000Z")
    scrip.grant("b", "1", clock="2030-01-04T00:00:00.000Z", **sold)
    order = replace(ORDER, kind="journal", form="beancount", account=account)
    export, _ = exports.queue(runtime.executor(), "k", order, Moment(AT, pinned=True))
    assert exports.go_on(desk_of(archive, tmp_path), export.export_id) is False
    (file,) = exports.get(runtime.executor(), export.export_id).files
    text = (archive.get(file.object) or b"").decode()
    before, *_ = re.split(r"^2030-01-0[34] ", text, flags=re.MULTILINE)
    assert re.findall(r"-?10\.00 USD", before) == begins
    assert file.rows == entries


@pytest.mark.parametrize("kind", ["entries", "journal", "lots", "usage", "focus"])
def test_an_export_of_a_ledger_of_nothing_is_one_file_without_rows(
    scrip: Deployment, archive: Archive, tmp_path: Path, kind: ExportKind
) -> None:
    scrip.make_tables()
    order = replace(ORDER, kind=kind, issuer=FocusNames("a", "b", "c", "d"))
    export, _ = exports.queue(runtime.executor(), "k", order, Moment(AT, pinned=True))
    assert exports.go_on(desk_of(archive, tmp_path), export.export_id) is False
    (file,) = exports.get(runtime.executor(), export.export_id).files
    assert (file.object, file.rows, file.bytes) == (f"exports/{export.export_id}/{kind}-0001.jsonl", 0, 0)
    assert archive.get(file.object) == b""


def test_money_of_lots_has_its_currency_s_decimals_in_csv(
    scrip: Deployment, archive: Archive, tmp_path: Path
) -> None:
    """10 credits of 10.00 dollars, of 1000 yen and of 1.000 dinars; 4 of each are burned, so 6 tenths are deferred."""
    scrip.make_tables()
    for number, currency in enumerate(("USD", "JPY", "BHD")):
        cost = {"amount": 1000, "currency": currency}
        clock = f"2030-01-0{number + 2}T00:00:00.000Z"
        scrip.grant(currency, "10", clock=clock, kind="paid", cost_basis=cost)
        scrip.burn(currency, "4", clock=clock)
    export, _ = exports.queue(
        runtime.executor(), "k", replace(ORDER, kind="lots", form="csv"), Moment(AT, pinned=True)
    )
    assert exports.go_on(desk_of(archive, tmp_path), export.export_id) is False
    (file,) = exports.get(runtime.executor(), export.export_id).files
    rows = csv.DictReader((archive.get(file.object) or b"").decode().splitlines())
    names = ("currency", "cost", "tax", "deferred", "tax_deferred", "remaining")
    assert [[row[name] for name in names] for row in rows] == [
        ["USD", "10.00", "0.00", "6.00", "0.00", "6"],
        ["JPY", "1000", "0", "600", "0", "6"],
        ["BHD", "1.000", "0.000", "0.600", "0.000", "6"],
    ]


@pytest.mark.parametrize(
    ("kind", "names", "last"),
    [
        ("entries", ("kind", "amount"), ["burn", "-6"]),
        ("usage", ("kind", "quantity", "credits", "value"), ["reversal", "-1", "-2", "-2.00"]),
    ],
)
def test_a_number_below_zero_is_no_formula(
    scrip: Deployment,
    archive: Archive,
    tmp_path: Path,
    kind: ExportKind,
    names: tuple[str, ...],
    last: list[str],
) -> None:
    """10 credits for 10.00, of which three tokens take 6; then one of them is undone."""
    scrip.make_tables()
    price, clock = {"price": {"model": "per_unit", "credits": "2"}}, "2030-01-03T00:00:00.000Z"
    assert scrip.put("/v1/rates/tokens", price, clock=clock).status == 201
    scrip.grant("a", "10", clock=clock, kind="paid", cost_basis={"amount": 1000, "currency": "USD"})
    used = scrip.post("/v1/accounts/a/burns", {"meter": "tokens", "quantity": "3"}, key="b", clock=clock)
    path = f"/v1/accounts/a/burns/{used.body['entry']['entry_id']}/reversal"
    assert scrip.post(path, {"amount": "2"}, key="r", clock=clock).status == 201
    order = replace(ORDER, kind=kind, form="csv")
    export, _ = exports.queue(runtime.executor(), "k", order, Moment(AT, pinned=True))
    assert exports.go_on(desk_of(archive, tmp_path), export.export_id) is False
    (file,) = exports.get(runtime.executor(), export.export_id).files
    rows = csv.DictReader((archive.get(file.object) or b"").decode().splitlines())
    assert last in [[row[name] for name in names] for row in rows]
