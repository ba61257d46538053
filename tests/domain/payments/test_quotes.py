"""What a refund would come to (laws 8 and 9), with worked numbers, and that what was quoted leaves no shortfall."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrip.domain.payments.facts import Dispute, Fact, Paid, PaymentFacts, Refund, RefundStatus
from scrip.domain.payments.quotes import RefundQuote, Sold, as_credit, as_money, kept_part
from scrip.domain.payments.target import target


def known(*facts: Fact) -> PaymentFacts:
    return PaymentFacts().merge_all(facts)


def paid(total: int = 12000, tax: int | None = 2000, currency: str = "USD") -> Paid:
    """By default 100.00 USD and 20.00 of tax: 10 000 credits of one step each."""
    return Paid(total=total, tax=tax, currency=currency, at=1)


def refund(amount: int, name: str = "re_1", status: RefundStatus = "succeeded") -> Refund:
    return Refund(refund_id=name, status=status, amount=amount, currency=None, at=2)


def lost(amount: int) -> Dispute:
    return Dispute("dp_1", "lost", 9, "dispute", amount, None, 3)


def opened(amount: int) -> Dispute:
    return Dispute("dp_1", "open", 1, "dispute", amount, None, 3)


def sold(remaining: int, clawed: int = 0, face: int = 10000, basis: int = 10000, kept: int = 0) -> Sold:
    return Sold(face, basis, kept, clawed, remaining)


# Facts, what is left of the lot, the amount asked about; then credits, net, tax, the most, what is left of the payment

MONEY: list[tuple[str, PaymentFacts, Sold, int | None, tuple[int, int, int, int, int]]] = [
    ("all of it, nothing spent", known(paid()), sold(10000), None, (10000, 10000, 2000, 12000, 12000)),
    ("all that is unspent", known(paid()), sold(7000), None, (7000, 7000, 1400, 8400, 12000)),
    ("a part of it", known(paid()), sold(7000), 3000, (2500, 2500, 500, 8400, 12000)),
    (
        "credits and tax round up, the price down",
        known(paid()),
        sold(7000),
        4000,
        (3334, 3333, 667, 8400, 12000),
    ),
    ("one minor unit takes a step", known(paid()), sold(7000), 1, (1, 0, 1, 8400, 12000)),
    (
        "a minor unit that no step is left for",
        known(paid()),
        sold(3333),
        4000,
        (3334, 3333, 667, 3999, 12000),
    ),
    ("nothing left of it", known(paid()), sold(0), None, (0, 0, 0, 0, 12000)),
    ("nothing left, and asked all the same", known(paid()), sold(0), 1, (1, 0, 1, 0, 12000)),
    ("more than was paid", known(paid()), sold(10000), 12001, (10001, 10000, 2001, 12000, 12000)),
    (
        "after a third: what rounded up before counts",
        known(paid(), refund(4000)),
        sold(6666, 3334),
        None,
        (6666, 6667, 1333, 8000, 8000),
    ),
    (
        "the second third takes one less",
        known(paid(), refund(4000)),
        sold(6666, 3334),
        4000,
        (3333, 3333, 667, 8000, 8000),
    ),
    (
        "a pending refund keeps its own",
        known(paid(), refund(4000, status="pending")),
        sold(10000),
        None,
        (6666, 6667, 1333, 8000, 8000),
    ),
    (
        "a pending refund of spent credits leaves nothing",
        known(paid(), refund(9000, status="pending")),
        sold(5000),
        None,
        (0, 0, 0, 0, 3000),
    ),
    (
        "a refund that failed counts nothing",
        known(paid(), refund(4000, status="failed")),
        sold(10000),
        None,
        (10000, 10000, 2000, 12000, 12000),
    ),
    (
        "money lost in a dispute is gone",
        known(paid(), lost(9000)),
        sold(2500, 7500),
        None,
        (2500, 2500, 500, 3000, 3000),
    ),
    ("all of it disputed", known(paid(), opened(12000)), sold(10000), None, (0, 0, 0, 0, 0)),
    (
        "disputed and pending, more than all of it",
        known(paid(), opened(9000), refund(9000, status="pending")),
        sold(10000),
        1,
        (1, 0, 1, 0, 0),
    ),
    ("no tax said", known(paid(10000, None)), sold(7000), None, (7000, 7000, 0, 7000, 10000)),
    (
        "yen: 1 000 and 100 of tax for 7 credits",
        known(paid(1100, 100, "JPY")),
        sold(3, face=7, basis=1000),
        None,
        (3, 429, 42, 471, 1100),
    ),
    (
        "fils: 1.250 and 0.250 of tax, three decimals",
        known(paid(1500, 250, "KWD")),
        sold(9999999, face=10000000, basis=1250),
        None,
        (9993334, 1249, 250, 1499, 1500),
    ),
]
# 471 of 1 100 yen: 42.8 is tax (up: 43).
MONEY[-2] = (*MONEY[-2][:4], (3, 428, 43, 471, 1100))


@pytest.mark.parametrize(("_", "facts", "there", "amount", "worked"), MONEY, ids=[row[0] for row in MONEY])
def test_money_back(
    _: str, facts: PaymentFacts, there: Sold, amount: int | None, worked: tuple[int, int, int, int, int]
) -> None:
    quote = as_money(facts, {}, there, amount)
    assert (quote.credits, quote.net, quote.tax, quote.most, quote.left) == worked
    assert quote.amount == (quote.most if amount is None else amount) == quote.net + quote.tax
    assert quote.allowed == (0 < quote.amount <= quote.most)


CREDIT: list[tuple[str, PaymentFacts, Sold, int | None, tuple[int, int, int, int, int]]] = [
    ("all that is unspent", known(paid()), sold(7000), None, (7000, 7000, 1400, 8400, 12000)),
    (
        "credits round down: they stay credits",
        known(paid()),
        sold(7000),
        4000,
        (3333, 3333, 667, 8400, 12000),
    ),
    (
        "after a third: what rounded down before is made up for",
        known(paid()),
        sold(6667, kept=4000),
        8000,
        (6667, 6667, 1333, 8000, 8000),
    ),
    (
        "three of ten, each a third",
        known(paid(30, None)),
        sold(7, face=10, basis=30, kept=10),
        None,
        (7, 20, 0, 20, 20),
    ),
    (
        "beside a refund that took the rest",
        known(paid(), refund(4000)),
        sold(6666, 3334),
        None,
        (6666, 6666, 1334, 8000, 8000),
    ),
    (
        "frozen stays",
        known(paid(), refund(4000, status="pending")),
        sold(10000),
        None,
        (6666, 6666, 1334, 8000, 8000),
    ),
]


@pytest.mark.parametrize(("_", "facts", "there", "amount", "worked"), CREDIT, ids=[row[0] for row in CREDIT])
def test_credit_back(
    _: str, facts: PaymentFacts, there: Sold, amount: int | None, worked: tuple[int, int, int, int, int]
) -> None:
    quote = as_credit(facts, {}, there, amount)
    assert (quote.credits, quote.net, quote.tax, quote.most, quote.left) == worked
    assert quote.allowed


def test_money_that_comes_to_no_credit_is_not_kept() -> None:
    """A third of a credit: as money it takes one, as credit there is none to make a lot of."""
    facts, there = known(paid(30, None)), sold(10, face=10, basis=30)
    assert as_money(facts, {}, there, 1).allowed
    quote = as_credit(facts, {}, there, 1)
    assert (quote.credits, quote.allowed) == (0, False)


@pytest.mark.parametrize(("amount", "credits"), [(None, 0), (0, 0), (5, 5)])
def test_of_a_payment_of_nothing_there_is_nothing_to_give_back(amount: int | None, credits: int) -> None:
    facts, there = known(paid(0, 0)), sold(10, face=10, basis=0)
    for quote in (as_money(facts, {}, there, amount), as_credit(facts, {}, there, amount)):
        assert (quote.amount, quote.net, quote.allowed) == (credits, credits, False)
        told = (quote.credits, quote.tax, quote.most, quote.left, quote.refunded, quote.pending, quote.kept)
        assert told == (0,) * 7


def test_what_went_back_is_told_apart() -> None:
    facts = known(
        paid(), refund(3000), refund(2000, "re_2", "pending"), lost(1000), refund(500, "re_3", "failed")
    )
    quote = as_money(facts, {}, sold(5000, 3334, kept=1200))
    assert (quote.refunded, quote.pending, quote.kept, quote.left) == (4000, 2000, 1200, 4800)


def test_an_amount_that_a_person_stated_counts_for_the_providers() -> None:
    facts = known(paid(), Refund("re_1", "succeeded", 9999, "CHF", 2))
    quote = as_money(facts, {"refund:re_1": 3000}, sold(7500, 2500))
    assert (quote.refunded, quote.left, quote.most) == (3000, 9000, 9000)


def test_a_refund_in_the_settlement_currency_is_a_share_of_what_was_settled() -> None:
    """137.00 CAD paid, 100.00 USD settled, 25.00 USD given back: a quarter, 34.25 CAD."""
    charged = replace(paid(13700, 0, "CAD"), settlement_amount=10000, settlement_currency="USD")
    facts = known(charged, Refund("re_1", "succeeded", 2500, "USD", 2))
    quote = as_money(facts, {}, Sold(10000, 13700, 0, 2500, 7500))
    assert (quote.refunded, quote.left, quote.most, quote.credits) == (3425, 10275, 10275, 7500)


# Whatever is refunded as it was quoted: no credit is missing in the end


@dataclass
class Lot:
    """The lot of a payment, as the position would have it."""

    face: int
    basis: int
    facts: PaymentFacts
    remaining: int
    clawed: int = 0
    kept: int = 0
    credited: int = 0
    number: int = 0

    @property
    def total(self) -> int:
        assert self.facts.paid
        return self.facts.paid.total

    @property
    def sold(self) -> Sold:
        return Sold(self.face, self.basis, self.kept, self.clawed, self.remaining)

    @property
    def frozen(self) -> int:
        return min(target(self.facts, self.face, self.basis).frozen, self.remaining)

    def post(self) -> None:
        """Takes what the facts say; all of it must be there."""
        wanted = target(self.facts, self.face, self.basis).clawed
        self.remaining -= wanted - self.clawed
        self.clawed = wanted
        assert self.remaining >= 0

    def burn(self, share: int) -> None:
        self.remaining -= (self.remaining - self.frozen) * share // 100

    def ask(self, quote: RefundQuote) -> None:
        if quote.allowed:
            self.number += 1
            self.facts = self.facts.merge(refund(quote.amount, f"re_{self.number}", "pending"))
            self.post()

    def keep(self, quote: RefundQuote) -> None:
        if quote.allowed:
            self.kept += quote.amount
            credited, _ = kept_part(self.face, self.basis, self.total, self.kept)
            assert credited - self.credited == quote.credits
            self.remaining -= quote.credits
            self.credited = credited
            assert self.remaining >= 0

    def apply_due(self, status: RefundStatus) -> None:
        pending = [one for one in self.facts.refunds.values() if one.status == "pending"]
        if pending:
            self.facts = self.facts.merge(replace(pending[0], status=status))
            self.post()


DEEDS = st.lists(
    st.tuples(st.sampled_from(["burn", "money", "credit", "succeeded", "failed"]), st.integers(0, 100)),
    max_size=25,
)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(
    face=st.integers(1, 10**9),
    basis=st.integers(1, 10**7),
    tax=st.none() | st.integers(0, 10**6),
    deeds=DEEDS,
)
def test_law_9_quoting_and_then_refunding_exactly_that_never_leaves_a_shortfall(
    face: int, basis: int, tax: int | None, deeds: list[tuple[str, int]]
) -> None:
    lot = Lot(face, basis, known(paid(basis + (tax or 0), tax)), face)
    for deed, share in deeds:
        match deed:
            case "burn":
                lot.burn(share)
            case "money":
                most = as_money(lot.facts, {}, lot.sold).most
                lot.ask(as_money(lot.facts, {}, lot.sold, -(-most * share // 100)))
            case "credit":
                most = as_credit(lot.facts, {}, lot.sold).most
                lot.keep(as_credit(lot.facts, {}, lot.sold, -(-most * share // 100)))
            case "succeeded" | "failed":
                lot.apply_due(deed)
    while any(one.status == "pending" for one in lot.facts.refunds.values()):
        lot.apply_due("succeeded")
    assert lot.clawed + lot.credited <= face


@given(face=st.integers(1, 10**6), basis=st.integers(1, 10**6), left=st.integers(0, 100))
def test_the_most_is_the_most(face: int, basis: int, left: int) -> None:
    """One minor unit more takes a credit that is not there, or is more than was paid."""
    facts, there = known(paid(basis, None)), sold(face * left // 100, face=face, basis=basis)
    most = as_money(facts, {}, there).most
    assert as_money(facts, {}, there, most).credits <= there.remaining
    beyond = as_money(facts, {}, there, most + 1)
    assert beyond.credits > there.remaining or beyond.amount > beyond.left


def test_refunding_all_of_an_untouched_payment_in_any_two_parts_gives_back_all_of_it() -> None:
    """7 credits for 1 000 yen and 100 of tax: whatever goes first, the second quote is of all the rest."""
    for first in range(1, 1100):
        facts, there = known(paid(1100, 100, "JPY")), sold(7, face=7, basis=1000)
        one = as_money(facts, {}, there, first)
        facts = facts.merge(refund(first))
        two = as_money(facts, {}, sold(7 - one.credits, one.credits, face=7, basis=1000))
        assert (one.amount + two.amount, one.credits + two.credits) == (1100, 7)
        assert (one.net + two.net, one.tax + two.tax) == (1000, 100)
