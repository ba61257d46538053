"""Walks through what may become of wallets that top up by themselves, of dunning, subscriptions and reconciliation.

By chance, but the same in every run, and told step by step: what came of it, what was asked of providers and told to
others. After each, every stored row counts. A step is a caller's, a schedule's, a buyer's or a provider's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any, Final

import pytest

from scrip.domain.credits.errors import Refusal
from scrip.domain.credits.lots import Money
from scrip.domain.credits.steps import format_amount
from scrip.domain.payments.delivery import Delivery, Names, Parked
from scrip.domain.payments.dunning import Grace, Schedule
from scrip.domain.payments.facts import Dispute, Fact, Paid, PartOf, Refund, Unpaid
from scrip.domain.payments.order import Order, OrderRequest
from scrip.domain.payments.payment import Resolution
from scrip.domain.payments.payment_method import PaymentMethod
from scrip.domain.payments.subscription import Standing, State
from scrip.http.payments.subscriptions import subscription_view
from scrip.http.payments.topups import terms_view
from scrip.providers.clients import ProviderError
from scrip.services.engine.requests import Caller, WalletRequest, execute
from scrip.services.payments import (
    auto_charges,
    auto_topups,
    charges,
    deliveries,
    dunning,
    lookups,
    orders,
    prompts,
    queries,
    resolutions,
    retries,
    subscriptions,
)
from scrip.services.payments.auto_topups import AutoTopupRequest, CapRequest
from scrip.services.payments.payment import load_payment
from scrip.services.payments.reconciliation import Run
from scrip.services.wallets import balances
from scrip.services.wallets.burns import BurnCredits
from scrip.services.wallets.credit_refunds import RefundAsCredit, Source
from scrip.services.wallets.status import SetStatus
from scrip.store import audit
from simulation.clock import Clock, OneByOne, installed
from tests.services.payments.charge_worlds import (
    DAY,
    HOUR,
    PRICE,
    PROVIDERS,
    THEMES,
    WALLETS,
    Act,
    ChargedWorld,
    Json,
    detail,
)

PASSING: Final = (1_000, 1_000, 60_000, 5 * 60_000, HOUR, 6 * HOUR, DAY, DAY, 3 * DAY, 8 * DAY)
SCHEDULES: Final = (
    Schedule(("PT0S", "P1D", "P3D"), Grace("2", "P30D")),
    Schedule(("PT1H",), None),
    Schedule((), Grace("0.55", "P1D")),
    Schedule(("PT0S", "PT6H", "P1D", "P3D"), Grace("1", "P2D")),
)
CAPS: Final = (
    None,
    None,
    CapRequest(count=1),
    CapRequest("P1D", "Europe/Berlin", None, 2, None),
    CapRequest("P7D", "UTC", 1_893_000_000_000, None, Money(2000, "USD")),
    CapRequest(money=Money(999, "USD")),
    CapRequest(count=3, money=Money(5000, "EUR")),
)
STATES: Final[Sequence[State]] = ("active", "past_due", "paused", "cancelling", "cancelled")


class _Salted:
    """``secrets``, for the audit."""

    @staticmethod
    def token_hex(bytes_: int) -> str:
        return "5a" * bytes_


# What callers do


def _burned(world: ChargedWorld, said: Json) -> str:
    """Credits are spent: mostly so many that few are left, which a wallet that has most of all is asked for."""
    dice, wallet = world.dice, WALLETS[0]
    has = {one: balances.balance(world.executor, *one, world.moment)[0].totals.available for one in WALLETS}
    if not world.exact:
        wallet = max(WALLETS, key=lambda one: has[one]) if dice.random() < 0.8 else dice.choice(WALLETS)
    available, unit = has[wallet], wallet[1]
    leaves = (0, 9, 50) if world.exact else (0, 0, 10, 30, 50, 50, available // 2, available - 10, -9999)
    amount = format_amount(max(1, available - dice.choice(leaves)), 1 if unit == "points" else 0)
    said |= {"wallet": wallet, "amount": amount}
    request = WalletRequest(*wallet, f"burn-{world.number()}", "key:k1", world.moment)
    return execute(world.executor, BurnCredits(amount=amount), request)[0].entry.id


def _stood_so(world: ChargedWorld, said: Json) -> str:
    """A wallet is frozen, thawed, or closed for ever."""
    account, unit = world.dice.choice((*WALLETS, WALLETS[0], WALLETS[0]))
    status = world.dice.choice(("frozen", "active", "closed", "closed"))
    said |= {"wallet": f"{account} {unit}", "status": status}
    request = WalletRequest(account, unit, f"stands-{world.number()}", "key:k1", world.moment)
    return execute(world.executor, SetStatus(status=said["status"]), request)[0].entry.id


def _set(world: ChargedWorld, said: Json) -> str:
    """An automatic top-up is put; now and then with something that it cannot have."""
    dice = world.dice
    account, unit = dice.choice((*WALLETS, WALLETS[0], WALLETS[0]))
    target = dice.choice((None, None, "30", "2"))
    wanted = AutoTopupRequest(
        threshold=dice.choice(("0", "3", "5", "5", "5.55")) if unit == "points" else dice.choice(("5", "10")),
        pack=dice.choice(("talk" if unit == "minutes" else "small",) * 12 + ("monthly", "small", "none")),
        provider=dice.choice((world.favourite,) * 8 + PROVIDERS),
        quantity=None if target else dice.choice((1, 1, 3)),
        target=target,
        cap=dice.choice(CAPS),
        enabled=dice.random() < 0.9,
    )
    said |= {"wallet": f"{account} {unit}", **asdict(wanted)}
    known, _ = auto_topups.put(world.executor, account, unit, wanted, world.author)
    world.looks.append({"account": account, "unit": unit})
    return known.state


def _taken_away(world: ChargedWorld, said: Json) -> str:
    account, unit = world.dice.choice(WALLETS)
    said["wallet"] = f"{account} {unit}"
    auto_topups.delete(world.executor, account, unit, world.author)
    return auto_topups.load(world.tables, account, unit).body.state


def _ordered(world: ChargedWorld, said: Json) -> str:
    """An order by hand, with a key that may be another's; or the same order once more."""
    dice = world.dice
    wanted = OrderRequest(
        account=dice.choice(("ann", "ann", "bob")),
        pack=dice.choice(("small", "small", "talk", "monthly", "none")),
        quantity=dice.choice((1, 1, 3)),
        provider=dice.choice((world.favourite, world.favourite, *PROVIDERS)),
        return_url=dice.choice(("https://shop.example.test/a", "https://shop.example.test/b")),
        currency=dice.choice((None, None, None, "EUR", "CHF")),
        accepted=dice.choice((None,) * 8 + ("other",)),
        keeps_method=dice.random() < 0.5,
    )
    key = dice.choice((f"o{world.number()}",) * 4 + ("same", "same"))
    if world.wanted and dice.random() < 0.4:
        key, wanted = dice.choice(list(world.wanted.items()))
    world.wanted.setdefault(key, wanted)
    said |= {**asdict(wanted), "key": key}
    caller = Caller(key, "key:k1", world.moment)
    made, replayed = orders.order(world.executor, wanted, caller, world.open_session)
    return f"{made.topup_id} {made.session_id} {made.status}, replayed {replayed}"


