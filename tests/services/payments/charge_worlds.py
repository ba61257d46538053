"""Worlds for walks of charges: wallets that top up by themselves, what is bought for them, providers and queues.

What the functions do around the services, a world does too: it reads the ledger's stream, keeps messages that wait, and
applies them. Between two steps nothing runs. Somebody else may be faster than a step: then another step happens just
before one of its writes.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.errors import Contended, NotFound, Refusal, Throttled, Unavailable
from scrip.domain.credits.lots import Money
from scrip.domain.credits.units import Policy, Unit
from scrip.domain.events.auto_topups import AutoTopupTold
from scrip.domain.payments.delivery import Delivery, Inquiry
from scrip.domain.payments.facts import Fact
from scrip.domain.payments.order import Order, OrderRequest
from scrip.domain.payments.pack import Bonus, Pack
from scrip.http.events.auto_topups import auto_topup_event
from scrip.http.events.orders import parked_event, topup_event
from scrip.http.events.prompts import prompt_event
from scrip.http.payments.auto_topups import auto_topup_view
from scrip.http.payments.dunning import dunning_page_view, dunning_view
from scrip.http.payments.reconciliation import report_view
from scrip.http.payments.subscriptions import subscription_page_view
from scrip.http.payments.topups import topup_view
from scrip.providers.clients import Client, ProviderRefused, ProviderUnavailable, Sale, Session
from scrip.providers.clients import names as called
from scrip.services.audit.changes import Author
from scrip.services.catalogue import packs, units
from scrip.services.engine.executor import Executor, Moment
from scrip.services.events import orders as told_orders
from scrip.services.payments import (
    accounts,
    auto_charges,
    auto_topup_wakes,
    auto_topups,
    consequences,
    deliveries,
    dunning,
    graces,
    lookups,
    orders,
    payment_methods,
    posting,
    reconciliation,
    subscriptions,
)
from scrip.services.payments.auto_charges import ChargeDesk, TopupPaid
from scrip.services.payments.auto_topup_wakes import KnownAutoTopups
from scrip.services.payments.consequences import Followed
from scrip.services.payments.payment import load_payment
from scrip.services.payments.prompts import MadePrompt, Ways
from scrip.services.verification import payments as verifying
from scrip.services.verification import wallets
from scrip.store import items, keys, lists
from scrip.store.deliveries import Deliveries
from scrip.store.tables import Tables
from simulation.archivist import DELIVERIES
from simulation.clock import BEGIN, Clock
from simulation.dynamodb import Change, Dynamo, error
from simulation.world import TABLES
from tests.services.payments.cashiers import Cashier

WALLETS: Final = (("ann", "points"), ("ann", "minutes"), ("bob", "points"))
PROVIDERS: Final = ("dodo", "stripe", "paddle", "standard")
LAST: Final = 3
HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
AUTHOR: Final = Author("walker", BEGIN)
POLICIES: Final = (Policy(), Policy(overdraft_limit=200), Policy(refund_shortfall="write_off"))
REFS: Final = {"dodo": "pdt_1", "dodo_on_demand": "pdt_od"}
PRICE: Final = Money(1000, "USD")
THEMES: Final[Mapping[str, Mapping[str, int]]] = {
    "calm": {"paid": 20, "answers": 30, "refuses": 0, "silent": 0, "unheard": 0, "pending unheard": 0},
    "declining": {"paid": 2, "declined": 40, "answers": 30},
    "pending": {"processing": 14, "paid": 4, "unheard": 3, "pending unheard": 3, "answers": 14},
    "slow": {"processing": 20, "paid": 2, "answers": 30},
    "silent": {"silent": 8, "unheard": 8, "pending unheard": 4, "answers": 12},
    "asking": {
        "authentication_required": 8,
        "method_expired": 6,
        "method_missing": 4,
        "paid": 6,
        "answers": 20,
    },
    "stern": {"refuses": 8, "refused": 4, "answers": 12},
}
"""Weights of what providers answer; what is not among them weighs 1."""
Json = dict[str, Any]
Act = Callable[["ChargedWorld", Json], str]


class Hurried(Dynamo):
    """DynamoDB in which somebody else acts just before a write, or in which it is throttled."""

    hurry: Callable[[], None] = staticmethod(lambda: None)
    throttled: int = 0
    """Which of the next writes is throttled, counted from 1; 0: none is."""

    def put_item(self, **request: Any) -> Json:
        self._before("PutItem")
        return super().put_item(**request)

    def transact_write_items(self, **request: Any) -> Json:
        self._before("TransactWriteItems")
        return super().transact_write_items(**request)

    def _before(self, operation: str) -> None:
        self.hurry()
        if self.throttled:
            self.throttled -= 1
            if not self.throttled:
                raise error("ProvisionedThroughputExceededException", "Too many of them", operation)


def digest(found: Any) -> str:
    """Returns a digest of what was found."""
    text = json.dumps(found, sort_keys=True, default=lambda one: bytes(one).hex())
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@dataclass
class ChargedWorld:
    """Two accounts with three wallets, and four providers, of which two can charge.

    Attributes:
        pinned: whether instants are a test clock's.
        queue: messages of payments; looks: of automatic top-ups; inquiries: what providers are to be asked.
        told: what was told and counted since it was asked last.
        payments: provider and id of every payment that was told of.
        wanted: orders that were asked for by hand, by their keys.
        keyless: providers whose API has no key just now; quiet: nobody hears what is told just now;
            exact: whoever pays, pays what the order costs.
        done: steps that were not refused, by name.
    """

    dice: random.Random
    clock: Clock = field(default_factory=Clock)
    queue: list[Json] = field(default_factory=list)
    looks: list[Json] = field(default_factory=list)
    inquiries: list[Inquiry] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    payments: dict[tuple[str, str], None] = field(default_factory=dict)
    subscriptions: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, OrderRequest] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    keyless: str = ""
    quiet: bool = False
    theme: str | None = None
    exact: bool = False
    done: set[str] = field(default_factory=set)
    numbers: int = 0

    def __post_init__(self) -> None:
        self.pinned = self.dice.random() < 0.3
        self.theme = self.dice.choice(list(THEMES)) if self.theme is None else self.theme
        self.favourite = self.dice.choice(PROVIDERS[:2])
        self.dynamo = Hurried((*TABLES, DELIVERIES), changed=self._changed)
        self.tables = Tables(self.dynamo, "wallets", "ledger")  # type: ignore[arg-type] # as much of a client as is used
        self.deliveries = Deliveries(self.dynamo, "deliveries")  # type: ignore[arg-type]
        self.shared = frozenset({self.dice.choice(PROVIDERS)} if self.dice.random() < 0.25 else ())
        self.executor = self._executor()
        self.waker = KnownAutoTopups(self.clock.time)
        self.cashiers = {
            name: Cashier(name, self.dice, self.clock, THEMES[self.theme or "calm"], self.asked)
            for name in PROVIDERS
        }
        for unit, precision in (("points", 1), ("minutes", 0)):
            known = Unit(unit, precision, policy=self.dice.choice(POLICIES))
            units.put_unit(self.executor, known, self.moment, AUTHOR)
        self.put_pack("small", "points", "10", PRICE)
        self.put_pack("talk", "minutes", "60", Money(600, "USD"))
        self.put_pack("monthly", "points", "10", PRICE, every="P1M")
        self._others: list[Any] = []
        self.dynamo.hurry = self._hurry

    def _executor(self) -> Executor:
        return Executor(
            self.tables,
            pause=lambda _: None,
            clock=self.clock.monotonic,
            shared=self.shared,
            now=self.clock.time,
        )

    @property
    def moment(self) -> Moment:
        return Moment(self.clock.now)

    @property
    def author(self) -> Author:
        return Author("key:k1", self.clock.now, "Ann")

    def number(self) -> int:
        """Returns a number that nothing else has."""
        self.numbers += 1
        return self.numbers

    def put_pack(self, name: str, unit: str, credits: str, price: Money, **more: Any) -> Pack:
        """Puts a pack as the catalogue does."""
        wanted = Pack(
            **{
                "pack": name,
                "unit": unit,
                "credits": credits,
                "price": price,
                "prices": (Money(900, "EUR"),),
                "every": None,
                "bonus": (Bonus(3, "5"),),
                "expires_in": "P90D",
                "priority": 50,
                "tax_point": "purchase",
                "terms": "None.",
                "provider_refs": REFS,
                **more,
            }
        )
        return packs.put_pack(self.executor, wanted, Author("walker", self.clock.now))[0]

    def mood(self, moods: Mapping[str, int]) -> None:
        """Has providers answer by these weights."""
        for cashier in self.cashiers.values():
            cashier.moods = moods

    # Somebody else

    def meanwhile(self, act: Callable[[], None], writes: int) -> None:
        """Has somebody else act just before one of the next writes."""
        self._others = [act, writes]

    def forget(self) -> None:
        """Has nobody else act any more, and nothing be throttled."""
        self._others, self.dynamo.throttled = [], 0

    def _hurry(self) -> None:
        if not self._others:
            return
        self._others[1] -= 1
        if self._others[1] <= 0:
            act, self._others = self._others[0], []
            mine, self.executor = self.executor, self._executor()
            try:
                act()
            finally:
                self.executor = mine

    # The stream of the ledger

    def _changed(self, changes: Sequence[Change]) -> None:
        for table, _, before, after in changes:
            if table == "ledger" and before is None and after is not None and "prev" in after:
                self.entries.append(items.read_entry_item(after))

    def read_stream(self) -> None:
        """Has wallets looked at that entries say it of, as the outbox does."""
        read, self.entries = self.entries, []
        auto_topup_wakes.wake(self.waker, self._wake, self.pinned, self.tables, read)

    def _wake(self, message: Mapping[str, Any], group: str) -> None:
        self.told.append(f"wakes {group} {dict(message)}")
        self.looks.append(json.loads(json.dumps(message)))

    # Providers

    def client(self, provider: str) -> Client | None:
        """Returns the client of a provider; None where there is no key for it. One in a while cannot be made."""
        if self.keyless == f"broken {provider}":
            raise ProviderUnavailable("the key is not readable")
        return None if self.keyless == provider else self.cashiers[provider]

    def needed_client(self, provider: str) -> Client:
        """Returns the client of a provider, as who needs one asks for it."""
        client = self.client(provider)
        if client is None:
            raise ProviderUnavailable(f"there is no API key of {provider}")
        return client

    def open_session(self, provider: str, sale: Sale) -> Session:
        """Opens a session, as a checkout asks for it."""
        return self.needed_client(provider).open_session(sale)

    def _prompted_session(self, provider: str, sale: Sale) -> Session:
        client = self.client(provider)
        if client is None:
            raise ProviderRefused(0, f"there is no API key of {provider}")
        return client.open_session(sale)

    def tell(self, provider: str, type_: str, payment_id: str, facts: tuple[Fact, ...], **more: Any) -> None:
        """Has a provider know facts of a payment, and mostly tell them."""
        for fact in facts:
            self.cashiers[provider].knows(payment_id, fact)
        said_at = self.clock.now - self.dice.choice((0, 0, 60_000))
        delivery = Delivery(provider, type_, payment_id, facts, said_at=said_at, **more)
        if self.exact or self.dice.random() < 0.85:
            self.send(delivery, f"m{self.number()}")

    def send(self, delivery: Delivery, delivery_id: str, **more: Any) -> None:
        """Puts a delivery into the queue, as webhooks do."""
        at = self.clock.now if self.pinned else None
        message, group = deliveries.message(delivery, delivery_id, at, **more)
        self.told.append(f"queues {group} {digest(message)}")
        self.queue.append(json.loads(json.dumps(message)))

    # What functions do with messages

    @property
    def desk(self) -> ChargeDesk:
        return ChargeDesk(
            executor=self.executor,
            provider=self.client,
            pass_on=self._pass_on,
            tell=self._tell_auto,
            refused=lambda account, unit: self.told.append(f"refused {account} {unit}"),
            unsold=lambda account, unit, why: self.told.append(f"unsold {account} {unit}: {why}"),
        )

    @property
    def ways(self) -> Ways:
        return Ways(self._prompted_session, self._tell_prompt, self._ask_grace)

    def _pass_on(self, delivery: Delivery, delivery_id: str, at: int | None = None) -> None:
        message, group = deliveries.message(delivery, delivery_id, at)
        self.told.append(f"passes on {group} {digest(message)}")
        self.queue.append(json.loads(json.dumps(message)))

    pass_on = _pass_on

    def _heard(self) -> None:
        if self.quiet:
            raise Unavailable("the bus is down")

    def _tell_auto(self, told: Sequence[AutoTopupTold]) -> None:
        self._heard()
        self.told += (str(asdict(auto_topup_event(one))) for one in told)
        for one in told:
            if run := dunning.begin_of_topup(self.tables, one):
                self.told.append(f"begins {run}")

    def _tell_prompt(self, made: MadePrompt) -> None:
        self._heard()
        self.told.append(str(asdict(prompt_event(made))))

    def _ask_grace(self, dunning_id: str) -> None:
        clock = {"at": self.clock.now} if self.pinned else {}
        self.queue.append({"grace": dunning_id, **clock})

    def _count(self, followed: Followed) -> None:
        if followed.begun:
            self.told.append(f"begun {followed.begun}")
        self.told += (f"ended {run}" for run in followed.ended)

    def apply(self, message: Json) -> str:
        """Applies one message of the queue, as the function of payments does. Returns what came of it."""
        moment = deliveries.moment_of(message, self.clock.now, self.pinned)
        if "grace" in message:
            run = graces.grant(self.executor, message["grace"], moment)
            return f"grace {run and (run.grace_entry_id, run.grace_refused)}"
        delivery, name = Delivery.from_dict(message["delivery"]), message["delivery_id"]
        which = deliveries.digest_of(message)
        if not delivery.of_payment:
            ours, _ = accounts.held_against_ours(self.tables, delivery, moment.at)
            if ours.standing:
                followed = consequences.of_standing(self.tables, ours.provider, ours.standing, moment.at)
                self._count(followed)
            deliveries.mark_applied(self.deliveries, delivery, name, which, None)
            return f"stands {ours.standing}"
        if payment_methods.keep(self.tables, delivery):
            self.told.append("keeps the method")
        applied = posting.apply(self.executor, delivery, name, moment)
        if applied.followed:
            self._count(applied.followed)
        payment = applied.payment
        self.payments[payment.provider, payment.payment_id] = None
        told = told_orders.of_applied(topup_event, parked_event, self.tables, payment, delivery)
        self.told += (str(asdict(one)) for one in told)
        if applied.inquiry and delivery.type != lookups.READ and applied.inquiry.provider in called():
            self.inquiries.append(applied.inquiry)
        deliveries.mark_applied(self.deliveries, delivery, name, which, payment)
        waits = [wait.sentence for wait in payment.waits]
        return (
            f"{payment.name} {payment.status}, {applied.entries} entries, waits {waits}, kept {applied.kept}"
        )

    def look(self, message: Json) -> str:
        """Looks at one wallet, as the function of automatic top-ups does. Returns its state."""
        moment = deliveries.moment_of(message, self.clock.now, self.pinned)
        said = message.get("paid")
        paid = TopupPaid(said["topup_id"], said["at"]) if said else None
        return auto_charges.look(self.desk, message["account"], message["unit"], moment, paid)

    def settle(self) -> list[str]:
        """Has what waits in the queues happen, some rounds of it. Returns what came of it."""
        came: list[str] = []
        again: tuple[list[Json], list[Json]] = ([], [])
        for _ in range(5):
            self.read_stream()
            queue, self.queue = self.queue, []
            looks, self.looks = self.looks, []
            if not (queue or looks):
                break
            came += (self._done(again[0], self.apply, message) for message in queue)
            self.read_stream()
            came += (self._done(again[1], self.look, message) for message in looks)
        self.queue, self.looks = [*again[0], *self.queue], [*again[1], *self.looks]
        return came

    @staticmethod
    def _done(again: list[Json], act: Callable[[Json], str], message: Json) -> str:
        """Does what a message asks for; where that cannot be done now, it comes again."""
        try:
            return act(message)
        except (Contended, Throttled, Unavailable) as refusal:
            again.append(message)
            return f"{type(refusal).__name__}: {refusal.detail}"

    # What there is

    def orders(self, last: int = 0) -> list[Order]:
        """Returns every order, or the last ones, the first first."""
        places = lists.page(self.tables, keys.TOPUPS, 100).found[-last:]
        found = (orders.load(self.tables, keys.named_at(place)) for place in places)
        return [one.body for one in found if one]

    def rows(self) -> str:
        """Returns a digest of every row but those of units, which no step changes."""
        found = {
            f"{name} {item['pk']} {item['sk']}": item
            for name, table in self.dynamo.tables.items()
            for partition in table.partitions.values()
            for item in partition.items.values()
            if not item["pk"]["S"].startswith("unit#")
        }
        return digest(found)

    def shown(self) -> str:
        """Returns a digest of what is shown: of one account, and of the orders and payments that came last."""
        now, unit, found = self.clock.now, self.executor.unit, list[Any]()
        account = self.dice.choice(("ann", "ann", "bob"))
        for name in ("points", "minutes"):
            try:
                found.append(auto_topup_view(*auto_topups.get(self.executor, account, name), now))
            except NotFound as refusal:
                found.append(refusal.detail)
        found += self._listed(account)
        found += [str(payment_methods.kept(self.tables, account, name)) for name in PROVIDERS[:2]]
        found += [topup_view(one, unit(one.unit), now) for one in self.orders(LAST)]
        found.append(dunning_view(dunning.get_schedule(self.tables)))
        found += self._reports()
        found += map(asdict, deliveries.waiting_before(self.deliveries, now - HOUR, 2))
        for provider, name in [*self.payments][-LAST:]:
            payment = load_payment(self.tables, provider, name).payment
            found.append(asdict(lookups.about(self.tables, payment)))
        return digest(found)

    def verify(self) -> None:
        """Asserts that wallets, ledger and payments agree (laws 4 and 9)."""
        for account, unit in WALLETS:
            _, findings = wallets.verify(self.executor, account, unit)
            assert findings == [], "laws 4 and 9: wallet, ledger and payments agree"
        for provider, name in self.payments:
            checked = verifying.check_payment(self.tables, provider, name)
            assert checked.discrepancy is None, f"law 9: {checked.discrepancy}"

    def _listed(self, account: str) -> list[Any]:
        """Returns an account's subscriptions and runs of dunning, page by page."""
        found, after, limit = list[Any](), None, self.dice.choice((1, 2, 50))
        while True:
            page = subscriptions.list_subscriptions(self.tables, account, limit, after)
            found.append(subscription_page_view(page))
            after = page.following
            if after is None:
                break
        unit = self.dice.choice((None, "points", "minutes"))
        while True:
            runs = dunning.list_runs(self.tables, account, unit, limit, after)
            found.append(dunning_page_view(runs))
            after = runs.following
            if after is None:
                return found

    def _reports(self) -> list[Any]:
        """Returns how reconciliation stands with the providers that are asked, and the reports of the last days."""
        found = list[Any]()
        for provider in PROVIDERS[:2]:
            progress = reconciliation.last_pass(self.tables, provider)
            own = accounts.first_seen(self.tables, provider)
            for day in range(self.clock.now // DAY - 2, self.clock.now // DAY + 1):
                try:
                    report = reconciliation.get_report(self.tables, provider, day)
                except NotFound as refusal:
                    found.append(refusal.detail)
                    continue
                found.append(report_view(report, progress, own, {}))  # type: ignore[typeddict-item]
        return found


def detail(refusal: Refusal) -> str:
    """Returns what a refusal says, and of what it is: its members count as its text does."""
    return f"{type(refusal).__name__}: {refusal.detail} {dict(refusal.facts)}"
