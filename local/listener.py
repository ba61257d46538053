"""The endpoint of the demo: it prints what Scrip sends it, once the signature is verified; and something to be sent: a
low balance, and an automatic top-up that a stand-in is paid for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

from local.stack import Stack, StackError

ENDPOINT: Final = "demo"
TYPES: Final = (
    *("scrip.balance.*", "scrip.lot.*", "scrip.topup.*", "scrip.auto_topup.*", "scrip.webhook.*"),
    *("scrip.budget.*", "scrip.usage.*", "scrip.wallet.*"),
)
ACCOUNT: Final = "demo-low"
THRESHOLD: Final = "50"
"""Of a hundred credits; sixty are burned."""
TOPPED_UP: Final = "demo-auto"
PACK: Final = "demo-100"
PROVIDER: Final = "stripe"
LEAST: Final = "20"
"""Threshold of the automatic top-up. A hundred credits are bought, and ninety burned."""
PATIENCE_SECONDS: Final = 120.0
"""Longer than what is missed of a wallet whose automatic top-up is new waits for the schedule."""


def line(event: dict[str, Any]) -> str:
    """An event in one line."""
    data = json.dumps(event["data"], ensure_ascii=False)
    return f"  event  {event['type']}  {event.get('subject', '-')}  {data}"


@dataclass
class Listener:
    """A running endpoint on a free port of this machine.

    Attributes:
        tell: told each event that was verified, as a line.
        secret: what events are signed with.
    """

    tell: Callable[[str], None]
    secret: str = ""
    heard: list[tuple[str, str | None]] = field(default_factory=list)
    """Of what has come, the types and the accounts."""
    _server: ThreadingHTTPServer | None = None

    def start(self) -> str:
        """Listens; where, is the answer."""
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(204 if listener.hear(body, headers) else 401)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}/events"

    def hear(self, body: bytes, headers: dict[str, str]) -> bool:
        """Tells an event, if we are whom it was signed for."""
        try:
            event = Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, RuntimeError, ValueError):
            return False
        self.heard.append((event["type"], event.get("subject")))
        self.tell(line(event))
        return True

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def prepare(stack: Stack) -> None:
    """Sets the demo's automatic top-up, before anything is burned: which wallets have one is remembered for a while.

    Raises ``StackError`` where Scrip does not do as it is told.
    """
    if PROVIDER not in stack.standins:
        return
    pack = {"credits": "100", "price": {"amount": 1_000, "currency": "USD"}}
    wanted = {"threshold": LEAST, "pack": PACK, "provider": PROVIDER, "cap": {"count": 5, "every": "P1M"}}
    with _client(stack) as client:
        _good(client.put(f"/v1/packs/{PACK}", json=pack))
        _good(client.put(f"/v1/accounts/{TOPPED_UP}/auto-topup", json=wanted))


def show(stack: Stack, listener: Listener) -> None:
    """Has the demo's events sent to the listener, one balance fall below its threshold, and one be topped up by itself.

    Raises ``StackError`` where Scrip does not do as it is told, or nothing comes.
    """
    with _client(stack) as client:
        endpoint = {"url": listener.start(), "types": list(TYPES)}
        made = _good(client.put(f"/v1/webhook-endpoints/{ENDPOINT}", json=endpoint))
        listener.secret = made["secret"]
        account = f"/v1/accounts/{ACCOUNT}"
        _good(client.put(f"{account}/alerts", json={"low_balance": [THRESHOLD]}))
        for what, amount in (("grants", "100"), ("burns", "60")):
            _post(client, f"{account}/{what}", {"amount": amount}, f"demo-low-{what}")
        _wait_for(listener, "scrip.balance.low", ACCOUNT)
        if PROVIDER in stack.standins:
            _top_up(client, listener)


def _top_up(client: httpx.Client, listener: Listener) -> None:
    """Buys a pack as somebody who lets the method be kept, and burns so much that another is bought."""
    order = {
        "account": TOPPED_UP,
        "pack": PACK,
        "provider": PROVIDER,
        "return_url": "http://localhost:3000/",
        "accept_terms": _good(client.get(f"/v1/packs/{PACK}/terms"))["terms_version"],
        "save_payment_method": True,
    }
    checkout = _post(client, "/v1/topups", order, "demo-auto-order")["checkout_url"]
    _good(httpx.post(f"{checkout}/pay", json={}, timeout=60, trust_env=False))
    _wait_for(listener, "scrip.topup.paid", TOPPED_UP)
    _post(client, f"/v1/accounts/{TOPPED_UP}/burns", {"amount": "90"}, "demo-auto-burn")
    # They are told in no order: each is waited for, so that the demo says all of it.
    for kind in ("scrip.auto_topup.started", "scrip.auto_topup.succeeded"):
        _wait_for(listener, kind, TOPPED_UP)


def _client(stack: Stack) -> httpx.Client:
    headers = {"authorization": f"Bearer {stack.admin_key}"}
    return httpx.Client(base_url=stack.url, headers=headers, timeout=60, trust_env=False)


def _wait_for(listener: Listener, kind: str, account: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (kind, account) not in listener.heard:
        if time.monotonic() > deadline:
            raise StackError(f"the demo's event {kind} of {account} did not reach its endpoint")
        time.sleep(0.1)


def _post(client: httpx.Client, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    return _good(client.post(path, json=body, headers={"idempotency-key": key}))


def _good(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise StackError(f"the demo: {answer.request.url.path} answered {answer.status_code}: {answer.text}")
    document: dict[str, Any] = answer.json()
    return document
