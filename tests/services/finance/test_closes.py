"""Closing a month: killed at any call, by two at once, and month after month with facts that come late."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, count, cycle, repeat
from pathlib import Path
from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits.errors import NotComplete, Unavailable
from scrip.domain.finance.periods import begins
from scrip.http.edge.parameters import format_instant, instant
from scrip.services.engine.executor import Moment
from scrip.services.finance import closes, manifests, periods
from scrip.services.finance.closes import ClosesDesk
from scrip.services.finance.periods import Period
from scrip.services.verification import wallets
from scrip.store import documents, heads, keys
from scrip.store.archive import Archive
from scrip.store.documents import NEW
from scrip.store.tables import Tables
from tests.aws import Deployment, Fault, listening
from tests.services.finance.steps import steps
from tests.services.finance.test_killed_editions import Full, restored

COST = {"amount": 1000, "currency": "USD"}
AFTER = "2030-02-01T00:10:00.000Z"


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def desk(scrip: Deployment, archive: Archive, tmp_path: Path) -> ClosesDesk:
    """What a close needs, where nothing was written yet."""
    scrip.make_tables()
    return desk_of(archive, tmp_path)


def desk_of(archive: Archive, folder: Path, time_left: Callable[[], bool] = lambda: True) -> ClosesDesk:
    ticks = count(1)
    return ClosesDesk(
        runtime.executor(),
        archive,
        folder,
        # Nobody holds anything for longer than to the next look.
        lambda: next(ticks) * 2_000_000,
        time_left,
        1,
        runtime.deliveries(),
        dict,
    )


def close(desk: ClosesDesk, month: str = "2030-01", at: str = AFTER) -> Period:
    return closes.close(desk, month, Moment(instant(at, "at"), pinned=True), "key:k1", None)


def frozen(period: Period) -> dict[str, str]:
    """The hash of each report's content."""
    assert period.close
    return {report.object.rpartition("/")[2]: report.sha256 for report in period.close.reports}


def test_killed_at_any_call_a_close_goes_on_and_freezes_the_same(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, tmp_path: Path
) -> None:
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)
    scrip.burn("a", "4", clock="2030-01-31T10:00:00.000Z")
    calls = Counter[str]()
    dies_at = [0]

    def counted(**_: Any) -> None:
        calls["all"] += 1
        if calls["all"] == dies_at[0]:
            raise Killed

    clients = (archive.client, desk.executor.tables.client)
    for client in clients:
        client.meta.events.register_first("before-call", counted, unique_id="kill")
    try:
        for at in count(3, 23):
            calls.clear()
            dies_at[0] = at
            try:
                period = close(desk)
            except Killed:
                continue
            if period.status == "closed":
                break
    finally:
        for client in clients:
            client.meta.events.unregister("before-call", unique_id="kill")
    assert at > 30, "it was killed at several calls"

    closed = close(desk)
    assert closed.close
    (lines,) = (report for report in closed.close.reports if report.report == "roll-forward")
    text = (archive.get(lines.object) or b"").decode()
    assert '{"amount":1000,"line":"sold"},{"amount":400,"line":"recognised"}' in text
    assert '{"amount":600,"line":"closing"}' in text


def test_time_that_is_up_after_each_step_comes_to_the_same(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, tmp_path: Path
) -> None:
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)
    left = cycle([True, True, True, False])
    cut = desk_of(archive, tmp_path, lambda: next(left))

    seen = [close(cut)]
    while closes.go_on(cut, "2030-01"):
        seen.append(periods.get_period(desk.executor.tables, "2030-01"))
    assert {one.status for one in seen} <= set(periods.RUNNING)
    assert len(seen) > 2
    assert close(desk).status == "closed"
    assert closes.go_on(cut, "2030-01") is False


