"""Entries of Dodo's balance ledger as settlements."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from dodopayments.types import BalanceLedgerEntry

from scrip.domain.finance.settlement import ProviderSettlement
from scrip.providers.clients import ProviderUnavailable
from scrip.providers.dodo.balance import settlement, subject

AT = 1_795_435_200_000


def entry(event: str, amount: Any = 1000, **more: Any) -> dict[str, Any]:
    said = {
        "id": "ble_1",
        "amount": amount,
        "business_id": "bus_1",
        "created_at": "2026-11-23T12:00:00Z",
        "currency": "USD",
        "event_type": event,
        "is_credit": False,
        "usd_equivalent_amount": amount,
        "reference_object_id": "pay_1",
    }
    return {**said, **more}


def test_a_payment_credits_a_wallet_and_its_fee_and_tax_debit_it() -> None:
    said = [entry("payment", is_credit=True), entry("payment_fees", 80), entry("tax", 190)]
    assert [settlement(one, "pay_1") for one in said] == [
        ProviderSettlement("ble_1", "payment", 1000, "USD", AT, "payment:pay_1", "pay_1"),
        ProviderSettlement("ble_1", "fee", -80, "USD", AT, "payment:pay_1", "pay_1"),
        ProviderSettlement("ble_1", "tax", -190, "USD", AT, "payment:pay_1", "pay_1"),
    ]


@pytest.mark.parametrize("amount", [1000, -1000])
def test_which_way_it_went_is_said_by_is_credit_alone(amount: int) -> None:
    down, up = (
        settlement(entry("adjustment", amount), None),
        settlement(entry("adjustment", amount, is_credit=True), None),
    )
    assert down is not None
    assert up is not None
    assert (down.amount, up.amount) == (-1000, 1000)


EVENTS = {
    **{one: one for one in ("payment", "refund", "dispute", "payout", "tax")},
    "refund_reversal": "refund_failed",
    "dispute_reversal": "dispute_reversed",
    "payout_reversal": "payout_failed",
    "tax_reversal": "tax",
    "currency_conversion": "conversion",
    **dict.fromkeys(("reserve_hold", "reserve_release"), "reserve"),
    **dict.fromkeys(("dodo_credits", "adjustment", "opening_balance"), "adjustment"),
}
"""All others are fees, or what gives one back."""


@pytest.mark.parametrize("event", get_args(BalanceLedgerEntry.model_fields["event_type"].annotation))
def test_every_event_of_the_sdk_is_something(event: str) -> None:
    one = settlement(entry(event), None)
    assert one is not None
    assert one.type == EVENTS.get(event, "fee")
    assert one.kind == (event if one.type == "adjustment" else None)


@pytest.mark.parametrize(
    ("event", "of"),
    [
        ("refund_fees", ("refund", "pay_1")),
        ("dispute_fees_reversal", ("dispute", "pay_1")),
        ("tax", ("payment", "pay_1")),
        ("payout_fees", None),
        ("scheme_fee", None),
    ],
)
def test_what_an_entry_is_of_is_said_by_its_event(event: str, of: tuple[str, str] | None) -> None:
    assert subject(entry(event)) == of


def test_a_payout_is_named_by_its_id() -> None:
    one = settlement(entry("payout", payout_id="pyt_1", reference_object_id=None), None)
    assert one is not None
    assert (one.of, one.amount) == ("payout:pyt_1", -1000)
    assert subject(entry("payment", reference_object_id=None)) is None


def test_what_moved_nothing_is_nothing() -> None:
    assert settlement(entry("payment", 0), "pay_1") is None


@pytest.mark.parametrize(
    "wrong", [{"amount": "1"}, {"amount": True}, {"currency": "$"}, {"created_at": "today"}, {"id": ""}]
)
def test_what_cannot_be_read_is_not_passed_over(wrong: dict[str, Any]) -> None:
    with pytest.raises(ProviderUnavailable, match="ledger entry"):
        settlement({**entry("payment"), **wrong}, None)


def test_the_stand_ins_entries_are_such_as_the_sdk_has_them() -> None:
    from local.standins.dodo_balance import Balance

    balance = Balance()
    balance.payout({"amount": 5, "fee": 1})
    for made in balance.entries:
        assert set(made) == set(BalanceLedgerEntry.model_fields)
        BalanceLedgerEntry.model_validate(made, strict=False)
