"""Buying: an order, its checkout session at the provider, and what is said of it (laws 3 and 10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.standins.dodo import Provider
from scrip.providers import calling
from tests.aws import Buyer, Deployment, Key
from tests.http.contract import TOPUP, URL_SAFE, invalid, refused
from tests.http.edge.wrong import MISSING, NO_NAME, Row, rows

NAMES = {"topup_id", "checkout_url", "checkout_session_id"}


@pytest.fixture
def down(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The provider answers 503 to everything."""
    monkeypatch.setattr(calling, "RETRY_PAUSE_SECONDS", 0.0)
    provider.down = True
    yield provider
    provider.down = False


def test_an_order_is_answered_with_the_page_to_pay_at(buyer: Buyer, provider: Provider) -> None:
    answer = buyer.order()
    assert answer.status == 201
    assert set(answer.body) == TOPUP
    body = answer.body
    assert URL_SAFE.fullmatch(body["topup_id"])
    assert body["checkout_url"] == f"{provider.url}/checkout/{body['checkout_session_id']}"
    assert {
        name: body[name] for name in TOPUP - {*NAMES, "terms", "terms_version", "accepted_at", "expires_at"}
    } == {
        "status": "pending",
        "credits": "10000",
        "price": {"amount": 100000, "currency": "USD"},
        "account": buyer.account,
        "pack": buyer.account,
        "pack_version": 1,
        "quantity": 1,
        "provider": "dodo",
        "unit": "credits",
        "payment_id": None,
        "recurring": None,
        "failed_renewal": None,
        "waiting": [],
        "save_payment_method": False,
        "automatic": False,
    }
    assert "The credits do not expire." in body["terms"]
    found = buyer.scrip.get(f"/v1/topups/{body['topup_id']}")
    assert (found.status, found.body) == (200, body)
    assert buyer.balance["version"] == 0


def test_the_provider_is_asked_for_exactly_the_order(buyer: Buyer, provider: Provider) -> None:
    buyer.order(quantity=3)
    asked = provider.checkout(buyer.session)
    assert (asked.price, asked.currency) == (300000, "USD")
    assert asked.cart == [{"product_id": "pdt_1", "quantity": 3}]
    assert asked.return_url == "https://shop.example.test/done"
    assert asked.metadata == {"topup_id": buyer.topup["topup_id"], "account": buyer.account}


def test_the_same_key_is_the_same_order(buyer: Buyer) -> None:
    first = buyer.order()
    buyer.scrip.cold()
    again = buyer.scrip.post("/v1/topups", {**buyer.wants(), "quantity": 1}, key="order-1")
    assert (again.status, again.body, again.replayed) == (201, first.body, True)


def test_an_order_is_replayed_as_it_was_after_it_was_paid_and_refunded(buyer: Buyer) -> None:
    first = buyer.order()
    buyer.scrip.deliver(buyer.pays())
    again = buyer.scrip.post("/v1/topups", buyer.wants(), key="order-1")
    assert (again.body, again.replayed) == (first.body, True)
    buyer.scrip.deliver(buyer.gets_back(100000))
    again = buyer.scrip.post("/v1/topups", buyer.wants(), key="order-1")
    assert (again.body, again.replayed) == (first.body, True)


def test_an_order_is_replayed_after_its_pack_changed(buyer: Buyer) -> None:
    """Law 10: what was agreed stays agreed."""
    first = buyer.order()
    price = {"amount": 1, "currency": "USD"}
    buyer.scrip.put(f"/v1/packs/{buyer.account}", {"credits": "1", "price": price})
    assert buyer.scrip.post("/v1/topups", buyer.wants(), key="order-1").body == first.body
    buyer.scrip.deliver(buyer.pays())
    assert buyer.balance["total"] == "10000"


@pytest.mark.parametrize(
    "change",
    [{"quantity": 2}, {"pack": "another"}, {"return_url": "https://shop.example.test/other"}],
    ids=lambda change: next(iter(change)),
)
def test_a_key_is_refused_to_another_order(buyer: Buyer, change: dict[str, Any]) -> None:
    buyer.order()
    before = buyer.scrip.everything()
    answer = buyer.scrip.post("/v1/topups", buyer.wants(**change), key="order-1")
    refused(answer, 422, "idempotency_key_reused", topup_id=buyer.topup["topup_id"])
    assert buyer.scrip.everything() == before


