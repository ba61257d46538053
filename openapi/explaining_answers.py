"""The answer that explains a balance, as a model (see ``answers``)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from openapi.answers import Answer, At, BalanceAfter, Count, EntryId, Hash, Money, Signed
from openapi.lot_answers import Lot
from scrip.domain.credits.entries import EntryKind
from scrip.domain.credits.units import Order


class Reason(Answer):
    """One of what a lot's place in the order follows from."""

    by: Literal[
        "priority",
        "expires_at",
        "has_cost_basis",
        "cost_basis",
        "granted",
        "kind",
        "effective_at",
        "grant_sequence",
    ]
    """What the order goes by."""
    value: int | bool | str | Money | None
    """What the lot has there."""


class ExplainedLot(Lot):
    """A lot with something left, and why it comes where it does."""

    place: Annotated[int, Field(ge=1)]
    """Its place in the burn order."""
    why: list[Reason]
    """What that follows from, the weightiest first."""
    entries: list[EntryId]
    """The entries that made its number."""


class ExplainedEntry(Answer):
    """An entry, in short."""

    entry_id: EntryId
    """Its id."""
    seq: Annotated[int, Field(ge=1)]
    """Its place in the wallet."""
    kind: EntryKind
    """What happened."""
    amount: Signed
    """Signed change of the total."""
    balance_after: Signed
    """The total after it."""
    at: At
    """When."""
    booked: bool
    """False: time has done it, and it is not in the ledger yet."""


class Proof(Answer):
    """The balance, computed again from the ledger."""

    entries: Count
    """How many entries were read."""
    sum_of_amounts: Signed
    """Of all entries."""
    sum_of_lots_less_owed: Signed
    """Of what the lots have left, less what is owed."""
    head: Hash | None
    """Hash of the last entry; null where there is none."""
    agrees: bool
    """Whether all of it agrees with what is stored."""
    findings: list[str]
    """What does not agree, for people."""


class Explanation(Answer):
    """Why a balance is what it is."""

    balance: BalanceAfter
    """What is explained."""
    order: Order
    """The wallet's burn order."""
    lots: list[ExplainedLot]
    """The lots with something left, in burn order."""
    entries: list[ExplainedEntry]
    """The entries that made the number, in their order."""
    proof: Proof
    """That it is true."""
