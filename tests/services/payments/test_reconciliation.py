"""Passes of reconciliation at the instants and pages that bound them. 10 points for 10.00 USD; days are of UTC."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits.errors import NotFound
from scrip.domain.payments.delivery import Delivery, Inquiry, Parked
from scrip.domain.payments.facts import Paid, Refund
from scrip.domain.payments.reconciliation import DAY_MS, day_of
from scrip.providers.clients import DeliveryPage, ProviderError, ProviderRefused, ProviderUnavailable
from scrip.services.engine.executor import Moment
from scrip.services.payments import posting, reconciliation
from scrip.services.payments.reconciliation import APPLY_MS, KEPT_DAYS, LAG_MS, Outcome, Run
from scrip.store import documents, keys
from tests.http.payments.test_reconciliation import Lists
from tests.services.payments.test_orders import Till

TODAY = 21_990
NOW = TODAY * DAY_MS + DAY_MS // 2


class Passes:
    """A provider's lists, and runs over them."""

    def __init__(self) -> None:
        self.till, self.lists = Till(), Lists()
        self.sent: list[str] = []

    def granted(self, payment_id: str, at: int) -> Paid:
        """A payment of an order of its own, told by a webhook."""
        order, _ = self.till.asks(f"of {payment_id}", provider="dodo")
        paid = Paid(1000, 0, "USD", at, session_id=order.session_id)
        told = Delivery("dodo", "webhook", payment_id, (paid,))
        assert posting.apply(self.till.executor, told, payment_id, Moment(NOW)).entries == 1
        return paid

    def run(self, now: int = NOW, days: int = 1, pages: int = 1000, **more: Any) -> Outcome:
        left = iter(range(pages))
        runs = Run(
            self.till.tables,
            "dodo",
            self.lists,
            lambda delivery, _: self.sent.append(str(delivery.payment_id)),
            now,
            lambda: next(left, None) is not None,
        )
        return runs.go(days, **more)

    def found(self, kind: Any, day: int) -> list[str]:
        report = reconciliation.get_report(self.till.tables, "dodo", day)
        return [finding.payment_id for finding in report.found[kind].items]

    @property
    def asked_back(self) -> list[str]:
        return [call for call in self.lists.calls if call.startswith("read")]


@pytest.mark.parametrize(("later", "done"), [(APPLY_MS - 1, False), (APPLY_MS, True)])
def test_what_was_fed_has_five_minutes_to_be_applied(later: int, done: bool) -> None:
    passes = Passes()
    passes.lists.has(NOW - DAY_MS, "pay_1", Paid(500, 0, "USD", NOW - DAY_MS, session_id="cs_none"))
    assert passes.run().fed == 1
    assert passes.sent == ["pay_1"]
    assert passes.run(NOW + later).done is done
    assert APPLY_MS == 300_000


def test_a_payment_is_of_the_day_that_its_first_and_last_millisecond_are_in() -> None:
    """The provider knows of neither."""
    passes = Passes()
    day = (TODAY - 1) * DAY_MS
    for name, at in (
        ("before", day - 1),
        ("first", day),
        ("last", day + DAY_MS - 1),
        ("after", day + DAY_MS),
    ):
        passes.granted(name, at)
    assert passes.run(days=2).ended
    for which, names in ((TODAY - 2, ["before"]), (TODAY - 1, ["first", "last"]), (TODAY, ["after"])):
        assert passes.found("grant_without_payment", which) == names


def test_a_run_that_goes_on_knows_what_was_listed_before_its_time_was_up() -> None:
    """Two payments are listed and granted: whenever a run is cut, neither is asked for once more."""
    for pages in (1, 2, 3):
        passes = Passes()
        for number in range(2):
            at = NOW - DAY_MS + number
            passes.lists.has(at, f"pay_{number}", passes.granted(f"pay_{number}", at))
        for later in range(60):
            if passes.run(NOW + later, pages=pages).ended:
                break
        assert (passes.asked_back, passes.sent) == ([], [])


