"""Runs of dunning as they are stored: what keeps one from beginning, what ends it, and which there are.

10 points for 10.00 USD, paid at a gateway of one's own.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrip.domain.credits.errors import Contended
from scrip.domain.events.auto_topups import AutoTopupTold, AutoTopupType
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.dunning import DunningRun
from scrip.domain.payments.facts import Fact, Paid, Unpaid
from scrip.domain.payments.order import Order, Status
from scrip.services.engine.executor import Moment
from scrip.services.payments import dunning, orders, posting
from scrip.services.payments.dunning import LATEST, Failure, paid_after
from scrip.store import documents, keys, lists
from tests.services.payments.test_prompts import NOW, Dunned


def told(dunned: Dunned, payment_id: str, *facts: Fact, heard: int = NOW) -> None:
    """Has the gateway tell of a payment."""
    posting.apply(
        dunned.executor, Delivery("standard", "webhook", payment_id, facts), f"m-{payment_id}", Moment(heard)
    )


def paid(order: Order, at: int, said_at: int | None = None) -> Paid:
    return Paid(1000, 0, "USD", at, topup_id=order.topup_id, said_at=said_at)


@pytest.mark.parametrize(("later", "expected"), [(-1000, False), (0, False), (999, False), (1000, True)])
def test_what_is_paid_in_a_later_second_is_paid_after_a_failure(later: int, expected: bool) -> None:
    dunned = Dunned()
    told(dunned, "pay_1", paid(dunned.order, NOW + later))
    assert paid_after(dunned.tables, "ann", "points", NOW) is expected
    failure = Failure(dunned.order, "renewal_failed", ("renewal", "2"), NOW)
    assert (dunning.begin(dunned.tables, failure, NOW) is None) is expected


def test_only_what_was_granted_in_the_wallet_itself_counts_as_paid_after() -> None:
    dunned = Dunned()
    unpaid, back, wrong, good = map(dunned.ordered, ("unpaid", "back", "wrong", "good"))
    told(dunned, "pay_1", Unpaid("failed", NOW + 5000, topup_id=unpaid.topup_id))
    told(dunned, "pay_2", paid(back, NOW + 5000, NOW))
    told(dunned, "pay_2", Unpaid("failed", NOW, said_at=NOW + 1))
    told(dunned, "pay_3", replace(paid(wrong, NOW + 5000), total=1))
    assert not paid_after(dunned.tables, "ann", "points", NOW)
    told(dunned, "pay_4", paid(good, NOW + 5000), heard=NOW + 1)
    told(dunned, "pay_5", Unpaid("failed", NOW + 5000, topup_id=unpaid.topup_id), heard=NOW + 2)
    assert paid_after(dunned.tables, "ann", "points", NOW)
    assert not paid_after(dunned.tables, "ann", "minutes", NOW)
    assert not paid_after(dunned.tables, "bob", "points", NOW)


@pytest.mark.parametrize(("others", "expected"), [(LATEST - 1, True), (LATEST, False)])
def test_the_last_fifty_payments_of_an_account_are_looked_at(others: int, expected: bool) -> None:
    """Orders stand behind payments in the account's list, and none of them is one."""
    dunned = Dunned()
    told(dunned, "pay_1", paid(dunned.order, NOW + 5000))
    for number in range(others):
        place = keys.PAYMENT_OF + keys.at_instant(NOW + 1 + number, f"standard#none_{number}")
        lists.put(dunned.tables, keys.account("ann"), place)
        lists.put(dunned.tables, keys.account("ann"), keys.TOPUP_OF + keys.at_instant(NOW, f"top_{number}"))
    assert paid_after(dunned.tables, "ann", "points", NOW) is expected


