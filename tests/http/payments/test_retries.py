"""Parked payments: tried again by a schedule, asked about after an hour, counted for the alarm (laws 9 and 10). 10 000
credits for 1 000.00 USD."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.standins.dodo import Provider
from scrip import runtime
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, Fact, Paid, Refund
from scrip.http.edge.parameters import format_instant
from scrip.services.engine.executor import Moment
from scrip.services.payments import posting
from tests.aws import Buyer, Context, Deployment, Fault
from tests.metrics import logged

pytestmark = pytest.mark.usefixtures("in_memory")

MINUTE, HOUR = 60_000, 3_600_000
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def _empty(deployment: Deployment) -> None:
    """No payments of another test: the sweep sees all there are."""
    deployment.make_tables()
    deployment.queued()
    deployment.asked()


def told(scrip: Deployment, payment_id: str, *facts: Fact, provider: str = "dodo", at: int = 0) -> None:
    """A delivery, applied as if it had come ``at`` milliseconds from now."""
    delivery = Delivery(provider, "payment.succeeded", payment_id, facts)
    moment = Moment(runtime.now() + at)
    posting.apply(runtime.executor(), delivery, f"msg_{payment_id}_{len(facts)}", moment)


def paid(session_id: str | None, total: int = 100_000, **more: Any) -> Paid:
    return Paid(total, 0, "USD", runtime.now(), session_id=session_id, **more)


def after(milliseconds: int) -> str:
    return format_instant(runtime.now() + milliseconds)


def questions(scrip: Deployment) -> list[Any]:
    return [json.loads(record["body"]) for record in scrip.asked()]


def metrics(captured: pytest.CaptureFixture[str]) -> dict[str, float]:
    """What was measured, by name."""
    lines = [json.loads(line) for line in captured.readouterr().out.splitlines() if line.startswith("{")]
    names = ("PaymentsParkedOverHour", "OldestParkedSeconds")
    return {name: line[name] for line in lines for name in names if name in line}


def test_what_stood_in_a_payments_way_is_gone_and_the_sweep_applies_it(
    scrip: Deployment, buyer: Buyer
) -> None:
    """No webhook comes again."""
    buyer.order()
    scrip.grant(buyer.account, "5")
    scrip.set_status(buyer.account, "closed")
    told(scrip, "pay_1", paid(buyer.session))
    assert scrip.payment("pay_1")["parked"] == ["the wallet is closed for ever"]
    assert scrip.try_parked(after(0))["applied"] == 0
    scrip.set_status(buyer.account, "active")
    swept = scrip.try_parked(after(0))
    assert (swept["tried"], swept["applied"], swept["done"]) == (1, 1, True)
    assert buyer.kinds == [("grant", "5"), ("grant", "10000")]
    assert scrip.try_parked(after(0))["tried"] == 0
    scrip.sound(buyer.account)


def test_a_renewal_that_came_before_its_first_payment_is_granted_once_that_is_there(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """It names a subscription, and only the first payment says whose that is. Each payment grants once."""
    provider.product("pdt_month", {"price": 100_000, "currency": "USD"})
    buyer = Buyer(scrip, provider, account, recurring={"every": "P1M"}, provider_refs={"dodo": "pdt_month"})
    buyer.order()
    first = buyer.pays()
    provider.renew(buyer.session, {"webhook": False})
    (renewal,) = [said for said in provider.said[-2:] if said["type"] == "payment.succeeded"]
    scrip.deliver(renewal)
    payment_id = renewal["data"]["payment_id"]
    assert scrip.payment(payment_id)["parked"] == ["it names no order"]
    assert scrip.try_parked(after(0))["applied"] == 0
    scrip.deliver(first)
    assert buyer.kinds == [("grant", "10000")]
    assert scrip.try_parked(after(0))["applied"] == 1
    assert scrip.payment(payment_id)["parked"] == []
    assert buyer.kinds == [("grant", "10000"), ("grant", "10000")]
    scrip.deliver(renewal)
    assert len(buyer.kinds) == 2
    scrip.sound(account)


def test_after_an_hour_a_provider_is_asked_once_a_day(scrip: Deployment) -> None:
    """The refund of a payment that nobody told of."""
    told(scrip, "pay_1", Refund("rf_1", "succeeded", 100, "USD", runtime.now()))
    for time, asked in (
        (59 * MINUTE, 0),
        (61 * MINUTE, 1),
        (2 * HOUR, 0),
        (24 * HOUR, 0),
        (26 * HOUR, 1),
        (26 * HOUR + 5 * MINUTE, 0),
        (51 * HOUR, 1),
    ):
        assert scrip.try_parked(after(time))["asked"] == asked, time
        assert questions(scrip) == asked * [
            {"provider": "dodo", "payment_id": "pay_1", "session_id": None}
        ], time


def test_a_provider_is_told_the_session_of_the_order(scrip: Deployment, buyer: Buyer) -> None:
    buyer.order()
    told(scrip, "pay_1", paid(buyer.session, total=90_000))
    scrip.try_parked(after(2 * HOUR))
    assert questions(scrip) == [{"provider": "dodo", "payment_id": "pay_1", "session_id": buyer.session}]


def test_a_provider_whose_api_is_not_known_is_not_asked(scrip: Deployment) -> None:
    told(scrip, "gw_1", paid(None), provider="standard")
    swept = scrip.try_parked(after(2 * HOUR))
    assert (swept["tried"], swept["asked"], questions(scrip)) == (1, 0, [])


def test_how_many_wait_for_over_an_hour_and_for_how_long_is_measured_none_included(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    scrip.try_parked(after(0))
    assert metrics(capsys) == {"PaymentsParkedOverHour": 0, "OldestParkedSeconds": 0}
    told(scrip, "pay_1", paid(None))
    told(scrip, "pay_2", paid(None), at=HOUR)
    capsys.readouterr()
    scrip.try_parked(after(90 * MINUTE))
    first = metrics(capsys)
    assert first["PaymentsParkedOverHour"] == 1
    assert 5400 <= first["OldestParkedSeconds"] <= 5405
    scrip.try_parked(after(150 * MINUTE))
    assert metrics(capsys)["PaymentsParkedOverHour"] == 2


def test_more_than_a_page_are_all_tried_and_all_counted(scrip: Deployment) -> None:
    for number in range(60):
        told(scrip, f"pay_{number}", paid(None))
    swept = scrip.try_parked(after(2 * HOUR))
    assert (swept["tried"], swept["over_hour"], swept["asked"], swept["done"]) == (60, 60, 60, True)
    assert len({question["payment_id"] for question in questions(scrip)}) == 60


def test_a_sweep_whose_time_is_up_is_gone_on_with_by_the_next(scrip: Deployment) -> None:
    """30 parked payments, time for 12 of them in each of the first two runs: none is left out, none is tried twice."""
    for number in range(30):
        told(scrip, f"pay_{number:02d}", paid(None))
    short = [scrip.try_parked(after(2 * HOUR), Context(*13 * [60_000], 5_000)) for _ in range(2)]
    tried = [*short, scrip.try_parked(after(2 * HOUR))]
    assert [swept["tried"] for swept in tried] == [12, 12, 6]
    assert [swept["done"] for swept in tried] == [False, False, True]
    assert len({question["payment_id"] for question in questions(scrip)}) == 30
    assert scrip.try_parked(after(2 * HOUR))["tried"] == 30


def test_one_that_fails_is_told_and_stands_in_nobodys_way(
    scrip: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        told(scrip, f"pay_{number}", paid(None))
    # The first read is of the place, the second of the first payment.
    reads = iter([False, True, False, False, False, False])
    failing = scrip.broken(
        "GetItem", lambda: Fault.error("ThrottlingException")() if next(reads) else None, times=6
    )
    with failing, pytest.raises(RuntimeError, match="1 parked payments could not be tried again"):
        scrip.try_parked(after(0))
    said = {"payment": "dodo:pay_0", "error": "Throttled: the table is busy"}
    assert logged(capsys, "parked payment not tried again") == [said]


# Inquiries that an applied delivery asks for


def contradicted() -> tuple[Dispute, Dispute]:
    """Two ends of one dispute in one stage."""
    lost = Dispute("dp_1", "lost", 13, "dispute", 100_000, "USD", runtime.now())
    return lost, Dispute("dp_1", "won", 13, "dispute", 100_000, "USD", runtime.now())


@pytest.mark.parametrize(("type_", "asked"), [("dispute.won", 1), ("listed", 1), ("read", 0)])
def test_what_webhooks_contradict_is_asked_and_what_a_provider_answered_is_not(
    scrip: Deployment, buyer: Buyer, type_: str, asked: int
) -> None:
    buyer.order()
    told(scrip, "pay_1", paid(buyer.session))
    delivery = Delivery("dodo", type_, "pay_1", contradicted())
    runtime.pass_on(delivery, "msg_2")
    assert scrip.apply(scrip.queued()) == []
    assert scrip.payment("pay_1")["parked"] == [
        "dispute:dp_1: it has two ends in stage dispute: the provider has to be asked"
    ]
    question = {"provider": "dodo", "payment_id": "pay_1", "session_id": buyer.session}
    assert questions(scrip) == asked * [question]