def test_a_close_is_held_at_each_step_and_by_nobody_once_it_is_done(
    scrip: Deployment, desk: ClosesDesk
) -> None:
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)
    with steps(keys.period("2030-01")) as seen:
        assert close(desk).status == "closed"
    assert [
        (one["status"], bool(one["edition"]), len(one["frozen"]), one["held_until"] > 0) for one in seen
    ] == [
        ("booking", False, 0, True),
        ("checking", False, 0, True),
        ("archiving", False, 0, True),
        ("freezing", True, 0, True),
        ("freezing", True, 1, True),
        ("closed", True, 0, False),
    ]


def is_freezing(desk: ClosesDesk) -> bool:
    """Whether January is at its reports."""
    period = periods.read(documents.get(desk.executor.tables, keys.period("2030-01")))
    return period is not None and period.status == "freezing"


def test_what_comes_after_the_edition_of_a_close_is_in_none_of_its_reports(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, tmp_path: Path
) -> None:
    """Its time is up before it freezes anything; then 4 of 10 credits are burned, which the stream brings."""
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)

    def left() -> bool:
        return not is_freezing(desk)

    assert close(desk_of(archive, tmp_path, left)).status == "freezing"
    scrip.burn("a", "4", clock="2030-01-31T10:00:00.000Z")
    scrip.read_archive()
    assert roll_forward(archive, close(desk))["USD"]["recognised"] == 0


def test_nobody_goes_on_with_a_month_that_nobody_closes_or_that_is_closed(
    scrip: Deployment, desk: ClosesDesk
) -> None:
    assert close(desk).status == "closed"
    for month in ("2030-01", "2030-02"):
        with steps(keys.period(month)) as seen:
            assert closes.go_on(desk, month) is False
        assert seen == []


def test_a_close_freezes_each_report_by_all_that_it_is_asked_for_by(
    scrip: Deployment, desk: ClosesDesk
) -> None:
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)
    closed = close(desk).close
    assert closed
    alone = ("breakage", "cash", "roll-forward", "tax", "trial-balance")
    assert [(one.report, one.options) for one in closed.reports] == [
        *((name, {}) for name in alone),
        *(("revenue", {"by": by}) for by in ("day", "meter", "pack", "account")),
        *(("liability", {}), ("liability", {"by": "account"}), ("promotions", {}), ("journal", {})),
    ]
    folder = f"periods/2030-01/{closed.edition:09d}/"
    assert [one.object.removeprefix(folder) for one in closed.reports] == [
        *(f"{name}.json" for name in alone),
        *(f"revenue-by-{by}.json" for by in ("day", "meter", "pack", "account")),
        *("liability.json", "liability-by-account.json", "promotions.json", "journal.jsonl.gz"),
    ]


@pytest.mark.parametrize(("asked", "status"), [*enumerate(["booking", "checking", "archiving", "freezing"])])
def test_a_close_whose_time_is_up_is_let_go_where_it_is(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, tmp_path: Path, asked: int, status: str
) -> None:
    """There is time for so many steps. Nothing is in the books, so that no step asks for itself."""
    left = chain(repeat(True, asked), repeat(False))
    with steps(keys.period("2030-01")) as seen:
        told = close(desk_of(archive, tmp_path, lambda: next(left)))
    assert (told.status, told.held_until) == (status, 0)
    assert (seen[-1]["status"], seen[-1]["held_until"]) == (status, 0)
    assert seen[0]["held_until"] > 0


def test_a_month_that_is_closed_between_is_seen_and_nothing_is_half_closed(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, tmp_path: Path
) -> None:
    """Another month's close is written while this one freezes its reports: it goes on with what that has seen."""
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)
    table = desk.executor.tables

    asked = count(1)

    def another_closes() -> bool:
        period = periods.read(documents.get(table, keys.period("2030-01")))
        # First it is asked before the close looks at which months are closed, then before each report.
        if period and period.status == "freezing" and next(asked) == 3:
            assert documents.put(table, keys.PERIODS, NEW, {"closes": {"2029-05": 0}})
        return True

    assert close(desk_of(archive, tmp_path, another_closes)).status == "freezing"
    assert periods.get_period(table, "2030-01").close is None
    assert sorted(periods.closes(table)) == ["2029-05"]
    assert close(desk).status == "closed"
    assert sorted(periods.closes(table)) == ["2029-05", "2030-01"]


