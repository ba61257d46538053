"""The HTTP edge of the stand-in payment provider: paths, bodies in, bodies and pages out."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local import provider_shapes as shapes

if TYPE_CHECKING:
    from local.provider import Provider

Json = dict[str, Any]

MAX_BODY_BYTES = 64 * 1024


class Problem(Exception):
    """A request that this provider refuses, in the form of Dodo's error bodies."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"code": code, "message": message}


def handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    """The request handler class that serves ``provider``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(self._get)

        def do_POST(self) -> None:
            self._answer(self._post)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: whoever runs this watches Scrip's log."""

        def _answer(self, route: Callable[[list[str]], Json | str]) -> None:
            status = HTTPStatus.OK
            try:
                self._body = self._read()
                if provider.down:
                    raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "down, as asked for")
                answer = route([part for part in urlsplit(self.path).path.split("/") if part])
            except Problem as problem:
                status, answer = problem.status, problem.body
            kind = "text/html; charset=utf-8" if isinstance(answer, str) else "application/json"
            raw = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def _get(self, path: list[str]) -> Json | str:
            match path:
                case ["checkout", session_id]:
                    return shapes.checkout_page(provider.checkout(session_id))
                case ["payments", payment_id]:
                    return provider.payment(payment_id)
            raise Problem(HTTPStatus.NOT_FOUND, "NOT_FOUND", "no such path")

        def _post(self, path: list[str]) -> Json | str:
            match path:
                case ["checkouts"]:
                    return provider.create(self.headers.get("authorization", ""), self._options())
                case ["checkout", session_id, "pay"]:
                    from_page = self.headers.get_content_type() == "application/x-www-form-urlencoded"
                    answer = provider.pay(session_id, {} if from_page else self._options())
                    checkout = provider.checkout(session_id)
                    return shapes.paid_page(checkout, answer["webhook_status"]) if from_page else answer
                case ["checkout", session_id, "refund"]:
                    return provider.refund(session_id, self._options())
            raise Problem(HTTPStatus.NOT_FOUND, "NOT_FOUND", "no such path")

        def _read(self) -> bytes:
            length = self.headers.get("content-length", "0")
            if not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY_BYTES:
                self.close_connection = True
                raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TOO_LARGE", "at most 64 KiB")
            return self.rfile.read(int(length))

        def _options(self) -> Json:
            try:
                options = json.loads(self._body or b"{}")
            except ValueError:
                raise Problem(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", "the body is no JSON") from None
            if not isinstance(options, dict):
                raise Problem(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", "the body is no object")
            return options

    return Handler
