"""A life with one of everything: what is asked of Scrip when a recording is made.

Owns the requests that build what is there, with payment providers at hand, and their order. What is asked of it later
is in ``afterwards``.
"""

from __future__ import annotations

import json
from typing import Any, Final

import httpx

from local.standins import dodo, stripe
from local.standins.dodo_shapes import event as dodo_event
from local.standins.stripe_shapes import event as stripe_event
from scrip import runtime
from tests.aws import Deployment, provider_event
from tests.store.afterwards import Json, Steps, day
from tests.store.catalogue import PUTS

NOTED: Final = {
    "reference": {"type": "job", "id": "job-1"},
    "reason": "asked for",
    "metadata": {"team": "blue"},
}
TAX: Final = 20000


class Life:
    """What is asked, and what was answered.

    Attributes:
        steps: every step that can be played again, in order.
        late: messages that a provider sent, and that are not applied yet.
    """

    def __init__(self, scrip: Deployment, play: Any) -> None:
        self.scrip, self._play, self._keys = scrip, play, 0
        self.steps: Steps = []
        self.late: list[Json] = []

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 201, **more: Any) -> Any:
        """Asks over HTTP, keeps the step and returns the answer's body."""
        step: Json = {"now": runtime.now(), "http": {"method": method, "path": path, **more}}
        if body is not None:
            step["http"]["body"] = body
        answer = self._play(self.scrip, step)
        assert answer["status"] == status, (step, answer)
        self.steps.append(step)
        return answer["body"]

    def put(self, path: str, body: Json, **more: Any) -> Any:
        return self.ask("PUT", path, body, **more)

    def post(self, path: str, body: Json, clock: str | None = None, **more: Any) -> Any:
        """Asks under a key of its own."""
        self._keys += 1
        if clock:
            more["clock"] = clock
        return self.ask("POST", path, body, key=f"key-{self._keys}", **more)

    def wallet(self, account: str, what: str, body: Json, clock: str | None = None, **more: Any) -> Any:
        return self.post(f"/v1/accounts/{account}/{what}", body, clock, **more)

    def told(self, body: Any, provider: str = "dodo", *, now: bool = True) -> None:
        """A provider sends a webhook; it is applied, or kept for later."""
        assert self.scrip.webhook(body, provider=provider).status == 200
        records = json.loads(json.dumps(self.scrip.queued(), default=str))
        if not now:
            self.late += records
            return
        step = {"now": runtime.now(), "queue": records}
        assert self._play(self.scrip, step) == []
        self.steps.append(step)


def first(life: Life, at_dodo: dodo.Provider, at_stripe: stripe.Provider) -> None:
    """Builds everything."""
    for path, body in PUTS:
        life.put(path, body)
    life.put(
        "/v1/units/images", {"precision": 0, "name": "Pictures", "policy": {"order": "lago"}}, status=200
    )
    life.put(
        "/v1/rates/calls",
        {"price": {"model": "per_unit", "credits": "2"}, "effective_at": day(20)},
        clock=day(1),
        status=200,
    )
    _buy(life, at_dodo, at_stripe)
    _spend(life)
    _hold(life)
    _correct(life)
    _repeat(life)
    _many(life)


