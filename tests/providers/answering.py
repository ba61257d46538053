"""A server that answers as it is told to, for what no provider should do and some do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request as it came; ``headers`` has lower-case names."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """Gives one answer after the other, the last one for ever, and remembers what was asked.

    An answer is a status and a body (JSON, or bytes as they are); ``None`` closes the connection instead. ``delay``
    are the seconds before it, ``drip`` those before each byte of its body.
    """

    answers: list[tuple[int, Any] | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    delay: float = 0.0
    drip: float = 0.0
    url: str = ""

    def next(self) -> tuple[int, Any] | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving() -> Iterator[Server]:
    """A server on this machine, for as long as the context lasts."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.asked.append(Asked(f"{self.command} {self.path}", headers, body))
            time.sleep(server.delay)
            answer = server.next()
            if answer is None:
                self.close_connection = True
                return
            raw = answer[1] if isinstance(answer[1], bytes) else json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.send_header("retry-after", "30")
            self.end_headers()
            self.send(raw)

        def do_GET(self) -> None:
            self.do_POST()

        def do_PATCH(self) -> None:
            self.do_POST()

        def do_DELETE(self) -> None:
            self.do_POST()

        def send(self, raw: bytes) -> None:
            try:
                for byte in raw if server.drip else ():
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(server.drip)
                self.wfile.write(b"" if server.drip else raw)
            except OSError:
                pass  # whoever asked has gone

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    server.url = f"http://127.0.0.1:{listening.server_address[1]}"
    threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
