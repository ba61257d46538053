"""A payment that Scrip knows is given back by its own path, under whatever spelling somebody asks (law 8)."""

from __future__ import annotations

import pytest

from scrip.store import keys
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


@pytest.mark.parametrize("spelling", ["{id}", "dodo:{id}", "dodo/{id}", "/v1/payments/dodo/{id}"])
def test_a_payment_is_known_by_its_own_document_too(buyer: Buyer, spelling: str) -> None:
    """It was kept before its names were: no document of names knows it."""
    payment_id = bought(buyer)
    key = {"pk": {"S": keys.named_source(payment_id)}, "sk": {"S": "head"}}
    assert "Item" in buyer.scrip.dynamodb.get_item(TableName="wallets", Key=key)
    buyer.scrip.dynamodb.delete_item(TableName="wallets", Key=key)
    known(asks(buyer.scrip, buyer.account, spelling.format(id=payment_id)), payment_id)


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


# What was a mistake


ALL = {"refunded": TEN, "paid": TEN}


def voids(scrip: Deployment, account: str, lot: str, key: str, **body: str) -> Answer:
    return scrip.post(f"/v1/accounts/{account}/lots/{lot}/void", {"as": "mistake", **body}, key=key)


@pytest.mark.parametrize("kind", ["payment", "invoice"])
def test_a_refund_that_was_a_mistake_counts_no_more_against_its_source(
    scrip: Deployment, account: str, kind: str
) -> None:
    """Law 8: of 10.00 all became credit, by mistake; 4 of 10 credits are taken back, so 4.00 may be refunded again;
    then all of it, and even another sum may have been paid."""
    said = f"x-{account}"
    assert asks(scrip, account, said, kind).status == 201
    assert voids(scrip, account, "lot_1", "v1", amount="4").status == 201
    six = {"refunded": {"amount": 600, "currency": "USD"}, "paid": TEN}
    refused(asks(scrip, account, said, kind, "r2"), 422, "policy_violation", policy="refund_total", **six)
    four = {"source": {"type": kind, "id": said}, "value": {"amount": 400, "currency": "USD"}, "paid": TEN}
    path = f"/v1/accounts/{account}/refunds"
    assert scrip.post(path, four, key="r3").status == 201
    refused(scrip.post(path, four, key="r4"), 422, "policy_violation", policy="refund_total", **ALL)
    assert voids(scrip, account, "lot_1", "v2").status == 201
    assert voids(scrip, account, "lot_3", "v3").status == 201
    other = {**four, "paid": {"amount": 500, "currency": "EUR"}, "value": {"amount": 500, "currency": "EUR"}}
    assert scrip.post(path, other, key="r5").status == 201
    scrip.sound(account)


def test_a_refund_that_is_voided_otherwise_still_counts(scrip: Deployment, account: str) -> None:
    said = f"x-{account}"
    assert asks(scrip, account, said).status == 201
    assert scrip.post(f"/v1/accounts/{account}/lots/lot_1/void", {}, key="v1").status == 201
    refused(asks(scrip, account, said, key="r2"), 422, "policy_violation", policy="refund_total", **ALL)


def test_a_grant_by_hand_that_names_a_source_was_never_counted_of_it(scrip: Deployment, account: str) -> None:
    """It is voided as a mistake: what was refunded of that source stays refunded."""
    said = f"x-{account}"
    about = {"reference": {"type": "payment", "id": said}}
    assert asks(scrip, account, said).status == 201
    assert scrip.grant(account, "10", "g1", kind="refund", cost_basis=TEN, **about).status == 201
    assert voids(scrip, account, "lot_2", "v1").status == 201
    refused(asks(scrip, account, said, key="r2"), 422, "policy_violation", policy="refund_total", **ALL)
