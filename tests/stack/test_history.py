"""Hundreds of random operations of every kind over HTTP, with the test clock: the laws after every step, and at the end
what the operator's command says of every wallet. The same life in every run."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from tests.stack.conftest import App

STEPS = int(os.environ.get("SCRIP_HISTORY_STEPS", "1000"))
"""They take a minute and a half; `make simulate` does many more, with faults, without HTTP."""
UNIT = "life"
POLICY = {"transferable": True, "overdraft_limit": "20", "over_capture": "burn_extra"}
FIXED = ("granted", "priority", "effective_at", "expires_at", "cost_basis", "scope", "kind")
"""What of a lot never changes (law 10)."""


@dataclass
class Sent:
    """A request that was answered 201, and its answer, for a replay."""

    path: str
    body: Any
    key: str
    clock: str
    answer: Any


@dataclass
class World:
    """Accounts of one unit, and a clock that runs through a hundred days to come: the schedule's own sweep, which has
    this machine's clock, finds them ahead of it and leaves them."""

    app: App
    dice: random.Random
    prefix: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=1))
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    sent: dict[str, list[Sent]] = field(default_factory=dict)
    holds: dict[str, list[str]] = field(default_factory=dict)
    burns: dict[str, list[str]] = field(default_factory=dict)
    lots: dict[str, dict[str, Any]] = field(default_factory=dict)
    number: int = 0
    unit: str = UNIT

    @property
    def accounts(self) -> list[str]:
        return [f"{self.prefix}-{name}" for name in ("a", "b", "c", "d")]

    @property
    def clock(self) -> str:
        return self.at(self.now)

    @staticmethod
    def at(moment: datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

    def step(self) -> None:
        account = self.dice.choice(self.accounts)
        if self.dice.random() < 0.4:
            self.now += timedelta(milliseconds=self.dice.choice((1, 60_000, 8 * 3_600_000, 17 * 3_600_000)))
        acts: dict[Callable[[str], None], float] = {
            self.grant: 4,
            self.burn: 6,
            self.batch: 1,
            self.hold: 3,
            self.settle_hold: 4,
            self.reverse: 1.5,
            self.void: 1,
            self.transfer: 1.5,
            self.refund: 0.5,
            self.adjust: 0.7,
            self.redeem: 0.7,
            self.allow: 0.7,
            self.compensate: 0.5,
            self.set_status: 0.4,
            self.replay: 1.5,
        }
        (act,) = self.dice.choices(list(acts), list(acts.values()))
        act(account)
        self.check(account)

    # What may happen

    def post(self, account: str, path: str, body: Any, **more: Any) -> Any:
        """The answer's document, or None where it was refused."""
        self.number += 1
        key, whole = f"{self.prefix}-{self.number}", {"unit": self.unit, **body}
        answer = self.app.post(f"/v1/accounts/{account}/{path}", whole, key=key, scrip_test_clock=self.clock)
        document = answer.json()
        kind = path.rpartition("/")[2]
        if answer.status_code != 201:
            assert answer.status_code in (402, 409, 422), answer.text
            self.refused[document["code"]] += 1
            return None
        self.done[kind] += 1
        self.sent.setdefault(account, []).append(Sent(path, whole, key, self.clock, document))
        entry, lot = document["entry"], document.get("lot")
        assert Decimal(entry["balance_before"]) + Decimal(entry["amount"]) == Decimal(entry["balance_after"])
        if lot and lot["lot_id"] == entry.get("lot_id") and lot["lot_id"].endswith(f"_{entry['seq']}"):
            self.lots.setdefault(account, {})[lot["lot_id"]] = lot
        return document

    def amount(self) -> str:
        return str(
            self.dice.choice((1, 3, self.dice.randint(1, 30), Decimal(self.dice.randint(1, 2000)) / 100))
        )

    def later(self) -> str:
        return self.at(self.now + timedelta(milliseconds=self.dice.randint(1, 12 * 24 * 3_600_000)))

    def grant(self, account: str) -> None:
        body: dict[str, Any] = {"amount": self.amount(), "kind": self.dice.choice(("paid", "promotional"))}
        if body["kind"] == "paid":
            body["cost_basis"] = {"amount": self.dice.randint(0, 3000), "currency": "USD"}
        if self.dice.random() < 0.5:
            body["expires_at"] = self.later()
        elif self.dice.random() < 0.2:
            body["effective_at"] = self.later()
        if self.dice.random() < 0.2:
            body["scope"] = ["gpu"]
        body["priority"] = self.dice.choice((50, 50, 10))
        self.post(account, "grants", body)

    def spending(self) -> dict[str, Any]:
        if self.dice.random() < 0.3:
            return {"meter": f"{self.prefix}-gpu", "quantity": self.dice.randint(1, 300)}
        return {"amount": self.amount()}

    def burn(self, account: str) -> None:
        made = self.post(
            account, "burns", {**self.spending(), "mode": self.dice.choice(("exact", "exact", "up_to"))}
        )
        if made:
            self.burns.setdefault(account, []).append(made["entry"]["entry_id"])

    def batch(self, account: str) -> None:
        self.number += 1
        burns = [
            {"key": f"{self.number}-{n}", "unit": self.unit, **self.spending()}
            for n in range(self.dice.randint(1, 8))
        ]
        answer = self.app.post(
            f"/v1/accounts/{account}/burns/batch", {"burns": burns}, scrip_test_clock=self.clock
        )
        assert answer.status_code == 200, answer.text
        self.done["batch"] += 1

    def hold(self, account: str) -> None:
        body = {"amount": self.amount(), "expires_in": self.dice.choice(("PT15M", "PT12H", "P3D"))}
        made = self.post(account, "holds", body)
        if made:
            self.holds.setdefault(account, []).append(made["hold"]["hold_id"])

    def settle_hold(self, account: str) -> None:
        if not self.holds.get(account):
            return
        hold = f"holds/{self.dice.choice(self.holds[account][-2:])}"
        act = self.dice.choice(("capture", "capture", "release", "extend", "extend"))
        body: dict[str, Any] = {"extend": {"expires_in": "P1D"}, "release": {}}.get(act, {})
        if act == "capture" and self.dice.random() < 0.7:
            body = {"amount": self.amount(), "final": self.dice.random() < 0.5}
        made = self.post(account, f"{hold}/{act}", body)
        if made and act == "capture":
            self.burns.setdefault(account, []).append(made["entry"]["entry_id"])

    def reverse(self, account: str) -> None:
        if self.burns.get(account):
            burn = self.dice.choice(self.burns[account][-5:])
            self.post(account, f"burns/{burn}/reversal", self.dice.choice(({}, {"amount": self.amount()})))

    def void(self, account: str) -> None:
        if self.lots.get(account):
            lot = self.dice.choice(list(self.lots[account])[-5:])
            self.post(account, f"lots/{lot}/void", self.dice.choice(({}, {"amount": self.amount()})))

    def transfer(self, account: str) -> None:
        to = self.dice.choice([other for other in self.accounts if other != account])
        self.post(account, "transfers", {"to_account": to, "amount": self.amount()})

    def refund(self, account: str) -> None:
        source = {"type": "invoice", "id": f"{self.prefix}-{self.dice.randint(1, 3)}"}
        value, paid = ({"amount": amount, "currency": "EUR"} for amount in (self.dice.randint(1, 900), 2000))
        self.post(account, "refunds", {"source": source, "value": value, "paid": paid})

    def adjust(self, account: str) -> None:
        direction = self.dice.choice(("credit", "debit"))
        body = {"direction": direction, "amount": self.amount(), "reason": "counted again"}
        self.post(account, "adjustments", body)

    def redeem(self, account: str) -> None:
        identities = {"email": f"{self.dice.choice('xyz')}+{self.number}@example.com"}
        self.post(account, "redemptions", {"code": f"{self.prefix}-promo", "identities": identities})

    def allow(self, account: str) -> None:
        path = f"/v1/accounts/{account}/allowances/{self.dice.choice(('day', 'week'))}"
        rollover = self.dice.choice((None, {"fraction": "0.5", "max": "3"}))
        body = {
            "unit": self.unit,
            "amount": self.amount(),
            "every": "P1D" if path.endswith("day") else "P1W",
            "time_zone": "Europe/Berlin",
            "rollover": rollover,
            "paused": self.dice.random() < 0.2,
        }
        headers = {"scrip-test-clock": self.clock}
        if self.dice.random() < 0.2:
            answer = self.app.client.delete(path, params={"unit": self.unit}, headers=headers)
            assert answer.status_code in (204, 404), answer.text
        else:
            answer = self.app.client.put(path, json=body, headers=headers)
            assert answer.status_code in (200, 201), answer.text
        self.done["allowance"] += 1

    def compensate(self, account: str) -> None:
        incident = f"{self.prefix}-{self.dice.randint(1, 6)}"
        accounts = [{"account": one} for one in self.accounts]
        body = {"incident": incident, "unit": self.unit, "amount": "2", "accounts": accounts}
        answer = self.app.post("/v1/compensations", body, scrip_test_clock=self.clock)
        assert answer.status_code == 200, answer.text
        assert answer.json()["left"] == 0
        self.done["compensation"] += 1

    def set_status(self, account: str) -> None:
        self.post(account, "freeze", {})
        self.burn(account)
        self.post(account, "unfreeze", {})

    def replay(self, account: str) -> None:
        """Law 3: the same request under the same key has the same answer, whatever has happened since."""
        if not self.sent.get(account):
            return
        one = self.dice.choice(self.sent[account])
        path = f"/v1/accounts/{account}/{one.path}"
        again = self.app.post(path, one.body, key=one.key, scrip_test_clock=self.clock)
        assert again.status_code == 201
        assert again.headers["idempotent-replay"] == "true"
        assert again.json() == one.answer
        self.done["replay"] += 1

    # What must hold

    def get(self, account: str, what: str, **query: Any) -> Any:
        answer = self.app.client.get(
            f"/v1/accounts/{account}/{what}",
            params={"unit": self.unit, **query},
            headers={"scrip-test-clock": self.clock},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def check(self, account: str) -> None:
        balance = self.get(account, "balance")
        amounts = {
            name: Decimal(balance[name]) for name in ("available", "held", "frozen", "pending", "owed")
        }
        assert min(amounts.values()) >= 0, "law 2"
        assert Decimal(balance["total"]) == sum(amounts.values()) - 2 * amounts["owed"], "law 1"
        if self.number % 3:
            return
        lots = self.get(account, "lots", limit=1000)["items"]
        open_ = [lot for lot in lots if lot["status"] == "open"]
        spendable = sum(Decimal(lot["remaining"]) - Decimal(lot["frozen"]) for lot in open_)
        assert spendable == amounts["available"], "law 1"
        late = [lot for lot in open_ if lot["expires_at"] and lot["expires_at"] <= self.clock]
        assert all(lot["remaining"] == "0" for lot in late), "law 5"

    def ends(self) -> None:
        self.app.sweep(time=self.clock)
        for account in self.accounts:
            explained = self.get(account, "explain")
            assert explained["proof"]["findings"] == []
            assert explained["balance"]["total"] == self.get(account, "balance")["total"]
            assert self.app.verify(account, self.unit)["findings"] == []
            listed = {
                lot["lot_id"]: lot for lot in self.get(account, "lots", status="all", limit=1000)["items"]
            }
            for lot_id, lot in self.lots.get(account, {}).items():
                assert {name: listed[lot_id][name] for name in FIXED} == {
                    name: lot[name] for name in FIXED
                }, "law 10"


def put(app: App, path: str, body: Any) -> httpx.Response:
    answer = app.client.put(path, json=body)
    assert answer.is_success, answer.text
    return answer


def test_a_thousand_operations_of_every_kind_keep_the_laws_over_http(stack: App, account: str) -> None:
    """Laws 1 to 8 and 10; law 9 has tests of its own, for payments come when they come."""
    put(stack, f"/v1/units/{UNIT}", {"precision": 2, "policy": POLICY})
    put(stack, f"/v1/rates/{account}-gpu", {"unit": UNIT, "price": {"model": "per_unit", "credits": "0.013"}})
    promotion = {"unit": UNIT, "amount": "5", "max_redemptions": 3, "identities": ["email"]}
    put(stack, f"/v1/promotions/{account}-promo", promotion)
    world = World(stack, random.Random("http"), account)
    for _ in range(STEPS):
        world.step()
    world.ends()
    assert world.done.keys() >= {
        *(
            "grants",
            "burns",
            "batch",
            "holds",
            "capture",
            "release",
            "extend",
            "reversal",
            "void",
            "transfers",
        ),
        *(
            "refunds",
            "adjustments",
            "redemptions",
            "allowance",
            "compensation",
            "freeze",
            "unfreeze",
            "replay",
        ),
    }
    assert world.refused.keys() >= {"insufficient_credits", "hold_not_open", "wallet_frozen"}