def _priced(world: ChargedWorld, said: Json) -> str:
    """Somebody looks what an order would agree to, and what providers make of a pack."""
    dice = world.dice
    said |= {"pack": dice.choice(("small", "talk", "monthly", "none")), "quantity": dice.choice((1, 3))}
    said["currency"] = dice.choice((None, "EUR", "CHF"))
    pack, unit, offer = orders.terms(world.executor, said["pack"], said["quantity"], said["currency"])
    shown = terms_view(pack, unit, said["quantity"], offer)
    return f"{json.dumps(shown)} {charges.doubts(pack)} {charges.kept_products()}"


def _repacked(world: ChargedWorld, said: Json) -> str:
    """A pack becomes another: from then on it cannot be sold as before, or costs something else."""
    dice = world.dice
    more: Json = dice.choice(
        (
            {},
            {},
            {"every": "P1M"},
            {"provider_refs": {"dodo": "pdt_1"}},
            {"price": Money(1005, "KWD")},
            {"price": Money(30, "USD"), "prices": (Money(123_456_789, "EUR"), Money(5, "XXX"))},
            {"unit": "minutes", "credits": "10"},
            {"credits": "4", "price": Money(400, "USD")},
        )
    )
    name = dice.choice(("small", "small", "monthly"))
    told: Json = {
        "unit": "points",
        "credits": "10",
        "price": PRICE,
        "every": "P1M" if name == "monthly" else None,
    }
    said |= {"pack": name, **{key: str(value) for key, value in more.items()}}
    pack = world.put_pack(name, **{**told, **more})
    return f"{pack.version} {charges.doubts(pack)}"


def _cancelled(world: ChargedWorld, said: Json) -> str:
    known = [one.topup_id for one in world.orders()]
    said["order"] = world.dice.choice((*known, *known[-2:], "top_none"))
    return orders.cancel(world.tables, said["order"]).status


