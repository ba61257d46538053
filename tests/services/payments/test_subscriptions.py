"""Subscriptions as they are kept: of gateways that name the order alone, moved to other orders, and asked to end.

10 points a month for 10.00 USD.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from scrip.domain.credits.errors import NotFound, PolicyViolation
from scrip.domain.credits.lots import Money
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Fact, Paid, Unpaid
from scrip.domain.payments.order import Order, OrderRequest
from scrip.domain.payments.pack import Pack
from scrip.domain.payments.subscription import FailedRenewal, Standing, State
from scrip.providers.clients import ProviderRefused, Session
from scrip.services.catalogue import packs
from scrip.services.engine.executor import Moment
from scrip.services.engine.requests import Caller
from scrip.services.payments import orders, posting, subscriptions
from scrip.services.payments.dunning import Failure
from scrip.services.payments.payment import load_payment
from scrip.store import documents, keys, lists
from tests.services.payments.test_prompts import AUTHOR, NOW, Dunned

HOUR = 3_600_000


@dataclass
class AskedToEnd:
    """A provider that is asked to end a subscription, or to go on with it; it may refuse."""

    status: int = 0
    asked: list[str] = field(default_factory=list)

    def cancel_subscription(self, name: str, at: int, *, at_once: bool) -> Standing:
        self.asked.append(f"cancel {at_once}")
        if self.status:
            raise ProviderRefused(self.status, "not so")
        return Standing(name, "cancelled" if at_once else "cancelling", at)


class PaidMonthly(Dunned):
    """Orders of a subscription, and what is told of them."""

    def __init__(self, provider: str = "standard") -> None:
        super().__init__()
        self.provider = provider
        told: Any = ("points", "10", Money(1000, "USD"), (), "P1M", (), None, 50, "purchase", None, {})
        packs.put_pack(self.executor, Pack("monthly", *told), AUTHOR)
        self.plan = self.buys("ann", "plan")

    def buys(self, account: str, key: str, pack: str = "monthly") -> Order:
        wanted = OrderRequest(account, pack, 1, self.provider, "https://shop.example.test")
        caller = Caller(key, "key:k1", Moment(NOW))
        session = Session(f"cs_{key}", "https://pay.example.test")
        return orders.order(self.executor, wanted, caller, lambda *_: session)[0]

    def tells(self, payment_id: str, fact: Fact) -> Failure | None:
        """Has a payment be told, and returns the renewal that it says has failed."""
        told = Delivery(self.provider, "webhook", payment_id, (fact,))
        posting.apply(self.executor, told, f"m-{payment_id}", Moment(NOW))
        return subscriptions.hear_payment(
            self.tables, load_payment(self.tables, self.provider, payment_id).payment
        )

    def pays(self, payment_id: str, at: int = NOW, **more: Any) -> Failure | None:  # type: ignore[override]
        named = {"topup_id": self.plan.topup_id, **more}
        return self.tells(payment_id, Paid(1000, 0, "USD", at, **named))

    def fails(self, payment_id: str, at: int, **more: Any) -> Failure | None:
        named = {"topup_id": self.plan.topup_id, **more}
        return self.tells(payment_id, Unpaid("failed", at, **named))

    @property
    def shown(self) -> FailedRenewal | None:
        return orders.get(self.tables, self.plan.topup_id).failed_renewal

    def stands_at(self, state: State, at: int = NOW) -> None:
        subscriptions.hear_standing(self.tables, self.provider, Standing("sub_1", state, at))


@pytest.mark.parametrize(("later", "fails"), [(-1, False), (0, True), (HOUR, True)])
def test_a_period_that_is_not_paid_after_the_last_one_that_was_is_a_renewal_that_failed(
    later: int, fails: bool
) -> None:
    monthly = PaidMonthly()
    assert monthly.pays("pay_1") is None
    failure = monthly.fails("pay_2", NOW + later)
    assert monthly.shown == (FailedRenewal(NOW + later, "pay_2") if fails else None)
    if fails:
        assert failure
        assert failure.subject == ("renewal", "standard:pay_1", monthly.plan.topup_id)
        assert (failure.reason, failure.at, failure.order.topup_id) == (
            "renewal_failed",
            NOW + later,
            monthly.plan.topup_id,
        )
    else:
        assert failure is None


@pytest.mark.parametrize(("later", "stays"), [(HOUR - 1, True), (HOUR, False)])
def test_a_failed_period_is_shown_until_one_is_paid_that_is_no_earlier(later: int, stays: bool) -> None:
    monthly = PaidMonthly()
    monthly.pays("pay_1")
    monthly.fails("pay_2", NOW + HOUR)
    monthly.pays("pay_3", NOW + later)
    assert (monthly.shown is not None) is stays


def test_what_failed_before_anything_was_paid_or_is_no_renewal_says_nothing() -> None:
    monthly, once = PaidMonthly(), PaidMonthly()
    assert monthly.fails("pay_1", NOW + HOUR) is None
    once.plan = once.buys("ann", "once", "small")
    once.pays("pay_1")
    assert once.fails("pay_2", NOW + HOUR) is None
    monthly.pays("pay_3")
    assert monthly.tells("pay_4", Unpaid("processing", NOW + HOUR, topup_id=monthly.plan.topup_id)) is None
    assert (monthly.shown, once.shown) == (None, None)


def test_a_provider_with_one_name_for_all_tries_names_the_subscription_of_a_renewal() -> None:
    """At Paddle a payment that names the order alone is none of a period."""
    monthly = PaidMonthly("paddle")
    monthly.pays("pay_1", subscription_id="sub_1")
    assert monthly.fails("pay_2", NOW + HOUR) is None
    failure = monthly.fails("pay_3", NOW + HOUR, subscription_id="sub_1")
    assert failure
    assert (failure.subject, failure.subscription_id) == (("renewal", "paddle", "pay_3"), "sub_1")


def test_what_was_charged_for_something_else_than_a_period_pays_for_none() -> None:
    monthly = PaidMonthly()
    monthly.pays("pay_1", subscription_id="sub_1")
    monthly.fails("pay_2", NOW + HOUR, subscription_id="sub_1")
    payment = load_payment(monthly.tables, "standard", "pay_1").payment
    paid = payment.facts.paid
    assert paid
    odd = replace(payment.facts, paid=replace(paid, at=NOW + 2 * HOUR, origin="charge_type is on_demand"))
    assert subscriptions.hear_payment(monthly.tables, replace(payment, facts=odd)) is None
    assert monthly.shown == FailedRenewal(NOW + HOUR, "pay_2")


def test_a_subscription_that_a_person_gives_to_another_order_is_listed_with_its_account_alone() -> None:
    monthly = PaidMonthly()
    monthly.pays("pay_1", subscription_id="sub_1")
    bobs = monthly.buys("bob", "bobs")
    pointer = documents.get(monthly.tables, keys.subscription("standard", "sub_1"))
    assert documents.put(monthly.tables, pointer.pk, pointer.rev, {"topup_id": bobs.topup_id})
    monthly.stands_at("active")
    known = subscriptions.load(monthly.tables, "standard", "sub_1")
    assert known
    assert (known.topup_id, known.account, known.unit) == (bobs.topup_id, "bob", "points")
    for account, count in (("ann", 0), ("bob", 1)):
        assert len(subscriptions.list_subscriptions(monthly.tables, account, 9, None).items) == count
    with pytest.raises(NotFound, match="ann has no subscription sub_1 at standard") as refusal:
        subscriptions.get(monthly.tables, "ann", "standard", "sub_1")
    assert refusal.value.facts == {"subscription_id": "sub_1"}


def test_subscriptions_are_listed_whatever_their_names_and_without_those_that_are_gone() -> None:
    monthly = PaidMonthly()
    for name in ("sub#1", "sub_2"):
        monthly.pays(f"pay_{name}", subscription_id=name)
    lists.put(monthly.tables, keys.account("ann"), keys.subscription_of("standard", "sub_0"))
    first = subscriptions.list_subscriptions(monthly.tables, "ann", 1, None)
    second = subscriptions.list_subscriptions(monthly.tables, "ann", 1, first.following)
    found = [one.subscription.subscription_id for page in (first, second) for _, one in page.items]
    assert (found, second.following) == (["sub#1", "sub_2"], None)


@pytest.mark.parametrize(
    ("state", "at_once", "asked"),
    [
        ("active", False, ["cancel False"]),
        ("cancelling", False, []),
        ("cancelling", True, ["cancel True"]),
        ("cancelled", True, []),
    ],
)
def test_a_provider_is_asked_to_end_what_has_not_ended_so(
    state: State, at_once: bool, asked: list[str]
) -> None:
    monthly, till = PaidMonthly("stripe"), AskedToEnd()
    monthly.pays("pay_1", subscription_id="sub_1")
    monthly.stands_at(state)
    sold = subscriptions.get(monthly.tables, "ann", "stripe", "sub_1")
    ended = subscriptions.cancel(monthly.tables, sold, lambda _: till, NOW + 1, at_once=at_once)  # type: ignore[arg-type, return-value]
    assert till.asked == asked
    assert ended.subscription.state == ("cancelled" if at_once else "cancelling")


def test_a_refusal_says_whose_it_is() -> None:
    monthly = PaidMonthly("stripe")
    monthly.pays("pay_1", subscription_id="sub_1")
    sold = subscriptions.get(monthly.tables, "ann", "stripe", "sub_1")
    with pytest.raises(PolicyViolation, match="stripe refuses: 409: not so") as refused:
        subscriptions.cancel(monthly.tables, sold, lambda _: AskedToEnd(409), NOW, at_once=True)  # type: ignore[arg-type, return-value]
    assert refused.value.facts == {"policy": "provider"}
    with pytest.raises(NotFound, match="stripe does not know the subscription sub_1") as unknown:
        subscriptions.cancel(monthly.tables, sold, lambda _: AskedToEnd(404), NOW, at_once=True)  # type: ignore[arg-type, return-value]
    assert unknown.value.facts == {"subscription_id": "sub_1"}
