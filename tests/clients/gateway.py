"""Scrip in this process behind an HTTP server, as its API gateway stands before it: routes, the authorizer, and the
gateway's own bodies. Throttles and limits are not played."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.aws import Answer, Deployment, Key, event, find_route, function


@contextmanager
def serving(scrip: Deployment) -> Iterator[str]:
    """Serves a deployment on a free port of this machine, and gives its URL."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            with lock:
                answer = _answer(scrip, self.command, self.path, dict(self.headers.items()), raw)
            body = answer.text.encode()
            self.send_response(answer.status)
            for name, value in {**answer.headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the base's own names

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(scrip: Deployment, method: str, target: str, headers: dict[str, str], raw: str) -> Answer:
    url = urlsplit(target)
    try:
        route, _ = find_route(method, url.path)
    except LookupError:
        return _gateway(404, "Not Found")
    caller = None
    if not route.open:
        if not any(name.lower() == "authorization" for name in headers):
            return _gateway(401, "Unauthorized")
        owner = function("authorizer").handler({"headers": headers}, None)["context"]
        caller = Key(owner["scopes"], owner["account"], owner["key_id"]) if owner else None
    sent = {name.lower(): value for name, value in headers.items()}
    query = dict(parse_qsl(url.query))
    return scrip.invoke(
        event(method, url.path, raw=raw or None, headers=sent, query=query, caller=caller, content_type=None)
    )


def _gateway(status: int, message: str) -> Answer:
    body = {"message": message}
    return Answer(status, body, {"content-type": "application/json"}, json.dumps(body))