def _scheduled(world: ChargedWorld, said: Json) -> str:
    wanted = world.dice.choice(SCHEDULES)
    said["schedule"] = asdict(wanted)
    return str(dunning.put_schedule(world.tables, wanted, world.author))


# What buyers do


def _pay(world: ChargedWorld, order: Order, said: Json) -> str:
    """Pays an order at its provider, which knows it from then on."""
    dice, name = world.dice, f"pay_{world.number()}"
    tax: int | None = order.price.amount * 19 // 100
    total = order.price.amount + (tax or 0)
    if not world.exact:
        total, tax = dice.choice(((total, tax),) * 30 + ((total, None), (order.price.amount, 0), (77, 0)))
    said |= {"order": order.topup_id, "payment": name, "total": total}
    known = [sub for sub, of in world.subscriptions.items() if of == order.topup_id]
    subscription = None
    if order.every and dice.random() < 0.9:
        subscription = known[0] if known else f"sub_{world.number()}"
        world.subscriptions.setdefault(subscription, order.topup_id)
    fact = Paid(
        total,
        tax,
        order.price.currency,
        world.clock.now - dice.choice((0, 0, 2_000, HOUR)),
        session_id=order.session_id if dice.random() < 0.9 else None,
        topup_id=None if order.session_id and dice.random() < 0.7 else order.topup_id,
        subscription_id=subscription,
        said_at=world.clock.now if dice.random() < 0.6 else None,
    )
    method = PaymentMethod(f"pm_{world.number()}", dice.choice((None, f"cus_{order.account}")))
    said["method"] = method.name
    own = dice.choice((None,) * 6 + ("livemode true",) * 6 + ("livemode false", ""))
    kept = method if order.keeps_method or dice.random() < 0.2 else None
    world.tell(order.provider, "payment.succeeded", name, (fact,), method=kept, own=own)
    return f"{subscription} {kept}"


def _paid(world: ChargedWorld, said: Json) -> str:
    """A buyer pays an order: mostly one that waits for it."""
    known = world.orders()
    if not known:
        return ""
    waiting = [one for one in known if one.status == "pending" and not one.automatic]
    return _pay(world, world.dice.choice(waiting if waiting and world.dice.random() < 0.85 else known), said)


def _bought(world: ChargedWorld, said: Json, **wanted: Any) -> str:
    """A buyer orders a pack and pays it at once; what it is paid with is kept."""
    dice = world.dice
    account, unit = wanted.pop("wallet", None) or dice.choice((*WALLETS, WALLETS[0]))
    if world.exact and "pack" not in wanted:
        (account, unit), wanted = WALLETS[0], {"keeps_method": True}
    asked = {"provider": world.favourite, "keeps_method": dice.random() < 0.85, **wanted}
    pack = asked.pop("pack", "talk" if unit == "minutes" else "small")
    request = OrderRequest(account, pack, 1, return_url="https://shop.example.test/c", **asked)
    caller = Caller(f"b{world.number()}", "key:k1", world.moment)
    said |= {"account": account, "pack": pack, **asked}
    made, _ = orders.order(world.executor, request, caller, world.open_session)
    return _pay(world, made, said)


def _subscribed(world: ChargedWorld, said: Json) -> str:
    provider = world.dice.choice((*PROVIDERS, world.favourite))
    wallet = world.dice.choice((WALLETS[0], WALLETS[2]))
    return _bought(world, said, provider=provider, keeps_method=False, pack="monthly", wallet=wallet)


# What providers tell


def _sub(world: ChargedWorld) -> tuple[str, str, str]:
    """Returns a subscription, its provider, and the order it was made with; one that nobody knows now and then."""
    known = list(world.subscriptions.items())
    name, topup_id = world.dice.choice(known) if known else ("sub_none", "top_none")
    found = orders.load(world.tables, topup_id)
    provider = found.body.provider if found else world.favourite
    return ("sub_none" if world.dice.random() < 0.03 else name), provider, topup_id


def _renewed(world: ChargedWorld, said: Json) -> str:
    """A period is paid, for as much as was agreed or not; or a payment of the subscription comes before its first."""
    dice = world.dice
    name, provider, topup_id = _sub(world)
    origin = dice.choice((None, None, None, None, "charge_type is on_demand"))
    alone = provider == "standard" and dice.random() < 0.3
    said |= {"subscription": name, "payment": f"ren_{world.number()}", "origin": origin, "alone": alone}
    total = dice.choice((1190,) * 6 + (595, 0))
    fact = Paid(
        total,
        190 if total == 1190 else 0,
        "USD",
        world.clock.now - dice.choice((0, 0, HOUR)),
        topup_id=topup_id if alone else None,
        subscription_id=None if alone else name,
        origin=origin,
    )
    world.tell(provider, "payment.succeeded", said["payment"], (fact,))
    return "told"


