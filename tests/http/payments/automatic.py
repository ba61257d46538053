"""A wallet with an automatic top-up, at a stand-in of either provider."""

from __future__ import annotations

from typing import Any, Final

from local.standins.dodo import Provider as Dodo
from local.standins.stripe import Provider as Stripe
from tests.aws import Answer, Deployment, Json, provider_event

PACK: Final = {
    "credits": "1000",
    "price": {"amount": 10000, "currency": "USD"},
    "provider_refs": {"dodo": "pdt_1", "dodo_on_demand": "pdt_od"},
}


class Automatic:
    """A buyer of one account, whose payment method may be kept, and the account's automatic top-up.

    No webhook is sent by itself; ``settle`` has everything happen that is under way.
    """

    def __init__(self, scrip: Deployment, provider: Dodo | Stripe, account: str, **pack: Any) -> None:
        self.scrip, self.provider, self.account = scrip, provider, account
        provider.charges_told = "never"
        answer = scrip.put(f"/v1/packs/{account}", {**PACK, **pack})
        assert answer.status == 201, answer.text
        self._orders = self._read = 0
        self.path = f"/v1/accounts/{account}/auto-topup"

    @property
    def name(self) -> str:
        return self.provider.NAME

    def orders(self, **more: Any) -> Answer:
        self._orders += 1
        wanted = {
            "account": self.account,
            "pack": self.account,
            "provider": self.name,
            "return_url": "https://shop.example.test/done",
            "accept_terms": True,
            "save_payment_method": True,
        }
        clock = {name: more.pop(name) for name in ("clock",) if name in more}
        return self.scrip.post("/v1/topups", {**wanted, **more}, key=f"order-{self._orders}", **clock)

    def buys(self, **more: Any) -> Json:
        """Orders and pays a pack, and lets the method be kept; all of it is applied. Returns the order."""
        made = self.orders(**more)
        assert made.status == 201, made.text
        order: Json = made.body
        before = len(self.provider.said)
        self.provider.pay(order["checkout_session_id"], {"webhook": False})
        self.deliver(*self.provider.said[before:])
        return order

    def deliver(self, *events: Json) -> None:
        """The provider's webhooks, applied."""
        self.scrip.deliver(*events, provider=self.name)

    def settle_charge(self, number: int, status: str = "succeeded") -> None:
        """A charge that was under way comes to its end, and its webhook is applied."""
        charged = self.provider.charged[number]
        id_ = charged.id if isinstance(self.provider, Dodo) else charged.intent["id"]  # type: ignore[union-attr]
        before = len(self.provider.said)
        self.provider.settle_charge(id_, {"webhook": False, "status": status})
        self.deliver(*self.provider.said[before:])

    @property
    def metadata(self) -> list[Json]:
        """What the provider was told to keep with each charge."""
        if isinstance(self.provider, Dodo):
            return [one.data["metadata"] for one in self.provider.charged]
        return [one.intent["metadata"] for one in self.provider.charged]

    def put(self, **more: Any) -> Answer:
        request = {name: more.pop(name) for name in ("clock", "caller") if name in more}
        wanted = {"threshold": "100", "pack": self.account, "provider": self.name}
        return self.scrip.put(self.path, {**wanted, **more}, **request)

    @property
    def known(self) -> Json:
        answer = self.scrip.get(self.path)
        assert answer.status == 200, answer.text
        body: Json = answer.body
        return body

    def state(self) -> tuple[str, str | None]:
        known = self.known
        return known["state"], known["reason"]

    @property
    def available(self) -> str:
        return str(self.scrip.balance(self.account)["available"])

    def burn(self, amount: str, **more: Any) -> None:
        answer = self.scrip.burn(self.account, amount, **more)
        assert answer.status == 201, answer.text

    def settle(self) -> None:
        """Has the stream read, wallets looked at and payments applied, until nothing is under way."""
        self.scrip.cold()
        for _ in range(6):
            self._read = self.scrip.read_stream(self.account, after=self._read)
            looked = self.scrip.look()
            records = self.scrip.queued()
            assert self.scrip.apply(records) == []
            if not looked and not records:
                return
        raise AssertionError("it does not come to rest")

    def told(self) -> list[tuple[str, str | None]]:
        """What was told of it since it was asked last: types and reasons."""
        return [
            (one["type"].rpartition(".")[2], one["data"]["reason"])
            for one in self.scrip.told("scrip.auto_topup")
        ]


def dodo_event(payment: Json) -> Json:
    """The webhook of a payment of Dodo's, as it is now."""
    return provider_event(f"payment.{payment['status']}", payment)
