"""Refunds as credit: all of one source together are never above what was paid for it, whoever gets them."""

from __future__ import annotations

import pytest

from scrip.domain.credits.errors import PolicyViolation
from scrip.domain.credits.lots import Money
from scrip.domain.wallets.credit_refunds import RefundedSource

PAID = Money(900, "EUR")


def test_refunds_add_up_to_what_was_paid_and_no_further() -> None:
    half = RefundedSource(PAID).more(PAID, Money(400, "EUR"))
    whole = half.more(PAID, Money(500, "EUR"))
    assert (half.refunded, whole.refunded) == (400, 900)
    with pytest.raises(PolicyViolation) as refused:
        whole.more(PAID, Money(1, "EUR"))
    assert refused.value.facts == {
        "policy": "refund_total",
        "refunded": {"amount": 900, "currency": "EUR"},
        "paid": {"amount": 900, "currency": "EUR"},
    }


@pytest.mark.parametrize("paid", [Money(901, "EUR"), Money(900, "USD")], ids=["amount", "currency"])
def test_what_was_paid_is_the_same_each_time(paid: Money) -> None:
    with pytest.raises(PolicyViolation) as refused:
        RefundedSource(PAID).more(paid, Money(1, paid.currency))
    assert refused.value.facts["policy"] == "refund_source"


def test_it_is_stored_as_it_was_before_it_was_a_type() -> None:
    known = RefundedSource(PAID, 400)
    assert list(known.to_json().items()) == [("paid", [900, "EUR"]), ("refunded", 400)]
    assert RefundedSource.from_json(known.to_json()) == known