def _not_renewed(world: ChargedWorld, said: Json) -> str:
    """A period could not be paid: it is tried under the same name, or another one."""
    dice = world.dice
    name, provider, topup_id = _sub(world)
    alone = provider == "standard" and dice.random() < 0.3
    payment = dice.choice((f"ren_{world.number()}", f"ren_{name}", f"ren_{name}"))
    status: Any = "failed" if world.exact else dice.choice(("failed",) * 6 + ("processing", "expired"))
    said |= {"subscription": name, "payment": payment, "status": status, "alone": alone}
    at = world.clock.now
    fact = Unpaid(
        status,
        at - dice.choice((0, HOUR)),
        topup_id=topup_id if alone or dice.random() < 0.2 else None,
        said_at=dice.choice((None, at)),
        subscription_id=None if alone else name,
    )
    world.tell(provider, "payment.failed", payment, (fact,))
    return "told"


def _stands(world: ChargedWorld, said: Json) -> str:
    dice = world.dice
    name, provider, _ = _sub(world)
    at = world.clock.now - dice.choice((0, 0, HOUR))
    renews_at = dice.choice((None, world.clock.now + 30 * DAY))
    standing = Standing(name, dice.choice(STATES), at, renews_at, dice.random() < 0.3)
    said |= asdict(standing)
    own = dice.choice((None, None, None, "livemode true", "livemode false"))
    delivery = Delivery(provider, "subscription.changed", None, standing=standing, own=own)
    world.send(delivery, f"m{world.number()}")
    return "told"


def _happened(world: ChargedWorld, said: Json) -> str:
    """A payment goes back, is disputed or fails after all, or is told once more."""
    dice, known = world.dice, [*world.payments]
    if not known:
        return ""
    provider, name = dice.choice(known)
    at = world.clock.now
    paid = world.cashiers[provider].payments.get(name, {}).get("payment")
    whole = paid.total if isinstance(paid, Paid) else 1190
    said |= {
        "payment": f"{provider} {name}",
        "what": dice.choice(("back", "back", "dispute", "failed", "again")),
    }
    fact: Fact | None = paid
    if said["what"] == "back":
        status: Any = dice.choice(("succeeded", "succeeded", "pending", "failed"))
        fact = Refund(dice.choice(("r1", "r2")) + name, status, dice.choice((whole, 119, None)), "USD", at)
    elif said["what"] == "dispute":
        ends: Any = dice.choice(("open", "lost", "won"))
        fact = Dispute(f"d{name}", ends, 10 if ends == "open" else 20, "1", whole, "USD", at)
    elif said["what"] == "failed":
        fact = Unpaid("failed", at, said_at=at)
    if fact is None:
        return ""
    method = PaymentMethod("pm_odd") if dice.random() < 0.3 else None
    world.tell(provider, "webhook", name, (fact,), method=method)
    return f"{fact} {method}"


def _otherwise(world: ChargedWorld, said: Json) -> str:
    """A provider forgets a payment, or has it otherwise than it told."""
    dice, cashier = world.dice, world.cashiers[world.favourite]
    known = [(name, facts["payment"]) for name, facts in cashier.payments.items() if "payment" in facts]
    paid = [(name, fact) for name, fact in known if isinstance(fact, Paid)]
    if not paid:
        return ""
    name, fact = dice.choice(paid)
    said |= {"payment": name, "what": dice.choice(("forgets", "unpaid", "more", "back", "part", "day"))}
    facts: dict[str, Fact] = {
        "unpaid": Unpaid("processing", world.clock.now),
        "more": replace(fact, total=fact.total + 100),
        "back": Refund(f"r9{name}", "succeeded", 119, "USD", world.clock.now),
        "part": PartOf(f"whole_{name}"),
        "day": replace(fact, at=fact.at - DAY),
    }
    if said["what"] == "forgets":
        del cashier.payments[name]
    else:
        cashier.knows(name, facts[said["what"]])
    return str(fact)


def _many(world: ChargedWorld, said: Json) -> str:
    """More than forty parts of one payment go back at once: each has a name to be known by."""
    known = [*world.payments]
    if not known:
        return ""
    provider, name = world.dice.choice(known)
    said["payment"] = f"{provider} {name}"
    facts = tuple(Refund(f"r{at}_{name}", "succeeded", 1, "USD", world.clock.now) for at in range(45))
    world.tell(provider, "webhook", name, facts)
    return "told"


