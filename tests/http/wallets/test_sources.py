"""A payment that Scrip knows is given back by its own path, under whatever spelling somebody asks (law 8)."""

from __future__ import annotations

import pytest

from tests.aws import Answer, Buyer, Deployment
from tests.http.contract import refused

TEN = {"amount": 1000, "currency": "USD"}


def asks(scrip: Deployment, account: str, said: str, kind: str = "payment", key: str = "r1") -> Answer:
    """A refund as credit of 10.00 that were paid."""
    body = {"source": {"type": kind, "id": said}, "value": TEN, "paid": TEN}
    return scrip.post(f"/v1/accounts/{account}/refunds", body, key=key)


def known(answer: Answer, payment_id: str) -> None:
    """It was refused, with the path of the payment."""
    path = f"/v1/payments/dodo/{payment_id}/refunds"
    refused(answer, 422, "policy_violation", policy="refund_source", path=path, payment=f"dodo:{payment_id}")


def bought(buyer: Buyer) -> str:
    """A payment that was granted; its id."""
    buyer.order()
    buyer.scrip.deliver(buyer.pays())
    return str(buyer.lot["source"]["id"]).partition(":")[2]


SPELLINGS = [
    "{id}",
    "dodo:{id}",
    "dodo/{id}",
    "standard:{id}",
    "stripe/{id}",
    "/v1/payments/dodo/{id}",
    " {id} ",
    "dodo: {id}",
    "DODO:{upper}",
    "{upper}",
    "dodo%3A{id}",
    "dodo:{id}/",
]


@pytest.mark.parametrize("kind", ["payment", "invoice"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_known_payment_is_refused_however_it_is_spelled(buyer: Buyer, spelling: str, kind: str) -> None:
    payment_id = bought(buyer)
    answer = asks(buyer.scrip, buyer.account, spelling.format(id=payment_id, upper=payment_id.upper()), kind)
    known(answer, payment_id)
    assert len(buyer.scrip.lots(buyer.account)) == 1


def test_a_payment_that_was_refunded_in_full_is_still_known(buyer: Buyer) -> None:
    payment_id = bought(buyer)
    buyer.scrip.deliver(buyer.gets_back(100000))
    known(asks(buyer.scrip, buyer.account, payment_id), payment_id)
    known(asks(buyer.scrip, buyer.account, f"standard:{payment_id}"), payment_id)


def test_what_went_back_of_it_is_known_as_well(buyer: Buyer) -> None:
    """A refund's own id names no other money."""
    payment_id = bought(buyer)
    webhook = buyer.gets_back(1000)
    buyer.scrip.deliver(webhook)
    refund_id = webhook["data"]["refund_id"]
    known(asks(buyer.scrip, buyer.account, refund_id), payment_id)


def test_an_order_and_its_checkout_session_are_known_before_they_are_paid(buyer: Buyer) -> None:
    buyer.order()
    topup_id = buyer.topup["topup_id"]
    for number, said in enumerate((topup_id, f"dodo:{topup_id}", buyer.session, f"dodo/{buyer.session}")):
        answer = asks(buyer.scrip, buyer.account, said, key=f"r{number}")
        refused(answer, 422, "policy_violation", policy="refund_source", topup_id=topup_id)
    answer = asks(buyer.scrip, buyer.account, topup_id.swapcase(), key="case")
    refused(answer, 422, "policy_violation", policy="refund_source")


def test_two_spellings_of_a_source_that_nobody_knows_do_not_give_twice(
    scrip: Deployment, account: str
) -> None:
    said = f"x-{account}"
    assert asks(scrip, account, said).status == 201
    for number, spelling in enumerate(
        (said.upper(), f"dodo:{said}", f"stripe/{said}", f" {said}", f"{said}/")
    ):
        answer = asks(scrip, account, spelling, key=f"again{number}")
        refused(answer, 422, "policy_violation", policy="refund_total", refunded=TEN, paid=TEN)
    assert asks(scrip, account, f"{said}-2", key="another").status == 201


def test_the_same_key_answers_as_it_did_after_the_payment_became_known(buyer: Buyer) -> None:
    """Law 3."""
    buyer.order()
    paid = buyer.pays()
    payment_id = paid["data"]["payment_id"]
    first = asks(buyer.scrip, buyer.account, payment_id)
    buyer.scrip.deliver(paid)
    again = asks(buyer.scrip, buyer.account, payment_id)
    assert (first.status, again.status, again.replayed, again.body) == (201, 201, True, first.body)
