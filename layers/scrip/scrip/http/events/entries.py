"""Entries of a ledger as events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.domain.events.event import Event, event_id
from scrip.http.wallets.entries import EntryView, entry_view

if TYPE_CHECKING:
    from typing import Literal, NotRequired

    from scrip.http.edge.forms import Name

TYPE: Final = "scrip.entry"
"""How the type of an entry's event begins: its kind follows."""
LARGEST: Final = 200_000
"""Bytes of an entry's data past which its draws are left out. A bus takes 256 KB, and a queue behind it as much with
all that is written around an event."""


class EntryEventView(EntryView):
    """An entry of a ledger, as the API shows it, with its wallet."""

    account: Name
    """Whose wallet it is in."""
    unit: Name
    """The wallet's unit."""
    draws_left_out: NotRequired[Literal[True]]
    """Only where the entry is too large for an event: then `draws` is empty here, and the entry itself has them
    (`GET /v1/accounts/{account}/entries/{entry_id}`)."""


def entry_event(entry: Entry, unit: Unit) -> Event:
    """Makes the event of an entry. It has all that a key of no account is shown of it."""
    data: dict[str, Any] = {"account": entry.account, "unit": entry.unit, **entry_view(entry, unit)}
    if len(json.dumps(data, ensure_ascii=False).encode()) > LARGEST:
        data |= {"draws": [], "draws_left_out": True}
    type_ = f"{TYPE}.{entry.kind}"
    # By its place, not its id: of the former ids several wallets may have one.
    id_ = event_id(TYPE, entry.account, entry.unit, entry.seq)
    return Event(id_, type_, entry.account, entry.at, data)
