"""Automatic top-ups while looks run into one another and die anywhere, and a provider answers late, twice or never.

A wallet of its own beside the big simulation. Whatever happens: nothing is charged that its document does not have in
flight, nor while another charge is open or its credits are to come; no order is paid twice; no period has more charges
than its cap; and what was paid is what was granted.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Unit
from scrip.domain.payments.auto_topup import AutoTopup
from scrip.domain.payments.delivery import Delivery
from scrip.domain.payments.facts import Paid
from scrip.domain.payments.pack import Pack
from scrip.providers.clients import Charge, Charged, ChargeOutcome, ProviderUnavailable
from scrip.services.audit.changes import Author
from scrip.services.catalogue import packs, units
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.payments import auto_charges, auto_topups, orders, posting
from scrip.services.payments.auto_charges import GRANTED, ChargeDesk
from scrip.services.payments.auto_topups import AutoTopupRequest, CapRequest, StoredAutoTopup
from scrip.services.verification import wallets
from scrip.services.wallets.burns import BurnCredits
from scrip.store import documents, keys
from scrip.store.tables import Tables
from simulation.clock import Clock, installed
from simulation.dynamodb import Dynamo, error
from simulation.hands import Died, Hands
from simulation.wire import CALLS, OPERATION, WRITES
from simulation.world import TABLES

ACCOUNT: Final = "ann"
CAP: Final = 3
FUNCTION_MS: Final = 180_000
STEPS: Final = 250
SEEDS: Final = range(12)


@dataclass
class Asked:
    """A charge as the provider has it, from ``listed`` on among its lists."""

    wanted: Charge
    id: str
    at: int
    outcome: ChargeOutcome
    window: tuple[int, int]
    listed: int


class World:
    """One wallet, its provider, and functions that look at it."""

    def __init__(self, seed: int) -> None:
        self.dice, self.clock, self.dynamo = random.Random(seed), Clock(), Dynamo(TABLES)
        self.key_ms = self.dice.choice((0, 20 * 3_600_000))
        self.asked: list[Asked] = []
        self.queue: list[Delivery] = []
        self.numbers, self.left, self.quiet = 0, STEPS, True
        self.started: dict[int, int] = {}
        self.own = self._executor(self.dynamo)
        client: Any = type("Client", (), {name: self._faulty(name) for name in CALLS})()
        self.executor = self._executor(client)
        self.hands = Hands(self._next, 5)

    def _executor(self, client: Any) -> Executor:
        tables = Tables(client, "wallets", "ledger")
        return Executor(tables, pause=lambda _: None, clock=self.clock.monotonic, now=self.clock.time)

    # What goes wrong

    def _faulty(self, name: str) -> Any:
        def call(_: Any, **request: Any) -> Any:
            self._may_wait()
            if self._happens(0.01):
                raise error("ThrottlingException", "by chance", OPERATION[name])
            answer = getattr(self.dynamo, name)(**request)
            if name in WRITES and self._happens(0.03):
                raise Died
            return answer

        return call

    def _happens(self, rate: float) -> bool:
        return not self.quiet and self.dice.random() < rate

    def _may_wait(self) -> None:
        """Others go on meanwhile; the function's time may run out, or its process end."""
        if self.quiet:
            return
        began = self.clock.now
        if self._happens(0.08):
            self.hands.wait(self.dice.randint(1, 6))
        if self.clock.now - began > FUNCTION_MS or self._happens(0.01):
            raise Died

    # The provider

    def charge(self, wanted: Charge) -> Charged:
        self._may_wait()
        if self._happens(0.15):
            raise ProviderUnavailable("the request was lost")
        again = [one for one in self.asked if self.key_ms and one.wanted.key == wanted.key]
        if not again:
            again = [self._arrived(wanted)]
            self.asked += again
        if self._happens(0.2):
            raise ProviderUnavailable("the answer was lost")
        self._may_wait()
        return self._said(again[0])

    def find_charge(self, wanted: Charge, payment_id: str | None) -> Charged | None:
        self._may_wait()
        name = wanted.topup_id, wanted.attempt
        for one in self.asked:
            if payment_id in (None, one.id) and (one.wanted.topup_id, one.wanted.attempt) == name:
                return self._said(one) if payment_id or self.clock.now >= one.listed else None
        return None

    def _arrived(self, wanted: Charge) -> Asked:
        """A charge that is new to the provider: it has to be the one in flight, and the only one."""
        attempt = auto_topups.load(self.own.tables, ACCOUNT, "points").body.attempt
        assert attempt, "charged, and its document does not say so"
        assert (attempt.topup_id, attempt.number) == (wanted.topup_id, wanted.attempt), (
            "not what is in flight"
        )
        for one in self.asked:
            assert one.outcome != "processing", "charged while another charge is open"
            order = orders.load(self.own.tables, one.wanted.topup_id)
            assert one.outcome != "paid" or (order and order.body.status in GRANTED), (
                "charged before the credits came"
            )
        known = auto_topups.load(self.own.tables, ACCOUNT, "points").body
        assert known.terms
        assert known.terms.cap
        outcome: Any = self.dice.choice(("paid", "paid", "paid", "processing", "processing", "declined"))
        window = known.terms.cap.window(attempt.begun_at)
        listed = self.clock.now + self.dice.choice((0, 60_000, 590_000))
        return Asked(wanted, f"pay_{len(self.asked)}", self.clock.now, outcome, window, listed)

    def _said(self, one: Asked) -> Charged:
        return Charged(one.outcome, one.id, self._delivery(one) if one.outcome == "paid" else None)

    def _delivery(self, one: Asked) -> Delivery:
        paid = Paid(one.wanted.amount, 0, "USD", one.at, topup_id=one.wanted.topup_id)
        return Delivery("stripe", "read", one.id, (paid,))

    # Steps

    def _next(self) -> Callable[[], None] | None:
        if self.left == 0:
            return None
        self.left -= 1
        self.clock.pass_(self.dice.choice((500, 500, 500, 5_000, 60_000, 400_000, 4_000_000)))
        what = self.dice.choices(
            (self.burn, self.look, self.apply, self.settle, self.put), (30, 40, 15, 10, 2)
        )[0]
        return lambda: self._step(what)

    def _step(self, what: Callable[[], Any]) -> None:
        try:
            what()
        except Refusal:
            return
        except Died:
            if self.hands.over:
                raise

    def burn(self) -> None:
        self.numbers += 1
        request = WalletRequest(ACCOUNT, "points", f"b{self.numbers}", "key:k1", Moment(self.clock.now))
        execute(self.executor, BurnCredits(amount=self.dice.choice(("2", "5", "9"))), request)

    def look(self) -> None:
        desk = ChargeDesk(
            executor=self.executor,
            provider=lambda _: self,  # type: ignore[arg-type,return-value] # as much of a client as is used
            pass_on=lambda delivery, _id, _at: self.queue.append(delivery),
            tell=lambda _: self._may_wait(),
            refused=lambda *_: None,
            unsold=lambda *_: None,
        )
        auto_charges.look(desk, ACCOUNT, "points", Moment(self.clock.now))

    def apply(self) -> None:
        if self.queue:
            one = self.dice.choice(self.queue)
            posting.apply(self.executor, one, f"d-{one.payment_id}", Moment(self.clock.now))
            if one in self.queue and self.dice.random() < 0.7:
                self.queue.remove(one)

    def settle(self) -> None:
        for one in self.asked:
            if one.outcome == "processing":
                one.outcome = self.dice.choice(("paid", "paid", "declined"))
                if one.outcome == "paid":
                    self.queue.append(self._delivery(one))

    def put(self) -> None:
        cap = CapRequest(every="P1D", anchor=None, time_zone="UTC", count=CAP, money=None)
        wanted = AutoTopupRequest("5", "p", "stripe", 1, None, cap, enabled=True)
        auto_topups.put(self.executor, ACCOUNT, "points", wanted, Author("walker", self.clock.now))

    # A run

    def run(self) -> None:
        """Runs all steps, then what is under way, and holds what is there against what was paid."""
        with installed(self.clock, lambda: self.dice):
            author = Author("walker", self.clock.now)
            units.put_unit(self.own, Unit("points", 0), Moment(self.clock.now), author)
            pack: Any = {
                "pack": "p",
                "unit": "points",
                "credits": "10",
                "price": Money(1000, "USD"),
                "prices": (),
            }
            more: Any = {"every": None, "bonus": (), "expires_in": None, "priority": 50, "terms": "None."}
            packs.put_pack(self.own, Pack(**pack, **more, tax_point="purchase", provider_refs={}), author)
            method = {"name": "pm_1", "customer": "cus_1", "at": 1, "topup_id": "top_0"}
            documents.put(self.own.tables, keys.payment_method(ACCOUNT, "stripe"), documents.NEW, method)
            self.put()
            self.quiet = False
            self.hands.run()
            self.quiet = True
            for _ in range(60):
                self.settle()
                while self.queue:
                    self.apply()
                self.clock.pass_(1_200_000)
                self._step(self.look)
            self._hold()

    def _hold(self) -> None:
        paid = [one for one in self.asked if one.outcome == "paid"]
        assert len({one.wanted.topup_id for one in paid}) == len(paid), "an order was paid twice"
        for one in paid:
            assert sum(other.window == one.window for other in paid) <= CAP, "more charges than the cap has"
        _, findings = wallets.verify(self.own, ACCOUNT, "points")
        assert findings == []
        rows = [
            one for part in self.dynamo.tables["ledger"].partitions.values() for one in part.items.values()
        ]
        granted = sum(row.get("kind", {}).get("S") == "grant" for row in rows)
        assert granted == len(paid), "what was paid is not what was granted"


