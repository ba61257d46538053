"""Which order a payment is of, by all that may tell it, and what its subscription leads to from then on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.errors import InvalidRequest, NotFound, TopupNotOpen, Unavailable
from scrip.domain.payments.delivery import Names
from scrip.domain.payments.facts import Paid, PaymentFacts, Unpaid
from scrip.domain.payments.order import Order
from scrip.domain.payments.payment import Agreement, Payment
from scrip.providers.clients import ProviderRefused, ProviderUnavailable, Sale, Session
from scrip.services.payments import orders
from scrip.services.payments.orders import StoredOrder
from scrip.store import documents, keys
from tests.services.payments.test_orders import Till
from tests.services.payments.test_prompts import DAY, NOW


class Pointed:
    """Orders at Stripe and at Dodo, and what sessions and subscriptions lead to."""

    def __init__(self) -> None:
        self.till = Till()
        self.tables = self.till.tables
        self.orders = {
            name: self.till.asks(f"key-{name}", provider="dodo" if name == "theirs" else "stripe")[0].topup_id
            for name in ("first", "second", "third", "theirs")
        }
        self.points(keys.session("stripe", "cs_theirs"), "theirs")
        self.points(keys.subscription("stripe", "sub_second"), "second")
        self.points(keys.subscription("stripe", "sub_accepted"), "second", accepted=True)

    def points(self, pk: str, name: str, **more: Any) -> None:
        assert documents.put(self.tables, pk, documents.NEW, {"topup_id": self.orders[name], **more})

    def named(self, found: StoredOrder | None) -> str | None:
        return next((name for name, one in self.orders.items() if found and one == found.body.topup_id), None)


@pytest.fixture(scope="module")
def pointed() -> Pointed:
    return Pointed()


@pytest.mark.parametrize("unpaid", [False, True])
@pytest.mark.parametrize(
    ("said", "accepted", "expected"),
    [
        ({}, None, None),
        ({"session_id": "cs_1"}, None, "first"),
        ({"session_id": "cs_1", "topup_id": "third"}, None, "first"),
        ({"session_id": "cs_1", "subscription_id": "sub_accepted"}, None, "first"),
        ({"session_id": "cs_1"}, "third", "third"),
        ({"session_id": "cs_1"}, "theirs", None),
        ({"session_id": "cs_none", "topup_id": "third"}, None, "third"),
        ({"session_id": "cs_none", "subscription_id": "sub_second"}, None, "second"),
        ({"session_id": "cs_none"}, None, None),
        ({"session_id": "cs_theirs", "topup_id": "third"}, None, None),
        ({"topup_id": "third"}, None, "third"),
        ({"topup_id": "theirs"}, None, None),
        ({"topup_id": "third", "subscription_id": "sub_second"}, None, "third"),
        ({"topup_id": "third", "subscription_id": "sub_accepted"}, None, "second"),
        ({"subscription_id": "sub_second"}, None, "second"),
        ({"subscription_id": "sub_none"}, None, None),
    ],
)
def test_a_payment_is_of_what_is_accepted_else_of_its_session_else_of_what_it_names_else_of_its_subscription(
    pointed: Pointed, said: dict[str, str], accepted: str | None, expected: str | None, unpaid: bool
) -> None:
    if "topup_id" in said:
        said = {**said, "topup_id": pointed.orders[said["topup_id"]]}
    facts = PaymentFacts(Paid(1000, 0, "USD", NOW, **said))  # type: ignore[arg-type]
    if unpaid:
        facts = PaymentFacts(unpaid=Unpaid("failed", NOW, **said))  # type: ignore[arg-type]
    decided = pointed.orders[accepted] if accepted else None
    assert pointed.named(orders.of_payment(pointed.tables, "stripe", facts, decided)) == expected


def test_of_what_is_neither_paid_nor_tried_only_a_person_tells_the_order(pointed: Pointed) -> None:
    nothing, third = PaymentFacts(), pointed.orders["third"]
    assert orders.of_payment(pointed.tables, "stripe", nothing) is None
    assert pointed.named(orders.of_payment(pointed.tables, "stripe", nothing, third)) == "third"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({}, None),
        ({"topup_id": "third", "session_id": "cs_1", "subscription_id": "sub_second"}, "third"),
        ({"topup_id": "theirs", "session_id": "cs_1", "subscription_id": "sub_second"}, "first"),
        ({"session_id": "cs_1", "subscription_id": "sub_second"}, "first"),
        ({"session_id": "cs_none", "subscription_id": "sub_second"}, "second"),
        ({"session_id": "cs_theirs", "subscription_id": "sub_second"}, "second"),
        ({"subscription_id": "sub_none"}, None),
    ],
)
def test_what_could_not_be_read_names_the_first_order_that_there_is_at_its_provider(
    pointed: Pointed, names: dict[str, str], expected: str | None
) -> None:
    if "topup_id" in names:
        names = {**names, "topup_id": pointed.orders[names["topup_id"]]}
    assert pointed.named(orders.of_names(pointed.tables, "stripe", Names(**names))) == expected


def test_what_names_nothing_reads_nothing(pointed: Pointed) -> None:
    """A name is looked up once, and what it leads to is read once."""
    read: list[Any] = []

    def reads(params: Any, **_: Any) -> None:
        read.append(params["Key"]["pk"]["S"])

    session = keys.session("stripe", "cs_1")
    topup = keys.topup(pointed.orders["first"])
    by_session = PaymentFacts(Paid(1000, 0, "USD", NOW, session_id="cs_1"))
    nothing = PaymentFacts(Paid(1000, 0, "USD", NOW))
    looks: list[tuple[Any, list[str]]] = [
        (lambda: orders.of_payment(pointed.tables, "stripe", PaymentFacts()), []),
        (lambda: orders.of_payment(pointed.tables, "stripe", nothing), []),
        (lambda: orders.of_payment(pointed.tables, "stripe", by_session), [session, topup]),
        (lambda: orders.of_names(pointed.tables, "stripe", Names()), []),
        (lambda: orders.of_names(pointed.tables, "stripe", Names(session_id="cs_1")), [session, topup]),
    ]
    events = pointed.tables.client.meta.events
    events.register("before-call.dynamodb.GetItem", reads)
    try:
        for look, expected in looks:
            look()
            assert read == expected
            read.clear()
    finally:
        events.unregister("before-call.dynamodb.GetItem", reads)


def test_a_subscription_is_of_the_order_that_it_leads_to(pointed: Pointed) -> None:
    for name, expected in (("sub_second", "second"), ("sub_none", None)):
        assert pointed.named(orders.of_subscription(pointed.tables, "stripe", name)) == expected
    assert orders.of_subscription(pointed.tables, "dodo", "sub_second") is None


AGREED = Agreement(50, 900, "USD")


@pytest.mark.parametrize(
    ("said", "every", "pointer", "agreed"),
    [
        ({}, "P1M", {}, True),
        ({"total": 900, "tax": None}, "P1M", {}, True),
        ({"total": 1000, "tax": None}, "P1M", {}, False),
        ({"total": 1001}, "P1M", {}, False),
        ({"currency": "EUR"}, "P1M", {}, False),
        ({"amounts": ("paid 900 USD", "paid 1000 USD")}, "P1M", {}, False),
        ({"subscription_id": None}, "P1M", {}, False),
        ({}, None, {}, False),
        ({}, "P1M", {"topup_id": "top_other"}, False),
        ({}, "P1M", {"agreed": None}, False),
    ],
)
def test_what_a_person_accepted_holds_for_the_next_payment_of_the_subscription_that_is_as_much(
    said: dict[str, Any], every: str | None, pointer: dict[str, Any], agreed: bool
) -> None:
    """50 steps for 9.00; it is paid with 1.00 of tax."""
    till = Till()
    order = StoredOrder("topup", 1, replace(till.order, every=every))
    told = {"total": 1000, "tax": 100, "currency": "USD", "at": NOW, "subscription_id": "sub", **said}
    paid = Paid(**told)
    body = {"topup_id": order.body.topup_id, "agreed": AGREED.to_json(), **pointer}
    for name in ("sub", str(None)):
        assert documents.put(till.tables, keys.subscription("stripe", name), documents.NEW, body)
    found = orders.agreed_before(till.tables, "stripe", paid, order)
    assert found == (AGREED if agreed else None)


EARLY, OWN = ["pay_0"], "its own order"


@pytest.mark.parametrize(
    ("decided", "granted", "origin", "before", "after"),
    [
        ((), False, None, {}, {}),
        ((), True, None, {}, {}),
        ((), True, None, {"topup_id": "top_other"}, None),
        ((), False, None, {"early": EARLY}, {"early": EARLY}),
        (("accepted",), True, None, {"topup_id": "top_other"}, {"accepted": True}),
        (
            ("accepted",),
            True,
            None,
            {"topup_id": "top_other", "early": EARLY},
            {"accepted": True, "early": EARLY},
        ),
        (("accepted",), False, None, {}, {}),
        (("accepted",), False, None, {"topup_id": "top_other"}, None),
        (("agreed",), True, None, {}, {}),
        (("accepted", "agreed"), False, None, {}, {}),
        (("accepted", "agreed"), True, None, {}, {"accepted": True, "agreed": AGREED.to_json()}),
        (("accepted", "agreed"), True, "charge_type is on_demand", {}, {"accepted": True}),
        (("accepted",), True, None, {"accepted": True, "topup_id": OWN}, None),
    ],
)
def test_a_subscription_leads_to_its_first_order_or_to_the_one_that_a_person_accepted(
    decided: tuple[str, ...],
    granted: bool,
    origin: str | None,
    before: dict[str, Any],
    after: dict[str, Any] | None,
) -> None:
    """What was said of the amount then is not kept with what was agreed."""
    till = Till()
    order = StoredOrder("topup", 1, till.order)
    own = {"topup_id": till.order.topup_id}
    pk = keys.subscription("stripe", "sub")
    if before:
        body = {**before, **own} if before.get("topup_id") == OWN else before
        assert documents.put(till.tables, pk, documents.NEW, body)
    said = replace(AGREED, amounts=("paid 1 USD", "paid 900 USD"))
    payment = Payment("stripe", "pay_1")
    if "accepted" in decided:
        payment = replace(payment, accepted=till.order.topup_id)
    if "agreed" in decided:
        payment = replace(payment, agreed=said)
    paid = Paid(900, 0, "USD", NOW, subscription_id="sub", origin=origin)
    writes = orders.follow(till.tables, payment, paid, order, granted)
    assert len(writes) == (after is not None)
    if after is not None:
        assert documents.put_all(till.tables, writes)
        assert documents.get(till.tables, pk).body == {**own, **after}


def test_what_is_sold_is_what_was_ordered_under_the_revision_that_is_stored() -> None:
    """A refusal is a revision, and so is the order that comes after it."""
    till = Till()
    refused: list[Sale] = []

    def refuses(_: str, sale: Sale) -> Session:
        refused.append(sale)
        raise ProviderRefused(400, "no such product")

    with pytest.raises(
        InvalidRequest, match="stripe does not take the order: 400: no such product"
    ) as refusal:
        till.asks(open_session=refuses, quantity=2)
    assert str(refusal.value).startswith("pack: ")
    (first,) = refused
    till.asks(quantity=2)
    (second,) = till.opened
    assert first == Sale(
        topup_id=first.topup_id,
        request_id=f"{first.topup_id}.1",
        account="ann",
        pack="small",
        product=None,
        name="10 points",
        quantity=2,
        amount=1000,
        currency="USD",
        return_url="https://shop.example.test/k",
        terms=orders.get(till.tables, first.topup_id).terms,
    )
    assert second == replace(first, request_id=f"{first.topup_id}.3")


def test_an_order_that_there_is_not_is_not_found_and_a_paid_one_is_not_cancelled() -> None:
    till = Till()
    for ask in (orders.get, orders.require, orders.cancel):
        with pytest.raises(NotFound, match=r"^there is no top-up top_none$") as missing:
            ask(till.tables, "top_none")
        assert missing.value.facts == {"topup_id": "top_none"}
    till.pays(till.order.topup_id)
    with pytest.raises(TopupNotOpen, match=r"^the order was paid: refund its payment instead$") as paid:
        orders.cancel(till.tables, till.order.topup_id)
    assert paid.value.facts == {"topup_id": till.order.topup_id, "topup_status": "paid"}


def test_the_same_sale_again_is_one_order_and_has_a_checkout_once_its_provider_makes_one() -> None:
    till = Till()
    sold, _ = till.asks()

    def silent(*_: object) -> Session:
        raise ProviderUnavailable("no answer")

    def refuses(*_: object) -> Session:
        raise ProviderRefused(400, "no such product")

    with pytest.raises(Unavailable, match=r"^stripe does not answer$"):
        orders.again(till.executor, sold, "prompt.1", NOW + DAY, silent)
    refused = orders.again(till.executor, sold, "prompt.1", NOW + DAY, refuses)
    assert (refused.session_id, refused.accepted_at) == (None, NOW + DAY)
    made = orders.again(till.executor, sold, "prompt.1", NOW + 2 * DAY, till.session)
    assert made == replace(refused, session_id="cs_2", checkout_url="https://pay.example.test")
    assert orders.again(till.executor, sold, "prompt.1", NOW, silent) == made
    assert orders.get(till.tables, made.topup_id) == made
    plain = orders.again(till.executor, replace(sold, provider="standard"), "prompt.2", NOW, silent)
    assert plain.session_id is None
    with pytest.raises(NotFound):
        orders.get(till.tables, "prompt.2")


@pytest.mark.parametrize("prompted", [False, True])
def test_an_order_that_another_request_stores_first_is_gone_on_with(prompted: bool) -> None:
    till = Till()
    faster: list[Order] = []
    sold, _ = till.asks()

    def asks() -> Order:
        if prompted:
            return orders.again(till.executor, sold, "prompt.1", NOW, till.session)
        return till.asks("k2")[0]

    def first(**_: Any) -> None:
        if not faster:
            faster.append(sold)
            faster[0] = asks()

    till.tables.client.meta.events.register("before-call.dynamodb.TransactWriteItems", first)
    assert asks() == faster[0] != sold
    assert len(till.opened) == 2
