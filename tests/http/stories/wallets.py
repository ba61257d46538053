"""A wallet to which everything happens, and what is asked about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.http.search.streaming import index
from tests.http.stories.story import Json, Story


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
    tell("POST", "/v1/accounts/dan/grants", {"amount": "5", "expires_in": "P2D"})
    tell("POST", "/v1/accounts/dan/grants", {"amount": "5", "kind": "paid", "cost_basis": usd})
    tell(
        "POST",
        "/v1/accounts/dan/adjustments",
        {"direction": "debit", "amount": "7", "reason": "of both kinds"},
    )
    tell("POST", f"{a}/freeze", about)
    tell("POST", f"{a}/burns", {"amount": "1"})
    tell("POST", f"{a}/unfreeze", {})
    _debts(tell, "/v1/accounts/cat")
    _used(tell, "/v1/accounts/uma")
    _profiles(tell, a)
    _alerts(tell, a)
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
    _budgets(story, "/v1/accounts/fay")
    tell(
        "POST", "/v1/extensions", {"incident": "outage-9", "by": "P1D", "accounts": ["ann", "bob"]}, key=None
    )
    tell("POST", f"{b}/grants", {"amount": "1"})
    _billed(tell, "/v1/accounts/cat")


def _profiles(tell: Callable[..., Any], a: str) -> None:
    whole = {"name": "Ann Example", "email": "Ann.Example@gmail.com", "country": "DE", "locale": "de-DE"}
    tell("PUT", f"{a}/profile", {**whole, "time_zone": "Europe/Berlin", "currency": "EUR"})
    tell("GET", f"{a}/profile")
    tell("PUT", f"{a}/profile", whole)
    tell("GET", "/v1/accounts", query={"email": "ann.example@gmail.com"})
    tell("DELETE", f"{a}/profile")
    tell("GET", f"{a}/profile")


def _alerts(tell: Callable[..., Any], a: str) -> None:
    whole = {"low_balance": ["5", "12.5%"], "run_out_days": [3], "expiry_notices": ["P7D"]}
    tell("PUT", f"{a}/alerts", {**whole, "expiry_requires_notice": True})
    tell("GET", f"{a}/alerts")
    tell("PUT", f"{a}/alerts", {"low_balance": []})
    tell("DELETE", f"{a}/alerts")
    tell("GET", f"{a}/alerts")


def _catalogue(tell: Callable[..., Any]) -> None:
    policy = {
        "transferable": True,
        "low_balance": ["20", "10%"],
        "run_out_days": [7, 1],
        "expiry_notices": ["P30D", "P1D"],
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


def _records(tell: Callable[..., Any], a: str) -> None:
    """A page and a lease, each with a record of every fate, and each again."""
    records = [
        ["1.5", "r-1"],
        ["tiles", "2", "r-2"],
        ["pages", 1, "r-3", {"size": "a4", "colour": "yes"}],
        None,
        ["900000000", "r-4"],
    ]
    for first, gap in ((2, "refuse"), (2, "skip"), (2, "refuse"), (0, "refuse")):
        sent = {"stream": "worker", "first": first, "records": records, "gap": gap}
        sent |= {"member": "ann", "tags": {"team": "search"}}
        told = tell("POST", f"{a}/burns/pages", sent)
    page = told["entry"]["entry_id"]
    tell("GET", f"{a}/entries/{page}/records", query={"limit": "2"})
    tell("POST", f"{a}/burns/{page}/reversal", {"amount": "1"})
    tell("POST", f"{a}/burns/{page}/reversal", {"offset": 2, "amount": "0.5"})
    for offset in ("0", "2", "99"):
        tell("GET", f"{a}/burns", query={"stream": "worker", "offset": offset})
    tell("GET", f"{a}/entries/{page}/records")
    placed = {"amount": "6", "lease": True, "expires_in": "P2D", "member": "bob", "tags": {"team": "mail"}}
    lease = tell("POST", f"{a}/holds", placed)["hold"]["hold_id"]
    settled = {"records": [["2", "s-1"], None, ["7", "s-2"]], "renew": "5", "expires_in": "PT40H"}
    for first in (1, 0, 0, 3):
        tell("POST", f"{a}/holds/{lease}/settle", {"first": first, **settled})
    tell("POST", f"{a}/holds/{lease}/settle", {"renew": "900000000"})
    tell("POST", f"{a}/holds/{lease}/capture", {"amount": "1"})
    tell("GET", f"{a}/holds/{lease}")
    tell("POST", f"{a}/holds/{lease}/release", {})
    tell("POST", f"{a}/holds/{lease}/settle", {"first": 4, **settled})


def _holds(tell: Callable[..., Any], a: str, items: Any) -> None:
    one = tell("POST", f"{a}/holds", {"amount": "20", "expires_in": "PT90H"})["hold"]["hold_id"]
    tell("POST", f"{a}/holds/{one}/capture", {"amount": "5", "final": False, "reason": "a part"})
    tell("POST", f"{a}/holds/{one}/extend", {"expires_in": "PT100H"})
    tell("POST", f"{a}/quotes", {"for": "capture", "hold_id": one, "amount": "3", "final": True})
    tell("POST", f"{a}/quotes", {"for": "capture", "hold_id": one})
    two = tell(
        "POST",
        f"{a}/holds",
        {"meter": "tiles", "quantity": 6, "over_capture": "burn_extra", "expires_in": "PT20H"},
    )["hold"]["hold_id"]
    tell("POST", f"{a}/holds/{two}/capture", {"quantity": "8.5"})
    three = tell("POST", f"{a}/holds", {"items": items, "expires_in": "PT160H"})["hold"]["hold_id"]
    tell("POST", f"{a}/holds/{three}/capture", {"items": items[:1], "final": False})
    for hold in (one, three):
        tell("POST", f"{a}/holds/{hold}/capture", {"quantity": 1, "final": False})
    tell("GET", f"{a}/holds/{three}")
    four = tell("POST", f"{a}/holds", {"meter": "pages", "amount": "9", "expires_in": "P2D"})["hold"][
        "hold_id"
    ]
    counted = {"quantity": 4, "dimensions": {"size": "a4", "colour": "no"}, "final": False}
    tell("POST", f"{a}/holds/{four}/capture", counted)
    tell("POST", f"{a}/quotes", {**counted, "for": "capture", "hold_id": four})
    _records(tell, a)
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


def _budgets(story: Story, f: str) -> None:
    """Budgets, and what is spent of them in each way that counts."""
    tell = story.tell
    each = {"limit": "20", "every": "P1D", "time_zone": "America/Santiago", "member": "*"}
    tell("POST", f"{f}/grants", {"amount": "1000"})
    tell("PUT", f"{f}/budgets/each", {**each, "warn_at": ["50%", "80%"]})
    tell("PUT", f"{f}/budgets/month", {"limit": "100", "every": "P1M", "anchor": "2030-01-31T00:00:00Z"})
    tell("PUT", f"{f}/budgets/month", {"limit": "50", "every": "P1M"})
    tell("PUT", f"{f}/budgets/tiles", {"limit": "9", "every": "P1W", "meter": "tiles", "action": "notify"})
    burned = tell("POST", f"{f}/burns", {"amount": "16", "member": "ann"})["entry"]["entry_id"]
    tell("POST", f"{f}/burns", {"amount": "5", "member": "ann"})
    tell("POST", f"{f}/burns", {"amount": "5", "member": "ann", "mode": "up_to"})
    tell("POST", f"{f}/quotes", {"amount": "5", "member": "ann"})
    held = tell("POST", f"{f}/holds", {"amount": "12", "member": "bob", "expires_in": "PT1H"})["hold"][
        "hold_id"
    ]
    tell("POST", f"{f}/holds", {"amount": "12", "member": "bob"})
    tell("POST", f"{f}/holds/{held}/capture", {"amount": "8"})
    tell("POST", f"{f}/burns/{burned}/reversal", {"amount": "3"})
    page = {"stream": "worker", "member": "bob", "records": [["9", "r-1"], ["20", "r-2"], ["3", "r-3"]]}
    tell("POST", f"{f}/burns/pages", page, key=None)
    tell("GET", f"{f}/budgets/each", query={"member": "bob"})
    tell("GET", f"{f}/budgets")
    tell("GET", f"{f}/budgets", query={"limit": "1", "member": "ann"})
    tell("GET", f"{f}/budgets", headers={"accept": "text/csv"})
    story.later(1)
    tell("GET", f"{f}/budgets", query={"member": "ann"})
    tell("DELETE", f"{f}/budgets/month")
    tell("DELETE", f"{f}/budgets/month")
    tell("GET", f"{f}/entries")
    tell("GET", "/v1/audit", query={"target": "budget:fay/credits/month"})


def _debts(tell: Callable[..., Any], c: str) -> None:
    """Burns that owe, and grants that repay."""
    unit = {"unit": "debts"}
    tell("POST", f"{c}/grants", {"amount": "10", **unit})
    tell("POST", f"{c}/burns", {"amount": "30", **unit})
    tell("POST", f"{c}/burns", {"amount": "70", "mode": "up_to", **unit})
    tell("POST", f"{c}/burns", {"amount": "70", **unit})
    tell("POST", f"{c}/grants", {"amount": "100", "kind": "compensation", **unit})
    tell("GET", f"{c}/entries", query=unit)
    tell("POST", f"{c}/grants", {"amount": "5", "scope": ["tiles"], "priority": 70, **unit})
    tell("GET", f"{c}/explain", query=unit)


def _billed(tell: Callable[..., Any], a: str) -> None:
    """An invoice that free and paid credits pay in parts, in whole dollars of a credit each, and its void."""
    policy = {"value": {"amount": 100, "currency": "USD"}}
    tell("PUT", "/v1/units/dollars", {"precision": 1, "policy": policy})
    wallet = {"account": a.rpartition("/")[2], "unit": "dollars"}
    tell("POST", f"{a}/grants", {"amount": "15", "kind": "promotional", "unit": "dollars"})
    paid = {"kind": "paid", "cost_basis": {"amount": 3333, "currency": "EUR"}}
    tell("POST", f"{a}/grants", {"amount": "40", "unit": "dollars", **paid})
    seats = {"line_id": "seats", "description": "2 seats", "amount": 2000, "tax": 380}
    lines = [seats, {"line_id": "storage", "amount": 995, "tax": 189}]
    said = {**wallet, "currency": "USD", "tax": "after", "lines": lines}
    tell("POST", "/v1/invoices/INV-8/applications", {**said, "max": "20", "reason": "February"})
    tell("POST", "/v1/invoices/INV-8/applications", said)
    tell("POST", "/v1/invoices/INV-8/applications", said)
    tell("POST", "/v1/invoices/INV-8/applications", {**said, "tax": "before"})
    tell("POST", "/v1/invoices/INV-9/applications", {**said, "currency": "EUR"})
    found = tell("GET", "/v1/invoices/INV-8")
    burned = found["applications"][0]["entry_id"]
    tell("POST", f"{a}/burns/{burned}/reversal", {})
    tell("POST", "/v1/invoices/INV-8/void", {"metadata": {"by": "7"}})
    tell("POST", "/v1/invoices/INV-8/void", {})
    tell("POST", "/v1/invoices/INV-9/void", {})
    tell("GET", "/v1/invoices/INV-8")
    tell("GET", f"{a}/entries", query={"unit": "dollars"})
    tell("GET", f"{a}/explain", query={"unit": "dollars"})


def _used(tell: Callable[..., Any], u: str) -> None:
    """What was used of credits of two currencies, by several people, and what is to be expected of the rest."""
    for currency, days in (("USD", 20), ("EUR", 30)):
        cost = {"amount": 1000, "currency": currency}
        tell(
            "POST",
            f"{u}/grants",
            {"amount": "50", "kind": "paid", "cost_basis": cost, "expires_in": f"P{days}D"},
        )
    tell("POST", f"{u}/burns", {"amount": "60", "member": "ann", "tags": {"team": "a"}})
    last = tell("POST", f"{u}/burns", {"meter": "tiles", "quantity": "4", "member": "bob"})["entry"][
        "entry_id"
    ]
    for query in ({}, {"by": "member"}, {"by": "meter", "every": "PT1H"}, {"by": "tag:team", "limit": "1"}):
        tell("GET", f"{u}/usage", query=query)
    tell("POST", f"{u}/burns/{last}/reversal", {})
    tell("GET", f"{u}/usage", query={"by": "member", "time_zone": "Asia/Tokyo"})
    tell("GET", f"{u}/usage", query={"time_zone": "Asia/Kolkata"})
    tell("GET", f"{u}/forecast")


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
    for by in ("meter", "member", "tag:team", "dimension:model"):
        tell("GET", f"{a}/usage", query={"by": by})
        tell("GET", f"{b}/usage", query={"by": by})
    tell("GET", f"{a}/usage", query={"every": "PT1H", "limit": "3"})
    tell("GET", f"{a}/forecast")
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
    csv = {"accept": "text/csv"}
    for path in (
        f"{a}/lots",
        f"{a}/entries",
        f"{a}/holds",
        f"{a}/allowances",
        f"{a}/wallets",
        "/v1/accounts",
    ):
        tell("GET", path, headers=dict(csv))
    for path in ("units", "rates", "promotions", "compensations", "packs", "topups", "payments"):
        tell("GET", f"/v1/{path}", headers=dict(csv))
