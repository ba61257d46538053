"""Settlements of leases: the body and the answer."""

from __future__ import annotations

from typing import Literal, cast

from pydantic import Field

from scrip.domain.credits.units import Unit
from scrip.domain.wallets.holds import Hold
from scrip.http.edge.bodies import AmountOrZero, Body, Identifier
from scrip.http.usage.burn_pages import Offset
from scrip.http.usage.records import AnyRecords, BookedPageView, booked_page_view
from scrip.http.wallets.holds import HoldDuration, HoldView, hold_view
from scrip.services.usage.leases import SettleLease
from scrip.services.usage.pages import PageOutcome


class SettleBody(Body):
    """What the holder of a lease has spent, and how it goes on."""

    unit: Identifier = None  # type: ignore[assignment]  # the id says it
    """The unit that the id in the path is of; may be left out."""
    first: Offset = 0
    """The offset of the first record: a lease begins with 0, and `next` says how it goes on."""
    records: AnyRecords = Field(default_factory=list)
    """Up to 1 000: `["2", "req-1"]` is an amount and a reference, `["meter", "3", "req-2", {"model": "x"}]` so much of
    a meter, null an offset that is given up."""
    renew: AmountOrZero | None = None
    """What the lease is to hold then: it is filled up as far as there is something. Null: it is not."""
    expires_in: HoldDuration | None = None
    """How long it lasts, from now on; seven days at most, ISO 8601. Null: its deadline stays."""

    def command(self, seq: int) -> SettleLease:
        return SettleLease(seq, self.first, self.records, self.renew, self.expires_in)


ShortReason = Literal["insufficient_credits", "budget_exceeded", "wallet_frozen"]
"""Why a lease is not filled up: the code of the refusal of a hold of its own."""


class SettledView(BookedPageView):
    """What became of the records, the balance, and the lease then."""

    hold: HoldView
    """The lease, as it is then."""
    short: ShortReason | None
    """Why it has less than `renew`; null where it has that."""


def settled_view(outcome: PageOutcome, hold: Hold, account: str, unit: Unit) -> SettledView:
    """Shows a settlement."""
    return {
        **booked_page_view(outcome, unit),
        "hold": hold_view(hold, account, unit),
        "short": cast("ShortReason | None", outcome.short),
    }