def test_whatever_happens_nothing_is_charged_twice_nor_beyond_the_cap() -> None:
    outcomes = 0
    for seed in SEEDS:
        world = World(seed)
        world.run()
        outcomes += len(world.asked)
    assert outcomes > 5 * len(SEEDS)


def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look charges without having written first that it does."""
    kept = auto_topups.store

    def store(tables: Tables, known: StoredAutoTopup, body: AutoTopup, beside: Any = None) -> Any:
        return kept(tables, known, body, beside) or replace(known, body=body)

    monkeypatch.setattr(auto_topups, "store", store)


def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is lost is taken for a decline."""
    monkeypatch.setattr(AutoTopup, "unknown", lambda self, at, _payment: self.failed("declined", at))


def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not listed yet is sent again at once."""
    monkeypatch.setattr(auto_charges, "SETTLED_MS", 0)


def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap leaves room for one more."""
    fits = AutoTopup.fits

    def roomy(self: AutoTopup, price: Money, at: int) -> bool:
        assert self.terms
        assert self.terms.cap
        cap = replace(self.terms.cap, count=CAP + 1)
        return fits(replace(self, terms=replace(self.terms, cap=cap)), price, at)

    monkeypatch.setattr(AutoTopup, "fits", roomy)


@pytest.mark.parametrize(
    ("bug", "law"),
    [
        (blind, "document does not say so|not what is in flight|before the credits|another charge is open"),
        (forgetful, "before the credits came|another charge is open"),
        (hasty, "before the credits came|another charge is open|paid twice"),
        (generous, "more charges than the cap has"),
    ],
)
def test_a_bug_is_found_by_its_law(
    bug: Callable[[pytest.MonkeyPatch], None], law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug(monkeypatch)
    broken = (_broken(seed) for seed in range(60))
    assert re.search(law, next(one for one in broken if one))


def _broken(seed: int) -> str:
    """The law that a run breaks; empty: none."""
    try:
        World(seed).run()
    except AssertionError as error_:
        return str(error_)
    return ""
