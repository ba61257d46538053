"""Money that became credit before its payment was known: the payment waits for a person, and gives nothing twice (law
8)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from local.standins.dodo import Provider
from scrip import runtime
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Refund
from tests.aws import Buyer, Fault, listening
from tests.http.payments.refunds import paid
from tests.http.wallets.test_sources import asks


def payment_of(buyer: Buyer, payment_id: str) -> dict[str, Any]:
    """The payment as it is shown."""
    body: dict[str, Any] = buyer.scrip.get(f"/v1/payments/dodo/{payment_id}").body
    return body


@pytest.mark.parametrize("spelling", ["{id}", "DODO:{id}", "standard/{id}"])
def test_a_payment_of_which_some_became_credit_already_waits_for_a_person(
    buyer: Buyer, spelling: str
) -> None:
    buyer.order()
    paid = buyer.pays()
    payment_id = paid["data"]["payment_id"]
    assert asks(buyer.scrip, buyer.account, spelling.format(id=payment_id)).status == 201
    for _ in range(2):
        buyer.scrip.deliver(paid)
        (waiting,) = payment_of(buyer, payment_id)["parked"]
        assert waiting["reason"].startswith("1000 USD of it became credit before it was known")
        assert [lot["kind"] for lot in buyer.scrip.lots(buyer.account)] == ["refund"]
    assert asks(buyer.scrip, buyer.account, payment_id, key="r2").status == 422


def test_a_person_may_accept_it_after_the_credit_was_taken_back(buyer: Buyer) -> None:
    buyer.order()
    paid = buyer.pays()
    payment_id = paid["data"]["payment_id"]
    lot = asks(buyer.scrip, buyer.account, payment_id).body["lot"]["lot_id"]
    buyer.scrip.deliver(paid)
    void = f"/v1/accounts/{buyer.account}/lots/{lot}/void"
    assert buyer.scrip.post(void, {"as": "mistake", "reason": "it is order 1"}, key="v").status == 201
    decision = {"action": "accept", "topup_id": buyer.topup["topup_id"], "reason": "the credit was voided"}
    assert buyer.scrip.post(f"/v1/payments/dodo/{payment_id}/resolutions", decision).status < 300
    assert payment_of(buyer, payment_id)["parked"] in (None, [])
    assert buyer.balance["total"] == "10000"
    buyer.scrip.sound(buyer.account)


def test_a_subscription_whose_first_payment_waits_for_it_goes_on_all_the_same(
    buyer: Buyer, provider: Provider
) -> None:
    """Its later payments name the subscription alone, which is of the order that the first one named."""
    provider.product("pdt_month", {"price": 100_000})
    terms: dict[str, Any] = {"recurring": {"every": "P1M"}, "provider_refs": {"dodo": "pdt_month"}}
    monthly = Buyer(buyer.scrip, provider, f"{buyer.account}-monthly", **terms)
    monthly.order()
    began = len(provider.said)
    first = provider.pay(monthly.session, {"webhook": False})
    assert asks(buyer.scrip, monthly.account, first["payment_id"]).status == 201
    buyer.scrip.deliver(*provider.said[began:])
    assert payment_of(monthly, first["payment_id"])["parked"]
    began = len(provider.said)
    renewal = provider.renew(monthly.session, {"webhook": False})
    buyer.scrip.deliver(*provider.said[began:])
    assert not payment_of(monthly, renewal["payment_id"])["parked"]
    assert monthly.kinds[-1] == ("grant", "10000")


def test_once_dismissed_it_is_not_granted_by_a_webhook_that_comes_again(buyer: Buyer) -> None:
    buyer.order()
    paid = buyer.pays()
    payment_id = paid["data"]["payment_id"]
    asks(buyer.scrip, buyer.account, payment_id)
    buyer.scrip.deliver(paid)
    decision = {"action": "dismiss", "reason": "refunded at the provider"}
    assert buyer.scrip.post(f"/v1/payments/dodo/{payment_id}/resolutions", decision).status < 300
    buyer.scrip.deliver(paid)
    assert [lot["kind"] for lot in buyer.scrip.lots(buyer.account)] == ["refund"]


@pytest.mark.parametrize("number", [100, 200, 390])
def test_a_delivery_that_tells_of_many_refunds_is_applied_however_often_it_breaks_off(
    buyer: Buyer, number: int
) -> None:
    """Each of 3.00 of 1 200.00 without tax: 25 of 10 000 credits. Every write is lost once on its way."""
    payment = paid(buyer)
    refunds = tuple(Refund(f"re_{one:03}", "succeeded", 300, "USD", 0) for one in range(number))
    runtime.pass_on(Delivery("dodo", "payment.succeeded", payment.payment_id, refunds), "msg_many")
    (record,) = buyer.scrip.queued()
    total, lost = -(-10000 * max(0, 120000 - 300 * number) // 120000), [0]

    def broken(at: int) -> Any:
        count = [0]

        def hears(**_: Any) -> Any:
            count[0] += 1
            if count[0] == at + 1:
                lost[0] += 1
                return Fault.error("ThrottlingException")()
            return None

        return hears

    for at in range(12):
        with listening("before-call.dynamodb.TransactWriteItems", broken(at)), suppress(BatchProcessingError):
            buyer.scrip.apply([record])
    assert buyer.scrip.apply([record]) == []
    assert lost[0] >= 2
    assert (buyer.balance["total"], payment.parked) == (str(total), [])
    assert len([kind for kind, _ in buyer.kinds if kind == "clawback"]) == 1
    for name in ("re_000", f"re_{number - 1:03}"):
        answer = asks(buyer.scrip, buyer.account, name, key=f"r-{name}")
        assert (answer.status, answer.body["code"]) == (422, "policy_violation")
    buyer.scrip.sound(buyer.account)


def test_more_refunds_than_a_payment_can_have_wait_for_a_person(buyer: Buyer) -> None:
    """450 in one delivery: none of them counts, and the payment says so."""
    payment = paid(buyer)
    refunds = tuple(Refund(f"re_{one:03}", "succeeded", 1, "USD", 0) for one in range(450))
    runtime.pass_on(Delivery("dodo", "payment.succeeded", payment.payment_id, refunds), "msg_many")
    assert buyer.scrip.apply(buyer.scrip.queued()) == []
    assert payment.parked == ["payment: more than 400 refunds and disputes"]
    assert buyer.balance["total"] == "10000"


def test_a_charge_at_stripe_reaches_its_payment(buyer: Buyer) -> None:
    """Law 8: credit for the charge would be given besides what the payment granted."""
    assert buyer.order(provider="stripe").status == 201
    intent = {
        "id": f"pi_{buyer.account}",
        "object": "payment_intent",
        "status": "succeeded",
        "amount_received": 100000,
        "currency": "usd",
        "created": 1793610902,
        "latest_charge": f"ch_{buyer.account}",
        "metadata": {"topup_id": buyer.topup["topup_id"]},
    }
    event = {"id": f"evt_{buyer.account}", "type": "payment_intent.succeeded", "data": {"object": intent}}
    buyer.scrip.deliver({**event, "created": 1793610902, "livemode": False}, provider="stripe")
    assert buyer.balance["total"] == "10000"
    answer = asks(buyer.scrip, buyer.account, f"ch_{buyer.account}")
    assert (answer.status, answer.body["code"]) == (422, "policy_violation")
    assert f"stripe/pi_{buyer.account}" in answer.text
    # A subscription's id names many payments, and none.
    assert asks(buyer.scrip, buyer.account, f"sub_{buyer.account}").status == 201