def _spend(life: Life) -> None:
    """Grants of every kind, burns of every kind, batches, a transfer."""
    money = {"amount": 1000, "currency": "USD"}
    life.wallet("acme", "grants", {"amount": "100", **NOTED}, day(1))
    life.wallet(
        "acme", "grants", {"amount": "200", "kind": "paid", "cost_basis": money, "expires_in": "P1Y"}, day(1)
    )
    life.wallet("acme", "grants", {"amount": "50", "scope": ["calls"], "expires_at": day(10)}, day(1))
    life.wallet("acme", "grants", {"amount": "7.5", "kind": "compensation", "effective_at": day(5)}, day(1))
    life.wallet(
        "acme", "grants", {"amount": "9", "kind": "refund", "cost_basis": money, "priority": 3}, day(1)
    )
    life.wallet("acme", "burns", {"amount": "30", **NOTED}, day(2))
    life.wallet("acme", "burns", {"amount": "0.000001"}, day(2))
    life.wallet("acme", "burns", {"meter": "calls", "quantity": 3, "reference": NOTED["reference"]}, day(2))
    life.wallet("acme", "burns", {"meter": "tokens", "quantity": "1501"}, day(2))
    life.wallet("acme", "burns", {"meter": "storage", "quantity": 12}, day(2))
    life.wallet(
        "acme", "burns", {"meter": "tool", "quantity": 6, "dimensions": {"operation": "large"}}, day(2)
    )
    life.wallet("acme", "burns", {"amount": "100000", "mode": "up_to"}, day(11))
    life.wallet("acme", "burns", {"amount": "1"}, day(11), status=402)
    life.wallet("acme", "grants", {"amount": "500"}, day(12))
    batch = [
        {"key": "one", "amount": "4", **NOTED},
        {"key": "two", "amount": "4000"},
        {"key": "three", "meter": "calls", "quantity": 2},
        {"key": "four", "amount": "9000", "mode": "up_to"},
    ]
    life.ask("POST", "/v1/accounts/acme/burns/batch", {"burns": batch[:3]}, clock=day(12), status=200)
    life.ask("POST", "/v1/accounts/acme/burns/batch", {"burns": batch[:3]}, clock=day(12), status=200)
    life.ask("POST", "/v1/accounts/acme/quotes", {"meter": "calls", "quantity": 4}, clock=day(12), status=200)
    life.wallet("acme", "transfers", {"to_account": "acme-labs", "amount": "40.25", **NOTED}, day(13))
    life.wallet(
        "m", "grants", {"amount": "100", "unit": "mixed", "kind": "paid", "cost_basis": money}, day(1)
    )
    life.wallet("m", "grants", {"amount": "100", "unit": "mixed"}, day(1))
    life.wallet("m", "burns", {"amount": "30", "unit": "mixed"}, day(2))
    life.wallet("m", "burns", {"meter": "bytes", "quantity": 3, "unit": "mixed"}, day(2))
    life.wallet("m", "burns", {"meter": "bytes", "quantity": 5, "unit": "mixed"}, day(2))
    life.wallet("d", "grants", {"amount": "10", "unit": "debt"}, day(1))
    life.wallet("d", "burns", {"amount": "35.5", "unit": "debt"}, day(2))
    life.wallet("d", "grants", {"amount": "40", "unit": "debt"}, day(3))
    life.wallet("d", "burns", {"amount": "20", "unit": "debt"}, day(3))
    life.wallet("i", "grants", {"amount": "12", "unit": "images"}, day(1))
    life.wallet("i", "burns", {"amount": "5", "unit": "images"}, day(1))


def _hold(life: Life) -> None:
    """Holds that are captured, in parts, released, extended, left to their deadline, and still open."""
    life.wallet("h", "grants", {"amount": "60", "expires_at": day(3)}, day(1))
    life.wallet(
        "h",
        "grants",
        {"amount": "400", "kind": "paid", "cost_basis": {"amount": 999, "currency": "EUR"}},
        day(1),
    )
    made = [
        life.wallet("h", "holds", {"amount": amount, "expires_in": lives, **NOTED}, day(1))["hold"]["hold_id"]
        for amount, lives in (("20", "PT1H"), ("30", "P2D"), ("40", "P6D"), ("50", "P7D"), ("11", "PT2H"))
    ]
    life.wallet(
        "h",
        "holds",
        {"amount": "15", "expires_in": "P7D", "over_capture": "burn_extra", "meter": "calls"},
        day(1),
    )
    life.wallet("h", f"holds/{made[1]}/capture", {"amount": "12", "final": False}, day(1, 1))
    life.wallet("h", f"holds/{made[1]}/capture", {"amount": "5"}, day(2))
    life.wallet("h", f"holds/{made[2]}/release", {"reason": "cancelled"}, day(2))
    life.wallet("h", f"holds/{made[3]}/extend", {"expires_in": "P7D"}, day(4))
    life.wallet("h", f"holds/{made[3]}/capture", {"amount": "1", "final": False}, day(4))
    life.wallet("d", "holds", {"amount": "3", "unit": "debt"}, day(3), status=402)
    for account in ("h", "h2"):
        life.wallet(account, "grants", {"amount": "35", "expires_at": day(32)}, day(30))
        life.wallet(account, "holds", {"amount": "15", "expires_in": "P7D", **NOTED}, day(30))
        life.wallet(account, "holds", {"amount": "9.5", "expires_in": "P6D"}, day(30))


