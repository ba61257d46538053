"""Passes of reconciliation at the instants and pages that bound them. 10 points for 10.00 USD; days are of UTC."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.credits.errors import NotFound
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Paid
from scrip.domain.payments.reconciliation import DAY_MS, day_of
from scrip.services.engine.executor import Moment
from scrip.services.payments import posting, reconciliation
from scrip.services.payments.reconciliation import APPLY_MS, KEPT_DAYS, Outcome, Run
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
