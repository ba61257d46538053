"""Answers of what moves credits, as models (see ``answers``)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from openapi.answers import Answer, At, Balance, BalanceAfter, Count, Credits, Draw, Entry, Name, sometimes
from openapi.lot_answers import Hold, Lot


class Problem(Answer):
    """Any refusal. Its component is that of ``problems``."""


class Moved(Answer):
    """The entry, and the balance right after it."""

    entry: Entry
    """What happened."""
    balance: BalanceAfter
    """What is there right after it."""


class Granted(Moved):
    """The entry, the balance right after it, and the lot it made."""

    lot: Lot
    """The lot, as it was right after the entry."""


class Burned(Moved):
    """The entry, the balance right after it, and how much was burned."""

    burned: Credits
    """How many credits were spent."""
    missing: Credits
    """How many there were too few; `0` but for `up_to`."""


class Held(Moved):
    """The entry, the balance right after it, and the hold."""

    hold: Hold
    """The hold, as it was right after the entry."""


class Voided(Moved):
    """The entry, the balance right after it, and the lot."""

    lot: Lot
    """The lot, as it was right after the entry."""


class Adjusted(Moved):
    """The entry, and the balance right after it."""

    lot: Lot = sometimes()
    """The lot that a credit made."""


class Reversed(Moved):
    """The entry, and the balance right after it."""

    lot: Lot = sometimes()
    """The lot that comes of overdraft which was repaid meanwhile."""


class Transferred(Moved):
    """The sender's entry and balance, and the receiver's entries."""

    to_entry: Entry
    """The receiver's last entry."""
    to_entries: list[Entry]
    """All of them, one for each lot that arrived."""


class BatchItem(Answer):
    """What became of one burn."""

    key: str
    """Its key."""
    status: int
    """The status that it would have been answered with by itself."""
    replayed: bool = sometimes()
    """Whether it was burned before; where there is an entry."""
    entry: Entry = sometimes()
    """What happened; where it was burned."""
    problem: Problem = sometimes()
    """Why it was refused; where it was."""


class Batch(Answer):
    """What became of each burn, and the balance then."""

    items: list[BatchItem]
    """In the order of the request."""
    balance: Balance
    """What is there after all of them."""


class Quote(Answer):
    """What a burn would do, were it made now."""

    amount: Credits
    """What it would cost."""
    draws: list[Draw]
    """What it would take, in this order; nothing where it would be refused."""
    available_after: Credits
    """What could be spent after it."""
    rate_version: int | None
    """The version of the rate card that priced it; null without meter."""
    allowed: bool
    """Whether it would be carried out."""
    refusal: str | None
    """The code of the refusal that it would meet."""


class Compensated(Answer):
    """What became of one account."""

    account: Name
    """The account."""
    status: int
    """The status that a grant would have been answered with."""
    replayed: bool = sometimes()
    """Whether it was compensated before; where there is an entry."""
    entry: Entry = sometimes()
    """What happened; where it is compensated."""
    problem: Problem = sometimes()
    """Why it is not; where it is not."""


class Compensation(Answer):
    """What became of each account of an incident."""

    incident: Name
    """The incident."""
    unit: Name
    """The unit."""
    items: list[Compensated]
    """In the order of the request."""
    compensated: Count
    """How many accounts have their credits, now or from before."""
    left: Count
    """How many have not: send the same request again."""


class Rollover(Answer):
    """What is carried into a new lot when a lot of the allowance ends."""

    fraction: str
    """The part of what is left, 0 to 1."""
    min: Credits
    """Carry at least so much, if it is there."""
    max: Credits | None
    """Carry at most so much; null: no bound."""
    max_times: Annotated[int, Field(ge=1)] | None
    """How often credits may be carried on; null: for ever."""
    expires_in: str | None
    """How long what is carried lives, ISO 8601; null: as the allowance says."""


class Allowance(Answer):
    """A recurring grant, its defaults filled in."""

    allowance_id: Name
    """Its id, the caller's."""
    unit: Name
    """The unit."""
    amount: Credits
    """What each period grants."""
    every: str
    """The period, ISO 8601."""
    anchor: At
    """An instant at which a period begins."""
    time_zone: str
    """The zone whose calendar and clocks it keeps, of the IANA database."""
    expires: str
    """`period_end`, `never`, or an ISO 8601 duration from the grant."""
    rollover: Rollover | None
    """What becomes of what is left; null: it expires."""
    starts_at: At
    """The first instant at which it may grant."""
    ends_at: At | None
    """From when on it grants no more."""
    paused: bool
    """Whether it grants nothing for now."""
    next_at: At | None
    """When it is to grant next; null: never, as it is."""
    version: Annotated[int, Field(ge=1)]
    """Counts changes."""
