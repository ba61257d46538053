"""Every type of event that there is, with the type of its data and when it is told.

``make openapi`` writes events/schemas and the examples of events from it. A new type is a line here, a view of its data
beside this module, and an example in tests/http/events.
"""

from __future__ import annotations

from typing import Final, NamedTuple, get_args

from scrip.domain.credits.entries import EntryKind
from scrip.http.events.entries import TYPE, EntryEventView


class EventType(NamedTuple):
    """A type of events.

    Attributes:
        data: the view of its ``data``.
        said: when it is told, a sentence.
        schema: the name of its schema's file, where several types have one.
    """

    data: type
    said: str
    schema: str = ""


TYPES: Final[dict[str, EventType]] = {
    f"{TYPE}.{kind}": EventType(EntryEventView, f"An entry of kind `{kind}` was written to the ledger.", TYPE)
    for kind in get_args(EntryKind)
}
"""By name."""
