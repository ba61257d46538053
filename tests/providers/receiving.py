"""Where stand-ins deliver their webhooks in tests, and how a person or a browser asks them for something."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Scrip:
    """Where the webhooks go: keeps them as they came, and answers with one status after the other."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, raw))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@contextmanager
def receiving() -> Iterator[Scrip]:
    """A receiver of webhooks, for as long as the context lasts."""
    server = Scrip()
    try:
        yield server
    finally:
        server.server.shutdown()
        server.server.server_close()


def post(
    url: str, body: Any = None, raw: bytes | None = None, kind: str = "application/json", key: str = ""
) -> Any:
    """What is answered: JSON, or a page."""
    data = raw if raw is not None else json.dumps(body if body is not None else {}).encode()
    request = urllib.request.Request(url, data=data, headers={"content-type": kind})
    if key:
        request.add_header("authorization", f"Bearer {key}")
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()
        return json.loads(text) if answer.headers.get_content_type() == "application/json" else text


def get(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())
