"""A network that is nowhere: what is written to it is kept, and what it answers was given before. It costs no time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpcore
import pytest

from scrip.providers import calling

HEADERS: Final = (b"authorization", b"content-type", b"idempotency-key")
"""Those of a request that decide something; all others are the SDK's own."""

_CHANCE: Final = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A key that Stripe's SDK makes for what has none of ours."""

Answer = tuple[int, Any]
"""A status and a body: JSON, or bytes as they are."""


@dataclass
class Nowhere(httpcore.NetworkBackend):
    """Gives one answer after the other, the last one for ever. ``asked`` has each request, as text."""

    answers: Sequence[Answer]
    asked: list[str] = field(default_factory=list)

    def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return _Wire(self)

    def sleep(self, seconds: float) -> None:
        pass

    def answer(self, request: bytes) -> bytes:
        """Keeps a request; returns what is answered."""
        head, _, body = request.partition(b"\r\n\r\n")
        first, *headers = head.split(b"\r\n")
        told = [one for one in headers if one.lower().startswith(HEADERS)]
        status, said = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(_CHANCE.sub(b"<chance>", b"\n".join((first, *sorted(told), body))).decode())
        raw = said if isinstance(said, bytes) else json.dumps(said).encode()
        kind = b"content-type: application/json\r\n"
        return b"HTTP/1.1 %d x\r\n%scontent-length: %d\r\n\r\n%s" % (status, kind, len(raw), raw)


class _Wire(httpcore.NetworkStream):
    """A connection: whoever reads after a request gets its answer."""

    def __init__(self, network: Nowhere) -> None:
        self._network, self._written, self._unread = network, b"", b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._written += buffer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if not self._unread:
            self._unread, self._written = self._network.answer(self._written), b""
        read, self._unread = self._unread[:max_bytes], self._unread[max_bytes:]
        return read

    def close(self) -> None:
        pass

    def get_extra_info(self, info: str) -> Any:
        return None


@contextmanager
def nowhere(answers: Sequence[Answer]) -> Iterator[Nowhere]:
    """Puts such a network under the clients of providers. A second attempt comes at once."""
    network = Nowhere(answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore, "SyncBackend", lambda: network)
        patch.setattr(calling, "RETRY_PAUSE_SECONDS", 0.0)
        yield network