def test_a_key_belongs_to_the_account(buyer: Buyer) -> None:
    first = buyer.order()
    other = buyer.scrip.post("/v1/topups", buyer.wants(account=f"{buyer.account}-b"), key="order-1")
    assert (other.status, other.replayed) == (201, False)
    assert other.body["topup_id"] != first.body["topup_id"]


@pytest.mark.parametrize(
    ("quantity", "credits"),
    [(1, "1000"), (4, "4000"), (5, "5500"), (9, "9500"), (10, "11000"), (1000, "1100000")],
)
def test_a_quantity_earns_the_highest_bonus_it_reaches(
    scrip: Deployment, provider: Provider, account: str, quantity: int, credits: str
) -> None:
    bonus = [{"from_quantity": 10, "percent": "10"}, {"from_quantity": 5, "credits": "500"}]
    buyer = Buyer(scrip, provider, account, credits="1000", bonus=bonus)
    body = buyer.order(quantity=quantity).body
    assert (body["credits"], body["price"]["amount"]) == (credits, 100000 * quantity)


def test_an_order_of_more_than_a_wallet_can_hold_is_refused_before_it_is_paid(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    buyer = Buyer(scrip, provider, account, credits="1000000000000000000000")
    assert buyer.order("o1").status == 201
    answer = buyer.order("o2", quantity=2)
    refused(answer, 422, "amount_out_of_range")
    assert buyer.scrip.post("/v1/topups", buyer.wants(), key="o2").status == 201


def test_an_order_of_credits_that_would_never_be_granted_is_refused_before_it_is_paid(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """They would expire after the year 9999, which no instant can say."""
    buyer = Buyer(scrip, provider, account, expires_in="P9999Y")
    invalid(buyer.order(), "expires_in")


def test_a_provider_that_is_down_leaves_an_order_that_the_same_key_goes_on_with(
    buyer: Buyer, down: Provider
) -> None:
    refused(buyer.order(), 503, "unavailable")
    refused(buyer.order(), 503, "unavailable")
    answer = buyer.scrip.post("/v1/topups", buyer.wants(quantity=2), key="order-1")
    refused(answer, 422, "idempotency_key_reused")
    down.down = False
    answer = buyer.order()
    assert (answer.status, answer.replayed, answer.body["status"]) == (201, False, "pending")
    buyer.scrip.deliver(buyer.pays())
    assert (buyer.status, buyer.balance["total"]) == ("paid", "10000")


def test_an_order_without_a_session_can_be_read(buyer: Buyer, down: Provider) -> None:
    answer = buyer.order()
    refused(answer, 503, "unavailable")
    down.down = False
    topup_id = buyer.order().body["topup_id"]
    assert buyer.scrip.get(f"/v1/topups/{topup_id}").status == 200


def test_what_a_provider_refuses_is_not_remembered(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """A product that was deleted there. With a right one the same key and the same request succeed."""
    provider.gone.add("pdt_gone")
    buyer = Buyer(scrip, provider, account, provider_refs={"dodo": "pdt_gone"})
    for _ in range(2):
        invalid(buyer.order(), "pack")
    price = {"amount": 100, "currency": "USD"}
    pack = {"credits": "10000", "price": price, "provider_refs": {"dodo": "pdt_1"}}
    assert scrip.put(f"/v1/packs/{account}", pack).status == 200
    answer = buyer.order()
    assert (answer.status, answer.replayed, answer.body["price"]) == (201, False, price)


def test_a_refused_orders_key_may_carry_another(scrip: Deployment, provider: Provider, account: str) -> None:
    provider.gone.add("pdt_gone")
    buyer = Buyer(scrip, provider, account, provider_refs={"dodo": "pdt_gone"})
    invalid(buyer.order(), "pack")
    sold = Buyer(scrip, provider, f"{account}-b")
    answer = buyer.order(pack=sold.account)
    assert (answer.status, answer.replayed) == (201, False)


def test_a_pack_that_names_no_product_is_named_like_it_at_the_provider(
    buyer: Buyer, provider: Provider
) -> None:
    pack = {"credits": "1", "price": {"amount": 1, "currency": "USD"}}
    buyer.scrip.put(f"/v1/packs/{buyer.account}", pack)
    assert buyer.order().status == 201
    assert provider.checkout(buyer.session).cart == [{"product_id": buyer.account, "quantity": 1}]


TOPUPS: list[Row] = [
    *rows("account", [MISSING, *NO_NAME]),
    *rows("pack", [MISSING, *NO_NAME]),
    *rows("quantity", [0, -1, 1001, "1", 1.5, 2.0, None, True, 10**400, []]),
    *rows("provider", ["", "paypal", "Dodo", None, 1, []]),
    *rows(
        "return_url",
        [
            MISSING,
            None,
            "",
            1,
            [],
            "shop.example.test",
            "//shop.example.test",
            "http://shop.example.test/",
            "ftp://shop.example.test/",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://user@shop.example.test/",
            "https://a b/",
            "http://localhost.example.test/",
            "http://127.0.0.1.example.test/",
            "http://127.0.0.1:999999/",
            "http://localhost@evil.example.test/",
            " https://shop.example.test/",
            "https://shop.example.test\n",
            "https://shop.example.test/\n",
            "https://shop.example.test/a b",
            "https://shop.example.test/" + "x" * 2000,
        ],
    ),
    *rows("currency", ["", "usd", "EURO", 1, []]),
    *rows(
        "accept_terms",
        [MISSING, False, None, "true", 1, 1.0, "yes", [], "0123456789ABCDEF", "0" * 15, "0" * 17],
    ),
    *rows("price", [{"amount": 1, "currency": "USD"}]),
    *rows("credits", ["1"]),
    *rows("metadata", [{}]),
    *rows("unit", ["credits"]),
]


@pytest.mark.parametrize("row", TOPUPS, ids=lambda row: row.id)
def test_an_order_is_refused_with(deployment: Deployment, row: Row) -> None:
    body: dict[str, Any] = {
        "account": "acme",
        "pack": "p",
        "provider": "dodo",
        "return_url": "https://shop.example.test/",
        "accept_terms": True,
        row.member: row.value,
    }
    if row.value is MISSING:
        del body[row.member]
    with deployment.unwritten():
        answer = deployment.post("/v1/topups", body, key="k")
    invalid(answer, row.field)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.test",
        "https://shop.example.test:8443/done?x=1#y",
        "http://localhost",
        "http://localhost:3000/done",
        "http://127.0.0.1:3000/",
        "http://[::1]:3000/",
        "https://shop.example.test/" + "x" * 1974,
    ],
    ids=lambda url: url[:30],
)
def test_a_buyer_may_come_back_to(buyer: Buyer, url: str) -> None:
    assert buyer.order(return_url=url).status == 201


def test_an_order_without_a_key_is_refused(buyer: Buyer) -> None:
    refused(buyer.scrip.post("/v1/topups", buyer.wants()), 400, "idempotency_key_missing")


def test_an_unknown_pack_is_not_found(buyer: Buyer) -> None:
    refused(buyer.order(pack="nothing"), 404, "not_found", pack="nothing")


@pytest.mark.parametrize("topup_id", ["top_AAAAAAAAAAAAAAAAAAAAAA", "x", "-", "%00", "x" * 5000, "ä", "%23"])
def test_an_unknown_order_is_not_found(scrip: Deployment, topup_id: str) -> None:
    refused(scrip.get(f"/v1/topups/{topup_id}"), 404, "not_found")


def test_a_customers_key_sees_the_orders_of_its_account_and_no_others(buyer: Buyer) -> None:
    buyer.order()
    path = f"/v1/topups/{buyer.topup['topup_id']}"
    assert buyer.scrip.get(path, caller=Key("read", account=buyer.account)).status == 200
    refused(buyer.scrip.get(path, caller=Key("read", account="other")), 403, "forbidden")
