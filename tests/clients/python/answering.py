"""An HTTP server that answers what a test wants, in that order, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that a test wants. ``None`` as a status: the connection is closed without one."""

    status: int | None = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    slowly: float = 0.0
    """Seconds before each byte of the body."""


@dataclass
class Server:
    """What is answered next, and what was asked. The last answer is given again and again."""

    url: str = ""
    answers: list[Answered] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def will(self, *answers: Answered) -> None:
        self.answers[:] = answers

    def next(self) -> Answered:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def problem(code: str, status: int, **facts: Any) -> Answered:
    """Makes a problem document as Scrip does; ``after`` is its ``Retry-After``."""
    after = facts.pop("after", None)
    headers = {"content-type": "application/problem+json", "request-id": "req-1"}
    body = {
        "type": f"urn:scrip:problem:{code}",
        "title": "No",
        "status": status,
        "detail": "Not so.",
        "code": code,
    }
    return Answered(status, {**body, **facts}, {**headers, **({"retry-after": after} if after else {})})


@contextmanager
def answering() -> Iterator[Server]:
    """Serves on a free port of this machine."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            url = urlsplit(self.path)
            sent = {name.lower(): value for name, value in self.headers.items()}
            server.asked.append(Asked(self.command, url.path, dict(parse_qsl(url.query)), sent, raw))
            wanted = server.next()
            if wanted.status is None:
                self.close_connection = True
                return
            text = wanted.body if isinstance(wanted.body, str | bytes) else json.dumps(wanted.body)
            body = text if isinstance(text, bytes) else text.encode()
            self.send_response(wanted.status)
            for name, value in {"content-type": "application/json", **wanted.headers}.items():
                self.send_header(name, value)
            if wanted.status != 204:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            if wanted.status != 204:
                self.say(body, wanted.slowly)

        def say(self, body: bytes, slowly: float) -> None:
            if not slowly:
                self.wfile.write(body)
                return
            with suppress(OSError):  # nobody waits any more
                for byte in body:
                    time.sleep(slowly)
                    self.wfile.write(bytes([byte]))

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the base's own names

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
