"""Keeps evidence of ledger rows that were changed or deleted outside Scrip (law 4), as the stream reports them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scrip.store import stream
from scrip.store.stream import TouchedRow


def keep_evidence(record: Any, send: Callable[[str], None]) -> TouchedRow:
    """Passes a record of the ledger's stream to ``send`` as text, and returns which row it is about.

    A record that the stream delivers twice is sent twice; both have the same ``eventID``.

    Raises:
        Whatever ``send`` raises.
    """
    send(stream.evidence(record))
    return stream.touched(record)
