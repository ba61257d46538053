"""What stand-ins share: an HTTP server whose requests are answered by one method, and webhooks with retries."""

from __future__ import annotations

import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]

MAX_BODY_BYTES = 64 * 1024

#: Seconds before each try to deliver a webhook. Providers' own schedules span days; a developer waits for this one.
DELIVERY_DELAYS = (0.0, 0.2, 0.5, 1.0)
DELIVERY_TIMEOUT_SECONDS = 15.0

#: How long a refund that was asked for over the API waits before it comes to its end.
SETTLING_SECONDS = 0.3


class Problem(Exception):
    """A request that this provider refuses."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Asked:
    """A request: the parts of its path, and what came with it."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes

    @property
    def from_page(self) -> bool:
        """Whether the button of a page was pressed."""
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")

    @property
    def options(self) -> Json:
        """The body, an object in JSON; nothing from a page."""
        if self.from_page:
            return {}
        try:
            options = json.loads(self.raw or b"{}")
        except ValueError:
            raise Problem(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", "the body is no JSON") from None
        if not isinstance(options, dict):
            raise Problem(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", "the body is no object")
        return options


@dataclass
class Standin(ABC):
    """A running stand-in on 127.0.0.1 (port 0: any free one).

    Attributes:
        scrip_url: where webhooks go; may be set later. Empty: nowhere.
        down: every request is answered 503.
        lose_answers: so many requests are done, and their connections closed without an answer.
        said: every event that there was something to say of, oldest first, whether or not it was delivered.
    """

    port: int
    scrip_url: str
    webhook_secret: str
    api_key: str
    down: bool = False
    lose_answers: int = 0
    said: list[Json] = field(default_factory=list)

    NAME: ClassVar[str]
    """The provider's name in the path of its webhooks."""

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops serving and frees the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @abstractmethod
    def answer(self, asked: Asked) -> Json | str | tuple[Json, Mapping[str, str]]:
        """A page, or the body of an answer, with headers or without. Raises ``Problem``."""

    @abstractmethod
    def problem(self, problem: Problem) -> Json:
        """A refusal in the provider's form."""

    @abstractmethod
    def signed(self, event_id: str, raw: bytes, /) -> Mapping[str, str]:
        """The headers of a webhook."""

    def authorize(self, asked: Asked) -> None:
        """Raises ``Problem`` where the request does not carry the API key."""
        said = asked.headers.get("authorization", "")
        if not hmac.compare_digest(said.encode(), f"Bearer {self.api_key}".encode()):
            raise Problem(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", "the API key is missing or wrong")

    def say(self, event_id: str, event: Json, deliver: bool = True) -> int | None:
        """Notes an event and delivers it, with the retries of a patient provider; the last status, None without any
        answer."""
        self.said.append(event)
        if not deliver:
            return None
        raw = json.dumps(event, separators=(",", ":")).encode()
        status: int | None = None
        for delay in DELIVERY_DELAYS if self.scrip_url else ():
            time.sleep(delay)
            request = urllib.request.Request(
                f"{self.scrip_url.rstrip('/')}/v1/webhooks/{self.NAME}",
                data=raw,
                headers={"content-type": "application/json", **self.signed(event_id, raw)},
            )
            try:
                with _OPENER.open(request, timeout=DELIVERY_TIMEOUT_SECONDS) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                status = error.code
                error.close()
            except OSError:
                continue
        return status

    def later(self, what: Any, *arguments: Any) -> None:
        """Calls ``what`` in a moment, where there is somebody to hear of it."""
        if self.scrip_url:
            timer = threading.Timer(SETTLING_SECONDS, what, arguments)
            timer.daemon = True
            timer.start()


# Webhooks go to this machine: never through a proxy that the environment may name.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def not_found(what: str = "no such path") -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "NOT_FOUND", what)


def invalid(message: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "UNPROCESSABLE_ENTITY", message)


def conflict(code: str, message: str) -> Problem:
    return Problem(HTTPStatus.CONFLICT, code, message)


def amount(options: Json, name: str, default: int) -> int:
    """Minor units in the body of a stand-in's own route."""
    value = options.get(name, default)
    if type(value) is not int or value < 0:
        raise invalid(f"{name}: minor units, a whole number")
    return value


def buyer(options: Json) -> Json:
    """Who pays, in the body of a stand-in's own route: ``email`` and ``name``, either or none."""
    told = options.get("customer", {})
    if not isinstance(told, dict) or not told.items() <= {one: str(told[one]) for one in told}.items():
        raise invalid("customer: an object of texts")
    if unknown := sorted(set(told) - {"email", "name"}):
        raise invalid(f"customer: has no {unknown[0]}")
    return told


def choice(options: Json, name: str, default: str, *known: str) -> str:
    """One of ``known``, in the body of a stand-in's own route."""
    value = options.get(name, default)
    if value not in known:
        raise invalid(f"{name}: one of {', '.join(known)}")
    return str(value)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    standin: ClassVar[Standin]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: whoever runs this watches Scrip's log."""

    def _answer(self) -> None:
        status, headers = HTTPStatus.OK, {}
        answer: Any
        try:
            asked = self._asked()
            if self.standin.down:
                raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "down, as asked for")
            answer = self.standin.answer(asked)
            if isinstance(answer, tuple):
                answer, headers = answer
        except Problem as problem:
            status, answer = problem.status, self.standin.problem(problem)
        if self.standin.lose_answers:
            self.standin.lose_answers -= 1
            self.close_connection = True
            return
        kind = "text/html; charset=utf-8" if isinstance(answer, str) else "application/json"
        raw = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(raw)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def _asked(self) -> Asked:
        length = self.headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TOO_LARGE", "at most 64 KiB")
        url = urlsplit(self.path)
        return Asked(
            method=self.command,
            path=tuple(part for part in url.path.split("/") if part),
            query=dict(parse_qsl(url.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            raw=self.rfile.read(int(length)),
        )


def _handler(standin: Standin) -> type[BaseHTTPRequestHandler]:
    """The request handler class that serves ``standin``."""
    return type("Handler", (_Handler,), {"standin": standin})
