"""An endpoint on this machine: keeps what it is sent, and answers as a test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from standardwebhooks import Webhook

CHUNK: Final = 64


@dataclass(frozen=True)
class Received:
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document

    def verified(self, secret: str) -> dict[str, Any]:
        """What the receiver's own library says that was sent; raises where it was signed by nobody."""
        found: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return found


@dataclass
class Receiver:
    """An endpoint.

    Attributes:
        answers: statuses of the next answers, one after the other; then ``status``.
        act: does what a test wants in the place of an answer; returns whether it did.
        most: the most requests that were being answered at one time.
    """

    url: str = ""
    status: int = 204
    answers: list[int] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    seconds: float = 0.0
    act: Callable[[BaseHTTPRequestHandler], bool] | None = None
    most: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, type_: str) -> list[Received]:
        """What came of types that begin so."""
        return [one for one in self.received if one.event["type"].startswith(type_)]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.received.append(Received(handler.path, headers, body, time.monotonic()))
            status = self.answers.pop(0) if self.answers else self.status
        try:
            if self.act and self.act(handler):
                return
            time.sleep(self.seconds)
            handler.send_response(status)
            for name, value in self.headers.items():
                handler.send_header(name, value)
            if "content-length" not in {name.lower() for name in self.headers}:
                handler.send_header("content-length", str(len(self.content)))
            handler.end_headers()
            handler.wfile.write(self.content)
        except OSError:
            return
        finally:
            with self._lock:
                self._now -= 1


def dripping(
    seconds: float, drop: bytes = b".", *, pause: float = 0.1
) -> Callable[[BaseHTTPRequestHandler], bool]:
    """Answers 200, and then one drop after the other for so long, with a pause in seconds after each."""

    def act(handler: BaseHTTPRequestHandler) -> bool:
        handler.send_response(200)
        handler.end_headers()
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                handler.wfile.write(drop)
                handler.wfile.flush()
                time.sleep(pause)
        except OSError:
            pass
        return True

    return act


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Starts an endpoint on a free port."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.answer(self)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}/hooks"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