def test_of_two_at_once_the_second_is_told_how_far_the_first_is(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, tmp_path: Path
) -> None:
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)
    table = desk.executor.tables
    begun = Period("2030-01", "booking", instant(AFTER, "at"), True, "key:k1", None, held_until=10**15)
    assert documents.put(table, keys.period("2030-01"), NEW, begun.to_json())

    assert close(desk).status == "booking"
    # The first is gone: whoever comes next goes on.
    gone = documents.get(table, keys.period("2030-01"))
    assert documents.put(table, gone.pk, gone.rev, {**gone.body, "held_until": 0})
    assert close(desk).status == "closed"


def test_nobody_goes_on_with_a_close_that_another_run_holds(scrip: Deployment, desk: ClosesDesk) -> None:
    begun = Period("2030-01", "booking", instant(AFTER, "at"), True, "key:k1", None, held_until=10**15)
    assert documents.put(desk.executor.tables, keys.period("2030-01"), NEW, begun.to_json())
    with steps(keys.period("2030-01")) as seen:
        assert closes.go_on(desk, "2030-01") is True
    assert seen == []


@pytest.mark.parametrize(("asked", "booked"), [(1, 0), (3, 2)])
def test_a_close_goes_no_further_while_what_is_due_is_not_all_booked(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, tmp_path: Path, asked: int, booked: int
) -> None:
    """There is time to begin, and then for so many wallets of three whose credits ended within the month."""
    for account in "abc":
        scrip.grant(account, "10", clock="2030-01-02T00:00:00.000Z", expires_at="2030-01-20T00:00:00.000Z")
    left = chain(repeat(True, asked), repeat(False))

    told = close(desk_of(archive, tmp_path, lambda: next(left)))
    assert (told.status, told.held_until) == ("booking", 0)
    assert sum(head.seq for head in heads.every(desk.executor.tables)) == 3 + booked


def test_a_wallet_in_which_what_is_due_cannot_be_booked_is_named_and_the_close_is_asked_for_again(
    scrip: Deployment, desk: ClosesDesk
) -> None:
    """Others are faster with each write of it, until the close is refused."""
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z", expires_at="2030-01-20T00:00:00.000Z")
    faster = Fault.cancelled("ConditionalCheckFailed")
    with (
        listening("before-call.dynamodb.TransactWriteItems", lambda **_: faster()),
        pytest.raises(NotComplete) as told,
    ):
        close(desk)
    (reason,) = told.value.reasons
    assert (reason["what"], reason["detail"]) == ("wallets", "what was due in 1 wallets could not be booked")
    (name,) = reason["items"]
    assert name.startswith("a/credits: Contended: ")
    assert close(desk).status == "closed"


@pytest.mark.parametrize(("late", "refused"), [(-1, ["editions"]), (0, [])])
def test_a_close_as_of_an_instant_within_the_ten_minutes_has_not_all_days(
    scrip: Deployment, desk: ClosesDesk, late: int, refused: list[str]
) -> None:
    """The archive's days are done ten minutes after they are over. Somebody had it begin a millisecond before."""
    begun = Period("2030-01", "archiving", instant(AFTER, "at") + late, True, "key:k1", None)
    assert documents.put(desk.executor.tables, keys.period("2030-01"), NEW, begun.to_json())
    assert closes.go_on(desk, "2030-01") is False
    period = periods.read(documents.get(desk.executor.tables, keys.period("2030-01")))
    assert period
    assert period.status == ("refused" if refused else "closed")
    assert [(one.what, one.detail) for one in period.reasons] == [
        (what, "the archive's days are not done up to its end") for what in refused
    ]


