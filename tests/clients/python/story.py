"""Every operation, called once and more: what a shop, its customers and its operator do in a day."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from openapi.document import FILE
from scrip_client import (
    IdempotencyKeyReused,
    InsufficientCredits,
    NotFound,
    Refused,
    Unauthenticated,
    models,
)

DOCUMENT: Final = json.loads(FILE.read_text(encoding="utf-8"))
OPERATIONS: Final[dict[str, dict[str, Any]]] = {
    operation["operationId"]: operation
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
}
PACK: Final = {
    "credits": "1000",
    "price": {"amount": 1000, "currency": "USD"},
    "provider_refs": {"dodo": "pdt_1"},
}


class Story:
    """Calls operations by their names, and notes which.

    Args:
        call: calls an operation; of a list it gives all items.
        pay: sees to it that an order is paid, and that Scrip hears of it.
    """

    def __init__(self, call: Callable[..., Any], pay: Callable[[models.Topup], None]) -> None:
        self._call, self._pay = call, pay
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def called(*given: Any, **named: Any) -> Any:
            self.called.add(name)
            return self._call(name, *given, **named)

        return called

    def play(self) -> None:
        """Does all of it.

        Raises:
            AssertionError: something was not answered as it should be.
        """
        self.catalogue()
        self.credits()
        self.holds()
        self.corrections()
        self.keys()
        self.buying()
        self.deployment()
        for name in OPERATIONS.keys() - self.called:
            self.whatever(name)
        assert self.called >= OPERATIONS.keys()

    def catalogue(self) -> None:
        assert self.put_unit("images", precision=0, policy={"transferable": True}).http.status == 201
        assert self.put_unit("images", precision=0, policy={"transferable": True}).version == 1
        assert self.get_unit("images").policy.transferable is True
        assert "images" in {one.unit for one in self.list_units()}
        assert self.put_pack("starter", **PACK).credits == "1000"
        assert self.get_pack("starter").price == models.Money(amount=1000, currency="USD")
        assert [one.pack for one in self.list_packs() if one.pack == "starter"] == ["starter"]
        assert self.pack_terms("starter", quantity=2, provider="dodo").price.amount == 2000
        price = models.PerUnitBody(model="per_unit", credits="0.01")
        assert self.put_rate("tokens", price=price).versions[0].price == price
        assert self.get_rate("tokens").meter == "tokens"
        assert "tokens" in {one.meter for one in self.list_rates()}
        assert self.put_promotion("WELCOME", amount="50", max_redemptions=10).amount == "50"
        assert self.get_promotion("WELCOME").code == "WELCOME"
        assert "WELCOME" in {one.code for one in self.list_promotions()}
        assert self.list_changes(target="unit:images", limit=1)[0].action == "unit.put"

    def credits(self) -> None:
        granted = self.grant(
            "acme",
            amount="100",
            kind="paid",
            cost_basis={"amount": 1000, "currency": "USD"},
            reference={"type": "invoice", "id": "INV-1"},
            metadata={"order": "4711"},
            idempotency_key="order-1",
        )
        assert (granted.http.status, granted.lot.remaining, granted.balance.available) == (201, "100", "100")
        burned = self.burn("acme", amount="30", reference=models.ReferenceBody(type="job", id="1"))
        assert (burned.burned, burned.balance.available) == ("30", "70")
        again = self.burn("acme", amount="30", reference={"type": "job", "id": "1"}, idempotency_key="job-2")
        assert not again.http.replayed
        assert self.burn(
            "acme", amount="30", reference={"type": "job", "id": "1"}, idempotency_key="job-2"
        ).http.replayed
        with pytest.raises(IdempotencyKeyReused):
            self.burn("acme", amount="31", idempotency_key="job-2")
        with pytest.raises(InsufficientCredits) as caught:
            self.burn("acme", amount="71")
        assert (caught.value.required, caught.value.available) == ("71", "40")
        assert self.burn("acme", meter="tokens", quantity=100).entry.usage.quantity == "100"
        assert self.quote("acme", meter="tokens", quantity="200").amount == "2"
        batch = self.burn_batch("acme", burns=[{"key": "b1", "amount": "1"}, {"key": "b2", "amount": "900"}])
        assert [one.status for one in batch.items] == [201, 402]
        assert batch.items[1].problem.available == "38"
        assert self.get_balance("acme").money[0].paid == 1000
        entries = self.list_entries("acme", kind="burn", limit=2)
        assert [one.amount for one in entries] == ["-1", "-1", "-30", "-30"]
        assert self.list_entries("acme", metadata={"order": "4711"}) == [self.list_entries("acme")[-1]]
        assert self.get_entry("acme", entries[0].entry_id).entry_id == entries[0].entry_id
        assert [one.granted for one in self.list_lots("acme")] == ["100"]
        assert "acme" in {one.account for one in self.list_accounts(prefix="ac")}
        assert [one.unit for one in self.list_wallets("acme")] == ["credits"]
        assert len(self.explain("acme")) == 5
        assert self.search(key="order-1", account="acme")[0].entry_id == granted.entry.entry_id
        at = datetime(2030, 1, 1, tzinfo=UTC)
        assert self.grant("clocked", amount="1", test_clock=at).entry.at == at

    def holds(self) -> None:
        held = self.hold("acme", amount="20", expires_in="PT1H").hold
        assert self.get_hold("acme", held.hold_id).status == "open"
        assert self.extend("acme", held.hold_id, expires_in="PT2H").hold.expires_at > held.expires_at
        assert [one.hold_id for one in self.list_holds("acme", status="open")] == [held.hold_id]
        assert self.capture("acme", held.hold_id, amount="12").hold.captured == "12"
        other = self.hold("acme", amount="1").hold
        assert self.release("acme", other.hold_id, reason="not needed").hold.released == "1"

    def corrections(self) -> None:
        lot = self.grant("globex", amount="10", expires_in="P1Y").lot
        assert (
            self.change_expiry("globex", lot.lot_id, expires_in="P2Y", reason="asked").entry.kind
            == "expiry_change"
        )
        assert self.void_lot("globex", lot.lot_id, amount="4").entry.amount == "-4"
        burn = self.burn("globex", amount="5").entry
        assert self.reverse("globex", burn.entry_id, amount="2").balance.available == "3"
        assert (
            self.adjust("globex", direction="credit", amount="1", reason="rounding").balance.available == "4"
        )
        assert self.freeze("globex").balance.status == "frozen"
        assert self.unfreeze("globex").balance.status == "active"
        money = {"amount": 500, "currency": "USD"}
        source = {"type": "invoice", "id": "INV-1"}
        assert self.refund("globex", source=source, value=money, paid=money).lot.kind == "refund"
        self.grant("globex", unit="images", amount="9")
        assert self.transfer("globex", unit="images", to_account="initech", amount="5").to_entry.amount == "5"
        said = self.compensate(incident="outage-1", amount="5", accounts=[{"account": "globex"}])
        assert [one.account for one in said.items] == ["globex"]
        assert "outage-1" in {one.incident for one in self.list_compensations()}
        assert self.extend_lots(incident="outage-2", by="P3D", accounts=["globex"]).moved >= 1
        assert self.redeem("globex", code="WELCOME").lot.granted == "50"
        assert self.put_allowance("globex", "monthly", amount="100", every="P1M").version == 1
        assert self.get_allowance("globex", "monthly").amount == "100"
        assert [one.allowance_id for one in self.list_allowances("globex")] == ["monthly"]
        assert self.delete_allowance("globex", "monthly") is None
        assert self.close("initech-2").balance.status == "closed"

    def keys(self) -> None:
        made = self.create_key(scopes=["read", "top_up"], account="acme", name="The portal of acme")
        assert self.rotate_key(made.key_id).key != made.key
        assert made.key_id in {one.key_id for one in self.list_keys()}
        assert self.delete_key(made.key_id) is None
        assert self.create_portal_session(account="acme", may=["read"]).token

    def buying(self) -> None:
        wants: dict[str, Any] = {
            "account": "acme",
            "pack": "starter",
            "provider": "dodo",
            "return_url": "http://localhost:3000/",
            "accept_terms": True,
        }
        order = self.order(**wants)
        assert (order.status, order.credits) == ("pending", "1000")
        assert self.cancel_order(self.order(**wants).topup_id).status == "cancelled"
        self._pay(order)
        assert self.get_order(order.topup_id).status == "paid"
        assert order.topup_id in {one.topup_id for one in self.list_topups(account="acme", status="paid")}
        (payment,) = [one for one in self.list_payments(account="acme") if one.topup_id == order.topup_id]
        name = (payment.provider, payment.payment_id)
        assert self.get_payment(*name).topup_id == order.topup_id
        quoted = self.quote_refund(*name, amount=100)
        assert quoted.to_dict()
        assert self.refund_payment(*name, as_="money", amount=100, reason="asked for").to_dict()
        assert self.resolve_payment(*name, action="dismiss", reason="looked at").to_dict()
        with pytest.raises(Unauthenticated):
            self.webhook("dodo", "{}", webhook_id="m", webhook_timestamp="1", webhook_signature="v1,none")
        with suppress(NotFound):  # the night that makes it was not yet
            assert self.get_reconciliation(provider="dodo").provider == "dodo"

    def deployment(self) -> None:
        assert self.get_health().http.status == 200
        assert self.get_version().version == DOCUMENT["info"]["version"]
        assert self.get_openapi().openapi == "3.1.0"

    def whatever(self, name: str) -> None:
        """Calls an operation that has no place in the story yet, with its example: it is answered, or refused as the
        document says."""
        operation = OPERATIONS[name]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        given = dict(content.get("example", {}))
        wanted = inspect.signature(getattr(_operations(), name)).parameters
        for one in list(wanted.values())[1:]:
            if one.default is inspect.Parameter.empty and one.name not in given:
                given[one.name] = PLACEHOLDERS.get(one.name, "nothing")
        refused = ""
        try:
            getattr(self, name)(**given)
        except Refused as error:
            refused = str(error.status)
        assert not refused or refused in operation["responses"], name


PLACEHOLDERS: Final[Mapping[str, str]] = {"account": "acme", "unit": "credits", "provider": "dodo"}


def _operations() -> type:
    from scrip_client.operations import Operations

    return Operations