def test_after_an_outage_as_many_days_are_looked_at_as_have_reports() -> None:
    passes = Passes()
    assert passes.run().ended
    passes.lists.calls.clear()
    assert passes.run(NOW + 100 * DAY_MS).ended
    assert len(passes.lists.calls) == 2 * KEPT_DAYS == 62


def test_a_run_looks_at_a_thousand_pages_at_most() -> None:
    passes = Passes()
    passes.lists.page = 0
    passes.lists.has(NOW - DAY_MS, "pay_1", Paid(500, 0, "USD", NOW - DAY_MS, session_id="cs_none"))
    outcome = passes.run(pages=5000)
    assert (outcome.done, len(passes.lists.calls)) == (False, reconciliation.PAGES)
    assert reconciliation.PAGES == 1000


def test_a_day_that_nobody_looked_at_has_no_report() -> None:
    passes = Passes()
    with pytest.raises(NotFound, match="there is no report of dodo on ") as refusal:
        reconciliation.get_report(passes.till.tables, "dodo", day_of(NOW))
    assert refusal.value.facts == {"provider": "dodo"}


class Windows(Lists):
    """Lists that note which stretches of time they are asked for, and refuse to tell of some payments."""

    def __init__(self) -> None:
        super().__init__()
        self.stretches: list[tuple[int, int]] = []
        self.refusals: dict[str, ProviderError] = {}

    def listed(self, since: int, until: int, cursor: str | None) -> DeliveryPage:
        self.stretches.append((since, until))
        return super().listed(since, until, cursor)

    def read(self, inquiry: Inquiry) -> Delivery:
        if refusal := self.refusals.get(inquiry.payment_id):
            raise refusal
        return super().read(inquiry)


class Windowed(Passes):
    """Passes over such lists, which tell how far they have come."""

    lists: Windows

    def __init__(self) -> None:
        super().__init__()
        self.lists = Windows()

    @property
    def stored(self) -> documents.Document:
        return documents.get(self.till.tables, keys.reconciliation("dodo"))

    @property
    def days(self) -> list[int]:
        """The days that were looked at since they were asked for last, by both phases, counted from today."""
        days = [day_of(since) - TODAY for since, _ in self.lists.stretches]
        half = len(days) // 2
        assert days[:half] == days[half:]
        self.lists.stretches.clear()
        return days[:half]


MIDNIGHT = TODAY * DAY_MS


@pytest.mark.parametrize(
    ("now", "stretches"),
    [
        (MIDNIGHT + LAG_MS, [(MIDNIGHT - DAY_MS, MIDNIGHT)]),
        (MIDNIGHT + LAG_MS + 1, [(MIDNIGHT - DAY_MS, MIDNIGHT), (MIDNIGHT, MIDNIGHT + 1)]),
        (
            MIDNIGHT + LAG_MS - 1,
            [(MIDNIGHT - 2 * DAY_MS, MIDNIGHT - DAY_MS), (MIDNIGHT - DAY_MS, MIDNIGHT - 1)],
        ),
        (NOW, [(MIDNIGHT - DAY_MS, MIDNIGHT), (MIDNIGHT, NOW - 600_000)]),
    ],
)
def test_a_pass_looks_at_whole_days_until_ten_minutes_before_it(
    now: int, stretches: list[tuple[int, int]]
) -> None:
    passes = Windowed()
    assert passes.run(now).ended
    assert passes.lists.stretches == stretches * 2


@pytest.mark.parametrize(
    ("later", "days", "first"),
    [(1, 1, 0), (1, 2, -1), (5, 2, 0), (5, 7, -2), (30, 2, 0), (31, 2, 1), (100, 2, 70), (1, 40, -29)],
)
def test_a_pass_begins_so_many_days_ago_or_where_the_last_one_ended_and_no_report_is_written_over(
    later: int, days: int, first: int
) -> None:
    """There are 31 reports: of the day of the pass and of thirty before it."""
    passes = Windowed()
    assert passes.run().ended
    assert passes.days == [-1, 0]
    assert passes.run(NOW + later * DAY_MS, days).ended
    assert passes.days == list(range(first, later + 1))


