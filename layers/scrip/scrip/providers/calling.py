"""Calls of a provider's API: a deadline over all of it, one bounded second attempt, and errors by name.

An SDK's own timeouts bound each wait, not the whole: a server that sends a byte a second is never late. Here every
wait on the network ends with the deadline, whatever the SDK asks for, and so does a body that never ends.

The clients import ``httpx`` with their SDK; this module does on first use, as they do.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from scrip.providers.clients import ProviderError, ProviderUnavailable

if TYPE_CHECKING:
    import ssl

    import httpcore
    import httpx

MAX_ATTEMPTS: Final = 2
"""A second attempt cures a dropped connection or a lone 502; a third only makes an outage worse."""

MIN_ATTEMPT_SECONDS: Final = 1.0
"""Below this there is no point in trying again."""

RETRY_PAUSE_SECONDS: Final = 0.2
MAX_CONNECT_SECONDS: Final = 2.0
"""A connection that takes longer will not come: the rest of the time is for a second attempt."""

MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
"""What a connection may answer in all: 100 payments are under 1 MiB."""

MAX_REASON: Final = 200
"""Characters of a provider's own words that reach an answer or a log."""

Result = TypeVar("Result")


class Hiccup(ProviderUnavailable):
    """Worth a second attempt at once."""


class Deadline:
    """When a call has to have ended."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until then; negative when it has passed."""
        return self._end - time.monotonic()

    def bound(self, timeout: float | None) -> float:
        """``timeout``, or what is left where that is less. Raises ``httpcore.ReadTimeout`` where nothing is."""
        import httpcore

        left = self.left
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return left if timeout is None else min(left, timeout)


def attempt(deadline: Deadline, call: Callable[[], Result], attempts: int = MAX_ATTEMPTS) -> Result:
    """What ``call`` gives; called again after a ``Hiccup``, while there is time.

    Raises whatever ``call`` raises.
    """
    for number in range(1, attempts + 1):
        try:
            return call()
        except Hiccup:
            if number == attempts or deadline.left - RETRY_PAUSE_SECONDS < MIN_ATTEMPT_SECONDS:
                raise
        time.sleep(RETRY_PAUSE_SECONDS)
    raise AssertionError("the last attempt returns or raises")


def http(deadline: Deadline) -> httpx.Client:
    """An HTTP client whose every wait ends with the deadline. It asks through no proxy and follows no redirect: a
    request with a key goes where it was sent."""
    import httpcore
    import httpx

    transport = httpx.HTTPTransport(verify=_tls())
    # httpx takes no network of its caller's; the pool beneath it does.
    transport._pool = httpcore.ConnectionPool(  # noqa: SLF001
        ssl_context=_tls(),
        network_backend=_Network(deadline),  # type: ignore[arg-type]
    )
    timeout = httpx.Timeout(max(deadline.left, MIN_ATTEMPT_SECONDS), connect=MAX_CONNECT_SECONDS)
    return httpx.Client(transport=transport, timeout=timeout, trust_env=False)


def lost(error: Exception) -> ProviderError | None:
    """What an error of the network comes to; None for any other."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return ProviderUnavailable("no answer in time")
    if isinstance(error, httpx.TransportError):
        return Hiccup("no connection")
    return None


def refused_now(status: int) -> ProviderUnavailable | None:
    """What a status that may be another one later comes to; None for any other."""
    if status == 429:
        return ProviderUnavailable("answered 429")
    return Hiccup(f"answered {status}") if status >= 500 or status == 408 else None


def unreadable(error: Exception) -> ProviderUnavailable:
    """An answer that is no JSON, or not what the SDK expects, is as good as none."""
    return ProviderUnavailable(f"unreadable answer: {type(error).__name__}")


def reason(said: Any, *names: str) -> str:
    """A provider's own code and message, shortened: they go to our log, and say which field it did not like."""
    body = said if isinstance(said, Mapping) else {}
    words = [str(body[name]) for name in names if body.get(name)]
    return ": ".join(words)[:MAX_REASON] or "refused"


def member(answer: Any, name: str, pattern: str) -> str:
    """A text in an answer that matches ``pattern``. Raises ``ProviderUnavailable`` where there is none: SDKs do not
    validate what they read."""
    value = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ProviderUnavailable(f"answered without {name}")
    return value


def rows(answer: Any, name: str) -> list[Mapping[str, Any]]:
    """A list of objects in an answer. Raises as ``member``."""
    value = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise ProviderUnavailable(f"answered without {name}")
    return value


@cache
def _tls() -> ssl.SSLContext:
    """Who is believed: reading the list takes longer than many an answer."""
    import httpx

    return httpx.create_ssl_context()


class _Network:
    """``httpcore``'s network, with connections that know the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        import httpcore

        self._deadline, self._network = deadline, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> _Connection:
        bound = self._deadline.bound(timeout)
        return _Connection(
            self._network.connect_tcp(host, port, bound, local_address, socket_options), self._deadline
        )

    def sleep(self, seconds: float) -> None:
        self._network.sleep(self._deadline.bound(seconds))


class _Connection:
    """A connection whose every wait ends with the deadline, and that reads only so much."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline, self._taken = stream, deadline, 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        import httpcore

        read = self._stream.read(max_bytes, self._deadline.bound(timeout))
        self._taken += len(read)
        if self._taken > MAX_ANSWER_BYTES:
            raise httpcore.ReadTimeout("an answer without end")
        return read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.bound(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Connection:
        bound = self._deadline.bound(timeout)
        return _Connection(self._stream.start_tls(ssl_context, server_hostname, bound), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
