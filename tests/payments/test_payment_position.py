"""Laws 8 and 9: what a payment's facts add up to, with worked numbers."""

from __future__ import annotations

import pytest

from scrip.payments.facts import Fact, Paid
from scrip.payments.position import Position, mismatch, target, unusable_refunds
from tests.payments.samples import facts, paid, refund

CENT = 1_000_000  # a credit of precision 6

# 100.00 USD buys 10 000 credits of one step each; 20.00 tax on top, so 120.00 was paid.
POSITIONS: list[tuple[str, list[Fact], Position]] = [
    ("nothing known", [], Position(0, 0, 0, 0)),
    ("paid", [paid()], Position(10000, 0, 0, 0)),
    ("a quarter back", [paid(), refund(3000)], Position(10000, 2500, 0, 2500)),
    ("a third back rounds up, its money down", [paid(), refund(4000)], Position(10000, 3334, 0, 3333)),
    (
        "three thirds round once, together",
        [paid(), refund(4000, "a"), refund(4000, "b"), refund(4000, "c")],
        Position(10000, 10000, 0, 10000),
    ),
    (
        "two thirds round once, together: 6667, not 3334 twice",
        [paid(), refund(4000, "a"), refund(4000, "b")],
        Position(10000, 6667, 0, 6666),
    ),
    ("one cent back takes a whole step", [paid(), refund(1)], Position(10000, 1, 0, 0)),
    ("all of it back", [paid(), refund(12000)], Position(10000, 10000, 0, 10000)),
    ("more than all of it back", [paid(), refund(12500)], Position(10000, 10000, 0, 10000)),
    ("a refund of nothing", [paid(), refund(0)], Position(10000, 0, 0, 0)),
    (
        "called whole, whatever the amount",
        [paid(), refund(11000, full=True)],
        Position(10000, 10000, 0, 10000),
    ),
    ("called whole, no amount", [paid(), refund(None, full=True)], Position(10000, 10000, 0, 10000)),
    ("no currency is the payment's", [paid(), refund(3000, currency=None)], Position(10000, 2500, 0, 2500)),
    ("pending freezes", [paid(), refund(4000, status="pending")], Position(10000, 0, 3334, 0)),
    (
        "pending freezes at most what is left",
        [paid(), refund(9000, "a"), refund(9000, "b", "pending")],
        Position(10000, 7500, 2500, 7500),
    ),
    ("failed counts nothing", [paid(), refund(4000, status="failed")], Position(10000, 0, 0, 0)),
    ("no tax said", [paid(10000, None), refund(2500)], Position(10000, 2500, 0, 2500)),
    (
        "yen have no decimals",
        [paid(12000, 2000, "JPY"), refund(3000, currency="JPY")],
        Position(10000, 2500, 0, 2500),
    ),
    ("fils are thousandths", [paid(12001, 2001, "KWD"), refund(1, currency="KWD")], Position(10000, 1, 0, 0)),
    # 137.00 CAD paid, 100.00 USD settled, 25.00 USD given back: a quarter.
    (
        "a refund in the settlement currency is a share of what was settled",
        [paid(13700, 0, "CAD", settled=(10000, "USD")), refund(2500, currency="USD")],
        Position(10000, 2500, 0, 2500),
    ),
    (
        "the same refund once in each currency, added exactly",
        [
            paid(13700, 0, "CAD", settled=(10000, "USD")),
            refund(2500, "a", currency="USD"),
            refund(3425, "b", currency="CAD"),
        ],
        Position(10000, 5000, 0, 5000),
    ),
    (
        "adaptive pricing gave back more than was paid: 140 of 137 CAD",
        [paid(13700, 0, "CAD", settled=(10000, "USD")), refund(14000, currency="CAD")],
        Position(10000, 10000, 0, 10000),
    ),
]


@pytest.mark.parametrize(("name", "known", "position"), POSITIONS, ids=[name for name, _, _ in POSITIONS])
def test_the_position_of(name: str, known: list[Fact], position: Position) -> None:
    assert target(facts(*known), 10000, 10000) == position
    assert unusable_refunds(facts(*known)) == ()


def test_face_and_money_are_split_each_by_its_own_whole() -> None:
    # 10 000 credits of precision 6 for 1 000.00 USD; 30 % of 1 200.00 back.
    position = target(facts(paid(120000, 20000), refund(36000)), 10000 * CENT, 100000)

    assert position == Position(10000 * CENT, 3000 * CENT, 0, 30000)


def test_a_refund_in_a_third_currency_counts_nothing_is_named_and_leaves_the_others_counting() -> None:
    known = facts(paid(), refund(3000, "ref_usd"), refund(3000, "ref_eur", currency="EUR"))

    assert target(known, 10000, 10000) == Position(10000, 2500, 0, 2500)
    assert unusable_refunds(known) == (
        "refund ref_eur of 3000 EUR has no share of 12000 USD, settled in USD",
    )


def test_a_partial_refund_without_an_amount_is_named_until_its_amount_or_failure_is_known() -> None:
    known = facts(paid(), refund(None, currency=None))

    assert target(known, 10000, 10000) == Position(10000)
    assert unusable_refunds(known) == (
        "refund ref_1 of unknown amount USD has no share of 12000 USD, settled in USD",
    )
    assert unusable_refunds(known.merge(refund(3000))) == ()
    assert unusable_refunds(known.merge(refund(None, status="failed"))) == ()


def test_a_refund_in_the_settlement_currency_of_an_unknown_settlement_is_named() -> None:
    unsettled = Paid("pay_1", 13700, 0, "CAD", None, None, "cks_1", 0)

    assert unusable_refunds(facts(unsettled, refund(2500, currency="USD"))) == (
        "refund ref_1 of 2500 USD has no share of 13700 CAD",
    )


def test_nothing_is_named_while_the_payment_itself_is_unknown() -> None:
    assert unusable_refunds(facts(refund(None))) == ()


@pytest.mark.parametrize(
    ("payment", "price", "says"),
    [
        (paid(), (10000, "USD"), None),
        (paid(10000, None), (10000, "USD"), None),
        (paid(10000, 0, "JPY"), (10000, "JPY"), None),
        (paid(9999, None), (10000, "USD"), "paid 9999 USD without tax, the order costs 10000 USD"),
        (paid(12000, None), (10000, "USD"), "paid 12000 USD without tax, the order costs 10000 USD"),
        (paid(11000, 2000), (10000, "USD"), "paid 9000 USD without tax, the order costs 10000 USD"),
        (paid(10000, 0, "EUR"), (10000, "USD"), "paid in EUR, the order is in USD"),
    ],
    ids=[
        "price and tax",
        "tax not said",
        "yen",
        "a cent short",
        "tax not said apart",
        "discounted",
        "currency",
    ],
)
def test_a_payment_is_granted_only_if_it_is_the_price_of_its_order_to_the_minor_unit(
    payment: Paid, price: tuple[int, str], says: str | None
) -> None:
    assert mismatch(payment, *price) == says