@pytest.mark.parametrize(
    ("pages", "day", "cursor"),
    [
        (9, None, None),
        (10, -1, "10"),
        (12, -1, "10"),
        (13, 0, None),
        (22, 0, None),
        (23, 0, "10"),
        (32, 0, "10"),
        (33, 0, "20"),
    ],
)
def test_where_a_run_is_killed_what_it_knew_is_kept_behind_each_tenth_page_of_a_day_and_its_end(
    pages: int, day: int | None, cursor: str | None
) -> None:
    """Thirteen pages of one payment yesterday, forty today."""
    passes = Windowed()
    passes.lists.page = 1
    for number in range(53):
        at = MIDNIGHT - 13 + number
        passes.lists.has(at, f"pay_{number}", Paid(500, 0, "USD", at, session_id="cs_none"))

    class Killed(BaseException):
        pass

    left = iter([True] * pages)

    def time_left() -> bool:
        if next(left, None) is None:
            raise Killed
        return True

    run = Run(passes.till.tables, "dodo", passes.lists, lambda *_: None, NOW, time_left)
    with pytest.raises(Killed):
        run.go(1)
    kept = passes.stored.body
    assert (kept.get("day"), kept.get("cursor")) == (None if day is None else TODAY + day, cursor)
    assert kept.get("fed", 0) == (int(cursor or 0) + (13 if day == 0 else 0))


def test_a_run_that_has_nothing_new_to_keep_writes_nothing() -> None:
    passes = Windowed()
    passes.lists.has(NOW - DAY_MS, "pay_1", Paid(500, 0, "USD", NOW - DAY_MS, session_id="cs_none"))
    assert passes.run(pages=0) == Outcome("dodo")
    rev = passes.stored.rev
    assert passes.run(NOW + 1, pages=0) == Outcome("dodo")
    assert passes.run(NOW + 1).fed == 1
    assert passes.stored.rev > rev
    rev = passes.stored.rev
    assert passes.run(NOW + APPLY_MS - 1) == Outcome("dodo")
    assert passes.stored.rev == rev
    assert passes.run(NOW + APPLY_MS + 1) == Outcome("dodo", done=True, ended=True, findings=1)
    rev = passes.stored.rev
    assert passes.run(NOW + APPLY_MS + 2) == Outcome("dodo", done=True, findings=1)
    assert passes.stored.rev == rev
    assert passes.run(NOW + APPLY_MS + 3, anew=True) == Outcome("dodo", fed=1)


def test_since_when_a_provider_stops_it_is_told_until_it_lets_a_run_go_on() -> None:
    passes = Windowed()
    passes.lists.down = True
    for later in (0, 1):
        outcome = passes.run(NOW + later)
        assert outcome == Outcome("dodo", error="no answer in time", stopped_at=NOW)
    assert passes.run(NOW + 2, pages=0) == Outcome("dodo", stopped_at=NOW)
    passes.lists.down = False
    assert passes.run(NOW + 3, pages=1) == Outcome("dodo")
    passes.lists.down = True
    assert passes.run(NOW + 4).stopped_at == NOW + 4
    passes.lists.down = False
    assert passes.run(NOW + 5) == Outcome("dodo", done=True, ended=True)


@pytest.mark.parametrize(
    ("refusal", "found"),
    [
        (ProviderUnavailable("no answer in time"), ["pay_0", "pay_1", "pay_2"]),
        (ProviderRefused(401, "not with this key"), ["pay_0", "pay_1", "pay_2"]),
        (ProviderRefused(403, "not with this key"), ["pay_0", "pay_1", "pay_2"]),
        (ProviderRefused(400, "not like this"), ["pay_0", "pay_2"]),
    ],
    ids=str,
)
def test_a_payment_of_which_the_provider_does_not_tell_now_is_asked_for_by_the_next_run(
    refusal: ProviderError, found: list[str]
) -> None:
    """The provider knows of none of three, and says so of each once; a refusal that is about the payment is no answer,
    and the others do not wait for it."""
    passes = Windowed()
    for number in range(3):
        passes.granted(f"pay_{number}", MIDNIGHT + number)
    passes.lists.refusals["pay_1"] = refusal
    outcome = passes.run()
    assert (outcome.error, outcome.done, outcome.findings) == (str(refusal), False, 0)
    passes.lists.refusals.clear()
    assert passes.run(NOW + 1) == Outcome("dodo", done=True, ended=True, findings=len(found))
    assert passes.asked_back == [f"read {name}" for name in found]
    report = reconciliation.get_report(passes.till.tables, "dodo", TODAY)
    items = report.found["grant_without_payment"].items
    told = [(one.payment_id, one.reasons, one.ours) for one in items]
    assert told == [(name, ("dodo does not know it",), 1000) for name in found]


