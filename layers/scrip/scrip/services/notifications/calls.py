"""One call of an endpoint: to an address that was checked, within 15 seconds in all, of whose answer 64 KB are read.

The name is resolved for the call, and the call goes to the address that was found, not to the name: it cannot lead
elsewhere between check and call. Certificates are checked for the name. Redirects are not followed: where they lead
nobody has checked. Does not own which addresses may be called (``domain.notifications.addresses``).
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple, Self

from scrip.domain.notifications.addresses import EndpointTarget, target
from scrip.domain.notifications.dispatch import CallError

CALL_SECONDS: Final = 15.0
"""How long a call lasts at most, its name's resolution and the last byte that is read of its answer included."""
CONNECT_SECONDS: Final = 5.0
"""How long one address may take to accept a connection."""
RESOLVE_SECONDS: Final = 5.0
ANSWER_BYTES: Final = 64 * 1024
"""Bytes of an answer that are read; what comes after them is left."""
ADDRESSES: Final = 4
"""Addresses of a name that are tried, one after the other, until one accepts a connection."""

Resolver = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a name, for a port. Raises ``OSError`` where there are none."""


class CallOutcome(NamedTuple):
    """What a call came to: the status of its answer, or why there is none; and how long it took."""

    status_code: int | None
    error: CallError | None
    duration_ms: int


@dataclass(frozen=True, slots=True)
class EndpointCaller:
    """Calls endpoints.

    Attributes:
        dev: whether this machine may be called.
        resolve: finds a name's addresses.
        seconds: how long a call lasts at most.
        tls: what certificates are trusted; None: those of this machine.
    """

    dev: bool
    resolve: Resolver
    seconds: float = CALL_SECONDS
    tls: ssl.SSLContext | None = None

    def check(self, url: str) -> None:
        """Refuses a URL that may not be called, or whose name leads where nobody may call.

        A name that is not resolved is not refused: it is checked again at each call.

        Raises:
            ValueError: the message says why, for people.
        """
        where = target(url, self.dev)
        try:
            found = self._addresses(where, time.monotonic() + self.seconds)
        except OSError:
            return
        for address in found:
            if not where.may_be(address):
                raise ValueError(
                    f"names {where.host}, which is at {address}: no address of the public internet"
                )

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> CallOutcome:
        """Posts a body, and returns what came of it. Raises nothing: an endpoint may be anything."""
        began = time.monotonic()
        status_code, error = self._post(url, body, headers, began + self.seconds)
        return CallOutcome(status_code, error, round((time.monotonic() - began) * 1000))

    def _post(
        self, url: str, body: bytes, headers: Mapping[str, str], end: float
    ) -> tuple[int | None, CallError | None]:
        try:
            where = target(url, self.dev)
        except ValueError:
            return None, "address_refused"
        try:
            addresses = self._addresses(where, end)
        except OSError:
            return None, "not_resolved"
        if not addresses or not all(map(where.may_be, addresses)):
            return None, "address_refused"
        try:
            connection = _connected(where, addresses, end)
        except OSError:
            return None, "timeout" if time.monotonic() >= end else "no_connection"
        with _Bound(connection, end) as bound:
            status_code, error = self._exchange(connection, where, body, headers)
        return (None, "timeout") if bound.over else (status_code, error)

    def _addresses(self, where: EndpointTarget, end: float) -> Sequence[str]:
        """Returns the addresses of a host. Raises ``OSError`` where there are none."""
        if where.address is not None:
            return [where.address]
        left = min(RESOLVE_SECONDS, end - time.monotonic())
        return _within(left, self.resolve, where.host, where.port)

    def _exchange(
        self, connection: socket.socket, where: EndpointTarget, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int | None, CallError | None]:
        """Sends the request and reads the answer's status, and its first bytes."""
        try:
            if where.secure:
                connection = (self.tls or _tls()).wrap_socket(connection, server_hostname=where.host)
            spoken = http.client.HTTPConnection(where.host, where.port)
            spoken.sock = connection
            spoken.request("POST", where.path, body, {"host": where.host_header, **headers})
            answer = spoken.getresponse()
            answer.read(ANSWER_BYTES)
        except ssl.SSLError:
            return None, "tls"
        except (OSError, ValueError):
            return None, "no_connection"
        except http.client.HTTPException:
            return None, "bad_answer"
        finally:
            connection.close()
        return answer.status, None


class _Bound:
    """Ends whatever waits on a connection at an instant of the monotonic clock: one byte a second is too slow, too."""

    def __init__(self, connection: socket.socket, end: float) -> None:
        # Of this socket itself: TLS, which takes it over, is not to be touched from another thread.
        self._kept = socket.socket(fileno=socket.dup(connection.fileno()))
        self._timer = threading.Timer(end - time.monotonic(), self._end)
        self.over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._kept.close()

    def _end(self) -> None:
        self.over = True
        with suppress(OSError):
            self._kept.shutdown(socket.SHUT_RDWR)


def resolved(host: str, port: int) -> list[str]:
    """Returns the addresses of a name, as this machine resolves it.

    Raises:
        OSError: there are none.
    """
    found = socket.getaddrinfo(host, port)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def _connected(where: EndpointTarget, addresses: Sequence[str], end: float) -> socket.socket:
    """Connects to the first address that accepts it. Raises ``OSError`` where none does in time."""
    failed: OSError = TimeoutError("no time is left")
    for address in addresses[:ADDRESSES]:
        left = end - time.monotonic()
        if left <= 0:
            break
        try:
            connection = socket.create_connection((address, where.port), min(left, CONNECT_SECONDS))
        except OSError as error:
            failed = error
        else:
            # From here on ``_Bound`` says when it is too late.
            connection.settimeout(None)
            return connection
    raise failed


def _within(seconds: float, resolve: Resolver, host: str, port: int) -> Sequence[str]:
    """Resolves a name in so many seconds: the system's own resolver has no bound. Raises ``OSError``."""
    found: list[Sequence[str]] = []

    def ask() -> None:
        with suppress(OSError, UnicodeError):
            found.append(resolve(host, port))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not found:
        raise OSError(f"{host} is not resolved, or not in time")
    return found[0]


@cache
def _tls() -> ssl.SSLContext:
    """Returns what certificates are trusted, loaded once."""
    return ssl.create_default_context()
