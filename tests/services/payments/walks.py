"""Walks through what may become of payments: by chance, but the same in every run, and told step by step.

A world has a wallet, an order that is paid once and one of a subscription, at one provider whose account may be used by
others too. A step is something that the provider tells, in any order, with whatever may be wrong with it; or something
that a person or an app does. After each, every stored row counts.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Final, get_args

import pytest

from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Policy, Unit
from scrip.domain.payments.delivery import Delivery, Inquiry, Names, Parked
from scrip.domain.payments.facts import Dispute, Fact, OwnPart, Paid, PartOf, Refund, Unpaid
from scrip.domain.payments.order import OrderRequest
from scrip.domain.payments.pack import Pack
from scrip.domain.payments.payment import RefundAs, Resolution
from scrip.domain.payments.refund_request import RefundPayment
from scrip.http.payments.payments import payment_view
from scrip.http.payments.refunds import refund_quote_view
from scrip.providers.clients import ProviderRefused, ProviderUnavailable, Session, WantedRefund
from scrip.services.audit.changes import Author
from scrip.services.catalogue import packs, units
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import Caller, WalletRequest, execute
from scrip.services.payments import (
    listings,
    orders,
    posting,
    queries,
    refund_requests,
    refunds,
    resolutions,
    retries,
)
from scrip.services.payments.listings import OrderQuery, PaymentQuery
from scrip.services.payments.payment import load_payment
from scrip.services.verification import payments as verifying
from scrip.services.verification import wallets
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.credit_refunds import RefundAsCredit, Source
from scrip.store import audit
from scrip.store.tables import Tables
from simulation.clock import BEGIN, Clock, installed
from simulation.dynamodb import Dynamo
from simulation.world import TABLES

ACCOUNT: Final = "ann"
HOUR: Final = 3_600_000
PRICE: Final = 1000
TAX: Final = 190
PARTS: Final = ("r1", "r2", "d1", "d2")
PAYMENTS: Final = ("p1", "p2", "whole")
POLICIES: Final = (
    Policy(),
    Policy(order="stripe", refund_shortfall="write_off", overdraft_limit=200),
    Policy(refund_shortfall="other_lots", default_expires_in="P2D", expiry_boundary="inclusive"),
)
AUTHOR: Final = Author("walker", BEGIN)


class _Seconds:
    """``time``, for requests of refunds: a run takes none."""

    def __init__(self, clock: Clock) -> None:
        self.monotonic = clock.monotonic


class _Salts:
    """``secrets``, for the audit."""

    @staticmethod
    def token_hex(bytes_: int) -> str:
        return "5a" * bytes_


@dataclass
class World:
    """One wallet, its orders, and their provider."""

    dice: random.Random
    clock: Clock = field(default_factory=Clock)
    dynamo: Dynamo = field(default_factory=lambda: Dynamo(TABLES))
    told: int = 0
    orders: dict[str, Any] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.provider = self.dice.choice(("dodo", "stripe", "paddle", "standard"))
        shared = frozenset({self.provider} if self.dice.random() < 0.4 else ())
        self.executor = Executor(
            Tables(self.dynamo, "wallets", "ledger"),  # type: ignore[arg-type] # as much of a client as is used
            pause=lambda _: None,
            clock=self.clock.monotonic,
            shared=shared,
            now=self.clock.time,
        )
        units.put_unit(
            self.executor, Unit("points", 1, policy=self.dice.choice(POLICIES)), self.moment, AUTHOR
        )
        for name, every in (("once", None), ("monthly", "P1M")):
            packs.put_pack(self.executor, self._pack(name, every), AUTHOR)
            wanted = OrderRequest(ACCOUNT, name, 1, self.provider, "https://shop.example.test")
            caller = Caller(f"key-{name}", "key:k1", self.moment)
            session = Session(f"cs_{name}", "https://pay.example.test")
            self.orders[name], _ = orders.order(self.executor, wanted, caller, lambda *_, one=session: one)

    def _pack(self, name: str, every: str | None) -> Pack:
        return Pack(
            pack=name,
            unit="points",
            credits="10",
            price=Money(PRICE, "USD"),
            prices=(),
            every=every,
            bonus=(),
            expires_in="P3D" if name == "once" else None,
            priority=50,
            tax_point=self.dice.choice(("purchase", "redemption")),
            terms="None.",
            provider_refs={},
        )

    @property
    def moment(self) -> Moment:
        return Moment(self.clock.now)

    def step(self) -> str:
        """Does one thing. Returns what it was, and what came of it."""
        self.told += 1
        self.clock.pass_(self.dice.choice((1_000, 1_000, HOUR, 25 * HOUR)))
        first = self.told == 1 and self.dice.random() < 0.7
        what = _paid if first else self.dice.choices(_STEPS, _WEIGHTS)[0]
        said: dict[str, Any] = {}
        try:
            came = what(self, said)
        except Refusal as refusal:
            came = f"{type(refusal).__name__}: {refusal.detail}"
        return f"{what.__name__.strip('_')} {said}: {came}"

    def rows(self) -> str:
        """Returns a digest of every row but those of the unit and the packs, which no step changes, and their audit."""
        found = {
            f"{name} {item['pk']} {item['sk']}": item
            for name, table in self.dynamo.tables.items()
            for partition in table.partitions.values()
            for item in partition.items.values()
            if not item["pk"]["S"].startswith(("unit#", "pack#"))
            and (item["pk"]["S"] != "audit" or f"{BEGIN:015d}" not in item["sk"]["S"])
        }
        text = json.dumps(found, sort_keys=True, default=lambda one: bytes(one).hex())
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def shown(self) -> str:
        """Returns a digest of all that is shown of the payments and orders, and of what verification says of each."""
        executor = self.executor
        found: list[Any] = []
        for name in PAYMENTS:
            payment = load_payment(executor.tables, self.provider, name).payment
            if payment.heard_at is None:
                continue
            found.append(payment_view(queries.details(executor, payment)))
            checked = verifying.check_payment(executor.tables, self.provider, name)
            assert checked.discrepancy is None, f"law 9: {checked.discrepancy}"
            for kind in get_args(RefundAs):
                try:
                    quoted = queries.quote(executor, payment, kind, None, self.moment)
                    found.append(refund_quote_view(quoted))
                except Refusal as refusal:
                    found.append(refusal.detail)
        asked = OrderQuery(self.dice.choice((None, ACCOUNT)), None, 0, self.clock.now, self.clock.now)
        found.append([(place, asdict(one)) for place, one in listings.orders(executor, asked, 3, None).items])
        return _digest(found)

    # What the provider tells

    def tell(
        self, payment_id: str, facts: tuple[Fact, ...], parked: tuple[Parked, ...] = (), **more: Any
    ) -> str:
        self.heard |= {payment_id} & {*PAYMENTS}
        said_at = self.clock.now - self.dice.choice((0, 0, 60_000))
        delivery = Delivery(self.provider, "webhook", payment_id, facts, parked, said_at=said_at, **more)
        applied = posting.apply(
            self.executor, Delivery.from_dict(delivery.to_dict()), f"m{self.told}", self.moment
        )
        asked = f", asks {asdict(applied.inquiry)}" if applied.inquiry else ""
        return f"{applied.entries} entries, {applied.payment.status}{asked}, kept {applied.kept}"


def _digest(found: Any) -> str:
    text = json.dumps(found, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _which(world: World) -> str:
    """Mostly a payment that was told of."""
    if world.heard and world.dice.random() < 0.85:
        return world.dice.choice(sorted(world.heard))
    return world.dice.choice(("p1", "p1", "p1", "p2", "whole"))


def _paid(world: World, said: dict[str, Any]) -> str:
    dice = world.dice
    order = world.orders[dice.choice(("once", "once", "monthly"))]
    total, tax = dice.choice(
        ((PRICE + TAX, TAX),) * 12
        + ((PRICE, None), (PRICE, 0), (PRICE + TAX, None), (500, 0), (0, 0), (2 * PRICE, TAX))
    )
    session = dice.choice((order.session_id or "cs_own",) * 8 + (None, "cs_unknown"))
    monthly = order.every is not None and dice.random() < 0.9
    said |= {"payment": _which(world), "total": total, "tax": tax, "session": session, "order": order.pack}
    fact = Paid(
        total,
        tax,
        dice.choice(("USD",) * 12 + ("EUR",)),
        world.clock.now,
        total,
        "USD",
        session_id=session,
        topup_id=None if session and dice.random() < 0.7 else order.topup_id,
        subscription_id="sub_1" if monthly else None,
        origin="charge_type is on_demand" if monthly and dice.random() < 0.2 else None,
        said_at=world.clock.now if dice.random() < 0.3 else None,
    )
    own = dice.choice((None, None, None, "livemode true", "livemode false", ""))
    return world.tell(said["payment"], (fact,), own=own)


def _renewed(world: World, said: dict[str, Any]) -> str:
    said |= {"payment": _which(world), "total": world.dice.choice((PRICE + TAX, PRICE + TAX, 595, 0))}
    tax = TAX if said["total"] > PRICE else 0
    origin = world.dice.choice((None, None, None, "origin is subscription_update"))
    fact = Paid(said["total"], tax, "USD", world.clock.now, subscription_id="sub_1", origin=origin)
    return world.tell(said["payment"], (fact,))


def _unpaid(world: World, said: dict[str, Any]) -> str:
    dice = world.dice
    said |= {"payment": _which(world), "status": dice.choice(("processing", "failed", "expired"))}
    session = dice.choice(("cs_once", "cs_monthly", said["payment"], None))
    at = world.clock.now
    return world.tell(said["payment"], (Unpaid(said["status"], at, session, None, dice.choice((None, at))),))


def _refunded(world: World, said: dict[str, Any]) -> str:
    dice = world.dice
    said |= {
        "payment": _which(world),
        "id": dice.choice(("r1", "r2")),
        "status": dice.choice(("pending", "succeeded", "succeeded", "failed")),
        "amount": dice.choice((119, 595, 1190, None, 5000)),
        "currency": dice.choice((None, "USD", "USD", "CHF")),
        "full": dice.random() < 0.1,
        "tax": dice.choice((None, None, 19, 119)),
    }
    fact = Refund(
        said["id"],
        said["status"],
        said["amount"],
        said["currency"],
        world.clock.now,
        said["full"],
        None,
        said["tax"],
    )
    return world.tell(said["payment"], (fact,))


def _disputed(world: World, said: dict[str, Any]) -> str:
    dice = world.dice
    said |= {
        "payment": _which(world),
        "id": dice.choice(("d1", "d2")),
        "status": dice.choice(("open", "open", "lost", "won")),
        "rank": dice.choice((10, 13, 20, 23)),
        "amount": dice.choice((1190, 595, None)),
        "currency": dice.choice(("USD", "USD", "CHF")),
    }
    fact = Dispute(
        said["id"], said["status"], said["rank"], "1", said["amount"], said["currency"], world.clock.now
    )
    return world.tell(said["payment"], (fact,))


def _unread(world: World, said: dict[str, Any]) -> str:
    dice = world.dice
    about = dice.choice(("payment", "refund:r1", "dispute:d1"))
    named = dice.choice(
        (
            Names(),
            Names(session_id="cs_once"),
            Names(topup_id=world.orders["monthly"].topup_id),
            Names(charge_id="ch_1"),
        )
    )
    said |= {"payment": dice.choice((_which(world), None)), "about": about, "names": named.to_json()}
    return world.tell(said["payment"], (), (Parked(about, "amount is no number"),), names=named)


def _of_a_whole(world: World, said: dict[str, Any]) -> str:
    said["payment"] = world.dice.choice(("p1", "p2"))
    return world.tell(said["payment"], (PartOf("whole"),))


def _own_part(world: World, said: dict[str, Any]) -> str:
    said["total"] = world.dice.choice((PRICE + TAX, 300, None))
    part = OwnPart("p2", world.orders["once"].topup_id, said["total"], "USD" if said["total"] else None)
    return world.tell("whole", (part,))


# What people and apps do


def _resolved(world: World, said: dict[str, Any]) -> str:
    dice = world.dice
    action: Any = dice.choice(("accept", "accept", "state", "settle", "dismiss"))
    said |= {"payment": _which(world), "action": action}
    if action == "accept":
        said |= {
            "topup_id": world.orders[dice.choice(("once", "monthly"))].topup_id,
            "credits": dice.choice((None, "10", "2.5", "11", "0.05")),
        }
    elif action != "dismiss":
        part = dice.choice(PARTS)
        said["about"] = f"{'refund' if part.startswith('r') else 'dispute'}:{part}"
        if action == "state":
            said["amount"] = dice.choice((100, 595, 9999))
        else:
            said["status"] = dice.choice(("succeeded", "failed", "won", "lost"))
    told = {name: one for name, one in said.items() if name != "payment"}
    resolution = Resolution(**told, reason="looked at", actor="key:k1", at=world.clock.now, actor_name="Ann")
    stored = queries.get(world.executor.tables, world.provider, said["payment"])
    author = Author("key:k1", world.clock.now)
    applied = resolutions.resolve(world.executor, stored, resolution, world.moment, author)
    return f"{applied.entries} entries, {applied.payment.status}, waits for {list(applied.payment.parked)}"


def _asked_back(world: World, said: dict[str, Any]) -> str:
    """Somebody asks for a refund; the provider gives it, refuses, or does not answer."""
    dice = world.dice
    granted = [name for name in PAYMENTS if _lot(world, name)]
    said |= {
        "payment": dice.choice(granted) if granted and dice.random() < 0.9 else _which(world),
        "as": dice.choice(("money", "credit")),
        "amount": dice.choice((None, 119, 119, 595, 1191)),
        "force": False,
        "key": dice.choice(("k1", "k2")),
        "answer": dice.choice(("gives", "gives", "is pending", "refuses", "is silent", "has no API")),
    }

    said["force"] = said["as"] == "money" and dice.random() < 0.3

    def ask(wanted: WantedRefund) -> Delivery:
        if said["answer"] == "refuses":
            raise ProviderRefused(402, "the card is gone")
        if said["answer"] == "is silent":
            raise ProviderUnavailable("no connection")
        said["asked"] = asdict(wanted)
        status: Any = "pending" if said["answer"] == "is pending" else "succeeded"
        fact = Refund(
            f"re_{wanted.request_id[-4:]}",
            status,
            wanted.amount,
            wanted.currency,
            world.clock.now,
            False,
            wanted.request_id,
        )
        return Delivery(world.provider, "refund", wanted.payment_id, (fact,), said_at=world.clock.now)

    command = RefundPayment(said["as"], said["amount"], "asked for", said["force"])
    stored = queries.get(world.executor.tables, world.provider, said["payment"])
    caller = Caller(said["key"], "key:k1", world.moment, "Ann")
    asked = None if said["answer"] == "has no API" else ask
    done = refunds.refund(world.executor, stored, command, caller, asked)
    entry = done.entry.id if done.entry else None
    return f"{done.request_id}, {done.payment.status}, entry {entry}, replayed {done.replayed}"


def _lot(world: World, name: str) -> int:
    return load_payment(world.executor.tables, world.provider, name).payment.posted.lot


def _burned(world: World, said: dict[str, Any]) -> str:
    said["amount"] = world.dice.choice(("1", "4.5", "10"))
    request = WalletRequest(ACCOUNT, "points", f"burn-{world.told}", "key:k1", world.moment)
    return execute(world.executor, BurnCredits(amount=said["amount"]), request)[0].entry.id


def _credited(world: World, said: dict[str, Any]) -> str:
    """A refund as credit of something that was paid elsewhere, or by a name of a payment that nobody has told of."""
    said["source"] = world.dice.choice(("p1", "p2", "cs_once", "ch_1", "r1", "invoice-7"))
    source = Source(world.dice.choice(("payment", "invoice")), said["source"], Money(PRICE, "USD"))
    command = RefundAsCredit(source, Money(100, "USD"), "1")
    request = WalletRequest(ACCOUNT, "points", f"credit-{world.told}", "key:k1", world.moment)
    return execute(world.executor, command, request)[0].entry.id


def _cancelled(world: World, said: dict[str, Any]) -> str:
    said["order"] = world.dice.choice(("once", "monthly"))
    return orders.cancel(world.executor.tables, world.orders[said["order"]].topup_id).status


def _tried_again(world: World, said: dict[str, Any]) -> str:
    asked: list[Inquiry] = []

    def ask(inquiry: Inquiry) -> bool:
        asked.append(inquiry)
        return world.provider in ("dodo", "stripe")

    done = retries.sweep(world.executor, world.clock.now, lambda: True, ask, lambda *_: None)
    return f"{asdict(done)}, asked {[asdict(one) for one in asked]}"


def _listed(world: World, said: dict[str, Any]) -> str:
    dice = world.dice
    said |= {
        "account": dice.choice((None, ACCOUNT)),
        "topup_id": dice.choice((None, None, world.orders["once"].topup_id)),
        "status": dice.choice((None, "parked", "paid", "refunded", "disputed")),
    }
    query, of_those = PaymentQuery(**said), listings.parked if said["status"] == "parked" else listings.heard
    found = of_those(world.executor, query, dice.choice((1, 10)), None)
    return ", ".join(one.payment.name for _, one in found.items) + f" then {found.following}"


_STEPS: Final = (
    *(_paid, _renewed, _unpaid, _refunded, _disputed, _unread, _of_a_whole, _own_part),
    *(_resolved, _asked_back, _burned, _credited, _cancelled, _tried_again, _listed),
)
_WEIGHTS: Final = (7, 2, 1, 3, 3, 1, 1, 1, 4, 4, 2, 1, 1, 1, 1)


@contextmanager
def _alone(clock: Clock, dice: random.Random) -> Iterator[None]:
    with installed(clock, lambda: dice), pytest.MonkeyPatch.context() as patch:
        patch.setattr(refund_requests, "time", _Seconds(clock))
        patch.setattr(refund_requests, "machine_clock", clock.time)
        patch.setattr(audit, "secrets", _Salts)
        patch.setattr(audit, "_numbers", iter(range(1 << 30)))
        yield


@contextmanager
def walked(seed: int, steps: int) -> Iterator[World]:
    """Walks, and gives the world as it is then."""
    dice, clock = random.Random(seed), Clock()
    with _alone(clock, dice):
        world = World(dice, clock)
        for _ in range(steps):
            world.step()
        yield world


def walk(seed: int, steps: int) -> list[str]:
    """Walks. Returns each step: what was done and came of it, a digest of every row, and one of what is shown."""
    dice, clock = random.Random(seed), Clock()
    told: list[str] = []
    with _alone(clock, dice):
        world = World(dice, clock)
        told += (f"{world.step()} | {world.rows()} {world.shown()}" for _ in range(steps))
        _, findings = wallets.verify(world.executor, ACCOUNT, "points")
        assert findings == [], "laws 4 and 9: wallet, ledger and payments agree"
    return told