def test_what_is_listed_of_a_payment_that_is_not_its_payment_does_not_keep_it_from_being_asked_for() -> None:
    """A refund is listed today, of a payment of today that is called paid nowhere."""
    passes = Windowed()
    passes.granted("pay_1", MIDNIGHT)
    passes.lists.has(MIDNIGHT, "pay_1", Refund("re_1", "failed", 100, "USD", MIDNIGHT))
    assert passes.run().fed == 1
    assert passes.run(NOW + APPLY_MS).findings == 2
    assert passes.asked_back == ["read pay_1"]
    report = reconciliation.get_report(passes.till.tables, "dodo", TODAY)
    (finding,) = report.found["grant_without_payment"].items
    assert finding.reasons == ("dodo does not call it paid",)
    assert (report.checked_at, report.listed) == (NOW + APPLY_MS, 1)


@pytest.mark.parametrize(("seen", "asked"), [(0, 3), (2, 1), (3, 0)])
def test_of_more_payments_than_are_remembered_the_others_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, seen: int, asked: int
) -> None:
    monkeypatch.setattr(reconciliation, "SEEN", seen)
    monkeypatch.setattr(reconciliation, "OURS", 2)
    passes = Windowed()
    for number in range(3):
        passes.lists.has(
            MIDNIGHT + number, f"pay_{number}", passes.granted(f"pay_{number}", MIDNIGHT + number)
        )
    assert passes.run() == Outcome("dodo", done=True, ended=True)
    assert passes.asked_back == [f"read pay_{number}" for number in range(3 - asked, 3)]


def test_what_is_passed_on_says_that_a_list_told_it_and_when() -> None:
    passes = Windowed()
    passes.lists.has(MIDNIGHT, "pay_1", Paid(500, 0, "USD", MIDNIGHT, session_id="cs_none"))
    sent: list[tuple[Delivery, str]] = []

    def send(delivery: Delivery, delivery_id: str) -> None:
        sent.append((delivery, delivery_id))

    Run(passes.till.tables, "dodo", passes.lists, send, NOW, lambda: True).go(1)
    ((delivery, delivery_id),) = sent
    assert (delivery.type, delivery.said_at, delivery.payment_id) == ("listed", NOW, "pay_1")
    assert delivery_id.startswith("read:")


def test_what_waits_for_a_person_and_granted_nothing_is_not_asked_for() -> None:
    """The provider lists none of them; what was granted is asked for on its day, whether it waits or not."""
    passes = Windowed()
    for provider, name, at in (("dodo", "none", MIDNIGHT), ("stripe", "granted", MIDNIGHT)):
        told = Delivery(provider, "webhook", name, (Paid(500, 0, "USD", at, session_id="cs_none"),))
        posting.apply(passes.till.executor, told, f"m{name}", Moment(NOW))
    for name, at in (("granted", MIDNIGHT), ("old", MIDNIGHT - 2 * DAY_MS)):
        passes.granted(name, at)
        unread = Parked("refund:re_1", "it is of no amount")
        told = Delivery("dodo", "webhook", name, parked=(unread,))
        assert posting.apply(passes.till.executor, told, f"w{name}", Moment(NOW)).payment.parked
    assert passes.run().findings == 1
    assert passes.asked_back == ["read granted"]
