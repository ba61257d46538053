"""What people do with Scrip, told from beginning to end, with every answer: kept in ``edge/data/answers.json``,
and the rows that the first leaves beside it.

``python -m tests.http.stories`` writes both anew; what that changes is to be read, line by line. A name that
chance makes (a payment's, an order's) is written as ``<topup 1>``, an instant of the real clock as ``<now>``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from local.standins import dodo as dodo_standin
from local.standins import stripe as stripe_standin
from scrip import runtime
from scrip.http.edge.parameters import format_instant
from scrip.store.tables import Tables
from tests.aws import (
    PROVIDER_KEY,
    WEBHOOK_SECRET,
    Buyer,
    Context,
    Deployment,
    InMemory,
    Key,
    deployed,
    function,
)
from tests.http.payments import refunds
from tests.http.search.streaming import index

Json = dict[str, Any]
FILE: Final = Path(__file__).parent / "edge" / "data" / "answers.json"
ANN: Final = Key("admin", more={"name": "Ann at her desk"})
ROWS: Final = FILE.with_name("rows.json")
BEGINNING: Final = datetime(2030, 1, 1, tzinfo=UTC)

_HASH: Final = re.compile(r'"[0-9a-f]{64}"')
_INSTANT: Final = re.compile(r"\b20(?!3)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_DAY: Final = re.compile(r"\b202\d-\d\d-\d\d\b")
_CHANCE: Final = re.compile(
    r"\b(k|msg|dsp|ref|rf|re|pi|cs|ch|in|sub|du|prf|acct|evt|pay|cks|pm|il|ii)([._])[A-Za-z0-9._-]{13,}\b"
)
_SALT: Final = re.compile(r"(?<=^\d{15})#[0-9a-f]{12}$")
_CURSOR: Final = re.compile(r'("next_cursor": )"[^"]+"')


@dataclass
class Story:
    """What was asked and answered so far.

    Attributes:
        hours: how late it is, since the beginning.
        names: what chance made, and how it is written.
        by_chance: ids of entries come of such names: they are written as numbers, in the order in which they appear.
    """

    scrip: Deployment
    dodo: dodo_standin.Provider
    stripe: stripe_standin.Provider
    hours: int = 0
    told: list[Json] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    by_chance: bool = False

    def tell(self, method: str, path: str, body: Any = None, **request: Any) -> Any:
        """Asks, an hour later than the last time. Returns the body of the answer. ``query`` and the like as usual."""
        self.hours += 1
        clocked = request.pop("clocked", True)
        request.setdefault("caller", ANN)
        if method == "POST":
            request.setdefault("key", f"key-{self.hours}")
        if clocked:
            request["clock"] = self.clock()
        answer = self.scrip.send(method, path, body=body, **request)
        asked = f"{method} {path}"
        query = "&".join(f"{name}={value}" for name, value in request.get("query", {}).items())
        self.told.append(
            {"asked": f"{asked}?{query}" if query else asked, "status": answer.status, "body": answer.body}
        )
        return answer.body

    def clock(self) -> str:
        """Returns what time it is."""
        return (BEGINNING + timedelta(hours=self.hours)).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def later(self, days: int) -> None:
        """Lets time pass."""
        self.hours += 24 * days

    def call(self, name: str, written: str) -> str:
        """Notes how a name of chance is written. Returns the name."""
        self.names[name] = f"<{written}>"
        return name

    def written(self) -> list[Json]:
        """Returns what was told, without what is another in every run."""
        text = json.dumps(self.told, ensure_ascii=False)
        for name in sorted(self.names, key=len, reverse=True):
            text = text.replace(name, self.names[name])
        text = _HASH.sub('"<hash>"', _CURSOR.sub(r'\1"<cursor>"', text))
        text = _DAY.sub("<today>", _INSTANT.sub("<now>", text))
        if self.by_chance:
            numbers: dict[str, str] = {}
            text = _CHANCE.sub(lambda one: numbers.setdefault(one[0], f"<{one[1]} {len(numbers) + 1}>"), text)
        found: list[Json] = json.loads(text)
        return found


def wallets(story: Story) -> None:
    """A wallet to which everything happens that may happen without a payment."""
    tell, a, b = story.tell, "/v1/accounts/ann", "/v1/accounts/bob"
    about = {"reference": {"type": "job", "id": "j-1"}, "reason": "why", "metadata": {"b": "2", "a": "1"}}
    usd = {"amount": 1000, "currency": "USD"}
    _catalogue(tell)
    tell("POST", f"{a}/grants", {"amount": "900", "kind": "paid", "cost_basis": usd, "priority": 3, **about})
    tell(
        "POST",
        f"{a}/grants",
        {"amount": "40", "scope": ["tiles", "pages"], "expires_in": "P1M", "end_of": "month"},
    )
    tell("POST", f"{a}/grants", {"amount": "5", "effective_at": "2030-03-01T00:00:00Z", "expires_in": "P10D"})
    tell("GET", f"{a}/explain")
    tell("POST", f"{a}/quotes", {"amount": "30"})
    tell("POST", f"{a}/quotes", {"meter": "tiles", "quantity": "7", "for": "hold"})
    tell("POST", f"{a}/burns", {"amount": "30", **about})
    tell("POST", f"{a}/burns", {"meter": "tiles", "quantity": "12.5"})
    tell(
        "POST",
        f"{a}/burns",
        {"meter": "pages", "quantity": 30, "dimensions": {"size": "a4", "colour": "yes"}},
    )
    items = [{"meter": "tiles", "quantity": 2}, {"meter": "calls", "quantity": 11}]
    burned = tell("POST", f"{a}/burns", {"items": items})["entry"]["entry_id"]
    tell("POST", f"{a}/burns/{burned}/reversal", {"amount": "1", **about})
    tell("POST", f"{a}/burns/{burned}/reversal", {})
    tell("POST", f"{a}/burns/{burned}/reversal", {})
    tell("POST", f"{a}/quotes", {"amount": "9999"})
    tell("GET", f"{a}/explain", query={"limit": "3"})
    tell(
        "POST",
        f"{a}/burns/batch",
        {"burns": [{"key": "one", "amount": "1"}, {"key": "two", "amount": "9999"}]},
        key=None,
    )
    _holds(tell, a, items)
    tell("GET", f"{a}/balance", query={"meter": "tiles"})
    tell(
        "POST",
        f"{a}/adjustments",
        {"direction": "credit", "amount": "2", "reason": "rounding", "priority": 9},
    )
    tell("POST", f"{a}/adjustments", {"direction": "debit", "amount": "3", "reason": "counted twice"})
    tell(
        "POST",
        f"{a}/refunds",
        {
            "source": {"type": "invoice", "id": "INV-7"},
            "value": {"amount": 100, "currency": "USD"},
            "paid": usd,
            "amount": "10",
            "expires_in": "P2Y",
        },
    )
    tell("POST", f"{a}/transfers", {"to_account": "bob", "amount": "35", **about})
    tell("GET", f"{b}/lots", query={"status": "all"})
    tell("GET", f"{b}/explain")
    tell("POST", f"{a}/lots/lot_1/expiry", {"expires_in": "P3Y", **about})
    tell("POST", f"{a}/lots/lot_1/void", {"amount": "1", "reason": "granted twice"})
    wrong = tell("POST", f"{a}/grants", {"amount": "8", "kind": "paid"})["lot"]["lot_id"]
    tell("POST", f"{a}/lots/{wrong}/void", {"as": "mistake"})
    tell("POST", f"{a}/redemptions", {"code": "HELLO", "identities": {"email": "Jo@Example.test"}})
    tell("POST", f"{a}/redemptions", {"code": "HELLO", "identities": {"email": "jo@example.test"}})
    tell("GET", "/v1/promotions/HELLO")
    accounts = [{"account": "ann"}, {"account": "bob", "amount": "7.5"}]
    tell(
        "POST",
        "/v1/compensations",
        {"incident": "outage-1", "amount": "5", "accounts": accounts, **about},
        key=None,
    )
    tell("GET", "/v1/compensations")
    tell(
        "POST",
        "/v1/compensations",
        {"incident": "outage-4", "amount": "5", "accounts": accounts[:1]},
        key=None,
    )
    tell("POST", "/v1/compensations", {"incident": "outage-4", "amount": "6", "accounts": accounts}, key=None)
    tell("GET", "/v1/compensations", query={"limit": "1"})
    tell(
        "POST", "/v1/extensions", {"incident": "outage-2", "by": "P3D", "accounts": ["ann", "bob"]}, key=None
    )
    early = {"incident": "outage-5", "by": "P1D", "accounts": ["ann"]}
    tell(
        "POST",
        "/v1/extensions",
        early,
        key=None,
        clocked=False,
        headers={"scrip-test-clock": "2030-01-01T00:00:00Z"},
    )
    tell(
        "POST",
        "/v1/extensions",
        {"incident": "outage-3", "by": "P3D", "all": True, "reason": "late"},
        key=None,
    )
    _allowances(story, a)
    tell("POST", f"{a}/freeze", about)
    tell("POST", f"{a}/burns", {"amount": "1"})
    tell("POST", f"{a}/unfreeze", {})
    _debts(tell, "/v1/accounts/cat")
    _profiles(tell, a)
    story.later(600)
    index("ann", "bob")
    _looked_at(tell, a, b)
    tell("POST", f"{b}/grants", {"amount": "10", "kind": "paid", "cost_basis": usd, "expires_in": "P1D"})
    late = tell("POST", f"{b}/burns", {"amount": "4"})["entry"]["entry_id"]
    story.later(3)
    tell("POST", f"{b}/burns/{late}/reversal", {})
    tell("POST", f"{b}/burns", {"amount": tell("GET", f"{b}/balance")["available"]})
    tell("POST", f"{b}/close", {"reason": "asked for"})
    story.scrip.set_status("ann", "frozen")
    tell("GET", f"{a}/explain", query={"limit": "1"})
    tell(
        "POST", "/v1/extensions", {"incident": "outage-9", "by": "P1D", "accounts": ["ann", "bob"]}, key=None
    )
    tell("POST", f"{b}/grants", {"amount": "1"})


def _profiles(tell: Callable[..., Any], a: str) -> None:
    whole = {"name": "Ann Example", "email": "Ann.Example@gmail.com", "country": "DE", "locale": "de-DE"}
    tell("PUT", f"{a}/profile", {**whole, "time_zone": "Europe/Berlin", "currency": "EUR"})
    tell("GET", f"{a}/profile")
    tell("PUT", f"{a}/profile", whole)
    tell("GET", "/v1/accounts", query={"email": "ann.example@gmail.com"})
    tell("DELETE", f"{a}/profile")
    tell("GET", f"{a}/profile")


def _catalogue(tell: Callable[..., Any]) -> None:
    policy = {
        "transferable": True,
        "low_balance": ["20"],
        "default_expires_in": "P1Y",
        "time_zone": "Europe/Berlin",
    }
    debt = {"overdraft_limit": "50", "up_to": "overdraft", "over_capture": "burn_extra", "scoped_first": True}
    tell("PUT", "/v1/units/credits", {"precision": 2, "name": "Credits", "policy": policy})
    tell("PUT", "/v1/units/debts", {"precision": 0, "policy": debt})
    tell("GET", "/v1/units/debts")
    tiers = [{"up_to": 10, "credits": "0.10"}, {"up_to": None, "credits": "0.05"}]
    each = [{"model": "per_unit", "credits": credits} for credits in ("0.10", "0.25", "0.05")]
    prices = {"a4/no": each[0], "a4/yes": each[1], "a5/no": each[2]}
    tell("PUT", "/v1/rates/tiles", {"price": {"model": "per_unit", "credits": "0.5"}, "minimum": "1"})
    tell("PUT", "/v1/rates/pages", {"price": {"model": "table", "by": ["size", "colour"], "prices": prices}})
    tell("PUT", "/v1/rates/calls", {"price": {"model": "graduated", "tiers": tiers}})
    package = {"model": "package", "size": 100, "credits": "2", "rounding": "half_up"}
    later = "2030-06-01T00:00:00Z"
    tell("PUT", "/v1/rates/calls", {"price": package, "effective_at": later})
    tell("GET", "/v1/rates/calls")
    tell(
        "PUT",
        "/v1/promotions/HELLO",
        {
            "amount": "50",
            "max_redemptions": 1000,
            "budget": "5000",
            "identities": ["email"],
            "expires_in": "P3M",
        },
    )
    ends = {"expires_in": "P1M", "end_of": "month", "time_zone": "Europe/Berlin"}
    season = {"starts_at": "2030-05-01T00:00:00Z", "ends_at": "2030-06-01T00:00:00Z"}
    tell("PUT", "/v1/promotions/SPRING", {"amount": "5", "kind": "compensation", **season, **ends})
    for path in ("promotions", "units", "rates"):
        tell("GET", f"/v1/{path}")
        tell("GET", f"/v1/{path}", query={"limit": "1"})
    tell(
        "PUT", "/v1/units/seats", {"precision": 0, "policy": {"default_expires_in": "P1M", "end_of": "month"}}
    )
    tell("PUT", "/v1/promotions/HELLO", {"amount": "50"})


def _holds(tell: Callable[..., Any], a: str, items: Any) -> None:
    one = tell("POST", f"{a}/holds", {"amount": "20", "expires_in": "PT90H"})["hold"]["hold_id"]
    tell("POST", f"{a}/holds/{one}/capture", {"amount": "5", "final": False, "reason": "a part"})
    tell("POST", f"{a}/holds/{one}/extend", {"expires_in": "PT100H"})
    tell("POST", f"{a}/quotes", {"for": "capture", "hold_id": one, "amount": "3", "final": True})
    two = tell(
        "POST",
        f"{a}/holds",
        {"meter": "tiles", "quantity": 6, "over_capture": "burn_extra", "expires_in": "PT20H"},
    )["hold"]["hold_id"]
    tell("POST", f"{a}/holds/{two}/capture", {"quantity": "8.5"})
    three = tell("POST", f"{a}/holds", {"items": items, "expires_in": "PT160H"})["hold"]["hold_id"]
    tell("POST", f"{a}/holds/{three}/capture", {"items": items[:1], "final": False})
    tell("GET", f"{a}/holds/{three}")
    four = tell("POST", f"{a}/holds", {"meter": "pages", "amount": "9", "expires_in": "P2D"})["hold"][
        "hold_id"
    ]
    counted = {"quantity": 4, "dimensions": {"size": "a4", "colour": "no"}, "final": False}
    tell("POST", f"{a}/holds/{four}/capture", counted)
    tell("POST", f"{a}/quotes", {**counted, "for": "capture", "hold_id": four})
    tell("GET", f"{a}/holds")
    tell("GET", f"{a}/holds", query={"limit": "1"})
    tell("POST", f"{a}/holds/{three}/release", {"reason": "the job was cancelled"})
    tell("POST", f"{a}/holds/{three}/release", {})
    tell("POST", f"{a}/holds", {"amount": "9999"})
    tell("GET", f"{a}/holds", query={"status": "captured"})


def _allowances(story: Story, a: str) -> None:
    tell = story.tell
    plan: Json = {"amount": "10", "every": "P1W", "time_zone": "Europe/Berlin"}
    rollover = {"fraction": "0.5", "max": "8", "max_of": "living", "max_times": 2, "expires_in": "P2W"}
    tell("PUT", f"{a}/allowances/daily", {"amount": "1", "every": "P1D", "ends_at": "2030-02-01T00:00:00Z"})
    tell("PUT", f"{a}/allowances/weekly", {**plan, "rollover": rollover, "priority": 7})
    tell("PUT", f"{a}/allowances/weekly", {**plan, "amount": "12", "rollover": rollover, "priority": 7})
    tell("GET", f"{a}/allowances/weekly")
    story.later(15)
    tell("GET", f"{a}/allowances")
    tell("GET", f"{a}/allowances", query={"limit": "1"})
    tell("GET", f"{a}/entries")
    tell("DELETE", f"{a}/allowances/weekly")


def _debts(tell: Callable[..., Any], c: str) -> None:
    """Burns that owe, and grants that repay."""
    unit = {"unit": "debts"}
    tell("POST", f"{c}/grants", {"amount": "10", **unit})
    tell("POST", f"{c}/burns", {"amount": "30", **unit})
    tell("POST", f"{c}/burns", {"amount": "70", "mode": "up_to", **unit})
    tell("POST", f"{c}/burns", {"amount": "70", **unit})
    tell("POST", f"{c}/grants", {"amount": "100", "kind": "compensation", **unit})
    tell("GET", f"{c}/entries", query=unit)


def _looked_at(tell: Callable[..., Any], a: str, b: str) -> None:
    """Everything that can be read of a wallet, long after it was written last."""
    tell("GET", f"{a}/balance")
    tell("GET", f"{a}/balance", query={"at": "2030-01-02T00:00:00Z"})
    tell("GET", f"{a}/lots", query={"status": "all"})
    tell("GET", f"{a}/lots", query={"limit": "1"})
    tell("GET", f"{a}/entries")
    tell("GET", f"{b}/entries")
    tell("GET", f"{a}/entries", query={"kind": "burn", "meter": "tiles"})
    tell("GET", f"{a}/entries", query={"reference": "job:j-1", "limit": "2"})
    tell("GET", f"{a}/explain")
    tell("GET", f"{b}/explain", query={"limit": "2"})
    tell("POST", f"{a}/grants", {"amount": "1", "unit": "debts"})
    tell("GET", f"{a}/wallets")
    tell("GET", f"{a}/wallets", query={"limit": "1"})
    tell("GET", "/v1/accounts", query={"prefix": "b"})
    tell("GET", "/v1/accounts", query={"limit": "1"})
    tell("GET", "/v1/search", query={"reference": "job:j-1"})
    tell("GET", "/v1/search", query={"reference": "job:j-1", "limit": "1"})
    tell("GET", "/v1/audit", query={"limit": "1"})
    tell("GET", "/v1/search", query={"key": "key-1", "account": "ann"})
    tell("GET", "/v1/audit")
    tell("GET", f"{a}/entries/k.nothing")


def keys(story: Story) -> None:
    """Keys, sessions, and what anybody may ask."""
    tell = story.tell

    def key(body: Json) -> Any:
        made = tell("POST", "/v1/keys", body)
        story.call(made["key_id"], f"key {len(story.names) // 2 + 1}")
        story.call(made["key"], f"secret {len(story.names) // 2 + 1}")
        return made

    one = key({"scopes": ["read", "top_up"], "account": "acme", "name": "The portal", "rate_limit": 40})
    function("authorizer").handler({"headers": {"authorization": f"Bearer {one['key']}"}}, Context())
    key({"scope": "admin", "expires_at": "2039-01-01T00:00:00Z"})
    tell("GET", "/v1/keys")
    tell("GET", "/v1/keys", query={"limit": "1"})
    new = tell("POST", f"/v1/keys/{one['key_id']}/rotation", {})
    story.call(new["key"], "another secret")
    tell("DELETE", f"/v1/keys/{one['key_id']}")
    tell("DELETE", f"/v1/keys/{one['key_id']}")
    session = {
        "account": "acme",
        "may": ["read", "top_up"],
        "return_url": "https://shop.example.test/",
        "expires_in": "PT20M",
    }
    made = tell("POST", "/v1/portal-sessions", session)
    for name in ("token", "key", "session_token", "url"):
        if name in made:
            story.call(str(made[name]), name)
    tell("GET", "/v1/health")
    tell("GET", "/v1/version", caller=None)
    tell("GET", "/v1/units/credits", caller=Key("burn"))


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


def rows() -> list[Json]:
    """Returns every row of the tables of wallets and of the ledger, as plain values, bytes in base 64."""
    client = runtime.tables().client
    return [
        {"table": table, **{name: _plain(value) for name, value in item.items()}}
        for table in ("wallets", "ledger")
        for item in sorted(
            client.scan(TableName=table)["Items"], key=lambda item: (_plain(item["pk"]), _plain(item["sk"]))
        )
    ]


def _plain(value: Any) -> Any:
    ((kind, content),) = value.items()
    if kind == "B":
        return f"B {base64.b64encode(bytes(content)).decode()}"
    if kind == "M":
        return {name: _plain(one) for name, one in content.items()}
    if kind == "L":
        return [_plain(one) for one in content]
    # Two changes in one millisecond are told apart by chance.
    return f"N {content}" if kind == "N" else _SALT.sub("#<chance>", content) if kind == "S" else content


STORIES: Final[list[Callable[[Story], None]]] = [wallets, keys, payments]


def told(
    scrip: Deployment,
    dodo: dodo_standin.Provider,
    stripe: stripe_standin.Provider,
    tale: Callable[[Story], None],
) -> list[Json]:
    """Tells a story to a deployment whose tables are empty. Returns what was asked and answered."""
    story = Story(scrip, dodo, stripe)
    tale(story)
    return story.written()


def main() -> None:
    """Writes what is answered now."""
    found = {}
    with ExitStack() as stack:
        dodo = dodo_standin.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
        stripe = stripe_standin.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
        stack.callback(dodo.stop)
        stack.callback(stripe.stop)
        scrip = stack.enter_context(deployed(dodo.url, stripe.url))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for tale in STORIES:
            tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
            patch.setattr(runtime, "tables", cache(lambda tables=tables: tables))
            scrip.cold()
            found[tale.__name__] = told(scrip, dodo, stripe, tale)
            if tale is wallets:
                ROWS.write_text(shown(rows()), encoding="utf-8")
    FILE.write_text(shown(found), encoding="utf-8")


def shown(found: Any) -> str:
    """Returns the file's text: an answer's member a line."""
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def kept() -> Iterable[tuple[str, list[Json]]]:
    """Returns each story's name, and what was answered."""
    known: dict[str, list[Json]] = json.loads(FILE.read_text(encoding="utf-8"))
    return known.items()


if __name__ == "__main__":
    main()
