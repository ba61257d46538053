"""Answers about lots and holds, as models (see ``answers``)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from openapi.answers import Answer, At, Credits, HoldId, LotId, Money, Name, Reference, sometimes
from scrip.domain.credits.lots import Kind
from scrip.domain.credits.units import OverCapture


class Lot(Answer):
    """What a grant added, and what is left of it."""

    lot_id: LotId
    """Its id within the wallet."""
    kind: Kind
    """How it came."""
    granted: Credits
    """What it began with."""
    remaining: Credits
    """What of it can be spent (once it has begun)."""
    held: Credits
    """What of it is set aside by open holds."""
    frozen: Credits
    """What of it is under open dispute or pending refund."""
    priority: Annotated[int, Field(ge=0, le=100)]
    """Lower is taken first."""
    effective_at: At
    """From when on it can be spent."""
    expires_at: At | None
    """Until when; null: for ever."""
    cost_basis: Money | None
    """Money paid for the whole lot."""
    scope: list[Name]
    """The meters it may pay for; none: everything."""
    status: Literal["pending", "open", "depleted", "expired", "voided"]
    """What has become of it."""
    source: Reference | None
    """What it came from."""
    metadata: dict[str, str]
    """As the grant gave it."""


class ListedLot(Lot):
    """A lot, with what was agreed when it was bought."""

    terms: str = sometimes()
    """The terms that the buyer accepted; of a lot that was bought."""
    terms_version: str = sometimes()
    """What tells one text of terms from another; of a lot that was bought."""
    accepted_at: At = sometimes()
    """When the buyer accepted; of a lot that was bought."""
    pack_version: int = sometimes()
    """The pack as it was then; of a lot that was bought."""
    tax: Money = sometimes()
    """Tax paid on top; of a lot that was bought."""
    tax_point: Literal["purchase", "redemption"] = sometimes()
    """When the tax is due; of a lot that was bought."""
    topup_id: str = sometimes()
    """The order; of a lot that was bought."""


class HeldDraw(Answer):
    """How much of a hold lies in which lot."""

    lot_id: LotId
    """The lot."""
    amount: Credits
    """How many credits."""


class Hold(Answer):
    """Credits set aside. They stay capturable until its deadline, even if their lot expires."""

    hold_id: HoldId
    """Its id within the wallet."""
    amount: Credits
    """What was set aside."""
    captured: Credits
    """What was spent of it so far, and beyond it."""
    released: Credits
    """What was given back of it so far."""
    status: Literal["open", "captured", "released", "expired"]
    """What became of it; `expired`: timed out."""
    expires_at: At
    """Its deadline: from then on it can be captured no more."""
    over_capture: OverCapture
    """What a capture of more than is held does."""
    meter: Name | None
    """The meter it is for, where lots are bound to meters."""
    draws: list[HeldDraw]
    """The lots that it was set aside from."""


class LotPage(Answer):
    """Lots in burn order."""

    items: list[ListedLot]
    """The lots."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""