def _charge_ended(world: ChargedWorld, said: Json) -> str:
    """A charge that is under way comes to its end, which the provider tells now or never."""
    under_way = [
        (cashier, made)
        for cashier in world.cashiers.values()
        for made in cashier.made
        if made.charged.payment_id and made.charged.outcome in ("processing", "authentication_required")
    ]
    if not under_way:
        return ""
    cashier, made = world.dice.choice(under_way)
    name = cashier.settle(made, paid=world.dice.random() < 0.6)
    said |= {"payment": name, "outcome": made.charged.outcome}
    if world.dice.random() < 0.7:
        world.send(cashier.delivery(name, "webhook"), f"m{world.number()}")
    return "settled"


def _unread(world: ChargedWorld, said: Json) -> str:
    """Something of a provider's cannot be read."""
    dice, known = world.dice, world.orders()
    order = dice.choice(known) if known else None
    provider = order.provider if order else world.favourite
    names = dice.choice(
        (
            Names(),
            Names(session_id=order.session_id if order else "cs_none"),
            Names(topup_id=order.topup_id if order else "top_none"),
            Names(subscription_id=_sub(world)[0], charge_id="ch_1"),
        )
    )
    said |= {"provider": provider, "names": names.to_json()}
    payment = dice.choice((None, f"odd_{world.number()}"))
    parked = (Parked("payment", "amount is no number"),)
    world.send(Delivery(provider, "webhook", payment, (), parked, names=names), f"m{world.number()}")
    return str(payment)


# Deliveries that are kept


def _came(world: ChargedWorld, said: Json) -> str:
    """A gateway's webhook comes as bytes: well, spoilt, or twice."""
    dice = world.dice
    known = [one for one in world.orders() if one.provider == "standard"]
    order = dice.choice(known) if known else None
    data: Json = {
        "payment_id": dice.choice((f"gw_{world.number()}", "gw_1", "gw_2")),
        "amount": 1190,
        "tax": 190,
    }
    data |= {"currency": "USD", "topup_id": order.topup_id if order else "top_none"}
    word = dice.choice(("payment.succeeded",) * 4 + ("payment.failed", "payment.unheard_of", "shop.opened"))
    raw = json.dumps({"type": word, "timestamp": "2030-01-01T00:00:00.000Z", "data": data}).encode()
    spoilt = dice.choice(("",) * 8 + ("no JSON", "NaN", "twice"))
    if spoilt == "no JSON":
        raw = raw[:-1]
    elif spoilt == "NaN":
        raw = raw.replace(b"1190", b"NaN")
    elif spoilt == "twice":
        more = b", ".join(b'"%s": 1' % letter for letter in (b"a", b"b", b"c", b"d", b"e", b"f"))
        raw = raw.replace(b'"amount"', b"%s, %s, " % (more, more) + b'"amount"')
    said |= {"word": word, "spoilt": spoilt, "payment": data["payment_id"]}
    name, at = dice.choice((f"w{world.number()}", "w1", "w2")), world.clock.now
    adapter, until = deliveries.adapter("standard"), at // 1000 + 86_400
    taken = deliveries.take(world.deliveries, adapter, name, raw, dice.choice(("", "none")), at, until)
    if not taken.ignored and dice.random() < 0.8:
        world.send(taken, name, raw=raw)
    return f"{name} {taken}"


def _replayed(world: ChargedWorld, said: Json) -> str:
    """An operator has what is kept of a delivery applied again: as it is read now."""
    said["provider"] = world.dice.choice(("standard",) * 6 + ("nobody",))
    adapter = deliveries.adapter(said["provider"])
    late = deliveries.waiting_before(world.deliveries, world.clock.now - HOUR, 1)
    said["delivery"] = (
        late[0].delivery_id if late and world.dice.random() < 0.6 else world.dice.choice(("w1", "w2", "w0"))
    )
    came = []
    for kept in deliveries.kept(world.deliveries, said["provider"], said["delivery"]):
        delivery = deliveries.read(adapter, kept.body, "none")
        if delivery.ignored:
            deliveries.refuse(world.deliveries, kept, deliveries.IGNORED)
        else:
            world.send(delivery, said["delivery"], raw=kept.body, again=True)
        came.append(str(kept))
    return ", ".join(came)


# What schedules do


def _in_time(world: ChargedWorld) -> Any:
    """Returns whether there is time left: there is, or for so many things."""
    left = world.dice.choice((1000,) * 7 + (0, 1, 3))
    counted = iter(range(left))
    return lambda: next(counted, None) is not None


