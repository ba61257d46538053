"""Voids, reversals and adjustments: the bodies and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, model_validator

from scrip.domain.credits.entries import Entry
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.streams import LAST_OFFSET
from scrip.http.edge.bodies import Amount, NamedBody, Reason
from scrip.http.wallets.balances import balance_after_view
from scrip.http.wallets.entries import entry_view
from scrip.http.wallets.grants import LotBody
from scrip.http.wallets.lots import LotView, made_lot_view
from scrip.http.wallets.movements import MovedView, granted_view
from scrip.services.wallets.corrections import AdjustBalance, ReverseBurn, VoidLot

if TYPE_CHECKING:
    from typing import NotRequired


Offset = Annotated[int, Field(ge=0, le=LAST_OFFSET)]
"""A record's place in its stream."""


class PartBody(NamedBody):
    """What is taken back: a part, or all that is left."""

    may_be_missing: ClassVar[bool] = True
    amount: Amount | None = None
    """How many credits. Left out: all that is left."""


class ReversalBody(PartBody):
    """What is undone of a burn: a part, or all that is left; of an entry with records, all of them or one."""

    offset: Offset | None = None
    """One record of a page of burns, or of a lease's settlement. An `amount` is a part of that record; left out, all
    that is left of it. Without an offset all that is left of all records is undone."""

    def command(self, entry_id: str) -> ReverseBurn:
        """Returns the command for the burn with this entry."""
        return ReverseBurn(entry_id, self.amount, self.offset)


VoidAs = Literal["mistake"]
"""What a lot was that is taken back."""


class VoidBody(PartBody):
    """What is taken back of a lot: a part, or all that is left."""

    as_: VoidAs | None = Field(default=None, alias="as")
    """`mistake`: the lot should never have been there, so its cost basis was never paid and none of it is earned. Only
    while nothing has left it, and not of a lot that a payment made. Left out: its money is earned, as breakage."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, members: Any) -> Any:
        # pydantic lets a member's name in Python pass beside its alias.
        if isinstance(members, dict) and "as_" in members:
            raise ValueError("as_: is not a member of this request: it is called as")
        return members

    def command(self, seq: int) -> VoidLot:
        """Returns the command for the lot with this sequence."""
        return VoidLot(seq, self.amount, mistake=self.as_ == "mistake")


OF_LOTS: Final = (
    "priority",
    "effective_at",
    "expires_at",
    "expires_in",
    "time_zone",
    "end_of",
    "scope",
)
"""Members that say what a lot is like."""
AdjustmentDirection = Literal["credit", "debit"]
"""Whether an adjustment adds credits or takes them."""


class AdjustmentBody(LotBody):
    """What sets a balance right. What a lot may have goes with a `credit`."""

    direction: AdjustmentDirection
    """`credit` makes a lot, `debit` takes in burn order."""
    amount: Amount
    """How many credits: a decimal string, more than zero, with no more decimals than the unit has."""
    reason: Reason
    """Why the balance was wrong. An adjustment must say."""

    @model_validator(mode="after")
    def _debit_has_no_lot(self) -> AdjustmentBody:
        if self.direction == "debit":
            for name in OF_LOTS:
                if name in self.model_fields_set:
                    raise ValueError(f"{name}: leave it out of a debit: only a credit makes a lot")
        return self

    def command(self) -> AdjustBalance:
        """Returns the command; what a credit makes is a ``compensation`` lot."""
        return AdjustBalance(self.direction, self.amount, self._terms("compensation"))


class VoidedView(MovedView):
    """The entry, the balance right after it, and the lot."""

    lot: LotView
    """The lot, as it was right after the entry."""


class ReversedView(MovedView):
    """The entry, and the balance right after it."""

    lot: NotRequired[LotView]
    """Only of reversals made before version 0.4: a lot of what was repaid meanwhile."""


class AdjustedView(MovedView):
    """The entry, and the balance right after it."""

    lot: NotRequired[LotView]
    """The lot that a credit made."""


def voided_view(entry: Entry, unit: Unit) -> VoidedView:
    """Shows a void, with the lot that it took from."""
    return granted_view(entry, unit)


def reversed_view(entry: Entry, unit: Unit) -> ReversedView:
    """Shows a reversal; one of before debts remembered who repaid them with the lot that it made then."""
    return adjusted_view(entry, unit)


def adjusted_view(entry: Entry, unit: Unit) -> AdjustedView:
    """Shows an adjustment, with the lot that a credit made."""
    view: AdjustedView = {"entry": entry_view(entry, unit), "balance": balance_after_view(entry, unit)}
    lot = made_lot_view(entry, unit)
    if lot:
        view["lot"] = lot
    return view
