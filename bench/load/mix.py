"""What a client does, by chance: mostly burns, and everything else that moves credits, reads them, or buys them."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import httpx

from bench.load.asking import REFERENCE, Asking, Json, Purchase
from local.standins.serving import Standin

WEIGHTS: Final[Mapping[str, int]] = {
    "burn": 44,
    "metered": 9,
    "batch": 4,
    "hold": 9,
    "grant": 8,
    "short_grant": 3,
    "reversal": 4,
    "void": 2,
    "transfer": 3,
    "topup": 2,
    "refund": 1,
    "balance": 4,
    "quote": 3,
    "entries": 2,
    "lots": 2,
}
"""Of a hundred. ``hold`` is two requests more often than not."""
HOT: Final = 0.2
"""Of the requests, at the hot wallets."""
AGAIN: Final = 0.02
"""Of the burns, sent once more after their answer: the same answer must come."""
PACK_CREDITS, PACK_PRICE, REFUNDED = 1000, 1000, 300
"""Credits and cents of the pack, and the cents of a refund: 30 %, so 300 credits."""
APPLIED_SECONDS: Final = 5.0
"""After which a payment is likely to be applied, so that it can be refunded here."""
MOST_LOTS: Final = 10
"""Burns, lots and purchases that a client keeps in mind to reverse, void and refund."""


@dataclass(frozen=True)
class Town:
    """The wallets and what is sold: all of one unit, of one run."""

    name: str
    accounts: list[str]
    hot: list[str]
    standins: Mapping[str, Standin]

    @property
    def unit(self) -> str:
        return self.name

    @property
    def pack(self) -> str:
        return f"{self.name}-pack"

    @property
    def meter(self) -> str:
        return f"{self.name}-calls"

    def catalogue(self) -> dict[str, Json]:
        """What has to be put where: a unit with two decimals whose credits may move, a pack, a rate card."""
        price = {"amount": PACK_PRICE, "currency": "USD"}
        per_call = {"model": "per_unit", "credits": "0.05"}
        return {
            f"/v1/units/{self.unit}": {"precision": 2, "policy": {"transferable": True}},
            f"/v1/packs/{self.pack}": {"unit": self.unit, "credits": str(PACK_CREDITS), "price": price},
            f"/v1/rates/{self.meter}": {"unit": self.unit, "price": per_call},
        }


class Customer:
    """One client, in a thread of its own."""

    def __init__(self, number: str, town: Town, asking: Asking, chance: random.Random) -> None:
        self.town, self.asking, self.books, self._chance = town, asking, asking.books, chance
        self._name, self._made = f"{town.name}-{number}", 0
        self._burns: deque[tuple[str, str]] = deque(maxlen=MOST_LOTS)
        self._lots: deque[tuple[str, str]] = deque(maxlen=MOST_LOTS)
        self._bought: deque[Purchase] = deque(maxlen=MOST_LOTS)
        self._acts: dict[str, Callable[[str], None]] = {name: getattr(self, name) for name in WEIGHTS}

    def run(self, until: float) -> None:
        """Acts until the clock (``time.monotonic``) says so. Whatever goes wrong here is a finding."""
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        while time.monotonic() < until:
            (name,) = self._chance.choices(names, weights)
            hot = self._chance.random() < HOT
            try:
                self._acts[name](self._chance.choice(self.town.hot if hot else self.town.accounts))
            except Exception as error:  # noqa: BLE001 - the others go on, and the run fails in the end
                self.books.found(f"{name}: {type(error).__name__}: {error}")

    def stock(self, accounts: Sequence[str]) -> None:
        """Gives each of these wallets credits."""
        for account in accounts:
            self.grant(account)

    def try_everything(self, account: str) -> None:
        """Does each thing once, and buys and refunds at every provider, so that every function has started and has all
        it ever imports."""
        for act in self._acts.values():
            act(account)
        for provider in self.town.standins:
            self._buy(account, provider)
        time.sleep(APPLIED_SECONDS)
        while self._bought:
            self._refund_here(self._bought.popleft())

    # Credits out

    def burn(self, account: str) -> None:
        self._burn("burn", account, {"amount": self._amount(0.25, 3)})

    def metered(self, account: str) -> None:
        self._burn(
            "burn by meter", account, {"meter": self.town.meter, "quantity": self._chance.randint(1, 40)}
        )

    def _burn(self, operation: str, account: str, body: Json) -> None:
        path, key = f"/v1/accounts/{account}/burns", self._key(account)
        answer = self._move(operation, path, key, body)
        if answer is None:
            return
        if answer.status_code == 402:
            self.grant(account)
        elif answer.is_success:
            self._burns.append((account, answer.json()["entry"]["entry_id"]))
            if self._chance.random() < AGAIN:
                again = self._move(f"{operation}, again", path, key, body)
                if again is not None and again.text != answer.text:
                    self.books.found(f"{key}: another answer under the same key: {again.text[:300]}")

    def batch(self, account: str) -> None:
        keys = tuple(self._key(account) for _ in range(self._chance.randint(2, 20)))
        burns = [
            {"unit": self.town.unit, "key": key, "amount": self._amount(0.05, 0.5), **self._about(key)}
            for key in keys
        ]
        path = f"/v1/accounts/{account}/burns/batch"
        answer = self.asking.send("batch", "POST", path, {"burns": burns}, keys=keys)
        if answer is None or not answer.is_success:
            return
        for key, item in zip(keys, answer.json()["items"], strict=True):
            if "entry" in item:
                self.books.tell(key, account, item["entry"])
            elif item["status"] == 402:
                self.books.refuse(key)
            else:
                self.books.found(f"batch: {item}")

    def hold(self, account: str) -> None:
        """Captured as a whole, in part, released, or left to time out."""
        path = f"/v1/accounts/{account}/holds"
        what = self._chance.choice(("capture", "capture", "part", "release", "leave"))
        body = {"amount": self._amount(1, 5), "expires_in": "PT5S" if what == "leave" else "PT2M"}
        answer = self._move("hold", path, self._key(account), body)
        if answer is None or not answer.is_success or what == "leave":
            return
        path = f"{path}/{answer.json()['hold']['hold_id']}"
        if what == "part":
            self._move("capture", f"{path}/capture", self._key(account), {"amount": "0.5", "final": False})
        if what == "release":
            self._move("release", f"{path}/release", self._key(account), {})
        else:
            self._move("capture", f"{path}/capture", self._key(account), {})

    # Credits in, and about

    def grant(self, account: str) -> None:
        self._grant(account, {"amount": self._amount(20, 60)})

    def short_grant(self, account: str) -> None:
        """Credits that expire while this runs: a burn or the sweep books that."""
        seconds = self._chance.randint(2, 40)
        cost = {"kind": "paid", "cost_basis": {"amount": 500, "currency": "USD"}}
        self._grant(account, {"amount": self._amount(5, 9), "expires_in": f"PT{seconds}S", **cost})

    def _grant(self, account: str, body: Json) -> None:
        answer = self._move("grant", f"/v1/accounts/{account}/grants", self._key(account), body)
        if answer is not None and answer.is_success:
            self._lots.append((account, answer.json()["lot"]["lot_id"]))

    def reversal(self, _: str) -> None:
        if self._burns:
            account, entry_id = self._burns.popleft()
            path = f"/v1/accounts/{account}/burns/{entry_id}/reversal"
            self._move("reversal", path, self._key(account), {})

    def void(self, _: str) -> None:
        if self._lots:
            account, lot_id = self._lots.pop()
            self._move(
                "void", f"/v1/accounts/{account}/lots/{lot_id}/void", self._key(account), {"amount": "1"}
            )

    def transfer(self, account: str) -> None:
        to = self._chance.choice([other for other in self.town.accounts if other != account])
        self.books.received.add(to)
        body = {"to_account": to, "amount": self._amount(0.5, 4)}
        self._move("transfer", f"/v1/accounts/{account}/transfers", self._key(account), body)

    # Buying

    def topup(self, account: str) -> None:
        self._buy(account, self._chance.choice(sorted(self.town.standins)))

    def _buy(self, account: str, provider: str) -> None:
        """An order, paid at once at the stand-in, which sends its webhook."""
        body = {
            "account": account,
            "pack": self.town.pack,
            "provider": provider,
            "return_url": "https://shop.example.test/done",
            "accept_terms": True,
        }
        answer = self.asking.send("top-up", "POST", "/v1/topups", body, self._key(account))
        if answer is None or not answer.is_success:
            return
        order = answer.json()
        paid = self._at_provider(provider, "pay", order["checkout_session_id"], {"tax": 0})
        payment_id = paid["payment_intent" if provider == "stripe" else "payment_id"]
        names = (provider, account, order["topup_id"], order["checkout_session_id"], payment_id)
        purchase = Purchase(*names, PACK_CREDITS, {0}, time.monotonic())
        self._bought.append(purchase)
        with self.books.lock:
            self.books.purchases.append(purchase)

    def refund(self, _: str) -> None:
        """30 % of a purchase goes back: by the merchant's hand at the provider, or asked for here."""
        if not self._bought or time.monotonic() < self._bought[0].paid_at + APPLIED_SECONDS:
            return
        one = self._bought.popleft()
        if self._chance.random() < 0.5:
            self._at_provider(one.provider, "refund", one.session, {"amount": REFUNDED})
            one.clawed = {REFUNDED}
        else:
            self._refund_here(one)

    def _refund_here(self, one: Purchase) -> None:
        path = f"/v1/payments/{one.provider}/{one.payment_id}"
        found = self.asking.send("payment", "GET", path)
        if found is None or found.status_code == 404:
            return
        key = self._key(one.account)
        body = {"as": "money", "amount": REFUNDED, "reason": "load"}
        answer = self.asking.send("refund", "POST", f"{path}/refunds", body, key)
        if answer is None:
            one.clawed = {0, REFUNDED}
        elif answer.is_success:
            one.clawed = {REFUNDED}

    def _at_provider(self, provider: str, what: str, session: str, options: Json) -> Json:
        began = time.perf_counter()
        done: Json = getattr(self.town.standins[provider], what)(session, options)
        status = done["webhook_status"]
        self.books.note("webhook", (time.perf_counter() - began) * 1000, str(status))
        if status != 200:
            self.books.found(f"webhook: {provider} was answered {status}")
        return done

    # Reads

    def balance(self, account: str) -> None:
        answer = self._get("balance", account, "balance")
        if answer is not None and answer.is_success:
            said = {name: Decimal(value) for name, value in answer.json().items() if name in PARTS}
            if (
                said["total"]
                != said["available"] + said["held"] + said["frozen"] + said["pending"] - said["owed"]
            ):
                self.books.found(f"balance: does not add up: {answer.text[:300]}")

    def quote(self, account: str) -> None:
        body = {"unit": self.town.unit, "amount": self._amount(1, 5)}
        self.asking.send("quote", "POST", f"/v1/accounts/{account}/quotes", body)

    def entries(self, account: str) -> None:
        self._get("entries", account, "entries", limit="20")

    def lots(self, account: str) -> None:
        self._get("lots", account, "lots", limit="20")

    def _get(self, operation: str, account: str, what: str, **query: str) -> httpx.Response | None:
        asked = str(httpx.QueryParams({"unit": self.town.unit, **query}))
        return self.asking.send(operation, "GET", f"/v1/accounts/{account}/{what}?{asked}")

    # Requests

    def _move(self, operation: str, path: str, key: str, body: Json) -> httpx.Response | None:
        """A request that makes an entry; what is said of it is written down."""
        account = self.books.asked[key]
        whole = {"unit": self.town.unit, **body, **self._about(key)}
        answer = self.asking.send(operation, "POST", path, whole, key)
        if answer is not None and answer.is_success:
            self.books.tell(key, account, answer.json()["entry"])
        elif answer is not None and answer.status_code < 500:
            self.books.refuse(key)
        return answer

    def _key(self, account: str) -> str:
        self._made += 1
        key = f"{self._name}-{self._made}"
        self.books.ask(key, account)
        return key

    @staticmethod
    def _about(key: str) -> Json:
        return {"reference": {"type": REFERENCE, "id": key}}

    def _amount(self, least: float, most: float) -> str:
        """Of two decimals, canonical or not: both are the same amount."""
        steps = self._chance.randint(int(least * 100), int(most * 100))
        return f"{steps // 100}.{steps % 100:02}"


PARTS: Final = ("total", "available", "held", "frozen", "pending", "owed")