def _passed(world: ChargedWorld, instants: Iterable[int | None]) -> int:
    """Has time pass, often until the first of these instants, or just before it. Returns what time it is then."""
    to_come = [at for at in instants if at is not None and at > world.clock.now]
    if to_come and world.dice.random() < 0.6:
        world.clock.now = max(world.clock.now, min(to_come) - world.dice.choice((0, 0, 0, 1)))
    return world.clock.now


def _swept(world: ChargedWorld, said: Json) -> str:
    """The schedule looks at automatic top-ups, often at the very instant that one of them waits for."""
    failed: list[str] = []
    known = (auto_topups.load(world.tables, *wallet).body.listed_at for wallet in WALLETS)
    said["at"] = _passed(world, known)
    done = auto_charges.sweep(
        world.desk, world.moment, _in_time(world), lambda wallet, error: failed.append(f"{wallet} {error}")
    )
    said["quiet"] = world.quiet
    return f"{asdict(done)} {failed}"


def _looked(world: ChargedWorld, said: Json) -> str:
    """A message that asks for a look comes again, or late."""
    account, unit = world.dice.choice((*WALLETS, WALLETS[0]))
    known = [one for one in world.orders() if one.status == "paid"]
    message: Json = {"account": account, "unit": unit}
    if world.dice.random() < 0.5:
        message["at"] = world.clock.now - world.dice.choice((0, HOUR))
    if known and world.dice.random() < 0.4:
        topup_id = world.dice.choice(known).topup_id
        message["paid"] = {"topup_id": topup_id, "at": world.clock.now - world.dice.choice((0, DAY))}
    said |= message
    return world.look(message)


def _prompted(world: ChargedWorld, said: Json) -> str:
    """The schedule prompts those who are to pay, often at the very instant that a prompt is for."""
    failed: list[str] = []
    runs = [
        run
        for account in ("ann", "bob")
        for _, run in dunning.list_runs(world.tables, account, None, 9, None).items
    ]
    said["at"] = _passed(world, (run.next_at for run in runs))
    done = prompts.sweep(
        world.executor,
        world.clock.now,
        world.ways,
        _in_time(world),
        lambda run, error: failed.append(f"{run} {error}"),
    )
    said["quiet"] = world.quiet
    return f"{asdict(done)} {failed}"


def _reconciled(world: ChargedWorld, said: Json) -> str:
    """The schedule compares what a provider lists."""
    said |= {
        "provider": world.favourite,
        "days": world.dice.choice((1, 2)),
        "anew": world.dice.random() < 0.3,
    }
    run = Run(
        world.tables,
        world.favourite,
        world.cashiers[world.favourite],
        world.pass_on,
        world.clock.now,
        _in_time(world),
    )
    return str(run.go(said["days"], anew=said["anew"]))


def _retried(world: ChargedWorld, said: Json) -> str:
    """The schedule tries parked payments again."""

    def ask(inquiry: Any) -> bool:
        world.inquiries.append(inquiry)
        return inquiry.provider in PROVIDERS[:2]

    done = retries.sweep(world.executor, world.clock.now, _in_time(world), ask, lambda *_: None)
    said["waiting"] = len(world.inquiries)
    return str(asdict(done))


def _answered(world: ChargedWorld, said: Json) -> str:
    """A provider answers how a payment stands."""
    known = [one for one in world.payments if one[0] in PROVIDERS[:2]]
    if not (world.inquiries or known):
        return ""
    if world.inquiries:
        inquiry = world.inquiries.pop(0)
    else:
        payment = load_payment(world.tables, *world.dice.choice(known)).payment
        inquiry = lookups.about(world.tables, payment)
    said |= asdict(inquiry)
    delivery = lookups.answer(world.cashiers[inquiry.provider], inquiry, world.clock.now)
    world.pass_on(delivery, lookups.delivery_id(delivery), world.clock.now if world.pinned else None)
    return str(delivery)


# What people do


def _ended(world: ChargedWorld, said: Json) -> str:
    return _asked(world, said, resumes=False)


def _resumed(world: ChargedWorld, said: Json) -> str:
    return _asked(world, said, resumes=True)


def _asked(world: ChargedWorld, said: Json, *, resumes: bool) -> str:
    """Somebody cancels or resumes a subscription."""
    dice = world.dice
    name, provider, _ = _sub(world)
    said |= {"subscription": name, "provider": provider, "account": dice.choice(("ann", "ann", "bob"))}
    known = subscriptions.load(world.tables, provider, name)
    if known and dice.random() < 0.8:
        said["account"] = known.account
    sold = subscriptions.get(world.tables, said["account"], provider, name)
    if resumes:
        done = subscriptions.resume(world.tables, sold, world.needed_client, world.clock.now)
    else:
        said["at_once"] = dice.random() < 0.4
        done = subscriptions.cancel(
            world.tables, sold, world.needed_client, world.clock.now, at_once=said["at_once"]
        )
    return json.dumps(subscription_view(done))


