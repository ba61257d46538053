"""Requests for refunds: the same key is the same request for ever, and one at a time asks the provider (law 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local.standins.dodo import Provider
from scrip import runtime
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, Fact, Refund
from scrip.services.engine.executor import machine_clock
from scrip.services.payments import refund_requests
from tests.aws import Answer, Buyer, Deployment, Fault
from tests.http.contract import (
    refused,
)
from tests.http.payments.refunds import (
    ADMIN,
    TAX,
    TOTAL,
    Paid,
    paid,
)

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment, provider: Provider) -> None:
    scrip.queued()
    provider.down = False


def test_law_3_the_same_key_is_answered_the_same_whatever_has_become_of_it(buyer: Buyer) -> None:
    payment = paid(buyer)
    first = payment.refund(amount=36000)
    assert not first.replayed
    buyer.scrip.deliver(payment.settled())
    buyer.scrip.burn(buyer.account, "7000")
    again = payment.refund(amount=36000)
    assert (again.status, again.text, again.replayed) == (201, first.text, True)
    assert len(payment.at_provider) == 1


CHANGED = [
    {"amount": 36001},
    {"as": "credit"},
    {"reason": "because"},
    {"force": True, "reason": "because"},
    {"amount": None},
]


@pytest.mark.parametrize("change", CHANGED, ids=str)
def test_law_3_the_same_key_for_another_request_is_an_error(buyer: Buyer, change: dict[str, Any]) -> None:
    payment = paid(buyer)
    first = payment.refund(amount=36000)
    answer = payment.refund(caller=ADMIN, **{"amount": 36000, **change})
    refused(answer, 422, "idempotency_key_reused", request_id=first.body["refund"]["request_id"])
    assert len(payment.at_provider) == 1


def test_a_key_belongs_to_the_account_of_the_payment(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer, other = Buyer(scrip, provider, account), Buyer(scrip, provider, f"{account}-b")
    first, others = paid(buyer), paid(other)
    assert buyer.order("order-2").status == 201
    event = buyer.pays(tax=TAX)
    scrip.deliver(event)
    second = Paid(buyer, event["data"]["payment_id"])
    assert first.refund().status == 201
    refused(second.refund(), 422, "idempotency_key_reused")
    assert others.refund().status == 201
    assert second.refund("refund-2").status == 201


def test_a_refusal_of_the_provider_is_not_remembered(buyer: Buyer, provider: Provider) -> None:
    payment = paid(buyer)
    refund = buyer.gets_back(TOTAL)
    assert payment.refund(amount=36000).body["policy"] == "refund_refused"
    refund = payment.settled("failed")
    answer = payment.refund(amount=36000)
    assert answer.status == 201, answer.text
    first, second = (one["request_id"] for one in payment.seen["requests"])
    assert second == f"{first}.2" == answer.body["refund"]["request_id"]
    assert payment.refund(amount=36000).text == answer.text
    buyer.scrip.deliver(refund, payment.settled())
    assert buyer.balance["total"] == "7000"
    buyer.scrip.sound(buyer.account)


def test_the_same_request_from_two_at_once_is_one_refund(buyer: Buyer) -> None:
    payment = paid(buyer)
    twin: list[Any] = []
    with buyer.scrip.meanwhile(lambda: twin.append(payment.refund(amount=36000))):
        answer = payment.refund(amount=36000)
    assert (answer.status, twin[0].status) == (201, 201)
    assert answer.body == twin[0].body
    assert (answer.replayed, twin[0].replayed) == (True, False)
    assert len(payment.at_provider) == 1
    assert buyer.kinds == [("grant", "10000"), ("freeze", "0")]


def test_while_one_asks_the_provider_nobody_else_does(
    buyer: Buyer, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same request comes again while the provider is still at it: a second refund would be made."""
    payment, twins = paid(buyer), list[Answer]()
    create = provider._create_refund

    def slowly(body: Any) -> Any:
        twins.append(payment.refund(amount=36000))
        return create(body)

    monkeypatch.setattr(provider, "_create_refund", slowly)
    assert payment.refund(amount=36000).status == 201
    refused(twins[0], 409, "contended")
    assert len(payment.at_provider) == 1


def test_where_an_asker_has_died_another_asks_after_a_while(
    buyer: Buyer, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a slow request, of which nobody knows what became: half a minute later it is asked again."""
    payment = paid(buyer)
    monkeypatch.setattr(refund_requests, "SLOW_SECONDS", 0.0)
    provider.down = True
    refused(payment.refund(amount=36000), 503, "unavailable")
    provider.down = False
    refused(payment.refund(amount=36000), 409, "contended")
    now = machine_clock()
    monkeypatch.setattr(refund_requests, "machine_clock", lambda: now + 30_001)
    assert payment.refund(amount=36000).status == 201
    assert len(payment.at_provider) == 1


@pytest.mark.parametrize("lost", [False, True])
def test_a_commit_that_is_not_heard_of_is_gone_on_with(buyer: Buyer, *, lost: bool) -> None:
    payment = paid(buyer)
    with buyer.scrip.broken("TransactWriteItems", Fault.timeout, lost=lost):
        refused(payment.refund(amount=36000), 503, "unavailable")
    assert payment.at_provider == []
    assert payment.refund(amount=36000).status == 201
    assert buyer.kinds == [("grant", "10000"), ("freeze", "0")]
    assert len(payment.at_provider) == 1


def put(number: int) -> Callable[[], Any]:
    """The put of that number fails."""
    made: list[int] = []

    def fault() -> Any:
        made.append(1)
        return Fault.timeout() if len(made) == number else None

    return fault


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("lost", [False, True])
def test_a_request_that_could_not_be_kept_is_gone_on_with(buyer: Buyer, number: int, *, lost: bool) -> None:
    """Of its puts the first says who asks the provider, the second what it answered."""
    payment = paid(buyer)
    with buyer.scrip.broken("PutItem", put(number), times=number, lost=lost):
        refused(payment.refund(amount=36000), 503, "unavailable")
    assert len(payment.at_provider) == number - 1
    answer = payment.refund(amount=36000)
    assert (answer.status, answer.body["refund"]["status"]) == (201, "pending")
    assert answer.replayed == (lost and number == 2)
    assert payment.refund(amount=36000).text == answer.text
    assert len(payment.at_provider) == 1


@pytest.mark.parametrize(("disputes", "status"), [(199, 201), (200, 422)])
def test_of_one_payment_there_are_400_refunds_and_disputes_at_the_most(
    buyer: Buyer, disputes: int, status: int
) -> None:
    """200 refunds of a cent that failed, and disputes that were won: none of them leaves less to refund. Told by and
    by."""
    payment = paid(buyer)
    told: list[Fact] = [
        *(Refund(f"re_{number}", "failed", 1, "USD", 0) for number in range(200)),
        *(Dispute(f"dp_{number}", "won", 1, "dispute", 1, "USD", 0) for number in range(disputes)),
    ]
    for at in range(0, len(told), 40):
        delivery = Delivery("dodo", "refund.failed", payment.payment_id, tuple(told[at : at + 40]))
        runtime.pass_on(delivery, f"msg_{at}")
        assert buyer.scrip.apply(buyer.scrip.queued()) == []
    answer = payment.refund(amount=1000)
    if status == 422:
        refused(answer, 422, "policy_violation", policy="max_refunds")
    else:
        assert answer.status == 201, answer.text
