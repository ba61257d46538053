"""What a provider's fees, payouts and exchanges do to the books: one test for each line of docs/finance.md, by hand."""

from __future__ import annotations

import pytest

from scrip.domain.finance.settlement import TYPES, ProviderSettlement, SettlementType
from scrip.domain.finance.settlement_postings import settlement_postings


def posted(
    type_: SettlementType, amount: int, currency: str = "USD", charged: tuple[int, str] | None = None
) -> dict[str, dict[str, int]]:
    """Lines by currency and account."""
    settlement = ProviderSettlement("txn_1", type_, amount, currency, 0, charged=charged)
    return {
        posting.currency: {line.account: line.amount for line in posting.lines}
        for posting in settlement_postings("stripe", settlement)
    }


def test_a_payout_goes_from_the_clearing_account_to_the_bank() -> None:
    assert posted("payout", -97_100) == {"USD": {"bank": 97_100, "cash.stripe": -97_100}}


def test_a_payout_that_failed_comes_back() -> None:
    assert posted("payout_failed", 97_100) == {"USD": {"bank": -97_100, "cash.stripe": 97_100}}


def test_a_fee_is_an_expense_and_one_that_is_given_back_is_none() -> None:
    assert posted("fee", -2930) == {"USD": {"fees": 2930, "cash.stripe": -2930}}
    assert posted("fee", 1500) == {"USD": {"fees": -1500, "cash.stripe": 1500}}


def test_tax_that_the_provider_pays_in_our_place_is_owed_no_more() -> None:
    assert posted("tax", -2000) == {"USD": {"tax_payable": 2000, "cash.stripe": -2000}}


def test_what_was_paid_in_the_balances_own_currency_is_booked_by_its_entry_alone() -> None:
    for type_ in ("payment", "refund", "refund_failed", "dispute", "dispute_reversed"):
        assert posted(type_, 100) == {}


@pytest.mark.parametrize(
    ("settled", "currency", "paid", "customers"),
    [(6500, "USD", 10_000, "JPY"), (26_525, "USD", 100_000, "BHD"), (-3250, "EUR", -5000, "JPY")],
)
def test_what_was_exchanged_leaves_the_account_in_one_currency_and_comes_back_in_another(
    settled: int, currency: str, paid: int, customers: str
) -> None:
    """10 000 yen become 65.00 USD: each currency adds up by itself; a refund goes the other way."""
    assert posted("refund" if paid < 0 else "payment", settled, currency, (paid, customers)) == {
        customers: {"conversion": paid, "cash.stripe": -paid},
        currency: {"cash.stripe": settled, "conversion": -settled},
    }


def test_an_exchange_between_two_balances_is_two_settlements() -> None:
    assert posted("conversion", -5000, "EUR") == {"EUR": {"conversion": 5000, "cash.stripe": -5000}}
    assert posted("conversion", 5400, "USD") == {"USD": {"conversion": -5400, "cash.stripe": 5400}}


def test_what_is_set_aside_is_ours_still() -> None:
    assert posted("reserve", -500) == {}


def test_what_nobody_explains_waits_in_an_account_of_its_own_for_a_person() -> None:
    assert posted("adjustment", -500) == {"USD": {"adjustments": 500, "cash.stripe": -500}}
    assert posted("adjustment", 7, "JPY") == {"JPY": {"adjustments": -7, "cash.stripe": 7}}


def test_what_is_paid_into_the_balance_comes_from_the_bank() -> None:
    assert posted("topup", 50_000) == {"USD": {"bank": -50_000, "cash.stripe": 50_000}}
    assert posted("topup", -50_000) == {"USD": {"bank": 50_000, "cash.stripe": -50_000}}


def test_a_posting_says_why_money_moved_by_the_type_of_what_moved_it() -> None:
    causes = [
        [
            posting.cause
            for posting in settlement_postings("stripe", ProviderSettlement("t", type_, 1, "USD", 0))
        ]
        for type_ in ("fee", "adjustment", "payment")
    ]
    exchanged = ProviderSettlement("t", "payment", 1, "USD", 0, charged=(2, "JPY"))
    causes.append([posting.cause for posting in settlement_postings("stripe", exchanged)])
    assert causes == [["fee"], ["adjustment"], [], ["conversion", "conversion"]]


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("amount", [-7, 1, 10**12])
def test_every_posting_adds_up_in_its_currency(type_: SettlementType, amount: int) -> None:
    for charged in (None, (amount * 3, "BHD")):
        for lines in posted(type_, amount, "JPY", charged).values():
            assert sum(lines.values()) == 0
            assert len(lines) == 2


def test_a_settlement_is_read_as_it_was_written() -> None:
    for one in (
        ProviderSettlement("txn_1", "payment", 6500, "USD", 1, "payment:pi_1", "pi_1", (10_000, "JPY")),
        ProviderSettlement("txn_1.fee", "fee", -219, "USD", 1),
        ProviderSettlement("txn_2", "adjustment", 5, "JPY", 1, kind="other_adjustment"),
    ):
        assert ProviderSettlement.from_json(one.to_json()) == one
