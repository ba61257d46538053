"""Every operation, called once and more: what a shop, its customers and its operator do in a day."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from keyword import iskeyword
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
        suffix: ends every name, where others use the same Scrip.
    """

    def __init__(
        self, call: Callable[..., Any], pay: Callable[[models.Topup], None], suffix: str = ""
    ) -> None:
        self._call, self._pay = call, pay
        self.called: set[str] = set()
        self.acme, self.globex, self.initech = (f"{name}{suffix}" for name in ("acme", "globex", "initech"))
        self.images, self.starter, self.tokens = (
            f"{name}{suffix}" for name in ("images", "starter", "tokens")
        )
        self.code, self.clocked, self.invoice = (
            f"{name}{suffix}" for name in ("WELCOME", "clocked", "INV-1")
        )
        self.outage, self.second_outage = f"outage-1{suffix}", f"outage-2{suffix}"

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
        policy = {"transferable": True, "value": {"amount": 100, "currency": "USD"}}
        assert self.put_unit(self.images, precision=0, policy=policy).http.status == 201
        assert self.put_unit(self.images, precision=0, policy=policy).version == 1
        assert self.get_unit(self.images).policy.transferable is True
        assert self.images in {one.unit for one in self.list_units()}
        assert self.put_pack(self.starter, **PACK).credits == "1000"
        assert self.get_pack(self.starter).price == models.Money(amount=1000, currency="USD")
        assert [one.pack for one in self.list_packs() if one.pack == self.starter] == [self.starter]
        assert self.pack_terms(self.starter, quantity=2, provider="dodo").price.amount == 2000
        price = models.PerUnitBody(model="per_unit", credits="0.01")
        assert self.put_rate(self.tokens, price=price).versions[0].price == price
        assert self.get_rate(self.tokens).meter == self.tokens
        assert self.tokens in {one.meter for one in self.list_rates()}
        assert self.put_promotion(self.code, amount="50", max_redemptions=10).amount == "50"
        assert self.get_promotion(self.code).code == self.code
        assert self.code in {one.code for one in self.list_promotions()}
        chart = self.put_chart_of_accounts(revenue="4000", cash_stripe="1100", bank=None)
        assert (chart.revenue, chart.cash_stripe, chart.bank) == ("4000", "1100", "Bank")
        assert self.get_chart_of_accounts().revenue == "4000"
        assert self.list_changes(target=f"unit:{self.images}", limit=1)[0].action == "unit.put"

    def credits(self) -> None:
        granted = self.grant(
            self.acme,
            amount="100",
            kind="paid",
            cost_basis={"amount": 1000, "currency": "USD"},
            reference={"type": "invoice", "id": self.invoice},
            metadata={"order": "4711"},
            idempotency_key="order-1",
        )
        assert (granted.http.status, granted.lot.remaining, granted.balance.available) == (201, "100", "100")
        burned = self.burn(self.acme, amount="30", reference=models.ReferenceBody(type="job", id="1"))
        assert (burned.burned, burned.balance.available) == ("30", "70")
        again = self.burn(
            self.acme, amount="30", reference={"type": "job", "id": "1"}, idempotency_key="job-2"
        )
        assert not again.http.replayed
        assert self.burn(
            self.acme, amount="30", reference={"type": "job", "id": "1"}, idempotency_key="job-2"
        ).http.replayed
        with pytest.raises(IdempotencyKeyReused):
            self.burn(self.acme, amount="31", idempotency_key="job-2")
        with pytest.raises(InsufficientCredits) as caught:
            self.burn(self.acme, amount="71")
        assert (caught.value.required, caught.value.available) == ("71", "40")
        assert self.burn(self.acme, meter=self.tokens, quantity=100).entry.usage.quantity == "100"
        assert self.quote(self.acme, meter=self.tokens, quantity="200").amount == "2"
        batch = self.burn_batch(
            self.acme, burns=[{"key": "b1", "amount": "1"}, {"key": "b2", "amount": "900"}]
        )
        assert [one.status for one in batch.items] == [201, 402]
        assert batch.items[1].problem.available == "38"
        assert self.get_balance(self.acme).money[0].paid == 1000
        entries = self.list_entries(self.acme, kind="burn", limit=2)
        assert [one.amount for one in entries] == ["-1", "-1", "-30", "-30"]
        assert self.list_entries(self.acme, metadata={"order": "4711"}) == [self.list_entries(self.acme)[-1]]
        assert self.get_entry(self.acme, entries[0].entry_id).entry_id == entries[0].entry_id
        assert [one.granted for one in self.list_lots(self.acme)] == ["100"]
        assert self.acme in {one.account for one in self.list_accounts(prefix=self.acme)}
        assert [one.unit for one in self.list_wallets(self.acme)] == ["credits"]
        assert len(self.explain(self.acme)) == 5
        month = datetime.now(UTC).strftime("%Y-%m")
        stated = self.get_statement(self.acme, month, limit=2)
        assert [one.seq for one in stated] == [1, 2, 3, 4, 5]
        assert [one.until for one in self.list_statement_keys().items] == [None]
        assert self.search(key="order-1", account=self.acme)[0].entry_id == granted.entry.entry_id
        at = datetime(2030, 1, 1, tzinfo=UTC)
        assert self.grant(self.clocked, amount="1", test_clock=at).entry.at == at

    def holds(self) -> None:
        held = self.hold(self.acme, amount="20", expires_in="PT1H").hold
        assert self.get_hold(self.acme, held.hold_id).status == "open"
        assert self.extend(self.acme, held.hold_id, expires_in="PT2H").hold.expires_at > held.expires_at
        assert [one.hold_id for one in self.list_holds(self.acme, status="open")] == [held.hold_id]
        assert self.capture(self.acme, held.hold_id, amount="12").hold.captured == "12"
        other = self.hold(self.acme, amount="1").hold
        assert self.release(self.acme, other.hold_id, reason="not needed").hold.released == "1"

    def corrections(self) -> None:
        lot = self.grant(self.globex, amount="10", expires_in="P1Y").lot
        assert (
            self.change_expiry(self.globex, lot.lot_id, expires_in="P2Y", reason="asked").entry.kind
            == "expiry_change"
        )
        assert self.void_lot(self.globex, lot.lot_id, amount="4").entry.amount == "-4"
        burn = self.burn(self.globex, amount="5").entry
        assert self.reverse(self.globex, burn.entry_id, amount="2").balance.available == "3"
        assert (
            self.adjust(self.globex, direction="credit", amount="1", reason="rounding").balance.available
            == "4"
        )
        assert self.freeze(self.globex).balance.status == "frozen"
        assert self.unfreeze(self.globex).balance.status == "active"
        money = {"amount": 500, "currency": "USD"}
        source = {"type": "invoice", "id": self.invoice}
        assert self.refund(self.globex, source=source, value=money, paid=money).lot.kind == "refund"
        self.grant(self.globex, unit=self.images, amount="9")
        lines = [{"line_id": "seats", "amount": 200, "tax": 40}]
        billed = {"account": self.globex, "unit": self.images, "currency": "USD", "lines": lines}
        assert self.apply_to_invoice(self.invoice, **billed, tax="after").applied.amount == 200
        assert self.get_invoice(self.invoice).lines[0].left == 40
        assert self.void_invoice(self.invoice, reason="billed twice").credits == "2"
        assert (
            self.transfer(self.globex, unit=self.images, to_account=self.initech, amount="5").to_entry.amount
            == "5"
        )
        said = self.compensate(incident=self.outage, amount="5", accounts=[{"account": self.globex}])
        assert [one.account for one in said.items] == [self.globex]
        assert self.outage in {one.incident for one in self.list_compensations()}
        assert self.extend_lots(incident=self.second_outage, by="P3D", accounts=[self.globex]).moved >= 1
        assert self.redeem(self.globex, code=self.code).lot.granted == "50"
        assert self.put_allowance(self.globex, "monthly", amount="100", every="P1M").version == 1
        assert self.get_allowance(self.globex, "monthly").amount == "100"
        assert [one.allowance_id for one in self.list_allowances(self.globex)] == ["monthly"]
        assert self.delete_allowance(self.globex, "monthly") is None
        assert self.close(f"{self.initech}-2").balance.status == "closed"

    def keys(self) -> None:
        made = self.create_key(scopes=["read", "top_up"], account=self.acme, name="The portal of acme")
        assert self.rotate_key(made.key_id).key != made.key
        assert made.key_id in {one.key_id for one in self.list_keys()}
        assert self.delete_key(made.key_id) is None
        assert self.create_portal_session(account=self.acme, may=["read"]).token

    def buying(self) -> None:
        wants: dict[str, Any] = {
            "account": self.acme,
            "pack": self.starter,
            "provider": "dodo",
            "return_url": "http://localhost:3000/",
            "accept_terms": True,
        }
        order = self.order(**wants)
        assert (order.status, order.credits) == ("pending", "1000")
        assert self.cancel_order(self.order(**wants).topup_id).status == "cancelled"
        self._pay(order)
        assert self.get_order(order.topup_id).status == "paid"
        assert order.topup_id in {one.topup_id for one in self.list_topups(account=self.acme, status="paid")}
        (payment,) = [one for one in self.list_payments(account=self.acme) if one.topup_id == order.topup_id]
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
        # What is a word of Python is called so with an underscore.
        example = content.get("example", {})
        given = {f"{one}_" if iskeyword(one) else one: value for one, value in example.items()}
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