def _correct(life: Life) -> None:
    """Voids, reversals, adjustments, refunds as credit, compensations, freezing and closing."""
    life.wallet(
        "c",
        "grants",
        {"amount": "100", "kind": "paid", "cost_basis": {"amount": 1000, "currency": "USD"}},
        day(1),
    )
    life.wallet("c", "grants", {"amount": "20"}, day(1))
    life.wallet("c", "lots/lot_2/void", {"amount": "5", "reason": "granted by mistake"}, day(1))
    burned = [
        life.wallet("c", "burns", {"amount": amount}, day(2))["entry"]["entry_id"]
        for amount in ("30", "8", "2")
    ]
    life.wallet("c", f"burns/{burned[0]}/reversal", {"amount": "10", "reason": "failed in part"}, day(2))
    life.wallet("c", f"burns/{burned[0]}/reversal", {"amount": "5"}, day(2))
    life.wallet("c", f"burns/{burned[1]}/reversal", {}, day(2))
    life.wallet(
        "c",
        "adjustments",
        {"direction": "credit", "amount": "7", "reason": "wrong count", "expires_in": "P5D"},
        day(2),
    )
    life.wallet("c", "adjustments", {"direction": "debit", "amount": "1.5", "reason": "wrong count"}, day(2))
    refund = {"value": {"amount": 1250, "currency": "USD"}, "paid": {"amount": 2000, "currency": "USD"}}
    life.wallet("c", "refunds", {"source": {"type": "invoice", "id": "in_7"}, **refund}, day(2))
    life.wallet("c", "refunds", {"source": {"type": "invoice", "id": "in_7"}, **refund}, day(2), status=422)
    life.wallet("c", "freeze", {"reason": "looked at"}, day(3))
    life.wallet("c", "burns", {"amount": "1"}, day(3), status=409)
    life.wallet("c", "unfreeze", {"reason": "all well"}, day(3))
    accounts = [{"account": "acme-labs"}, {"account": "c", "amount": "12"}]
    outage = {"incident": "outage-1", "amount": "5", "expires_in": "P30D", "accounts": accounts}
    life.ask("POST", "/v1/compensations", outage, clock=day(14), status=200)
    life.wallet("frozen", "grants", {"amount": "5"}, day(1))
    life.wallet("frozen", "freeze", {"reason": "stolen"}, day(2))
    life.wallet("closed", "grants", {"amount": "5"}, day(1))
    life.wallet("closed", "lots/lot_1/void", {"reason": "bye"}, day(2))
    life.wallet("closed", "close", {"reason": "asked for"}, day(2))
    for account, mail in (("r1", "Ann.Lee+shop@gmail.com"), ("r2", "bo@example.test")):
        body = {"code": "WELCOME", "identities": {"email": mail}}
        life.wallet(account, "redemptions", body, day(1))
    life.wallet(
        "r3",
        "redemptions",
        {"code": "WELCOME", "identities": {"email": "annlee@googlemail.com"}},
        day(1),
        status=409,
    )
    life.wallet("r3", "redemptions", {"code": "OPEN"}, day(1))


def _repeat(life: Life) -> None:
    """Allowances with rollover, raised, paused, ended; and the sweep."""
    path = "/v1/accounts/plan/allowances"
    plan = {
        "amount": "100",
        "every": "P1M",
        "anchor": "2030-01-01T00:00:00.000Z",
        "time_zone": "Europe/Berlin",
        "rollover": {"fraction": "0.5", "max": "40"},
    }
    life.put(f"{path}/pro", plan, clock=day(1))
    life.put(f"{path}/pro", {**plan, "amount": "200"}, clock=day(10), status=200)
    life.put(f"{path}/week", {"amount": "10", "every": "P1W", "expires": "never"}, clock=day(10))
    life.put(f"{path}/gone", {"amount": "1", "every": "P1D", "expires": "P2D"}, clock=day(11))
    life.ask("DELETE", f"{path}/gone", clock=day(12), status=204)
    life.put(
        f"{path}/week",
        {"amount": "10", "every": "P1W", "expires": "never", "paused": True},
        clock=day(13),
        status=200,
    )
    life.wallet("plan", "burns", {"amount": "30"}, day(14))
    sweep = {"now": runtime.now(), "sweep": day(31)}
    life._play(life.scrip, sweep)
    life.steps.append(sweep)


def _many(life: Life) -> None:
    """A wallet whose lots fill pages and blocks."""
    accounts = [{"account": "many"}]
    for number in range(96):
        body = {
            "incident": f"drip-{number:02d}",
            "amount": f"{2 + number % 7}.{number:02d}",
            "accounts": accounts,
            "priority": 40 + number % 5,
            "expires_in": f"P{20 + number * 11 % 90}D",
        }
        life.ask("POST", "/v1/compensations", body, clock=day(1), status=200)
        if number % 16 == 15:
            life.wallet("many", "burns", {"amount": "21.5"}, day(1))
    life.wallet("many", "burns", {"amount": "20"}, day(25))


def _order(life: Life, account: str, pack: str, provider: str, **more: Any) -> Json:
    body = {
        "account": account,
        "pack": pack,
        "provider": provider,
        "accept_terms": True,
        "return_url": "https://shop.example.test/done",
        **more,
    }
    made: Json = life.post("/v1/topups", body)
    return made