def test_a_close_that_fails_is_let_go_where_it_is(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, tmp_path: Path
) -> None:
    """The archive takes nothing: whoever comes next goes on, and need not wait."""
    scrip.grant("a", "10", clock="2030-01-02T00:00:00.000Z", kind="paid", cost_basis=COST)
    with steps(keys.period("2030-01")) as seen, pytest.raises(Unavailable):
        close(desk_of(Full(archive.client, archive.bucket), tmp_path))
    assert [(one["status"], one["held_until"] > 0) for one in seen[-2:]] == [
        ("archiving", True),
        ("archiving", False),
    ]
    assert close(desk).status == "closed"


def test_wallets_of_which_the_archive_lacks_entries_are_named_and_the_close_is_refused(
    scrip: Deployment, desk: ClosesDesk
) -> None:
    for account in "ab":
        scrip.grant(account, "10", clock="2030-01-02T00:00:00.000Z")
    (row,) = [one for one in scrip.wallet("a") if "tl" in one]
    scrip.dynamodb.delete_item(TableName="ledger", Key={"pk": row["pk"], "sk": row["sk"]})
    with pytest.raises(NotComplete) as told:
        close(desk)
    assert told.value.reasons == [
        {
            "what": "wallets",
            "detail": "the archive lacks entries of 1 wallets",
            "items": ["a/credits: entry 1 is missing, or does not follow the one before it"],
        }
    ]


def test_a_close_whose_edition_another_month_has_gone_past_takes_a_new_one(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, tmp_path: Path
) -> None:
    """January has its edition and one report when its time is up; then December is closed, by a later edition."""
    scrip.grant("a", "10", clock="2029-12-02T00:00:00.000Z", kind="paid", cost_basis=COST)

    def left() -> bool:
        return not (is_freezing(desk) and next(asked) > 2)

    asked = count(1)
    begun = close(desk_of(archive, tmp_path, left))
    assert (begun.status, [len(one) for one in begun.frozen.values()]) == ("freezing", [1])
    scrip.burn("a", "4", clock="2029-12-31T10:00:00.000Z")
    december = close(desk, "2029-12").close
    with steps(keys.period("2030-01")) as seen:
        january = close(desk).close
    assert [(one["status"], bool(one["edition"]), len(one["frozen"])) for one in seen] == [
        ("freezing", True, 1),
        ("archiving", False, 0),
        ("freezing", True, 0),
        ("freezing", True, 1),
        ("closed", True, 0),
    ]
    assert begun.edition
    assert december
    assert january
    assert begun.edition[0] < december.edition <= january.edition


def test_what_was_refused_behind_its_callers_back_is_said_once(desk: ClosesDesk) -> None:
    reason = periods.Reason("editions", "the archive's days are not done up to its end")
    refused = Period("2030-01", "refused", instant(AFTER, "at"), True, "key:k1", None, reasons=(reason,))
    assert documents.put(desk.executor.tables, keys.period("2030-01"), NEW, refused.to_json())

    with pytest.raises(NotComplete) as told:
        close(desk)
    assert [one["what"] for one in told.value.reasons] == ["editions"]
    assert close(desk).status == "closed"


def months_by(tables: Tables, limit: int) -> list[str]:
    """The closed months, page by page."""
    found: list[str] = []
    before: str | None = None
    while True:
        page = periods.list_periods(tables, limit, before)
        found += [month for month, _ in page.items]
        before = page.following
        if before is None:
            return found


