"""An account that has one of everything, made of the examples of docs/openapi.json, wherever Scrip runs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from openapi.declare import Operation
from openapi.document import template_routes
from openapi.parameters import EXAMPLES, QUERY, REQUIRED
from openapi.routes import OPERATIONS

Json = dict[str, Any]
Send = Callable[[str, str, Json | None, dict[str, str]], Any]
"""Sends a request (method, path, body, headers) and gives back whatever stands for its answer."""
Pay = Callable[[Json], str]
"""Pays an order at its provider, until it is granted; the payment's id."""

ROUTES: Final = set(template_routes())
THERE: Final = [operation for operation in OPERATIONS if operation.route in ROUTES]


class World:
    """``ids``: what there is, by the names that paths have for it."""

    def __init__(
        self,
        account: str,
        send: Send,
        document: Callable[[Any], Mapping[str, Any]],
        pay: Pay,
        product: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``product`` makes a product for subscriptions at the provider."""
        self._send, self._document, self._pay, self._product = send, document, pay, product
        self.ids = {
            "account": account,
            "unit": "images",
            "pack": "starter",
            "meter": "tiles",
            "code": "WELCOME",
            "provider": "dodo",
            "allowance_id": "monthly",
            "budget_id": "daily",
            "endpoint_id": "crm",
            "invoice_id": f"INV-{account}",
            "month": "2026-10",
            "period": "2026-10",
            "export_id": "exp_0123456789abcdef01234567",
            "name": "cash",
        }

    def fill(self, operation: Operation) -> None:
        """All that the operation may need. A wallet that is to be closed has nothing in it, and so stays new."""
        transferable = {
            "precision": 6,
            "policy": {"transferable": True, "value": {"amount": 100, "currency": "USD"}},
        }
        self._send("PUT", "/v1/units/credits", transferable, {})
        for name in ("put_unit", "put_pack", "put_rate", "put_promotion"):
            self._example(name)
        if operation.id in ("close", "put_allowance"):
            return
        self._example("put_allowance")
        for name in self._beside(operation):
            self._example(name)
        if "{endpoint_id}" in operation.path and operation.method != "PUT":
            self._example("put_webhook_endpoint")
        self.ids["lot_id"] = self._example("grant")["lot"]["lot_id"]
        self.ids["entry_id"] = self._example("burn")["entry"]["entry_id"]
        self.ids["hold_id"] = self._example("hold")["hold"]["hold_id"]
        if operation.id in ("void_invoice", "get_invoice"):
            self._example("apply_to_invoice")
        if operation.id in ("list_records", "find_record"):
            self.ids["entry_id"] = self._example("burn_page")["entry"]["entry_id"]
        if operation.id == "settle":
            body, headers = (
                {"amount": "20", "lease": True},
                {"idempotency-key": f"lease of {self.ids['account']}"},
            )
            placed = self._send("POST", f"/v1/accounts/{self.ids['account']}/holds", body, headers)
            self.ids["hold_id"] = self._document(placed)["hold"]["hold_id"]
        self.ids["key_id"] = self._example("create_key")["key_id"]
        order = self._example("order")
        self.ids["topup_id"] = order["topup_id"]
        if "{payment_id}" in operation.path:
            self.ids["payment_id"] = self._pay(order)
        if "{subscription_id}" in operation.path:
            self._subscribe()

    @staticmethod
    def _beside(operation: Operation) -> list[str]:
        """What an account has of its own that the operation is about, by how it is put."""
        wanted = {
            "put_budget": "{budget_id}" in operation.path and operation.method != "PUT",
            "put_profile": operation.path.endswith("/profile"),
            "put_alerts": operation.path.endswith("/alerts") and operation.id != "put_alerts",
            "put_auto_topup": operation.path.endswith("/auto-topup") and operation.id != "put_auto_topup",
            "put_own_rate": operation.id in ("get_own_rate", "delete_own_rate"),
        }
        return [name for name, there in wanted.items() if there]

    def _subscribe(self) -> None:
        """A subscription, of which the first period is paid."""
        account = self.ids["account"]
        self._product("pdt_plan")
        pack = {"credits": "10", "price": {"amount": 1000, "currency": "USD"}, "recurring": {"every": "P1M"}}
        self._send("PUT", "/v1/packs/plan", {**pack, "provider_refs": {"dodo": "pdt_plan"}}, {})
        wanted = {"account": account, "pack": "plan", "accept_terms": True}
        wanted |= {"return_url": "https://shop.example.test/done"}
        headers = {"idempotency-key": f"plan of {account}"}
        self._pay(dict(self._document(self._send("POST", "/v1/topups", wanted, headers))))
        path = f"/v1/accounts/{quote(account)}/subscriptions"
        for _ in range(100):
            if found := self._document(self._send("GET", path, None, {}))["items"]:
                break
            time.sleep(0.1)
        self.ids["subscription_id"] = found[0]["subscription_id"]

    def send(self, operation: Operation, key: str = "example") -> Any:
        """The operation's example."""
        path = re.sub(r"\{(\w+)\}", lambda found: quote(self.ids[found[1]]), operation.path)
        needed = {
            name.rpartition(".")[2]: EXAMPLES[name] if name in EXAMPLES else QUERY[name][0]["enum"][0]
            for name in operation.query
            if name in REQUIRED or name in EXAMPLES
        }
        path += f"?{urlencode(needed)}" if needed else ""
        headers = {"idempotency-key": key} if operation.key else {}
        body = dict(operation.example) if operation.body else None
        if body and "{invoice_id}" in operation.path and "account" in body:
            body["account"] = self.ids["account"]
        return self._send(operation.method, path, body, headers)

    def _example(self, name: str) -> Any:
        operation = next((one for one in THERE if one.id == name), None)
        key = f"first {name} of {self.ids['account']}"
        return self._document(self.send(operation, key)) if operation else None
