"""Packs, orders, payments and refunds, at two providers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from scrip import runtime
from scrip.http.edge.parameters import format_instant
from tests.aws import Buyer
from tests.http.payments import refunds
from tests.http.stories.story import Json, Story

SMALL: Final[Json] = {
    "credits": "100",
    "price": {"amount": 45, "currency": "USD"},
    "bonus": [{"from_quantity": 2, "credits": "7"}],
    "recurring": {"every": "P1M"},
    "expires_in": "P1M",
    "end_of": "month",
    "provider_refs": {"stripe": "price_2", "paddle": "pro_1", "standard": "small"},
}
PACK: Final[Json] = {
    "credits": "1000",
    "price": {"amount": 100000, "currency": "USD"},
    "prices": [{"amount": 90000, "currency": "EUR"}],
    "bonus": [{"from_quantity": 5, "percent": "10"}],
    "tax_point": "redemption",
    "terms": "Credits are used up within a year.",
    "expires_in": "P1Y",
    "provider_refs": {"dodo": "pdt_1", "stripe": "price_1"},
}


def payments(story: Story) -> None:
    """A pack, orders of it, and what becomes of their payments."""

    def tell(*asked: Any, **request: Any) -> Any:
        return story.tell(*asked, clocked=False, **request)

    scrip, dodo, story.by_chance = story.scrip, story.dodo, True
    scrip.put(
        "/v1/units/credits", {"precision": 2, "policy": {"refund_shortfall": "owe", "overdraft_limit": "10"}}
    )
    buyer = Buyer(scrip, dodo, "large", **PACK)
    tell("PUT", "/v1/packs/large", {**PACK, "unit": "credits", "order_expires_in": "P3D"})
    tell("GET", "/v1/packs/large")
    tell("PUT", "/v1/packs/small", SMALL)
    tell("GET", "/v1/packs")
    tell("GET", "/v1/packs", query={"limit": "1"})
    terms = tell(
        "GET", "/v1/packs/large/terms", query={"quantity": "5", "currency": "EUR", "provider": "dodo"}
    )
    story.call(terms["terms_version"], "terms of 5")
    first = _ordered(story, tell, quantity=1)
    buyer.topup = first
    scrip.deliver(buyer.pays(tax=20000))
    paid = refunds.Paid(buyer, "")
    paid.payment_id = story.call(
        str(dodo.checkout(first["checkout_session_id"]).payments[0].data["payment_id"]), "payment 1"
    )
    paid.path = f"/v1/payments/dodo/{paid.payment_id}"
    tell("GET", f"/v1/topups/{first['topup_id']}")
    scrip.burn("large", "100")
    tell("GET", f"{paid.path}/refund-quote", query={"as": "money"})
    tell("GET", f"{paid.path}/refund-quote", query={"as": "credit", "amount": "12000"})
    tell(
        "POST",
        f"{paid.path}/refunds",
        {"as": "credit", "amount": 12000, "reason": "half liked"},
        caller=refunds.GRANT,
    )
    asked = tell("POST", f"{paid.path}/refunds", {"as": "money", "amount": 24000, "reason": "asked for"})
    scrip.deliver(paid.settled())
    tell("GET", f"/v1/accounts/large/entries/{asked['entry']['entry_id']}")
    scrip.deliver(paid.disputed("opened", amount=12000))
    tell("GET", paid.path)
    tell("GET", "/v1/accounts/large/lots", query={"status": "all"})
    scrip.deliver(paid.disputed("lost", amount=12000))
    tell("GET", paid.path)
    tell("GET", "/v1/accounts/large/entries")
    tell("GET", "/v1/accounts/large/explain")
    tell("GET", "/v1/accounts/large/balance")
    second = _ordered(story, tell, quantity=5, key="order-2")
    tell("POST", f"/v1/topups/{second['topup_id']}/cancel", {})
    tell("POST", f"/v1/topups/{second['topup_id']}/cancel", {})
    _parked(story, tell, buyer)
    for path in ("topups", "payments"):
        tell("GET", f"/v1/{path}", query={"account": "large"})
        tell("GET", f"/v1/{path}", query={"account": "large", "limit": "1"})
    tell("GET", "/v1/search", query={"payment": f"dodo:{paid.payment_id}"})
    tell("GET", "/v1/search", query={"topup": first["topup_id"]})
    tell("GET", "/v1/audit")
    _decided(story, tell)
    _subscribed(story, tell)
    _dunned(story, tell)
    dodo.checkout(first["checkout_session_id"]).payments[0].data["total_amount"] = 110_000
    for hours in (1, 2):  # what the first run feeds, the second judges
        scrip.reconcile(format_instant(runtime.now() + hours * 3_600_000))
        scrip.apply(scrip.queued())
    tell("GET", "/v1/reports/reconciliation", query={"provider": "dodo"})


def _ordered(story: Story, tell: Callable[..., Any], key: str = "order-1", **more: Any) -> Any:
    wanted = {
        "account": "large",
        "pack": "large",
        "provider": "dodo",
        "return_url": "https://shop.example.test/done",
        "accept_terms": True,
        **more,
    }
    made = tell("POST", "/v1/topups", wanted, key=key)
    number = sum(name.startswith("<topup") for name in story.names.values()) + 1
    story.call(made["topup_id"], f"topup {number}")
    story.call(made["checkout_session_id"], f"session {number}")
    story.call(made["checkout_url"], f"checkout {number}")
    return made


def _parked(story: Story, tell: Callable[..., Any], buyer: Buyer) -> None:
    """A payment of no order, which somebody accepts for one."""
    third = _ordered(story, tell, key="order-3")
    buyer.topup = third
    event = buyer.pays(tax=0)
    event["data"] |= {"payment_id": "pay_lonely", "checkout_session_id": "cks_lonely"}
    heard = story.scrip.webhook(event)
    story.told.append({"asked": "POST /v1/webhooks/dodo", "status": heard.status, "body": heard.body})
    story.scrip.apply(story.scrip.queued())
    tell("GET", "/v1/payments/dodo/pay_lonely")
    tell("GET", "/v1/payments", query={"status": "parked"})
    tell("GET", f"/v1/topups/{third['topup_id']}")
    more = {"action": "accept", "topup_id": third["topup_id"], "credits": "1001", "reason": "too many"}
    tell("POST", "/v1/payments/dodo/pay_lonely/resolutions", more)
    precise = {"action": "accept", "topup_id": third["topup_id"], "credits": "1.001", "reason": "too precise"}
    tell("POST", "/v1/payments/dodo/pay_lonely/resolutions", precise)
    tell(
        "POST",
        "/v1/payments/dodo/pay_lonely/resolutions",
        {
            "action": "accept",
            "topup_id": third["topup_id"],
            "credits": "900",
            "reason": "the buyer's receipt",
        },
    )
    tell("GET", "/v1/payments/dodo/pay_lonely")


def _decided(story: Story, tell: Callable[..., Any]) -> None:
    """A refund in another currency, and a dispute with two ends: somebody says what they were."""
    scrip = story.scrip
    buyer = Buyer(scrip, story.dodo, "wide")
    payment = refunds.paid(buyer)
    story.call(buyer.topup["topup_id"], "topup of wide")
    story.call(payment.payment_id, "payment of wide")
    story.call(buyer.session, "session of wide")
    refund = buyer.gets_back(36000)
    refund["data"]["currency"] = "CHF"
    scrip.deliver(refund)
    about, path = f"refund:{refund['data']['refund_id']}", f"{payment.path}/resolutions"
    tell("POST", path, {"action": "state", "about": about, "amount": 36000, "reason": "the bank's letter"})
    won, lost = (payment.disputed(end, amount=12000) for end in ("won", "lost"))
    scrip.deliver(won, lost)
    about = f"dispute:{won['data']['dispute_id']}"
    tell("POST", path, {"action": "settle", "about": about, "status": "lost", "reason": "they said so"})
    tell("POST", path, {"action": "dismiss", "reason": "nothing is open"})
    tell("GET", "/v1/accounts/wide/entries")
    tell("GET", "/v1/accounts/wide/explain")
    owing = tell("GET", "/v1/accounts/wide/balance")
    scrip.burn("wide", owing["available"])
    scrip.deliver(buyer.gets_back(60000))
    tell("GET", "/v1/accounts/wide/balance")
    tell("GET", "/v1/accounts/wide/entries")
    tell("POST", "/v1/accounts/wide/grants", {"amount": "5", "kind": "paid"}, key="unpaid")


def _subscribed(story: Story, tell: Callable[..., Any]) -> None:
    """Credits each month, from Stripe: paid, and paid less than ordered."""
    scrip, stripe = story.scrip, story.stripe
    wanted = {
        "account": "sub",
        "pack": "small",
        "provider": "stripe",
        "return_url": "https://shop.example.test/done",
        "accept_terms": True,
    }
    made = tell("POST", "/v1/topups", wanted, key="order-of-sub")
    for name in ("topup_id", "checkout_session_id", "checkout_url"):
        story.call(str(made[name]), f"{name} of sub")
    before = len(stripe.said)
    stripe.pay(made["checkout_session_id"], {"webhook": False})
    scrip.deliver(*stripe.said[before:], provider="stripe")
    tell("GET", f"/v1/topups/{made['topup_id']}")
    tell("GET", "/v1/accounts/sub/entries")
    before = len(stripe.said)
    stripe.renew(made["checkout_session_id"], {"webhook": False})
    scrip.deliver(*stripe.said[before:], provider="stripe")
    tell("GET", "/v1/payments", query={"topup": made["topup_id"]})
    for item in tell("GET", "/v1/payments", query={"account": "sub"})["items"]:
        tell("GET", f"/v1/payments/stripe/{item['payment_id']}")


def _dunned(story: Story, tell: Callable[..., Any]) -> None:
    """Two subscriptions at Stripe, of which the renewals fail: prompted for, with grace; one is cancelled."""
    scrip, stripe = story.scrip, story.stripe
    grace = {"amount": "5", "expires_in": "P7D"}
    tell("PUT", "/v1/dunning", {"prompts": ["PT0S", "P3D"], "grace": grace})
    tell("GET", "/v1/dunning")
    tell("PUT", "/v1/packs/monthly", {**SMALL, "rollover": {"fraction": "0.5", "max": "20"}})
    wanted = {"account": "dun", "pack": "monthly", "accept_terms": True}
    wanted |= {"return_url": "https://shop.example.test/done"}
    made = tell("POST", "/v1/topups", {**wanted, "provider": "standard"}, key="plan-1")
    story.call(made["topup_id"], "topup_id of plan 1")
    for word, name in (("succeeded", "p1"), ("failed", "p2")):
        at = format_instant(runtime.now())
        data = {"payment_id": name, "topup_id": made["topup_id"], "subscription_id": "s1", "created_at": at}
        paid = {"amount": 45, "tax": 0, "currency": "USD"} if word == "succeeded" else {}
        event = {"type": f"payment.{word}", "timestamp": at, "data": {**data, **paid}}
        scrip.deliver(event, provider="standard")
    made = tell("POST", "/v1/topups", {**wanted, "provider": "stripe"}, key="plan-2")
    for name in ("topup_id", "checkout_session_id", "checkout_url"):
        story.call(str(made[name]), f"{name} of plan 2")
    for what, options in ((stripe.pay, {}), (stripe.renew, {"status": "failed"})):
        before = len(stripe.said)
        what(made["checkout_session_id"], {"webhook": False, **options})
        scrip.deliver(*stripe.said[before:], provider="stripe")
    tell("GET", f"/v1/topups/{made['topup_id']}")
    scrip.dun(format_instant(runtime.now() + 60_000))
    for number, run in enumerate(scrip.get("/v1/accounts/dun/dunning").body["items"], start=1):
        story.call(run["dunning_id"], f"run {number}")
        for prompt in run["prompts"]:
            story.call(prompt["topup_id"], f"topup of run {number}")
            story.call(prompt["checkout_url"] or "no page", f"checkout of run {number}")
    tell("GET", "/v1/accounts/dun/dunning")
    tell("GET", "/v1/accounts/dun/subscriptions", query={"limit": "1"})
    listed = tell("GET", "/v1/accounts/dun/subscriptions")
    path = f"/v1/accounts/dun/subscriptions/stripe/{listed['items'][1]['subscription_id']}"
    tell("POST", f"{path}/cancel", {})
    tell("POST", f"{path}/resume", {})
    tell("GET", "/v1/accounts/dun/dunning", query={"limit": "1"})
