"""Stripe's balance transactions as settlements: amounts by hand, categories of its documentation."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.domain.finance.settlement import ProviderSettlement
from scrip.providers.clients import ProviderUnavailable
from scrip.providers.stripe.balance import settlements

CHARGE = {"id": "ch_1", "object": "charge", "amount": 10_000, "currency": "usd", "payment_intent": "pi_1"}


def row(**more: Any) -> dict[str, Any]:
    said = {
        "id": "txn_1",
        "amount": 10_000,
        "fee": 320,
        "net": 9680,
        "currency": "usd",
        "created": 1_795_435_200,
        "balance_type": "payments",
        "reporting_category": "charge",
        "source": CHARGE,
    }
    return {**said, **more}


AT = 1_795_435_200_000


def test_a_charge_is_a_payment_and_its_fee_beside_it() -> None:
    assert settlements(row()) == [
        ProviderSettlement("txn_1", "payment", 10_000, "USD", AT, "payment:pi_1", "pi_1"),
        ProviderSettlement("txn_1.fee", "fee", -320, "USD", AT, "payment:pi_1", "pi_1"),
    ]


def test_what_was_charged_in_another_currency_says_both() -> None:
    """10 000 yen arrive as 65.00 USD; 5 000 of them go back as 32.50."""
    yen = {**CHARGE, "currency": "jpy"}
    paid, fee = settlements(row(amount=6500, source=yen))
    assert (paid.amount, paid.currency, paid.charged, fee.charged) == (6500, "USD", (10_000, "JPY"), None)
    back = {"id": "re_1", "object": "refund", "amount": 5000, "currency": "jpy", "payment_intent": "pi_1"}
    (refund,) = settlements(row(amount=-3250, fee=0, reporting_category="refund", source=back))
    assert (refund.type, refund.charged, refund.of, refund.payment_id) == (
        "refund",
        (-5000, "JPY"),
        "refund:re_1",
        "pi_1",
    )


@pytest.mark.parametrize(
    ("coin", "amount", "ours"), [("jpy", 10_000, 10_000), ("bhd", 10_000, 10_000), ("ugx", 10_000, 100)]
)
def test_amounts_are_minor_units_of_iso_4217(coin: str, amount: int, ours: int) -> None:
    """Stripe counts Ugandan shillings in hundredths."""
    (paid,) = settlements(row(amount=amount, fee=0, currency=coin, source={**CHARGE, "currency": coin}))
    assert (paid.amount, paid.currency, paid.charged) == (ours, coin.upper(), None)


@pytest.mark.parametrize(
    ("category", "amount", "type_"),
    [
        ("charge", 1, "payment"),
        ("charge_failure", -1, "payment"),
        ("partial_capture_reversal", -1, "payment"),
        ("refund", -1, "refund"),
        ("refund_failure", 1, "refund_failed"),
        ("dispute", -1, "dispute"),
        ("dispute_reversal", 1, "dispute_reversed"),
        ("fee", -1, "fee"),
        ("network_cost", -1, "fee"),
        ("payout", -1, "payout"),
        ("payout_reversal", 1, "payout_failed"),
        ("risk_reserved_funds", -1, "reserve"),
        ("payout_minimum_balance_hold", -1, "reserve"),
        ("topup", 1, "topup"),
        ("topup_reversal", -1, "topup"),
        ("connect_reserved_funds", -1, "reserve"),
        ("other_adjustment", -1, "adjustment"),
        ("tax", -1, "adjustment"),
        (None, -1, "adjustment"),
    ],
)
def test_a_category_says_what_it_is(category: str | None, amount: int, type_: str) -> None:
    (one,) = settlements(row(amount=amount, fee=0, reporting_category=category, source="x_1"))
    assert (one.type, one.amount, one.of, one.payment_id) == (type_, amount, "x_1", None)


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("other_adjustment", "other_adjustment"),
        ("fee", None),
        (None, "unknown"),
        ("\ud800", "unknown"),
        ("x" * 101, "unknown"),
    ],
)
def test_what_is_none_of_what_is_known_here_says_stripes_word_for_it(
    category: str | None, kind: str | None
) -> None:
    (one,) = settlements(row(amount=-1, fee=0, reporting_category=category, source="\ud800"))
    assert (one.kind, one.of) == (kind, None)


def test_the_fee_of_a_dispute_is_given_back_with_its_money() -> None:
    of = {"id": "dp_1", "object": "dispute", "amount": 10_000, "currency": "usd", "charge": "ch_1"}
    taken = row(amount=-10_000, fee=1500, reporting_category="dispute", source=of)
    back = row(amount=10_000, fee=-1500, reporting_category="dispute_reversal", source=of)
    said = [(one.type, one.amount) for each in (taken, back) for one in settlements(each)]
    assert said == [("dispute", -10_000), ("fee", -1500), ("dispute_reversed", 10_000), ("fee", 1500)]
    assert settlements(taken)[0].payment_id == "ch_1", "a charge that has no intent"


def test_another_balance_than_the_one_that_is_paid_out_is_set_aside() -> None:
    assert settlements(row(fee=0, balance_type="risk_reserved"))[0].type == "reserve"


def test_what_moved_nothing_is_nothing() -> None:
    assert settlements(row(amount=0, fee=0)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "10"},
        {"amount": 1.5},
        {"fee": None},
        {"currency": "dollars"},
        {"created": "now"},
        {"id": 7},
    ],
)
def test_what_cannot_be_read_is_not_passed_over(wrong: dict[str, Any]) -> None:
    with pytest.raises(ProviderUnavailable, match="balance transaction"):
        settlements(row(**wrong))


def test_the_stand_ins_transactions_are_such_as_the_sdk_has_them() -> None:
    """Each member of the SDK's model, and none else."""
    from stripe import BalanceTransaction

    from local.standins.stripe_balance import Balance

    balance = Balance()
    balance.adjust({"amount": -5})
    (made,) = balance.rows(expanded=False)
    assert set(made) == set(BalanceTransaction.__annotations__) - {"OBJECT_NAME", "_inner_class_types"}
