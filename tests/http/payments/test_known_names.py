"""Money that became credit before its payment was known: the payment waits for a person, and gives nothing twice (law
8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import Buyer
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
