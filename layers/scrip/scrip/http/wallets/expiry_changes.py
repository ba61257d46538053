"""Another end for a lot: the body and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import model_validator

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.http.edge.bodies import Duration, Instant, NamedBody
from scrip.http.wallets.movements import MovedView, granted_view
from scrip.services.wallets.expiry_changes import ChangeExpiry

if TYPE_CHECKING:
    from scrip.http.wallets.lots import LotView

ENDS: Final = ("expires_at", "expires_in", "never")
"""The members of which a request has one."""


class ExpiryBody(NamedBody):
    """When a lot is to end: exactly one of `expires_at`, `expires_in` and `never`."""

    expires_at: Instant | None = None
    """The instant at which it ends. Null: never."""
    expires_in: Duration | None = None
    """How long it lives from now on, or from its beginning where that has not come; ISO 8601, UTC. Null: for ever."""
    never: Literal[True] = None  # type: ignore[assignment]  # left out, unless it is said
    """It never ends."""
    force: bool = False
    """It may end earlier than before though it was paid for."""

    @model_validator(mode="after")
    def _one_end(self) -> ExpiryBody:
        said = [name for name in ENDS if name in self.model_fields_set]
        if not said:
            raise ValueError("expires_at: send one of expires_at, expires_in and never")
        if len(said) > 1:
            raise ValueError(f"{said[1]}: send one of expires_at, expires_in and never alone")
        return self

    def command(self, seq: int, *, shortens: bool) -> ChangeExpiry:
        """Returns the command for the lot with this sequence; ``shortens``: the caller may end it earlier."""
        return ChangeExpiry(seq, self.expires_at, self.expires_in, self.force, shortens=shortens)


class ExpiryChangedView(MovedView):
    """The entry, the balance right after it, and the lot with its new end."""

    lot: LotView
    """The lot, as it was right after the entry."""


def expiry_changed_view(entry: Entry, unit: Unit) -> ExpiryChangedView:
    """Shows a change of a lot's end, with the lot."""
    return granted_view(entry, unit)
