"""Laws 8 and 9: what a payment's facts add up to, with worked numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.payments.delivery import Parked
from scrip.domain.payments.facts import Fact, Paid
from scrip.domain.payments.target import given_back, gross, mismatch, share, target, unusable
from scrip.domain.wallets.position import Target
from tests.providers.samples import asked_for, dispute, facts, paid, refund, steady

CENT = 1_000_000  # a credit of precision 6

# 100.00 USD buys 10 000 credits of one step each; 20.00 tax on top, so 120.00 was paid.
POSITIONS: list[tuple[str, list[Fact], Target]] = [
    ("nothing known", [], Target(0, 0, 0, 0)),
    ("paid", [paid()], Target(10000, 0, 0, 0)),
    ("a quarter back", [paid(), refund(3000)], Target(10000, 2500, 0, 2500)),
    ("a third back rounds up, its money down", [paid(), refund(4000)], Target(10000, 3334, 0, 3333)),
    (
        "three thirds round once, together",
        [paid(), refund(4000, "a"), refund(4000, "b"), refund(4000, "c")],
        Target(10000, 10000, 0, 10000),
    ),
    (
        "two thirds round once, together: 6667, not 3334 twice",
        [paid(), refund(4000, "a"), refund(4000, "b")],
        Target(10000, 6667, 0, 6666),
    ),
    ("one cent back takes a whole step", [paid(), refund(1)], Target(10000, 1, 0, 0)),
    ("all of it back", [paid(), refund(12000)], Target(10000, 10000, 0, 10000)),
    ("more than all of it back", [paid(), refund(12500)], Target(10000, 10000, 0, 10000)),
    ("a refund of nothing", [paid(), refund(0)], Target(10000, 0, 0, 0)),
    (
        "called whole, whatever the amount",
        [paid(), refund(11000, full=True)],
        Target(10000, 10000, 0, 10000),
    ),
    ("called whole, no amount", [paid(), refund(None, full=True)], Target(10000, 10000, 0, 10000)),
    ("no currency is the payment's", [paid(), refund(3000, currency=None)], Target(10000, 2500, 0, 2500)),
    ("pending freezes", [paid(), refund(4000, status="pending")], Target(10000, 0, 3334, 0)),
    (
        "pending freezes at most what is left",
        [paid(), refund(9000, "a"), refund(9000, "b", "pending")],
        Target(10000, 7500, 2500, 7500),
    ),
    ("failed counts nothing", [paid(), refund(4000, status="failed")], Target(10000, 0, 0, 0)),
    ("no tax said", [paid(10000, None), refund(2500)], Target(10000, 2500, 0, 2500)),
    (
        "yen have no decimals",
        [paid(12000, 2000, "JPY"), refund(3000, currency="JPY")],
        Target(10000, 2500, 0, 2500),
    ),
    ("fils are thousandths", [paid(12001, 2001, "KWD"), refund(1, currency="KWD")], Target(10000, 1, 0, 0)),
    # 137.00 CAD paid, 100.00 USD settled, 25.00 USD given back: a quarter.
    (
        "a refund in the settlement currency is a share of what was settled",
        [paid(13700, 0, "CAD", settled=(10000, "USD")), refund(2500, currency="USD")],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "the same refund once in each currency, added exactly",
        [
            paid(13700, 0, "CAD", settled=(10000, "USD")),
            refund(2500, "a", currency="USD"),
            refund(3425, "b", currency="CAD"),
        ],
        Target(10000, 5000, 0, 5000),
    ),
    (
        "without a currency, settled as it was paid",
        [paid(13700, 0, "CAD"), refund(3425, currency=None)],
        Target(10000, 2500, 0, 2500),
    ),
    ("the tax alone", [paid(), refund(2000, tax=2000)], Target(10000, 0, 0, 0)),
    (
        "the tax, then all the rest",
        [paid(), refund(2000, "a", tax=2000), refund(10000, "b", tax=0)],
        Target(10000, 10000, 0, 10000),
    ),
    (
        "the tax, then the rest, of which tax is said once more: no more than 2000 of it was paid",
        [paid(), refund(2000, "a", tax=2000), refund(10000, "b", tax=1667)],
        Target(10000, 10000, 0, 10000),
    ),
    (
        "the tax, then the rest, of which nothing is said",
        [paid(), refund(2000, "a", tax=2000), dispute("lost", 10000)],
        Target(10000, 10000, 0, 10000),
    ),
    (
        "half the tax, then a quarter of the rest without any: 2500 of 10000",
        [paid(), refund(1000, "a", tax=1000), refund(2500, "b", tax=0)],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "a quarter with its tax: 3000 of 12000",
        [paid(), refund(3000, tax=500)],
        Target(10000, 2500, 0, 2500),
    ),
    (
        "the tax waits, and so does the rest",
        [paid(), refund(2000, "a", "pending", tax=2000), refund(10000, "b", "pending", tax=0)],
        Target(10000, 0, 10000, 0),
    ),
    (
        "the tax is back, and the rest waits",
        [paid(), refund(2000, "a", tax=2000), refund(10000, "b", "pending", tax=0)],
        Target(10000, 0, 10000, 0),
    ),
    (
        "yen: 1000 and 100 of tax",
        [
            paid(1100, 100, "JPY"),
            refund(100, "a", currency="JPY", tax=100),
            refund(1000, "b", currency="JPY"),
        ],
        Target(10000, 10000, 0, 10000),
    ),
    (
        "fils: 10.000 and 0.501 of tax; a third of the rest rounds up",
        [
            paid(10501, 501, "KWD"),
            refund(501, "a", currency="KWD", tax=501),
            refund(3333, "b", currency="KWD", tax=0),
        ],
        Target(10000, 3333, 0, 3333),
    ),
    (
        "adaptive pricing gave back more than was paid: 140 of 137 CAD",
        [paid(13700, 0, "CAD", settled=(10000, "USD")), refund(14000, currency="CAD")],
        Target(10000, 10000, 0, 10000),
    ),
]


@pytest.mark.parametrize(("name", "known", "position"), POSITIONS, ids=[name for name, _, _ in POSITIONS])
def test_the_position_of(name: str, known: list[Fact], position: Target) -> None:
    assert target(facts(*known), 10000, 10000) == position
    assert list(unusable(facts(*known))) == []


@st.composite
def _splits(draw: st.DrawFn) -> tuple[int, int, list[tuple[int, int]]]:
    """Price and tax, and all of that money in parts: what each is, and how much of it is tax."""
    net, tax = draw(st.integers(1, 10**6)), draw(st.integers(0, 10**6))
    nets, taxes = (
        [0, *sorted(draw(st.lists(st.integers(0, whole), max_size=4))), whole] for whole in (net, tax)
    )
    parts = [(after - before, 0) for before, after in pairwise(nets)]
    parts += [(after - before, after - before) for before, after in pairwise(taxes)]
    return net, tax, draw(st.permutations(parts))


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
@steady
@given(split=_splits(), face=st.integers(1, 10**12))
def test_all_the_money_back_is_all_the_credits_back_however_its_tax_was_split(
    currency: str, split: tuple[int, int, list[tuple[int, int]]], face: int
) -> None:
    """Laws 8 and 9. On the way, tax by itself takes no credits."""
    net, tax, parts = split
    known, back, taxed = facts(paid(net + tax, tax, currency)), 0, 0
    for number, (money, of_tax) in enumerate(parts):
        known = known.merge(refund(money, f"r{number}", currency=currency, tax=of_tax))
        back, taxed = back + money - of_tax, taxed + of_tax
        position = target(known, face, net)
        assert (position.clawed, position.refunded) == (-(-face * back // net), back)
        assert given_back(known).tax == taxed
        assert sum(given_back(known).facts.values()) == back + taxed
        assert floor(gross(known)["taken"] * (net + tax)) == back + taxed
    assert position == Target(face, face, 0, net)


def test_face_and_money_are_split_each_by_its_own_whole() -> None:
    # 10 000 credits of precision 6 for 1 000.00 USD; 30 % of 1 200.00 back.
    position = target(facts(paid(120000, 20000), refund(36000)), 10000 * CENT, 100000)

    assert position == Target(10000 * CENT, 3000 * CENT, 0, 30000)


@pytest.mark.parametrize("unclear", [refund(500, currency="CHF", tax=83), refund(None, tax=83)])
def test_the_tax_in_a_part_that_has_no_share_counts_nothing_either(unclear: Fact) -> None:
    """Of 120.00 USD a quarter goes back, and 5.00 CHF with 0.83 of tax besides: a quarter of the credits is gone."""
    assert target(facts(paid(), unclear), 10000, 10000) == Target(10000, 0, 0, 0)
    assert target(facts(paid(), unclear, refund(3000, "ref_2")), 10000, 10000) == Target(10000, 2500, 0, 2500)
    assert given_back(facts(paid(), unclear)).tax == 0


def test_a_part_in_a_third_currency_counts_nothing_is_named_and_leaves_the_others_counting() -> None:
    known = facts(
        paid(), refund(3000), refund(3000, "ref_eur", currency="EUR"), dispute("open", 4000, currency="EUR")
    )

    assert target(known, 10000, 10000) == Target(10000, 2500, 0, 2500)
    assert list(unusable(known)) == [
        Parked("refund:ref_eur", "3000 EUR has no share of 12000 USD, settled in USD"),
        Parked("dispute:dsp_1", "4000 EUR has no share of 12000 USD, settled in USD"),
    ]


def test_a_part_without_an_amount_is_named_until_its_amount_or_its_failure_is_known() -> None:
    known = facts(paid(), refund(None, currency=None), dispute("lost", None))

    assert target(known, 10000, 10000) == Target(10000)
    assert list(unusable(known)) == [
        Parked("refund:ref_1", "unknown amount USD has no share of 12000 USD, settled in USD"),
        Parked("dispute:dsp_1", "unknown amount USD has no share of 12000 USD, settled in USD"),
    ]
    assert list(unusable(known.merge_all([refund(3000), dispute("lost", 4000)]))) == []
    assert list(unusable(known.merge_all([refund(None, status="failed"), dispute("won", stage=2)]))) == []


def test_a_part_in_the_settlement_currency_of_an_unknown_settlement_is_named() -> None:
    unsettled = Paid(13700, 0, "CAD", 0)

    assert list(unusable(facts(unsettled, refund(2500, currency="USD")))) == [
        Parked("refund:ref_1", "2500 USD has no share of 13700 CAD")
    ]


def test_an_amount_that_could_be_of_either_currency_is_of_none_and_named() -> None:
    known = facts(paid(13700, 0, "CAD", settled=(10000, "USD")), refund(2500, currency=None))

    assert target(known, 10000, 10000) == Target(10000)
    assert list(unusable(known)) == [
        Parked("refund:ref_1", "2500 in an unknown currency has no share of 13700 CAD, settled in USD")
    ]
    # All of it is all of it, in any currency.
    assert target(known.merge(refund(2500, currency=None, full=True)), 10000, 10000).clawed == 10000


@pytest.mark.parametrize(
    ("known", "stated", "position"),
    [
        ([refund(None)], {"refund:ref_1": 3000}, Target(10000, 2500, 0, 2500)),
        ([refund(3000, currency="EUR")], {"refund:ref_1": 4000}, Target(10000, 3334, 0, 3333)),
        ([refund(None, full=True)], {"refund:ref_1": 3000}, Target(10000, 2500, 0, 2500)),
        ([refund(None, status="pending")], {"refund:ref_1": 3000}, Target(10000, 0, 2500, 0)),
        ([refund(None, status="failed")], {"refund:ref_1": 3000}, Target(10000)),
        ([dispute("lost", None)], {"dispute:dsp_1": 12000}, Target(10000, 10000, 0, 10000)),
        ([dispute("open", 1, currency="EUR")], {"dispute:dsp_1": 4000}, Target(10000, 0, 3334, 0)),
        (
            [refund(None), dispute("lost", None)],
            {"refund:ref_1": 9000, "dispute:dsp_1": 9000},
            Target(10000, 10000, 0, 10000),
        ),
        (
            [refund(None), refund(3000, "ref_2")],
            {"refund:ref_1": 0, "refund:ref_9": 12000},
            Target(10000, 2500, 0, 2500),
        ),
    ],
    ids=[
        "what was not said",
        "what was said in another currency",
        "more exactly than in full",
        "it still waits",
        "it still failed",
        "a dispute",
        "an open one",
        "the cap holds",
        "nothing went back, and one of another payment",
    ],
)
def test_what_a_person_stated_takes_the_place_of_what_the_provider_did_not_say(
    known: list[Fact], stated: dict[str, int], position: Target
) -> None:
    assert target(facts(paid(), *known), 10000, 10000, stated) == position
    assert list(unusable(facts(paid(), *known), stated)) == []


def test_shares_are_exact_and_uncapped_for_whoever_quotes_a_refund() -> None:
    known = facts(
        paid(), refund(4000), asked_for(3000, "rr_1"), dispute("lost", 12000), dispute("won", 1, "dsp_2")
    )

    shares = share(known)

    # 4000 + 12000 of 12000 are four thirds.
    assert (shares["taken"], shares["frozen"]) == (Fraction(4, 3), Fraction(1, 4))


def test_nothing_is_named_while_the_payment_itself_is_unknown() -> None:
    assert list(unusable(facts(refund(None), dispute("lost", None)))) == []
    assert share(facts(refund(3000)))["taken"] == 0


@pytest.mark.parametrize(
    ("payment", "price", "says"),
    [
        (paid(), (10000, "USD"), None),
        (paid(10000, None), (10000, "USD"), None),
        (paid(10000, 0, "JPY"), (10000, "JPY"), None),
        (
            paid(9999, None),
            (10000, "USD"),
            "paid 9999 USD and nothing said of tax, the order costs 10000 USD",
        ),
        (
            paid(12000, None),
            (10000, "USD"),
            "paid 12000 USD and nothing said of tax, the order costs 10000 USD",
        ),
        (paid(10001, 0), (10000, "USD"), "paid 10001 USD without tax, the order costs 10000 USD"),
        (paid(11000, 2000), (10000, "USD"), "paid 9000 USD without tax, the order costs 10000 USD"),
        (paid(10000, 0, "EUR"), (10000, "USD"), "paid in EUR, the order is in USD"),
    ],
    ids=[
        "price and tax",
        "tax not said",
        "yen",
        "a cent short",
        "tax not said apart",
        "a cent too much",
        "discounted",
        "currency",
    ],
)
def test_a_payment_is_granted_only_if_it_is_the_price_of_its_order_to_the_minor_unit(
    payment: Paid, price: tuple[int, str], says: str | None
) -> None:
    assert mismatch(payment, *price) == says
