"""The endpoint of the demo: it prints what Scrip sends it, once the signature is verified; and something to be sent."""

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
TYPES: Final = ("scrip.balance.*", "scrip.lot.*", "scrip.topup.*", "scrip.auto_topup.*", "scrip.webhook.*")
ACCOUNT: Final = "demo-low"
THRESHOLD: Final = "50"
"""Of a hundred credits; sixty are burned."""
PATIENCE_SECONDS: Final = 30.0


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
    heard: list[str] = field(default_factory=list)
    """The types of what has come."""
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
        self.heard.append(event["type"])
        self.tell(line(event))
        return True

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def show(stack: Stack, listener: Listener) -> None:
    """Has the demo's events sent to the listener, and one balance fall below its threshold.

    Raises ``StackError`` where Scrip does not do as it is told, or nothing comes.
    """
    headers = {"authorization": f"Bearer {stack.admin_key}"}
    with httpx.Client(base_url=stack.url, headers=headers, timeout=60, trust_env=False) as client:
        endpoint = {"url": listener.start(), "types": list(TYPES)}
        made = _good(client.put(f"/v1/webhook-endpoints/{ENDPOINT}", json=endpoint))
        listener.secret = made["secret"]
        account = f"/v1/accounts/{ACCOUNT}"
        _good(client.put(f"{account}/alerts", json={"low_balance": [THRESHOLD]}))
        for what, amount in (("grants", "100"), ("burns", "60")):
            key = {"idempotency-key": f"demo-low-{what}"}
            _good(client.post(f"{account}/{what}", json={"amount": amount}, headers=key))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "scrip.balance.low" not in listener.heard:
        if time.monotonic() > deadline:
            raise StackError("the demo's low balance did not reach its endpoint")
        time.sleep(0.1)


def _good(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise StackError(f"the demo: {answer.request.url.path} answered {answer.status_code}: {answer.text}")
    document: dict[str, Any] = answer.json()
    return document