def test_open_months_right_before_are_closed_with_it_each_with_its_own_reports(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, tmp_path: Path
) -> None:
    for month in ("2029-09", "2029-11", "2029-12", "2030-01"):
        clock = f"{month}-10T00:00:00.000Z"
        scrip.grant(f"a{month}", "10", clock=clock, kind="paid", cost_basis=COST)

    closed = close(desk)
    table = desk.executor.tables
    # In October nothing was booked: the test clock may be ahead of months that are still to be written.
    assert sorted(periods.closes(table)) == ["2029-11", "2029-12", "2030-01"]
    before = periods.closed(table, "2029-12")
    assert before
    assert closed.close
    assert (before.edition, before.closed_by) == (closed.close.edition, "key:k1")
    assert (
        frozen(periods.get_period(table, "2029-12"))["roll-forward.json"]
        != frozen(closed)["roll-forward.json"]
    )
    for limit in (1, 2, 3, 4):
        assert months_by(table, limit) == ["2030-01", "2029-12", "2029-11"]
    # September is open, until somebody closes it: as of the same instant, it is of the same edition.
    few = chain(repeat(True, 50), repeat(False))
    september = close(desk_of(archive, tmp_path, lambda: next(few)), "2029-09").close
    assert september
    assert september.edition == closed.close.edition


