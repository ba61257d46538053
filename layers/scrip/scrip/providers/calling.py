"""Bounds calls of a provider's API: one deadline over the whole call, one second attempt, and errors by name.

The timeouts of an SDK bound each wait and not the whole, so a server that sends a byte a second is never late. Here
every wait on the network ends with the deadline, whatever the SDK asks for, and an answer may not be endless.

What is asked and what an answer means is in the clients. They import ``httpx`` with their SDK; this module imports
it on first use, as they do.
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
    """A failure after which a second attempt at once may succeed."""


class Deadline:
    """The instant at which a call has to have ended."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Returns the seconds until then; negative when it has passed."""
        return self._end - time.monotonic()

    def bound(self, timeout: float | None) -> float:
        """Returns the smaller of ``timeout`` and the seconds left.

        Raises:
            httpcore.ReadTimeout: no time is left.
        """
        import httpcore

        left = self.left
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return left if timeout is None else min(left, timeout)


def attempt(deadline: Deadline, call: Callable[[], Result], attempts: int = MAX_ATTEMPTS) -> Result:
    """Calls ``call`` and returns its result; calls it again after a ``Hiccup``, while there is time for it.

    Raises:
        Whatever ``call`` raises.
    """
    while True:
        try:
            return call()
        except Hiccup:
            attempts -= 1
            if not attempts or deadline.left - RETRY_PAUSE_SECONDS < MIN_ATTEMPT_SECONDS:
                raise
        time.sleep(RETRY_PAUSE_SECONDS)


def http(deadline: Deadline) -> httpx.Client:
    """Makes an HTTP client whose every wait ends with the deadline.

    It uses no proxy and follows no redirect, so that a request with an API key goes only where it was sent.
    """
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
    """Turns an error of ``httpx`` into one of ours: ``Hiccup`` for a lost connection; None for any other error."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return ProviderUnavailable("no answer in time")
    if isinstance(error, httpx.TransportError):
        return Hiccup("no connection")
    return None


def refused_now(status: int) -> ProviderUnavailable | None:
    """Turns a status that may change later (408, 429, 5xx) into an error; returns None for any other status."""
    if status == 429:
        return ProviderUnavailable("answered 429")
    return Hiccup(f"answered {status}") if status >= 500 or status == 408 else None


def unreadable(error: Exception) -> ProviderUnavailable:
    """Makes the error for an answer that is not JSON, or not what the SDK expects: it counts as no answer."""
    return ProviderUnavailable(f"unreadable answer: {type(error).__name__}")


def reason(said: Any, *names: str) -> str:
    """Returns the provider's own code and message, cut to 200 characters; ``refused`` where it has neither.

    It goes to the log and into the problem document of the caller.
    """
    body = said if isinstance(said, Mapping) else {}
    words = [str(body[name]) for name in names if body.get(name)]
    return ": ".join(words)[:MAX_REASON] or "refused"


def member(answer: Any, name: str, pattern: str) -> str:
    """Returns the text in an answer's member, if it matches ``pattern``; SDKs do not validate what they read.

    Raises:
        ProviderUnavailable: there is no such text.
    """
    value = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ProviderUnavailable(f"answered without {name}")
    return value


def rows(answer: Any, name: str) -> list[Mapping[str, Any]]:
    """Returns the list of objects in an answer's member.

    Raises:
        ProviderUnavailable: there is no such list.
    """
    value = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise ProviderUnavailable(f"answered without {name}")
    return value


@cache
def _tls() -> ssl.SSLContext:
    """Returns the trusted certificates, loaded once: loading takes longer than many an answer."""
    import httpx

    return httpx.create_ssl_context()


class _Network:
    """The network of ``httpcore``, with connections that end with the deadline."""

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
        """Opens a connection; waits no longer than the deadline allows."""
        bound = self._deadline.bound(timeout)
        return _Connection(
            self._network.connect_tcp(host, port, bound, local_address, socket_options), self._deadline
        )

    def sleep(self, seconds: float) -> None:
        """Pauses, but no longer than the deadline allows."""
        self._network.sleep(self._deadline.bound(seconds))


class _Connection:
    """A connection whose every wait ends with the deadline, and that reads at most ``MAX_ANSWER_BYTES``."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline, self._taken = stream, deadline, 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Reads from the connection.

        Raises:
            httpcore.ReadTimeout: the deadline has passed, or the answer is too long.
        """
        import httpcore

        read = self._stream.read(max_bytes, self._deadline.bound(timeout))
        self._taken += len(read)
        if self._taken > MAX_ANSWER_BYTES:
            raise httpcore.ReadTimeout("an answer without end")
        return read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends bytes; waits no longer than the deadline allows."""
        self._stream.write(buffer, self._deadline.bound(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Connection:
        """Returns the connection encrypted, bound by the same deadline."""
        bound = self._deadline.bound(timeout)
        return _Connection(self._stream.start_tls(ssl_context, server_hostname, bound), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
