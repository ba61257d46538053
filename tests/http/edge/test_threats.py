"""Who could take credits that are not theirs: the rows of docs/threats.md that no other file has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest

from local.standins.dodo import Provider
from local.standins.stripe import Provider as Stripe
from scrip import runtime
from tests.aws import WEBHOOK_SECRET, Buyer, Deployment, Key, event, routes
from tests.http.contract import invalid, refused
from tests.http.payments.refunds import TAX, paid, tell_stripe
from tests.signing import SIGN
from tests.world import THERE
from tests.worlds import world

PRICE: Final = {"amount": 1, "currency": "USD"}
"""What one credit costs a buyer who would like 10 000 for it."""


@pytest.fixture(autouse=True)
def _empty_queue(scrip: Deployment) -> None:
    scrip.queued()


@pytest.fixture
def cheap(scrip: Deployment, provider: Provider, account: str) -> Buyer:
    """Orders 1 credit for 0.01 USD, in an account of the same buyer's."""
    return Buyer(scrip, provider, f"{account}-cheap", credits="1", price=PRICE)


# A buyer


def test_a_buyer_at_dodo_who_names_a_dear_order_gets_what_the_session_was_for(
    buyer: Buyer, cheap: Buyer
) -> None:
    """Metadata can be written in the URL of a payment link."""
    assert (buyer.order().status, cheap.order().status) == (201, 201)
    told = cheap.pays()
    told["data"]["metadata"] = {"topup_id": buyer.topup["topup_id"], "account": buyer.account}
    buyer.scrip.deliver(told)
    assert (buyer.status, buyer.balance["version"]) == ("pending", 0)
    assert (cheap.status, cheap.balance["total"]) == ("paid", "1")


def test_a_buyer_at_stripe_who_names_a_dear_order_gets_what_the_session_was_for(
    buyer: Buyer, cheap: Buyer, stripe: Stripe
) -> None:
    """A payment link takes ``client_reference_id`` from its URL; what an intent says is written by us alone."""
    orders = [who.order(provider="stripe").status for who in (buyer, cheap)]
    assert orders == [201, 201]
    stripe.pay(cheap.session, {"webhook": False})
    checkout = stripe.checkout(cheap.session)
    dear = buyer.topup["topup_id"]
    session = {**checkout.session, "client_reference_id": dear, "metadata": {"topup_id": dear}}
    tell_stripe(buyer.scrip, "checkout.session.completed", session)
    tell_stripe(buyer.scrip, "payment_intent.succeeded", checkout.payments[0].intent)
    assert (buyer.status, buyer.balance["version"]) == ("pending", 0)
    assert (cheap.status, cheap.balance["total"]) == ("paid", "1")


LESS: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "one cent": ({"total_amount": 1}, {}),
    "nothing": ({"total_amount": 0}, {}),
    "a cent less": ({"total_amount": 99_999}, {}),
    "the same number of rupiah": ({}, {"currency": "IDR"}),
    "the price, all of it tax": ({"total_amount": 100_000, "tax": 100_000}, {}),
    "more tax than there is": ({"total_amount": 1, "tax": 100_001}, {}),
    "the price in the settlement alone": ({"total_amount": 1}, {"settlement_amount": 100_000}),
}


@pytest.mark.parametrize(("options", "change"), LESS.values(), ids=LESS.keys())
def test_whoever_pays_something_else_than_the_price_gets_nothing(
    buyer: Buyer, options: dict[str, Any], change: dict[str, Any]
) -> None:
    assert buyer.order().status == 201
    told = buyer.pays(**options)
    told["data"] |= change
    buyer.scrip.deliver(told)
    assert (buyer.status, buyer.balance["version"]) == ("pending", 0)


def test_one_session_pays_one_order_once(buyer: Buyer) -> None:
    """Another payment of the same session, and the same one under another name."""
    assert buyer.order().status == 201
    told = buyer.pays(tax=TAX)
    others = [{**told, "data": {**told["data"], "payment_id": f"pay_{number}"}} for number in range(3)]
    buyer.scrip.deliver(told, *others, told)
    assert buyer.kinds == [("grant", "10000")]


# Webhooks

PATHS: Final = [(signer, path) for signer in SIGN for path in SIGN if signer != path]


