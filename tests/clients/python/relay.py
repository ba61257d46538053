"""Takes requests as Scrip does and has the client carry them out, each by its operation's method: so pages that are
written for curl are gone through with the client."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from openapi.python.names import argument
from scrip_client import GatewayRefused, Pages, Refused, Scrip
from tests.clients.python.story import DOCUMENT

Json = dict[str, Any]

ROUTES: Final = [
    (method.upper(), re.compile(re.sub(r"\{\w+\}", "([^/]+)", path)), operation["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


@contextmanager
def relaying(scrip: Scrip) -> Iterator[str]:
    """Serves on a free port of this machine, and gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            sent = {name.lower(): value for name, value in self.headers.items() if value}
            status, body, headers = _carried_out(scrip, self.command, self.path, sent, raw)
            text = b"" if status == 204 else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the base's own names

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _carried_out(
    scrip: Scrip, method: str, target: str, sent: Json, raw: bytes
) -> tuple[int, Any, dict[str, str]]:
    url = urlsplit(target)
    ((name, found),) = [
        (name, match)
        for verb, pattern, name in ROUTES
        if verb == method and (match := pattern.fullmatch(url.path))
    ]
    given: Json = {argument(member): value for member, value in json.loads(raw or b"{}").items()}
    for parameter, value in parse_qsl(url.query):
        first, _, member = parameter.partition(".")
        if member:
            given.setdefault(first, {})[member] = value
        else:
            given[argument(parameter)] = int(value) if parameter == "limit" else value
    options = {"idempotency_key": sent.get("idempotency-key"), "test_clock": sent.get("scrip-test-clock")}
    given |= {option: value for option, value in options.items() if value}
    try:
        answer = getattr(scrip, name)(*map(unquote, found.groups()), **given)
        answer = answer.page() if isinstance(answer, Pages) else answer
    except Refused as refused:
        return refused.status, refused.problem.to_dict(), {"content-type": "application/problem+json"}
    except GatewayRefused as refused:
        return refused.status, {"message": refused.message}, {"content-type": "application/json"}
    if answer is None:
        return 204, None, {}
    replayed = {"idempotent-replay": "true"} if answer.http.replayed else {}
    return answer.http.status, answer.to_dict(), {"content-type": "application/json", **replayed}