def _accepted(world: ChargedWorld, said: Json) -> str:
    """A person says which order a payment is of, or that it buys nothing: of a subscription that is for good."""
    dice, known = world.dice, [*world.payments]
    if not known:
        return ""
    parked = [
        (provider, name)
        for provider, name in known
        if queries.get(world.tables, provider, name).payment.parked
    ]
    provider, name = dice.choice(parked if parked and dice.random() < 0.8 else known)
    action: Any = dice.choice(("accept", "accept", "dismiss"))
    said |= {"payment": f"{provider} {name}", "action": action}
    more: Json = {}
    if action == "accept":
        found = [one for one in world.orders() if one.provider == provider]
        more = {"topup_id": dice.choice(found).topup_id if found else "top_none"}
        more["credits"] = dice.choice((None, None, "7"))
    said |= more
    resolution = Resolution(action=action, **more, reason="looked at", actor="key:k1", at=world.clock.now)
    stored = queries.get(world.tables, provider, name)
    applied = resolutions.resolve(world.executor, stored, resolution, world.moment, world.author)
    return f"{applied.entries} entries, {applied.payment.status}, waits for {list(applied.payment.parked)}"


def _credited(world: ChargedWorld, said: Json) -> str:
    """What was paid becomes credit, by a name that a payment may have later."""
    dice = world.dice
    name = dice.choice(
        (f"pay_{world.numbers + 2}", f"cs_{world.favourite}_1", "gw_1", f"dodo:ren_{world.numbers}")
    )
    said["source"] = name
    account, unit = dice.choice(WALLETS)
    command = RefundAsCredit(Source("payment", name, PRICE), Money(100, "USD"), "1")
    request = WalletRequest(account, unit, f"credit-{world.number()}", "key:k1", world.moment)
    return execute(world.executor, command, request)[0].entry.id


STEPS: Final[Mapping[Act, tuple[int, int, int, int, int]]] = {
    _burned: (10, 4, 2, 2, 4),
    _stood_so: (3, 1, 0, 0, 3),
    _set: (3, 2, 1, 0, 2),
    _taken_away: (2, 0, 0, 0, 1),
    _ordered: (3, 2, 2, 3, 0),
    _priced: (1, 0, 1, 1, 0),
    _repacked: (4, 1, 1, 1, 1),
    _cancelled: (2, 2, 1, 1, 0),
    _scheduled: (1, 3, 1, 0, 0),
    _paid: (1, 6, 4, 4, 0),
    _bought: (3, 2, 2, 5, 1),
    _subscribed: (0, 1, 3, 1, 0),
    _renewed: (0, 3, 6, 1, 0),
    _not_renewed: (0, 7, 6, 1, 0),
    _stands: (0, 2, 5, 0, 0),
    _happened: (3, 3, 3, 6, 1),
    _otherwise: (0, 0, 0, 5, 0),
    _many: (0, 0, 1, 1, 0),
    _charge_ended: (7, 3, 0, 2, 5),
    _unread: (0, 0, 1, 1, 0),
    _came: (0, 0, 0, 10, 0),
    _replayed: (0, 0, 0, 6, 0),
    _swept: (14, 6, 1, 1, 16),
    _looked: (5, 2, 0, 0, 3),
    _prompted: (3, 16, 4, 0, 2),
    _reconciled: (0, 0, 0, 24, 0),
    _retried: (1, 1, 1, 2, 0),
    _answered: (0, 1, 1, 5, 0),
    _ended: (0, 1, 3, 0, 0),
    _resumed: (0, 0, 3, 0, 0),
    _accepted: (4, 1, 4, 2, 2),
    _credited: (0, 0, 1, 1, 0),
}
"""How often each comes, in walks about charges, dunning, subscriptions, reconciliation, and charges alone."""
CALM: Final = {"paid": 1000, "answers": 1000}
MEANWHILE: Final[Sequence[Act]] = (
    *(_burned, _set, _taken_away, _paid, _cancelled, _swept, _looked, _prompted, _renewed, _not_renewed),
    *(_stands, _accepted, _reconciled, _repacked),
)