@pytest.mark.parametrize(("signer", "path"), PATHS)
def test_a_providers_webhook_opens_no_other_providers_door(
    buyer: Buyer, signer: str, path: str, request: pytest.FixtureRequest
) -> None:
    """Each has a secret of its own; and where an operator gave one to two of them, an order is its provider's."""
    scrip = buyer.scrip
    assert buyer.order().status == 201
    raw = json.dumps(buyer.pays()) if signer == "dodo" else _sample(signer, buyer)
    headers = SIGN[signer](WEBHOOK_SECRET, "msg_1", raw.encode())
    request.addfinalizer(lambda: scrip.put_secrets(path, [WEBHOOK_SECRET]))
    answer = scrip.send("POST", f"/v1/webhooks/{path}", raw=raw, headers=headers)
    assert answer.status in (200, 401)
    scrip.apply(scrip.queued())
    scrip.put_secrets(path, ["whsec_" + "QUFB" * 8])
    scrip.cold()
    refused(scrip.send("POST", f"/v1/webhooks/{path}", raw=raw, headers=headers), 401, "unauthenticated")
    assert (buyer.status, buyer.balance["version"]) == ("pending", 0)


def _sample(provider: str, buyer: Buyer) -> str:
    """A payment of the buyer's order, as this provider tells of it."""
    topup_id, session = buyer.topup["topup_id"], buyer.session
    data: dict[str, dict[str, Any]] = {
        "standard": {
            "type": "payment.succeeded",
            "timestamp": "2026-11-23T10:00:00.000Z",
            "data": {
                "payment_id": "pm_1",
                "topup_id": topup_id,
                "amount": 100_000,
                "tax": 0,
                "currency": "USD",
            },
        },
        "stripe": {
            "id": "evt_1",
            "type": "payment_intent.succeeded",
            "created": 1_795_428_000,
            "livemode": False,
            "data": {
                "object": {
                    "id": "pi_1",
                    "object": "payment_intent",
                    "amount_received": 100_000,
                    "currency": "usd",
                    "status": "succeeded",
                    "created": 1_795_428_000,
                    "metadata": {"topup_id": topup_id},
                    "checkout_session_id": session,
                }
            },
        },
        "paddle": {
            "event_id": "evt_1",
            "event_type": "transaction.completed",
            "occurred_at": "2026-11-23T10:00:00Z",
            "data": {
                "id": "txn_1",
                "status": "completed",
                "currency_code": "USD",
                "custom_data": {"topup_id": topup_id},
                "details": {"totals": {"total": "100000", "tax": "0", "grand_total": "100000"}},
            },
        },
    }
    return json.dumps(data[provider])


