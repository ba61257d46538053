"""Orders that are asked for again, at once, or too late; and payments of a subscription that came too early."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scrip.domain.credits.errors import InvalidRequest, KeyReused, PolicyViolation, TopupNotOpen, Unavailable
from scrip.domain.credits.lots import Money
from scrip.domain.payments.order import Order, OrderRequest
from scrip.domain.payments.pack import Pack
from scrip.providers.clients import ProviderRefused, ProviderUnavailable, Sale, Session
from scrip.services.catalogue import packs
from scrip.services.engine.executor import Moment
from scrip.services.engine.requests import Caller
from scrip.services.payments import orders
from scrip.services.payments.orders import EARLY, LATEST, Early
from scrip.store import documents, keys, lists
from tests.services.payments.test_prompts import AUTHOR, DAY, NOW, Dunned


class Till(Dunned):
    """A provider that opens checkouts, numbered."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[Sale] = []

    def session(self, _: str, sale: Sale) -> Session:
        self.opened.append(sale)
        return Session(f"cs_{len(self.opened)}", "https://pay.example.test")

    def asks(
        self, key: str = "k", at: int = NOW, open_session: Any = None, **more: Any
    ) -> tuple[Order, bool]:
        said: dict[str, Any] = {"account": "ann", "pack": "small", "quantity": 1, "provider": "stripe"}
        wanted = OrderRequest(**{**said, "return_url": "https://shop.example.test/k", **more})
        caller = Caller(key, "key:k1", Moment(at))
        return orders.order(self.executor, wanted, caller, open_session or self.session)


def test_the_same_order_again_is_the_same_and_opens_no_second_checkout() -> None:
    till = Till()
    first, replayed = till.asks()
    assert (first.session_id, replayed) == ("cs_1", False)
    assert till.asks() == (first, True)
    assert len(till.opened) == 1
    plain, replayed = till.asks("p", provider="standard")
    assert (plain.session_id, replayed) == (None, False)
    assert till.asks("p", provider="standard") == (plain, True)
    with pytest.raises(KeyReused) as refusal:
        till.asks(quantity=2)
    assert refusal.value.facts == {"topup_id": first.topup_id}


@pytest.mark.parametrize(("said", "field"), [({"currency": "ISK"}, "currency"), ({}, "pack")])
def test_a_price_that_the_provider_cannot_charge_is_refused_where_it_comes_from(
    said: dict[str, Any], field: str
) -> None:
    """Dodo charges no Icelandic crowns."""
    till = Till()
    crowns = Money(1000, "ISK")
    pack = Pack("small", "points", "10", crowns, (crowns,), None, (), None, 50, "purchase", None, {})
    packs.put_pack(till.executor, pack, AUTHOR)
    with pytest.raises(PolicyViolation) as refusal:
        till.asks(provider="dodo", **said)
    price = {"amount": 1000, "currency": "ISK"}
    assert refusal.value.facts == {"policy": "provider_amount", "field": field, "price": price}


@pytest.mark.parametrize(("status", "what"), [("cancelled", "was cancelled"), ("expired", "has expired")])
def test_an_order_without_a_checkout_that_is_over_gets_none(status: str, what: str) -> None:
    till = Till()

    def silent(*_: object) -> Session:
        raise ProviderUnavailable("no answer")

    with pytest.raises(Unavailable):
        till.asks(open_session=silent)
    names = {keys.named_at(one) for one in lists.page(till.tables, keys.TOPUPS, 9).found}
    (topup_id,) = names - {till.order.topup_id}
    if status == "cancelled":
        orders.cancel(till.tables, topup_id)
        assert orders.cancel(till.tables, topup_id).status == "cancelled"
    with pytest.raises(TopupNotOpen, match=f"the order under this key {what}: order anew") as refusal:
        till.asks(at=NOW + (DAY if status == "expired" else 0))
    assert refusal.value.facts == {"topup_id": topup_id, "topup_status": status}
    assert till.opened == []


def test_of_two_requests_at_once_the_first_checkout_is_given_out_to_both() -> None:
    till = Till()

    def slow(provider: str, sale: Sale) -> Session:
        faster, replayed = till.asks()
        assert (faster.session_id, replayed) == ("cs_1", False)
        return till.session(provider, sale)

    made, replayed = till.asks(open_session=slow)
    assert (made.session_id, replayed, len(till.opened)) == ("cs_1", True, 2)


def test_an_order_that_is_refused_meanwhile_is_to_be_asked_for_again() -> None:
    till = Till()

    def refused(provider: str, sale: Sale) -> Session:
        raise ProviderRefused(400, "no such product")

    def slow(provider: str, sale: Sale) -> Session:
        with pytest.raises(InvalidRequest):
            till.asks(open_session=refused)
        return till.session(provider, sale)

    with pytest.raises(Unavailable, match="the order could not be stored: try again with the same key"):
        till.asks(open_session=slow)
    made, replayed = till.asks()
    assert (made.session_id, replayed) == ("cs_2", False)


def test_a_session_that_is_another_orders_already_is_not_given_out() -> None:
    till = Till()
    first, _ = till.asks()
    with pytest.raises(Unavailable, match="could not be stored"):
        till.asks("k2", open_session=lambda *_: Session(first.session_id or "", "https://pay.example.test"))


@pytest.mark.parametrize(("others", "expected"), [(LATEST - 1, "https://shop.example.test"), (LATEST, "")])
def test_a_prompt_of_an_automatic_order_comes_back_to_where_the_accounts_buyers_did(
    others: int, expected: str
) -> None:
    """Among the last fifty orders; what was refused since, and what stands behind them in the list, is none."""
    till = Till()
    automatic = replace(till.order, return_url="", automatic=True, accepted_at=NOW + 1)
    for number in range(others):
        place = keys.TOPUP_OF + keys.at_instant(NOW + 1 + number, f"top_{number}")
        lists.put(till.tables, keys.account("ann"), place)
        lists.put(till.tables, keys.account("ann"), keys.wallet_of(f"u{number}"))
    again = orders.again(till.executor, automatic, "prompt.1", NOW + 2, till.session)
    assert (again.return_url, again.keeps_method, again.automatic) == (expected, True, False)
    own = replace(till.order, return_url="https://shop.example.test/own")
    assert orders.again(till.executor, own, "prompt.2", NOW, till.session).return_url.endswith("/own")


def test_payments_that_come_too_early_are_listed_once_and_up_to_fifty_until_their_order_is_known() -> None:
    till = Till()
    pk = keys.subscription("stripe", "sub_1")

    def early() -> Early:
        return orders.early(till.tables, "stripe", "sub_1")

    for name in ("pay_2", "pay_1"):
        assert documents.put_all(till.tables, early().with_payment(till.tables, name))
    assert documents.get(till.tables, pk).body == {"early": ["pay_1", "pay_2"]}
    assert early().with_payment(till.tables, "pay_1") == []
    assert early().payments == []
    early().forget(till.tables)
    assert documents.get(till.tables, pk).body["early"] == ["pay_1", "pay_2"]
    full = {"topup_id": "top_1", "early": [f"pay_{at}" for at in range(EARLY)]}
    known = early().pointer
    assert documents.put(till.tables, known.pk, known.rev, full)
    assert early().with_payment(till.tables, "pay_new") == []
    assert len(early().payments) == EARLY
    early().forget(till.tables)
    assert documents.get(till.tables, pk).body == {"topup_id": "top_1"}
    rev = documents.get(till.tables, pk).rev
    early().forget(till.tables)
    assert documents.get(till.tables, pk).rev == rev