def _begun(world: ChargedWorld, kind: int) -> list[str]:
    """Begins a walk so that there is something to walk through. Returns what it was."""
    dice, came = world.dice, []
    world.exact = True
    world.mood(CALM)
    dunned: list[Act] = dice.choice(
        ([_subscribed, _not_renewed], [_subscribed, _not_renewed, _bought], [_bought, _set, _burned])
    )
    begins: tuple[list[Act], ...] = (
        [_bought, _set, _burned],
        [_scheduled, *dunned],
        [_subscribed],
        [_bought],
        [_bought, _set, _burned],
    )
    for what in begins[kind]:
        if what is _burned:
            world.mood(THEMES[world.theme or "calm"])
        if what is _set and dice.random() < 0.9:
            number, target = dice.choice(((1, None), (1, None), (3, None), (None, "30")))
            cap = dice.choice(CAPS[:6])
            wanted = AutoTopupRequest("5", "small", world.favourite, number, target, cap, enabled=True)
            auto_topups.put(world.executor, *WALLETS[0], wanted, world.author)
            came.append("a usual one")
        else:
            came.append(_one(world, what, {}))
        came += world.settle()
    world.exact = False
    world.mood(THEMES[world.theme or "calm"])
    return came


def _one(world: ChargedWorld, what: Act, said: Json) -> str:
    """Does one thing. Returns what came of it, also where it is refused."""
    try:
        came = what(world, said)
        world.done |= {what.__name__.strip("_")} if came else set()
        return came
    except (Refusal, ProviderError) as refusal:
        return detail(refusal) if isinstance(refusal, Refusal) else f"{type(refusal).__name__}: {refusal}"


def _disturbed(world: ChargedWorld, what: Act, said: Json) -> None:
    """Has somebody else do something before one of the next writes, mostly the same; or has one be throttled."""
    dice, of = world.dice, dict[str, Any]()
    world.forget()
    if dice.random() < 0.1:
        said["throttled"] = world.dynamo.throttled = dice.choice((1, 2, 3, 4))
    elif dice.random() < 0.25:
        other = what if dice.random() < 0.4 else dice.choice(MEANWHILE)
        said["meanwhile"] = of

        def act() -> None:
            of["came"] = f"{other.__name__} {_one(world, other, of)}"

        world.meanwhile(act, dice.choice((1, 1, 2, 3)))


def _step(world: ChargedWorld, kind: int) -> str:
    """Does one step. Returns what it was, what came of it, and what was asked and told."""
    dice = world.dice
    world.clock.pass_(dice.choice(PASSING))
    world.quiet = dice.random() < 0.06
    world.keyless = dice.choice(("",) * 14 + (world.favourite, f"broken {world.favourite}"))
    what: Act = _burned
    said, came = dict[str, Any](), ""
    while not came:
        what = dice.choices(list(STEPS), [weights[kind] for weights in STEPS.values()])[0]
        said = {}
        _disturbed(world, what, said)
        came = _one(world, what, said)
    if dice.random() < 0.8:
        said["then"] = world.settle()
    world.forget()
    asked, told = world.asked[:], world.told[:]
    world.asked.clear()
    world.told.clear()
    return f"{what.__name__.strip('_')} {said}: {came}; asked {asked}; told {told}"


@contextmanager
def _by_itself(clock: Clock, dice: random.Random) -> Iterator[None]:
    with installed(clock, lambda: dice), pytest.MonkeyPatch.context() as patch:
        patch.setattr(auto_charges, "ThreadPoolExecutor", OneByOne)
        patch.setattr(audit, "secrets", _Salted)
        patch.setattr(audit, "_numbers", iter(range(1 << 30)))
        yield


@contextmanager
def _charged(seed: int) -> Iterator[tuple[ChargedWorld, int]]:
    """Gives a world in which nothing has happened, and the kind of its walk."""
    dice, clock, kind = random.Random(seed), Clock(), seed % 5
    with _by_itself(clock, dice):
        theme = {
            1: "declining",
            3: dice.choice(("calm", "calm", "silent")),
            4: dice.choice(("declining", "asking", "slow", "stern")),
        }.get(kind)
        yield ChargedWorld(dice, clock, theme=theme), kind


def charge_walk(seed: int, steps: int) -> list[str]:
    """Walks. Returns each step: what was done and came of it, a digest of every row, and one of what is shown."""
    with _charged(seed) as (world, kind):
        told = [f"begun {_begun(world, kind)} | {world.rows()} {world.shown()}"]
        told += (f"{_step(world, kind)} | {world.rows()} {world.shown()}" for _ in range(steps))
        world.verify()
    return told


def done_in(seed: int, steps: int) -> tuple[set[str], str]:
    """Walks. Returns the steps that were not refused, by name; and all that was said."""
    with _charged(seed) as (world, kind):
        said = [str(_begun(world, kind)), *(_step(world, kind) for _ in range(steps))]
        return world.done, "\n".join(said)