@pytest.mark.parametrize(
    ("name", "ours", "reason"),
    [
        ("SCRIP_DODO_OURS", "bus_ours", "business_id is not ours"),
        ("SCRIP_STRIPE_OURS", "true", "livemode is not ours"),
    ],
    ids=["another business of Dodo's", "Stripe's test mode"],
)
def test_a_payment_of_another_account_at_the_provider_is_parked(
    buyer: Buyer, stripe: Stripe, name: str, ours: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test card pays nothing; anybody may have a business of their own at Dodo."""
    monkeypatch.setenv(name, ours)
    if name == "SCRIP_DODO_OURS":
        assert buyer.order().status == 201
        told = buyer.pays()
        buyer.scrip.deliver(told)
        seen = buyer.scrip.get(f"/v1/payments/dodo/{told['data']['payment_id']}").body
    else:
        assert buyer.order(provider="stripe").status == 201
        intent = stripe.pay(buyer.session, {"webhook": False})["payment_intent"]
        session = {**stripe.checkout(buyer.session).session, "livemode": False}
        tell_stripe(buyer.scrip, "checkout.session.completed", session)
        seen = buyer.scrip.get(f"/v1/payments/stripe/{intent}").body
    assert [reason in one["reason"] for one in seen["parked"]] == [True]
    assert (buyer.status, buyer.balance["version"]) == ("pending", 0)


def test_whoever_has_a_webhook_secret_can_pay_an_order_with_nothing_and_the_credits_can_be_taken_back(
    buyer: Buyer,
) -> None:
    """This is not stopped but found: test_reconciliation.py has the finding. What is unspent can be voided."""
    assert buyer.order().status == 201
    forged = buyer.pays()
    forged["data"]["payment_id"] = "pay_forged"
    buyer.scrip.deliver(forged)
    assert buyer.balance["total"] == "10000"
    taken = buyer.scrip.move(buyer.account, f"lots/{buyer.lot['lot_id']}/void", reason="forged")
    assert (taken.status, buyer.balance["total"]) == (201, "0")


# Keys


def everything(scrip: Deployment, provider: Provider, account: str) -> dict[str, str]:
    """Ids of one of everything, in this account."""
    made = world(scrip, provider, account)
    for name in ("get_payment", "cancel_subscription"):
        made.fill(next(one for one in THERE if one.id == name))
    return made.ids


def test_a_key_of_one_account_reaches_nothing_of_another_by_any_route(
    scrip: Deployment, provider: Provider, account: str
) -> None:
    """Whatever its scope were, and whether or not what it asks for is there, it is told the same."""
    ids = everything(scrip, provider, account)
    bodies = {operation.route: operation.example for operation in THERE if operation.body}
    tried, before = [], scrip.everything()
    for route in routes():
        named = re.findall(r"\{(\w+)\}", route.key)
        if not {"account", "payment_id", "topup_id"} & set(named):
            continue
        path = route.key.partition(" ")[2]
        there = re.sub(r"\{(\w+)\}", lambda found: quote(ids[found[1]]), path)
        nowhere = re.sub(r"\{(\w+)\}", lambda found: "dodo" if found[1] == "provider" else "nowhere", path)
        for scope in ("read", "burn", "grant"):
            answers = [
                scrip.invoke(
                    event(
                        route.method,
                        place,
                        body=bodies.get(route.key),
                        headers={"idempotency-key": "k"},
                        caller=Key(scope, account=f"{account}-b"),
                    )
                )
                for place in (there, nowhere)
            ]
            for answer in answers:
                refused(answer, 403, "forbidden")
            assert answers[0].text == answers[1].text, route.key
        tried.append(route.key)
    assert len(tried) > 30
    assert scrip.everything() == before


def test_a_lots_id_names_a_lot_of_ones_own_wallet_alone(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10")
    for _ in range(3):
        scrip.grant(f"{account}-b", "10")
    others = scrip.wallet(f"{account}-b")
    refused(scrip.move(account, "lots/lot_3/void"), 404, "not_found")
    assert scrip.move(account, "lots/lot_1/void").status == 201
    assert scrip.wallet(f"{account}-b") == others


@pytest.mark.parametrize("what", ["lots", "entries"])
def test_a_cursor_of_another_wallet_shows_none_of_it(scrip: Deployment, account: str, what: str) -> None:
    """A cursor is of the list that gave it."""
    for owner in (account, f"{account}-b"):
        for _ in range(3):
            scrip.grant(owner, "1")
    theirs = f"/v1/accounts/{account}-b/{what}"
    cursor = scrip.get(theirs, query={"limit": "1"}).body["next_cursor"]
    own = Key("read", account=account)
    shown = scrip.get(f"/v1/accounts/{account}/{what}", query={"cursor": cursor}, caller=own)
    invalid(shown, "cursor")
    refused(scrip.get(theirs, query={"cursor": cursor}, caller=own), 403, "forbidden")


@pytest.mark.parametrize("clock", ["enabled", "disabled"])
def test_a_test_clock_moves_nothing_but_in_the_hands_of_an_admin_where_there_is_one(
    scrip: Deployment, account: str, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time is money: an allowance of next year, a lot that has not expired yet."""
    monkeypatch.setenv("SCRIP_TEST_CLOCK", clock)
    runtime.settings.cache_clear()
    body, path = {"amount": "1"}, f"/v1/accounts/{account}/grants"
    with scrip.unwritten():
        for scope in ("read", "burn", "grant"):
            caller = Key(scope)
            refused_ = scrip.post(path, body, key="k", clock="2031-01-01T00:00:00Z", caller=caller)
            assert refused_.status == 403
    answer = scrip.post(path, body, key="k", clock="2031-01-01T00:00:00Z")
    assert answer.status == (201 if clock == "enabled" else 400)


# Money twice


def test_a_refund_a_credit_and_a_dispute_of_one_payment_give_no_more_than_all_of_it(buyer: Buyer) -> None:
    """360.00 back as money, 360.00 as credit (3 000 credits each), then the bank takes all: 4 000 are left of the first
    lot and go; the credit that was given for money is owed."""
    payment = paid(buyer)
    assert payment.refund("r1", amount=36_000).status == 201
    buyer.scrip.deliver(payment.settled())
    assert payment.credit("r2", amount=36_000).status == 201
    assert buyer.balance["available"] == "7000"
    buyer.scrip.deliver(payment.disputed("lost"))
    refused(payment.refund("r3", amount=1), 422, "policy_violation")
    refused(payment.credit("r4", amount=1), 422, "policy_violation")
    balance = buyer.balance
    assert (balance["total"], balance["available"], balance["owed"]) == ("0", "3000", "3000")
    buyer.scrip.sound(buyer.account)


@pytest.mark.parametrize(
    "amount", ["-1", "-0", "0", "0.0", "1e3", "1E3", "+1", " 1", "0x1", "1_0", "\u0661", 1, -1, 1.0]
)
def test_no_amount_turns_a_movement_around(scrip: Deployment, account: str, amount: Any) -> None:
    """A burn of less than nothing would be a grant."""
    scrip.grant(account, "10")
    body: dict[str, Any] = {"amount": amount, "to_account": f"{account}-b"}
    with scrip.unwritten():
        for what in ("burns", "holds", "transfers", "quotes", "adjustments"):
            sent = {"amount": amount} if what != "transfers" else body
            sent |= {"direction": "debit", "reason": "r"} if what == "adjustments" else {}
            answer = scrip.post(f"/v1/accounts/{account}/{what}", sent, key="k")
            refused(answer, 400, "invalid_request", errors=answer.body.get("errors"))
            assert answer.fields == ["amount"]


@pytest.fixture
def written(scrip: Deployment) -> Iterator[list[str]]:
    """The partitions of what is written to the tables, in order."""
    found: list[str] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        writes = [next(iter(one.values())) for one in params.get("TransactItems", [])]
        if model.name in ("PutItem", "UpdateItem", "DeleteItem"):
            writes = [params]
        found.extend((one.get("Item") or one["Key"])["pk"]["S"] for one in writes)

    events = runtime.tables().client.meta.events
    for operation in ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"):
        events.register(f"provide-client-params.dynamodb.{operation}", note)
    yield found
    for operation in ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"):
        events.unregister(f"provide-client-params.dynamodb.{operation}", note)


def test_whoever_orders_writes_orders_and_sessions_alone(buyer: Buyer, written: list[str]) -> None:
    """Ordered, again, and cancelled. What its role allows, all that any test does is held to (``tests.rights``)."""
    for provider in ("dodo", "stripe", "standard"):
        assert buyer.order(provider, provider=provider).status == 201
        buyer.order(provider, provider=provider)
        topup = buyer.topup["topup_id"]
        assert buyer.scrip.post(f"/v1/topups/{topup}/cancel", {}).status == 200
        buyer.scrip.get(f"/v1/topups/{topup}")
    assert {pk.partition("#")[0] for pk in written} == {"topup", "session", "topups", "accounts", "account"}


def test_whoever_keeps_the_catalogue_writes_the_catalogue_alone(
    scrip: Deployment, written: list[str]
) -> None:
    """Put, put again, and gone, of each kind."""
    scrip.make_tables()
    price = {"model": "per_unit", "credits": "1"}
    bodies: dict[str, dict[str, Any]] = {
        "/v1/units/threat": {"precision": 2},
        "/v1/packs/threat": {"credits": "10", "price": PRICE},
        "/v1/rates/threat": {"price": price},
        "/v1/promotions/THREAT": {"amount": "1", "max_redemptions": 1000},
    }
    for path, body in bodies.items():
        assert scrip.put(path, body).status == 201, path
        scrip.put(path, body)
    key = scrip.post("/v1/keys", {"scope": "read"})
    assert key.status == 201
    assert scrip.send("DELETE", f"/v1/keys/{key.body['key_id']}").status == 204
    written_of = {pk.partition("#")[0] for pk in written}
    assert written_of == {
        *("units", "unit", "packs", "pack", "rates", "rate", "promotions", "promo", "audit"),
        *("key", "keys", "used"),
    }