def _buy(life: Life, at_dodo: dodo.Provider, at_stripe: stripe.Provider) -> None:
    """Orders that are paid, refunded, disputed, parked and resolved, at three providers."""
    _order(life, "b0", "plain", "dodo")

    def paid(account: str, pack: str = "plain", **more: Any) -> tuple[str, str]:
        session = _order(life, account, pack, "dodo", **more)["checkout_session_id"]
        payment_id = at_dodo.pay(session, {"webhook": False, "tax": TAX})["payment_id"]
        life.told(provider_event("payment.succeeded", at_dodo.payment(payment_id)))
        return session, f"/v1/payments/dodo/{payment_id}"

    def refunded(session: str, amount: int, *, now: bool = True) -> None:
        at_dodo.refund(session, {"webhook": False, "amount": amount, "status": "succeeded"})
        life.told(provider_event("refund.succeeded", at_dodo.checkout(session).refunds[-1]), now=now)

    def disputed(session: str, status: str, *, now: bool = True) -> None:
        at_dodo.dispute(session, {"status": status, "webhook": False})
        made = at_dodo.checkout(session).payments[-1].disputes[-1]
        life.told(dodo_event(f"dispute.{status}", "Dispute", made), now=now)

    paid("b1", quantity=2)
    session, _ = paid("b2")
    life.wallet("b2", "burns", {"amount": "8000"})
    refunded(session, 36000)
    session, _ = paid("b3")
    for status in ("opened", "won"):
        disputed(session, status)
    session, _ = paid("b4")
    for status in ("opened", "lost", "won"):
        disputed(session, status)
    session, _ = paid("b9")
    for status in ("opened", "lost"):
        disputed(session, status)
    session, _ = paid("b10", "mixed")
    life.wallet("b10", "burns", {"amount": "800", "unit": "mixed"})
    refunded(session, 7000)
    session, _ = paid("b5")
    disputed(session, "opened")
    disputed(session, "won", now=False)
    session, path = paid("b6")
    life.wallet("b6", "burns", {"amount": "3000"})
    life.ask("GET", f"{path}/refund-quote", query={"as": "money"}, status=200)
    for number, status in enumerate(("succeeded", "failed", "succeeded")):
        body = {"as": "money", "amount": 12000 * (number + 1), "reason": "asked for"}
        life.post(f"{path}/refunds", body)
        made = at_dodo.checkout(session).refunds[-1]
        _come_to_an_end(at_dodo, made["refund_id"], status)
        life.told(
            dodo_event(f"refund.{status}", "Refund", at_dodo.checkout(session).refunds[-1]), now=number < 2
        )
    _, path = paid("b7")
    life.post(f"{path}/refunds", {"as": "credit", "amount": 24000, "reason": "kept", "expires_in": "P1Y"})
    at_dodo.product("pdt_month", {"price": 5000, "currency": "USD", "interval": "Month", "count": 1})
    session, _ = paid("b8", "monthly")
    at_dodo.renew(session, {"webhook": False})
    life.told(provider_event("payment.succeeded", at_dodo.checkout(session).payments[-1].now()))
    stranger = {**at_dodo.payment(path.rpartition("/")[2]), "payment_id": "pay_stranger", "metadata": {}}
    life.told(provider_event("payment.succeeded", stranger))
    waiting = {**stranger, "payment_id": "pay_waiting"}
    life.told(provider_event("payment.succeeded", waiting))
    path = "/v1/payments/dodo/pay_stranger/resolutions"
    life.ask("POST", path, {"action": "dismiss", "reason": "paid by mistake"}, status=200)
    _buy_elsewhere(life, at_stripe)


def _come_to_an_end(at_dodo: dodo.Provider, refund_id: str, status: str) -> None:
    """Has a refund succeed or fail, by the stand-in's route: its method's name is another in other commits."""
    url = f"{at_dodo.url}/refunds/{refund_id}/settle"
    assert httpx.post(url, json={"status": status, "webhook": False}).is_success


def _buy_elsewhere(life: Life, at_stripe: stripe.Provider) -> None:
    session = _order(life, "s1", "plain", "stripe")["checkout_session_id"]
    at_stripe.pay(session, {"tax": TAX, "webhook": False})
    checkout = at_stripe.checkout(session)
    for type_, data in (
        ("payment_intent.succeeded", checkout.payments[0].intent),
        ("checkout.session.completed", checkout.session),
    ):
        life.told(stripe_event(type_, json.loads(json.dumps(data))), "stripe")
    order = _order(life, "g1", "plain", "standard")
    paid = {
        "payment_id": "pm_1",
        "topup_id": order["topup_id"],
        "amount": 120000,
        "tax": TAX,
        "currency": "USD",
    }
    body = {"type": "payment.succeeded", "timestamp": "2026-11-23T10:00:00.000Z", "data": paid}
    life.told(body, "standard")
