"""A month of random history over HTTP, in currencies of none, two and three decimals, is closed: its books add up, and
say of every account what its wallet and its lots say (law 8). The same life in every run."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import pytest

from tests.month import Month
from tests.month.played import PlayedMonth, amounts, rolled, sums
from tests.stack.books import BooksOverHttp
from tests.stack.conftest import App
from tests.stack.test_history import POLICY, World, put

PRICES: Final = {"USD": 1999, "EUR": 10000, "JPY": 777, "KRW": 50001, "BHD": 33333, "KWD": 10001}
"""What a pack of 70 credits costs, without tax."""
AT_ONCE: Final = 2
"""Lives that go on side by side. The local AWS may start a process of each function for each."""


@dataclass(frozen=True, slots=True)
class Span:
    """A month: no two tests close the same."""

    period: str

    @property
    def begins(self) -> datetime:
        return datetime.fromisoformat(f"{self.period}-01T00:00:00+00:00")

    @property
    def after(self) -> datetime:
        """When the next one begins."""
        return (self.begins + timedelta(days=32)).replace(day=1)

    @property
    def last(self) -> str:
        return World.at(self.after - timedelta(milliseconds=1))

    @property
    def closes(self) -> str:
        return World.at(self.after + timedelta(minutes=10))


@dataclass
class MonthWorld(World):
    """Accounts whose life fills a month, with purchases, refunds and invoices in several currencies."""

    http: BooksOverHttp = field(kw_only=True)
    span: Span = field(kw_only=True)
    steps: int = field(kw_only=True)
    invoices: list[str] = field(default_factory=list)
    payments: list[str] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)

    @property
    def accounts(self) -> list[str]:
        return [f"{self.prefix}-{number}" for number in range(5)]

    def live(self) -> None:
        """Does all of the steps, at random instants of the month."""
        acts: dict[Callable[[str], None], float] = {
            self.grant: 4,
            self.burn: 6,
            self.batch: 0.5,
            self.hold: 3,
            self.settle_hold: 4,
            self.reverse: 2,
            self.void: 0.7,
            self.transfer: 2,
            self.refund: 0.5,
            self.adjust: 0.7,
            self.allow: 0.5,
            self.compensate: 0.2,
            self.buy: 0.6,
            self.give_back: 0.3,
            self.apply: 1,
            self.void_invoice: 0.5,
        }
        instants = sorted(self.dice.random() for _ in range(self.steps))
        for instant in instants:
            self.now = self.span.begins + instant * (self.span.after - self.span.begins)
            (act,) = self.dice.choices(list(acts), list(acts.values()))
            act(self.dice.choice(self.accounts))

    def grant(self, account: str) -> None:
        body: dict[str, Any] = {"amount": self.amount(), "kind": self.dice.choice(("paid", "promotional"))}
        if body["kind"] == "paid":
            cost = self.dice.choice((0, 1, self.dice.randint(0, 3000), self.dice.randint(0, 10**7)))
            body["cost_basis"] = {"amount": cost, "currency": self.dice.choice(list(PRICES))}
        if self.dice.random() < 0.6:
            body["expires_at"] = self.later()
        elif self.dice.random() < 0.2:
            body["effective_at"] = self.later()
        self.post(account, "grants", body)

    def answered(self, path: str, body: Any, **more: Any) -> Any:
        """The answer's document, or None where it was refused."""
        answer = self.http.post(path, body, clock=self.clock, **more)
        assert answer.status in (200, 201, 202, 402, 409, 422), (path, body, answer.text)
        self.used[f"{path.rpartition('/')[2]} {answer.code}".strip()] += 1
        return answer.body if answer.status < 300 else None

    def buy(self, account: str) -> None:
        """A pack, whose payment names no order: who accepts it has the clock."""
        self.number += 1
        currency, payment = self.dice.choice(list(PRICES)), f"{self.prefix}-pay-{self.number}"
        order = {"account": account, "pack": f"{self.unit}-{currency.lower()}", "provider": "standard"}
        made = self.answered(
            "/v1/topups", {**order, "return_url": "https://example.test/", "accept_terms": True}
        )
        tax = self.dice.choice((0, PRICES[currency] // 5))
        paid = {"payment_id": payment, "amount": PRICES[currency] + tax, "tax": tax, "currency": currency}
        self.http.deliver(
            {"type": "payment.succeeded", "timestamp": self.clock, "data": paid}, provider="standard"
        )
        body = {"action": "accept", "topup_id": made["topup_id"], "reason": "random"}
        assert self.answered(f"/v1/payments/standard/{payment}/resolutions", body)
        self.payments.append(payment)

    def give_back(self, _account: str) -> None:
        """A refund of a part of a payment, which its provider confirms."""
        if not self.payments:
            return
        path = f"/v1/payments/standard/{self.dice.choice(self.payments)}"
        body = {"as": "money", "amount": self.dice.randint(1, 900), "force": True, "reason": "random"}
        made = self.answered(f"{path}/refunds", body)
        if made and made["refund"].get("request_id"):
            about = f"refund:request:{made['refund']['request_id']}"
            settled = {"action": "settle", "about": about, "status": "succeeded", "reason": "random"}
            self.answered(f"{path}/resolutions", settled)

    def apply(self, account: str) -> None:
        self.number += 1
        invoice = f"{self.prefix}-inv-{self.number}"
        line = {"line_id": "1", "description": "use", "amount": self.dice.randint(1, 900), "tax": 7}
        said = {"account": account, "unit": self.unit, "currency": "EUR", "lines": [line]}
        if self.answered(
            f"/v1/invoices/{invoice}/applications", {**said, "tax": self.dice.choice(("before", "after"))}
        ):
            self.invoices.append(invoice)

    def void_invoice(self, _account: str) -> None:
        if self.invoices:
            invoice = self.invoices.pop(self.dice.randrange(len(self.invoices)))
            assert self.answered(f"/v1/invoices/{invoice}/void", {})


def lots_of(http: BooksOverHttp, span: Span, unit: str, account: str) -> Counter[str]:
    """What all lots of a wallet have deferred as the month ends, by currency."""
    found: Counter[str] = Counter()
    query = {"unit": unit, "status": "all", "limit": "1000"}
    while True:
        page = http.get(f"/v1/accounts/{account}/lots", query=query, clock=span.last).body
        for lot in page["items"]:
            if lot["money"]:
                found[lot["money"]["currency"]] += lot["money"]["deferred"]
        if page["next_cursor"] is None:
            return +found
        query["cursor"] = page["next_cursor"]


def money_of(http: BooksOverHttp, span: Span, unit: str, account: str) -> list[dict[str, Any]]:
    """What became of the money of a wallet, as its statement of the month has it."""
    path, query = f"/v1/accounts/{account}/statements/{span.period}", {"unit": unit}
    answer = http.get(path, query=query, clock=span.closes)
    assert (answer.status, answer.body["status"]) == (200, "final"), answer.text
    found: list[dict[str, Any]] = answer.body["closing"]["money"]
    return found


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("period", "operations"), [("2029-05", 160), ("2029-08", 10_000)])
def test_law_8_the_books_of_a_random_month_are_those_of_its_wallets_and_lots(
    stack: App, account: str, period: str, operations: int
) -> None:
    http, unit, span = BooksOverHttp(stack), f"month-{account}", Span(period)
    value = {"amount": 37, "currency": "EUR"}
    put(stack, f"/v1/units/{unit}", {"precision": 2, "policy": {**POLICY, "value": value}})
    for currency, price in PRICES.items():
        pack = {"unit": unit, "credits": "70", "price": {"amount": price, "currency": currency}}
        late = {"tax_point": "redemption", "expires_in": "P9D"} if currency in ("JPY", "BHD") else {}
        put(stack, f"/v1/packs/{unit}-{currency.lower()}", {**pack, **late, "terms": "random"})
    more: dict[str, Any] = {"unit": unit, "http": http, "span": span, "steps": operations // AT_ONCE}
    worlds = [
        MonthWorld(stack, random.Random(number), f"{account}-{number}", **more) for number in range(AT_ONCE)
    ]
    for world in worlds:
        rate = {"unit": unit, "price": {"model": "per_unit", "credits": "0.013"}}
        put(stack, f"/v1/rates/{world.prefix}-gpu", rate)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(MonthWorld.live, worlds):
            pass

    closed = http.close(period, span.closes)
    assert closed["close"]["complete_through"] >= World.at(span.after)
    accounts = [account for world in worlds for account in world.accounts]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lots = dict(zip(accounts, pool.map(partial(lots_of, http, span, unit), accounts), strict=True))
        money = dict(zip(accounts, pool.map(partial(money_of, http, span, unit), accounts), strict=True))
    asked = {"period": period, "unit": unit, "clock": span.closes}
    _adds_up(PlayedMonth(http, Month("none-")), asked, lots, money)
    done = sum((world.done + world.used + world.refused for world in worlds), Counter[str]())
    assert done.total() > operations * 0.5


def _adds_up(
    books: PlayedMonth,
    asked: dict[str, str],
    lots: dict[str, Counter[str]],
    money: dict[str, list[dict[str, Any]]],
) -> None:
    trial = amounts(books.ask("trial-balance", **asked), "account")
    forward = amounts(books.ask("roll-forward", **asked), "line")
    owed = amounts(books.ask("liability", **asked, by="account"), "account")
    earned = {by: sums(books.ask("revenue", **asked, by=by)) for by in ("day", "meter", "pack", "account")}
    aged, broken = sums(books.ask("liability", **asked)), sums(books.ask("breakage", **asked))
    cash = sums(books.ask("cash", **asked))

    paid = {one["currency"] for found in money.values() for one in found if one["paid"] > 0}
    assert len(paid) >= 3
    # Credits that cost 0 have a currency in which nothing is booked.
    assert trial.keys() == paid <= forward.keys()
    assert {currency for found in lots.values() for currency in found} <= paid
    for currency, accounts in trial.items():
        lines, of = forward[currency], Counter(accounts)
        assert sum(accounts.values()) == 0
        deferred = {account: found[currency] for account, found in lots.items() if found[currency]}
        assert {account: one for account, one in owed.get(currency, {}).items() if one} == deferred
        assert -of["deferred_revenue"] == lines["closing"] == sum(deferred.values())
        assert lines["closing"] == rolled(lines) == aged.get(currency, 0)
        assert (lines["opening"], lines["moved"]) == (0, 0)
        said = [one for found in money.values() for one in found if one["currency"] == currency]
        assert sum(one["deferred"] for one in said) == lines["closing"]
        assert sum(one["breakage"] for one in said) == -of["breakage"] == broken.get(currency, 0)
        # What was given back though its credits are another lot's is a bad debt of its wallet. In the books it is what
        # it was given back for: a refund, or a dispute.
        given = of["refunds"] + of["bad_debt"]
        assert sum(one["recognised"] - one["bad_debt"] for one in said) == -of["revenue"] - given
        assert sum(one["moved"] for one in said) == 0
        for by, found in earned.items():
            assert found.get(currency, 0) == -of["revenue"], by
        assert cash.get(currency, 0) == of["cash.standard"]