@pytest.mark.parametrize(
    ("later", "granted", "ends"), [(-1, False, False), (0, False, True), (1, False, True), (-1, True, True)]
)
def test_what_was_paid_before_a_failure_ends_no_run_unless_it_is_granted_now(
    later: int, granted: bool, ends: bool
) -> None:
    dunned = Dunned()
    ended = dunning.paid(dunned.tables, "ann", "points", NOW + later, granted=granted)
    assert [run.dunning_id for run in ended] == ([dunned.id] if ends else [])
    assert dunned.run.status == ("paid" if ends else "open")
    assert dunned.marked is not ends


def told_of(dunned: Dunned, type_: AutoTopupType, reason: str, topup_id: str | None) -> AutoTopupTold:
    return AutoTopupTold(type_, "ann", "points", 1, NOW, topup_id, reason, None)


@pytest.mark.parametrize(
    ("type_", "reason", "begins"),
    [
        ("failed", "declined", True),
        ("needs_action", "authentication_required", True),
        ("suspended", "suspended_after_failures", True),
        ("suspended", "wallet_closed", False),
        ("failed", "provider_unavailable", False),
        ("started", "declined", False),
        ("succeeded", "declined", False),
    ],
)
def test_a_run_follows_a_failure_of_an_automatic_top_up_that_a_buyer_can_mend(
    type_: AutoTopupType, reason: str, begins: bool
) -> None:
    dunned = Dunned()
    order = dunned.ordered("second")
    run = dunning.begin_of_topup(dunned.tables, told_of(dunned, type_, reason, order.topup_id))
    assert (run is not None) is begins
    if run:
        assert (run.reason, run.topup_id, run.failed_at, run.since) == (
            "auto_topup_failed",
            order.topup_id,
            NOW,
            NOW,
        )


@pytest.mark.parametrize("status", ["paid", "refunded", "partially_refunded", "disputed"])
def test_no_run_follows_where_the_order_was_paid_or_there_is_none(status: Status) -> None:
    dunned = Dunned()
    stored = orders.require(dunned.tables, dunned.ordered("second").topup_id)
    body = replace(stored.body, status=status).to_json()
    assert documents.put(dunned.tables, stored.pk, stored.rev, body)
    for topup_id in (stored.body.topup_id, "top_none", None):
        assert dunning.begin_of_topup(dunned.tables, told_of(dunned, "failed", "declined", topup_id)) is None


def test_a_run_is_changed_five_times_at_most_and_one_that_there_is_not_is_not() -> None:
    dunned, tries = Dunned(), list[int]()

    def edit(run: DunningRun) -> DunningRun:
        """Changes it, and has somebody else be faster."""
        tries.append(1)
        document = documents.get(dunned.tables, keys.dunning(dunned.id))
        documents.put(dunned.tables, document.pk, document.rev, {**document.body, "since": len(tries)})
        return replace(run, grace_entry_id="k.1")

    with pytest.raises(Contended, match="several writers of this run at once"):
        dunning.change(dunned.tables, dunned.id, edit)
    assert len(tries) == 5
    assert dunning.change(dunned.tables, "dun_none", edit) is None
    assert dunning.load(dunned.tables, "dun_none") is None


def test_runs_are_listed_newest_first_and_by_unit_and_one_that_is_gone_is_left_out() -> None:
    dunned = Dunned()
    for number in (2, 3):
        failure = Failure(dunned.order, "renewal_failed", ("renewal", str(number)), NOW)
        assert dunning.begin(dunned.tables, failure, NOW + number)
    gone = keys.DUNNING_OF + keys.at_instant(NOW + 1, "dun_gone")
    lists.put(dunned.tables, keys.account("ann"), gone)
    found = dunning.list_runs(dunned.tables, "ann", None, 2, None)
    assert [run.since for _, run in found.items] == [NOW + 3, NOW + 2]
    rest = dunning.list_runs(dunned.tables, "ann", "points", 2, found.following)
    assert ([run.since for _, run in rest.items], rest.following) == ([NOW], None)
    assert dunning.list_runs(dunned.tables, "ann", "minutes", 2, None).items == []
