"""Refunds that others are faster than, that the provider refuses, or that there is nothing for.

100 steps (10 points) for 10.00 USD and no tax: 10 cents a step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import Contended, NotFound, PolicyViolation, Unavailable
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Dispute, Paid, Refund
from scrip.domain.payments.payment import MAX_PARTS, Payment
from scrip.domain.payments.refund_request import RefundPayment
from scrip.domain.wallets.position import Position
from scrip.providers.clients import ProviderRefused, ProviderUnavailable, WantedRefund
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import Caller, WalletRequest, execute
from scrip.services.payments import posting, queries, refunds
from scrip.services.payments.payment import StoredPayment, load_payment
from scrip.services.payments.queries import PaymentDetails
from scrip.services.payments.refunds import Refunded
from scrip.services.wallets import balances
from scrip.services.wallets.burns import BurnCredits
from scrip.store import documents, keys
from tests.services.payments.test_orders import Till
from tests.services.payments.test_prompts import NOW


class Counter:
    """A paid order at Dodo, and a provider that gives back what it is asked for."""

    def __init__(self, provider: str = "dodo", **paid: Any) -> None:
        self.till = Till()
        self.tables, self.executor, self.provider = self.till.tables, self.till.executor, provider
        order, _ = self.till.asks(provider=provider)
        self.asked: list[WantedRefund] = []
        self.burned = 0
        where = {"session_id": order.session_id} if order.session_id else {"topup_id": order.topup_id}
        self.tells(Paid(**{"total": 1000, "tax": 0, "currency": "USD", "at": NOW, **where, **paid}))

    def tells(self, *facts: Any) -> None:
        told = Delivery(self.provider, "webhook", "pay_1", facts)
        posting.apply(self.executor, told, f"m{len(self.asked)}-{facts!r}", Moment(NOW))

    @property
    def stored(self) -> StoredPayment:
        return load_payment(self.tables, self.provider, "pay_1")

    def burns(self, amount: str) -> None:
        """Burns credits by a function of its own."""
        self.burned += 1
        request = WalletRequest("ann", "points", f"b{self.burned}", "key:k2", Moment(NOW))
        execute(Executor(self.tables, now=lambda: NOW), BurnCredits(amount=amount), request)

    def answers(self, wanted: WantedRefund) -> Delivery:
        self.asked.append(wanted)
        made = Refund(
            f"re_{len(self.asked)}",
            "succeeded",
            wanted.amount,
            wanted.currency,
            NOW,
            request_id=wanted.request_id,
        )
        return Delivery(self.provider, "refund", "re_by_another_name", (made,))

    def refunds(
        self, key: str = "k", ask: Any = None, kind: Any = "money", asks: bool = True, **more: Any
    ) -> Refunded:
        return refunds.refund(
            self.executor,
            more.pop("stored", None) or self.stored,
            RefundPayment(kind=kind, **more),
            Caller(key, "key:k1", Moment(NOW)),
            (ask or self.answers) if asks else None,
        )

    def before_each_transaction(self, does: Callable[[], Any]) -> None:
        """Has somebody do something before each transaction that is none of its own."""
        at_it: list[bool] = []

        def hears(**_: Any) -> None:
            if not at_it:
                at_it.append(True)
                does()
                at_it.clear()

        self.tables.client.meta.events.register("before-call.dynamodb.TransactWriteItems", hears)

    @property
    def total(self) -> int:
        balance, _ = balances.balance(self.executor, "ann", "points", Moment(NOW))
        return balance.totals.available


def test_a_refund_of_all_that_is_unspent_is_given_up_after_eight_tries() -> None:
    """A step is spent before each freeze."""
    counter = Counter()
    counter.before_each_transaction(lambda: counter.burns("0.1"))
    with pytest.raises(Contended, match=r"^credits of this payment are being spent at this moment$"):
        counter.refunds()
    assert (counter.burned, counter.asked, counter.total) == (8, [], 92)


def test_a_refund_of_all_that_is_unspent_is_of_what_is_left_when_nobody_is_faster() -> None:
    counter = Counter()

    def burns() -> None:
        if counter.burned < 7:
            counter.burns("0.1")

    counter.before_each_transaction(burns)
    refunded = counter.refunds()
    assert [one.amount for one in counter.asked] == [930]
    assert (refunded.payment.requests[refunded.request_id].amount, counter.total) == (930, 0)


def test_a_request_that_another_opens_meanwhile_is_answered_as_that_one() -> None:
    """The other one dies before it asks, or goes on to the end."""
    for ask, replayed in ((None, True), (ProviderUnavailable("no answer"), False)):
        counter, others = Counter(), list[Any]()

        def silent(_: WantedRefund, ask: Any = ask) -> Delivery:
            raise ask

        def other(counter: Counter = counter, others: list[Any] = others, ask: Any = ask) -> None:
            if others:
                return
            others.append(None)
            if ask:
                with pytest.raises(Unavailable):
                    counter.refunds(ask=silent, amount=300)
            else:
                others[0] = counter.refunds(amount=300)

        counter.before_each_transaction(other)
        refunded = counter.refunds(amount=300)
        assert refunded.replayed is replayed
        assert [(one.amount, one.full) for one in counter.asked] == [(300, False)]
        assert counter.total == 70
        assert counter.refunds(amount=300) == replace(refunded, replayed=True)


def test_what_the_provider_did_all_the_same_is_the_answer_though_it_refuses() -> None:
    counter = Counter()

    def refuses(wanted: WantedRefund) -> Delivery:
        counter.tells(*counter.answers(wanted).facts)
        raise ProviderRefused(409, "it is done")

    refunded = counter.refunds(ask=refuses, amount=300)
    assert refunded.payment.facts.refunds["re_1"].status == "succeeded"
    assert (refunded.replayed, counter.total) == (False, 70)
    assert counter.refunds(amount=300) == replace(refunded, replayed=True)


def test_what_the_provider_refuses_is_thawed_and_asked_for_under_another_name() -> None:
    counter = Counter()

    def refuses(wanted: WantedRefund) -> Delivery:
        counter.asked.append(wanted)
        raise ProviderRefused(409, "too old")

    for _ in range(2):
        with pytest.raises(
            PolicyViolation, match=r"^dodo refuses the refund of dodo:pay_1: too old$"
        ) as refusal:
            counter.refunds(ask=refuses)
        facts = {"policy": "refund_refused", "provider_status": 409, "provider_reason": "too old"}
        assert refusal.value.facts == facts
        assert counter.total == 100
    assert len({wanted.request_id for wanted in counter.asked}) == 2
    assert counter.refunds().payment.facts.refunds.keys() >= {"re_3"}
    assert counter.asked[-1].full


@pytest.mark.parametrize(
    ("before", "amount", "full"),
    [((), 1000, True), ((), 999, False), ((Refund("re_a", "failed", 1, "USD", NOW),), 1000, False)],
)
def test_a_refund_is_full_where_it_is_of_all_and_there_was_none_before(
    before: tuple[Refund, ...], amount: int, full: bool
) -> None:
    counter = Counter()
    if before:
        counter.tells(*before)
    counter.refunds(amount=amount, reason="kind")
    (wanted,) = counter.asked
    assert (wanted.payment_id, wanted.amount, wanted.currency) == ("pay_1", amount, "USD")
    assert (wanted.full, wanted.reason) == (full, "kind")


@pytest.mark.parametrize(
    ("spent", "wanted", "facts"),
    [
        ("4", {"amount": 601}, ("6", "6.1", 600)),
        ("4", {"amount": 601, "kind": "credit"}, ("6", "6", 600)),
        ("10", {}, ("0", "0", 0)),
    ],
)
def test_a_refusal_says_what_is_unspent_and_what_could_be_given_back(
    spent: str, wanted: dict[str, Any], facts: tuple[str, str, int]
) -> None:
    """6.01 takes 61 steps of money, and makes 60 of credit."""
    counter = Counter()
    counter.burns(spent)
    with pytest.raises(PolicyViolation) as refusal:
        counter.refunds(**wanted)
    unspent, credits, most = facts
    assert refusal.value.facts == {
        "policy": "refund_unspent",
        "unspent": unspent,
        "credits": credits,
        "refundable": {"amount": most, "currency": "USD"},
        "left": {"amount": 1000, "currency": "USD"},
        "unit": "points",
    }


def test_more_than_is_left_is_refused_whoever_asks() -> None:
    counter = Counter()
    counter.refunds("k1", amount=400)
    for force in (False, True):
        with pytest.raises(PolicyViolation, match=r"^that is more than is left of the payment$") as refusal:
            counter.refunds("k2", amount=601, force=force)
        left = {"amount": 600, "currency": "USD"}
        assert refusal.value.facts == {"policy": "refund_left", "left": left}
    assert counter.refunds("k2", amount=600).entry


@pytest.mark.parametrize("many", [MAX_PARTS - 1, MAX_PARTS])
def test_requests_refunds_and_disputes_of_a_payment_count_together(many: int) -> None:
    """Of two requests the payment knows the request, what was asked of the provider, and what that made of it."""
    counter = Counter()
    counter.refunds("k1", amount=10)
    counter.refunds("k2", amount=10)
    stored = counter.stored
    disputes = {
        f"dp_{number}": Dispute(f"dp_{number}", "won", 0, "dispute", 1, "USD", NOW)
        for number in range(many - 6)
    }
    payment = replace(stored.payment, facts=replace(stored.payment.facts, disputes=disputes))
    assert documents.put(counter.tables, stored.document.pk, stored.document.rev, payment.to_json())
    if many == MAX_PARTS:
        with pytest.raises(PolicyViolation, match=r"^it has 400 refunds and disputes$") as refusal:
            counter.refunds("k3", amount=10)
        assert refusal.value.facts == {"policy": "max_refunds"}
    else:
        assert counter.refunds("k3", amount=10).entry


def _part(payment: Payment) -> Payment:
    return replace(payment, facts=replace(payment.facts, part_of="in_1"), posted=Position())


def _part_of_its_own(payment: Payment) -> Payment:
    return replace(payment, facts=replace(payment.facts, part_of="in_1"))


def _without_an_order(payment: Payment) -> Payment:
    return replace(payment, topup_id=None)


def _without_a_lot(payment: Payment) -> Payment:
    return replace(payment, posted=Position())


def _paid(payment: Payment, **more: Any) -> Payment:
    assert payment.facts.paid
    return replace(payment, facts=replace(payment.facts, paid=replace(payment.facts.paid, **more)))


def _free(payment: Payment) -> Payment:
    return _paid(payment, total=0)


def _of_two_amounts(payment: Payment) -> Payment:
    return _paid(payment, amounts=("paid 1 USD", "paid 2 USD"))


def _refunded_of_no_amount(payment: Payment) -> Payment:
    facts = payment.facts.merge(Refund("re_9", "succeeded", None, None, NOW))
    return replace(payment, facts=facts)


NOT_REFUNDED: Final = [
    (_part, "refund_part", "it is a part of in_1: refund that"),
    (_part_of_its_own, None, None),
    (_without_an_order, "refund_granted", "no credits were granted for this payment"),
    (_without_a_lot, "refund_granted", "no credits were granted for this payment"),
    (_free, "refund_granted", "nothing was paid for it: there is no money to give back"),
    (
        _of_two_amounts,
        "refund_clear",
        "by what its provider said of it, nothing was bought with it: see why it waits",
    ),
    (
        _refunded_of_no_amount,
        "refund_clear",
        "first it must be clear what became of refund:re_9: ",
    ),
]


@pytest.mark.parametrize(
    ("made", "policy", "said"), NOT_REFUNDED, ids=[row[0].__name__ for row in NOT_REFUNDED]
)
def test_what_granted_nothing_or_is_not_clear_is_not_refunded(
    made: Callable[[Payment], Payment], policy: str | None, said: str | None
) -> None:
    counter = Counter()
    before = counter.stored.payment
    payment = made(before)
    if said is None:
        assert queries.order_of(counter.tables, payment).topup_id == before.topup_id
        return
    with pytest.raises(PolicyViolation) as refusal:
        queries.order_of(counter.tables, payment)
    assert str(refusal.value).startswith(said)
    assert refusal.value.facts == {"policy": policy}


@pytest.mark.parametrize(
    ("provider", "name", "said", "facts"),
    [
        ("nobody", "pay_1", "there is no provider nobody", {"provider": "nobody"}),
        ("dodo", "pay_2", "nothing is known of a payment pay_2", {"payment_id": "pay_2"}),
    ],
)
def test_a_payment_that_nobody_has_heard_of_is_not_found(
    provider: str, name: str, said: str, facts: dict[str, str]
) -> None:
    counter = Counter()
    assert queries.get(counter.tables, "dodo", "pay_1") == counter.stored
    with pytest.raises(NotFound) as refusal:
        queries.get(counter.tables, provider, name)
    assert (str(refusal.value), refusal.value.facts) == (said, facts)


def test_a_payment_is_shown_with_its_order_where_it_made_a_lot_for_it() -> None:
    counter = Counter()
    payment = counter.stored.payment
    found = queries.details(counter.executor, payment)
    assert (found.payment, found.unit and found.unit.unit) == (payment, "points")
    assert found.order
    assert found.order.topup_id == payment.topup_id
    others = [_without_an_order(payment), _without_a_lot(payment)]
    assert [queries.details(counter.executor, one) for one in others] == [
        PaymentDetails(one) for one in others
    ]
    assert queries.order_keys([payment, *others]) == [keys.topup(str(payment.topup_id))]
    homeless = replace(payment, unit=None)
    assert queries.details(counter.executor, homeless) == PaymentDetails(homeless)
