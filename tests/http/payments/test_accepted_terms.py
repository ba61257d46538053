"""Terms before the purchase: they can be read, an order names the version that was read, and it is open for a while
(laws 9 and 10)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from local.standins.dodo import Provider
from local.standins.stripe_requests import MESSAGE
from scrip.providers.clients import Sale
from scrip.providers.stripe.client import _session
from tests.aws import Answer, Buyer, Deployment, Key
from tests.http.contract import INSTANT, TOPUP, invalid, refused

DAY = 86_400


def terms_of(buyer: Buyer, **query: Any) -> Answer:
    return buyer.scrip.get(
        f"/v1/packs/{buyer.account}/terms", query={name: str(of) for name, of in query.items()}
    )


def cancel(buyer: Buyer, topup_id: str | None = None) -> Answer:
    return buyer.scrip.post(f"/v1/topups/{topup_id or buyer.topup['topup_id']}/cancel", {})


def change(buyer: Buyer, **pack: Any) -> None:
    terms = {"credits": "10000", "price": {"amount": 100000, "currency": "USD"}, **pack}
    answer = buyer.scrip.put(f"/v1/packs/{buyer.account}", {"provider_refs": {"dodo": "pdt_1"}, **terms})
    assert answer.status == 200, answer.text


# Reading them


def test_terms_can_be_read_before_anything_is_ordered(buyer: Buyer) -> None:
    before = buyer.scrip.everything()
    answer = terms_of(buyer)
    assert answer.status == 200
    assert answer.body == {
        "pack": buyer.account,
        "pack_version": 1,
        "quantity": 1,
        "unit": "credits",
        "credits": "10000",
        "price": {"amount": 100000, "currency": "USD"},
        "terms": answer.body["terms"],
        "terms_version": answer.body["terms_version"],
    }
    assert buyer.scrip.everything() == before
    order = buyer.order(accept_terms=answer.body["terms_version"])
    assert order.status == 201
    named = set(answer.body)
    assert {name: order.body[name] for name in named} == answer.body


@pytest.mark.parametrize(
    ("query", "credits", "price"),
    [
        ({"quantity": 4}, "4000", {"amount": 400, "currency": "USD"}),
        ({"quantity": 5}, "5500", {"amount": 500, "currency": "USD"}),
        ({"quantity": 5, "currency": "JPY"}, "5500", {"amount": 4500, "currency": "JPY"}),
        (
            {"quantity": 1000, "currency": "USD", "provider": "stripe"},
            "1000500",
            {"amount": 100000, "currency": "USD"},
        ),
    ],
    ids=["four", "with bonus", "in yen", "a thousand"],
)
def test_terms_are_those_of_the_order_that_is_meant(
    scrip: Deployment, provider: Provider, account: str, query: Any, credits: str, price: Any
) -> None:
    pack: dict[str, Any] = {
        "price": {"amount": 100, "currency": "USD"},
        "prices": [{"amount": 900, "currency": "JPY"}],
    }
    bonus = [{"from_quantity": 5, "credits": "500"}]
    buyer = Buyer(scrip, provider, account, credits="1000", bonus=bonus, **pack)
    shown = terms_of(buyer, **query).body
    assert (shown["credits"], shown["price"]) == (credits, price)
    assert f"You buy a balance of {credits} " in shown["terms"]
    order = {**query, "provider": "standard", "accept_terms": shown["terms_version"]}
    assert buyer.order(**order).body["terms"] == shown["terms"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "1001"}, "quantity"),
        ({"quantity": "1.0"}, "quantity"),
        ({"quantity": ""}, "quantity"),
        ({"currency": "EUR"}, "currency"),
        ({"currency": "usd"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"provider": "paypal"}, "provider"),
        ({"provider": ""}, "provider"),
        ({"unit": "credits"}, "unit"),
    ],
    ids=str,
)
def test_terms_of_no_order_are_refused(buyer: Buyer, query: dict[str, str], field: str) -> None:
    invalid(terms_of(buyer, **query), field)


def test_terms_of_an_unknown_pack_are_not_found(scrip: Deployment) -> None:
    refused(scrip.get("/v1/packs/nothing/terms"), 404, "not_found", pack="nothing")


def test_a_customers_key_may_read_terms(buyer: Buyer) -> None:
    path = f"/v1/packs/{buyer.account}/terms"
    assert buyer.scrip.get(path, caller=Key("read", account="somebody")).status == 200


# Agreeing to them


@pytest.mark.parametrize(
    "changed",
    [
        {"price": {"amount": 100001, "currency": "USD"}},
        {"credits": "9999"},
        {"expires_in": "P1M"},
        {"terms": "No refunds."},
        {"tax_point": "redemption"},
        {"recurring": {"every": "P1M"}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_terms_that_changed_meanwhile_are_not_agreed_to(buyer: Buyer, changed: Any) -> None:
    shown = terms_of(buyer).body["terms_version"]
    change(buyer, **changed)
    before = buyer.scrip.everything()
    answer = buyer.order(accept_terms=shown)
    present = terms_of(buyer).body["terms_version"]
    refused(answer, 409, "terms_changed", terms_version=present)
    assert buyer.scrip.everything() == before
    # Nothing is remembered: the same key may agree to the present ones.
    assert buyer.order(accept_terms=present, provider="standard").status == 201


def test_what_no_buyer_reads_changes_no_terms(buyer: Buyer) -> None:
    shown = terms_of(buyer).body
    change(buyer, priority=7, order_expires_in="PT1H")
    assert terms_of(buyer).body == {**shown, "pack_version": 2}
    assert buyer.order(accept_terms=shown["terms_version"]).status == 201


def test_terms_of_another_quantity_are_others(buyer: Buyer) -> None:
    one = terms_of(buyer).body["terms_version"]
    refused(buyer.order(accept_terms=one, quantity=2), 409, "terms_changed")


def test_an_order_is_replayed_with_the_terms_that_it_has_after_they_changed(buyer: Buyer) -> None:
    shown = terms_of(buyer).body["terms_version"]
    first = buyer.order(accept_terms=shown)
    change(buyer, terms="Smaller print.")
    again = buyer.order(accept_terms=shown)
    assert (again.status, again.body, again.replayed) == (201, first.body, True)
    for other in (True, terms_of(buyer).body["terms_version"]):
        refused(
            buyer.order(accept_terms=other), 422, "idempotency_key_reused", topup_id=first.body["topup_id"]
        )


def test_an_order_that_its_provider_did_not_answer_goes_on_with_the_terms_that_were_accepted(
    buyer: Buyer, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrip.providers.calling.RETRY_PAUSE_SECONDS", 0.0)
    shown = terms_of(buyer).body
    provider.down = True
    try:
        refused(buyer.order(accept_terms=shown["terms_version"]), 503, "unavailable")
    finally:
        provider.down = False
    change(buyer, terms="Smaller print.")
    order = buyer.order(accept_terms=shown["terms_version"])
    assert (order.status, order.body["terms"]) == (201, shown["terms"])


# At the provider


def sale(terms: str) -> Any:
    made = Sale(
        "top_1",
        "top_1.1",
        "acme",
        "p",
        None,
        "10 Credits",
        1,
        100,
        "USD",
        "https://shop.example.test",
        terms=terms,
    )
    return _session(made)


def test_stripes_page_shows_the_terms_and_of_long_ones_their_beginning() -> None:
    assert sale("Fine print.")["custom_text"] == {"submit": {"message": "Fine print."}}
    assert sale("x" * 1200)["custom_text"]["submit"]["message"] == "x" * 1200, "as much as Stripe takes"
    shown = sale("word " * 1000)["custom_text"]["submit"]["message"]
    assert len(shown) <= MESSAGE
    assert len(sale("word " * 240 + "x")["custom_text"]["submit"]["message"]) <= 1200, "of 1201 characters"
    assert re.fullmatch(r"(word )+… \(the terms that you agreed to go on\)", shown)
    assert "custom_text" not in sale("")


# How long an order is open


def test_an_order_expires_when_its_pack_says_and_a_later_payment_counts(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer = Buyer(scrip, provider, account, order_expires_in="PT2H")
    order = buyer.order().body
    assert INSTANT.fullmatch(order["expires_at"])
    assert seconds(order["expires_at"]) - seconds(order["accepted_at"]) == 7200
    path = f"/v1/topups/{order['topup_id']}"
    late = scrip.get(path, clock=order["expires_at"])
    assert late.body == {**order, "status": "expired"}
    assert set(late.body) == TOPUP
    assert scrip.get(path).body == order
    scrip.deliver(buyer.pays())
    assert (scrip.get(path, clock=order["expires_at"]).body["status"], buyer.balance["total"]) == (
        "paid",
        "10000",
    )


def test_an_order_is_open_for_a_day_where_its_pack_does_not_say(buyer: Buyer) -> None:
    order = buyer.order().body
    assert seconds(order["expires_at"]) - seconds(order["accepted_at"]) == DAY


def test_an_expired_order_is_replayed_as_it_was(buyer: Buyer) -> None:
    first = buyer.order()
    again = buyer.scrip.post("/v1/topups", buyer.wants(), key="order-1", clock=first.body["expires_at"])
    assert (again.status, again.body, again.replayed) == (201, first.body, True)


def test_an_order_that_expired_before_its_checkout_was_opened_is_not_opened(
    buyer: Buyer, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrip.providers.calling.RETRY_PAUSE_SECONDS", 0.0)
    provider.down = True
    try:
        refused(buyer.order(), 503, "unavailable")
    finally:
        provider.down = False
    later = "2099-01-01T00:00:00.000Z"
    answer = buyer.scrip.post("/v1/topups", buyer.wants(), key="order-1", clock=later)
    refused(answer, 409, "topup_not_open", topup_status="expired", topup_id=answer.body["topup_id"])
    assert buyer.order().status == 201


# Cancelling one


def test_an_order_is_cancelled_and_again_answers_the_same(buyer: Buyer) -> None:
    order = buyer.order().body
    cancelled = {**order, "status": "cancelled"}
    for _ in range(2):
        answer = cancel(buyer)
        assert (answer.status, answer.body) == (200, cancelled)
    assert buyer.scrip.get(f"/v1/topups/{order['topup_id']}").body == cancelled
    assert buyer.scrip.get(f"/v1/topups/{order['topup_id']}", clock=order["expires_at"]).body == cancelled
    assert buyer.scrip.post(f"/v1/topups/{order['topup_id']}/cancel", None).status == 200
    # The key's answer is for ever what it was.
    assert buyer.order().body == order


def test_a_payment_of_a_cancelled_order_counts(buyer: Buyer) -> None:
    """Law 9: what is paid is paid, whatever was said before."""
    buyer.order()
    cancel(buyer)
    buyer.scrip.deliver(buyer.pays())
    assert (buyer.status, buyer.balance["total"]) == ("paid", "10000")
    refused(cancel(buyer), 409, "topup_not_open", topup_id=buyer.topup["topup_id"], topup_status="paid")


@pytest.mark.parametrize("told", ["failed", "processing"])
def test_an_attempt_that_is_not_paid_leaves_a_cancelled_order_cancelled(buyer: Buyer, told: str) -> None:
    buyer.order()
    cancel(buyer)
    buyer.scrip.deliver(buyer.pays(status=told))
    assert (buyer.status, buyer.balance["total"]) == ("cancelled", "0")


def test_an_order_whose_payment_failed_can_be_cancelled(buyer: Buyer) -> None:
    buyer.order()
    buyer.scrip.deliver(buyer.pays(status="failed"))
    assert (buyer.status, cancel(buyer).body["status"]) == ("failed", "cancelled")


@pytest.mark.parametrize(("amount", "status"), [(100000, "refunded"), (50000, "partially_refunded")])
def test_an_order_whose_money_went_back_cannot_be_cancelled(buyer: Buyer, amount: int, status: str) -> None:
    buyer.order()
    buyer.scrip.deliver(buyer.pays())
    buyer.scrip.deliver(buyer.gets_back(amount))
    before = buyer.scrip.everything()
    refused(cancel(buyer), 409, "topup_not_open", topup_id=buyer.topup["topup_id"], topup_status=status)
    assert buyer.scrip.everything() == before


def test_an_order_that_was_cancelled_before_its_checkout_was_opened_is_not_opened(
    buyer: Buyer, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrip.providers.calling.RETRY_PAUSE_SECONDS", 0.0)
    provider.down = True
    try:
        answer = buyer.order()
    finally:
        provider.down = False
    refused(answer, 503, "unavailable")
    reused = buyer.scrip.post("/v1/topups", buyer.wants(quantity=2), key="order-1")
    topup_id = reused.body["topup_id"]
    assert cancel(buyer, topup_id).body["status"] == "cancelled"
    refused(buyer.order(), 409, "topup_not_open", topup_id=topup_id, topup_status="cancelled")


@pytest.mark.parametrize("topup_id", ["top_AAAAAAAAAAAAAAAAAAAAAA", "-", "%00"])
def test_an_unknown_order_cannot_be_cancelled(scrip: Deployment, topup_id: str) -> None:
    refused(scrip.post(f"/v1/topups/{topup_id}/cancel", {}), 404, "not_found")


def test_cancelling_takes_no_members_and_a_key_that_may_order(buyer: Buyer) -> None:
    buyer.order()
    path = f"/v1/topups/{buyer.topup['topup_id']}/cancel"
    invalid(buyer.scrip.post(path, {"reason": "no"}), "reason")
    refused(buyer.scrip.post(path, {}, caller=Key("burn")), 403, "forbidden", scope="top_up")


def seconds(instant: str) -> float:
    return datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp()
