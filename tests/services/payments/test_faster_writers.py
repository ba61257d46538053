"""Whoever keeps something of payments while others are faster each time tries so often, and then says of what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import Contended
from scrip.domain.credits.lots import Money
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.dunning import Schedule
from scrip.domain.payments.facts import Paid, Unpaid
from scrip.domain.payments.pack import Pack
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.services.catalogue import packs
from scrip.services.engine.executor import Moment
from scrip.services.finance import charts
from scrip.services.payments import auto_topups, dunning, orders, payment_methods, posting
from tests.services.payments.test_orders import Till
from tests.services.payments.test_prompts import AUTHOR, NOW
from tests.services.test_tries import WRITES

Does = Callable[[], Any]


def _cancels(till: Till) -> Does:
    return lambda: orders.cancel(till.tables, till.order.topup_id)


def _schedules(till: Till) -> Does:
    return lambda: dunning.put_schedule(till.tables, Schedule(("P2D",), None), AUTHOR)


def _goes_on(till: Till) -> Does:
    return lambda: dunning.change(till.tables, till.id, lambda run: replace(run, status="paid"))


def _tops_up(till: Till) -> Does:
    return lambda: auto_topups.change(till.tables, "ann", "points", lambda body: replace(body, sure_at=NOW))


def _names_accounts(till: Till) -> Does:
    return lambda: charts.put_chart(till.tables, {"cash": "1200"}, AUTHOR)


def _prices(till: Till) -> Does:
    pack = Pack("small", "points", "20", Money(1000, "USD"), (), None, (), None, 50, "purchase", None, {})
    return lambda: packs.put_pack(till.executor, pack, AUTHOR)


def _keeps_a_method(till: Till) -> Does:
    order, _ = till.asks(keeps_method=True)
    paid = Paid(1000, 0, "USD", NOW, session_id=order.session_id)
    told = Delivery("stripe", "webhook", "pay_1", (paid,), method=PaymentMethod("pm_1"))
    return lambda: payment_methods.keep(till.tables, told)


def _hears(till: Till) -> Does:
    told = Delivery("stripe", "webhook", "pay_1", (Unpaid("failed", NOW, session_id="cs_none"),))
    return lambda: posting.apply(till.executor, told, "m1", Moment(NOW))


CASES: Final = [
    (_cancels, 5, "several writers of this order at once"),
    (_schedules, 5, "several writers of this schedule at once"),
    (_goes_on, 5, "several writers of this run at once"),
    (_tops_up, 10, "several writers of this automatic top-up at once"),
    (_names_accounts, 5, "several writers of this chart of accounts at once"),
    (_prices, 5, "several writers of this pack at once"),
    (_keeps_a_method, 5, "several writers of this payment method at once"),
    (_hears, 8, "several changes of one payment at once"),
]


@pytest.mark.parametrize(("doing", "writes", "said"), CASES, ids=[case[0].__name__ for case in CASES])
def test_it_is_given_up_after_so_many_tries_and_nothing_is_changed(
    doing: Callable[[Till], Does], writes: int, said: str
) -> None:
    till = Till()
    tried: list[Any] = []
    act = doing(till)
    for operation, fault in WRITES.items():

        def refuse(fault: Callable[[], Any] = fault, **_: Any) -> Any:
            tried.append(fault)
            return fault()

        till.tables.client.meta.events.register(f"before-call.dynamodb.{operation}", refuse)
    with pytest.raises(Contended) as refusal:
        act()
    assert (str(refusal.value), len(tried)) == (said, writes)