@pytest.mark.parametrize("at_once", [2, 40])
def test_by_a_clock_that_is_no_test_s_all_open_months_before_are_closed_with_it(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """From the first one on in which something is booked: nothing may change what a closed month began with. However
    many of them are written by one transaction."""
    monkeypatch.setattr(closes, "MONTHS_AT_ONCE", at_once)
    for month in ("2029-09", "2029-11", "2030-01"):
        clock = f"{month}-10T00:00:00.000Z"
        scrip.grant(f"a{month}", "10", clock=clock, kind="paid", cost_basis=COST)

    closes.close(desk, "2030-01", Moment(instant(AFTER, "at")), "key:k1", None)

    assert sorted(periods.closes(desk.executor.tables)) == [
        *("2029-09", "2029-10", "2029-11", "2029-12", "2030-01"),
    ]

    for month in ("2029-09", "2029-10", "2029-11", "2029-12", "2030-01"):
        period = periods.get_period(desk.executor.tables, month)
        assert (period.status, period.close and period.close.period) == ("closed", month)


SEEDS = [1, 2]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_next_month_begins_with_what_the_closed_one_ended_with_however_late_facts_come(
    scrip: Deployment, desk: ClosesDesk, archive: Archive, seed: int
) -> None:
    """Three months of random history, each closed; behind each close come entries that hold in a closed month."""
    chance = random.Random(seed)
    clocks = {f"w{number}": begins("2030-01") for number in range(4)}
    rows: dict[str, dict[str, dict[str, int]]] = {}
    for month, after in (("2030-01", "2030-02-01"), ("2030-02", "2030-03-01"), ("2030-03", "2030-04-01")):
        ends = instant(f"{after}T00:00:00.000Z", "at")
        for late in (False, True):
            for account in clocks:
                for _ in range(chance.randrange(4)):
                    last = clocks[account]
                    # What comes late holds before the month's end too.
                    clocks[account] = min(ends - 1, last + chance.randrange(6 * 86_400_000))
                    act(scrip, chance, account, format_instant(clocks[account]))
            if not late:
                period = close(desk, month, f"{after}T00:10:00.000Z")
                assert period.close, period.reasons
                rows[month] = roll_forward(archive, period)
        assert close(desk, month, "2031-01-01T00:00:00.000Z") == period
    for month, following in (("2030-01", "2030-02"), ("2030-02", "2030-03")):
        for currency, lines in rows[month].items():
            assert rows[following][currency]["opening"] == lines["closing"]
    for account in clocks:
        _, findings = wallets.verify(runtime.executor(), account, "credits")
        assert findings == []


def act(scrip: Deployment, chance: random.Random, account: str, clock: str) -> None:
    """Something that moves money, or tries to."""
    if chance.random() < 0.4:
        currency = chance.choice(["USD", "JPY", "BHD"])
        cost = {"amount": chance.randrange(1, 5000), "currency": currency}
        scrip.grant(account, str(chance.randrange(1, 50)), clock=clock, kind="paid", cost_basis=cost)
    else:
        scrip.burn(account, str(chance.randrange(1, 20)), clock=clock)


def roll_forward(archive: Archive, period: Period) -> dict[str, dict[str, int]]:
    """The lines of a frozen roll-forward by currency; they add up, and the trial balance to nothing."""
    import json

    assert period.close
    said = {report.report: json.loads(archive.get(report.object) or b"{}") for report in small(period)}
    for one in said["trial-balance"]["currencies"]:
        assert sum(row["amount"] for row in one["rows"]) == 0
    found = {}
    for one in said["roll-forward"]["currencies"]:
        lines = {row["line"]: row["amount"] for row in one["rows"]}
        gone = sum(lines[name] for name in ("recognised", "breakage", "refunded", "charged_back"))
        assert lines["opening"] + lines["sold"] - gone + lines["moved"] == lines["closing"]
        found[one["currency"]] = lines
    owed = {
        one["currency"]: sum(row["amount"] for row in one["rows"]) for one in said["liability"]["currencies"]
    }
    assert owed == {currency: lines["closing"] for currency, lines in found.items() if lines["closing"]}
    return found


def small(period: Period) -> Iterator[Any]:
    """The reports that are JSON, and by nothing."""
    assert period.close
    return (
        report for report in period.close.reports if report.object.endswith(".json") and not report.options
    )


def test_a_close_that_a_restore_took_back_is_made_again(
    scrip: Deployment, desk: ClosesDesk, archive: Archive
) -> None:
    """As docs/restoring.md says: one that was before the restore's instant stays; the month after it is open again.

    10 credits for 10.00 were granted in December, which was closed. January was closed with a burn of 4 in it, which
    the restore took back; 3 were burned in its place.
    """
    scrip.grant("a", "10", clock="2029-12-10T00:00:00.000Z", kind="paid", cost_basis=COST)
    december = close(desk, "2029-12", "2030-01-01T00:10:00.000Z")
    before = scrip.everything()
    scrip.burn("a", "4", clock="2030-01-10T00:00:00.000Z")
    january = close(desk)

    restored(scrip, before)
    assert sorted(periods.closes(desk.executor.tables)) == ["2029-12"]
    scrip.burn("a", "3", clock="2030-01-11T00:00:00.000Z")
    again = close(desk)

    assert roll_forward(archive, again)["USD"]["recognised"] == 300
    assert again.close
    assert january.close
    assert december.close
    assert again.close.edition > january.close.edition
    assert close(desk, "2029-12", "2031-01-01T00:10:00.000Z") == december
    # Its edition is there, and that of the close which was taken back is not.
    manifest = manifests.edition(archive, december.close.edition, december.close.edition_sha256)
    assert all(archive.get(part.key) for part in manifest.parts)
    with pytest.raises(Unavailable):
        manifests.edition(archive, january.close.edition, january.close.edition_sha256)
    # What it had frozen is left, under its own edition's number, and nothing leads to it any more.
    assert archive.get(january.close.reports[0].object)
    said = scrip.get("/v1/accounts/a/statements/2030-01", clock="2030-02-02T00:00:00.000Z").body
    assert (said["status"], said["closing"]["total"]) == ("final", "7")


def test_payments_that_wait_for_a_person_are_named_by_the_close(
    scrip: Deployment, desk: ClosesDesk, archive: Archive
) -> None:
    """It names no order, so nothing of it is in the books."""
    data = {"payment_id": "p1", "amount": 500, "currency": "USD", "paid_at": "2030-01-05T00:00:00Z"}
    scrip.deliver({"type": "payment.succeeded", "data": data}, provider="standard")

    closed = close(desk).close
    assert closed
    assert [one.payment for one in closed.parked] == ["standard:p1"]
    assert closed.parked_count == 1
